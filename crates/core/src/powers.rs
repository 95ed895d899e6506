//! What only some gateways can do. A provider shows each power that it has; see
//! [`PaymentProvider`](crate::PaymentProvider).
//!
//! Refunds and cancelling will join as powers of their own when a gateway here has them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::asset::{Asset, AssetName};
use crate::decimal;
use crate::error::{Error, ErrorKind, Result};
use crate::ids::{PayoutId, ProviderName};
use crate::money::{AssetAmount, Money};
use crate::provider::{Invoice, Payout};
use crate::request::{InvoiceQuery, NewDepositAddress, NewPayout};

/// Sending money out.
#[async_trait]
pub trait PayoutApi: Send + Sync {
    /// Sends a payout. It is sent once: there is no retry inside.
    ///
    /// # Errors
    /// Only with [`Outcome::NotSent`](crate::Outcome) may it be tried again. With `Unknown` it may
    /// have been paid: ask the gateway, wait for its webhook, or let a person decide.
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>>;

    /// Reads a payout as it is now.
    ///
    /// # Errors
    /// `NotFound` (or `Refused` with the gateway's code) for an id the gateway does not know.
    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>>;

    /// What the gateway would take for this payout; `None` where it cannot say beforehand.
    ///
    /// # Errors
    /// When the gateway offers such a call and it fails. Nothing is sent.
    async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>>;
}

/// Finding invoices.
#[async_trait]
pub trait SearchApi: Send + Sync {
    /// The invoices that fit, a page at a time.
    ///
    /// # Errors
    /// When the gateway does not answer, or cannot search so (`Unsupported`).
    async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn Invoice>>>;
}

/// One page of a longer list. A figure that the gateway does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// Which page this is, from 1.
    pub page: Option<u32>,
    /// How many pages there are.
    pub pages: Option<u32>,
    /// How many items there are on all pages.
    pub total: Option<u64>,
    /// Providers that were asked too and whose items are missing here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<PartialFailure>,
}

/// A whole list, or what could be had of it where several providers were asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing<T> {
    /// What there is.
    pub items: Vec<T>,
    /// Providers that were asked too and whose items are missing here.
    pub failures: Vec<PartialFailure>,
}

impl<T> Listing<T> {
    /// What could be had, and who failed.
    #[must_use]
    pub const fn new(items: Vec<T>, failures: Vec<PartialFailure>) -> Self {
        Self { items, failures }
    }
}

impl<T> From<Vec<T>> for Listing<T> {
    fn from(items: Vec<T>) -> Self {
        Self::new(items, Vec::new())
    }
}

/// A provider that failed where others answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartialFailure {
    /// Which one.
    pub provider: ProviderName,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What was wrong.
    pub message: String,
}

impl PartialFailure {
    /// What a provider failed with.
    #[must_use]
    pub fn new(provider: ProviderName, error: &Error) -> Self {
        Self {
            provider,
            kind: error.kind(),
            message: error.to_string(),
        }
    }
}

/// What a price is in an asset.
#[async_trait]
pub trait QuoteApi: Send + Sync {
    /// Asks what a price is in an asset, now. It binds nobody.
    ///
    /// # Errors
    /// `Unsupported` for an asset or a currency that the gateway does not have.
    async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote>;
}

/// What a price is in an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quote {
    /// What was asked.
    pub price: Money,
    /// How much of the asset that is, in whole tokens.
    pub amount: AssetAmount,
    /// The gateway's own rate, as it states it; gateways differ in which way round it is.
    #[serde(with = "decimal::exact_option", default)]
    pub rate: Option<Decimal>,
    /// When it was asked, UTC.
    pub at: DateTime<Utc>,
    /// Whether the amount was worked out here from a rate (and rounded up), not told by the gateway.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl Quote {
    /// A quote as the gateway told it.
    #[must_use]
    pub const fn new(
        price: Money,
        amount: AssetAmount,
        rate: Option<Decimal>,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            price,
            amount,
            rate,
            at,
            estimated: false,
        }
    }
}

/// Which assets there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogScope {
    /// What this merchant's application can use.
    Enabled,
    /// Everything that the gateway has.
    All,
}

/// Which assets there are.
#[async_trait]
pub trait CatalogApi: Send + Sync {
    /// Lists assets with the gateway's own ids.
    ///
    /// # Errors
    /// When the gateway does not answer.
    async fn assets(&self, scope: CatalogScope) -> Result<Listing<CatalogAsset>>;
}

/// An asset of a gateway's catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogAsset {
    /// The asset.
    pub asset: Asset,
    /// The gateway's own id of it.
    pub provider_id: String,
}

impl CatalogAsset {
    /// An asset under the gateway's id.
    #[must_use]
    pub fn new(asset: Asset, provider_id: impl Into<String>) -> Self {
        Self {
            asset,
            provider_id: provider_id.into(),
        }
    }
}

impl Serialize for CatalogAsset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("CatalogAsset", 6)?;
        entry.serialize_field("asset", &self.asset.name())?;
        entry.serialize_field("symbol", &self.asset.symbol)?;
        entry.serialize_field("network", &self.asset.network)?;
        entry.serialize_field("contract", &self.asset.contract)?;
        entry.serialize_field("decimals", &self.asset.decimals)?;
        entry.serialize_field("provider_id", &self.provider_id)?;
        entry.end()
    }
}

/// Finds the one asset that a name means.
///
/// # Errors
/// `Unsupported` when there is none, `InvalidRequest` when there are several; both list the names
/// that would be right.
pub fn find_asset<'a>(catalog: &'a [CatalogAsset], name: &AssetName) -> Result<&'a CatalogAsset> {
    let mut found = catalog.iter().filter(|entry| entry.asset.answers_to(name));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => {
            let mut names: Vec<String> = catalog
                .iter()
                .map(|entry| entry.asset.name().to_string())
                .collect();
            names.sort();
            names.dedup();
            Err(Error::unsupported(format!(
                "the gateway has no {name}; it has {}",
                list(&names)
            )))
        }
        (Some(_), Some(_)) => {
            let names: Vec<String> = catalog
                .iter()
                .filter(|entry| entry.asset.answers_to(name))
                .map(|entry| full_name(&entry.asset))
                .collect();
            Err(Error::invalid_request(format!(
                "{name} means several assets; name one of {}",
                list(&names)
            )))
        }
    }
}

fn full_name(asset: &Asset) -> String {
    asset.caip19().unwrap_or_else(|| asset.name()).to_string()
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    if names.is_empty() {
        return "none at all".to_owned();
    }
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What the merchant's account holds.
#[async_trait]
pub trait BalanceApi: Send + Sync {
    /// The balance of one asset, or of all.
    ///
    /// # Errors
    /// `Unsupported` for an asset that the gateway does not have.
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>>;
}

/// What the merchant's account holds of one asset, in whole tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Balance {
    /// The asset.
    pub asset: AssetName,
    /// Everything.
    #[serde(with = "decimal::exact")]
    pub total: Decimal,
    /// What can be sent now.
    #[serde(with = "decimal::exact")]
    pub available: Decimal,
}

impl Balance {
    /// A balance in whole tokens.
    #[must_use]
    pub const fn new(asset: AssetName, total: Decimal, available: Decimal) -> Self {
        Self {
            asset,
            total,
            available,
        }
    }
}

/// Permanent addresses, for payments without an invoice.
#[async_trait]
pub trait DepositAddressApi: Send + Sync {
    /// Makes a permanent address.
    ///
    /// # Errors
    /// As for an invoice: with outcome `Unknown` it may exist.
    async fn create_deposit_address(&self, request: &NewDepositAddress) -> Result<DepositAddress>;
}

/// A permanent address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DepositAddress {
    /// The gateway's id of it.
    pub id: String,
    /// The address.
    pub address: String,
    /// What is paid to it.
    pub asset: AssetName,
}

impl DepositAddress {
    /// A permanent address under the gateway's id.
    #[must_use]
    pub fn new(id: impl Into<String>, address: impl Into<String>, asset: AssetName) -> Self {
        Self {
            id: id.into(),
            address: address.into(),
            asset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Vec<CatalogAsset> {
        let token = |symbol: &str, network: &str, contract: &str| {
            Asset::new(symbol)
                .unwrap()
                .with_network(network.parse().ok())
                .with_contract(Some(contract.to_owned()))
        };
        vec![
            CatalogAsset::new(token("USDT", "tron", "TA"), "1"),
            CatalogAsset::new(token("USDT", "ethereum", "0xaa"), "2"),
            CatalogAsset::new(token("USDX", "tron", "TB"), "3"),
            CatalogAsset::new(token("USDX", "tron", "TC"), "4"),
        ]
    }

    #[test]
    fn one_name_means_one_asset_or_none() {
        let catalog = catalog();
        let find = |name: &str| find_asset(&catalog, &name.parse().unwrap());
        assert_eq!(find("USDT@tron").unwrap().provider_id, "1");
        assert_eq!(find("tron:0x2b6653dc/trc20:TC").unwrap().provider_id, "4");

        let none = find("BTC@bitcoin").unwrap_err();
        assert_eq!(none.kind(), ErrorKind::Unsupported);
        assert!(
            none.message()
                .contains("USDT@ethereum, USDT@tron, USDX@tron")
        );

        let several = find("USDX@tron").unwrap_err();
        assert_eq!(several.kind(), ErrorKind::InvalidRequest);
        assert!(
            several
                .message()
                .contains("tron:0x2b6653dc/trc20:TB, tron:0x2b6653dc/trc20:TC")
        );
    }

    #[test]
    fn a_catalogue_entry_prints_flat() {
        let catalog = catalog();
        assert_eq!(
            serde_json::to_string(&catalog[0]).unwrap(),
            r#"{"asset":"USDT@tron","symbol":"USDT","network":"tron","contract":"TA","decimals":null,"provider_id":"1"}"#
        );
    }
}
