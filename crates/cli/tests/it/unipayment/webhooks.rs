//! `webhook verify` by each generation's proof.

use std::io::Write;

use paymux_sandbox::{Generation, ReceivedWebhook, Sandbox};
use serde_json::json;
use tokio::process::Command;

use super::{ACCOUNT, ALL, INVOICE, command_at, payout_to, uni};
use crate::child::{RECEIVER, Ran, run, sandbox, with};
use crate::creating::assert_invoice_shape;
use crate::raw_gateway::closed_port;

/// The notice of a new invoice.
async fn notice(sandbox: &Sandbox, generation: Generation) -> ReceivedWebhook {
    let inbox = sandbox.inbox("shop");
    let args = with(&INVOICE, &["--callback-url"]);
    uni(sandbox, generation, &with(&args, &[&inbox.url()]))
        .await
        .done();
    inbox.next().await.unwrap()
}

/// The command that verifies what was captured, and the file that holds its body.
fn verifying(
    base_url: &str,
    generation: Generation,
    webhook: &ReceivedWebhook,
    body: &[u8],
) -> (Command, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(body).unwrap();
    let mut args = vec![
        "webhook".to_owned(),
        "verify".to_owned(),
        "--body".to_owned(),
    ];
    args.push(file.path().to_str().unwrap().to_owned());
    for (name, value) in &webhook.headers {
        args.extend(["--header".to_owned(), format!("{name}: {value}")]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    (command_at(base_url, generation, &args), file)
}

async fn verify(
    sandbox: &Sandbox,
    generation: Generation,
    webhook: &ReceivedWebhook,
    body: &[u8],
) -> Ran {
    let (command, _file) = verifying(sandbox.url(), generation, webhook, body);
    run(command).await
}

#[tokio::test]
async fn each_generation_has_its_proof() {
    for (generation, proof) in [
        (Generation::Md5, "weak"),
        (Generation::Hmac, "checked"),
        (Generation::OAuth, "signed"),
    ] {
        let sandbox = sandbox().await;
        let webhook = notice(&sandbox, generation).await;
        let event = verify(&sandbox, generation, &webhook, &webhook.body)
            .await
            .done();
        assert_eq!(event["provider"], "unipayment");
        assert_eq!(event["kind"], "invoice");
        assert_eq!(event["proof"], proof);
        assert_invoice_shape(&event["invoice"]);
        let id = sandbox.unipayment().invoices()[0].invoice_id.clone();
        assert_eq!(event["invoice"]["id"], id.as_str());
        assert!(event["dedup_key"].as_str().unwrap().contains(&id));

        let (mut command, _file) = verifying(sandbox.url(), generation, &webhook, &webhook.body);
        command.args(["--output", "text"]);
        let shown = run(command).await.stdout;
        assert!(shown.contains(&format!("Proven {proof}")), "{shown}");
        let advice = format!("paymux invoice get {id}");
        assert_eq!(shown.contains(&advice), proof == "weak", "{shown}");
    }
}

#[tokio::test]
async fn only_a_check_calls_the_gateway() {
    let nowhere = closed_port().await;
    for generation in ALL {
        let sandbox = sandbox().await;
        let webhook = notice(&sandbox, generation).await;
        let (command, _file) = verifying(&nowhere, generation, &webhook, &webhook.body);
        let ran = run(command).await;
        if generation == Generation::Hmac {
            let error = ran.error(4);
            assert_eq!(
                (&error["kind"], &error["outcome"]),
                (&json!("unavailable"), &json!("not_sent"))
            );
            assert_eq!(error["operation"], "verify_webhook");
        } else {
            ran.done();
        }
    }
}

#[tokio::test]
async fn anything_else_than_what_was_sent_is_6() {
    for (generation, says) in [
        (Generation::Md5, "--diagnose"),
        (Generation::Hmac, "the gateway was asked"),
        (Generation::OAuth, "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET"),
    ] {
        let sandbox = sandbox().await;
        let webhook = notice(&sandbox, generation).await;
        let text = String::from_utf8(webhook.body.clone()).unwrap();
        let altered = text.replace("order-1", "order-2");
        assert_ne!(altered, text);
        let error = verify(&sandbox, generation, &webhook, altered.as_bytes())
            .await
            .error(6);
        assert_eq!(error["kind"], "invalid_signature");
        assert!(error["hint"].as_str().unwrap().contains(says), "{error}");
    }
}

#[tokio::test]
async fn another_key_proves_nothing() {
    for (generation, variable) in [
        (Generation::Md5, "PAYMUX_UNIPAYMENT_APP_KEY"),
        (Generation::OAuth, "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET"),
    ] {
        let sandbox = sandbox().await;
        let webhook = notice(&sandbox, generation).await;
        let (mut command, _file) = verifying(sandbox.url(), generation, &webhook, &webhook.body);
        command.env(variable, "another");
        run(command).await.error(6);
    }
    // Another app's notice is not ours, however well it is proven.
    for generation in ALL {
        let sandbox = sandbox().await;
        let webhook = notice(&sandbox, generation).await;
        let (mut command, _file) = verifying(sandbox.url(), generation, &webhook, &webhook.body);
        command.env("PAYMUX_UNIPAYMENT_APP_ID", "another");
        run(command).await.error(6);
    }
}

#[tokio::test]
async fn a_signature_that_is_missing_or_doubled_is_6() {
    let sandbox = sandbox().await;
    let webhook = notice(&sandbox, Generation::OAuth).await;
    let mut without = webhook.clone();
    without.headers.retain(|(name, _)| name != "hmac-signature");
    verify(&sandbox, Generation::OAuth, &without, &webhook.body)
        .await
        .error(6);
    let mut doubled = webhook.clone();
    doubled.headers.extend(webhook.headers.clone());
    verify(&sandbox, Generation::OAuth, &doubled, &webhook.body)
        .await
        .error(6);
}

#[tokio::test]
async fn notices_of_payouts_are_about_their_payouts() {
    for (generation, to, reference) in [
        (Generation::Hmac, RECEIVER, None),
        (Generation::OAuth, ACCOUNT, Some("ref-1")),
    ] {
        let sandbox = sandbox().await;
        let inbox = sandbox.inbox("shop");
        let url = inbox.url();
        sandbox.update_settings(|settings| {
            settings.unipayment.global_notify_url = Some(url.clone());
        });
        let mut args = payout_to(to).to_vec();
        if generation == Generation::Hmac {
            args.extend(["--callback-url", &url]);
        }
        let payout = uni(&sandbox, generation, &args).await.done();
        let webhook = inbox.next().await.unwrap();
        let event = verify(&sandbox, generation, &webhook, &webhook.body)
            .await
            .done();
        assert_eq!(event["kind"], "payout");
        assert_eq!(event["payout"]["id"], payout["id"]);
        assert_eq!(event["payout"]["status"], "pending");
        assert_eq!(event["reference"].as_str(), reference);
    }
}
