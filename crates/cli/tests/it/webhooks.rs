//! `webhook verify`.

use std::io::Write;
use std::process::Stdio;

use paymux_sandbox::{ReceivedWebhook, Sandbox};
use tokio::io::AsyncWriteExt;

use crate::child::{
    APP_ID, APP_KEY, INVOICE, PAYOUT, Ran, bare, finish, members, paymux, run, sandbox, with,
};
use crate::creating::assert_invoice_shape;

const MEMBERS: [&str; 8] = [
    "dedup_key",
    "deposit",
    "invoice",
    "kind",
    "payout",
    "proof",
    "provider",
    "reference",
];

/// A webhook of an invoice of which a part was paid.
async fn part_paid(sandbox: &Sandbox) -> ReceivedWebhook {
    let inbox = sandbox.inbox("shop");
    let args = with(&INVOICE, &["--callback-url"]);
    let url = inbox.url();
    let invoice = paymux(sandbox, &with(&args, &[&url])).await.done();
    sandbox
        .halo()
        .pay(invoice["id"].as_str().unwrap(), 1.into())
        .unwrap();
    inbox.next().await.unwrap()
}

/// The arguments that hand a captured webhook over, its body aside.
fn arguments(webhook: &ReceivedWebhook) -> Vec<String> {
    let mut args: Vec<String> = ["webhook", "verify", "--provider", "native-checkout"]
        .map(str::to_owned)
        .to_vec();
    for (name, value) in &webhook.headers {
        args.extend(["--header".to_owned(), format!("{name}: {value}")]);
    }
    args
}

/// Only the credentials are set: there is nothing that could be called.
async fn verify(args: &[String], body: &[u8]) -> Ran {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(body).unwrap();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let path = file.path().to_str().unwrap();
    let mut command = bare(&with(&args, &["--body", path]));
    command
        .env("PAYMUX_NATIVE_CHECKOUT_APP_ID", APP_ID)
        .env("PAYMUX_NATIVE_CHECKOUT_APP_KEY", APP_KEY);
    run(command).await
}

#[tokio::test]
async fn a_payment_is_proven_and_told() {
    let sandbox = sandbox().await;
    let webhook = part_paid(&sandbox).await;
    let event = verify(&arguments(&webhook), &webhook.body).await.done();
    assert_eq!(members(&event), MEMBERS);
    assert_eq!(event["provider"], "native-checkout");
    assert_eq!(event["kind"], "invoice");
    assert_eq!(event["proof"], "signed");
    assert!(event["reference"].is_null());
    assert!(event["payout"].is_null() && event["deposit"].is_null());
    assert_invoice_shape(&event["invoice"]);
    assert_eq!(event["invoice"]["status"], "pending");
    assert_eq!(event["invoice"]["exceptions"][0], "underpaid");
    let id = sandbox.halo().orders()[0].trade_no.clone();
    assert!(event["dedup_key"].as_str().unwrap().contains(&id));
}

#[tokio::test]
async fn anything_else_than_what_was_sent_is_6() {
    let sandbox = sandbox().await;
    let webhook = part_paid(&sandbox).await;
    let right = arguments(&webhook);

    let altered = String::from_utf8(webhook.body.clone())
        .unwrap()
        .replace("TO-BE-PAID", "PAID");
    let error = verify(&right, altered.as_bytes()).await.error(6);
    assert_eq!(error["kind"], "invalid_signature");
    assert_eq!(error["operation"], "verify_webhook");
    assert!(error["hint"].as_str().unwrap().contains("byte for byte"));

    let sign = format!("x-sign: {}", webhook.header("x-sign").unwrap());
    let doubled = [right.clone(), vec!["--header".to_owned(), sign.clone()]].concat();
    verify(&doubled, &webhook.body).await.error(6);

    let at = right.iter().position(|arg| *arg == sign).unwrap();
    let without = [&right[..at - 1], &right[at + 1..]].concat();
    verify(&without, &webhook.body).await.error(6);
}

#[tokio::test]
async fn an_old_capture_is_proven_for_the_time_it_came() {
    let sandbox = sandbox().await;
    let webhook = part_paid(&sandbox).await;
    let at = |minutes: i64| {
        let time = webhook.received_at + chrono::TimeDelta::minutes(minutes);
        let mut args = arguments(&webhook);
        args.extend(["--at".to_owned(), time.to_rfc3339()]);
        args
    };
    verify(&at(1), &webhook.body).await.done();
    verify(&at(3), &webhook.body).await.error(6);
    verify(&at(-3), &webhook.body).await.error(6);
}

#[tokio::test]
async fn the_url_names_the_payout_of_a_notice() {
    let sandbox = sandbox().await;
    let inbox = sandbox.inbox("shop");
    let url = inbox.url();
    let payout = paymux(&sandbox, &with(&PAYOUT, &["--callback-url", &url]))
        .await
        .done();
    for _ in 0..3 {
        sandbox
            .halo()
            .advance_payout(payout["id"].as_str().unwrap())
            .unwrap();
    }
    let webhook = inbox.next().await.unwrap();
    let plain = arguments(&webhook);
    let event = verify(&plain, &webhook.body).await.done();
    assert_eq!(event["kind"], "payout");
    assert_eq!(event["payout"]["id"], payout["id"]);
    assert_eq!(event["payout"]["status"], "completed");
    assert!(event["reference"].is_null());

    let forged = webhook.path_and_query.replace("ref-1", "ref-2");
    for (path, reference) in [
        (webhook.path_and_query.clone(), Some("ref-1")),
        (
            format!("https://shop.example{}", webhook.path_and_query),
            Some("ref-1"),
        ),
        (forged, None),
    ] {
        let args = [plain.clone(), vec!["--url".to_owned(), path]].concat();
        let event = verify(&args, &webhook.body).await.done();
        assert_eq!(event["reference"].as_str(), reference);
    }
}

#[tokio::test]
async fn the_body_can_come_by_stdin_and_must_be_there() {
    let sandbox = sandbox().await;
    let webhook = part_paid(&sandbox).await;
    let args = arguments(&webhook);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = bare(&with(&args, &["--body", "-"]));
    command
        .env("PAYMUX_NATIVE_CHECKOUT_APP_ID", APP_ID)
        .env("PAYMUX_NATIVE_CHECKOUT_APP_KEY", APP_KEY)
        .stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&webhook.body)
        .await
        .unwrap();
    assert_eq!(finish(child).await.done()["kind"], "invoice");

    let error = paymux(&sandbox, &with(&args, &["--body", "/nowhere/body"]))
        .await
        .error(2);
    assert!(error["message"].as_str().unwrap().contains("/nowhere/body"));
}
