//! Providers of each generation, over the sandbox and over servers that answer to order.

use std::time::Duration;

use paymux_core::{NewInvoice, RawWebhook};
use paymux_sandbox::{Inbox, Sandbox};
use paymux_unipayment::{Generation, RetryConfig, TransportConfig, UniPayment, UniPaymentBuilder};

use paymux_test_bench::RawServer;

pub(crate) const APP_ID: &str = "2a9bcd11-1111-4222-8333-444455556666";
pub(crate) const KEY: &str = "made-up-key";
pub(crate) const SECRET: &str = "made-up-client-secret";
pub(crate) const WEBHOOK_SECRET: &str = "made-up-webhook-secret";

/// Retries at once.
fn transport() -> TransportConfig {
    TransportConfig::default()
        .with_retry(RetryConfig::default().with_backoff(Duration::ZERO, Duration::ZERO))
}

pub(crate) fn builder_of(server: &RawServer, generation: Generation) -> UniPaymentBuilder {
    UniPayment::builder()
        .with_generation(generation)
        .with_base_url(server.url())
        .with_app_id(APP_ID)
        .with_app_key(KEY.into())
        .with_client_id("client-1")
        .with_client_secret(SECRET.into())
        .with_webhook_secret(WEBHOOK_SECRET.into())
        .with_transport(transport())
}

pub(crate) fn provider_of(server: &RawServer, generation: Generation) -> UniPayment {
    builder_of(server, generation).build().unwrap()
}

pub(crate) fn builder(sandbox: &Sandbox, generation: Generation) -> UniPaymentBuilder {
    let gateway = sandbox.unipayment();
    UniPayment::builder()
        .with_generation(generation)
        .with_base_url(sandbox.url())
        .with_app_id(gateway.app_id())
        .with_app_key(gateway.app_key().into())
        .with_client_id(gateway.client_id())
        .with_client_secret(gateway.client_secret().into())
        .with_webhook_secret(gateway.webhook_secret().into())
        .with_transport(transport())
}

pub(crate) fn provider(sandbox: &Sandbox, generation: Generation) -> UniPayment {
    builder(sandbox, generation).build().unwrap()
}

pub(crate) fn new_invoice(order: &str, price: &str) -> NewInvoice {
    NewInvoice::new(order.parse().unwrap(), price.parse().unwrap())
        .with_asset("USDT@tron".parse().unwrap())
}

pub(crate) async fn next(inbox: &Inbox) -> RawWebhook {
    let received = inbox.next().await.unwrap();
    let webhook = RawWebhook::new(received.body)
        .with_method(received.method)
        .with_path_and_query(received.path_and_query)
        .with_received_at(received.received_at);
    let headers = received.headers.into_iter();
    headers.fold(webhook, |webhook, (name, value)| {
        webhook.with_header(name, value)
    })
}
