//! Webhooks of each generation, as the sandbox sends them.

use paymux_core::{ErrorKind, Outcome, PaymentProvider, Proof, RawWebhook};
use paymux_sandbox::{FaultRule, RequestFault, Sandbox};
use paymux_unipayment::Generation;

use crate::providers::{builder, new_invoice, next, provider};
use paymux_test_bench::{RawServer, http};

fn altered(webhook: &RawWebhook) -> RawWebhook {
    let body = String::from_utf8(webhook.body().to_vec()).unwrap();
    let body = body.replacen("order-1", "order-2", 1);
    let headers = webhook.headers();
    headers.fold(RawWebhook::new(body), |webhook, (name, value)| {
        webhook.with_header(name, value)
    })
}

#[tokio::test]
async fn webhooks_are_proven_in_the_way_of_their_generation() {
    for (generation, proof) in [
        (Generation::Md5, Proof::Weak),
        (Generation::Hmac, Proof::Checked),
        (Generation::OAuth, Proof::Signed),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = provider(&sandbox, generation);
        let inbox = sandbox.inbox("shop");
        let request = new_invoice("order-1", "5 USD").with_callback_url(inbox.url());
        let created = provider.create_invoice(&request).await.unwrap();
        let webhook = next(&inbox).await;
        let event = provider.verify_webhook(&webhook).await.unwrap();
        assert_eq!(event.proof, proof);
        let told = event.invoice().unwrap();
        assert_eq!(&told.id, created.id());
        assert_eq!(told.order_id.as_ref(), created.order_id());

        let altered = altered(&webhook);
        let error = provider.verify_webhook(&altered).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{error:?}");
        let got = webhook.with_method("GET");
        let error = provider.verify_webhook(&got).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    }
}

#[tokio::test]
async fn a_webhook_that_cannot_be_asked_about_is_not_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::Hmac);
    let inbox = sandbox.inbox("shop");
    let request = new_invoice("order-1", "5 USD").with_callback_url(inbox.url());
    provider.create_invoice(&request).await.unwrap();
    let webhook = next(&inbox).await;

    let down = RequestFault::status(paymux_sandbox::When::BeforeWork, 503);
    let faults = sandbox.faults();
    faults.add(FaultRule::request("/v1.0/ipn", down).always());
    let error = provider.verify_webhook(&webhook).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.outcome(), Outcome::NotSent);
    faults.clear();

    let impostor = builder(&sandbox, Generation::Hmac)
        .with_client_secret("wrong".into())
        .build()
        .unwrap();
    let error = impostor.verify_webhook(&webhook).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(provider.verify_webhook(&webhook).await.is_ok());
}

#[tokio::test]
async fn the_raw_body_is_what_the_gateway_is_asked_about() {
    let body = "{\"ipn_type\": \"invoice\",\n \"invoice_id\":\"I1\", \"status\":\"Paid\"}";
    for (answer, kind) in [
        (r#"{"code":"OK","msg":"IPN is verified."}"#, None),
        (r#"{"code":"OK","data":{"code":"OK","msg":""}}"#, None),
        (
            r#"{"code":"OK","data":{"code":"ERROR","msg":""}}"#,
            Some(ErrorKind::InvalidSignature),
        ),
        (
            r#"{"code":"INVALID","msg":"no"}"#,
            Some(ErrorKind::InvalidSignature),
        ),
        ("<html>", Some(ErrorKind::Unavailable)),
    ] {
        let server = RawServer::writing(move |_| http("200 OK", "", answer)).await;
        let provider = crate::providers::provider_of(&server, Generation::Hmac);
        let result = provider.verify_webhook(&RawWebhook::new(body)).await;
        assert_eq!(result.err().map(|error| error.kind()), kind, "{answer}");
        let received = server.received();
        assert_eq!(received[0].path, "/v1.0/ipn");
        assert_eq!(received[0].body, body);
    }
}

#[tokio::test]
async fn webhooks_pass_under_an_old_key_while_it_is_changed() {
    for generation in [Generation::Md5, Generation::OAuth] {
        let sandbox = Sandbox::start().await.unwrap();
        let inbox = sandbox.inbox("shop");
        let request = new_invoice("order-1", "5 USD").with_callback_url(inbox.url());
        let old = provider(&sandbox, generation);
        old.create_invoice(&request).await.unwrap();
        let webhook = next(&inbox).await;
        let gateway = sandbox.unipayment();
        let old_key = match generation {
            Generation::Md5 => gateway.app_key().to_owned(),
            _ => gateway.webhook_secret(),
        };
        let changed = builder(&sandbox, generation)
            .with_app_key("new".into())
            .with_webhook_secret("new".into());
        let alone = changed.clone().build().unwrap();
        let error = alone.verify_webhook(&webhook).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature);
        let both = changed.with_webhook_key(old_key.into()).build().unwrap();
        assert!(both.verify_webhook(&webhook).await.is_ok());
    }
}
