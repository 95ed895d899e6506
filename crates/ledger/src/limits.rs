//! Above which amounts a payout waits for a second person.

use paymux_core::{AssetName, Error, ErrorKind, Outcome, Reference, decimal};
use rust_decimal::Decimal;

use crate::error::{LedgerError, Stored};
use crate::store::{Tx, values};
use crate::terms::PayoutTerms;

/// Above which amounts of one asset a payout waits for a second person's approval. In whole tokens;
/// what is exactly at a limit passes. Days are UTC days.
///
/// Counted is what was sent, is being sent or is in doubt; what was surely not sent is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayoutLimit {
    /// The most of one payout.
    pub per_payout: Option<Decimal>,
    /// The most of all payouts of a day.
    pub per_day: Option<Decimal>,
    /// The most of all payouts of a day to one destination.
    pub per_destination_and_day: Option<Decimal>,
}

impl PayoutLimit {
    /// No limit yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            per_payout: None,
            per_day: None,
            per_destination_and_day: None,
        }
    }

    /// Sets the most of one payout.
    #[must_use]
    pub const fn per_payout(mut self, most: Decimal) -> Self {
        self.per_payout = Some(most);
        self
    }

    /// Sets the most of all payouts of a day.
    #[must_use]
    pub const fn per_day(mut self, most: Decimal) -> Self {
        self.per_day = Some(most);
        self
    }

    /// Sets the most of all payouts of a day to one destination.
    #[must_use]
    pub const fn per_destination_and_day(mut self, most: Decimal) -> Self {
        self.per_destination_and_day = Some(most);
        self
    }
}

/// Limits by asset. Without any, nothing waits for approval; as soon as there is one, a payout of an
/// asset that has none always waits, so that another spelling of an asset is no way around its limit.
///
/// ```
/// use paymux_ledger::{PayoutLimit, PayoutLimits};
///
/// # fn main() -> paymux_core::Result<()> {
/// let limits = PayoutLimits::new().for_asset(
///     "USDT@tron".parse()?,
///     PayoutLimit::new().per_payout(1_000.into()).per_day(10_000.into()),
/// );
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayoutLimits(Vec<(AssetName, PayoutLimit)>);

impl PayoutLimits {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets the limit of an asset.
    #[must_use]
    pub fn for_asset(mut self, asset: AssetName, limit: PayoutLimit) -> Self {
        self.0.retain(|(other, _)| *other != asset);
        self.0.push((asset, limit));
        self
    }

    /// Why a payout on this day is above a limit; nothing where it is not.
    pub(crate) fn exceeded(
        &self,
        tx: &mut dyn Tx,
        terms: &PayoutTerms,
        day: i64,
    ) -> Stored<Option<String>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let asset = &terms.asset;
        let amount = decimal::plain(terms.amount);
        let Some((_, limit)) = self.0.iter().find(|(limited, _)| limited == asset) else {
            return Ok(Some(format!(
                "{amount} {asset}: no limit is set for this asset, and there are limits"
            )));
        };
        if let Some(most) = limit.per_payout.filter(|most| terms.amount > *most) {
            return Ok(Some(format!(
                "{amount} {asset} is above the limit of {} for one payout",
                decimal::plain(most)
            )));
        }
        if limit.per_day.is_none() && limit.per_destination_and_day.is_none() {
            return Ok(None);
        }
        lock_day(tx, asset)?;
        let sent = Sent::on(tx, asset, day, &terms.to)?;
        let above = |most: Option<Decimal>, sent: Decimal| {
            most.filter(|most| sent.checked_add(terms.amount).is_none_or(|sum| sum > *most))
        };
        if let Some(most) = above(limit.per_day, sent.in_all) {
            return Ok(Some(format!(
                "{amount} {asset} on top of {} of this day is above the limit of {} for a day",
                decimal::plain(sent.in_all),
                decimal::plain(most)
            )));
        }
        Ok(above(limit.per_destination_and_day, sent.there).map(|most| {
            format!(
                "{amount} {asset} on top of {} of this day to {} is above the limit of {} for a day \
                 and destination",
                decimal::plain(sent.there),
                terms.to,
                decimal::plain(most)
            )
        }))
    }
}

/// Two payouts at once must not each find room for itself alone.
fn lock_day(tx: &mut dyn Tx, asset: &AssetName) -> Stored<()> {
    let asset = asset.to_string();
    tx.execute(
        "INSERT INTO paymux_spending (asset) VALUES (?1) ON CONFLICT (asset) DO NOTHING",
        values![&asset],
    )?;
    tx.query(
        "SELECT asset FROM paymux_spending WHERE asset = ?1 {for update}",
        values![&asset],
    )?;
    Ok(())
}

/// What was sent of an asset on a day.
struct Sent {
    in_all: Decimal,
    there: Decimal,
}

impl Sent {
    fn on(tx: &mut dyn Tx, asset: &AssetName, day: i64, destination: &str) -> Stored<Self> {
        let mut sent = Self {
            in_all: Decimal::ZERO,
            there: Decimal::ZERO,
        };
        let rows = tx.query(
            "SELECT amount, destination FROM paymux_payouts WHERE asset = ?1 AND spent_day = ?2",
            values![&asset.to_string(), day],
        )?;
        for mut row in rows {
            let text = row.text()?;
            let amount = decimal::parse(&text).map_err(LedgerError::unreadable)?;
            sent.in_all = sent.in_all.saturating_add(amount);
            if row.text()? == destination {
                sent.there = sent.there.saturating_add(amount);
            }
        }
        Ok(sent)
    }
}

/// A payout waits for a second person: the source of the error that a call is answered with then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct ApprovalNeeded {
    /// The merchant's reference of the payout.
    pub reference: Reference,
    /// Which limit it is above.
    pub reason: String,
}

impl ApprovalNeeded {
    pub(crate) fn error(reference: &Reference, reason: &str) -> Error {
        Error::new(
            ErrorKind::Permission,
            Outcome::NotSent,
            format!("the payout {reference} waits for approval, nothing was sent: {reason}"),
        )
        .with_hint("a second person approves it; call again with the same reference then")
        .with_reference(reference.clone())
        .with_source(Self {
            reference: reference.clone(),
            reason: reason.to_owned(),
        })
    }
}
