//! The tables `[ledger.limits.…]` of the config file: above which amounts a payout waits for a second person.
//!
//! ```toml
//! [ledger.limits."USDT@tron"]
//! per_payout = "1000"
//! per_day = "10000"
//! per_destination_and_day = "2000"
//! ```

use std::ops::Range;

use paymux::ledger::{PayoutLimit, PayoutLimits};
use paymux::{AssetName, Result};
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config_file::{Source, string};

pub(super) const FORM: &str = "write limits as tables [ledger.limits.\"SYMBOL@NETWORK\"]";

/// Reads the table of all assets.
///
/// # Errors
/// `Configuration` that names file, line and what would be right.
pub(super) fn read(source: &Source<'_>, assets: &DeTable<'_>) -> Result<PayoutLimits> {
    let mut limits = PayoutLimits::new();
    for (asset, value) in assets {
        let name: AssetName = asset
            .get_ref()
            .parse()
            .map_err(|error: paymux::Error| source.error(asset.span(), error.message()))?;
        let DeValue::Table(members) = value.get_ref() else {
            return Err(source.error(asset.span(), FORM));
        };
        limits = limits.for_asset(name, limit(source, asset.span(), members)?);
    }
    Ok(limits)
}

fn limit(source: &Source<'_>, place: Range<usize>, members: &DeTable<'_>) -> Result<PayoutLimit> {
    let mut limit = PayoutLimit::new();
    for (key, value) in members {
        let most = amount(source, key, value)?;
        limit = match key.get_ref().as_ref() {
            "per_payout" => limit.per_payout(most),
            "per_day" => limit.per_day(most),
            "per_destination_and_day" => limit.per_destination_and_day(most),
            other => {
                let message = format!(
                    "there is no limit {other:?}; there are per_payout, per_day and \
                     per_destination_and_day"
                );
                return Err(source.error(key.span(), &message));
            }
        };
    }
    if limit == PayoutLimit::new() {
        return Err(source.error(place, "it limits nothing; set per_payout, such as \"1000\""));
    }
    Ok(limit)
}

fn amount(
    source: &Source<'_>,
    key: &Spanned<toml::de::DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
) -> Result<Decimal> {
    let (span, text) = string(source, key, value)?;
    match paymux::money::amount_of(text) {
        Ok(most) if !most.is_sign_negative() => Ok(most),
        _ => {
            let message = "a limit is an amount in whole tokens, such as \"1000\"";
            Err(source.error(span, message))
        }
    }
}
