//! What a provider is given to prove: every byte as it came.

use std::sync::{Arc, Mutex};

use axum::Router;
use chrono::Utc;
use paymux_checkout::webhooks;
use paymux_core::mock::MockProvider;
use paymux_core::{Error, Providers};
use paymux_ledger::{Ledger, LedgerSettings};

use crate::shop::serve_alone;
use crate::wire::exchange;

#[tokio::test]
async fn a_provider_sees_the_request_as_it_came() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut provider = MockProvider::named("eu");
    let witness = Arc::clone(&seen);
    let verification = provider.invoices.expect_verify_webhook();
    verification.returning(move |webhook| {
        witness.lock().unwrap().push(webhook.clone());
        Err(Error::invalid_signature("it only looks"))
    });
    let mut providers = Providers::new();
    providers.add(Arc::new(provider)).unwrap();
    let ledger = Ledger::open("sqlite::memory:", LedgerSettings::new()).await;
    let routes = Router::new().nest("/shops/{shop}", webhooks(ledger.unwrap(), providers));
    let address = serve_alone(Router::new().nest("/v1", routes)).await;

    let target = "/v1/shops/a%2Fb/webhooks/%65u?a=%20b&&c=+%e4&a";
    let mut bytes = format!(
        "POST {target} HTTP/1.1\r\nHost: shop\r\nX-Sign: one\r\nX-Other: \r\nx-sign: two\r\n\
         Connection: close\r\nContent-Length: 5\r\nX-Bytes: "
    )
    .into_bytes();
    bytes.extend_from_slice(b"\xe4\xff\r\n\r\n{\0\xff\r\n");
    let before = Utc::now();
    let answer = exchange(address, &bytes).await;
    let after = Utc::now();
    assert_eq!(answer.told(), (400, "fail"));

    let seen = seen.lock().unwrap();
    let [webhook] = seen.as_slice() else {
        panic!("{seen:?}");
    };
    assert_eq!(webhook.method(), "POST");
    assert_eq!(webhook.path_and_query(), target);
    assert_eq!(webhook.body(), b"{\0\xff\r\n");
    assert!((before..=after).contains(&webhook.received_at()));
    let values = |wanted: &str| -> Vec<&[u8]> {
        let headers = webhook.headers();
        let own = headers.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        own.map(|(_, value)| value).collect()
    };
    assert_eq!(values("x-sign"), [b"one", b"two"]);
    assert_eq!(values("x-other"), [b""]);
    assert_eq!(values("x-bytes"), [b"\xe4\xff"]);
    assert_eq!(values("host"), [b"shop"]);
    assert!(webhook.single_header("X-Sign").is_err());
}
