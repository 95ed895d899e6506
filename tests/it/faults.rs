//! What each fault of the wire looks like to an application, for a call that makes an invoice, one
//! that sends money, and one that reads; and how often the gateway was asked and did the work.

mod answers;
mod bench;
mod connections;
