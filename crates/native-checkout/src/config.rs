//! What has to be configured, and under which names.

#[cfg(feature = "client")]
mod builder;

#[cfg(feature = "client")]
pub use builder::NativeCheckoutBuilder;
use paymux_core::adapter::config_keys;

/// The gateway's own base URL (docs.pay.halochat.io, "API specification: common rules").
pub const DEFAULT_BASE_URL: &str = "https://api.pay.halochat.io";

config_keys! {
    /// What can be configured.
    ///
    /// | key | name | environment variable | required |
    /// |---|---|---|---|
    /// | [`AppId`](Self::AppId) | `app_id` | `PAYMUX_NATIVE_CHECKOUT_APP_ID` | yes |
    /// | [`AppKey`](Self::AppKey) | `app_key` | `PAYMUX_NATIVE_CHECKOUT_APP_KEY` | yes |
    /// | [`BaseUrl`](Self::BaseUrl) | `base_url` | `PAYMUX_NATIVE_CHECKOUT_BASE_URL` | no |
    pub enum ConfigKey of "native-checkout" {
        /// The application's APPID, from the AppManage page.
        AppId = "app_id" "PAYMUX_NATIVE_CHECKOUT_APP_ID",
        /// The application's key, from the AppManage page: it signs requests and proves webhooks.
        AppKey = "app_key" "PAYMUX_NATIVE_CHECKOUT_APP_KEY" secret,
        /// Scheme, host and port of the gateway; [`DEFAULT_BASE_URL`] where it is not given.
        BaseUrl = "base_url" "PAYMUX_NATIVE_CHECKOUT_BASE_URL",
    }
}

impl ConfigKey {
    /// Whether nothing works without it.
    #[must_use]
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::BaseUrl)
    }
}
