//! The last step of a payout: what became of it is written down.

use chrono::{DateTime, Utc};
use paymux_core::transition::Observed;
use paymux_core::{Error, ErrorKind, Outcome, PayoutSnapshot, Reference};

use super::doubt::into_doubt;
use super::row::{PayoutRow, PayoutState, bare_payout_id};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::inbox;
use crate::observe::{Learnt, first_poll, observe_payout};
use crate::store::{Tx, values};
use crate::stored_error::StoredError;

/// How the call ended.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    Made(Box<PayoutSnapshot>),
    Failed {
        error: StoredError,
        outcome: Outcome,
        /// Whether it may be sent again as it is.
        again: bool,
    },
}

impl Ending {
    pub(crate) fn of(result: &Result<PayoutSnapshot, Error>) -> Self {
        match result {
            Ok(snapshot) => Self::Made(Box::new(snapshot.clone())),
            Err(error) => Self::failed(error),
        }
    }

    pub(crate) fn failed(error: &Error) -> Self {
        Self::Failed {
            error: StoredError::of(error),
            outcome: error.outcome(),
            again: crate::intent::may_send_again(error),
        }
    }
}

/// Writes down how a call ended. What the caller is to be told instead of the call's own result is
/// returned, where there is something.
pub(crate) fn end(
    tx: &mut dyn Tx,
    reference: &Reference,
    intent: i64,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Stored<Option<Result<PayoutSnapshot, Error>>> {
    let Some(mut row) = PayoutRow::lock(tx, reference)? else {
        return Ok(None);
    };
    if row.delegated && row.intent == Some(intent) {
        close_attempts(tx, &row, intent, ending, now)?;
    }
    match ending {
        Ending::Made(snapshot) => made(tx, row, intent, snapshot, now),
        Ending::Failed { .. } if row.intent != Some(intent) => Ok(None),
        // A webhook was faster than the answer that did not come.
        Ending::Failed { .. } if row.state == PayoutState::Made => Ok(row.snapshot.map(Ok)),
        Ending::Failed {
            error,
            outcome,
            again,
        } => {
            // Whatever the whole call says: one attempt in doubt puts the payout in doubt.
            let doubtful = row.delegated && has_doubt(tx, &row, intent)?;
            let outcome = if doubtful { Outcome::Unknown } else { *outcome };
            failed(tx, &mut row, error, outcome, *again, now)?;
            Ok(None)
        }
    }
}

/// An attempt whose own end could not be written ended with the call.
fn close_attempts(
    tx: &mut dyn Tx,
    row: &PayoutRow,
    intent: i64,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Stored<()> {
    let word = match ending {
        Ending::Made(_) => "made",
        Ending::Failed {
            outcome: Outcome::Unknown,
            ..
        } => "in_doubt",
        Ending::Failed { .. } => "failed",
    };
    tx.execute(
        "UPDATE paymux_attempts SET state = ?3, ended_at = ?4
         WHERE kind = 'payout' AND subject = ?1 AND intent = ?2 AND state = 'running'",
        values![row.reference.as_str(), intent, word, now],
    )?;
    Ok(())
}

fn has_doubt(tx: &mut dyn Tx, row: &PayoutRow, intent: i64) -> Stored<bool> {
    Ok(tx
        .first(
            "SELECT 1 FROM paymux_attempts
             WHERE kind = 'payout' AND subject = ?1 AND intent = ?2
                 AND state IN ('in_doubt', 'made')",
            values![row.reference.as_str(), intent],
        )?
        .is_some())
}

fn made(
    tx: &mut dyn Tx,
    mut row: PayoutRow,
    intent: i64,
    snapshot: &PayoutSnapshot,
    now: DateTime<Utc>,
) -> Stored<Option<Result<PayoutSnapshot, Error>>> {
    let bare = bare_payout_id(&snapshot.id, &snapshot.provider);
    if let Some(other) = row.id_is_taken(tx, &snapshot.provider, &bare)? {
        let error = taken(&row, snapshot, &other);
        let doubt = StoredError::of(&error);
        if row.intent == Some(intent) {
            failed(tx, &mut row, &doubt, Outcome::Unknown, false, now)?;
        }
        return Ok(Some(Err(error)));
    }
    if row.intent == Some(intent) && row.state == PayoutState::Running {
        let was = row.word();
        let mut known = snapshot.clone();
        known.reference = Some(row.reference.clone());
        row.state = PayoutState::Made;
        let detail = format!("{} gave it the id {bare}", snapshot.provider);
        row.provider = snapshot.provider.clone();
        row.gateway_id = Some(bare);
        row.lease_until = None;
        row.poll_at = (!known.status.is_final()).then(|| first_poll(now));
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
            &bare_payout_id(&snapshot.id, &row.provider),
            now,
        )?;
        inbox::wake_reference(tx, &row.reference, now)?;
    } else {
        // It was settled, heard of by webhook, or given up while the call ran.
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
        observe_payout(tx, &mut row, snapshot, learnt)?;
    }
    Ok(row.snapshot.map(Ok))
}

fn taken(row: &PayoutRow, snapshot: &PayoutSnapshot, other: &Reference) -> Error {
    Error::new(
        ErrorKind::Mismatch,
        Outcome::Unknown,
        format!(
            "{} gave the payout {} the id {}, which belongs to the payout {other}",
            snapshot.provider, row.reference, snapshot.id
        ),
    )
    .with_provider(snapshot.provider.clone())
    .with_reference(row.reference.clone())
}

fn failed(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    error: &StoredError,
    outcome: Outcome,
    again: bool,
    now: DateTime<Utc>,
) -> Stored<()> {
    row.error = Some(error.clone());
    if outcome == Outcome::Unknown {
        let line = HistoryLine::new(now, Cause::Call).with_detail(error.message.clone());
        return into_doubt(tx, row, line);
    }
    let was = row.word();
    row.state = if again {
        PayoutState::NotSent
    } else {
        PayoutState::Rejected
    };
    row.spent_day = None;
    row.lease_until = None;
    row.save(tx, now)?;
    if was == row.word() {
        return Ok(());
    }
    let line = HistoryLine::new(now, Cause::Call)
        .between(Some(was), row.word())
        .with_detail(error.message.clone());
    row.record(tx, &line)
}
