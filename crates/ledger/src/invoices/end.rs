//! The last step of an invoice: what became of it is written down.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use paymux_core::transition::Observed;
use paymux_core::{Error, ErrorKind, InvoiceId, InvoiceSnapshot, OrderId, Outcome, ProviderName};

use super::row::{InvoiceRow, InvoiceState, bare_invoice_id};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::inbox;
use crate::observe::{Learnt, first_poll, observe_invoice};
use crate::store::{Row, Tx, values};
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
        Ending::Failed { .. } if row.state == InvoiceState::Made => Ok(row.snapshot.map(Ok)),
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

/// Writes down the invoices that a router may have left behind on its way to this end, so that money
/// which comes to one of them is known for what it is.
pub(super) fn give_up_others(tx: &mut dyn Tx, row: &InvoiceRow, now: DateTime<Utc>) -> Stored<()> {
    let mut others: BTreeMap<ProviderName, Option<String>> = row
        .snapshot
        .iter()
        .flat_map(|known| &known.attempts)
        .filter(|attempt| attempt.may_have_executed())
        .map(|attempt| (attempt.provider.clone(), attempt.id.clone()))
        .collect();
    let told = tx.query(
        "SELECT provider, gateway_id FROM paymux_attempts
         WHERE kind = 'invoice' AND subject = ?1 AND intent = ?2 AND state IN ('in_doubt', 'running')",
        values![
            row.sent_order_id().as_str(),
            row.intent.unwrap_or_default()
        ],
    )?;
    for mut attempt in told {
        let provider: ProviderName = attempt.parsed()?;
        let id = attempt.maybe(Row::text)?;
        let known = others.entry(provider).or_default();
        *known = known.take().or(id);
    }
    others.remove(&row.provider);
    for (branch, (provider, id)) in (1..).zip(others) {
        let mut other = InvoiceRow::new(
            row.order_id.clone(),
            row.attempt_no,
            provider,
            row.request.clone(),
            now,
        )?;
        other.branch = branch;
        other.state = InvoiceState::Abandoned;
        if let Some(id) = id {
            let bare = bare_invoice_id(&InvoiceId::received(id), &other.provider);
            if other.id_is_taken(tx, &other.provider, &bare)?.is_none() {
                inbox::wake(tx, &other.provider, &bare, now)?;
                other.gateway_id = Some(bare);
                other.poll_at = Some(first_poll(now));
            }
        }
        if other.insert(tx)? {
            let line = HistoryLine::new(now, Cause::Call)
                .between(None, other.word())
                .with_detail(format!("{} may have made it too", other.provider));
            other.record(tx, &line)?;
        }
    }
    Ok(())
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
