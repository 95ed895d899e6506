//! Published rules on made-up keys, in `fixtures/vectors.json`.

use paymux_core::ErrorKind;
use paymux_unipayment::{HmacSigner, Md5Rule, Md5Signer, WebhookSigner};
use serde_json::{Map, Value};

fn vectors(part: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../fixtures/vectors.json")).unwrap();
    all[part].clone()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value[name].as_array().unwrap();
    assert!(!list.is_empty(), "{name}");
    list
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn signer(key: &str, rule: &str) -> Md5Signer {
    Md5Signer::new(key.into(), rule.parse().unwrap()).unwrap()
}

#[test]
fn md5_signs_every_set_under_every_rule() {
    let part = vectors("unipayment_2022_md5_convention");
    let mut seen = std::collections::BTreeSet::new();
    for vector in list(&part, "vectors") {
        let name = text(vector, "name");
        let rule = name.strip_prefix(text(vector, "set")).unwrap();
        let rule = rule.strip_prefix('/').unwrap();
        let key = text(vector, "key");
        let mut object: Map<String, Value> = vector["fields"].as_object().unwrap().clone();
        let json = serde_json::to_string(&object).unwrap();
        let sign = signer(key, rule).sign(json.as_bytes()).unwrap();
        assert_eq!(sign, text(vector, "expected_sign"), "{name}");

        object.insert("sign".to_owned(), sign.into());
        let signed = serde_json::to_string(&object).unwrap();
        signer(key, rule).verify(signed.as_bytes()).unwrap();
        let fitting = Md5Rule::all_that_fit(signed.as_bytes(), &key.into()).unwrap();
        assert_eq!(fitting, [rule.parse().unwrap()], "{name}");
        let fitting = Md5Rule::all_that_fit(signed.as_bytes(), &"another key".into()).unwrap();
        assert_eq!(fitting, [], "{name}");
        seen.insert(rule.to_owned());
    }
    let all: std::collections::BTreeSet<String> =
        Md5Rule::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(seen, all);
}

#[test]
fn md5_signs_raw_tokens() {
    let part = vectors("unipayment_2022_md5_convention");
    let raw = &part["raw_bodies"];
    let signer = signer(text(raw, "key"), text(raw, "rule"));
    for vector in list(raw, "accept") {
        let body = text(vector, "body");
        let expected = text(vector, "expected_sign");
        assert_eq!(
            signer.sign(body.as_bytes()).unwrap(),
            expected,
            "{}",
            text(vector, "name")
        );
        let signed = signer.signed_object(body).unwrap();
        assert!(signed.ends_with(&format!(",\"sign\":\"{expected}\"}}")));
        signer.verify(signed.as_bytes()).unwrap();
        signer.verify_notice(signed.as_bytes()).unwrap();
    }
    for vector in list(raw, "refuse") {
        let error = signer
            .verify_notice(text(vector, "body").as_bytes())
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidSignature,
            "{}",
            text(vector, "name")
        );
    }
}

#[test]
fn md5_refusals_say_what_is_wrong() {
    let signer = signer("madeUpMerchantKey123", "amp_key");
    let right = "9f09b842cebec6d6bc525d182dd0d9d3";
    let verify = |body: String| signer.verify_notice(body.as_bytes());
    verify(format!(r#"{{"a":"1","sign":"{right}"}}"#)).unwrap();
    verify(format!(r#"{{"a":"1","sing_type":"MD5","sign":"{right}"}}"#)).unwrap();
    verify(format!(r#"{{"a":"1","sign_type":null,"sign":"{right}"}}"#)).unwrap();
    for (body, says) in [
        (r#"{"a":"1"}"#.to_owned(), "sign is missing or empty"),
        (
            r#"{"a":"1","sign":null}"#.to_owned(),
            "sign is missing or empty",
        ),
        (r#"{"a":"1","sign":7}"#.to_owned(), "sign is no string"),
        (
            format!(r#"{{"a":"1","sign":"{right}0"}}"#),
            "32 lower-case hex",
        ),
        (
            format!(r#"{{"a":"1","sign":"{right}","sign":"{right}"}}"#),
            "more than once",
        ),
        (
            format!(r#"{{"a":"1","s\u0069gn":"{right}","sign":"{right}"}}"#),
            "more than once",
        ),
        (
            format!(r#"{{"a":"1","sign_type":"md5","sign":"{right}"}}"#),
            "sign_type is another one than MD5",
        ),
        (
            format!(r#"{{"a":"1","sing_type":5,"sign":"{right}"}}"#),
            "sing_type is another one than MD5",
        ),
        (format!(r#"{{"a":"2","sign":"{right}"}}"#), "does not fit"),
        (
            format!(r#"[{{"a":"1","sign":"{right}"}}]"#),
            "no JSON object",
        ),
    ] {
        let error = verify(body.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{body}");
        assert!(error.message().contains(says), "{body}: {error}");
        assert!(!format!("{error:?}").contains(right), "{error:?}");
    }
}

#[test]
fn an_answer_may_hold_ampersands_and_may_be_unsigned_where_that_is_allowed() {
    let signer = signer("key-1", "direct");
    let signed = signer
        .signed_object(r#"{"title":"a & b","cashier_url":"https://example.com/?a=1&b=2"}"#)
        .unwrap();
    signer.verify(signed.as_bytes()).unwrap();
    assert!(signer.verify_if_signed(signed.as_bytes()).unwrap());
    assert!(signer.verify_notice(signed.as_bytes()).is_err());
    assert!(!signer.verify_if_signed(br#"{"title":"x"}"#).unwrap());
    assert!(
        signer
            .verify_if_signed(br#"{"title":"x","sign":""}"#)
            .is_err()
    );

    let of_url = signer
        .signed_object(r#"{"cashier_url":"https://example.com/?a=1&b=2"}"#)
        .unwrap();
    signer.verify_notice(of_url.as_bytes()).unwrap();
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let signer = signer("key-1", "amp_key");
    for body in [
        "{}",
        "[]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"sign\":\"x\"}",
        "{\"a=b&c\":1}",
    ] {
        let error = signer.signed_object(body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{body}");
    }
    for key in ["", " key", "key\n"] {
        let error = Md5Signer::new(key.into(), Md5Rule::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
    let error = "amp-key".parse::<Md5Rule>().unwrap_err();
    assert!(
        error.message().contains("type_kept/direct/upper"),
        "{error}"
    );
}

#[test]
fn looking_for_the_rule_tells_a_missing_signature_from_a_wrong_key() {
    let key = "key-1".into();
    for body in [
        "{}",
        "{\"sign\":\"zz\"}",
        "no",
        "{\"sign_type\":\"RSA\",\"sign\":\"\"}",
    ] {
        assert!(
            Md5Rule::all_that_fit(body.as_bytes(), &key).is_err(),
            "{body}"
        );
    }
    let body = signer("key-1", "amp_key")
        .signed_object(r#"{"a":1}"#)
        .unwrap();
    let fitting = Md5Rule::all_that_fit(body.as_bytes(), &key).unwrap();
    let names: Vec<String> = fitting.iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        ["type_dropped/amp_key/lower", "type_kept/amp_key/lower"]
    );
}

fn authorization(vector: &Value) -> String {
    let seconds = text(vector, "timestamp").parse().unwrap();
    HmacSigner::new(
        text(vector, "client_id"),
        text(vector, "client_secret").into(),
    )
    .unwrap()
    .authorization(
        text(vector, "method"),
        text(vector, "url"),
        text(vector, "body").as_bytes(),
        text(vector, "nonce"),
        chrono::DateTime::from_timestamp(seconds, 0).unwrap(),
    )
    .unwrap()
}

#[test]
fn v1_requests_carry_the_documented_header() {
    let part = vectors("unipayment_v1_hmac");
    let positive = list(&part, "positive");
    for vector in positive {
        assert_eq!(
            authorization(vector),
            text(vector, "authorization"),
            "{}",
            text(vector, "name")
        );
    }
    for wrong in list(&part, "negative") {
        let base = positive
            .iter()
            .find(|vector| vector["name"] == wrong["base"])
            .unwrap();
        assert!(!authorization(base).contains(text(wrong, "signature")));
    }
}

#[test]
fn v1_refuses_what_cannot_be_signed() {
    let signer = HmacSigner::new("client-1", "secret".into()).unwrap();
    let now = chrono::Utc::now();
    for (method, url, nonce) in [
        ("get", "https://example.com/", "n"),
        ("GET", "/v1.0/ips", "n"),
        ("GET", "https://example.com/a b", "n"),
        ("GET", "https://example.com/é", "n"),
        ("GET", "https://example.com/", ""),
        ("GET", "https://example.com/", "a:b"),
    ] {
        let error = signer
            .authorization(method, url, b"", nonce, now)
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidRequest,
            "{method} {url} {nonce}"
        );
    }
    for (id, secret) in [
        ("", "s"),
        ("a:b", "s"),
        ("a b", "s"),
        ("a", ""),
        ("a", "s "),
    ] {
        assert!(
            HmacSigner::new(id, secret.into()).is_err(),
            "{id:?} {secret:?}"
        );
    }
}

#[test]
fn v2_webhooks_are_proven_by_their_header() {
    let part = vectors("unipayment_v2_webhook");
    let positive = list(&part, "positive");
    for vector in positive {
        let signer = WebhookSigner::new(text(vector, "secret").into()).unwrap();
        let body = text(vector, "body").as_bytes();
        assert_eq!(signer.sign(body).unwrap(), text(vector, "expected"));
        signer.verify(body, text(vector, "expected")).unwrap();
    }
    for wrong in list(&part, "negative") {
        let base = positive
            .iter()
            .find(|vector| vector["name"] == wrong["base"])
            .unwrap();
        let signer = WebhookSigner::new(text(base, "secret").into()).unwrap();
        let error = signer
            .verify(text(wrong, "body").as_bytes(), text(wrong, "signature"))
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidSignature,
            "{}",
            text(wrong, "name")
        );
    }
}

#[test]
fn v2_takes_only_the_one_spelling_of_a_signature() {
    let signer = WebhookSigner::new("secret".into()).unwrap();
    // A body whose signature the other base64 alphabet spells differently.
    let (body, right) = (0..)
        .map(|number: u32| number.to_string())
        .map(|body| {
            let sign = signer.sign(body.as_bytes()).unwrap();
            (body, sign)
        })
        .find(|(_, sign)| sign.contains('+') && sign.contains('/'))
        .unwrap();
    signer.verify(body.as_bytes(), &right).unwrap();
    for wrong in [
        "",
        " ",
        right.trim_end_matches('='),
        &right[1..],
        &format!("{right} "),
        &format!("{right}{right}"),
        &right.replace('+', "-").replace('/', "_"),
    ] {
        assert!(signer.verify(body.as_bytes(), wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn signers_show_no_secret() {
    let shown = [
        format!("{:?}", signer("made-up-secret", "amp_key")),
        format!(
            "{:?}",
            HmacSigner::new("id", "made-up-secret".into()).unwrap()
        ),
        format!("{:?}", WebhookSigner::new("made-up-secret".into()).unwrap()),
    ];
    for text in shown {
        assert!(!text.contains("made-up-secret"), "{text}");
    }
}
