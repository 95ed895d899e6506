//! What there is: currencies and balances, from v1.0 on.

use paymux_core::adapter::lenient;
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A currency or a crypto asset; its networks are not told (`GET /v1.0/currencies`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CurrencyInfo {
    /// The symbol that requests name it by.
    #[serde(deserialize_with = "lenient::required")]
    pub code: String,
    /// The sign that people know it by; v1.0 only.
    #[serde(default, deserialize_with = "lenient::text")]
    pub symbol: Option<String>,
    /// The name for people.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Whether it is a currency of a state, not a crypto asset.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub is_fiat: Option<bool>,
    /// The digits after the point; v2 only.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub divisibility: Option<u32>,
}

/// What the wallet holds of one asset, on whatever networks (`GET /v1.0/wallet/balances`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WalletBalance {
    /// Symbol of the asset.
    #[serde(deserialize_with = "lenient::required")]
    pub asset_type: String,
    /// Everything, in whole units.
    #[serde(with = "decimal::exact")]
    pub balance: Decimal,
    /// What of it is held back.
    #[serde(default, with = "decimal::exact_option")]
    pub frozen_balance: Option<Decimal>,
    /// What of it is kept for later; v2 only.
    #[serde(default, with = "decimal::exact_option")]
    pub reversed_balance: Option<Decimal>,
    /// What can be sent now.
    #[serde(with = "decimal::exact")]
    pub available: Decimal,
}
