//! Every choice the sandbox makes, with its default.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::halo::{EventTypes, RefusalCodes};
use crate::lock::lock;
use crate::rates::{Gas, Rates};
use crate::unipayment::UniPaymentSettings;

/// How the simulated gateways behave: HaloPay, what both share, and UniPayment in
/// [`unipayment`](Self::unipayment).
///
/// Where HaloPay's documents say something, the default is what they say and the member names the
/// page. Everything marked **ours** is undocumented and chosen for this sandbox, so an adapter must
/// not lean on it.
///
/// ```
/// use paymux_sandbox::Settings;
///
/// let settings = Settings { confirmations_required: 3, time_scale: 1000, ..Settings::default() };
/// assert!(settings.sign_responses);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// Confirmations an order needs before it is final (`need_confirms`). Default 1, **ours**: the
    /// documented examples show 0.
    pub confirmations_required: u32,
    /// Whether a fully collected order becomes `PAID` at once, its confirmations counting
    /// afterwards. Default false, **ours**: it stays `TO-BE-PAID` until it has its confirmations.
    pub paid_at_sight: bool,
    /// How often a block is found. Each block confirms every collected order and invoice once and
    /// takes every payout one step further. Default none: nothing moves unless moved by hand.
    pub block_time: Option<Duration>,
    /// How long an order without `time_out` lives. Default 30 minutes (Native Checkout API,
    /// order/create); sent as whole seconds.
    pub order_lifetime: Duration,
    /// Whether a payment after `TIME-OUT` that makes an order complete turns it into `PAID`. Default
    /// false, **ours**: the amount is collected and the status stays.
    pub late_payment_completes: bool,
    /// Whether a payment to an order that is already `PAID` or `TIME-OUT` sends another notice with
    /// the new amount collected. Default true, **ours**.
    pub notify_after_final: bool,
    /// Whether an `out_trade_no` may be used again. Default false, **ours**: refused.
    pub allow_repeated_order: bool,
    /// Decimals that a fiat price may have. Default 6, **ours**.
    pub fiat_decimals: u32,
    /// What one token costs. The figures are **ours**.
    pub rates: Rates,

    /// The service charge of a payout as a share of its amount, rounded up to the token's decimals.
    /// Default 0.002, inferred from the payout/detail example.
    pub service_charge: Decimal,
    /// The network fee of a payout in whole tokens, by token symbol. Default 0.8015 for each token,
    /// the figure of the payout/detail example.
    pub gas: Gas,
    /// Whether payouts need a `google_code`. Default false.
    pub two_factor: bool,
    /// The `google_code` that is right while `two_factor` is on. Default 123456, **ours**.
    pub google_code: SecretString,

    /// Currency ids of the catalogue that are not enabled for the app: absent from the app's token
    /// list and refused in calls. Default none.
    pub disabled_currencies: BTreeSet<i64>,
    /// The refusal codes. All **ours**.
    pub codes: RefusalCodes,
    /// Whether answers carry `X-Appid`, `X-Timestamp` and `X-Sign`. Default true, **ours** for the
    /// native endpoints; documented for the hosted checkout alone.
    pub sign_responses: bool,
    /// How old `X-Timestamp` may be, inclusive. Default 120 s ("two minutes", common rules page).
    pub timestamp_past: Duration,
    /// How far ahead `X-Timestamp` may be, inclusive. Default 120 s, **ours**.
    pub timestamp_ahead: Duration,

    /// Where notices go when the call named no `callback_url`, and all payments to QR-code addresses:
    /// the callback URL of the AppManage page. Default none.
    pub app_callback_url: Option<String>,
    /// The values of `X-EventType`. `Paid` is documented, the others are **ours**.
    pub event_types: EventTypes,
    /// The pauses between the attempts to deliver a notice (webhook notification page); the first
    /// attempt is made at once, which is **ours**.
    pub retry_intervals: Vec<Duration>,
    /// By how much the pauses of `retry_intervals` are divided. Default 1; 0 counts as 1.
    pub time_scale: u32,
    /// What answer counts as delivered. Default [`DeliveredBy::AnySuccess`], **ours**.
    pub delivered_by: DeliveredBy,
    /// How long a receiver of a webhook may take to answer. Default 10 s, **ours**.
    pub webhook_timeout: Duration,

    /// How many calls, and how many webhooks, [`Sandbox::requests`](crate::Sandbox::requests) and
    /// [`Sandbox::deliveries`](crate::Sandbox::deliveries) remember; the oldest go first. A webhook
    /// that is forgotten is still delivered. Default 10 000.
    pub records_kept: usize,

    /// What is UniPayment's alone. What is not, such as `rates`, `block_time` and `retry_intervals`,
    /// counts for both gateways.
    pub unipayment: UniPaymentSettings,

    /// Where the hosted pay page of an order lives; `entrust_url` is this, a slash and the trade
    /// number. Default none: this sandbox's own `/checkout`, **ours**.
    pub checkout_base_url: Option<String>,
}

/// Which answer to a webhook ends its redelivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveredBy {
    /// Any HTTP status from 200 to 299.
    AnySuccess,
    /// HTTP 200 with exactly this body, white space around it aside.
    Body(String),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confirmations_required: 1,
            paid_at_sight: false,
            block_time: None,
            order_lifetime: Duration::from_secs(30 * 60),
            late_payment_completes: false,
            notify_after_final: true,
            allow_repeated_order: false,
            fiat_decimals: 6,
            rates: Rates::default(),
            service_charge: Decimal::new(2, 3),
            gas: Gas::default(),
            two_factor: false,
            google_code: SecretString::from("123456"),
            disabled_currencies: BTreeSet::new(),
            codes: RefusalCodes::default(),
            sign_responses: true,
            timestamp_past: Duration::from_secs(120),
            timestamp_ahead: Duration::from_secs(120),
            app_callback_url: None,
            event_types: EventTypes::default(),
            retry_intervals: published_retry_intervals(),
            time_scale: 1,
            delivered_by: DeliveredBy::AnySuccess,
            webhook_timeout: Duration::from_secs(10),
            records_kept: 10_000,
            unipayment: UniPaymentSettings::default(),
            checkout_base_url: None,
        }
    }
}

/// 5s, 15s, 30s, 3m, 10m, 20m, three times 30m, 60m, three times 3h, twice 6h: 24h3m50s in all.
fn published_retry_intervals() -> Vec<Duration> {
    const SECONDS: [u64; 15] = [
        5, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
    ];
    SECONDS.into_iter().map(Duration::from_secs).collect()
}

/// The settings of a running sandbox: cheap to read, changed as a whole.
#[derive(Debug)]
pub(crate) struct LiveSettings {
    current: Mutex<Arc<Settings>>,
}

impl LiveSettings {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            current: Mutex::new(Arc::new(settings)),
        }
    }

    pub(crate) fn now(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.current))
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(Arc::make_mut(&mut lock(&self.current)));
    }
}
