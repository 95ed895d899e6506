//! What the tests that cross crates stand on: servers of documented answers, the harness of the
//! laws, and providers that break them.
//!
//! This is test code: it may panic with a clear word where something is not as it should be.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

pub mod broken_provider;
pub mod chance;
pub mod halo_server;
pub mod harness;
pub mod router_harness;
pub mod soak_shop;
pub mod unipayment_server;
pub mod wire_server;

/// The Rust code that the pages for readers show is compiled, and run where it can be.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/guide.md")]
    mod guide {}
    #[doc = include_str!("../../docs/errors.md")]
    mod errors {}
    #[doc = include_str!("../../docs/routing.md")]
    mod routing {}
    #[doc = include_str!("../../docs/ledger.md")]
    mod ledger {}
}
