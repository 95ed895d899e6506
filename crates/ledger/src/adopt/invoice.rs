//! Invoices: another price, asset or order is never taken for what was asked for.

use paymux_core::InvoiceSnapshot;

use super::{difference, error_of, line_of, was_said};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::EntityKind;
use crate::invoices::{InvoiceRow, InvoiceState, bare_invoice_id};
use crate::observe::Learnt;
use crate::store::Tx;

/// Says what differs where a gateway tells of an invoice that would become this row's, and is another
/// one. Nothing where it is known to be the row's.
pub(crate) fn another_invoice(row: &InvoiceRow, seen: &InvoiceSnapshot) -> Option<String> {
    if row.snapshot.is_some() {
        return None;
    }
    let mut differences = difference::of_invoice(&row.request.terms, seen);
    let sent = row.sent_order_id();
    if let Some(told) = seen.order_id.as_ref().filter(|told| **told != sent) {
        differences.insert(0, format!("order {told} instead of {sent}"));
    }
    if differences.is_empty() {
        return None;
    }
    Some(format!(
        "{}'s invoice {} is another one: {}",
        seen.provider,
        bare_invoice_id(&seen.id, &seen.provider),
        differences.join(", ")
    ))
}

/// Writes down that a gateway tells of another invoice, and tells the application, once. An id that
/// the row had from the error of its call was not its own. The row is locked, and saved.
pub(crate) fn keep_invoice_apart(
    tx: &mut dyn Tx,
    row: &mut InvoiceRow,
    seen: &InvoiceSnapshot,
    learnt: Learnt<'_>,
    why: &str,
) -> Stored<()> {
    let had_id = row.gateway_id.is_some();
    if was_said(tx, &row.id, why)? && !had_id {
        return Ok(());
    }
    tracing::error!(order = %row.order_id, why, "a gateway tells of another invoice");
    if had_id {
        row.gateway_id = None;
        row.poll_at = None;
    }
    if row.state != InvoiceState::Running {
        let error = error_of(&seen.provider, why, row.error.as_ref());
        row.error = Some(error.without_id());
    }
    let word = row.word();
    row.record(tx, &line_of(learnt, why).between(Some(word), word))?;
    row.event_seq += 1;
    let event = LedgerEvent {
        sequence: row.event_seq,
        order_id: Some(row.order_id.clone()),
        attempt: Some(row.attempt_no),
        ..LedgerEvent::new(EventKind::InvoiceContradiction, learnt.at, word, word)
    };
    append(tx, EntityKind::Invoice, &row.id, &event)?;
    row.save(tx, learnt.at)
}
