//! What has to be configured, and under which names.

#[cfg(feature = "client")]
mod builder;

#[cfg(feature = "client")]
pub use builder::UniPaymentBuilder;
use paymux_core::adapter::config_keys;

use crate::generation::Generation;

config_keys! {
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
    pub enum ConfigKey of "unipayment" {
        /// The [`Generation`]: `md5`, `hmac` or `oauth`, which is the default.
        Auth = "auth" "PAYMUX_UNIPAYMENT_AUTH",
        /// The payment app's id, from the merchant's console.
        AppId = "app_id" "PAYMUX_UNIPAYMENT_APP_ID",
        /// The app's key, which signs requests, answers and webhooks of `md5`.
        AppKey = "app_key" "PAYMUX_UNIPAYMENT_APP_KEY" secret,
        /// The [`Md5Rule`](crate::Md5Rule) of `md5`; `amp_key` where it is not given.
        Md5Rule = "md5_rule" "PAYMUX_UNIPAYMENT_MD5_RULE",
        /// The open client's id of `hmac` and `oauth`.
        ClientId = "client_id" "PAYMUX_UNIPAYMENT_CLIENT_ID",
        /// The open client's secret of `hmac` and `oauth`.
        ClientSecret = "client_secret" "PAYMUX_UNIPAYMENT_CLIENT_SECRET" secret,
        /// The secret that proves webhooks of `oauth`. `hmac` asks the gateway instead.
        WebhookSecret = "webhook_secret" "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET" secret,
        /// Scheme, host and port of the gateway; [`Generation::default_base_url`] where it is not given.
        BaseUrl = "base_url" "PAYMUX_UNIPAYMENT_BASE_URL",
        /// The wallet's account that payouts of `oauth` come from.
        FromAccountId = "from_account_id" "PAYMUX_UNIPAYMENT_FROM_ACCOUNT_ID",
        /// What payouts of `oauth` are for, such as `OperatingExpense`.
        PayoutReason = "payout_reason" "PAYMUX_UNIPAYMENT_PAYOUT_REASON",
        /// Whether payouts of `hmac` go out without a confirmation by mail: `true` (default) or `false`.
        AutoConfirm = "auto_confirm" "PAYMUX_UNIPAYMENT_AUTO_CONFIRM",
    }
}

impl ConfigKey {
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
}
