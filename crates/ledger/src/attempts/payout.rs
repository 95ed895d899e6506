//! Attempts at payouts: at most one under a reference runs, is in doubt or was made.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use paymux_core::attempts::{AttemptEnd, Permission};
use paymux_core::{Error, NewPayout, ProviderName, Reference, Result};

use super::{AttemptState, Entry, LedgerAttemptLog, Running};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::intent::{current, finish, new_number};
use crate::keeper::Held;
use crate::payouts::{
    Asked, Begun, Ending, PayoutRow, PayoutState, abandon, conflict, end, in_doubt, running,
};
use crate::store::{Tx, values};
use crate::terms::{PayoutTerms, fingerprint};

pub(super) async fn before(
    log: &LedgerAttemptLog,
    number: i64,
    provider: &ProviderName,
    request: &NewPayout,
) -> Result<Permission> {
    let joining = match current() {
        Some(intent) => join(log, number, intent, provider, request).await?,
        None => None,
    };
    match joining {
        Some(begun) => begun,
        None => alone(log, number, provider, request).await,
    }
}

/// Makes the attempt part of the ledger's own call, where it runs inside of one.
async fn join(
    log: &LedgerAttemptLog,
    number: i64,
    intent: i64,
    provider: &ProviderName,
    request: &NewPayout,
) -> Result<Option<Result<Permission>>> {
    let inner = &log.ledger.0;
    let (reference, provider, now) = (request.reference.clone(), provider.clone(), inner.now());
    let terms = PayoutTerms::of(request);
    let subject = reference.clone();
    let begun = inner
        .store
        .write(move |tx| joined(tx, number, intent, &provider, &subject, &terms, now))
        .await
        .map_err(Error::from)?;
    Ok(begun.map(|begun| match begun {
        Begun::Run => Ok(log.granted(
            number,
            Running {
                intent,
                reference: Some(reference),
                joined: true,
            },
        )),
        Begun::Made(snapshot) => Ok(Permission::AlreadyMade(snapshot)),
        Begun::Running(error) | Begun::Refused(error) => Err(error),
    }))
}

/// Nothing where the call that runs here is not about this payout.
fn joined(
    tx: &mut dyn Tx,
    number: i64,
    intent: i64,
    provider: &ProviderName,
    reference: &Reference,
    terms: &PayoutTerms,
    now: DateTime<Utc>,
) -> Stored<Option<Begun>> {
    let Some(mut row) = PayoutRow::lock(tx, reference)?.filter(|row| row.intent == Some(intent))
    else {
        return Ok(None);
    };
    if row.terms != fingerprint(terms)? {
        return Ok(Some(Begun::Refused(conflict(&row))));
    }
    match (row.state, &row.snapshot) {
        (PayoutState::Running, _) => {}
        (PayoutState::Made, Some(snapshot)) => {
            return Ok(Some(Begun::Made(Box::new(snapshot.clone()))));
        }
        _ => return Ok(Some(Begun::Refused(in_doubt(&row)))),
    }
    let open = tx.first(
        "SELECT id FROM paymux_attempts
         WHERE kind = 'payout' AND subject = ?1 AND state IN ('running', 'in_doubt', 'made')
             AND id <> ?2",
        values![reference.as_str(), number],
    )?;
    if open.is_some() {
        return Ok(Some(Begun::Refused(running(&row))));
    }
    row.delegated = true;
    row.provider = provider.clone();
    row.save(tx, now)?;
    entry(number, reference, intent, true, provider, now).insert(tx)?;
    let line = HistoryLine::new(now, Cause::Call)
        .between(Some(row.word()), row.word())
        .with_detail(format!("trying {provider}"));
    row.record(tx, &line)?;
    Ok(Some(Begun::Run))
}

fn entry<'a>(
    number: i64,
    reference: &'a Reference,
    intent: i64,
    joined: bool,
    provider: &'a ProviderName,
    now: DateTime<Utc>,
) -> Entry<'a> {
    Entry {
        number,
        kind: "payout",
        subject: reference.as_str(),
        intent,
        joined,
        provider,
        now,
    }
}

/// An attempt that is an intent of its own.
async fn alone(
    log: &LedgerAttemptLog,
    number: i64,
    provider: &ProviderName,
    request: &NewPayout,
) -> Result<Permission> {
    let inner = &log.ledger.0;
    let (now, intent) = (inner.now(), new_number());
    let asked = Asked {
        request: request.clone(),
        provider: provider.clone(),
        requested_by: None,
        intent,
        now,
        lease_until: inner.lease_until(now),
        repeats_rejected: true,
    };
    let told = (request.reference.clone(), provider.clone());
    let (begun, held) = log
        .ledger
        .begin_payout(asked, move |tx| {
            let (reference, provider) = &told;
            entry(number, reference, intent, false, provider, now).insert(tx)?;
            tx.execute(
                "UPDATE paymux_payouts SET delegated = 1 WHERE reference = ?1 AND intent = ?2",
                values![reference.as_str(), intent],
            )?;
            Ok(())
        })
        .await?;
    match begun {
        Begun::Run => {
            let granted = log.granted(
                number,
                Running {
                    intent,
                    reference: Some(request.reference.clone()),
                    joined: false,
                },
            );
            if let Some(held) = held {
                held.hand_over();
            }
            Ok(granted)
        }
        Begun::Made(snapshot) => Ok(Permission::AlreadyMade(snapshot)),
        Begun::Running(error) | Begun::Refused(error) => Err(error),
    }
}

pub(super) async fn after(
    log: &LedgerAttemptLog,
    number: i64,
    attempt: &Running,
    reference: &Reference,
    ended: AttemptEnd<'_>,
) -> Result<()> {
    let inner = &log.ledger.0;
    let (intent, joined, now) = (attempt.intent, attempt.joined, inner.now());
    let state = AttemptState::of(ended);
    // The call that it is part of goes on to the next provider, and writes its own end.
    let goes_on = joined && state.word == "failed";
    let ending = match ended {
        AttemptEnd::PayoutMade(snapshot) => Ending::Made(Box::new(snapshot.clone())),
        AttemptEnd::Failed(error) => Ending::failed(error),
        AttemptEnd::InvoiceMade(_) => return Ok(()),
    };
    let reference = reference.clone();
    let write = move |tx: &mut dyn Tx| -> Stored<()> {
        state.write(tx, number, now)?;
        if goes_on {
            return failed(tx, &reference, &state, now);
        }
        end(tx, &reference, intent, &ending, now).map(|_| ())
    };
    if joined {
        return inner.store.write(write).await.map_err(Error::from);
    }
    finish(inner, intent, write).await
}

/// A line of history about an attempt that surely failed.
fn failed(
    tx: &mut dyn Tx,
    reference: &Reference,
    state: &AttemptState,
    now: DateTime<Utc>,
) -> Stored<()> {
    let Some(row) = PayoutRow::lock(tx, reference)? else {
        return Ok(());
    };
    let why = state
        .error
        .as_ref()
        .map_or("it failed", |error| error.message.as_str());
    let line = HistoryLine::new(now, Cause::Call)
        .between(Some(row.word()), row.word())
        .with_detail(why);
    row.record(tx, &line)
}

pub(super) fn abandoned(
    log: &LedgerAttemptLog,
    number: i64,
    attempt: &Running,
    reference: Reference,
) {
    let inner = Arc::clone(&log.ledger.0);
    if !attempt.joined {
        inner.keeper.release(attempt.intent);
    }
    let (intent, now) = (attempt.intent, inner.now());
    let held = Held::Payout(reference);
    let queue = Arc::clone(&inner);
    queue.store.enqueue(move |tx| {
        abandon(tx, &held, intent, true, &inner)?;
        AttemptState::in_doubt().write(tx, number, now)
    });
}
