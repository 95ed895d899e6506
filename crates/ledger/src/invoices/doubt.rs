//! Invoices of which nobody knows whether they were made.

use chrono::{DateTime, Utc};

use super::left_behind::give_up_others;
use super::row::{InvoiceRow, InvoiceState};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::keeper::Held;
use crate::ledger::Inner;
use crate::store::Tx;

/// Gives up a call whose process was not heard of in time. The row is locked.
pub(crate) fn expire(tx: &mut dyn Tx, row: &mut InvoiceRow, now: DateTime<Utc>) -> Stored<()> {
    let over =
        row.state == InvoiceState::Running && row.lease_until.is_none_or(|until| until < now);
    if over {
        let why = "its process was not heard of any more";
        give_up(tx, row, InvoiceState::Abandoned, now, Cause::Lease, why)?;
    }
    Ok(())
}

/// A caller went away.
pub(crate) fn abandon(
    tx: &mut dyn Tx,
    held: &Held,
    intent: i64,
    may_be_sent: bool,
    inner: &Inner,
) -> Stored<()> {
    let Held::Invoice(id) = held else {
        return Ok(());
    };
    let Some(mut row) = InvoiceRow::lock(tx, id)? else {
        return Ok(());
    };
    if row.intent != Some(intent) || row.state != InvoiceState::Running {
        return Ok(());
    }
    let state = if may_be_sent {
        InvoiceState::Abandoned
    } else {
        InvoiceState::NotMade
    };
    let why = "its caller went away";
    give_up(tx, &mut row, state, inner.now(), Cause::Call, why)
}

fn give_up(
    tx: &mut dyn Tx,
    row: &mut InvoiceRow,
    state: InvoiceState,
    now: DateTime<Utc>,
    cause: Cause,
    why: &str,
) -> Stored<()> {
    let was = row.word();
    row.state = state;
    row.lease_until = None;
    row.save(tx, now)?;
    let line = HistoryLine::new(now, cause)
        .between(Some(was), row.word())
        .with_detail(why);
    row.record(tx, &line)?;
    give_up_others(tx, row, now)
}
