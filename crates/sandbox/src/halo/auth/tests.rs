use secrecy::SecretString;
use serde_json::Value;

use super::{Credentials, check_timestamp};
use crate::settings::Settings;
use crate::signer::Signer;

fn vectors(kind: &str) -> Vec<Value> {
    let all = include_str!("../../../tests/fixtures/halo_signing_vectors.json");
    let all: Value = serde_json::from_str(all).unwrap();
    all[kind].as_array().unwrap().clone()
}

#[test]
fn notices_and_answers_are_signed_as_the_vectors_say() {
    for vector in vectors("positive") {
        let text = |name: &str| vector[name].as_str().unwrap();
        let key = SecretString::from(text("app_key"));
        let credentials = Credentials::new(text("appid").to_owned(), key).unwrap();
        let timestamp = text("timestamp").parse().unwrap();
        for (name, value) in credentials.headers(text("body").as_bytes(), timestamp) {
            assert_eq!(vector["headers"][name], value, "{}", text("name"));
        }
    }
}

#[test]
fn the_window_is_that_of_the_vectors_and_takes_both_ends() {
    for vector in vectors("window") {
        let (now, timestamp) = (&vector["now"], &vector["timestamp"]);
        let checked = check_timestamp(
            &timestamp.to_string(),
            now.as_i64().unwrap(),
            &Settings::default(),
        );
        // What the documents leave open is taken.
        let fresh = vector["fresh"].as_bool().unwrap_or(true);
        assert_eq!(checked.is_ok(), fresh, "{vector}");
    }
    let settings = Settings::default();
    let now = 1_700_000_000;
    for (offset, fresh) in [(-121, false), (-120, true), (120, true), (121, false)] {
        let timestamp = (now + offset).to_string();
        let checked = check_timestamp(&timestamp, now, &settings);
        assert_eq!(checked.is_ok(), fresh, "{offset}");
    }
}

#[test]
fn the_window_is_a_setting() {
    let settings = Settings {
        timestamp_past: std::time::Duration::from_secs(10),
        timestamp_ahead: std::time::Duration::ZERO,
        ..Settings::default()
    };
    for (timestamp, fresh) in [
        ("1699999990", true),
        ("1699999989", false),
        ("1700000000", true),
        ("1700000001", false),
    ] {
        let checked = check_timestamp(timestamp, 1_700_000_000, &settings);
        assert_eq!(checked.is_ok(), fresh, "{timestamp}");
    }
}
