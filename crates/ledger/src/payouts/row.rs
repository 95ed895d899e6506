//! The row of a payout.

use chrono::{DateTime, Utc};
use paymux_core::{PayoutId, PayoutSnapshot, ProviderName, Reference, decimal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{LedgerError, Stored};
use crate::history::{EntityKind, HistoryLine, record};
use crate::store::{Row, Tx, Value, to_json, values};
use crate::stored_error::StoredError;
use crate::terms::{PayoutRequest, fingerprint};

/// How far the sending of a payout has come. How far the payout itself has come is its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PayoutState {
    /// It is above a limit and waits for a second person. Nothing was sent.
    AwaitingApproval,
    /// A second person approved it; the next call sends it.
    Approved,
    /// A second person declined it. Nothing was sent.
    Declined,
    /// It is being sent.
    Running,
    /// It was surely not sent; the next call sends it.
    NotSent,
    /// The gateway said no.
    Rejected,
    /// Nobody knows whether it was sent. It is not sent again.
    InDoubt,
    /// The gateway took it.
    Made,
}

impl PayoutState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::AwaitingApproval,
        Self::Approved,
        Self::Declined,
        Self::Running,
        Self::NotSent,
        Self::Rejected,
        Self::InDoubt,
        Self::Made,
    ];

    /// The state in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Running => "running",
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::InDoubt => "in_doubt",
            Self::Made => "made",
        }
    }
}

/// What is stored of a payout.
#[derive(Debug, Clone)]
pub(crate) struct PayoutRow {
    pub(crate) reference: Reference,
    pub(crate) id: String,
    pub(crate) state: PayoutState,
    pub(crate) provider: ProviderName,
    /// Without its owner before it.
    pub(crate) gateway_id: Option<String>,
    /// The JSON that is compared.
    pub(crate) terms: String,
    pub(crate) request: PayoutRequest,
    pub(crate) spent_day: Option<i64>,
    pub(crate) requested_by: Option<String>,
    pub(crate) snapshot: Option<PayoutSnapshot>,
    pub(crate) error: Option<StoredError>,
    pub(crate) intent: Option<i64>,
    pub(crate) lease_until: Option<DateTime<Utc>>,
    pub(crate) delegated: bool,
    pub(crate) event_seq: u64,
    pub(crate) poll_at: Option<DateTime<Utc>>,
    pub(crate) polls: u32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// The columns in the order in which [`read`] reads them.
macro_rules! columns {
    () => {
        "reference, id, state, provider, gateway_id, terms, request, spent_day, requested_by, \
         snapshot, error, intent, lease_until, delegated, event_seq, poll_at, polls, created_at, \
         updated_at"
    };
}
/// A SELECT of whole rows, ending as told.
macro_rules! select {
    ($ending:literal) => {
        concat!("SELECT ", columns!(), " FROM paymux_payouts ", $ending)
    };
}

fn read(mut row: Row) -> Stored<PayoutRow> {
    let row = &mut row;
    Ok(PayoutRow {
        reference: Reference::received(row.text()?),
        id: row.text()?,
        state: state(&row.text()?)?,
        provider: row.parsed()?,
        gateway_id: row.maybe(Row::text)?,
        terms: row.text()?,
        request: row.json()?,
        spent_day: row.maybe(Row::int)?,
        requested_by: row.maybe(Row::text)?,
        snapshot: row.maybe(Row::json)?,
        error: row.maybe(Row::json)?,
        intent: row.maybe(Row::int)?,
        lease_until: row.maybe(Row::time)?,
        delegated: row.flag()?,
        event_seq: row.number()?,
        poll_at: row.maybe(Row::time)?,
        polls: row.number()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

fn state(word: &str) -> Stored<PayoutState> {
    PayoutState::ALL
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| LedgerError::unreadable(format!("{word:?} is no payout state")).into())
}

impl PayoutRow {
    /// A row for a reference that is new.
    pub(crate) fn new(
        reference: Reference,
        provider: ProviderName,
        request: PayoutRequest,
        now: DateTime<Utc>,
    ) -> Stored<Self> {
        Ok(Self {
            reference,
            id: Uuid::now_v7().to_string(),
            state: PayoutState::NotSent,
            provider,
            gateway_id: None,
            terms: fingerprint(&request.terms)?,
            request,
            spent_day: None,
            requested_by: None,
            snapshot: None,
            error: None,
            intent: None,
            lease_until: None,
            delegated: false,
            event_seq: 0,
            poll_at: None,
            polls: 0,
            created_at: now,
            updated_at: now,
        })
    }

    /// The row of a reference, locked until the transaction ends.
    pub(crate) fn lock(tx: &mut dyn Tx, reference: &Reference) -> Stored<Option<Self>> {
        tx.first(
            select!("WHERE reference = ?1 {for update}"),
            values![reference.as_str()],
        )?
        .map(read)
        .transpose()
    }

    /// The row that what a gateway tells is about: by the gateway's id, else by the reference. Locked
    /// until the transaction ends.
    pub(crate) fn lock_told(
        tx: &mut dyn Tx,
        provider: &ProviderName,
        id: &PayoutId,
        reference: Option<&Reference>,
    ) -> Stored<Option<Self>> {
        let bare = bare_payout_id(id, provider);
        let found = tx.first(
            select!("WHERE provider = ?1 AND gateway_id = ?2 {for update}"),
            values![provider.as_str(), &bare],
        )?;
        match (found, reference) {
            (Some(row), _) => read(row).map(Some),
            (None, Some(reference)) => Self::lock(tx, reference),
            (None, None) => Ok(None),
        }
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

    /// The row of a reference.
    pub(crate) fn find(tx: &mut dyn Tx, reference: &Reference) -> Stored<Option<Self>> {
        tx.first(select!("WHERE reference = ?1"), values![reference.as_str()])?
            .map(read)
            .transpose()
    }

    /// The rows in one state, in the order of their references, after the one named.
    pub(crate) fn in_state(
        tx: &mut dyn Tx,
        state: PayoutState,
        after: &str,
        limit: u32,
    ) -> Stored<Vec<Self>> {
        tx.query(
            select!("WHERE state = ?1 AND reference > ?2 ORDER BY reference LIMIT ?3"),
            values![state.as_str(), after, limit],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// A page of those that were first asked for within a time, oldest first, after the one named.
    pub(crate) fn created_between(
        tx: &mut dyn Tx,
        since: i64,
        until: i64,
        after: &str,
        limit: u32,
    ) -> Stored<Vec<Self>> {
        tx.query(
            select!("WHERE id > ?1 AND created_at >= ?2 AND created_at < ?3 ORDER BY id LIMIT ?4"),
            values![after, since, until, limit],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// The references of calls whose process was not heard of any more.
    pub(crate) fn expired(tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<Vec<Reference>> {
        tx.query(
            "SELECT reference FROM paymux_payouts
             WHERE state = 'running' AND lease_until < ?1 ORDER BY lease_until LIMIT 500",
            values![now],
        )?
        .into_iter()
        .map(|mut row| Ok(Reference::received(row.text()?)))
        .collect()
    }

    /// The calls that are believed to live, those that have run longest first.
    pub(crate) fn running(tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<Vec<Self>> {
        tx.query(
            select!("WHERE state = 'running' AND lease_until >= ?1 ORDER BY lease_until"),
            values![now],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// Puts a new row in; false where the reference has one already.
    pub(crate) fn insert(&self, tx: &mut dyn Tx) -> Stored<bool> {
        let terms = &self.request.terms;
        let inserted = tx.execute(
            "INSERT INTO paymux_payouts
                (reference, id, state, provider, terms, request, amount, asset, destination,
                 spent_day, requested_by, intent, lease_until, delegated, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (reference) DO NOTHING",
            values![
                self.reference.as_str(),
                &self.id,
                self.state.as_str(),
                self.provider.as_str(),
                &self.terms,
                &to_json(&self.request)?,
                &decimal::plain(terms.amount),
                &terms.asset.to_string(),
                &terms.to,
                self.spent_day,
                self.requested_by.as_deref(),
                self.intent,
                self.lease_until,
                self.delegated,
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
            "UPDATE paymux_payouts SET
                state = ?2, provider = ?3, gateway_id = ?4, spent_day = ?5, requested_by = ?6,
                snapshot = ?7, status = ?8, error = ?9, intent = ?10, lease_until = ?11,
                delegated = ?12, event_seq = ?13, poll_at = ?14, polls = ?15, updated_at = ?16
             WHERE reference = ?1",
            values![
                self.reference.as_str(),
                self.state.as_str(),
                self.provider.as_str(),
                self.gateway_id.as_deref(),
                self.spent_day,
                self.requested_by.as_deref(),
                snapshot.as_deref(),
                self.snapshot.as_ref().map(|known| known.status.as_str()),
                error.as_deref(),
                self.intent,
                self.lease_until,
                self.delegated,
                i64::try_from(self.event_seq).unwrap_or(i64::MAX),
                self.poll_at,
                self.polls,
                self.updated_at,
            ],
        )
    }

    /// The state in one word: the payout's own status once it was made.
    pub(crate) fn word(&self) -> &'static str {
        match (self.state, &self.snapshot) {
            (PayoutState::Made, Some(snapshot)) => snapshot.status.as_str(),
            (state, _) => state.as_str(),
        }
    }

    /// Adds a line to its history.
    pub(crate) fn record(&self, tx: &mut dyn Tx, line: &HistoryLine) -> Stored<()> {
        record(tx, EntityKind::Payout, &self.id, line)
    }

    /// Whether another payout has this id of the gateway.
    pub(crate) fn id_is_taken(
        &self,
        tx: &mut dyn Tx,
        provider: &ProviderName,
        bare: &str,
    ) -> Stored<Option<Reference>> {
        Ok(tx
            .first(
                "SELECT reference FROM paymux_payouts
                 WHERE provider = ?1 AND gateway_id = ?2 AND reference <> ?3",
                values![provider.as_str(), bare, self.reference.as_str()],
            )?
            .map(|mut row| row.text())
            .transpose()?
            .map(Reference::received))
    }
}

/// A gateway's id without its owner before it, whoever told it.
pub(crate) fn bare_payout_id(id: &PayoutId, provider: &ProviderName) -> String {
    id.without_owner(provider).as_str().to_owned()
}
