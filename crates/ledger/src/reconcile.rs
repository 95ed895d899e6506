//! The reconciler: asks the gateways for what is open, so that a webhook that never came loses
//! nothing.

mod budget;
mod due;
mod schedule;
mod settings;

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt};
use paymux_core::{Error, ErrorKind, InvoiceSnapshot, PayoutSnapshot, Providers, Result};

use crate::adopt::{another_invoice, another_payout, keep_invoice_apart, keep_payout_apart};
use crate::history::Cause;
use crate::inbox::{seen_invoice, seen_payout};
use crate::invoices::InvoiceRow;
use crate::ledger::Inner;
use crate::observe::{Learnt, observe_invoice, observe_payout};
use crate::payouts::PayoutRow;
use crate::store::Tx;
use crate::work::{Done, Turn, Worked, speaker};
use due::{Due, What};
use schedule::{Facts, after_failure, next_poll};

pub(crate) use budget::pause_until_budget;
pub use settings::PollSettings;

/// How many invoices and payouts of a provider are asked for at once, at most.
const MOST_AT_ONCE: u32 = 64;

/// Asks for what is due.
pub(crate) async fn turn(inner: &Inner, providers: &Providers, turn: Turn) -> Result<Done> {
    let mut worked = Worked::default();
    let mut more = false;
    let names = if providers.is_empty() {
        Vec::new()
    } else {
        let due = turn.due;
        inner.store.read(move |tx| due::providers(tx, due)).await?
    };
    for name in names {
        let allowed = inner.settings.work.poll.calls_per_minute(&name);
        let (now, due) = (inner.now(), turn.due);
        let until = inner.lease_until(now);
        let taken = inner
            .store
            .write(move |tx| due::take(tx, &name, due, now, until, allowed, MOST_AT_ONCE))
            .await?;
        more |= !taken.is_empty();
        let ends: Vec<Result<Worked>> = stream::iter(taken)
            .map(|due| ask(inner, providers, due))
            .buffer_unordered(inner.settings.work.concurrency.max(1))
            .collect()
            .await;
        for end in ends {
            worked.add(end?);
        }
    }
    if worked.polled > 0 {
        inner.bells.outbox.notify_one();
    }
    Ok(Done { worked, more })
}

async fn ask(inner: &Inner, providers: &Providers, due: Due) -> Result<Worked> {
    let mut worked = Worked {
        polled: 1,
        ..Worked::default()
    };
    let error = match due.what {
        What::Invoice => {
            let read = speaker::fetch_invoice(providers, &due.provider, &due.gateway_id);
            match speaker::in_time(inner, read).await {
                Ok(read) => {
                    take_in_invoice(inner, due, read).await?;
                    return Ok(worked);
                }
                Err(error) => error,
            }
        }
        What::Payout => {
            let read = speaker::fetch_payout(providers, &due.provider, &due.gateway_id);
            match speaker::in_time(inner, read).await {
                Ok(read) => {
                    take_in_payout(inner, due, read).await?;
                    return Ok(worked);
                }
                Err(error) => error,
            }
        }
    };
    worked.failed += 1;
    put_off(inner, due, &error).await?;
    Ok(worked)
}

async fn take_in_invoice(inner: &Inner, due: Due, read: InvoiceSnapshot) -> Result<()> {
    let now = inner.now();
    let settings = inner.settings.work.poll.clone();
    inner
        .store
        .write(move |tx| {
            let Some(mut row) = InvoiceRow::lock(tx, &due.id)? else {
                return Ok(());
            };
            if row.gateway_id.as_deref() != Some(due.gateway_id.as_str()) {
                return Ok(());
            }
            let before = row.event_seq;
            let learnt = Learnt {
                observed: due.seen.observed(seen_invoice(&row)),
                ..Learnt::read(now, Cause::Poll)
            };
            if let Some(why) = another_invoice(&row, &read) {
                return keep_invoice_apart(tx, &mut row, &read, learnt, &why);
            }
            observe_invoice(tx, &mut row, &read, learnt)?;
            let facts = Facts::of_invoice(&row, before != row.event_seq);
            set_poll(tx, &due, next_poll(facts, &settings, now), facts.polls)
        })
        .await?;
    Ok(())
}

async fn take_in_payout(inner: &Inner, due: Due, read: PayoutSnapshot) -> Result<()> {
    let now = inner.now();
    let settings = inner.settings.work.poll.clone();
    inner
        .store
        .write(move |tx| {
            let reference = paymux_core::Reference::received(due.id.clone());
            let Some(mut row) = PayoutRow::lock(tx, &reference)? else {
                return Ok(());
            };
            if row.gateway_id.as_deref() != Some(due.gateway_id.as_str()) {
                return Ok(());
            }
            let before = row.event_seq;
            let learnt = Learnt {
                observed: due.seen.observed(seen_payout(&row)),
                ..Learnt::read(now, Cause::Poll)
            };
            if let Some(why) = another_payout(tx, &row, &read)? {
                return keep_payout_apart(tx, &mut row, &read, learnt, &why);
            }
            observe_payout(tx, &mut row, &read, learnt)?;
            let facts = Facts::of_payout(&row, before != row.event_seq);
            set_poll(tx, &due, next_poll(facts, &settings, now), facts.polls)
        })
        .await?;
    Ok(())
}

/// A question that was not answered is asked again.
async fn put_off(inner: &Inner, due: Due, error: &Error) -> Result<()> {
    let now = inner.now();
    if error.kind() == ErrorKind::NotFound {
        tracing::error!(
            provider = %due.provider, id = due.gateway_id, %error,
            "the gateway does not know what it made"
        );
    } else {
        tracing::warn!(provider = %due.provider, id = due.gateway_id, %error, "a poll failed");
    }
    let next = after_failure(
        &inner.settings.work.poll,
        due.polls,
        error.retry_after(),
        now,
    );
    inner
        .store
        .write(move |tx| set_poll(tx, &due, Some(next), due.polls))
        .await?;
    Ok(())
}

fn set_poll(
    tx: &mut dyn Tx,
    due: &Due,
    next: Option<DateTime<Utc>>,
    polls: u32,
) -> crate::error::Stored<()> {
    let sql = match due.what {
        What::Invoice => "UPDATE paymux_invoices SET poll_at = ?2, polls = ?3 WHERE id = ?1",
        What::Payout => "UPDATE paymux_payouts SET poll_at = ?2, polls = ?3 WHERE reference = ?1",
    };
    tx.send(sql, crate::store::values![&due.id, next, polls])
}
