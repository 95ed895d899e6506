//! HaloPay Native Checkout.

use std::sync::Arc;

use paymux_native_checkout::{ConfigKey, NativeCheckout, TYPE_NAME};
use secrecy::ExposeSecret;

use super::{ProviderType, SettingKey, Setup};
use crate::{PaymentProvider, Result};

pub(super) const TYPE: ProviderType = ProviderType {
    name: TYPE_NAME,
    settings,
    is_required: |_, key| key.required,
    build,
};

fn settings() -> Vec<SettingKey> {
    let setting = |key: &ConfigKey| SettingKey {
        name: key.name(),
        variable: key.env(),
        required: key.is_required(),
        secret: key.is_secret(),
    };
    ConfigKey::ALL.iter().map(setting).collect()
}

fn build(setup: &Setup) -> Result<Arc<dyn PaymentProvider>> {
    let mut builder = NativeCheckout::builder().with_name(setup.name.clone());
    for (key, value) in &setup.values {
        builder = builder.with_config(key.parse::<ConfigKey>()?, value.expose_secret());
    }
    Ok(Arc::new(builder.build()?))
}
