//! The first step of an invoice: its intent is written down, or the order has one already.

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, InvoiceSnapshot, NewInvoice, OrderId, Outcome, ProviderName};

use super::doubt::expire;
use super::row::{InvoiceRow, InvoiceState};
use crate::error::{LedgerError, LedgerErrorKind, Stored};
use crate::history::{Cause, HistoryLine};
use crate::store::Tx;
use crate::terms::{InvoiceRequest, fingerprint};

/// An invoice that somebody asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) request: NewInvoice,
    pub(crate) provider: ProviderName,
    /// The number of this call.
    pub(crate) intent: i64,
    pub(crate) now: DateTime<Utc>,
    pub(crate) lease_until: DateTime<Utc>,
}

/// What the ledger says to it.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It may be made; the row's own id, and the order id for the gateway.
    Run {
        id: String,
        sent: OrderId,
    },
    Made(Box<InvoiceSnapshot>),
    /// Somebody else makes it now.
    Running(Error),
    Refused(Error),
}

/// Others may number an attempt at the same time; then it is looked at again.
const MOST_LOOKS: u32 = 8;

/// Writes the intent, unless the order has an invoice. Done again with the same `intent` it says the
/// same.
pub(crate) fn begin(tx: &mut dyn Tx, asked: &Asked) -> Stored<Begun> {
    let request = InvoiceRequest::of(&asked.request);
    for _ in 0..MOST_LOOKS {
        let order = &asked.request.order_id;
        let number = match InvoiceRow::lock_current(tx, order)? {
            None => 1,
            Some(row) => match with_current(tx, row, asked, &request)? {
                Next::Answer(begun) => return Ok(begun),
                Next::Attempt(number) => number,
            },
        };
        if let Some(begun) = insert(tx, asked, &request, number)? {
            return Ok(begun);
        }
    }
    Err(LedgerError::new(
        LedgerErrorKind::Busy,
        "others make invoices for the same order all the time",
    )
    .into())
}

enum Next {
    Answer(Begun),
    /// The order needs a new attempt, under this number.
    Attempt(u32),
}

/// What an order that has an invoice, or had one, is answered with.
fn with_current(
    tx: &mut dyn Tx,
    mut row: InvoiceRow,
    asked: &Asked,
    request: &InvoiceRequest,
) -> Stored<Next> {
    if row.state == InvoiceState::Running && row.intent == Some(asked.intent) {
        return Ok(Next::Answer(run(&row)));
    }
    expire(tx, &mut row, asked.now)?;
    let same = row.terms == fingerprint(&request.terms)?;
    if row.state == InvoiceState::NotMade && !is_used_up(&row) {
        return again(tx, row, asked, request).map(Next::Answer);
    }
    let holds_order = row.state == InvoiceState::Running || row.is_live();
    Ok(match (holds_order, &row.snapshot) {
        (false, _) => Next::Attempt(row.attempt_no + 1),
        (true, _) if !same => Next::Answer(Begun::Refused(conflict(&row))),
        (true, Some(snapshot)) if row.state == InvoiceState::Made => {
            Next::Answer(Begun::Made(Box::new(snapshot.clone())))
        }
        (true, _) => Next::Answer(Begun::Running(running(&row))),
    })
}

/// Whether the gateway has the number of this attempt for something that is not ours.
fn is_used_up(row: &InvoiceRow) -> bool {
    row.error
        .as_ref()
        .is_some_and(|error| matches!(error.kind, ErrorKind::Duplicate | ErrorKind::Conflict))
}

/// The same attempt once more: nothing was made under its number.
fn again(
    tx: &mut dyn Tx,
    mut row: InvoiceRow,
    asked: &Asked,
    request: &InvoiceRequest,
) -> Stored<Begun> {
    let was = row.word();
    row.state = InvoiceState::Running;
    row.provider = asked.provider.clone();
    row.terms = fingerprint(&request.terms)?;
    row.request = request.clone();
    row.error = None;
    row.intent = Some(asked.intent);
    row.lease_until = Some(asked.lease_until);
    row.save(tx, asked.now)?;
    record(tx, &row, asked, Some(was))?;
    Ok(run(&row))
}

fn insert(
    tx: &mut dyn Tx,
    asked: &Asked,
    request: &InvoiceRequest,
    number: u32,
) -> Stored<Option<Begun>> {
    let mut row = InvoiceRow::new(
        asked.request.order_id.clone(),
        number,
        asked.provider.clone(),
        request.clone(),
        asked.now,
    )?;
    row.intent = Some(asked.intent);
    row.lease_until = Some(asked.lease_until);
    if !row.insert(tx)? {
        return Ok(None);
    }
    record(tx, &row, asked, None)?;
    Ok(Some(run(&row)))
}

fn run(row: &InvoiceRow) -> Begun {
    Begun::Run {
        id: row.id.clone(),
        sent: row.sent_order_id(),
    }
}

fn record(tx: &mut dyn Tx, row: &InvoiceRow, asked: &Asked, was: Option<&str>) -> Stored<()> {
    let detail = format!("at {} as {}", asked.provider, row.sent_order_id());
    let line = HistoryLine::new(asked.now, Cause::Call)
        .between(was, row.word())
        .with_detail(detail);
    row.record(tx, &line)
}

fn conflict(row: &InvoiceRow) -> Error {
    let terms = &row.request.terms;
    let asset = terms
        .asset
        .as_ref()
        .map(|asset| format!(" in {asset}"))
        .unwrap_or_default();
    Error::new(
        ErrorKind::Conflict,
        Outcome::NotSent,
        format!(
            "the order {} has another invoice, which is {}: {}{asset}",
            row.order_id,
            row.word(),
            terms.price
        ),
    )
    .with_hint(
        "ask with the same price, asset, time to pay and callback URL to get it; another price needs \
         another order id while it is open or paid",
    )
}

fn running(row: &InvoiceRow) -> Error {
    Error::new(
        ErrorKind::InProgress,
        Outcome::NotSent,
        format!(
            "the invoice of the order {} is being made by {} now",
            row.order_id, row.provider
        ),
    )
    .with_provider(row.provider.clone())
    .with_hint(
        "wait for the first call to end and call again: it is answered with the same invoice",
    )
}
