//! What has to be configured, and under which names.

#[cfg(feature = "client")]
mod builder;

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "client")]
pub use builder::NativeCheckoutBuilder;
use paymux_core::{Error, Result};

/// The gateway's own base URL (docs.pay.halochat.io, "API specification: common rules").
pub const DEFAULT_BASE_URL: &str = "https://api.pay.halochat.io";

/// What can be configured.
///
/// | key | name | environment variable | required |
/// |---|---|---|---|
/// | [`AppId`](Self::AppId) | `app_id` | `PAYMUX_NATIVE_CHECKOUT_APP_ID` | yes |
/// | [`AppKey`](Self::AppKey) | `app_key` | `PAYMUX_NATIVE_CHECKOUT_APP_KEY` | yes |
/// | [`BaseUrl`](Self::BaseUrl) | `base_url` | `PAYMUX_NATIVE_CHECKOUT_BASE_URL` | no |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigKey {
    /// The application's APPID, from the AppManage page.
    AppId,
    /// The application's key, from the AppManage page: it signs requests and proves webhooks.
    AppKey,
    /// Scheme, host and port of the gateway; [`DEFAULT_BASE_URL`] where it is not given.
    BaseUrl,
}

impl ConfigKey {
    /// Every key.
    pub const ALL: [Self; 3] = [Self::AppId, Self::AppKey, Self::BaseUrl];

    /// The name in configuration files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppId => "app_id",
            Self::AppKey => "app_key",
            Self::BaseUrl => "base_url",
        }
    }

    /// The environment variable.
    #[must_use]
    pub const fn env(self) -> &'static str {
        match self {
            Self::AppId => "PAYMUX_NATIVE_CHECKOUT_APP_ID",
            Self::AppKey => "PAYMUX_NATIVE_CHECKOUT_APP_KEY",
            Self::BaseUrl => "PAYMUX_NATIVE_CHECKOUT_BASE_URL",
        }
    }

    /// Whether nothing works without it.
    #[must_use]
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::BaseUrl)
    }

    /// Whether its value must be shown nowhere.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::AppKey)
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
                    "{name:?} is no setting of native-checkout; use one of {}",
                    names.join(", ")
                ))
            })
    }
}
