//! What each fault of the wire looks like to an application, for a call that makes an invoice, one
//! that sends money, and one that reads; and how often the gateway was asked and did the work. One
//! table for every gateway.

mod answers;
mod bench;
mod connections;
pub(crate) mod gateway;
mod mismatches;
