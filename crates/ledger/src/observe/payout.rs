//! What a gateway tells of a payout.

use paymux_core::transition::Change;
use paymux_core::{AssetAmount, Destination, PayoutSnapshot, PayoutStatus};

use super::{Learnt, first_poll, was_told};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::EntityKind;
use crate::payouts::{PayoutRow, PayoutState, bare_payout_id};
use crate::store::{Tx, values};

/// Takes in what was learnt of a payout, whose row is locked, and saves it.
///
/// A payout that a gateway tells of was sent, whatever was believed before: its reference is never
/// sent again.
pub(crate) fn observe_payout(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    seen: &PayoutSnapshot,
    learnt: Learnt<'_>,
) -> Stored<Change> {
    let was = row.word();
    let bare = bare_payout_id(&seen.id, &seen.provider);
    if is_another(row, seen, &bare) {
        let detail = format!(
            "{} tells of payout {bare} under the same reference: it may have been paid twice",
            seen.provider
        );
        contradiction(tx, row, detail, learnt)?;
        row.save(tx, learnt.at)?;
        return Ok(Change::Contradiction);
    }
    let believed_unsent = matches!(
        row.state,
        PayoutState::AwaitingApproval
            | PayoutState::Approved
            | PayoutState::Declined
            | PayoutState::NotSent
            | PayoutState::Rejected
    );
    let mut known = row.snapshot.take().unwrap_or_else(|| unheard_of(row, seen));
    let change = known.observe(seen, learnt.observed);
    known.reference = Some(row.reference.clone());
    row.snapshot = Some(known);
    if row.state != PayoutState::Made {
        end_attempts(tx, row, learnt)?;
        row.state = PayoutState::Made;
        row.error = None;
        row.lease_until = None;
        row.gateway_id = Some(bare);
        row.provider = seen.provider.clone();
        row.spent_day = row.spent_day.or_else(|| Some(day_of(learnt.at)));
        row.poll_at = row.poll_at.or_else(|| Some(first_poll(learnt.at)));
    }
    let became = row.word();
    if change == Change::Contradiction {
        let detail = format!(
            "{} says {}, which cannot be after {became}",
            seen.provider, seen.status
        );
        contradiction(tx, row, detail, learnt)?;
    } else if change == Change::Moved || was != became {
        let mut line = learnt.line().between(Some(was), became);
        if believed_unsent {
            line = line.with_detail("it was believed not to have been sent");
        }
        row.record(tx, &line)?;
        tell(tx, row, EventKind::PayoutChanged, learnt, was, became)?;
    }
    row.save(tx, learnt.at)?;
    Ok(change)
}

/// A router's attempt that ran or was in doubt made it.
fn end_attempts(tx: &mut dyn Tx, row: &PayoutRow, learnt: Learnt<'_>) -> Stored<()> {
    tx.execute(
        "UPDATE paymux_attempts SET state = 'made', ended_at = ?2
         WHERE kind = 'payout' AND subject = ?1 AND state IN ('running', 'in_doubt')",
        values![row.reference.as_str(), learnt.at],
    )?;
    Ok(())
}

/// Days since 1970, UTC.
pub(crate) fn day_of(time: chrono::DateTime<chrono::Utc>) -> i64 {
    time.timestamp().div_euclid(86_400)
}

fn is_another(row: &PayoutRow, seen: &PayoutSnapshot, bare: &str) -> bool {
    row.state == PayoutState::Made
        && row
            .gateway_id
            .as_deref()
            .is_some_and(|known| known != bare || row.provider != seen.provider)
}

fn contradiction(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    detail: String,
    learnt: Learnt<'_>,
) -> Stored<()> {
    if was_told(tx, &row.id, &detail)? {
        return Ok(());
    }
    tracing::error!(reference = %row.reference, %detail, "contradiction");
    let word = row.word();
    let line = learnt.line().between(Some(word), word).with_detail(detail);
    row.record(tx, &line)?;
    tell(tx, row, EventKind::PayoutContradiction, learnt, word, word)
}

fn tell(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    kind: EventKind,
    learnt: Learnt<'_>,
    was: &str,
    became: &str,
) -> Stored<()> {
    row.event_seq += 1;
    let event = LedgerEvent {
        sequence: row.event_seq,
        reference: Some(row.reference.clone()),
        payout: row.snapshot.clone(),
        ..LedgerEvent::new(kind, learnt.at, was, became)
    };
    append(tx, EntityKind::Payout, &row.id, &event)
}

/// What is known of a payout of which only the request was known.
fn unheard_of(row: &PayoutRow, seen: &PayoutSnapshot) -> PayoutSnapshot {
    let terms = &row.request.terms;
    let mut known = PayoutSnapshot::new(
        seen.provider.clone(),
        seen.id.clone(),
        PayoutStatus::Unknown,
    );
    known.amount = Some(AssetAmount::new(terms.amount, terms.asset.clone()));
    known.destination =
        Some(Destination::new(terms.to.clone(), None).with_memo(terms.memo.clone()));
    known
}
