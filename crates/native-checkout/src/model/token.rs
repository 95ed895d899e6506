//! `currency/app-token-list`, `currency/token-list`, `account/balance` and `order/exchange-rates`.

use paymux_core::adapter::lenient;
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A token of the whole platform (`currency/token-list`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Token {
    /// The gateway's id of the token.
    pub currency_id: u64,
    /// Name of the chain, such as `Tron`.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub chain: String,
    /// Name of the chain's network, such as `Nile`.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub network: String,
    /// Symbol.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub token: String,
    /// Contract; the symbol again for a chain's main coin.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub contract: String,
    /// The gateway's number of the chain.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub chain_id: Option<u64>,
    /// URL of a picture.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub logo: String,
    /// Decimal places of one whole token.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub decimal: Option<u32>,
}

/// A token that the calling application may use, and what it holds of it
/// (`currency/app-token-list`). Amounts are in whole tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AppToken {
    /// The gateway's id of the token.
    pub currency_id: u64,
    /// Name of the chain, such as `Tron`.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub chain: String,
    /// Name of the chain's network, such as `Nile`.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub network: String,
    /// Symbol.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub token: String,
    /// Contract; the symbol again for a chain's main coin.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub contract: String,
    /// The gateway's number of the chain.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub chain_id: Option<u64>,
    /// URL of a picture.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub logo: String,
    /// Decimal places of one whole token.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub decimal: Option<u32>,
    /// Everything.
    #[serde(default, with = "decimal::exact_option")]
    pub balance: Option<Decimal>,
    /// What can be sent now.
    #[serde(default, with = "decimal::exact_option")]
    pub operable_balance: Option<Decimal>,
    /// What is held back.
    #[serde(default, with = "decimal::exact_option")]
    pub frozen_amount: Option<Decimal>,
    /// 1 is enabled, 2 disabled.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub status: Option<i64>,
    /// Always true as documented.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub transaction_enabled: Option<bool>,
}

impl AppToken {
    /// Whether the application may use it: its status is 1, or is not told.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status.is_none_or(|status| status == 1)
    }
}

/// Answer of `account/balance`. Amounts are in whole tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AccountBalance {
    /// The gateway's id of the token.
    pub currency_id: u64,
    /// Everything.
    #[serde(with = "decimal::exact")]
    pub balance: Decimal,
    /// What can be sent now: less than `balance` where an address of the wallet holds too little of
    /// its chain's coin to be collected.
    #[serde(with = "decimal::exact")]
    pub operable_balance: Decimal,
    /// `balance` in USDT.
    #[serde(default, with = "decimal::exact_option")]
    pub balance_usdt: Option<Decimal>,
    /// `operable_balance` in USDT.
    #[serde(default, with = "decimal::exact_option")]
    pub operable_balance_usdt: Option<Decimal>,
    /// Name of the chain.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub chain: String,
    /// Name of the chain's network.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub network: String,
    /// Symbol.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub token: String,
    /// Contract; the symbol again for a chain's main coin.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub contract: String,
}

/// Request of `order/exchange-rates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExchangeRateQuery {
    /// The gateway's id of the token.
    pub currency_id: u64,
    /// Name of the price's currency, one of [`FIAT_NAMES`](super::FIAT_NAMES).
    pub fiat_name: String,
    /// The price, in whole units.
    #[serde(with = "decimal::exact")]
    pub fiat_amount: Decimal,
}

impl ExchangeRateQuery {
    /// Asks what a fiat price is in a token.
    #[must_use]
    pub fn new(currency_id: u64, fiat_name: impl Into<String>, fiat_amount: Decimal) -> Self {
        Self {
            currency_id,
            fiat_name: fiat_name.into(),
            fiat_amount,
        }
    }
}

/// Answer of `order/exchange-rates`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ExchangeRate {
    /// The price in whole tokens.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// The gateway's rate; its documents do not say which way round it is.
    #[serde(default, with = "decimal::exact_option")]
    pub exchange_rate: Option<Decimal>,
}
