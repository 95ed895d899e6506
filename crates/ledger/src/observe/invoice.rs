//! What a gateway tells of an invoice.

use paymux_core::transition::Change;
use paymux_core::{InvoiceSnapshot, InvoiceStatus, PaymentException};
use rust_decimal::Decimal;

use super::{Learnt, first_poll, was_told};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::EntityKind;
use crate::invoices::{InvoiceRow, InvoiceState, bare_invoice_id, give_up_others};
use crate::store::Tx;

/// Takes in what was learnt of an invoice, whose row is locked, and saves it.
///
/// An invoice that was given up and is heard of after all is the order's invoice again, as long as no
/// newer attempt was made.
pub(crate) fn observe_invoice(
    tx: &mut dyn Tx,
    row: &mut InvoiceRow,
    seen: &InvoiceSnapshot,
    learnt: Learnt<'_>,
) -> Stored<Change> {
    let was = row.word();
    let had_money = row.snapshot.as_ref().is_some_and(shows_money);
    let was_closed = row.snapshot.as_ref().is_some_and(is_closed);
    let was_made = row.state == InvoiceState::Made;
    let was_running = row.state == InvoiceState::Running;

    let mut known = row.snapshot.take().unwrap_or_else(|| unheard_of(row, seen));
    let change = known.observe(seen, learnt.observed);
    // The gateway knows the order under the number of the attempt; the merchant does not.
    known.order_id = Some(row.order_id.clone());
    let has_money = shows_money(&known);
    row.snapshot = Some(known);
    if row.gateway_id.is_none() {
        row.gateway_id = Some(bare_invoice_id(&seen.id, &seen.provider));
        row.provider = seen.provider.clone();
    }
    let superseded = !was_made && row.is_superseded(tx)?;
    if !was_made && row.branch == 0 && !superseded {
        row.state = InvoiceState::Made;
        row.error = None;
        row.lease_until = None;
    }
    if !was_made {
        row.poll_at = row.poll_at.or_else(|| Some(first_poll(learnt.at)));
    }

    let became = row.word();
    if change == Change::Contradiction {
        contradiction(tx, row, seen, learnt)?;
    } else if change == Change::Moved || was != became {
        row.record(tx, &learnt.line().between(Some(was), became))?;
        let late = has_money
            && change == Change::Moved
            && (row.state == InvoiceState::Abandoned
                || (was_closed && !had_money)
                || (was_closed && row.snapshot.as_ref().is_some_and(is_paid))
                || row.is_superseded(tx)?);
        let kind = if late {
            EventKind::LatePayment
        } else {
            EventKind::InvoiceChanged
        };
        tell(tx, row, kind, learnt, was, became)?;
    }
    row.save(tx, learnt.at)?;
    if was_running {
        // Its call goes on, and may make another one elsewhere and never tell.
        give_up_others(tx, row, learnt.at)?;
    }
    Ok(change)
}

fn tell(
    tx: &mut dyn Tx,
    row: &mut InvoiceRow,
    kind: EventKind,
    learnt: Learnt<'_>,
    was: &str,
    became: &str,
) -> Stored<()> {
    row.event_seq += 1;
    let event = LedgerEvent {
        sequence: row.event_seq,
        order_id: Some(row.order_id.clone()),
        attempt: Some(row.attempt_no),
        invoice: row.snapshot.clone(),
        ..LedgerEvent::new(kind, learnt.at, was, became)
    };
    append(tx, EntityKind::Invoice, &row.id, &event)
}

fn contradiction(
    tx: &mut dyn Tx,
    row: &mut InvoiceRow,
    seen: &InvoiceSnapshot,
    learnt: Learnt<'_>,
) -> Stored<()> {
    let word = row.word();
    let detail = format!(
        "{} says {}, which cannot be after {word}",
        seen.provider, seen.status
    );
    if was_told(tx, &row.id, &detail)? {
        return Ok(());
    }
    tracing::warn!(order = %row.order_id, provider = %seen.provider, %detail, "contradiction");
    let line = learnt.line().between(Some(word), word).with_detail(detail);
    row.record(tx, &line)?;
    tell(tx, row, EventKind::InvoiceContradiction, learnt, word, word)
}

/// What is known of an invoice of which only the request was known.
fn unheard_of(row: &InvoiceRow, seen: &InvoiceSnapshot) -> InvoiceSnapshot {
    let mut known = InvoiceSnapshot::new(
        seen.provider.clone(),
        seen.id.clone(),
        InvoiceStatus::Unknown,
    );
    known.price = Some(row.request.terms.price.clone());
    known
}

fn is_paid(known: &InvoiceSnapshot) -> bool {
    matches!(
        known.status,
        InvoiceStatus::Processing | InvoiceStatus::Confirmed | InvoiceStatus::Settled
    )
}

fn is_closed(known: &InvoiceSnapshot) -> bool {
    matches!(
        known.status,
        InvoiceStatus::Expired | InvoiceStatus::Canceled | InvoiceStatus::Invalid
    )
}

/// Whether anything arrived.
fn shows_money(known: &InvoiceSnapshot) -> bool {
    is_paid(known)
        || known
            .received
            .as_ref()
            .is_some_and(|received| received.amount > Decimal::ZERO)
        || known
            .exceptions
            .iter()
            .any(|exception| exception != PaymentException::Marked)
}
