//! Payouts: another amount, asset or destination is never taken for what was asked for.

use paymux_core::{PayoutSnapshot, Proof};

use super::{difference, error_of, line_of, was_said};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::{Cause, EntityKind, newest};
use crate::observe::{Learnt, day_of};
use crate::payouts::{PayoutRow, PayoutState, bare_payout_id, into_doubt};
use crate::store::Tx;

/// Says what differs where a gateway tells of a payout that would become this row's, and is another
/// one. Nothing where the row has its payout already: that was compared when it got it.
pub(crate) fn another_payout(
    tx: &mut dyn Tx,
    row: &PayoutRow,
    seen: &PayoutSnapshot,
) -> Stored<Option<String>> {
    let mut differences = difference::of_payout(&row.request.terms, seen);
    let told = seen.reference.as_ref();
    // A gateway that keeps no note may tell an empty one.
    if let Some(told) = told.filter(|told| !told.as_str().is_empty())
        && *told != row.reference
    {
        differences.insert(0, format!("reference {told} instead of {}", row.reference));
    }
    if differences.is_empty() {
        return Ok(None);
    }
    let why = format!(
        "{}'s payout {} is another one: {}",
        seen.provider,
        bare_payout_id(&seen.id, &seen.provider),
        differences.join(", ")
    );
    // What was compared when it was adopted may be told in other words later, and a person may have
    // known how this differs and said that it is the one all the same.
    let is_adopted = row.state == PayoutState::Made
        && (!is_a_persons_word(tx, row)? || was_said(tx, &row.id, &why)?);
    Ok((!is_adopted).then_some(why))
}

/// Whether the last that happened to it is that a person said what became of it.
fn is_a_persons_word(tx: &mut dyn Tx, row: &PayoutRow) -> Stored<bool> {
    Ok(newest(tx, &row.id)?.is_some_and(|line| line.cause == Cause::Person))
}

/// Writes down that a gateway tells of another payout. What is in doubt stays so, and what was
/// believed not to be sent is in doubt from now on: the gateway has something under its name. The
/// application is told, once. The row is locked, and saved.
pub(crate) fn keep_payout_apart(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    seen: &PayoutSnapshot,
    learnt: Learnt<'_>,
    why: &str,
) -> Stored<()> {
    let said = was_said(tx, &row.id, why)?;
    // That it tells this reference may be all that a weak proof stands for.
    let is_ours =
        learnt.proof != Some(Proof::Weak) || seen.reference.as_ref() == Some(&row.reference);
    let stays = match row.state {
        // Of one that runs its own call tells what becomes of it.
        PayoutState::Running | PayoutState::InDoubt => true,
        PayoutState::Made => false,
        // A person may have looked at this and said that it was not made.
        _ => !is_ours || (said && is_a_persons_word(tx, row)?),
    };
    if stays && said {
        return Ok(());
    }
    tracing::error!(reference = %row.reference, why, "a gateway tells of another payout");
    if stays {
        if row.state == PayoutState::InDoubt {
            row.error = Some(error_of(&seen.provider, why, row.error.as_ref()));
        }
        return tell(tx, row, learnt, why);
    }
    row.gateway_id = None;
    row.snapshot = None;
    row.poll_at = None;
    row.spent_day = row.spent_day.or_else(|| Some(day_of(learnt.at)));
    row.error = Some(error_of(&seen.provider, why, row.error.as_ref()));
    into_doubt(tx, row, line_of(learnt, why))
}

/// A line of history and an event; the state stays.
fn tell(tx: &mut dyn Tx, row: &mut PayoutRow, learnt: Learnt<'_>, why: &str) -> Stored<()> {
    let word = row.word();
    row.record(tx, &line_of(learnt, why).between(Some(word), word))?;
    row.event_seq += 1;
    let event = LedgerEvent {
        sequence: row.event_seq,
        reference: Some(row.reference.clone()),
        payout: row.snapshot.clone(),
        ..LedgerEvent::new(EventKind::PayoutContradiction, learnt.at, word, word)
    };
    append(tx, EntityKind::Payout, &row.id, &event)?;
    row.save(tx, learnt.at)
}
