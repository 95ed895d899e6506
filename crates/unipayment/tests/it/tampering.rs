//! A body that was changed after it was signed is refused, or still says the same.

use paymux_core::{ErrorKind, RawWebhook, WebhookSubject};
use paymux_unipayment::model::Notice;
use paymux_unipayment::{Md5Rule, Md5Signer, WebhookVerifier};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const KEY: &str = "made-up-key";

/// Names with the tokens that stand behind them.
type Members = Vec<(String, String)>;

fn original() -> Members {
    [
        ("app_id", r#""app-1""#),
        ("invoice_id", r#""12345""#),
        ("order_id", r#""20""#),
        ("price_amount", "10.86"),
        ("price_currency", r#""USD""#),
        ("network", r#""NETWORK_TRX""#),
        ("address", r#""T1""#),
        ("pay_currency", r#""USDT""#),
        ("pay_amount", "10.86"),
        ("exchange_rate", "1.0"),
        ("paid_amount", r#""10.860""#),
        ("confirmed_amount", "0.0"),
        ("create_time", r#""2022-02-28T08:22:07.745779Z""#),
        ("expiration_time", r#""2022-02-28T08:52:08""#),
        ("status", r#""Paid""#),
        ("error_status", "0"),
        ("ext_args", r#""true""#),
        ("transactions", "null"),
        ("notify_id", r#""n-1""#),
        ("sign_type", r#""MD5""#),
        ("notify_time", r#""2022-02-28T08:22:16.755499Z""#),
    ]
    .map(|(name, token)| (name.to_owned(), token.to_owned()))
    .to_vec()
}

fn json(members: &Members) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, token)| format!("{}:{token}", serde_json::to_string(name).unwrap()))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn signed(rule: Md5Rule) -> Members {
    let signer = Md5Signer::new(KEY.into(), rule).unwrap();
    let mut members = original();
    let sign = signer.sign(json(&members).as_bytes()).unwrap();
    members.push(("sign".to_owned(), format!("\"{sign}\"")));
    members
}

struct Told {
    notice: Notice,
    subject: WebhookSubject,
    dedup_key: String,
}

fn verify(members: &Members, rule: Md5Rule) -> paymux_core::Result<Told> {
    let webhook = RawWebhook::new(json(members));
    let verifier = WebhookVerifier::md5(KEY.into(), rule).unwrap();
    let event = verifier.verify(&webhook)?;
    Ok(Told {
        notice: verifier.verify_notice(&webhook)?,
        subject: event.subject,
        dedup_key: event.dedup_key,
    })
}

/// Panics unless the changed body is refused, or tells what the original tells. Where only what is
/// not signed was changed, into something that cannot be read, the proof still holds.
fn refused_or_the_same(changed: &Members, rule: Md5Rule) -> bool {
    let told = verify(&signed(rule), rule).unwrap();
    match verify(changed, rule) {
        Ok(again) => {
            assert_eq!(again.notice, told.notice, "{}", json(changed));
            assert_eq!(again.subject, told.subject, "{}", json(changed));
            assert_eq!(again.dedup_key, told.dedup_key, "{}", json(changed));
            false
        }
        Err(error) => {
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::InvalidSignature | ErrorKind::InvalidResponse
                ),
                "{error}: {}",
                json(changed)
            );
            true
        }
    }
}

/// Whether the rule signs this member of [`original`].
fn is_signed(name: &str, rule: Md5Rule) -> bool {
    match name {
        "transactions" => false,
        "sign_type" => rule.type_member == paymux_unipayment::TypeMember::Kept,
        _ => true,
    }
}

#[test]
fn each_member_changed_removed_or_renamed() {
    for rule in Md5Rule::ALL {
        for at in 0..signed(rule).len() {
            let name = signed(rule)[at].0.clone();

            let mut removed = signed(rule);
            removed.remove(at);
            assert_eq!(
                refused_or_the_same(&removed, rule),
                is_signed(&name, rule),
                "{name} removed under {rule}"
            );
            for token in [
                "\"other\"",
                "\"1&a=2\"",
                "99",
                "0.1",
                "false",
                "null",
                "\"\"",
                "{}",
                "[1]",
            ] {
                let mut changed = signed(rule);
                changed[at].1 = token.to_owned();
                let refused = refused_or_the_same(&changed, rule);
                assert!(
                    refused || !is_signed(&name, rule),
                    "{name} as {token} under {rule}"
                );
            }
            let mut renamed = signed(rule);
            renamed[at].0.push('x');
            let refused = refused_or_the_same(&renamed, rule);
            assert!(
                refused || name == "transactions",
                "{name} renamed under {rule}"
            );
        }
    }
}

#[test]
fn each_member_in_another_type() {
    let rule = Md5Rule::default();
    for at in 0..original().len() {
        let mut changed = signed(rule);
        let token = changed[at].1.clone();
        changed[at].1 = match serde_json::from_str::<String>(&token) {
            Ok(text) if serde_json::from_str::<serde_json::Value>(&text).is_ok() => text,
            Ok(text) => format!("[{}]", serde_json::to_string(&text).unwrap()),
            Err(_) => format!("\"{token}\""),
        };
        refused_or_the_same(&changed, rule);
    }
}

#[test]
fn each_pair_merged_into_one_member() {
    let rule = Md5Rule::default();
    let mut sorted = original();
    sorted.retain(|(name, _)| is_signed(name, rule));
    sorted.sort();
    let text =
        |token: &str| serde_json::from_str::<String>(token).unwrap_or_else(|_| token.to_owned());
    for pair in sorted.windows(2) {
        let [(first, value), (second, hidden)] = pair else {
            panic!("windows of two");
        };
        let joined = format!("{}&{second}={}", text(value), text(hidden));
        let mut in_value = signed(rule);
        in_value.retain(|(name, _)| name != second);
        for (name, token) in &mut in_value {
            if name == first {
                *token = serde_json::to_string(&joined).unwrap();
            }
        }
        assert!(
            refused_or_the_same(&in_value, rule),
            "{second} hidden in {first}"
        );

        let mut in_name = signed(rule);
        in_name.retain(|(name, _)| name != first && name != second);
        in_name.push((
            format!("{first}={}&{second}", text(value)),
            serde_json::to_string(&text(hidden)).unwrap(),
        ));
        assert!(
            refused_or_the_same(&in_name, rule),
            "{first} hidden in a name"
        );
    }
}

#[test]
fn transactions_that_nobody_signed_are_not_told() {
    let rule = Md5Rule::default();
    let mut changed = signed(rule);
    for (name, token) in &mut changed {
        if name == "transactions" {
            *token = r#"[{"hash":"forged","amount":10.86,"confirmation_count":99}]"#.to_owned();
        }
    }
    assert!(!refused_or_the_same(&changed, rule));
}

#[test]
fn a_member_that_is_there_twice_is_refused() {
    let rule = Md5Rule::default();
    for at in 0..signed(rule).len() {
        for copy_first in [false, true] {
            let mut doubled = signed(rule);
            let copy = doubled[at].clone();
            doubled.insert(if copy_first { 0 } else { doubled.len() }, copy);
            assert!(refused_or_the_same(&doubled, rule));
        }
    }
}

proptest! {
    #[test]
    fn order_does_not_count(order in Just(signed(Md5Rule::default())).prop_shuffle()) {
        prop_assert!(!refused_or_the_same(&order, Md5Rule::default()));
    }

    #[test]
    fn an_added_member_is_refused_or_changes_nothing(
        name in prop_oneof![
            "[a-z_&=]{1,12}",
            select(vec![
                "ipn_type", "event", "refunded_price_amount", "confirm_speed", "paid_time",
                "invoice_url", "sing_type", "payment_method_type", "host_to_host_data", "code",
            ]).prop_map(str::to_owned),
        ],
        token in select(vec![
            "1", "-0.5", "true", "null", "\"\"", "\"x\"", "\"withdrawal\"", "\"MD5\"", "{}", "[]",
            "[{\"a\":\"b\"}]", "\"2022-02-28T08:22:07Z\"",
        ]),
        at in any::<Index>(),
    ) {
        let rule = Md5Rule::default();
        let mut added = signed(rule);
        let at = at.index(added.len() + 1);
        added.insert(at, (name, token.to_owned()));
        refused_or_the_same(&added, rule);
    }

    #[test]
    fn any_altered_byte_is_refused_or_changes_nothing(at in any::<Index>(), byte in 0x20u8..0x7f) {
        let rule = Md5Rule::default();
        let verifier = WebhookVerifier::md5(KEY.into(), rule).unwrap();
        let mut body = json(&signed(rule)).into_bytes();
        let told = verifier.verify_notice(&RawWebhook::new(body.clone())).unwrap();
        let at = at.index(body.len());
        body[at] = byte;
        if let Ok(again) = verifier.verify_notice(&RawWebhook::new(body)) {
            prop_assert_eq!(again, told);
        }
    }

    #[test]
    fn what_is_signed_is_verified(
        texts in proptest::collection::btree_map("[a-z_]{1,8}", "[^&]{0,12}", 1..6),
        rule in select(Md5Rule::ALL.to_vec()),
        key in "[!-~]{1,40}",
    ) {
        let mut texts = texts;
        for reserved in ["sign", "sign_type", "sing_type"] {
            texts.remove(reserved);
        }
        prop_assume!(!texts.is_empty());
        let signer = Md5Signer::new(key.as_str().into(), rule).unwrap();
        let body = signer.signed_object(&serde_json::to_string(&texts).unwrap()).unwrap();
        signer.verify_notice(body.as_bytes()).unwrap();
        let fitting = Md5Rule::all_that_fit(body.as_bytes(), &key.as_str().into()).unwrap();
        prop_assert!(fitting.contains(&rule));
        let other = Md5Signer::new(format!("{key}x").into(), rule).unwrap();
        prop_assert!(other.verify(body.as_bytes()).is_err());
    }

    #[test]
    fn reading_never_panics(body in any::<Vec<u8>>()) {
        let _ = Notice::read(&body);
        let _ = Md5Rule::all_that_fit(&body, &KEY.into());
    }
}
