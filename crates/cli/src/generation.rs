//! The generations of UniPayment's interface: which one an instance speaks, and what each can do.

use paymux::setup::{ProviderType, Setup};
use paymux::unipayment::{ConfigKey, Generation, TYPE_NAME};
use paymux::{Error, Result};
use secrecy::ExposeSecret;

use crate::power::Power;

/// The generation that an instance speaks; `None` for another gateway, and where the setting cannot be
/// read.
pub(crate) fn of(setup: &Setup) -> Option<Generation> {
    if setup.provider_type().name() != TYPE_NAME {
        return None;
    }
    match setup.get(ConfigKey::Auth.name()) {
        Some(auth) => auth.expose_secret().parse().ok(),
        None => Some(Generation::default()),
    }
}

/// The generation that `PAYMUX_UNIPAYMENT_AUTH` chooses.
///
/// # Errors
/// `Configuration` that names the generations there are.
pub(crate) fn of_environment() -> Result<Generation> {
    let variable = ConfigKey::Auth.env();
    match std::env::var(variable) {
        Ok(auth) if !auth.is_empty() => auth.parse().map_err(|error: Error| {
            Error::configuration(format!("{variable}: {}", error.message()))
        }),
        _ => Ok(Generation::default()),
    }
}

/// The generations that have a power. Providers are asked which are built without real credentials
/// and never called.
pub(crate) fn names_with(power: Power) -> Vec<&'static str> {
    Generation::ALL
        .into_iter()
        .filter(|generation| {
            uncalled(*generation)
                .and_then(|setup| setup.build())
                .is_ok_and(|provider| power.is_there(provider.as_ref()))
        })
        .map(Generation::name)
        .collect()
}

/// The settings that a generation needs, by their environment variables.
pub(crate) fn needs(generation: Generation) -> Vec<&'static str> {
    ConfigKey::ALL
        .into_iter()
        .filter(|key| key.is_required_by(generation))
        .map(ConfigKey::env)
        .collect()
}

fn uncalled(generation: Generation) -> Result<Setup> {
    let mut setup = ProviderType::named(TYPE_NAME)?
        .setup()
        .with(ConfigKey::Auth.name(), generation.name())?;
    for key in setup.missing() {
        setup.set(key.name, "none")?;
    }
    Ok(setup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_generation_has_a_search_and_no_wallet() {
        assert_eq!(names_with(Power::Payouts), ["hmac", "oauth"]);
        assert_eq!(names_with(Power::Search), ["md5", "hmac", "oauth"]);
        assert!(names_with(Power::DepositAddresses).is_empty());
    }

    #[test]
    fn an_instance_speaks_what_its_settings_say() {
        let setup = || ProviderType::named(TYPE_NAME).unwrap().setup();
        assert_eq!(of(&setup()), Some(Generation::OAuth));
        let with = |auth: &str| setup().with("auth", auth).unwrap();
        assert_eq!(of(&with("md5")), Some(Generation::Md5));
        assert_eq!(of(&with("md6")), None);
        let other = ProviderType::named("native-checkout").unwrap().setup();
        assert_eq!(of(&other), None);
    }
}
