//! The embedded sandbox's gateways as an application sets them up.

use paymux::setup::Setup;
use paymux::unipayment::{ConfigKey, Generation, Md5Rule};
use paymux::{ProviderName, Result};
use paymux_sandbox::Sandbox;

pub(super) const HALO: &str = paymux::native_checkout::TYPE_NAME;
pub(super) const UNIPAYMENT: &str = paymux::unipayment::TYPE_NAME;

/// The symbol that payouts of UniPayment's last generation are made in.
pub(super) const PAYOUT_SYMBOL: &str = "USDT";

/// HaloPay on this sandbox.
pub(super) fn halo(sandbox: &Sandbox, base_url: &str) -> Result<Setup> {
    let halo = sandbox.halo();
    Setup::new(ProviderName::from_static(HALO), HALO)?
        .with("base_url", base_url)?
        .with("app_id", halo.app_id())?
        .with("app_key", halo.app_key())
}

/// UniPayment on this sandbox, with the credentials of all its generations: `auth` alone chooses one.
pub(super) fn unipayment(
    sandbox: &Sandbox,
    base_url: &str,
    generation: Generation,
) -> Result<Setup> {
    let gateway = sandbox.unipayment();
    let account = gateway.account_id(PAYOUT_SYMBOL).unwrap_or_default();
    let mut setup = Setup::new(ProviderName::from_static(UNIPAYMENT), UNIPAYMENT)?;
    for (key, value) in [
        (ConfigKey::Auth, generation.name().to_owned()),
        (ConfigKey::BaseUrl, base_url.to_owned()),
        (ConfigKey::AppId, gateway.app_id().to_owned()),
        (ConfigKey::AppKey, gateway.app_key().to_owned()),
        (ConfigKey::Md5Rule, Md5Rule::default().to_string()),
        (ConfigKey::ClientId, gateway.client_id().to_owned()),
        (ConfigKey::ClientSecret, gateway.client_secret().to_owned()),
        (ConfigKey::WebhookSecret, gateway.webhook_secret()),
        (ConfigKey::FromAccountId, account),
        (ConfigKey::PayoutReason, "OperatingExpense".to_owned()),
    ] {
        setup.set(key.name(), value)?;
    }
    Ok(setup)
}
