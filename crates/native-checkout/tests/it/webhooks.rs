//! Webhooks: of the sandbox, and made by hand where they have to be wrong.

use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{
    Error, ErrorKind, InvoiceStatus, PaymentException, PaymentProvider, PayoutStatus, Proof,
    RawWebhook, Result, WebhookEvent, WebhookKind,
};
use paymux_native_checkout::{Signer, WebhookVerifier};
use paymux_sandbox::{FaultRule, Sandbox, WebhookFault};

use crate::{new_invoice, next, provider};

const APP: &str = "app-1";
const KEY: &str = "made-up-key";

fn now() -> DateTime<Utc> {
    "2026-03-17T09:36:36Z".parse().unwrap()
}

fn headers(body: &str) -> [(&'static str, String); 3] {
    let signed = Signer::new(APP, KEY.into())
        .unwrap()
        .sign(body.as_bytes(), now())
        .unwrap();
    [
        ("X-Appid", signed.app_id),
        ("X-Timestamp", signed.timestamp),
        ("X-Sign", signed.sign),
    ]
}

fn with(body: &str, headers: &[(&str, String)]) -> RawWebhook {
    let webhook = RawWebhook::new(body).with_received_at(now());
    headers.iter().fold(webhook, |webhook, (name, value)| {
        webhook.with_header(*name, value.as_str())
    })
}

fn verifier() -> WebhookVerifier {
    WebhookVerifier::new(APP, KEY.into()).unwrap()
}

fn read(body: &str) -> Result<WebhookEvent> {
    verifier().verify(&with(body, &headers(body)))
}

#[tokio::test]
async fn every_step_of_an_order_is_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let inbox = sandbox.inbox("shop");
    let provider = provider(&sandbox);
    let order =
        |id: &str| new_invoice(id, "10 TRX", "TRX@tron-nile").with_callback_url(inbox.url());
    let invoice = provider.create_invoice(&order("order-1")).await.unwrap();
    let id = invoice.id();
    let event = async || provider.verify_webhook(&next(&inbox).await).await.unwrap();

    sandbox
        .halo()
        .pay(id.as_str(), "4".parse().unwrap())
        .unwrap();
    let part = event().await;
    assert_eq!(
        (part.kind(), part.proof),
        (WebhookKind::Invoice, Proof::Signed)
    );
    let told = part.invoice().unwrap();
    assert_eq!((&told.id, told.status), (id, InvoiceStatus::Pending));
    assert_eq!(told.order_id.as_ref().unwrap().as_str(), "order-1");
    assert!(told.exceptions.contains(PaymentException::Underpaid));
    assert_eq!((&told.due, &told.received), (&None, &None));

    sandbox.halo().pay_rest(id.as_str()).unwrap();
    sandbox.halo().confirm(id.as_str(), 1).unwrap();
    let paid = event().await;
    assert_eq!(paid.invoice().unwrap().status, InvoiceStatus::Settled);
    assert_ne!(paid.dedup_key, part.dedup_key);

    let late = provider.create_invoice(&order("order-2")).await.unwrap();
    sandbox
        .halo()
        .pay(late.id().as_str(), "4".parse().unwrap())
        .unwrap();
    event().await;
    sandbox.halo().expire(late.id().as_str()).unwrap();
    let expired = event().await;
    let told = expired.invoice().unwrap();
    assert_eq!(told.status, InvoiceStatus::Expired);
    assert!(told.exceptions.contains(PaymentException::Underpaid));
    assert_eq!(sandbox.requests_to("/api/currency/app-token-list").len(), 1);
}

#[tokio::test]
async fn a_redelivery_is_the_same_event() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(FaultRule::webhook(WebhookFault::Doubled));
    let inbox = sandbox.inbox("shop");
    let provider = provider(&sandbox);
    let request = new_invoice("order-1", "10 TRX", "TRX@tron-nile").with_callback_url(inbox.url());
    let invoice = provider.create_invoice(&request).await.unwrap();
    sandbox
        .halo()
        .pay(invoice.id().as_str(), "4".parse().unwrap())
        .unwrap();
    let first = provider.verify_webhook(&next(&inbox).await).await.unwrap();
    let second = provider.verify_webhook(&next(&inbox).await).await.unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn what_the_sandbox_spoils_is_refused() {
    for fault in [
        WebhookFault::WrongSignature,
        WebhookFault::AlteredByte,
        WebhookFault::OldTimestamp { seconds: 200 },
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(FaultRule::webhook(fault.clone()));
        let inbox = sandbox.inbox("shop");
        let provider = provider(&sandbox);
        let request =
            new_invoice("order-1", "10 TRX", "TRX@tron-nile").with_callback_url(inbox.url());
        let invoice = provider.create_invoice(&request).await.unwrap();
        sandbox
            .halo()
            .pay(invoice.id().as_str(), "4".parse().unwrap())
            .unwrap();
        let error = provider
            .verify_webhook(&next(&inbox).await)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{fault:?}");
        assert_eq!(error.operation(), Some("verify_webhook"));
    }
}

#[test]
fn proof_needs_each_header_once_in_its_form() {
    let body = r#"{"trade_no":"T1","status":"PAID","type":"PAYOUT"}"#;
    let right = headers(body);
    assert!(verifier().verify(&with(body, &right)).is_ok());
    let replaced = |name: &str, value: &str| {
        right
            .clone()
            .map(|(own, old)| (own, if own == name { value.to_owned() } else { old }))
    };
    let sign = &right[2].1;
    let at = &right[1].1;
    let wrong: Vec<(&str, Vec<(&str, String)>)> = vec![
        ("X-Appid is missing", right[1..].to_vec()),
        ("X-Sign is missing", right[..2].to_vec()),
        (
            "X-Timestamp is missing",
            vec![right[0].clone(), right[2].clone()],
        ),
        ("more than once", [right.clone(), right.clone()].concat()),
        ("another application", replaced("X-Appid", "app-2").to_vec()),
        (
            "64 lower-case hex",
            replaced("X-Sign", &sign.to_ascii_uppercase()).to_vec(),
        ),
        (
            "64 lower-case hex",
            replaced("X-Sign", &sign[..62]).to_vec(),
        ),
        (
            "64 lower-case hex",
            replaced("X-Sign", &format!("{sign}00")).to_vec(),
        ),
        (
            "64 lower-case hex",
            replaced("X-Sign", &format!(" {sign}")).to_vec(),
        ),
        ("is missing", replaced("X-Sign", "").to_vec()),
        (
            "ten digits",
            replaced("X-Timestamp", &format!("{at}000")).to_vec(),
        ),
        (
            "ten digits",
            replaced("X-Timestamp", &format!("+{}", &at[1..])).to_vec(),
        ),
        (
            "does not fit",
            replaced("X-Timestamp", &format!("{}", now().timestamp() + 1)).to_vec(),
        ),
    ];
    for (says, headers) in wrong {
        let error = verifier().verify(&with(body, &headers)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature);
        assert!(error.message().contains(says), "{says}: {error}");
        assert!(!error.to_string().contains(sign.as_str()), "{error}");
    }
    let get = with(body, &right).with_method("GET");
    assert!(
        verifier()
            .verify(&get)
            .unwrap_err()
            .message()
            .contains("POST")
    );
}

#[test]
fn time_is_measured_at_receipt() {
    let body = r#"{"trade_no":"T1","status":"PAID","type":"PAYOUT"}"#;
    for (seconds, is_fresh) in [
        (-121, false),
        (-120, true),
        (0, true),
        (120, true),
        (121, false),
    ] {
        let webhook =
            with(body, &headers(body)).with_received_at(now() + TimeDelta::seconds(seconds));
        assert_eq!(verifier().verify(&webhook).is_ok(), is_fresh, "{seconds}");
    }
}

#[test]
fn every_configured_key_proves() {
    let body = r#"{"trade_no":"T1","status":"PAID","type":"PAYOUT"}"#;
    let webhook = with(body, &headers(body));
    let other = WebhookVerifier::new(APP, "next".into()).unwrap();
    assert!(other.verify(&webhook).is_err());
    assert!(other.with_key(KEY.into()).unwrap().verify(&webhook).is_ok());
}

#[test]
fn the_body_must_not_name_another_application() {
    for kind in ["PAYMENT", "PAYOUT", "NEWS"] {
        let body =
            format!(r#"{{"appid":"app-2","trade_no":"T1","status":"PAID","type":"{kind}"}}"#);
        assert_eq!(read(&body).unwrap_err().kind(), ErrorKind::InvalidSignature);
    }
}

#[test]
fn kinds_are_told_by_type_and_else_by_their_members() {
    for (body, kind, key) in [
        (
            r#"{"trade_no":"T1","status":"PAID","type":"PAYMENT"}"#,
            WebhookKind::Invoice,
            "invoice:T1:PAID:",
        ),
        (
            r#"{"trade_no":"T1","status":"PAID","type":"payout"}"#,
            WebhookKind::Payout,
            "payout:T1:PAID",
        ),
        (
            r#"{"trade_no":"T1","status":"PAID"}"#,
            WebhookKind::Payout,
            "payout:T1:PAID",
        ),
        (
            r#"{"trade_no":"T1","status":"FAIL"}"#,
            WebhookKind::Payout,
            "payout:T1:FAIL",
        ),
        (
            r#"{"trade_no":"T1","status":"TIME-OUT"}"#,
            WebhookKind::Invoice,
            "invoice:T1:TIME-OUT:",
        ),
        (
            r#"{"trade_no":"T1","status":"PAID","out_trade_no":"o"}"#,
            WebhookKind::Invoice,
            "invoice:T1:PAID:",
        ),
        (
            r#"{"trade_no":"T1","status":"TO-BE-PAID","amount_collected":"1.50"}"#,
            WebhookKind::Invoice,
            "invoice:T1:TO-BE-PAID:1.5",
        ),
        (
            r#"{"trade_no":"T1","status":"PAID","amount_collected":"","out_trade_no":"o"}"#,
            WebhookKind::Invoice,
            "invoice:T1:PAID:0",
        ),
        (
            r#"{"type":"PAYMENT","address":"TX","txid":"ab","amount":"3","status":"PAID"}"#,
            WebhookKind::Deposit,
            "deposit:ab:TX:3:PAID",
        ),
    ] {
        let event = read(body).unwrap();
        assert_eq!(
            (event.kind(), event.dedup_key.as_str()),
            (kind, key),
            "{body}"
        );
    }
    let unheard = r#"{"type":"REFUND","trade_no":"T1"}"#;
    let event = read(unheard).unwrap();
    assert_eq!(event.kind(), WebhookKind::Other);
    assert_eq!(event.raw_body, unheard.as_bytes());
    assert_ne!(
        event.dedup_key,
        read(r#"{"type":"REFUND","trade_no":"T2"}"#)
            .unwrap()
            .dedup_key
    );
}

#[test]
fn a_notice_of_an_order_never_says_more_than_it_knows() {
    let told = |status: &str, collected: &str, amount: &str, due: &str| {
        let body = format!(
            r#"{{"trade_no":"T1","out_trade_no":"o","type":"PAYMENT","status":"{status}","amount_collected":"{collected}","amount":"{amount}","token_amount":"{due}"}}"#
        );
        let invoice = read(&body).unwrap().invoice().unwrap().clone();
        (
            invoice.status,
            invoice.exceptions.iter().collect::<Vec<_>>(),
        )
    };
    use InvoiceStatus::{Expired, Pending, Settled, Unknown};
    use PaymentException::{Late, Underpaid};
    for (status, collected, expected) in [
        ("TO-BE-PAID", "0", (Pending, vec![])),
        ("TO-BE-PAID", "", (Pending, vec![])),
        ("TO-BE-PAID", "1", (Pending, vec![Underpaid])),
        ("PAID", "5", (Settled, vec![])),
        ("PAID", "50", (Settled, vec![])),
        ("TIME-OUT", "0", (Expired, vec![])),
        ("TIME-OUT", "1", (Expired, vec![Underpaid])),
        ("TIME-OUT", "10", (Expired, vec![])),
        ("TIME-OUT", "17", (Expired, vec![Late])),
        ("FROZEN", "5", (Unknown, vec![])),
    ] {
        assert_eq!(
            told(status, collected, "5", "16.5"),
            expected,
            "{status} {collected}"
        );
    }
}

#[test]
fn words_of_payouts_are_mapped() {
    for (word, expected) in [
        ("PROGRESS", PayoutStatus::Pending),
        ("TRANSFER", PayoutStatus::Processing),
        ("CONFIRMING-PROGRESS", PayoutStatus::Confirming),
        ("PAID", PayoutStatus::Completed),
        ("FAIL", PayoutStatus::Failed),
        ("CANCEL", PayoutStatus::Canceled),
        ("LOST", PayoutStatus::Unknown),
    ] {
        let body = format!(r#"{{"trade_no":"T1","status":"{word}","type":"PAYOUT"}}"#);
        let event = read(&body).unwrap();
        let payout = event.payout().unwrap();
        assert_eq!(payout.status, expected);
        assert_eq!(payout.provider_status.as_deref(), Some(word));
    }
}

#[test]
fn what_is_proven_and_unreadable_says_what_is_wrong() {
    for (body, says) in [
        ("canary", "no complete JSON"),
        ("[\"canary\"]", "no JSON object"),
        (
            r#"{"type":"PAYMENT","status":"PAID"}"#,
            "\"trade_no\" is missing",
        ),
        (
            r#"{"type":"PAYOUT","trade_no":"canary"}"#,
            "\"status\" is missing",
        ),
        (
            r#"{"type":"PAYOUT","trade_no":"T","status":"PAID","amount":"canary"}"#,
            "another type",
        ),
        (r#"{"type":"PAYOUT","type":"PAYMENT"}"#, "repeated"),
    ] {
        let error: Error = read(body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
        assert!(error.message().contains(says), "{body}: {error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}
