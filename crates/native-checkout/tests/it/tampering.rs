//! One altered byte anywhere, and nothing is believed; whatever is believed is read without panic.

use chrono::{DateTime, Utc};
use paymux_core::{ErrorKind, RawWebhook};
use paymux_native_checkout::model::Notice;
use paymux_native_checkout::{Signer, WebhookVerifier};
use proptest::prelude::*;

const BODY: &str = r#"{"appid":"app-1","trade_no":"T1","out_trade_no":"o1","amount_collected":"5","amount":"5","type":"PAYMENT","status":"PAID"}"#;
const KEY: &str = "made-up-key";

fn now() -> DateTime<Utc> {
    "2026-03-17T09:36:36Z".parse().unwrap()
}

fn verify(body: Vec<u8>, timestamp: &str, sign: &str) -> paymux_core::Result<()> {
    let webhook = RawWebhook::new(body)
        .with_header("X-Appid", "app-1")
        .with_header("X-Timestamp", timestamp)
        .with_header("X-Sign", sign)
        .with_received_at(now());
    WebhookVerifier::new("app-1", KEY.into())
        .unwrap()
        .verify(&webhook)
        .map(|_| ())
}

fn altered(text: &str, at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    bytes[at] = byte;
    bytes
}

proptest! {
    #[test]
    fn no_altered_byte_passes(at in 0usize..1000, byte in any::<u8>(), ascii in 0x20u8..0x7f) {
        let signed = Signer::new("app-1", KEY.into()).unwrap().sign(BODY.as_bytes(), now()).unwrap();
        prop_assert!(verify(BODY.into(), &signed.timestamp, &signed.sign).is_ok());

        let body = altered(BODY, at, byte);
        let is_same = body == BODY.as_bytes();
        prop_assert_eq!(verify(body, &signed.timestamp, &signed.sign).is_ok(), is_same);

        let sign = String::from_utf8(altered(&signed.sign, at, ascii)).unwrap();
        let is_same = sign == signed.sign;
        prop_assert_eq!(verify(BODY.into(), &signed.timestamp, &sign).is_ok(), is_same);

        let timestamp = String::from_utf8(altered(&signed.timestamp, at, ascii)).unwrap();
        let is_same = timestamp == signed.timestamp;
        prop_assert_eq!(verify(BODY.into(), &timestamp, &signed.sign).is_ok(), is_same);
    }

    /// A digit that moves from the body to the timestamp keeps the signed bytes, and is refused.
    #[test]
    fn the_border_between_body_and_time_cannot_move(moved in 1usize..4) {
        let signed = Signer::new("app-1", KEY.into()).unwrap().sign(BODY.as_bytes(), now()).unwrap();
        let (to_body, left) = signed.timestamp.split_at(moved);
        let body = format!("{BODY}{to_body}").into_bytes();
        let error = verify(body, left, &signed.sign).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    }

    #[test]
    fn reading_never_panics_and_never_repeats_the_body(body in any::<Vec<u8>>()) {
        let _ = Notice::read(&body);
    }

    #[test]
    fn odd_members_are_read_or_refused(
        member in proptest::sample::select(vec![
            "appid", "trade_no", "out_trade_no", "amount_collected", "amount", "token_amount",
            "chain", "chain_id", "contract", "type", "currency_id", "txid", "status", "time", "id",
            "address", "unheard_of",
        ]),
        value in proptest::sample::select(vec![
            "null", "true", "-1", "1e999", "18446744073709551616", "0.1", "\"\"", "\"x\"", "[]",
            "{}", "[[[{}]]]", "\"\\u0000\"", "99999999999999999999999999999999999999",
        ]),
    ) {
        let body = format!("{{\"trade_no\":\"T1\",\"status\":\"PAID\",\"{member}\":{value}}}");
        if let Err(why) = Notice::read(body.as_bytes()) {
            prop_assert!(!why.contains("99999999"), "{}", why);
        }
    }
}
