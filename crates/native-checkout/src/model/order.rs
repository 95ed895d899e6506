//! `order/create` and `order/detail`.

use paymux_core::adapter::{lenient, words};
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::collected::collected;

/// The fiat names that the gateway prices in (Native Checkout API, `order/create`). USDT is one.
pub const FIAT_NAMES: [&str; 23] = [
    "USD", "USDT", "JPY", "CHF", "CAD", "NOK", "SEK", "HKD", "SGD", "KRW", "TWD", "CNY", "INR",
    "BRL", "MXN", "ZAR", "RUB", "TRY", "EUR", "GBP", "AUD", "VND", "THB",
];

/// Request of `order/create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateOrder {
    /// The merchant's order id.
    pub out_trade_no: String,
    /// The gateway's id of the token to pay with.
    pub currency_id: u64,
    /// Name of the price's currency, one of [`FIAT_NAMES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fiat_name: Option<String>,
    /// Price in `fiat_name`, in whole units.
    #[serde(
        with = "decimal::exact_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub fiat_amount: Option<Decimal>,
    /// Price in the token itself, in whole tokens.
    #[serde(
        with = "decimal::exact_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub token_amount: Option<Decimal>,
    /// Where the webhooks of this order go; else the application's own URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// When the time to pay runs out: absolute Unix seconds, or 0 for the gateway's 30 minutes.
    pub time_out: i64,
}

impl CreateOrder {
    /// An order at a fiat price, in whole units.
    #[must_use]
    pub fn in_fiat(
        out_trade_no: impl Into<String>,
        currency_id: u64,
        fiat_name: impl Into<String>,
        fiat_amount: Decimal,
    ) -> Self {
        Self {
            fiat_name: Some(fiat_name.into()),
            fiat_amount: Some(fiat_amount),
            ..Self::unpriced(out_trade_no.into(), currency_id)
        }
    }

    /// An order at a price in the token itself, in whole tokens.
    #[must_use]
    pub fn in_token(
        out_trade_no: impl Into<String>,
        currency_id: u64,
        token_amount: Decimal,
    ) -> Self {
        Self {
            token_amount: Some(token_amount),
            ..Self::unpriced(out_trade_no.into(), currency_id)
        }
    }

    const fn unpriced(out_trade_no: String, currency_id: u64) -> Self {
        Self {
            out_trade_no,
            currency_id,
            fiat_name: None,
            fiat_amount: None,
            token_amount: None,
            callback_url: None,
            time_out: 0,
        }
    }

    /// Sets where the webhooks go.
    #[must_use]
    pub fn with_callback_url(mut self, url: Option<String>) -> Self {
        self.callback_url = url;
        self
    }

    /// Sets when the time to pay runs out, in absolute Unix seconds.
    #[must_use]
    pub const fn with_time_out(mut self, unix_seconds: i64) -> Self {
        self.time_out = unix_seconds;
        self
    }
}

/// Answer of `order/create` and `order/detail`. What only the detail has is `None` at creation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// The gateway's id of the order.
    #[serde(deserialize_with = "lenient::required_string")]
    pub trade_no: String,
    /// The merchant's order id; detail only.
    #[serde(default, deserialize_with = "lenient::text")]
    pub out_trade_no: Option<String>,
    /// Name of the chain, such as `Tron`.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub chain: String,
    /// Symbol of the token.
    pub token: String,
    /// Contract of the token; the symbol again for a chain's main coin.
    pub contract: String,
    /// Name of the price's currency; detail only, empty for an order that was priced in its token.
    #[serde(default)]
    pub fiat_name: Option<String>,
    /// Price in `fiat_name`; detail only.
    #[serde(default, with = "decimal::exact_option")]
    pub fiat_amount: Option<Decimal>,
    /// What the payer has to send, in whole tokens.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// How it is paid; `address` is the only value that is documented.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub mode: String,
    /// Where the payer sends it.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub pay_address: String,
    /// How far it has come; detail only.
    #[serde(default, deserialize_with = "lenient::word")]
    pub status: Option<OrderStatus>,
    /// When the time to pay runs out, Unix seconds.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub time_expire: Option<i64>,
    /// Decimal places of one whole token.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub decimal: Option<u32>,
    /// The gateway's number of the chain.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub chain_id: Option<u64>,
    /// Documented without a meaning.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub equity: Option<i64>,
    /// When it was made, Unix seconds.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub create_time: Option<i64>,
    /// What arrived so far, in whole tokens. The empty string that an order starts with is 0.
    #[serde(default, deserialize_with = "collected")]
    pub amount_collected: Option<Decimal>,
    /// Confirmations that the gateway waits for.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub need_confirms: Option<u64>,
    /// Confirmations seen so far.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub already_confirms: Option<u64>,
    /// The gateway's page for the payer; filled at creation, empty at detail.
    #[serde(default, deserialize_with = "lenient::text")]
    pub entrust_url: Option<String>,
    /// Documented without a meaning.
    #[serde(default, deserialize_with = "lenient::text")]
    pub referer: Option<String>,
    /// About the chain.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub chain_info: Option<ChainInfo>,
}

/// About the chain of an order. At detail, `logo`, `series` and `monitor_chain_id` are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ChainInfo {
    /// Symbol of the token.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub token: String,
    /// Documented without a meaning.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub abi: String,
    /// URL of a node.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub rpc: String,
    /// URL of a block explorer's transaction page.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub browser_url: String,
    /// Decimal places of one whole token.
    #[serde(deserialize_with = "lenient::maybe")]
    pub decimal: Option<u32>,
    /// URL of a picture.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub logo: String,
    /// Family of the chain, such as `Tron`.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub series: String,
    /// Documented without a meaning.
    #[serde(deserialize_with = "lenient::maybe")]
    pub monitor_chain_id: Option<u64>,
}

words! {
    /// How far an order has come.
    pub enum OrderStatus {
        /// Unpaid, or paid in part.
        ToBePaid = "TO-BE-PAID",
        /// Paid.
        Paid = "PAID",
        /// The time to pay ran out.
        TimeOut = "TIME-OUT",
    }
}
