//! The adapter over real sockets: against the sandbox, which is written from the gateway's documents
//! alone, and against servers that misbehave to order.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the exception for tests reaches test functions alone"
)]

mod answers;
mod catalogue;
mod config;
mod faults;
mod fixtures;
mod invoices;
mod mismatches;
mod payouts;
mod powers;
mod secrecy;
mod signatures;
mod tampering;
mod webhooks;

use std::time::Duration;

use paymux_core::{NewInvoice, NewPayout, RawWebhook};
use paymux_native_checkout::{NativeCheckout, NativeCheckoutBuilder, RetryConfig, TransportConfig};
use paymux_sandbox::{Inbox, ReceivedWebhook, Sandbox};
use paymux_test_bench::RawServer;

const TRON_ADDRESS: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// Retries at once.
fn transport() -> TransportConfig {
    TransportConfig::default()
        .with_retry(RetryConfig::default().with_backoff(Duration::ZERO, Duration::ZERO))
}

fn builder(sandbox: &Sandbox) -> NativeCheckoutBuilder {
    NativeCheckout::builder()
        .with_base_url(sandbox.url())
        .with_app_id(sandbox.halo().app_id())
        .with_app_key(sandbox.halo().app_key().into())
        .with_transport(transport())
}

fn provider(sandbox: &Sandbox) -> NativeCheckout {
    builder(sandbox).build().unwrap()
}

fn provider_of(server: &RawServer) -> NativeCheckout {
    NativeCheckout::builder()
        .with_base_url(server.url())
        .with_app_id("app-1")
        .with_app_key("made-up-key".into())
        .with_transport(transport())
        .build()
        .unwrap()
}

fn new_invoice(order: &str, price: &str, asset: &str) -> NewInvoice {
    NewInvoice::new(order.parse().unwrap(), price.parse().unwrap())
        .with_asset(asset.parse().unwrap())
}

fn new_payout(reference: &str, amount: &str, asset: &str) -> NewPayout {
    NewPayout::new(
        reference.parse().unwrap(),
        amount.parse().unwrap(),
        asset.parse().unwrap(),
        TRON_ADDRESS,
    )
}

fn raw(received: ReceivedWebhook) -> RawWebhook {
    let webhook = RawWebhook::new(received.body)
        .with_method(received.method)
        .with_path_and_query(received.path_and_query)
        .with_received_at(received.received_at);
    received
        .headers
        .into_iter()
        .fold(webhook, |webhook, (name, value)| {
            webhook.with_header(name, value)
        })
}

async fn next(inbox: &Inbox) -> RawWebhook {
    raw(inbox.next_within(Duration::from_secs(10)).await.unwrap())
}
