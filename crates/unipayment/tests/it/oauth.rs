//! Access tokens of v2: one fetch for many callers, renewal, and what fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use paymux_core::{ErrorKind, InvoiceId, ManualClock, Outcome, PaymentProvider};
use paymux_sandbox::Sandbox;
use paymux_unipayment::{Generation, UniPayment};

use crate::providers::{SECRET, builder_of, new_invoice, provider, provider_of};
use paymux_test_bench::{RawServer, Received, http};

const TOKEN_PATH: &str = "/connect/token";
const READ: &str = r#"{"code":"OK","data":{"invoice_id":"I1","order_id":"order-1","price_amount":5.0,"price_currency":"USD","status":"New"}}"#;

fn granted(token: &str, seconds: u32) -> String {
    let body = format!(
        r#"{{"access_token":"{token}","expires_in":{seconds},"token_type":"Bearer","scope":"common"}}"#
    );
    http("200 OK", "", &body)
}

/// Grants `token-1`, `token-2`, … and answers calls as the closure says.
async fn server(call: impl Fn(&Received) -> String + Send + Sync + 'static) -> RawServer {
    let grants = AtomicUsize::new(0);
    RawServer::writing(move |request| match request.path.as_str() {
        TOKEN_PATH => granted(
            &format!("token-{}", grants.fetch_add(1, Ordering::Relaxed) + 1),
            3600,
        ),
        _ => call(request),
    })
    .await
}

async fn read(provider: &UniPayment) {
    let id = InvoiceId::received("I1");
    provider.fetch_invoice(&id).await.unwrap();
}

#[tokio::test]
async fn many_callers_share_one_token() {
    let server = server(|_| http("200 OK", "", READ)).await;
    let provider = provider_of(&server, Generation::OAuth);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { read(&provider).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(server.count(TOKEN_PATH), 1);
    let received = server.received();
    let fetch = received
        .iter()
        .find(|sent| sent.path == TOKEN_PATH)
        .unwrap();
    assert_eq!(
        fetch.body,
        format!("grant_type=client_credentials&client_id=client-1&client_secret={SECRET}")
    );
    assert_eq!(
        fetch.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let calls = received.iter().filter(|sent| sent.path != TOKEN_PATH);
    for sent in calls {
        assert_eq!(sent.header("authorization"), Some("Bearer token-1"));
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let server = server(|_| http("200 OK", "", READ)).await;
    let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
    let provider = builder_of(&server, Generation::OAuth)
        .with_clock(Arc::<ManualClock>::clone(&clock))
        .build()
        .unwrap();
    for (advance, fetches) in [(0, 1), (3539, 1), (1, 2), (3539, 2), (3600, 3)] {
        clock.advance(Duration::from_secs(advance));
        read(&provider).await;
        assert_eq!(server.count(TOKEN_PATH), fetches);
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_also_for_a_create() {
    const CREATED: &str = r#"{"code":"OK","data":{"invoice_id":"I1","order_id":"order-1","price_amount":5.0,"price_currency":"USD","pay_currency":"USDT","network":"NETWORK_TRX","status":"New"}}"#;
    for (headers, body) in [
        ("", r#"{"code":"INVALID_TOKEN","msg":"it is over"}"#),
        ("www-authenticate: Bearer error=\"invalid_token\"\r\n", "no"),
        ("www-authenticate: Bearer\r\n", "no"),
        ("", ""),
    ] {
        let server = server(move |request| match request.header("authorization") {
            Some("Bearer token-1") => http("401 Unauthorized", headers, body),
            _ => http("200 OK", "", CREATED),
        })
        .await;
        let provider = provider_of(&server, Generation::OAuth);
        let request = new_invoice("order-1", "5 USD");
        provider.create_invoice(&request).await.unwrap();
        assert_eq!(server.count(TOKEN_PATH), 2);
        assert_eq!(server.count("/v1.0/invoices"), 2);
    }
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_an_end() {
    let server = server(|_| http("401 Unauthorized", "", r#"{"code":"T","msg":"token"}"#)).await;
    let provider = provider_of(&server, Generation::OAuth);
    let request = new_invoice("order-1", "5 USD");
    let error = provider.create_invoice(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(server.count("/v1.0/invoices"), 2);
}

#[tokio::test]
async fn a_401_about_something_else_repeats_a_read_but_no_create() {
    let server = server(|request| match request.header("authorization") {
        Some("Bearer token-1") => http("401 Unauthorized", "", r#"{"code":"A","msg":"app"}"#),
        _ => http("200 OK", "", READ),
    })
    .await;
    let provider = provider_of(&server, Generation::OAuth);
    let request = new_invoice("order-1", "5 USD");
    let error = provider.create_invoice(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(server.count("/v1.0/invoices"), 1);
    assert_eq!(server.count(TOKEN_PATH), 1);

    read(&provider).await;
    assert_eq!(server.count("/v1.0/invoices/I1"), 2);
    assert_eq!(server.count(TOKEN_PATH), 2);
}

#[tokio::test]
async fn without_a_token_nothing_was_sent() {
    for (answer, kind) in [
        (http("503 Busy", "", ""), ErrorKind::Unavailable),
        (http("429 Slow", "", ""), ErrorKind::RateLimited),
        (
            http("400 Bad Request", "", r#"{"error":"invalid_client"}"#),
            ErrorKind::Authentication,
        ),
        (
            http("200 OK", "", r#"{"error":"unauthorized_client"}"#),
            ErrorKind::Permission,
        ),
        (http("200 OK", "", "<html>"), ErrorKind::InvalidResponse),
        (
            http("200 OK", "", r#"{"access_token":"a\nb"}"#),
            ErrorKind::InvalidResponse,
        ),
        (
            http("200 OK", "", r#"{"access_token":"a","token_type":"mac"}"#),
            ErrorKind::InvalidResponse,
        ),
        (
            http("302 Found", "location: /\r\n", ""),
            ErrorKind::InvalidResponse,
        ),
    ] {
        let server = RawServer::writing(move |_| answer.clone()).await;
        let provider = provider_of(&server, Generation::OAuth);
        let request = new_invoice("order-1", "5 USD");
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert_eq!(error.operation(), Some("create_invoice"));
        assert_eq!(server.count("/v1.0/invoices"), 0);
    }
}

#[tokio::test]
async fn those_who_waited_share_a_failure_and_later_ones_try_anew() {
    let server =
        RawServer::writing(|_| http("400 Bad Request", "", r#"{"error":"invalid_client"}"#)).await;
    let provider = provider_of(&server, Generation::OAuth);
    let request = new_invoice("order-1", "5 USD");
    let calls = (0..10).map(|_| provider.create_invoice(&request));
    for result in futures_util::future::join_all(calls).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(error.code(), Some("invalid_client"));
    }
    assert_eq!(server.count(TOKEN_PATH), 1);
    assert!(provider.create_invoice(&request).await.is_err());
    assert_eq!(server.count(TOKEN_PATH), 2);
}

#[tokio::test]
async fn secrets_that_the_gateway_repeats_are_not_shown() {
    let server = server(|request| {
        let token = request.header("authorization").unwrap().to_owned();
        let body = format!(r#"{{"code":"NO","msg":"{token} of {SECRET} is not for this"}}"#);
        http("403 Forbidden", "", &body)
    })
    .await;
    let provider = provider_of(&server, Generation::OAuth);
    let request = new_invoice("order-1", "5 USD");
    let error = provider.create_invoice(&request).await.unwrap_err();
    let shown = format!("{error} {error:?} {provider:?}");
    assert!(shown.contains("[REDACTED]"), "{shown}");
    assert!(
        !shown.contains(SECRET) && !shown.contains("token-1"),
        "{shown}"
    );
}

#[tokio::test]
async fn expired_tokens_of_the_sandbox_are_renewed_unseen() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::OAuth);
    for order in ["order-1", "order-2"] {
        let request = new_invoice(order, "5 USD");
        provider.create_invoice(&request).await.unwrap();
        sandbox.unipayment().expire_tokens();
    }
    assert_eq!(sandbox.unipayment().invoices().len(), 2);
    assert_eq!(sandbox.requests_to(TOKEN_PATH).len(), 2);
}
