//! Prices and amounts of assets.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::asset::{AssetName, Currency};
use crate::decimal;
use crate::error::{Error, Result};

/// A price: an amount of a currency, in whole units (5 is five dollars).
///
/// ```
/// let price: paymux_core::Money = "4.99 USD".parse().unwrap();
/// assert_eq!(price.to_string(), "4.99 USD");
/// assert!("5USD".parse::<paymux_core::Money>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Whole units of the currency.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// What the amount is of.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl FromStr for Money {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (amount, currency) = text.trim().split_once(' ').ok_or_else(|| {
            Error::invalid_request(format!(
                "{text:?} is no price; write an amount, a space and a currency, such as \"5 USD\""
            ))
        })?;
        Ok(Self::new(
            amount_of(amount)?,
            currency.trim_start().parse()?,
        ))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", decimal::plain(self.amount), self.currency)
    }
}

/// An amount of an asset, in whole tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetAmount {
    /// Whole tokens.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// What the amount is of; `None` where the gateway tells an amount and not of what.
    pub asset: Option<AssetName>,
}

impl AssetAmount {
    /// An amount of an asset.
    #[must_use]
    pub const fn new(amount: Decimal, asset: AssetName) -> Self {
        Self {
            amount,
            asset: Some(asset),
        }
    }

    /// An amount of what the gateway does not tell.
    #[must_use]
    pub const fn of_unknown(amount: Decimal) -> Self {
        Self {
            amount,
            asset: None,
        }
    }
}

impl fmt::Display for AssetAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::plain(self.amount))?;
        match &self.asset {
            Some(asset) => write!(f, " {asset}"),
            None => Ok(()),
        }
    }
}

/// Reads an amount that a person typed: plain digits with at most one point, no exponent, above zero.
///
/// # Errors
/// `InvalidRequest` that says what was wrong.
pub fn amount_of(text: &str) -> Result<Decimal> {
    if text.contains(['e', 'E']) {
        return Err(Error::invalid_request(format!(
            "{text:?} has an exponent; write plain digits, such as 0.001"
        )));
    }
    let amount = decimal::parse(text).map_err(|error| Error::invalid_request(error.to_string()))?;
    positive(amount)?;
    Ok(amount)
}

/// Refuses an amount that is not above zero.
///
/// # Errors
/// `InvalidRequest` for zero and less.
pub fn positive(amount: Decimal) -> Result<()> {
    if amount > Decimal::ZERO {
        Ok(())
    } else {
        Err(Error::invalid_request(format!(
            "the amount is {}; it must be above zero",
            decimal::plain(amount)
        )))
    }
}

/// Refuses an amount with more decimals than its asset has. Trailing zeros do not count.
///
/// # Errors
/// `InvalidRequest` that names the decimals the asset has.
pub fn fits(amount: Decimal, decimals: u32, asset: &AssetName) -> Result<()> {
    let has = amount.normalize().scale();
    if has <= decimals {
        Ok(())
    } else {
        Err(Error::invalid_request(format!(
            "{} has {has} decimals; {asset} has {decimals}",
            decimal::plain(amount)
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_strictly() {
        assert_eq!("5 usd".parse::<Money>().unwrap().to_string(), "5 USD");
        for bad in [
            "5", "USD 5", "-5 USD", "0 USD", "1e3 USD", "5 U SD", "1,5 EUR", "",
        ] {
            assert!(bad.parse::<Money>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn decimals_are_counted_without_trailing_zeros() {
        let asset: AssetName = "TRX@tron".parse().unwrap();
        assert!(fits("1.5000000".parse().unwrap(), 6, &asset).is_ok());
        let error = fits("1.0000001".parse().unwrap(), 6, &asset).unwrap_err();
        assert_eq!(error.message(), "1.0000001 has 7 decimals; TRX@tron has 6");
    }

    #[test]
    fn json_amounts_are_strings_of_plain_digits() {
        let money: Money = serde_json::from_str(r#"{"amount":10.860,"currency":"USD"}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&money).unwrap(),
            r#"{"amount":"10.86","currency":"USD"}"#
        );
    }
}
