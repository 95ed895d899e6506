//! Proof comes first, and nothing is read without it.

use paymux_core::{ErrorKind, Outcome, Proof, RawWebhook, WebhookVerdict};
use paymux_unipayment::{Md5Rule, Md5Signer, WebhookSigner, WebhookVerifier};

const BODY: &str = r#"{"ipn_type":"invoice","app_id":"app-1","invoice_id":"I1","order_id":"order-1","status":"Paid"}"#;

fn v2() -> WebhookVerifier {
    WebhookVerifier::signed("made-up-secret".into()).unwrap()
}

fn v2_webhook(body: &str, secret: &str) -> RawWebhook {
    let signer = WebhookSigner::new(secret.into()).unwrap();
    RawWebhook::new(body).with_header("Hmac-Signature", signer.sign(body.as_bytes()).unwrap())
}

fn md5(rule: &str) -> WebhookVerifier {
    WebhookVerifier::md5("made-up-secret".into(), rule.parse().unwrap()).unwrap()
}

fn md5_webhook(body: &str, key: &str, rule: &str) -> RawWebhook {
    let signer = Md5Signer::new(key.into(), rule.parse().unwrap()).unwrap();
    RawWebhook::new(signer.signed_object(body).unwrap())
}

#[test]
fn a_v2_webhook_is_proven_by_its_header() {
    let event = v2().verify(&v2_webhook(BODY, "made-up-secret")).unwrap();
    assert_eq!((event.proof, v2().proof()), (Proof::Signed, Proof::Signed));
    assert!(!event.needs_read_back());
    assert_eq!(event.provider.as_str(), "unipayment");
    assert_eq!(event.raw_body, BODY.as_bytes());
    assert_eq!(event.dedup_key, "invoice:I1:Paid::::");
}

#[test]
fn an_md5_webhook_is_proven_by_its_body_under_every_rule() {
    for rule in Md5Rule::ALL {
        let rule = rule.to_string();
        let webhook = md5_webhook(BODY, "made-up-secret", &rule);
        let event = md5(&rule).verify(&webhook).unwrap();
        assert_eq!(
            (event.proof, md5(&rule).proof()),
            (Proof::Weak, Proof::Weak)
        );
        assert_eq!(event.invoice().unwrap().id.as_str(), "I1");
    }
    // Without a type, the rules differ in the join of the key and in the case.
    let webhook = md5_webhook(BODY, "made-up-secret", "amp_key");
    assert!(md5("direct").verify(&webhook).is_err());
    assert!(md5("type_dropped/amp_key/upper").verify(&webhook).is_err());
}

#[test]
fn what_is_not_proven_is_refused_and_not_read() {
    let unreadable = "{\"invoice_id\":7,";
    let doubled = v2_webhook(BODY, "made-up-secret").with_header("hmac-signature", "x");
    for (webhook, says) in [
        (RawWebhook::new(BODY), "hmac-signature is missing"),
        (RawWebhook::new(unreadable), "hmac-signature is missing"),
        (
            RawWebhook::new(BODY).with_header("hmac-signature", ""),
            "is missing",
        ),
        (
            RawWebhook::new(BODY).with_header("hmac-signature", "x"),
            "padded base64",
        ),
        (
            RawWebhook::new(BODY).with_header("hmac_signature", "x"),
            "is missing",
        ),
        (v2_webhook(BODY, "another-secret"), "does not fit"),
        (v2_webhook(unreadable, "another-secret"), "does not fit"),
        (doubled, "more than once"),
        (
            v2_webhook(BODY, "made-up-secret").with_method("GET"),
            "is a POST",
        ),
    ] {
        let error = v2().verify(&webhook).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{says}");
        assert!(error.message().contains(says), "{error}");
        assert_eq!(error.provider().unwrap().as_str(), "unipayment");
        assert_eq!(error.operation(), Some("verify_webhook"));
    }
    for webhook in [
        RawWebhook::new(BODY),
        RawWebhook::new(unreadable),
        v2_webhook(BODY, "made-up-secret"),
        md5_webhook(BODY, "another-secret", "amp_key"),
        md5_webhook(BODY, "made-up-secret", "amp_key").with_method("PUT"),
    ] {
        let error = md5("amp_key").verify(&webhook).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{error}");
    }
}

#[test]
fn a_proven_webhook_that_cannot_be_read_says_so() {
    let body = r#"{"ipn_type":"invoice","invoice_id":"I1","paid_amount":"jane@example.org"}"#;
    let error = v2()
        .verify(&v2_webhook(body, "made-up-secret"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(!format!("{error:?} {error}").contains("jane"), "{error:?}");
}

#[test]
fn another_payment_app_is_refused() {
    let webhook = v2_webhook(BODY, "made-up-secret");
    v2().with_app_id("app-1").verify(&webhook).unwrap();
    let error = v2().with_app_id("app-2").verify(&webhook).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    // Notices of payouts name no payment app.
    let payout = r#"{"ipn_type":"payment","payment_id":"P1","status":"PENDING"}"#;
    let webhook = v2_webhook(payout, "made-up-secret");
    v2().with_app_id("app-2").verify(&webhook).unwrap();
}

#[test]
fn keys_can_be_changed_without_losing_webhooks() {
    let both = v2().with_key("new-secret".into()).unwrap();
    for secret in ["made-up-secret", "new-secret"] {
        both.verify(&v2_webhook(BODY, secret)).unwrap();
    }
    assert!(both.verify(&v2_webhook(BODY, "third-secret")).is_err());
    let both = md5("direct").with_key("new-secret".into()).unwrap();
    for key in ["made-up-secret", "new-secret"] {
        both.verify(&md5_webhook(BODY, key, "direct")).unwrap();
    }
    for bad in ["", " x"] {
        let error = v2().with_key(bad.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(WebhookVerifier::signed(bad.into()).is_err());
        assert!(WebhookVerifier::md5(bad.into(), Md5Rule::default()).is_err());
    }
}

#[test]
fn a_repeated_notice_has_the_same_key_and_another_state_another() {
    let key = |body: &str| {
        v2().verify(&v2_webhook(body, "made-up-secret"))
            .unwrap()
            .dedup_key
    };
    let body = |status: &str, paid: &str, notice: &str| {
        format!(
            r#"{{"invoice_id":"I1","status":"{status}","error_status":"None","paid_amount":{paid},"notify_id":"{notice}","notify_time":"2024-01-01T00:00:0{notice}Z"}}"#
        )
    };
    let first = key(&body("Paid", "5.0", "1"));
    assert_eq!(first, key(&body("Paid", "5.00", "2")));
    assert_ne!(first, key(&body("Paid", "6.0", "1")));
    assert_ne!(first, key(&body("Confirmed", "5.0", "1")));
}

#[test]
fn the_gateway_is_answered_in_its_own_words() {
    for (verdict, status, body) in [
        (WebhookVerdict::Accepted, 200, "SUCCESS"),
        (WebhookVerdict::Refused, 400, "Fail"),
        (WebhookVerdict::TryAgain, 503, "Fail"),
    ] {
        let answer = WebhookVerifier::answer(verdict);
        assert_eq!((answer.status, answer.body), (status, body));
    }
}

#[test]
fn a_verifier_shows_no_secret_and_has_the_name_it_was_given() {
    for verifier in [v2(), md5("amp_key")] {
        let verifier = verifier.with_name("uni-eu".parse().unwrap());
        assert!(
            !format!("{verifier:?}").contains("made-up-secret"),
            "{verifier:?}"
        );
        let error = verifier.verify(&RawWebhook::new("{}")).unwrap_err();
        assert_eq!(error.provider().unwrap().as_str(), "uni-eu");
    }
}
