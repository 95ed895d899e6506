//! Signing vectors with made-up keys: what has to fit, what must not, and the time window.

use chrono::DateTime;
use paymux_core::{ErrorKind, RawWebhook};
use paymux_native_checkout::{Signer, WebhookVerifier};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    positive: Vec<Positive>,
    negative: Vec<Negative>,
    window: Vec<Window>,
}

#[derive(Deserialize)]
struct Positive {
    name: String,
    app_key: String,
    appid: String,
    body: String,
    timestamp: String,
    expected_x_sign: String,
}

#[derive(Deserialize)]
struct Negative {
    name: String,
    base: String,
    body: String,
    timestamp: String,
    x_sign: String,
}

#[derive(Deserialize)]
struct Window {
    now: i64,
    timestamp: i64,
    fresh: Option<bool>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../fixtures/signatures.json")).unwrap()
}

fn webhook(app_id: &str, body: &str, timestamp: &str, sign: &str, now: i64) -> RawWebhook {
    RawWebhook::new(body)
        .with_header("X-Appid", app_id)
        .with_header("X-Timestamp", timestamp)
        .with_header("X-Sign", sign)
        .with_received_at(DateTime::from_timestamp(now, 0).unwrap())
}

/// A body that is proven may still be no notice; only a wrong signature is `InvalidSignature`.
fn is_proven(vector: &Positive, webhook: &RawWebhook) -> bool {
    let verifier = WebhookVerifier::new(&*vector.appid, vector.app_key.as_str().into()).unwrap();
    match verifier.verify(webhook) {
        Ok(_) => true,
        Err(error) => error.kind() != ErrorKind::InvalidSignature,
    }
}

#[test]
fn signatures_are_those_of_the_vectors() {
    let vectors = vectors();
    assert!(vectors.positive.len() > 10);
    for vector in &vectors.positive {
        let at: i64 = vector.timestamp.parse().unwrap();
        let signer = Signer::new(&*vector.appid, vector.app_key.as_str().into()).unwrap();
        let signed = signer
            .sign(
                vector.body.as_bytes(),
                DateTime::from_timestamp(at, 0).unwrap(),
            )
            .unwrap();
        assert_eq!(signed.sign, vector.expected_x_sign, "{}", vector.name);
        assert_eq!(signed.timestamp, vector.timestamp);
        assert_eq!(signed.app_id, vector.appid);
        let webhook = webhook(
            &vector.appid,
            &vector.body,
            &vector.timestamp,
            &signed.sign,
            at,
        );
        assert!(is_proven(vector, &webhook), "{}", vector.name);
    }
}

#[test]
fn wrong_signatures_are_refused() {
    let vectors = vectors();
    assert!(vectors.negative.len() >= 6);
    for wrong in &vectors.negative {
        let base = vectors
            .positive
            .iter()
            .find(|vector| vector.name == wrong.base)
            .unwrap();
        let now = wrong.timestamp.parse().unwrap();
        let webhook = webhook(
            &base.appid,
            &wrong.body,
            &wrong.timestamp,
            &wrong.x_sign,
            now,
        );
        assert!(!is_proven(base, &webhook), "{}", wrong.name);
    }
}

/// Where the documents are silent (exactly two minutes, and times ahead), both ends count.
#[test]
fn the_window_is_two_minutes_either_way() {
    let vectors = vectors();
    let vector = &vectors.positive[0];
    let signer = Signer::new(&*vector.appid, vector.app_key.as_str().into()).unwrap();
    let own = [(-121, false), (-120, true), (120, true), (121, false)]
        .map(|(ahead, fresh)| (1_700_000_000, 1_700_000_000 + ahead, Some(fresh)));
    let given = vectors
        .window
        .iter()
        .map(|window| (window.now, window.timestamp, window.fresh));
    for (now, timestamp, fresh) in given.chain(own) {
        let at = DateTime::from_timestamp(timestamp, 0).unwrap();
        let signed = signer.sign(vector.body.as_bytes(), at).unwrap();
        let webhook = webhook(
            &vector.appid,
            &vector.body,
            &signed.timestamp,
            &signed.sign,
            now,
        );
        assert_eq!(
            is_proven(vector, &webhook),
            fresh.unwrap_or(true),
            "{now} {timestamp}"
        );
    }
}

#[test]
fn a_time_without_ten_digits_is_not_signed() {
    let signer = Signer::new("app", "key".into()).unwrap();
    for wrong in [
        "2001-09-09T01:46:39Z",
        "2286-11-20T17:46:40Z",
        "1969-01-01T00:00:00Z",
    ] {
        let error = signer.sign(b"", wrong.parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
}
