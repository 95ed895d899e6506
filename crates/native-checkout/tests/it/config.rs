//! What is configured, from where, and what is said when it is not.

use std::collections::HashMap;

use paymux_core::{ErrorKind, Outcome, PaymentProvider, WebhookVerdict};
use paymux_native_checkout::{ConfigKey, NativeCheckout, NativeCheckoutBuilder, TYPE_NAME};

#[test]
fn keys_have_one_spelling_everywhere() {
    for key in ConfigKey::ALL {
        assert_eq!(key.name().parse::<ConfigKey>().unwrap(), key);
        let derived = format!("PAYMUX_{TYPE_NAME}_{key}")
            .replace('-', "_")
            .to_ascii_uppercase();
        assert_eq!(key.env(), derived);
    }
    let error = "appid".parse::<ConfigKey>().unwrap_err();
    assert!(
        error.message().contains("app_id, app_key, base_url"),
        "{error}"
    );
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let error = NativeCheckout::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.outcome(), Outcome::NotSent);
    for name in [
        "PAYMUX_NATIVE_CHECKOUT_APP_ID",
        "PAYMUX_NATIVE_CHECKOUT_APP_KEY",
    ] {
        assert!(error.message().contains(name), "{error}");
    }
    let error = NativeCheckout::builder()
        .with_app_id("a")
        .build()
        .unwrap_err();
    assert!(!error.message().contains("APP_ID"), "{error}");
}

#[test]
fn what_is_wrong_is_told_without_repeating_secrets() {
    let with = |id: &str, key: &str, url: &str| {
        NativeCheckout::builder()
            .with_name("eu".parse().unwrap())
            .with_app_id(id)
            .with_app_key(key.into())
            .with_base_url(url)
            .build()
            .unwrap_err()
    };
    for (error, says) in [
        (with("", "key", "https://api.example"), "APPID"),
        (with("a\nb", "key", "https://api.example"), "APPID"),
        (with("app", "", "https://api.example"), "app key"),
        (with("app", "canary ", "https://api.example"), "app key"),
        (with("app", "canary", "http://api.example"), "plain http"),
        (with("app", "canary", "https://api.example/api"), "path"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.provider().unwrap().as_str(), "eu");
        assert!(error.message().contains(says), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn variables_are_taken_where_they_are_set() {
    let vars = HashMap::from([
        ("PAYMUX_NATIVE_CHECKOUT_APP_ID", "app"),
        ("PAYMUX_NATIVE_CHECKOUT_APP_KEY", "key"),
        ("PAYMUX_NATIVE_CHECKOUT_BASE_URL", ""),
    ]);
    let provider = NativeCheckoutBuilder::new()
        .with_config(ConfigKey::BaseUrl, "https://127.0.0.1:1")
        .from_vars(|name| vars.get(name).map(|&value| value.to_owned()))
        .build()
        .unwrap();
    assert!(format!("{provider:?}").contains("127.0.0.1:1"));
    assert_eq!(provider.name().as_str(), TYPE_NAME);
}

#[test]
fn a_provider_tells_what_it_can() {
    let provider = NativeCheckout::builder()
        .with_app_id("app")
        .with_app_key("key".into())
        .build()
        .unwrap();
    assert!(provider.payouts().is_some());
    assert!(provider.quotes().is_some());
    assert!(provider.catalog().is_some());
    assert!(provider.balances().is_some());
    assert!(provider.deposit_addresses().is_some());
    assert!(provider.search().is_none());
    assert_eq!(
        serde_json::to_value(provider.capabilities()).unwrap(),
        serde_json::json!({
            "webhook_proof": "signed",
            "asset_required": true,
            "idempotency": "undocumented",
            "payout_correlation": "callback_url",
            "hints": {"description": false, "return_url": false, "metadata": false},
            "expiry": {"default": 1800},
        })
    );
    for (verdict, status, body) in [
        (WebhookVerdict::Accepted, 200, "success"),
        (WebhookVerdict::Refused, 400, "fail"),
        (WebhookVerdict::TryAgain, 503, "fail"),
    ] {
        let answer = provider.webhook_answer(&paymux_core::RawWebhook::new("{}"), verdict);
        assert_eq!((answer.status, answer.body), (status, body));
    }
}
