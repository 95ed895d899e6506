//! The sandbox from outside: real sockets, raw requests, an independent signature.

// clippy.toml lifts these for test functions alone, not for what they call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod authentication;
mod bodies;
mod client;
mod connection_faults;
mod control;
mod faults;
mod orders;
mod payout_refusals;
mod payouts;
mod refusals;
mod running;
mod shape;
mod unipayment_client;
mod unipayment_control;
mod unipayment_hmac;
mod unipayment_invoices;
mod unipayment_md5;
mod unipayment_oauth;
mod unipayment_payments;
mod unipayment_payouts;
mod unipayment_webhooks;
mod webhook_faults;
mod webhooks;
