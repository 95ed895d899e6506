//! No key, no one-time code and no signature in a `Debug`, an error or a log line.

use paymux_core::{PaymentProvider, PayoutApi, RawWebhook};
use paymux_native_checkout::model::CreatePayout;
use paymux_native_checkout::{NativeCheckout, Signer, WebhookVerifier};
use paymux_test_bench::{CapturedLog, RawServer, http};

use crate::new_payout;

fn everything(error: &paymux_core::Error) -> String {
    let mut shown = format!("{error} {error:?} {:?}", error.hint());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        shown.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    shown
}

/// The gateway repeats whatever it was sent, headers included.
#[tokio::test]
async fn canaries_show_nowhere() {
    let log = CapturedLog::start();

    let server = RawServer::writing(|request| match request.path.as_str() {
        "/api/currency/app-token-list" => http(
            "200 OK",
            "",
            include_str!("../fixtures/app_token_list.json"),
        ),
        path => {
            let text = format!("canary-app-key {}", request.body);
            let msg = serde_json::to_string(&text).unwrap();
            match path {
                "/api/payout/create" => http(
                    "200 OK",
                    "",
                    &format!("{{\"code\":9,\"msg\":{msg},\"data\":null}}"),
                ),
                _ => http("500 canary-app-key", "", &text),
            }
        }
    })
    .await;
    let builder = NativeCheckout::builder()
        .with_base_url(server.url())
        .with_app_id("app-1")
        .with_app_key("canary-app-key".into())
        .with_webhook_key("canary-old-key".into())
        .with_transport(crate::transport());
    let mut shown = format!("{builder:?}");
    let provider = builder.build().unwrap();
    let verifier = WebhookVerifier::new("app-1", "canary-app-key".into()).unwrap();
    let signer = Signer::new("app-1", "canary-app-key".into()).unwrap();
    shown.push_str(&format!(
        "{provider:?} {:?} {verifier:?} {signer:?}",
        provider.client()
    ));
    shown.push_str(&format!("{:?}", provider.webhook_verifier()));

    let request = new_payout("ref-1", "0.5", "JST@tron-nile").with_otp("canary-otp".into());
    let native = CreatePayout::new(46, request.amount, "T").with_google_code(request.otp.clone());
    shown.push_str(&format!("{request:?} {native:?}"));
    shown.push_str(&everything(
        &provider.create_payout(&request).await.unwrap_err(),
    ));
    shown.push_str(&everything(
        &provider
            .fetch_invoice(&"T1".parse().unwrap())
            .await
            .unwrap_err(),
    ));
    let webhook = RawWebhook::new("canary-app-key").with_header("X-Sign", "canary-app-key");
    shown.push_str(&everything(
        &provider.verify_webhook(&webhook).await.unwrap_err(),
    ));

    let sent = server.received();
    assert!(
        sent.iter()
            .any(|request| request.body.contains("canary-otp"))
    );
    let log = log.text();
    assert!(
        log.contains("create_payout") && log.contains("fetch_invoice"),
        "{log}"
    );
    assert!(shown.contains("[REDACTED]"));
    let signatures: Vec<String> = sent
        .iter()
        .map(|request| request.header("x-sign").unwrap().to_owned())
        .collect();
    for text in [&shown, &log] {
        assert!(!text.contains("canary"), "{text}");
        assert!(
            signatures.iter().all(|sign| !text.contains(sign.as_str())),
            "{text}"
        );
    }
}
