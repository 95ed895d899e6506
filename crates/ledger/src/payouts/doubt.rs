//! Payouts of which nobody knows whether they were sent.

use chrono::{DateTime, Utc};

use super::row::{PayoutRow, PayoutState};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::{Cause, EntityKind, HistoryLine};
use crate::keeper::Held;
use crate::ledger::Inner;
use crate::store::{Tx, values};

/// Puts a payout in doubt and saves it; the application is told, since a person may be needed. The
/// line says why.
pub(crate) fn into_doubt(tx: &mut dyn Tx, row: &mut PayoutRow, line: HistoryLine) -> Stored<()> {
    let (was, now) = (row.word(), line.at);
    row.lease_until = None;
    if row.state != PayoutState::InDoubt {
        row.state = PayoutState::InDoubt;
        row.record(tx, &line.between(Some(was), row.word()))?;
        row.event_seq += 1;
        let event = LedgerEvent {
            sequence: row.event_seq,
            reference: Some(row.reference.clone()),
            ..LedgerEvent::new(EventKind::PayoutChanged, now, was, row.word())
        };
        append(tx, EntityKind::Payout, &row.id, &event)?;
    }
    row.save(tx, now)
}

/// Gives up a call whose process was not heard of in time. The row is locked.
pub(crate) fn expire(tx: &mut dyn Tx, row: &mut PayoutRow, now: DateTime<Utc>) -> Stored<()> {
    let over = row.state == PayoutState::Running && row.lease_until.is_none_or(|until| until < now);
    if over {
        give_up(
            tx,
            row,
            now,
            Cause::Lease,
            "its process was not heard of any more",
        )?;
    }
    Ok(())
}

/// Nobody will tell how the call ended.
fn give_up(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    now: DateTime<Utc>,
    cause: Cause,
    why: &str,
) -> Stored<()> {
    if row.delegated && !has_open_attempts(tx, row, now)? {
        return not_sent(tx, row, now, cause, why);
    }
    into_doubt(tx, row, HistoryLine::new(now, cause).with_detail(why))
}

fn not_sent(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    now: DateTime<Utc>,
    cause: Cause,
    why: &str,
) -> Stored<()> {
    let was = row.word();
    row.state = PayoutState::NotSent;
    row.spent_day = None;
    row.lease_until = None;
    row.save(tx, now)?;
    let line = HistoryLine::new(now, cause)
        .between(Some(was), row.word())
        .with_detail(format!("{why}; every attempt had surely failed"));
    row.record(tx, &line)
}

/// Whether an attempt of the call may have been carried out; those that run are in doubt from now on.
fn has_open_attempts(tx: &mut dyn Tx, row: &PayoutRow, now: DateTime<Utc>) -> Stored<bool> {
    let intent = row.intent.unwrap_or_default();
    tx.execute(
        "UPDATE paymux_attempts SET state = 'in_doubt', ended_at = ?3
         WHERE kind = 'payout' AND subject = ?1 AND intent = ?2 AND state = 'running'",
        values![row.reference.as_str(), intent, now],
    )?;
    Ok(tx
        .first(
            "SELECT 1 FROM paymux_attempts
             WHERE kind = 'payout' AND subject = ?1 AND intent = ?2
                 AND state IN ('in_doubt', 'made')",
            values![row.reference.as_str(), intent],
        )?
        .is_some())
}

/// A caller went away.
pub(crate) fn abandon(
    tx: &mut dyn Tx,
    held: &Held,
    intent: i64,
    may_be_sent: bool,
    inner: &Inner,
) -> Stored<()> {
    let Held::Payout(reference) = held else {
        return Ok(());
    };
    let Some(mut row) = PayoutRow::lock(tx, reference)? else {
        return Ok(());
    };
    if row.intent != Some(intent) || row.state != PayoutState::Running {
        return Ok(());
    }
    let why = "its caller went away";
    if may_be_sent {
        return give_up(tx, &mut row, inner.now(), Cause::Call, why);
    }
    // An attempt that is an intent of its own was written down with it.
    tx.execute(
        "UPDATE paymux_attempts SET state = 'failed', ended_at = ?3
         WHERE kind = 'payout' AND subject = ?1 AND intent = ?2 AND state = 'running'",
        values![reference.as_str(), intent, inner.now()],
    )?;
    not_sent(tx, &mut row, inner.now(), Cause::Call, why)
}
