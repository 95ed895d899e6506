//! What is configured, from where, and what is said when it is not.

use std::collections::HashMap;

use paymux_core::{Correlation, ErrorKind, Outcome, PaymentProvider, Proof, WebhookVerdict};
use paymux_unipayment::{ConfigKey, Generation, TYPE_NAME, UniPayment, UniPaymentBuilder};

fn whole(generation: Generation) -> UniPaymentBuilder {
    UniPayment::builder()
        .with_generation(generation)
        .with_app_id("app")
        .with_app_key("canary-key".into())
        .with_client_id("client")
        .with_client_secret("canary-secret".into())
        .with_webhook_secret("canary-webhook".into())
}

#[test]
fn keys_have_one_spelling_everywhere() {
    for key in ConfigKey::ALL {
        assert_eq!(key.name().parse::<ConfigKey>().unwrap(), key);
        let derived = format!("PAYMUX_{TYPE_NAME}_{key}").to_ascii_uppercase();
        assert_eq!(key.env(), derived);
    }
    let error = "appid".parse::<ConfigKey>().unwrap_err();
    assert!(error.message().contains("auth, app_id, app_key"), "{error}");
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    for (generation, needed, other) in [
        (Generation::Md5, vec!["APP_ID", "APP_KEY"], "CLIENT_ID"),
        (
            Generation::Hmac,
            vec!["APP_ID", "CLIENT_ID", "CLIENT_SECRET"],
            "WEBHOOK_SECRET",
        ),
        (
            Generation::OAuth,
            vec!["APP_ID", "CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_SECRET"],
            "APP_KEY",
        ),
    ] {
        let builder = UniPayment::builder().with_generation(generation);
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.outcome(), Outcome::NotSent);
        for name in needed {
            let name = format!("PAYMUX_UNIPAYMENT_{name}");
            assert!(error.message().contains(&name), "{error}");
        }
        assert!(!error.message().contains(other), "{error}");
    }
    let error = UniPayment::builder().build().unwrap_err();
    assert!(error.message().contains("oauth"), "{error}");
}

#[test]
fn what_is_wrong_is_told_without_repeating_secrets() {
    use ConfigKey::{AppId, AppKey, Auth, AutoConfirm, BaseUrl, ClientSecret, Md5Rule};
    use Generation::{Hmac, Md5, OAuth};
    for (generation, key, value, says) in [
        (Md5, AppId, "a b", "app id"),
        (Md5, AppKey, "canary ", "app key"),
        (Md5, Md5Rule, "sorted", "type_dropped/amp_key/lower"),
        (Hmac, ClientSecret, "", "client secret"),
        (OAuth, ClientSecret, " canary", "client secret"),
        (OAuth, Auth, "basic", "md5, hmac or oauth"),
        (OAuth, BaseUrl, "http://api.example", "plain http"),
        (OAuth, ConfigKey::PayoutReason, "Fun", "OperatingExpense"),
        (Hmac, AutoConfirm, "yes", "true or false"),
        (OAuth, ConfigKey::WebhookSecret, "", "webhook secret"),
    ] {
        let builder = whole(generation).with_name("eu".parse().unwrap());
        let error = builder.with_config(key, value).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.provider().unwrap().as_str(), "eu");
        assert!(error.message().contains(says), "{key}: {error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn variables_are_taken_where_they_are_set() {
    let vars = HashMap::from([
        ("PAYMUX_UNIPAYMENT_AUTH", "md5"),
        ("PAYMUX_UNIPAYMENT_APP_ID", "app"),
        ("PAYMUX_UNIPAYMENT_APP_KEY", "canary-key"),
        ("PAYMUX_UNIPAYMENT_MD5_RULE", "direct"),
        ("PAYMUX_UNIPAYMENT_BASE_URL", ""),
    ]);
    let builder = UniPaymentBuilder::new().from_vars(|name| vars.get(name).map(|&v| v.to_owned()));
    assert!(!format!("{builder:?}").contains("canary"));
    let provider = builder.build().unwrap();
    let shown = format!("{provider:?}");
    assert!(shown.contains("type_dropped/direct/lower"), "{shown}");
    assert!(shown.contains("\"unipayment.io\""), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(provider.name().as_str(), TYPE_NAME);
}

#[test]
fn a_provider_tells_what_its_generation_can() {
    for (generation, proof, correlation, has_wallet) in [
        (Generation::Md5, Proof::Weak, Correlation::None, false),
        (
            Generation::Hmac,
            Proof::Checked,
            Correlation::CallbackUrl,
            true,
        ),
        (
            Generation::OAuth,
            Proof::Signed,
            Correlation::Reference,
            true,
        ),
    ] {
        let provider = whole(generation).build().unwrap();
        assert_eq!(provider.client().generation(), generation);
        let capabilities = provider.capabilities();
        assert_eq!(capabilities.webhook_proof, proof);
        assert_eq!(capabilities.payout_correlation, correlation);
        assert!(!capabilities.asset_required);
        assert!(provider.search().is_some());
        for power in [
            provider.payouts().is_some(),
            provider.quotes().is_some(),
            provider.catalog().is_some(),
            provider.balances().is_some(),
        ] {
            assert_eq!(power, has_wallet, "{generation}");
        }
        for (verdict, status, body) in [
            (WebhookVerdict::Accepted, 200, "SUCCESS"),
            (WebhookVerdict::Refused, 400, "Fail"),
            (WebhookVerdict::TryAgain, 503, "Fail"),
        ] {
            let answer = provider.webhook_answer(&paymux_core::RawWebhook::new("{}"), verdict);
            assert_eq!((answer.status, answer.body), (status, body));
        }
    }
}
