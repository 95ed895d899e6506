//! Webhooks, whoever sent them.

use paymux_sandbox::{ReceivedWebhook, Sandbox};

use super::{INVOICE, PAYOUT, Two, file};
use crate::child::{Ran, run, with};
use crate::creating::assert_invoice_shape;

/// The arguments that hand a captured webhook to the router, its body aside.
fn arguments(webhook: &ReceivedWebhook) -> Vec<String> {
    let mut args: Vec<String> = ["webhook", "verify", "--provider", "router"]
        .map(str::to_owned)
        .to_vec();
    for (name, value) in &webhook.headers {
        args.extend(["--header".to_owned(), format!("{name}: {value}")]);
    }
    args
}

async fn verify(two: &Two, webhook: &ReceivedWebhook, body: &[u8], more: &[&str]) -> Ran {
    let file = file(&String::from_utf8_lossy(body));
    let args = arguments(webhook);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let body = ["--body", file.path().to_str().unwrap()];
    run(two.command(&with(&with(&args, &body), more))).await
}

/// The notice of an invoice that this instance made.
async fn notice(two: &Two, provider: &str, sandbox: &Sandbox) -> (ReceivedWebhook, String) {
    let inbox = sandbox.inbox("shop");
    let args = with(&INVOICE, &["--provider", provider, "--callback-url"]);
    let invoice = two.paymux(&with(&args, &[&inbox.url()])).await.done();
    let id = invoice["id"].as_str().unwrap().to_owned();
    if provider == "native-checkout" {
        sandbox.halo().pay(&id, 1.into()).unwrap();
    }
    (inbox.next().await.unwrap(), id)
}

#[tokio::test]
async fn the_route_or_the_account_says_who_sent_it() {
    let two = Two::start().await;
    for (provider, sandbox, other) in [
        ("native-checkout", &two.halo, "unipayment"),
        ("unipayment", &two.unipayment, "native-checkout"),
    ] {
        let (webhook, id) = notice(&two, provider, sandbox).await;
        let route = format!("/webhooks/{provider}");
        for more in [&[][..], &["--url", &route]] {
            let event = verify(&two, &webhook, &webhook.body, more).await.done();
            assert_eq!(event["provider"], provider);
            assert_eq!(event["kind"], "invoice");
            assert_invoice_shape(&event["invoice"]);
            assert_eq!(event["invoice"]["id"], id.as_str());
            assert_eq!(event["invoice"]["provider"], provider);
        }
        // The route decides: nobody else is asked.
        let wrong = format!("/webhooks/{other}");
        let error = verify(&two, &webhook, &webhook.body, &["--url", &wrong])
            .await
            .error(6);
        assert_eq!(error["provider"], other);
    }
}

#[tokio::test]
async fn what_nobody_proves_is_6() {
    let two = Two::start().await;
    let (webhook, _) = notice(&two, "native-checkout", &two.halo).await;
    let altered = String::from_utf8(webhook.body.clone())
        .unwrap()
        .replace("TO-BE-PAID", "PAID");
    for body in [altered.as_bytes(), b"{}"] {
        let error = verify(&two, &webhook, body, &[]).await.error(6);
        assert_eq!(error["kind"], "invalid_signature");
        assert!(error["hint"].is_string());
    }
}

#[tokio::test]
async fn a_payouts_notice_names_its_reference() {
    let two = Two::start().await;
    let inbox = two.halo.inbox("shop");
    let payout = two
        .paymux(&with(&PAYOUT, &["--callback-url", &inbox.url()]))
        .await
        .done();
    let id = payout["id"].as_str().unwrap();
    for _ in 0..3 {
        two.halo.halo().advance_payout(id).unwrap();
    }
    let webhook = inbox.next().await.unwrap();
    let event = verify(
        &two,
        &webhook,
        &webhook.body,
        &["--url", &webhook.path_and_query],
    )
    .await
    .done();
    assert_eq!(event["provider"], "native-checkout");
    assert_eq!(event["reference"], "ref-1");
    assert_eq!(event["payout"]["id"], id);
}

#[tokio::test]
async fn a_key_is_diagnosed_of_one_provider() {
    let two = Two::start().await;
    let (webhook, _) = notice(&two, "unipayment", &two.unipayment).await;
    let error = verify(&two, &webhook, &webhook.body, &["--diagnose"])
        .await
        .error(2);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("--provider") && message.contains("unipayment"),
        "{message}"
    );
}
