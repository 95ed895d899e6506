//! The worker that takes in what webhooks tell.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use paymux_core::{Error, InvoiceSnapshot, PayoutSnapshot, Proof, Providers, Result};

use super::notice::{Notice, Subject, Which};
use super::take_in::{Reading, Taken, seen_invoice, seen_payout, take_in, unmatched};
use super::together::{Holder, take_in_together};
use crate::error::{LedgerError, LedgerErrorKind};
use crate::invoices::{InvoiceRow, bare_invoice_id};
use crate::ledger::Inner;
use crate::payouts::{PayoutRow, bare_payout_id};
use crate::work::{Done, Turn, Worked, doubling, jittered, speaker};

/// How many webhooks a worker takes at once, and how many of them share a transaction.
const MOST_AT_ONCE: u32 = 128;
const SHARING: usize = 32;
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(10 * 60);

/// Takes in webhooks that are due and for which no gateway is asked.
pub(crate) async fn turn(inner: &Inner, providers: &Providers, turn: Turn) -> Result<Done> {
    let fresh = take_in_fresh(inner, &turn).await;
    // One that cannot be taken in must not keep the others: each is taken and tried alone.
    let one_is_bad = fresh.as_ref().is_err_and(is_about_what_is_stored);
    let fresh = if one_is_bad { Fresh::default() } else { fresh? };
    let but = read_first(inner);
    let which = if one_is_bad {
        Which::All { but }
    } else {
        Which::SeenBefore { but }
    };
    let mut taken = fresh.held;
    let others = take(inner, &turn, which, MOST_AT_ONCE).await?;
    let more = fresh.found > 0 || !others.is_empty();
    taken.extend(others);
    let groups = in_groups(taken).into_values().collect();
    let told = join_all(
        in_chunks(groups)
            .into_iter()
            .map(|chunk| together(inner, providers, &turn.worker, chunk)),
    );
    let mut worked = sum(told.await)?;
    worked.applied += fresh.applied;
    Ok(done(inner, worked, more))
}

/// Takes in webhooks that are due and for which a gateway is asked: in turns of their own, so that one
/// that does not answer keeps no others waiting. A worker takes no more of them than it asks for at
/// once: the others would wait for its lease to end if it died, and might outlive it if it did not.
pub(crate) async fn asking_turn(inner: &Inner, providers: &Providers, turn: Turn) -> Result<Done> {
    let Some(proof) = read_first(inner) else {
        return Ok(done(inner, Worked::default(), false));
    };
    let at_once = inner.settings.work.concurrency.max(1);
    let limit = u32::try_from(at_once).unwrap_or(u32::MAX);
    let taken = take(inner, &turn, Which::Proven(proof), limit).await?;
    let more = !taken.is_empty();
    let asked = stream::iter(in_groups(taken).into_values())
        .map(|group| one_by_one(inner, providers, &turn.worker, group))
        .buffer_unordered(at_once)
        .collect::<Vec<_>>();
    Ok(done(inner, sum(asked.await)?, more))
}

/// The proof that is so weak that the gateway is asked before anything changes.
fn read_first(inner: &Inner) -> Option<Proof> {
    inner.settings.work.read_back.then_some(Proof::Weak)
}

/// Takes webhooks for longer than a transaction.
async fn take(inner: &Inner, turn: &Turn, which: Which, limit: u32) -> Result<Vec<Notice>> {
    let until = inner.lease_until(inner.now());
    let (worker, due) = (turn.worker.clone(), turn.due);
    let taken = inner
        .store
        .write(move |tx| Notice::take(tx, &worker, due, until, limit, which));
    Ok(taken.await?)
}

fn sum(ends: Vec<Result<Worked>>) -> Result<Worked> {
    let mut worked = Worked::default();
    for end in ends {
        worked.add(end?);
    }
    Ok(worked)
}

fn done(inner: &Inner, worked: Worked, more: bool) -> Done {
    if worked.applied > 0 {
        inner.bells.outbox.notify_one();
    }
    Done { worked, more }
}

/// What became of webhooks that nobody had looked at.
#[derive(Default)]
struct Fresh {
    found: usize,
    applied: u64,
    /// Those that need more than one transaction. They are this worker's now.
    held: Vec<Notice>,
}

/// Takes in webhooks that nobody has looked at and for which no gateway is asked, in one transaction,
/// as far as their invoices and payouts are known.
async fn take_in_fresh(inner: &Inner, turn: &Turn) -> Result<Fresh> {
    let now = inner.now();
    let until = inner.lease_until(now);
    let (worker, due) = (turn.worker.clone(), turn.due);
    let but = read_first(inner);
    let written = inner.store.write(move |tx| {
        let notices = in_groups(Notice::lock_fresh(tx, due, MOST_AT_ONCE, but)?);
        let notices: Vec<Notice> = notices.into_values().flatten().collect();
        let mut fresh = Fresh {
            found: notices.len(),
            ..Fresh::default()
        };
        let ends = take_in_together(tx, &notices, Holder::Transaction, now)?;
        for (notice, end) in notices.into_iter().zip(ends) {
            match end {
                Some(_) => fresh.applied += 1,
                None => fresh.held.push(notice),
            }
        }
        for notice in &mut fresh.held {
            notice.hold(tx, &worker, until)?;
        }
        Ok(fresh)
    });
    let fresh = written.await?;
    if fresh.applied > 0 {
        inner.bells.outbox.notify_one();
    }
    Ok(fresh)
}

/// Those of one invoice are taken in one after the other, in the order in which they came. Every
/// worker goes through them in the same order, so that none waits for one that waits for it.
fn in_groups(notices: Vec<Notice>) -> BTreeMap<(String, Option<String>), Vec<Notice>> {
    let mut groups: BTreeMap<(String, Option<String>), Vec<Notice>> = BTreeMap::new();
    for notice in notices {
        let key = (
            notice.provider.as_str().to_owned(),
            notice.gateway_id.clone(),
        );
        groups.entry(key).or_default().push(notice);
    }
    groups
}

/// Chunks that share a transaction each; a group is never split.
fn in_chunks(groups: Vec<Vec<Notice>>) -> Vec<Vec<Notice>> {
    let mut chunks: Vec<Vec<Notice>> = Vec::new();
    for group in groups {
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < SHARING => chunk.extend(group),
            _ => chunks.push(group),
        }
    }
    chunks
}

/// Takes in webhooks that need no read, in one transaction: those whose invoice or payout is known by
/// its id. The others are taken in alone, and all are where that fails because of one of them.
async fn together(
    inner: &Inner,
    providers: &Providers,
    worker: &str,
    chunk: Vec<Notice>,
) -> Result<Worked> {
    let (now, name, all) = (inner.now(), worker.to_owned(), chunk.clone());
    let written = inner
        .store
        .write(move |tx| take_in_together(tx, &all, Holder::Worker(&name), now));
    let ends = match written.await.map_err(Error::from) {
        Err(error) if is_about_what_is_stored(&error) => {
            return one_by_one(inner, providers, worker, chunk).await;
        }
        ends => ends?,
    };
    let mut worked = Worked::default();
    let mut left = Vec::new();
    for (notice, end) in chunk.into_iter().zip(ends) {
        match end {
            Some(taken) => count(&mut worked, taken),
            None => left.push(notice),
        }
    }
    worked.add(one_by_one(inner, providers, worker, left).await?);
    Ok(worked)
}

async fn one_by_one(
    inner: &Inner,
    providers: &Providers,
    worker: &str,
    group: Vec<Notice>,
) -> Result<Worked> {
    let mut worked = Worked::default();
    for notice in group {
        let taken = match alone(inner, providers, worker, notice.clone()).await {
            // It must not keep others from being taken in.
            Err(error) if is_about_what_is_stored(&error) => {
                retry(inner, worker, notice, &error).await?
            }
            taken => taken?,
        };
        count(&mut worked, taken);
    }
    Ok(worked)
}

const fn count(worked: &mut Worked, taken: Taken) {
    match taken {
        Taken::Applied => worked.applied += 1,
        Taken::Unmatched => worked.unmatched += 1,
        Taken::Failed => worked.failed += 1,
        Taken::Lost => {}
    }
}

/// Whether the database is well and what it holds is the trouble.
fn is_about_what_is_stored(error: &Error) -> bool {
    let kind = error
        .source()
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .map(LedgerError::kind);
    matches!(
        kind,
        Some(LedgerErrorKind::Unreadable | LedgerErrorKind::Other)
    )
}

async fn alone(
    inner: &Inner,
    providers: &Providers,
    worker: &str,
    notice: Notice,
) -> Result<Taken> {
    let asks = read_first(inner) == Some(notice.proof);
    let reading = match &notice.subject {
        Subject::Invoice(told) if asks => read_invoice(inner, providers, &notice, told).await,
        Subject::Payout(told) if asks => read_payout(inner, providers, &notice, told).await,
        _ => Ok(None),
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(NoReading::Failed(error)) => return retry(inner, worker, notice, &error).await,
        Err(NoReading::Database(error)) => return Err(error),
    };
    let (now, worker) = (inner.now(), worker.to_owned());
    let written = inner.store.write(move |tx| {
        // What became known only now is asked for the next time: the webhook's own word is too weak.
        if asks && reading.is_none() {
            return unmatched(tx, &notice, &worker, now);
        }
        take_in(tx, &notice, &worker, now, reading.as_ref())
    });
    Ok(written.await?)
}

/// Why there is no reading where there should be one.
enum NoReading {
    /// The gateway did not answer.
    Failed(Error),
    Database(Error),
}

/// Reads the invoice that a webhook tells of; nothing where the ledger does not know it.
async fn read_invoice(
    inner: &Inner,
    providers: &Providers,
    notice: &Notice,
    told: &InvoiceSnapshot,
) -> Result<Option<Reading>, NoReading> {
    let provider = notice.provider.clone();
    let (id, order) = (told.id.clone(), told.order_id.clone());
    let known = inner.store.write(move |tx| {
        let row = InvoiceRow::lock_told(tx, &provider, &id, order.as_ref())?;
        Ok(row.map(|row| seen_invoice(&row)))
    });
    let Some(known) = known
        .await
        .map_err(|error| NoReading::Database(error.into()))?
    else {
        return Ok(None);
    };
    let bare = bare_invoice_id(&told.id, &told.provider);
    let read = speaker::fetch_invoice(providers, &told.provider, &bare);
    let mut read = speaker::in_time(inner, read)
        .await
        .map_err(NoReading::Failed)?;
    read.order_id = read.order_id.or_else(|| told.order_id.clone());
    Ok(Some(Reading {
        subject: Subject::Invoice(Box::new(read)),
        known,
    }))
}

/// Reads the payout that a webhook tells of; nothing where the ledger does not know it.
async fn read_payout(
    inner: &Inner,
    providers: &Providers,
    notice: &Notice,
    told: &PayoutSnapshot,
) -> Result<Option<Reading>, NoReading> {
    let provider = notice.provider.clone();
    let id = told.id.clone();
    let reference = notice.reference.clone().or_else(|| told.reference.clone());
    let known = inner.store.write(move |tx| {
        let row = PayoutRow::lock_told(tx, &provider, &id, reference.as_ref())?;
        Ok(row.map(|row| seen_payout(&row)))
    });
    let Some(known) = known
        .await
        .map_err(|error| NoReading::Database(error.into()))?
    else {
        return Ok(None);
    };
    let bare = bare_payout_id(&told.id, &told.provider);
    let read = speaker::fetch_payout(providers, &told.provider, &bare);
    let read = speaker::in_time(inner, read)
        .await
        .map_err(NoReading::Failed)?;
    Ok(Some(Reading {
        subject: Subject::Payout(Box::new(read)),
        known,
    }))
}

async fn retry(inner: &Inner, worker: &str, notice: Notice, error: &Error) -> Result<Taken> {
    tracing::warn!(notice = notice.number, %error, "a webhook is taken in later");
    let wait = jittered(doubling(FIRST_RETRY, LONGEST_RETRY, notice.tries))
        .max(error.retry_after().unwrap_or_default().min(LONGEST_RETRY));
    let next_at = inner.now() + wait;
    let (worker, why) = (worker.to_owned(), error.to_string());
    inner
        .store
        .write(move |tx| notice.retry(tx, &worker, next_at, &why))
        .await?;
    Ok(Taken::Failed)
}
