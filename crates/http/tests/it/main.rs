//! The transport over real sockets, against servers that misbehave to order.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the exception for tests reaches test functions alone"
)]

mod outcomes;
mod pool;
mod proxy;
mod retries;
mod secrecy;

use std::time::Duration;

use paymux_core::{ProviderName, Result};
use paymux_http::{
    Effect, Header, Method, Request, RetryConfig, Transport, TransportConfig, Unsigned,
};
use paymux_test_bench::RawServer;

/// Retries at once, and gives up on silence soon.
fn config() -> TransportConfig {
    TransportConfig::default()
        .with_timeout(Duration::from_secs(10))
        .with_retry(RetryConfig::default().with_backoff(Duration::ZERO, Duration::ZERO))
}

fn transport(server: &RawServer, config: TransportConfig) -> Transport {
    let name = ProviderName::from_static("example");
    Transport::new(&server.url(), name, config).unwrap()
}

fn request(effect: Effect) -> Request {
    Request::new("do_it", effect, Method::Post, "/do").with_body("application/json", "{\"a\":1}")
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a signer")]
fn unsigned(_: &Unsigned<'_>) -> Result<Vec<Header>> {
    Ok(Vec::new())
}
