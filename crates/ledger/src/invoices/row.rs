//! The row of an invoice, or of one that may exist.

use chrono::{DateTime, Utc};
use paymux_core::{InvoiceId, InvoiceSnapshot, InvoiceStatus, OrderId, ProviderName};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::left_behind::adopt;
use crate::error::{LedgerError, Stored};
use crate::history::{EntityKind, HistoryLine, record};
use crate::store::{Row, Tx, Value, to_json, values};
use crate::stored_error::StoredError;
use crate::terms::{InvoiceRequest, fingerprint, received_order_id, sent_order_id};

/// How far the making of an invoice has come. How far the invoice itself has come is its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceState {
    /// It is being made.
    Running,
    /// The gateway made it.
    Made,
    /// It was surely not made.
    NotMade,
    /// It was given up: nobody knows whether it exists. Money that comes to it is told.
    Abandoned,
}

impl InvoiceState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Running, Self::Made, Self::NotMade, Self::Abandoned];

    /// The state in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Made => "made",
            Self::NotMade => "not_made",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What is stored of an invoice.
#[derive(Debug, Clone)]
pub(crate) struct InvoiceRow {
    pub(crate) id: String,
    pub(crate) order_id: OrderId,
    /// From 1.
    pub(crate) attempt_no: u32,
    /// 0 for the attempt itself; more for an invoice that was given up on the way to it.
    pub(crate) branch: u32,
    pub(crate) state: InvoiceState,
    pub(crate) provider: ProviderName,
    /// Without its owner before it.
    pub(crate) gateway_id: Option<String>,
    /// The JSON that is compared.
    pub(crate) terms: String,
    pub(crate) request: InvoiceRequest,
    pub(crate) snapshot: Option<InvoiceSnapshot>,
    pub(crate) error: Option<StoredError>,
    pub(crate) intent: Option<i64>,
    pub(crate) lease_until: Option<DateTime<Utc>>,
    pub(crate) event_seq: u64,
    pub(crate) poll_at: Option<DateTime<Utc>>,
    pub(crate) polls: u32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Whether its order has a newer attempt, where that was looked at since the row was locked.
    /// Whoever makes a newer one locks the newest one first, so it stays as it is.
    superseded: Option<bool>,
}

/// A SELECT of whole rows in the order in which [`read`] reads them, ending as told.
macro_rules! select {
    ($ending:literal) => {
        concat!(
            "SELECT id, order_id, attempt_no, branch, state, provider, gateway_id, terms, request, \
             snapshot, error, intent, lease_until, event_seq, poll_at, polls, created_at, updated_at \
             FROM paymux_invoices ",
            $ending
        )
    };
}

// Behind the macro that it uses.
mod lists;

/// Whether an order has a newer attempt.
const NEWER: &str = "SELECT 1 FROM paymux_invoices
    WHERE order_id = ?1 AND branch = 0 AND attempt_no > ?2 LIMIT 1";

fn read(mut row: Row) -> Stored<InvoiceRow> {
    let row = &mut row;
    Ok(InvoiceRow {
        id: row.text()?,
        order_id: OrderId::received(row.text()?),
        attempt_no: row.number()?,
        branch: row.number()?,
        state: state(&row.text()?)?,
        provider: row.parsed()?,
        gateway_id: row.maybe(Row::text)?,
        terms: row.text()?,
        request: row.json()?,
        snapshot: row.maybe(Row::json)?,
        error: row.maybe(Row::json)?,
        intent: row.maybe(Row::int)?,
        lease_until: row.maybe(Row::time)?,
        event_seq: row.number()?,
        poll_at: row.maybe(Row::time)?,
        polls: row.number()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        superseded: None,
    })
}

fn state(word: &str) -> Stored<InvoiceState> {
    InvoiceState::ALL
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| LedgerError::unreadable(format!("{word:?} is no invoice state")).into())
}

impl InvoiceRow {
    /// A row for an attempt that is new.
    pub(crate) fn new(
        order_id: OrderId,
        attempt_no: u32,
        provider: ProviderName,
        request: InvoiceRequest,
        now: DateTime<Utc>,
    ) -> Stored<Self> {
        Ok(Self {
            id: Uuid::now_v7().to_string(),
            order_id,
            attempt_no,
            branch: 0,
            state: InvoiceState::Running,
            provider,
            gateway_id: None,
            terms: fingerprint(&request.terms)?,
            request,
            snapshot: None,
            error: None,
            intent: None,
            lease_until: None,
            event_seq: 0,
            poll_at: None,
            polls: 0,
            created_at: now,
            updated_at: now,
            superseded: None,
        })
    }

    /// The newest attempt of an order, locked until the transaction ends.
    pub(crate) fn lock_current(tx: &mut dyn Tx, order: &OrderId) -> Stored<Option<Self>> {
        tx.first(
            select!(
                "WHERE order_id = ?1 AND branch = 0 ORDER BY attempt_no DESC LIMIT 1 {for update}"
            ),
            values![order.as_str()],
        )?
        .map(read)
        .transpose()
    }

    /// A row by its own id, locked until the transaction ends.
    pub(crate) fn lock(tx: &mut dyn Tx, id: &str) -> Stored<Option<Self>> {
        tx.first(select!("WHERE id = ?1 {for update}"), values![id])?
            .map(read)
            .transpose()
    }

    /// The row that what a gateway tells is about: by the gateway's id, else by the order id that the
    /// gateway was given, among those whose id is not known yet, else a new one where a router tried
    /// that gateway. Locked until the transaction ends.
    pub(crate) fn lock_told(
        tx: &mut dyn Tx,
        provider: &ProviderName,
        id: &InvoiceId,
        sent: Option<&OrderId>,
    ) -> Stored<Option<Self>> {
        let bare = bare_invoice_id(id, provider);
        let found = tx.first(
            select!("WHERE provider = ?1 AND gateway_id = ?2 {for update}"),
            values![provider.as_str(), &bare],
        )?;
        if let Some(row) = found {
            return read(row).map(Some);
        }
        let Some(sent) = sent else { return Ok(None) };
        match Self::lock_waiting(tx, provider, sent)? {
            Some(row) => Ok(Some(row)),
            None => adopt(tx, provider, sent),
        }
    }

    /// The row of the order that waits to hear of its invoice at a gateway.
    pub(super) fn lock_waiting(
        tx: &mut dyn Tx,
        provider: &ProviderName,
        sent: &OrderId,
    ) -> Stored<Option<Self>> {
        let (order, attempt) = received_order_id(sent);
        // The provider that was asked may be a router, whose member tells; its own rows come first.
        tx.first(
            select!(
                "WHERE order_id = ?1 AND attempt_no = ?2 AND gateway_id IS NULL
                     AND state IN ('running', 'abandoned')
                 ORDER BY CASE WHEN provider = ?3 THEN 0 ELSE 1 END, branch LIMIT 1 {for update}"
            ),
            values![order.as_str(), attempt, provider.as_str()],
        )?
        .map(read)
        .transpose()
    }

    /// The rows that have these ids at their gateways, locked in this order until the transaction
    /// ends.
    pub(crate) fn lock_known(
        tx: &mut dyn Tx,
        ids: &[(ProviderName, String)],
    ) -> Stored<Vec<Option<Self>>> {
        let keys: Vec<Vec<Value<'_>>> = ids
            .iter()
            .map(|(provider, bare)| values![provider.as_str(), bare].to_vec())
            .collect();
        tx.first_each(
            select!("WHERE provider = ?1 AND gateway_id = ?2 {for update}"),
            &keys,
        )?
        .into_iter()
        .map(|row| row.map(read).transpose())
        .collect()
    }

    /// Looks for newer attempts of the orders of these rows, which are locked.
    pub(crate) fn look_for_newer(tx: &mut dyn Tx, rows: &mut [&mut Self]) -> Stored<()> {
        let keys: Vec<Vec<Value<'_>>> = rows
            .iter()
            .map(|row| values![row.order_id.as_str(), row.attempt_no].to_vec())
            .collect();
        let newer = tx.first_each(NEWER, &keys)?;
        for (row, newer) in rows.iter_mut().zip(newer) {
            // What was given up on the way to an attempt is not locked by who makes the next one.
            row.superseded = (row.branch == 0).then_some(newer.is_some());
        }
        Ok(())
    }

    /// Puts a new row in; false where the order has this attempt already.
    pub(crate) fn insert(&self, tx: &mut dyn Tx) -> Stored<bool> {
        let error = self.error.as_ref().map(to_json).transpose()?;
        let inserted = tx.execute(
            "INSERT INTO paymux_invoices
                (id, order_id, attempt_no, branch, state, provider, gateway_id, terms, request,
                 error, intent, lease_until, poll_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (order_id, attempt_no, branch) DO NOTHING",
            values![
                &self.id,
                self.order_id.as_str(),
                self.attempt_no,
                self.branch,
                self.state.as_str(),
                self.provider.as_str(),
                self.gateway_id.as_deref(),
                &self.terms,
                &to_json(&self.request)?,
                error.as_deref(),
                self.intent,
                self.lease_until,
                self.poll_at,
                self.created_at,
                self.updated_at,
            ],
        )?;
        Ok(inserted == 1)
    }

    /// Writes back what can change. The row is locked.
    pub(crate) fn save(&mut self, tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<()> {
        self.updated_at = now;
        let snapshot = self.snapshot.as_ref().map(to_json).transpose()?;
        let error = self.error.as_ref().map(to_json).transpose()?;
        tx.send(
            "UPDATE paymux_invoices SET
                state = ?2, provider = ?3, gateway_id = ?4, terms = ?5, request = ?6, snapshot = ?7,
                status = ?8, error = ?9, intent = ?10, lease_until = ?11, event_seq = ?12,
                poll_at = ?13, polls = ?14, updated_at = ?15
             WHERE id = ?1",
            values![
                &self.id,
                self.state.as_str(),
                self.provider.as_str(),
                self.gateway_id.as_deref(),
                &self.terms,
                &to_json(&self.request)?,
                snapshot.as_deref(),
                self.snapshot.as_ref().map(|known| known.status.as_str()),
                error.as_deref(),
                self.intent,
                self.lease_until,
                i64::try_from(self.event_seq).unwrap_or(i64::MAX),
                self.poll_at,
                self.polls,
                self.updated_at,
            ],
        )
    }

    /// The state in one word: the invoice's own status once it was made.
    pub(crate) fn word(&self) -> &'static str {
        match (self.state, &self.snapshot) {
            (InvoiceState::Made, Some(snapshot)) => snapshot.status.as_str(),
            (state, _) => state.as_str(),
        }
    }

    /// The order id as the gateway sees it.
    pub(crate) fn sent_order_id(&self) -> OrderId {
        sent_order_id(&self.order_id, self.attempt_no)
    }

    /// Whether it can still be paid in time, or was: the order's id returns it then.
    pub(crate) fn is_live(&self) -> bool {
        self.state == InvoiceState::Made
            && self.snapshot.as_ref().is_some_and(|known| {
                !matches!(
                    known.status,
                    InvoiceStatus::Expired | InvoiceStatus::Invalid | InvoiceStatus::Canceled
                )
            })
    }

    /// Whether the order has a newer attempt than this.
    pub(crate) fn is_superseded(&self, tx: &mut dyn Tx) -> Stored<bool> {
        if let Some(superseded) = self.superseded {
            return Ok(superseded);
        }
        let newer = tx.first(NEWER, values![self.order_id.as_str(), self.attempt_no])?;
        Ok(newer.is_some())
    }

    /// The order of another invoice that has this id of the gateway.
    pub(crate) fn id_is_taken(
        &self,
        tx: &mut dyn Tx,
        provider: &ProviderName,
        bare: &str,
    ) -> Stored<Option<OrderId>> {
        Ok(tx
            .first(
                "SELECT order_id FROM paymux_invoices
                 WHERE provider = ?1 AND gateway_id = ?2 AND id <> ?3",
                values![provider.as_str(), bare, &self.id],
            )?
            .map(|mut row| row.text())
            .transpose()?
            .map(OrderId::received))
    }

    /// Adds a line to its history.
    pub(crate) fn record(&self, tx: &mut dyn Tx, line: &HistoryLine) -> Stored<()> {
        record(tx, EntityKind::Invoice, &self.id, line)
    }
}

/// A gateway's id without its owner before it, whoever told it.
pub(crate) fn bare_invoice_id(id: &InvoiceId, provider: &ProviderName) -> String {
    id.without_owner(provider).as_str().to_owned()
}
