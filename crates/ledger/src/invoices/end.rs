//! The last step of an invoice: what became of it is written down.

use chrono::{DateTime, Utc};
use paymux_core::transition::Observed;
use paymux_core::{Error, ErrorKind, InvoiceId, InvoiceSnapshot, OrderId, Outcome, ProviderName};

use super::left_behind::{give_up_others, leave_behind};
use super::row::{InvoiceRow, InvoiceState, bare_invoice_id};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::inbox;
use crate::observe::{Learnt, first_poll, observe_invoice};
use crate::store::Tx;
use crate::stored_error::StoredError;

/// How the call ended.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    Made(Box<InvoiceSnapshot>),
    Failed {
        error: StoredError,
        outcome: Outcome,
        /// Whose invoice may exist.
        provider: Option<ProviderName>,
    },
}

impl Ending {
    pub(crate) fn of(result: &Result<InvoiceSnapshot, Error>) -> Self {
        match result {
            Ok(snapshot) => Self::Made(Box::new(snapshot.clone())),
            Err(error) => Self::Failed {
                error: StoredError::of(error),
                outcome: error.outcome(),
                provider: error.provider().cloned(),
            },
        }
    }
}

/// Writes down how a call ended. What the caller is to be told instead of the call's own result is
/// returned, where there is something.
pub(crate) fn end(
    tx: &mut dyn Tx,
    id: &str,
    intent: i64,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Stored<Option<Result<InvoiceSnapshot, Error>>> {
    let Some(row) = InvoiceRow::lock(tx, id)? else {
        return Ok(None);
    };
    match ending {
        Ending::Made(snapshot) => made(tx, row, intent, snapshot, now),
        Ending::Failed { .. } if row.intent != Some(intent) => Ok(None),
        // A webhook was faster than the answer that did not come.
        Ending::Failed { .. } if row.state == InvoiceState::Made => {
            give_up_others(tx, &row, now)?;
            Ok(row.snapshot.map(Ok))
        }
        Ending::Failed {
            error,
            outcome,
            provider,
        } => {
            failed(tx, row, error, *outcome, provider.as_ref(), now)?;
            Ok(None)
        }
    }
}

fn made(
    tx: &mut dyn Tx,
    mut row: InvoiceRow,
    intent: i64,
    snapshot: &InvoiceSnapshot,
    now: DateTime<Utc>,
) -> Stored<Option<Result<InvoiceSnapshot, Error>>> {
    let bare = bare_invoice_id(&snapshot.id, &snapshot.provider);
    let is_another = row.gateway_id.as_deref().is_some_and(|known| known != bare)
        || (row.gateway_id.is_some() && row.provider != snapshot.provider);
    if is_another {
        // A router went on while a webhook told of what it had made before: the order keeps that one.
        leave_behind(tx, &row, &snapshot.provider, Some(&bare), now)?;
        give_up_others(tx, &row, now)?;
        return known_or_superseded(tx, row);
    }
    if let Some(other) = row.id_is_taken(tx, &snapshot.provider, &bare)? {
        let error = taken(&row, snapshot, &other);
        if row.intent == Some(intent) {
            let doubt = StoredError::of(&error).without_id();
            failed(tx, row, &doubt, Outcome::Unknown, None, now)?;
        }
        return Ok(Some(Err(error)));
    }
    if row.intent == Some(intent) && row.state == InvoiceState::Running {
        let was = row.word();
        let mut known = snapshot.clone();
        known.order_id = Some(row.order_id.clone());
        row.state = InvoiceState::Made;
        let detail = format!("{} gave it the id {bare}", snapshot.provider);
        row.provider = snapshot.provider.clone();
        row.gateway_id = Some(bare);
        row.lease_until = None;
        row.poll_at = Some(first_poll(now));
        row.snapshot = Some(known);
        row.save(tx, now)?;
        let line = HistoryLine::new(now, Cause::Call)
            .between(Some(was), row.word())
            .with_detail(detail);
        row.record(tx, &line)?;
        // Webhooks that were faster than this answer wait for it.
        inbox::wake(
            tx,
            &row.provider,
            &bare_invoice_id(&snapshot.id, &row.provider),
            now,
        )?;
        give_up_others(tx, &row, now)?;
        return Ok(row.snapshot.map(Ok));
    }
    // It was heard of by webhook, or given up while the call ran.
    if row.intent == Some(intent) && row.gateway_id.as_deref() == Some(&*bare) {
        // A router's answer has the owner before the id.
        if let Some(known) = &mut row.snapshot {
            known.id = snapshot.id.clone();
        }
    }
    let learnt = Learnt {
        observed: Observed::Notice,
        ..Learnt::read(now, Cause::Call)
    };
    observe_invoice(tx, &mut row, snapshot, learnt)?;
    give_up_others(tx, &row, now)?;
    known_or_superseded(tx, row)
}

/// What the caller is told of an invoice that was heard of elsewhere, or given up, while it waited.
fn known_or_superseded(
    tx: &mut dyn Tx,
    row: InvoiceRow,
) -> Stored<Option<Result<InvoiceSnapshot, Error>>> {
    if row.is_superseded(tx)? {
        return Ok(Some(Err(superseded(&row))));
    }
    Ok(row.snapshot.map(Ok))
}

fn failed(
    tx: &mut dyn Tx,
    mut row: InvoiceRow,
    error: &StoredError,
    outcome: Outcome,
    provider: Option<&ProviderName>,
    now: DateTime<Utc>,
) -> Stored<()> {
    let was = row.word();
    row.error = Some(error.clone());
    row.lease_until = None;
    if outcome == Outcome::Unknown {
        row.state = InvoiceState::Abandoned;
        if let Some(provider) = provider {
            row.provider = provider.clone();
        }
        if let Some(id) = &error.id {
            let bare = bare_invoice_id(&InvoiceId::received(id.as_str()), &row.provider);
            if row.id_is_taken(tx, &row.provider, &bare)?.is_none() {
                inbox::wake(tx, &row.provider, &bare, now)?;
                row.gateway_id = Some(bare);
                row.poll_at = Some(first_poll(now));
            }
        }
    } else {
        row.state = InvoiceState::NotMade;
    }
    row.save(tx, now)?;
    if was != row.word() {
        let line = HistoryLine::new(now, Cause::Call)
            .between(Some(was), row.word())
            .with_detail(error.message.clone());
        row.record(tx, &line)?;
    }
    give_up_others(tx, &row, now)
}

fn taken(row: &InvoiceRow, snapshot: &InvoiceSnapshot, other: &OrderId) -> Error {
    Error::new(
        ErrorKind::Mismatch,
        Outcome::Unknown,
        format!(
            "{} gave the order {} the invoice {}, which belongs to the order {other}",
            snapshot.provider, row.order_id, snapshot.id
        ),
    )
    .with_provider(snapshot.provider.clone())
}

fn superseded(row: &InvoiceRow) -> Error {
    Error::new(
        ErrorKind::InProgress,
        Outcome::Unknown,
        format!(
            "this call took so long that another one made a newer invoice for the order {}",
            row.order_id
        ),
    )
    .with_hint("call again to get the newer invoice; money that comes to the older one is told")
}
