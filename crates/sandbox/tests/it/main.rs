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
mod webhook_faults;
mod webhooks;
