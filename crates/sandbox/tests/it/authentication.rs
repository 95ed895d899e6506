//! Who is let in.

use chrono::TimeDelta;
use paymux_sandbox::Sandbox;
use serde_json::Value;

use crate::client::{Answer, Merchant, sign, unix_now};

const BODY: &[u8] = b"{}";
const PATH: &str = "/api/currency/token-list";
const KEY: &str = "halo-made-up-app-key-0123456789abcdef";

async fn sandbox_of_the_vectors() -> Sandbox {
    let sandbox = Sandbox::builder()
        .halo_credentials("madeupappid00001", KEY)
        .start()
        .await
        .unwrap();
    sandbox.shift_clock(TimeDelta::seconds(1_700_000_000 - unix_now()));
    // The newest vector is signed at 1700001801; the window is not what these are about.
    sandbox.update_settings(|settings| {
        settings.timestamp_past = std::time::Duration::from_secs(3600);
        settings.timestamp_ahead = std::time::Duration::from_secs(3600);
    });
    sandbox
}

fn vectors(kind: &str) -> Vec<Value> {
    let all = include_str!("../fixtures/halo_signing_vectors.json");
    let all: Value = serde_json::from_str(all).unwrap();
    all[kind].as_array().unwrap().clone()
}

async fn send_vector(sandbox: &Sandbox, vector: &Value, signature: &str) -> Answer {
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let headers = [
        ("content-type".to_owned(), "application/json".to_owned()),
        ("X-Appid".to_owned(), "madeupappid00001".to_owned()),
        ("X-Timestamp".to_owned(), text("timestamp")),
        ("X-Sign".to_owned(), signature.to_owned()),
    ];
    let merchant = Merchant::of(sandbox);
    let body = text("body");
    merchant
        .send("POST", "/api/order/detail", &headers, body.as_bytes())
        .await
}

#[tokio::test]
async fn every_positive_vector_passes() {
    let sandbox = sandbox_of_the_vectors().await;
    let vectors = vectors("positive");
    assert_eq!(vectors.len(), 11);
    for vector in vectors {
        let signature = vector["expected_x_sign"].as_str().unwrap();
        let answer = send_vector(&sandbox, &vector, signature).await;
        // Beyond the door, most of these bodies are no order/detail request: that is 1004 or 1006.
        let code = answer.code();
        assert!(
            matches!(code, 1004 | 1006),
            "{}: {}",
            vector["name"],
            answer.text()
        );
    }
}

#[tokio::test]
async fn every_negative_vector_is_refused() {
    let sandbox = sandbox_of_the_vectors().await;
    let vectors = vectors("negative");
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let signature = vector["x_sign"].as_str().unwrap();
        let answer = send_vector(&sandbox, &vector, signature).await;
        assert_eq!(
            (answer.status, answer.code()),
            (200, 1001),
            "{}",
            vector["name"]
        );
        assert_eq!(answer.json()["data"], Value::Null);
    }
}

async fn refusal_of(change: impl FnOnce(&Merchant, &mut Vec<(String, String)>)) -> Answer {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let mut headers = merchant.proof(BODY);
    let right = headers[2].1.clone();
    change(&merchant, &mut headers);
    let answer = merchant.send("POST", PATH, &headers, BODY).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"], Value::Null);
    for secret in [&right, &merchant.app_key] {
        assert!(
            !answer.text().contains(secret.as_str()),
            "{}",
            answer.text()
        );
    }
    answer
}

fn set(headers: &mut [(String, String)], name: &str, value: &str) {
    let header = headers.iter_mut().find(|(known, _)| known == name).unwrap();
    header.1 = value.to_owned();
}

#[tokio::test]
async fn a_missing_header_is_refused() {
    for (name, code) in [("X-Appid", 1003), ("X-Timestamp", 1002), ("X-Sign", 1001)] {
        let answer = refusal_of(|_, headers| headers.retain(|(known, _)| known != name)).await;
        assert_eq!(answer.code(), code);
        assert_eq!(answer.msg(), format!("{name} is missing"));
    }
}

#[tokio::test]
async fn a_doubled_header_is_refused_even_if_both_are_right() {
    for (name, code) in [("X-Appid", 1003), ("X-Timestamp", 1002), ("X-Sign", 1001)] {
        let answer = refusal_of(|_, headers| {
            let again = headers
                .iter()
                .find(|(known, _)| known == name)
                .unwrap()
                .clone();
            headers.push(again);
        })
        .await;
        assert_eq!(answer.code(), code);
        assert_eq!(answer.msg(), format!("{name} is there twice; send it once"));
    }
}

#[tokio::test]
async fn another_app_is_refused() {
    let answer = refusal_of(|_, headers| set(headers, "X-Appid", "0000000000000000")).await;
    assert_eq!(answer.code(), 1003);
}

#[tokio::test]
async fn a_signature_of_another_form_is_refused() {
    for form in ["upper", "padded", "prefixed", "short", "empty"] {
        let answer = refusal_of(|_, headers| {
            let right = headers[2].1.clone();
            let wrong = match form {
                "upper" => right.to_ascii_uppercase(),
                "padded" => format!("{right}00"),
                "prefixed" => format!("0x{right}"),
                "short" => right[..62].to_owned(),
                _ => String::new(),
            };
            set(headers, "X-Sign", &wrong);
        })
        .await;
        assert_eq!(answer.code(), 1001, "{form}");
        assert!(
            answer.msg().contains("64 lowercase hexadecimal digits"),
            "{form}"
        );
    }
}

#[tokio::test]
async fn a_signature_over_something_else_is_refused() {
    for wrong in ["other key", "other body", "timestamp first"] {
        let answer = refusal_of(|merchant, headers| {
            let timestamp = headers[3].1.clone();
            let key = merchant.app_key.as_str();
            let signature = match wrong {
                "other key" => sign("another key", BODY, &timestamp),
                "other body" => sign(key, b"{ }", &timestamp),
                _ => sign(key, timestamp.as_bytes(), "{}"),
            };
            set(headers, "X-Sign", &signature);
        })
        .await;
        assert_eq!(answer.code(), 1001, "{wrong}");
    }
}

#[tokio::test]
async fn a_timestamp_of_another_form_is_refused() {
    let now = unix_now();
    for timestamp in [
        format!("{now}000"),
        format!("{now}.0"),
        format!("+{}", &now.to_string()[1..]),
        "0".to_owned(),
        "now".to_owned(),
    ] {
        let answer = refusal_of(|merchant, headers| {
            set(
                headers,
                "X-Sign",
                &sign(&merchant.app_key, BODY, &timestamp),
            );
            set(headers, "X-Timestamp", &timestamp);
        })
        .await;
        assert_eq!(answer.code(), 1002, "{timestamp}");
        assert!(answer.msg().contains("ten digits"), "{timestamp}");
    }
}

#[tokio::test]
async fn a_timestamp_outside_the_window_is_refused_though_signed() {
    for (offset, word) in [(-300, "old"), (300, "ahead")] {
        let answer = refusal_of(|merchant, headers| {
            *headers = merchant.proof_at(BODY, unix_now() + offset);
        })
        .await;
        assert_eq!(answer.code(), 1002);
        assert!(answer.msg().contains(word), "{}", answer.msg());
    }
}

#[tokio::test]
async fn a_timestamp_inside_the_window_is_taken() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    for offset in [-60, 60] {
        let headers = merchant.proof_at(BODY, unix_now() + offset);
        assert_eq!(merchant.send("POST", PATH, &headers, BODY).await.code(), 0);
    }
}

#[tokio::test]
async fn a_shifted_clock_makes_a_right_caller_stale() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.shift_clock(TimeDelta::minutes(10));
    assert_eq!(merchant.call(PATH, "{}").await.code(), 1002);
    sandbox.shift_clock(TimeDelta::minutes(-10));
    assert_eq!(merchant.call(PATH, "{}").await.code(), 0);
}

#[tokio::test]
async fn codes_can_be_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.update_settings(|settings| settings.codes.unknown_app = 40_100);
    let merchant = Merchant::of(&sandbox);
    assert_eq!(merchant.send("POST", PATH, &[], BODY).await.code(), 40_100);
}

#[tokio::test]
async fn impossible_credentials_are_refused_at_the_start() {
    for (app_id, app_key) in [("", "key"), ("a b", "key"), ("app", "")] {
        let builder = Sandbox::builder().halo_credentials(app_id, app_key);
        let error = builder.start().await.unwrap_err();
        assert!(error.to_string().contains("ASCII letters and digits"));
    }
}
