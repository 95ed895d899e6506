//! Attempts at invoices: remembered, so that money at one that was given up is known for what it is.

use paymux_core::attempts::{AttemptEnd, Permission};
use paymux_core::{Error, ErrorKind, NewInvoice, OrderId, Outcome, ProviderName, Result};

use super::{AttemptState, Entry, LedgerAttemptLog, Running};
use crate::error::Stored;
use crate::intent::current;
use crate::invoices::{InvoiceRow, InvoiceState};
use crate::store::Tx;
use crate::terms::received_order_id;

pub(super) async fn before(
    log: &LedgerAttemptLog,
    number: i64,
    provider: &ProviderName,
    request: &NewInvoice,
) -> Result<Permission> {
    let inner = &log.ledger.0;
    let intent = current();
    let (subject, provider, now) = (
        request.order_id.as_str().to_owned(),
        provider.clone(),
        inner.now(),
    );
    let written = inner.store.write(move |tx| {
        if let Some(error) = refusal(tx, &subject, intent)? {
            return Err(error.into());
        }
        Entry {
            number,
            kind: "invoice",
            subject: &subject,
            intent: intent.unwrap_or(number),
            joined: intent.is_some(),
            provider: &provider,
            now,
        }
        .insert(tx)
    });
    written.await.map_err(Error::from)?;
    Ok(log.granted(
        number,
        Running {
            intent: intent.unwrap_or(number),
            reference: None,
            joined: intent.is_some(),
        },
    ))
}

/// Why the call that runs here should try nobody else: a webhook told of what it made before, whose
/// answer was lost, so the order has its invoice.
fn refusal(tx: &mut dyn Tx, sent: &str, intent: Option<i64>) -> Stored<Option<Error>> {
    let Some(intent) = intent else {
        return Ok(None);
    };
    let (order, attempt_no) = received_order_id(&OrderId::received(sent));
    let made = InvoiceRow::of_order(tx, &order)?.into_iter().find(|row| {
        row.attempt_no == attempt_no
            && row.branch == 0
            && row.intent == Some(intent)
            && row.state == InvoiceState::Made
    });
    Ok(made.map(|row| {
        Error::new(
            ErrorKind::Conflict,
            Outcome::NotSent,
            format!("{} made the invoice of the order {order}", row.provider),
        )
    }))
}

pub(super) async fn after(log: &LedgerAttemptLog, number: i64, end: AttemptEnd<'_>) -> Result<()> {
    let inner = &log.ledger.0;
    let (state, now) = (AttemptState::of(end), inner.now());
    inner
        .store
        .write(move |tx| state.write(tx, number, now))
        .await
        .map_err(Error::from)
}

pub(super) fn abandoned(log: &LedgerAttemptLog, number: i64) {
    let inner = &log.ledger.0;
    let now = inner.now();
    inner
        .store
        .enqueue(move |tx| AttemptState::in_doubt().write(tx, number, now));
}
