//! What the ledger says of a day.

use chrono::{DateTime, Utc};
use paymux_core::{AssetAmount, InvoiceSnapshot, OrderId, PayoutSnapshot, ProviderName, Reference};
use rust_decimal::Decimal;

use super::{Drift, DriftKind};
use crate::error::Stored;
use crate::store::{Row, Tx, values};

/// An invoice or a payout that may exist at a gateway.
pub(super) struct Ours {
    /// Where to go on from.
    pub(super) cursor: String,
    pub(super) provider: ProviderName,
    pub(super) gateway_id: Option<String>,
    key: Key,
    /// Its status, or how far it came.
    pub(super) word: String,
    /// What arrived, or what was sent.
    pub(super) amount: Option<Decimal>,
}

enum Key {
    Order(OrderId),
    Reference(Reference),
}

impl Ours {
    pub(super) const fn is_invoice(&self) -> bool {
        matches!(self.key, Key::Order(_))
    }

    pub(super) fn drift(
        &self,
        kind: DriftKind,
        ours: Option<String>,
        theirs: Option<String>,
    ) -> Drift {
        let (order_id, reference) = match &self.key {
            Key::Order(order) => (Some(order.clone()), None),
            Key::Reference(reference) => (None, Some(reference.clone())),
        };
        Drift {
            provider: self.provider.clone(),
            gateway_id: self.gateway_id.clone(),
            order_id,
            reference,
            kind,
            ours,
            theirs,
        }
    }
}

/// What was made from one time until another, invoices and payouts in the order of their ids. What was
/// surely never sent is left out.
pub(super) fn made_between(
    tx: &mut dyn Tx,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    after: &str,
    limit: u32,
) -> Stored<Vec<Ours>> {
    let mut found = Vec::new();
    for row in tx.query(
        "SELECT id, provider, gateway_id, state, status, order_id, snapshot FROM paymux_invoices
         WHERE created_at >= ?1 AND created_at < ?2 AND id > ?3
             AND state IN ('made', 'abandoned') ORDER BY id LIMIT ?4",
        values![from, to, after, limit],
    )? {
        found.push(read(row, |row| {
            let key = Key::Order(OrderId::received(row.text()?));
            let snapshot: Option<InvoiceSnapshot> = row.maybe(Row::json)?;
            Ok((key, snapshot.and_then(|known| known.received)))
        })?);
    }
    for row in tx.query(
        "SELECT id, provider, gateway_id, state, status, reference, snapshot FROM paymux_payouts
         WHERE created_at >= ?1 AND created_at < ?2 AND id > ?3
             AND state IN ('made', 'in_doubt') ORDER BY id LIMIT ?4",
        values![from, to, after, limit],
    )? {
        found.push(read(row, |row| {
            let key = Key::Reference(Reference::received(row.text()?));
            let snapshot: Option<PayoutSnapshot> = row.maybe(Row::json)?;
            Ok((key, snapshot.and_then(|known| known.amount)))
        })?);
    }
    // Both lists go on after the same id: what lies beyond the end of either comes with the next.
    found.sort_by(|a, b| a.cursor.cmp(&b.cursor));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// What both tables have alike, then what they have not.
fn read(
    mut row: Row,
    rest: impl FnOnce(&mut Row) -> Stored<(Key, Option<AssetAmount>)>,
) -> Stored<Ours> {
    let (cursor, provider) = (row.text()?, row.parsed()?);
    let gateway_id = row.maybe(Row::text)?;
    let (state, status) = (row.text()?, row.maybe(Row::text)?);
    let (key, amount) = rest(&mut row)?;
    Ok(Ours {
        cursor,
        provider,
        gateway_id,
        key,
        word: status.unwrap_or(state),
        amount: amount.map(|amount| amount.amount),
    })
}

/// Whether an invoice is known by the gateway's id.
pub(super) fn knows_invoice(tx: &mut dyn Tx, provider: &ProviderName, bare: &str) -> Stored<bool> {
    Ok(tx
        .first(
            "SELECT 1 FROM paymux_invoices WHERE provider = ?1 AND gateway_id = ?2",
            values![provider.as_str(), bare],
        )?
        .is_some())
}
