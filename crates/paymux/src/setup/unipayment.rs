//! UniPayment.

use std::sync::Arc;

use paymux_unipayment::{ConfigKey, Generation, TYPE_NAME, UniPayment};
use secrecy::ExposeSecret;

use super::{ProviderType, SettingKey, Setup};
use crate::{PaymentProvider, Result};

pub(super) const TYPE: ProviderType = ProviderType {
    name: TYPE_NAME,
    settings,
    is_required,
    build,
};

fn settings() -> Vec<SettingKey> {
    let setting = |key: &ConfigKey| SettingKey {
        name: key.name(),
        variable: key.env(),
        required: key.is_required_by(Generation::default()),
        secret: key.is_secret(),
    };
    ConfigKey::ALL.iter().map(setting).collect()
}

/// Which credentials there must be depends on the generation. Where that cannot be read, nothing else
/// is asked for: `build` says what is wrong with it.
fn is_required(setup: &Setup, key: &SettingKey) -> bool {
    let generation = match setup.values.get(ConfigKey::Auth.name()) {
        Some(auth) => auth.expose_secret().parse::<Generation>(),
        None => Ok(Generation::default()),
    };
    let key = key.name.parse::<ConfigKey>();
    generation.is_ok_and(|generation| key.is_ok_and(|key| key.is_required_by(generation)))
}

fn build(setup: &Setup) -> Result<Arc<dyn PaymentProvider>> {
    let mut builder = UniPayment::builder().with_name(setup.name.clone());
    for (key, value) in &setup.values {
        builder = builder.with_config(key.parse::<ConfigKey>()?, value.expose_secret());
    }
    Ok(Arc::new(builder.build()?))
}
