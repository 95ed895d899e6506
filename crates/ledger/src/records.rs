//! What the ledger shows of an invoice or a payout.

use chrono::{DateTime, Utc};
use paymux_core::{
    AssetAmount, AssetName, Error, ErrorKind, InvoiceId, InvoiceSnapshot, Money, OrderId, Outcome,
    PayoutId, PayoutSnapshot, ProviderName, Reference, Result,
};
use serde::Serialize;

use crate::error::Stored;
use crate::history::{EntityKind, HistoryLine, of_entity};
use crate::invoices::{InvoiceRow, InvoiceState};
use crate::ledger::Ledger;
use crate::payouts::{PayoutRow, PayoutState};
use crate::store::{Tx, values};

/// What the ledger holds of a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PayoutRecord {
    /// The merchant's reference.
    pub reference: Reference,
    /// How far the sending has come.
    pub state: PayoutState,
    /// Who was asked; once made, who carries it out.
    pub provider: ProviderName,
    /// The gateway's id, where it is known.
    pub id: Option<PayoutId>,
    /// What was asked for, in whole tokens.
    pub amount: AssetAmount,
    /// Where it goes.
    pub to: String,
    /// Memo, tag or comment that goes with it.
    pub memo: Option<String>,
    /// Who asked for it, where that was told.
    pub requested_by: Option<String>,
    /// What is known of it.
    pub payout: Option<PayoutSnapshot>,
    /// What its last call failed with.
    pub error: Option<String>,
    /// When it was first asked for, UTC.
    pub created_at: DateTime<Utc>,
    /// When something last changed, UTC.
    pub updated_at: DateTime<Utc>,
}

impl PayoutRecord {
    pub(crate) fn of(row: PayoutRow) -> Self {
        let terms = row.request.terms;
        Self {
            reference: row.reference,
            state: row.state,
            provider: row.provider,
            id: row.gateway_id.map(PayoutId::received),
            amount: AssetAmount::new(terms.amount, terms.asset),
            to: terms.to,
            memo: terms.memo,
            requested_by: row.requested_by,
            payout: row.snapshot,
            error: row.error.map(|error| error.message),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What the ledger holds of an invoice, or of one that may exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InvoiceRecord {
    /// The merchant's order.
    pub order_id: OrderId,
    /// Which attempt at the order's invoice, from 1.
    pub attempt: u32,
    /// The order id as the gateway knows it.
    pub sent_order_id: OrderId,
    /// How far the making has come.
    pub state: InvoiceState,
    /// Who was asked; once made, who has it.
    pub provider: ProviderName,
    /// The gateway's id, where it is known.
    pub id: Option<InvoiceId>,
    /// What was asked for.
    pub price: Money,
    /// What it was to be paid with, where that was named.
    pub asset: Option<AssetName>,
    /// What is known of it.
    pub invoice: Option<InvoiceSnapshot>,
    /// What its call failed with.
    pub error: Option<String>,
    /// When it was asked for, UTC.
    pub created_at: DateTime<Utc>,
    /// When something last changed, UTC.
    pub updated_at: DateTime<Utc>,
}

impl InvoiceRecord {
    pub(crate) fn of(row: InvoiceRow) -> Self {
        let sent_order_id = row.sent_order_id();
        let terms = row.request.terms;
        Self {
            order_id: row.order_id,
            attempt: row.attempt_no,
            sent_order_id,
            state: row.state,
            provider: row.provider,
            id: row.gateway_id.map(InvoiceId::received),
            price: terms.price,
            asset: terms.asset,
            invoice: row.snapshot,
            error: row.error.map(|error| error.message),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An invoice or a payout with everything that happened to it, or a webhook that a person dismissed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EntityHistory {
    /// Which of them.
    pub kind: EntityKind,
    /// The invoice, where it is one.
    pub invoice: Option<InvoiceRecord>,
    /// The payout, where it is one.
    pub payout: Option<PayoutRecord>,
    /// What happened, oldest first.
    pub lines: Vec<HistoryLine>,
}

impl Ledger {
    /// What is held of a payout; `None` for a reference that is not known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn payout(&self, reference: &Reference) -> Result<Option<PayoutRecord>> {
        let reference = reference.clone();
        let row = self
            .0
            .store
            .read(move |tx| PayoutRow::find(tx, &reference))
            .await?;
        Ok(row.map(PayoutRecord::of))
    }

    /// Every attempt at an order's invoice, oldest first; the last one that is no
    /// [`Abandoned`](InvoiceState::Abandoned) branch is the order's own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invoices(&self, order: &OrderId) -> Result<Vec<InvoiceRecord>> {
        let order = order.clone();
        let rows = self
            .0
            .store
            .read(move |tx| InvoiceRow::of_order(tx, &order))
            .await?;
        Ok(rows.into_iter().map(InvoiceRecord::of).collect())
    }

    /// Everything that happened to what has this id: a payout's reference, an order, a gateway's id
    /// (alone or as `PROVIDER:ID`), or `webhook:NUMBER` for one that was
    /// [dismissed](Self::dismiss). One id may be of several.
    ///
    /// # Errors
    /// `NotFound` for an id that the ledger does not know.
    pub async fn history(&self, id: &str) -> Result<Vec<EntityHistory>> {
        let asked = id.to_owned();
        let found = self.0.store.read(move |tx| look_up(tx, &asked)).await?;
        if found.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFound,
                Outcome::NotSent,
                format!(
                    "the ledger knows nothing of {id:?}; give a payout's reference, an order id or a \
                     gateway's id"
                ),
            ));
        }
        Ok(found)
    }
}

fn look_up(tx: &mut dyn Tx, id: &str) -> Stored<Vec<EntityHistory>> {
    let mut found = Vec::new();
    let mut payouts: Vec<PayoutRow> = PayoutRow::find(tx, &Reference::received(id))?
        .into_iter()
        .collect();
    let mut invoices = InvoiceRow::of_order(tx, &OrderId::received(id))?;
    let (order, attempt) = crate::terms::received_order_id(&OrderId::received(id));
    if order.as_str() != id {
        let rows = InvoiceRow::of_order(tx, &order)?;
        invoices.extend(rows.into_iter().filter(|row| row.attempt_no == attempt));
    }
    let (owner, bare) = match InvoiceId::received(id).split_owner() {
        Some((owner, bare)) => (Some(owner), bare.as_str().to_owned()),
        None => (None, id.to_owned()),
    };
    let references = tx.query(
        "SELECT reference, provider FROM paymux_payouts WHERE gateway_id = ?1",
        values![&bare],
    )?;
    for mut row in references {
        let (reference, provider): (String, ProviderName) = (row.text()?, row.parsed()?);
        if owner.as_ref().is_none_or(|owner| *owner == provider)
            && payouts
                .iter()
                .all(|known| known.reference.as_str() != reference)
        {
            payouts.extend(PayoutRow::find(tx, &Reference::received(reference))?);
        }
    }
    let rows = InvoiceRow::of_gateway_id(tx, &bare)?;
    for row in rows {
        if owner.as_ref().is_none_or(|owner| *owner == row.provider)
            && invoices.iter().all(|known| known.id != row.id)
        {
            invoices.push(row);
        }
    }
    for row in payouts {
        found.push(EntityHistory {
            kind: EntityKind::Payout,
            lines: of_entity(tx, &row.id)?,
            invoice: None,
            payout: Some(PayoutRecord::of(row)),
        });
    }
    for row in invoices {
        found.push(EntityHistory {
            kind: EntityKind::Invoice,
            lines: of_entity(tx, &row.id)?,
            invoice: Some(InvoiceRecord::of(row)),
            payout: None,
        });
    }
    if id.starts_with("webhook:") {
        let lines = of_entity(tx, id)?;
        if !lines.is_empty() {
            found.push(EntityHistory {
                kind: EntityKind::Webhook,
                lines,
                invoice: None,
                payout: None,
            });
        }
    }
    Ok(found)
}
