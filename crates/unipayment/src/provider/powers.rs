//! Quotes, the catalogue and balances.

use async_trait::async_trait;
use paymux_core::{
    Asset, AssetAmount, AssetName, Balance, BalanceApi, CatalogApi, CatalogAsset, CatalogScope,
    Error, ErrorKind, Listing, Money, Outcome, Quote, QuoteApi, Result, money,
};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Inner, asset};
use crate::model::WalletBalance;

const QUOTE: &str = "quote";
const ASSETS: &str = "assets";
const BALANCES: &str = "fetch_balances";

/// The digits of an amount that is worked out from a rate; the gateway does not tell how many an asset
/// has on its network.
const QUOTED_DECIMALS: u32 = 8;

#[async_trait]
impl QuoteApi for Inner {
    async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        let operation = self.operation(QUOTE);
        operation.result(self.read_quote(price, asset).await)
    }
}

#[async_trait]
impl CatalogApi for Inner {
    /// The gateway has one list for all, and does not tell the networks.
    async fn assets(&self, _scope: CatalogScope) -> Result<Listing<CatalogAsset>> {
        let client = self.client.on_behalf_of(ASSETS);
        let currencies = client.currencies().await?;
        let assets = currencies
            .into_iter()
            .filter(|currency| currency.is_fiat != Some(true))
            .filter_map(|currency| {
                let asset = Asset::new(&currency.code).ok()?;
                let asset = asset.with_decimals(currency.divisibility);
                Some(CatalogAsset::new(asset, currency.code))
            });
        Ok(assets.collect::<Vec<_>>().into())
    }
}

#[async_trait]
impl BalanceApi for Inner {
    /// The wallet holds an asset on all networks together.
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>> {
        let operation = self.operation(BALANCES);
        operation.result(self.read_balances(asset).await.map(Listing::from))
    }
}

impl Inner {
    async fn read_quote(&self, price: &Money, name: &AssetName) -> Result<Quote> {
        money::positive(price.amount)?;
        let symbol = asset::named(name)?.symbol;
        let fiat = price.currency.code();
        let client = self.client.on_behalf_of(QUOTE);
        let rate = client.rate(fiat, &symbol).await.map_err(|error| {
            if error.kind() != ErrorKind::NotFound {
                return error;
            }
            Error::unsupported(format!("the gateway has no rate of {symbol} in {fiat}"))
                .with_source(error)
        })?;
        if let Some((from, to)) = rate.sides() {
            for (asked, got) in [(symbol.as_str(), from), (fiat, to)] {
                if !asked.eq_ignore_ascii_case(got) {
                    return Err(Error::mismatch(Outcome::NotSent, "rate", asked, got));
                }
            }
        }
        let amount = estimate(price.amount, rate.rate).ok_or_else(|| {
            Error::invalid_response(
                Outcome::NotSent,
                "the gateway's rate is zero or below, or too small to count with",
            )
        })?;
        let mut quote = Quote::new(
            price.clone(),
            AssetAmount::new(amount, name.clone()),
            Some(rate.rate),
            client.clock().now(),
        );
        quote.estimated = true;
        Ok(quote)
    }

    async fn read_balances(&self, name: Option<&AssetName>) -> Result<Vec<Balance>> {
        let symbol = name
            .map(asset::named)
            .transpose()?
            .map(|named| named.symbol);
        let client = self.client.on_behalf_of(BALANCES);
        let all = client.balances().await?;
        let Some(symbol) = symbol else {
            return all
                .iter()
                .filter_map(|held| balance_of(held).transpose())
                .collect();
        };
        let found = all
            .iter()
            .find(|held| held.asset_type.eq_ignore_ascii_case(&symbol))
            .map(balance_of)
            .transpose()?
            .flatten();
        found.map(|balance| vec![balance]).ok_or_else(|| {
            let held: Vec<&str> = all.iter().map(|held| held.asset_type.as_str()).collect();
            Error::unsupported(format!(
                "the wallet holds no {symbol}; it holds {}",
                held.join(", ")
            ))
        })
    }
}

/// What is not a symbol cannot be named here. It may be left out where nothing is held of it; the
/// client's own call has it.
fn balance_of(held: &WalletBalance) -> Result<Option<Balance>> {
    match AssetName::new(&held.asset_type, None) {
        Ok(name) => Ok(Some(Balance::new(name, held.balance, held.available))),
        Err(_) if held.balance.is_zero() && held.available.is_zero() => Ok(None),
        Err(why) => Err(Error::invalid_response(
            Outcome::NotSent,
            format!(
                "the wallet holds {} of an asset whose asset_type is no symbol: {}",
                held.balance,
                why.message()
            ),
        )),
    }
}

/// A price at a rate in currency for one of the asset, rounded up.
fn estimate(price: Decimal, rate: Decimal) -> Option<Decimal> {
    if rate <= Decimal::ZERO {
        return None;
    }
    let amount = price
        .checked_div(rate)?
        .round_dp_with_strategy(QUOTED_DECIMALS, RoundingStrategy::AwayFromZero);
    Some(amount.normalize()).filter(|amount| !amount.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_money_is_left_out_for_its_name() {
        let held = |symbol: &str, balance: &str, available: &str| {
            let json = format!(
                r#"{{"asset_type":"{symbol}","balance":{balance},"available":{available}}}"#
            );
            balance_of(&serde_json::from_str(&json).unwrap())
        };
        assert_eq!(
            held("USDT", "2.5", "1").unwrap().unwrap().total.to_string(),
            "2.5"
        );
        assert!(held("no symbol", "0.00", "0").unwrap().is_none());
        for (balance, available) in [("2.5", "0"), ("0", "1"), ("-1", "0")] {
            let error = held("no symbol", balance, available).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse);
            assert!(error.message().contains("asset_type"), "{error}");
        }
    }

    #[test]
    fn an_estimate_is_rounded_up() {
        for (price, rate, amount) in [
            ("10", "2.5", Some("4")),
            ("5", "3", Some("1.66666667")),
            ("0.01", "98765.43", Some("0.00000011")),
            ("0.01", "99999999999", Some("0.00000001")),
            ("1", "0", None),
            ("1", "-2", None),
        ] {
            let estimate = estimate(price.parse().unwrap(), rate.parse().unwrap());
            assert_eq!(estimate, amount.map(|text| text.parse().unwrap()));
        }
    }
}
