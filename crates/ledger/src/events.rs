//! What the application is told: exactly one event for each change of state.

use chrono::{DateTime, Utc};
use paymux_core::{DepositSnapshot, InvoiceSnapshot, OrderId, PayoutSnapshot, Reference};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Stored;
use crate::history::EntityKind;
use crate::store::{Tx, to_json, values};

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EventKind {
    /// The state of an invoice changed.
    #[serde(rename = "invoice.changed")]
    InvoiceChanged,
    /// Money came to an invoice that was expired, canceled, given up, or replaced by a newer one.
    #[serde(rename = "invoice.late_payment")]
    LatePayment,
    /// The gateway says of an invoice what cannot be; a person should look.
    #[serde(rename = "invoice.contradiction")]
    InvoiceContradiction,
    /// The state of a payout changed.
    #[serde(rename = "payout.changed")]
    PayoutChanged,
    /// The gateway says of a payout what cannot be; a person should look before anything is sent.
    #[serde(rename = "payout.contradiction")]
    PayoutContradiction,
    /// Money came to a permanent address, or came further: one event for each webhook that tells so.
    #[serde(rename = "deposit.changed")]
    DepositChanged,
}

impl EventKind {
    /// The kind as JSON spells it, such as `invoice.changed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvoiceChanged => "invoice.changed",
            Self::LatePayment => "invoice.late_payment",
            Self::InvoiceContradiction => "invoice.contradiction",
            Self::PayoutChanged => "payout.changed",
            Self::PayoutContradiction => "payout.contradiction",
            Self::DepositChanged => "deposit.changed",
        }
    }
}

/// Something that happened to an invoice or a payout, or money that came to a permanent address.
/// Delivered at least once, under the same id, and in the order of `sequence` for each invoice, payout
/// and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LedgerEvent {
    /// A UUID of version 7, the same at every delivery.
    pub id: String,
    /// What it tells.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When it happened, UTC.
    pub at: DateTime<Utc>,
    /// Counts the events of one invoice, payout or address, from 1.
    pub sequence: u64,
    /// The merchant's order, where it is about an invoice.
    pub order_id: Option<OrderId>,
    /// Which attempt at the order's invoice, from 1, where it is about an invoice.
    pub attempt: Option<u32>,
    /// The merchant's reference, where it is about a payout.
    pub reference: Option<Reference>,
    /// The state before; empty for a deposit, of which each webhook stands alone.
    pub was: String,
    /// The state now; of a deposit, what the webhook told.
    pub became: String,
    /// What is known of the invoice now; `None` where it is about none, or its gateway has told nothing yet.
    pub invoice: Option<InvoiceSnapshot>,
    /// What is known of the payout now; `None` where it is about none, or its gateway has told nothing yet.
    pub payout: Option<PayoutSnapshot>,
    /// What the webhook told, where it is about a deposit. The same deposit is told of again as it is
    /// confirmed and credited: tell deposits apart by their id and transactions before you add amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<DepositSnapshot>,
}

impl LedgerEvent {
    pub(crate) fn new(kind: EventKind, at: DateTime<Utc>, was: &str, became: &str) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            kind,
            at,
            sequence: 0,
            order_id: None,
            attempt: None,
            reference: None,
            was: was.to_owned(),
            became: became.to_owned(),
            invoice: None,
            payout: None,
            deposit: None,
        }
    }
}

/// The number of the newest event of something that has no row of its own to count them. That event is
/// locked until the transaction ends, so that others wait for the one after it. Of two who both find
/// none yet, one finds its number taken, and looks again. It is never pruned.
pub(crate) fn newest_sequence(tx: &mut dyn Tx, entity: &str) -> Stored<u64> {
    let mut newest = None;
    loop {
        let locked = tx.first(
            "SELECT entity_seq FROM paymux_outbox WHERE entity = ?1
             ORDER BY entity_seq DESC LIMIT 1 {for update}",
            values![entity],
        )?;
        let locked = locked.map_or(Ok(0), |mut row| row.number())?;
        // Who waited for it may have waited for whoever put the next one behind it.
        if newest == Some(locked) || locked == 0 {
            return Ok(locked);
        }
        newest = Some(locked);
    }
}

/// Puts an event into the outbox. The row that it is about is locked, and its `event_seq` was counted
/// up to `event.sequence`.
pub(crate) fn append(
    tx: &mut dyn Tx,
    entity_kind: EntityKind,
    entity: &str,
    event: &LedgerEvent,
) -> Stored<()> {
    // Locked, so that whoever delivers that one sees the one behind it, or this sees that it is done.
    let waits = event.sequence > 1
        && tx
            .first(
                "SELECT number FROM paymux_outbox WHERE entity = ?1 AND state IN ('open', 'queued')
                 ORDER BY entity_seq DESC LIMIT 1 {for update}",
                values![entity],
            )?
            .is_some();
    tx.send(
        "INSERT INTO paymux_outbox
            (id, entity_kind, entity, entity_seq, kind, body, state, next_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        values![
            &event.id,
            entity_kind.as_str(),
            entity,
            i64::try_from(event.sequence).unwrap_or(i64::MAX),
            event.kind.as_str(),
            &to_json(event)?,
            if waits { "queued" } else { "open" },
            event.at,
        ],
    )
}
