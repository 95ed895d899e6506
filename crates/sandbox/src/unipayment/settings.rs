//! How the simulated UniPayment behaves.

use std::time::Duration;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::rates::Gas;
use crate::unipayment::confirmations::SpeedConfirmations;
use crate::unipayment::md5_rule::Md5Rule;
use crate::unipayment::refusal::UniPaymentCodes;

/// The three generations of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Generation {
    /// Early 2022: `/api/invoice/…`, an MD5 `sign` in the body.
    #[serde(rename = "md5")]
    Md5,
    /// v1.0 from 2022 on: `Authorization: Hmac …`.
    #[serde(rename = "hmac")]
    Hmac,
    /// v1.0 as the v2 SDKs call it, from 2024 on: `Authorization: Bearer …`.
    #[serde(rename = "oauth")]
    OAuth,
}

/// How money is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MoneySpelling {
    /// As in the examples of each generation: strings in the answer to the first generation's
    /// create, else numbers, whole ones with `.0` where the examples have it.
    #[default]
    AsShown,
    /// Numbers, whole ones without a point.
    Numbers,
    /// Strings everywhere.
    Strings,
}

/// How `status`, `error_status` and `confirm_speed` are written in answers; notices have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EnumSpelling {
    /// `New`
    #[default]
    Names,
    /// `1`, as in the SDK READMEs of 2022.
    Numbers,
}

/// How the simulated UniPayment behaves.
///
/// Prices come from [`Settings::rates`](crate::Settings::rates), and webhooks are repeated as
/// [`Settings::retry_intervals`](crate::Settings::retry_intervals) says; UniPayment documents no
/// schedule. Everything marked **ours** is undocumented too.
#[derive(Debug, Clone)]
pub struct UniPaymentSettings {
    /// The first generation's signature. The default is **ours**.
    pub md5_rule: Md5Rule,
    /// How money is written. Default as in the examples.
    pub money: MoneySpelling,
    /// How enumerations are written in answers. Default names.
    pub enums: EnumSpelling,

    /// How long an invoice can be paid. Default none: 30 minutes in the first generation, 20 in the
    /// others (invoice-status page, older and latest).
    pub invoice_lifetime: Option<Duration>,
    /// The confirmations that `confirm_speed` asks for. The figures are **ours**.
    pub confirmations: SpeedConfirmations,
    /// How long a paid invoice may stay unconfirmed before it is `Invalid`. Default one hour
    /// (invoice-status page).
    pub invalid_after: Duration,
    /// Whether an invoice whose create call named `pay_currency` and `network` has its address at
    /// once, instead of when the payer opens the page. Default true, **ours**. In the first
    /// generation `pay_currency` alone is enough, as the example shows.
    pub assign_at_create: bool,
    /// Whether a late payment that makes an expired invoice whole turns it into `Paid`. Default
    /// false, **ours**: it stays `Expired`, with `PaidLate`.
    pub late_payment_revives: bool,
    /// Whether a payment that changes neither `status` nor `error_status` sends a notice. Default
    /// false (ipn-payment-notification page: a part payment is told with the expiry).
    pub notify_every_payment: bool,

    /// How far the timestamp of an Hmac call may be off, to both sides, and how long its nonce is
    /// remembered. Default 300 s, **ours**.
    pub timestamp_tolerance: Duration,
    /// How long an access token lives, in whole seconds (`expires_in`). Default one hour
    /// (authentication page).
    pub token_lifetime: Duration,
    /// Whether currencies, rates, ips and ipn can be called without `Authorization`, as the Node SDK
    /// does. Default true.
    pub open_endpoints: bool,
    /// Whether a refusal has an HTTP error status, as the PHP SDK expects, or comes with 200. Default
    /// true, **ours**.
    pub http_error_statuses: bool,
    /// The `code` of each kind of refusal. All **ours**.
    pub codes: UniPaymentCodes,

    /// Where notices of an invoice or withdrawal go whose call named no `notify_url`: that of the
    /// payment app. Default none.
    pub app_notify_url: Option<String>,
    /// Where notices of payments and deposits go, until `webhook/notify-url` names another. Default
    /// none.
    pub global_notify_url: Option<String>,
    /// Whether a repeated attempt has the `notify_id` and `notify_time` of the first. Default true,
    /// **ours**.
    pub notify_id_kept: bool,

    /// The fee of a withdrawal in whole coins, by symbol. Default 1 for each, **ours**.
    pub withdrawal_fees: Gas,
    /// The fee of a payment in whole coins, by symbol. Default 1 for each, **ours**.
    pub payment_fees: Gas,
    /// Whether the `unique_id` of a payment may be used again. Default true, **ours**: the documents
    /// promise nothing.
    pub allow_repeated_unique_id: bool,

    /// Where the pay page of an invoice lives; `invoice_url` is this, a slash and the invoice id.
    /// Default none: this sandbox's own `/checkout`, **ours**.
    pub invoice_base_url: Option<String>,
}

impl Default for UniPaymentSettings {
    fn default() -> Self {
        Self {
            md5_rule: Md5Rule::default(),
            money: MoneySpelling::default(),
            enums: EnumSpelling::default(),
            invoice_lifetime: None,
            confirmations: SpeedConfirmations::default(),
            invalid_after: Duration::from_secs(3600),
            assign_at_create: true,
            late_payment_revives: false,
            notify_every_payment: false,
            timestamp_tolerance: Duration::from_secs(300),
            token_lifetime: Duration::from_secs(3600),
            open_endpoints: true,
            http_error_statuses: true,
            codes: UniPaymentCodes::default(),
            app_notify_url: None,
            global_notify_url: None,
            notify_id_kept: true,
            withdrawal_fees: Gas::of_each(Decimal::ONE),
            payment_fees: Gas::of_each(Decimal::ONE),
            allow_repeated_unique_id: true,
            invoice_base_url: None,
        }
    }
}

impl UniPaymentSettings {
    pub(super) fn lifetime_of(&self, generation: Generation) -> Duration {
        let minutes = match generation {
            Generation::Md5 => 30,
            Generation::Hmac | Generation::OAuth => 20,
        };
        self.invoice_lifetime
            .unwrap_or(Duration::from_secs(minutes * 60))
    }
}
