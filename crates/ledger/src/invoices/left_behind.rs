//! Invoices that may exist beside an order's own: a router tried several gateways.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use paymux_core::{InvoiceId, OrderId, ProviderName};

use super::row::{InvoiceRow, InvoiceState, bare_invoice_id};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::inbox;
use crate::observe::first_poll;
use crate::store::{Row, Tx, values};
use crate::terms::received_order_id;

/// Writes down the invoices that a router may have left behind on its way to this end, so that money
/// which comes to one of them is known for what it is.
pub(crate) fn give_up_others(tx: &mut dyn Tx, row: &InvoiceRow, now: DateTime<Utc>) -> Stored<()> {
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
    for (provider, id) in others {
        let bare = id.map(|id| bare_invoice_id(&InvoiceId::received(id), &provider));
        leave_behind(tx, row, &provider, bare.as_deref(), now)?;
    }
    Ok(())
}

/// Writes down an invoice that may exist beside this row's own, under the gateway's own id where that
/// is known. One that is there already is left as it is, or learns its id.
pub(super) fn leave_behind(
    tx: &mut dyn Tx,
    row: &InvoiceRow,
    provider: &ProviderName,
    bare: Option<&str>,
    now: DateTime<Utc>,
) -> Stored<()> {
    let mut attempts = InvoiceRow::of_order(tx, &row.order_id)?;
    attempts.retain(|other| other.attempt_no == row.attempt_no);
    let next_branch = attempts.iter().map(|other| other.branch).max();
    let known = attempts.into_iter().find(|other| {
        let may_be_it = other.gateway_id.is_none() || bare.is_none();
        other.branch > 0
            && other.provider == *provider
            && (may_be_it || other.gateway_id.as_deref() == bare)
    });
    if let Some(known) = known {
        return name(tx, &known.id, bare, now);
    }
    let mut other = InvoiceRow::new(
        row.order_id.clone(),
        row.attempt_no,
        provider.clone(),
        row.request.clone(),
        now,
    )?;
    other.branch = next_branch.unwrap_or_default() + 1;
    other.state = InvoiceState::Abandoned;
    set_id(tx, &mut other, bare, now)?;
    if other.insert(tx)? {
        let line = HistoryLine::new(now, Cause::Call)
            .between(None, other.word())
            .with_detail(format!("{} may have made it too", other.provider));
        other.record(tx, &line)?;
    }
    Ok(())
}

/// Gives a row its id, unless it learnt one meanwhile.
fn name(tx: &mut dyn Tx, id: &str, bare: Option<&str>, now: DateTime<Utc>) -> Stored<()> {
    let row = InvoiceRow::lock(tx, id)?.filter(|row| row.gateway_id.is_none());
    if let (Some(mut row), Some(_)) = (row, bare) {
        set_id(tx, &mut row, bare, now)?;
        row.save(tx, now)?;
    }
    Ok(())
}

/// Sets the gateway's id, unless it is another invoice's.
fn set_id(
    tx: &mut dyn Tx,
    row: &mut InvoiceRow,
    bare: Option<&str>,
    now: DateTime<Utc>,
) -> Stored<()> {
    let Some(bare) = bare else { return Ok(()) };
    if row.id_is_taken(tx, &row.provider, bare)?.is_none() {
        inbox::wake(tx, &row.provider, bare, now)?;
        row.gateway_id = Some(bare.to_owned());
        row.poll_at = Some(first_poll(now));
    }
    Ok(())
}

/// A row for an invoice that a gateway tells of and that no row is waiting for: a router tried that
/// gateway, and the attempt's own row was heard of elsewhere before the router's call ended, if it ever
/// did. Nothing where no such attempt was made.
pub(super) fn adopt(
    tx: &mut dyn Tx,
    provider: &ProviderName,
    sent: &OrderId,
) -> Stored<Option<InvoiceRow>> {
    let attempt = tx.first(
        "SELECT started_at FROM paymux_attempts
         WHERE kind = 'invoice' AND subject = ?1 AND provider = ?2 ORDER BY started_at LIMIT 1",
        values![sent.as_str(), provider.as_str()],
    )?;
    let Some(mut attempt) = attempt else {
        return Ok(None);
    };
    let started_at = attempt.time()?;
    let (order, attempt_no) = received_order_id(sent);
    let own = InvoiceRow::of_order(tx, &order)?
        .into_iter()
        .find(|row| row.attempt_no == attempt_no && row.branch == 0);
    let own = own.map(|own| InvoiceRow::lock(tx, &own.id)).transpose()?;
    let Some(own) = own.flatten() else {
        return Ok(None);
    };
    leave_behind(tx, &own, provider, None, started_at)?;
    InvoiceRow::lock_waiting(tx, provider, sent)
}
