//! Tests of the public interface: signatures, reading and webhooks without a network; the client over
//! real sockets, against the sandbox and against servers that answer to order.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the exception for tests reaches test functions alone"
)]

mod answers;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
mod hmac;
#[cfg(feature = "client")]
mod md5;
mod notices;
#[cfg(feature = "client")]
mod oauth;
#[cfg(feature = "client")]
mod providers;
#[cfg(feature = "client")]
mod sandbox_calls;
#[cfg(feature = "client")]
mod sandbox_invoices;
#[cfg(feature = "client")]
mod sandbox_payouts;
#[cfg(feature = "client")]
mod sandbox_webhooks;
mod signatures;
mod tampering;
mod webhooks;
