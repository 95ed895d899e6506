//! `paymux webhook verify --diagnose`: which rule of UniPayment's first generation signed a captured
//! notification.

use paymux::setup::Setup;
use paymux::unipayment::{ConfigKey, Generation, Md5Rule, TYPE_NAME};
use paymux::{Error, RawWebhook};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{Context, OPERATION};
use crate::chosen::Chosen;
use crate::failure::{Failure, Task};
use crate::generation;
use crate::output::text;
use crate::routed::Routed;
use crate::setup::place_named;

/// Which rules fit.
#[derive(Debug, Serialize)]
struct DiagnosisJson {
    provider: String,
    /// Every rule under which the signature is right.
    rules: Vec<String>,
    configured: String,
    /// Whether the configured rule is one of them.
    fits: bool,
}

pub(super) async fn run(context: &Context<'_>, webhook: &RawWebhook) -> Result<(), Failure> {
    let provider = context.provider()?;
    let failed = |error: Error| provider.failed(&Task::VerifyWebhook, OPERATION, error);
    let setup = provider
        .setup()
        .ok_or_else(|| failed(needs_one_provider(&provider)))?;
    let key = key(setup).map_err(failed)?;
    let configured = configured_rule(setup).map_err(failed)?;
    let fitting = Md5Rule::all_that_fit(webhook.body(), key).map_err(failed)?;
    if fitting.is_empty() {
        return Err(failed(no_rule_fits(setup)));
    }
    let told = DiagnosisJson {
        provider: provider.name().to_string(),
        rules: fitting.iter().map(ToString::to_string).collect(),
        configured: configured.to_string(),
        fits: fitting.contains(&configured),
    };
    if told.fits {
        warn_if_refused(context, &provider, webhook).await;
    }
    context.output.result(&told, || text(&told, setup))
}

fn needs_one_provider(router: &Chosen) -> Error {
    let names = router.routed().map_or_else(Vec::new, Routed::names);
    Error::invalid_request(format!(
        "--diagnose looks at the key of one provider; name it with --provider: {}",
        names.join(", ")
    ))
}

/// The key that signs in the generation that signs by a rule.
fn key(setup: &Setup) -> Result<&SecretString, Error> {
    let name = setup.name();
    match (generation::of(setup), setup.get(ConfigKey::AppKey.name())) {
        (Some(Generation::Md5), Some(key)) => Ok(key),
        (Some(own), _) => Err(Error::unsupported(format!(
            "{name} speaks {own}, whose webhooks are signed by one rule; --diagnose is for md5, which has several"
        ))),
        (None, _) => Err(Error::unsupported(format!(
            "webhooks of {name} are signed by one rule; --diagnose is for {TYPE_NAME} in its generation md5"
        ))),
    }
}

fn configured_rule(setup: &Setup) -> Result<Md5Rule, Error> {
    setup.get(ConfigKey::Md5Rule.name()).map_or_else(
        || Ok(Md5Rule::default()),
        |rule| rule.expose_secret().parse(),
    )
}

fn no_rule_fits(setup: &Setup) -> Error {
    let place = |key: ConfigKey| place_named(setup, key.name()).unwrap_or_default();
    Error::invalid_signature(format!(
        "none of the {} rules fits the notification",
        Md5Rule::ALL.len()
    ))
    .with_hint(format!(
        "check that {} is the key of the payment app {}, and that the body is byte for byte as it came",
        place(ConfigKey::AppKey),
        place(ConfigKey::AppId),
    ))
}

/// A notification can be refused though its signature is right: it may be another app's.
async fn warn_if_refused(context: &Context<'_>, provider: &Chosen, webhook: &RawWebhook) {
    if let Err(error) = provider.verify_webhook(webhook).await {
        context.output.note(&format!(
            "{}: the signature is right and the notification is refused all the same: {}",
            text::waiting("warning"),
            text::clean(error.message())
        ));
    }
}

fn text(told: &DiagnosisJson, setup: &Setup) -> String {
    let rows = Md5Rule::ALL.iter().map(|rule| {
        let rule = rule.to_string();
        let fits = if told.rules.contains(&rule) {
            text::good("fits")
        } else {
            "no".to_owned()
        };
        let is_configured = rule == told.configured;
        let mark = if is_configured { "x" } else { "" };
        vec![rule, fits, mark.to_owned()]
    });
    let table = text::rules(rows.collect());
    format!("{table}\n\n{}", advice(told, setup))
}

fn advice(told: &DiagnosisJson, setup: &Setup) -> String {
    let place = place_named(setup, ConfigKey::Md5Rule.name()).unwrap_or_default();
    let is_variable = place == ConfigKey::Md5Rule.env();
    let settings: Vec<String> = told
        .rules
        .iter()
        .map(|rule| match is_variable {
            true => format!("{place}={rule}"),
            false => format!("{place} = \"{rule}\""),
        })
        .collect();
    match (told.fits, settings.as_slice()) {
        (true, [_]) => "The configured rule fits: nothing is to be changed.".to_owned(),
        (true, _) => {
            "The configured rule fits. Others fit too, since this notification does not tell them \
                      apart; one with a sign_type would."
                .to_owned()
        }
        (false, [only]) => format!("Set {only}"),
        (false, several) => format!(
            "This notification does not tell the rules apart that fit; one with a sign_type would. Set one of\n{}",
            several.join("\n")
        ),
    }
}
