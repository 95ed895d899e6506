//! What has to be configured, and under which names.

#[cfg(feature = "client")]
mod builder;

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "client")]
pub use builder::UniPaymentBuilder;
use paymux_core::{Error, Result};

use crate::generation::Generation;

/// What can be configured.
///
/// | key | name | environment variable | required by |
/// |---|---|---|---|
/// | [`Auth`](Self::Auth) | `auth` | `PAYMUX_UNIPAYMENT_AUTH` | |
/// | [`AppId`](Self::AppId) | `app_id` | `PAYMUX_UNIPAYMENT_APP_ID` | all |
/// | [`AppKey`](Self::AppKey) | `app_key` | `PAYMUX_UNIPAYMENT_APP_KEY` | `md5` |
/// | [`Md5Rule`](Self::Md5Rule) | `md5_rule` | `PAYMUX_UNIPAYMENT_MD5_RULE` | |
/// | [`ClientId`](Self::ClientId) | `client_id` | `PAYMUX_UNIPAYMENT_CLIENT_ID` | `hmac`, `oauth` |
/// | [`ClientSecret`](Self::ClientSecret) | `client_secret` | `PAYMUX_UNIPAYMENT_CLIENT_SECRET` | `hmac`, `oauth` |
/// | [`WebhookSecret`](Self::WebhookSecret) | `webhook_secret` | `PAYMUX_UNIPAYMENT_WEBHOOK_SECRET` | `oauth` |
/// | [`BaseUrl`](Self::BaseUrl) | `base_url` | `PAYMUX_UNIPAYMENT_BASE_URL` | |
/// | [`FromAccountId`](Self::FromAccountId) | `from_account_id` | `PAYMUX_UNIPAYMENT_FROM_ACCOUNT_ID` | |
/// | [`PayoutReason`](Self::PayoutReason) | `payout_reason` | `PAYMUX_UNIPAYMENT_PAYOUT_REASON` | |
/// | [`AutoConfirm`](Self::AutoConfirm) | `auto_confirm` | `PAYMUX_UNIPAYMENT_AUTO_CONFIRM` | |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigKey {
    /// The [`Generation`]: `md5`, `hmac` or `oauth`, which is the default.
    Auth,
    /// The payment app's id, from the merchant's console.
    AppId,
    /// The app's key, which signs requests, answers and webhooks of `md5`.
    AppKey,
    /// The [`Md5Rule`](crate::Md5Rule) of `md5`; `amp_key` where it is not given.
    Md5Rule,
    /// The open client's id of `hmac` and `oauth`.
    ClientId,
    /// The open client's secret of `hmac` and `oauth`.
    ClientSecret,
    /// The secret that proves webhooks of `oauth`. `hmac` asks the gateway instead.
    WebhookSecret,
    /// Scheme, host and port of the gateway; [`Generation::default_base_url`] where it is not given.
    BaseUrl,
    /// The wallet's account that payouts of `oauth` come from.
    FromAccountId,
    /// What payouts of `oauth` are for, such as `OperatingExpense`.
    PayoutReason,
    /// Whether payouts of `hmac` go out without a confirmation by mail: `true` (default) or `false`.
    AutoConfirm,
}

impl ConfigKey {
    /// Every key.
    pub const ALL: [Self; 11] = [
        Self::Auth,
        Self::AppId,
        Self::AppKey,
        Self::Md5Rule,
        Self::ClientId,
        Self::ClientSecret,
        Self::WebhookSecret,
        Self::BaseUrl,
        Self::FromAccountId,
        Self::PayoutReason,
        Self::AutoConfirm,
    ];

    /// The name in configuration files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AppId => "app_id",
            Self::AppKey => "app_key",
            Self::Md5Rule => "md5_rule",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::WebhookSecret => "webhook_secret",
            Self::BaseUrl => "base_url",
            Self::FromAccountId => "from_account_id",
            Self::PayoutReason => "payout_reason",
            Self::AutoConfirm => "auto_confirm",
        }
    }

    /// The environment variable.
    #[must_use]
    pub const fn env(self) -> &'static str {
        match self {
            Self::Auth => "PAYMUX_UNIPAYMENT_AUTH",
            Self::AppId => "PAYMUX_UNIPAYMENT_APP_ID",
            Self::AppKey => "PAYMUX_UNIPAYMENT_APP_KEY",
            Self::Md5Rule => "PAYMUX_UNIPAYMENT_MD5_RULE",
            Self::ClientId => "PAYMUX_UNIPAYMENT_CLIENT_ID",
            Self::ClientSecret => "PAYMUX_UNIPAYMENT_CLIENT_SECRET",
            Self::WebhookSecret => "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET",
            Self::BaseUrl => "PAYMUX_UNIPAYMENT_BASE_URL",
            Self::FromAccountId => "PAYMUX_UNIPAYMENT_FROM_ACCOUNT_ID",
            Self::PayoutReason => "PAYMUX_UNIPAYMENT_PAYOUT_REASON",
            Self::AutoConfirm => "PAYMUX_UNIPAYMENT_AUTO_CONFIRM",
        }
    }

    /// Whether nothing works without it in this generation.
    #[must_use]
    pub const fn is_required_by(self, generation: Generation) -> bool {
        match self {
            Self::AppId => true,
            Self::AppKey => matches!(generation, Generation::Md5),
            Self::ClientId | Self::ClientSecret => {
                matches!(generation, Generation::Hmac | Generation::OAuth)
            }
            Self::WebhookSecret => matches!(generation, Generation::OAuth),
            Self::Auth
            | Self::Md5Rule
            | Self::BaseUrl
            | Self::FromAccountId
            | Self::PayoutReason
            | Self::AutoConfirm => false,
        }
    }

    /// Whether its value must be shown nowhere.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::AppKey | Self::ClientSecret | Self::WebhookSecret
        )
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ConfigKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|key| key.name() == name)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
                Error::configuration(format!(
                    "{name:?} is no setting of unipayment; use one of {}",
                    names.join(", ")
                ))
            })
    }
}
