//! Attempts at invoices: remembered, so that money at one that was given up is known for what it is.

use paymux_core::attempts::{AttemptEnd, Permission};
use paymux_core::{Error, NewInvoice, ProviderName, Result};

use super::{AttemptState, Entry, LedgerAttemptLog, Running};
use crate::intent::current;

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
