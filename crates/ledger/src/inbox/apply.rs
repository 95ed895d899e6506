//! The worker that takes in what webhooks tell.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt};
use paymux_core::transition::Observed;
use paymux_core::{
    Error, ErrorKind, InvoiceSnapshot, Outcome, PayoutSnapshot, Proof, Providers, Result,
};

use super::notice::{Notice, Subject};
use crate::error::Stored;
use crate::history::Cause;
use crate::invoices::{InvoiceRow, bare_invoice_id};
use crate::ledger::Inner;
use crate::observe::{Learnt, observe_invoice, observe_payout};
use crate::payouts::{PayoutRow, bare_payout_id};
use crate::store::Tx;
use crate::work::{Done, Turn, Worked, doubling, jittered, speaker};

/// How many webhooks a worker takes at once.
const MOST_AT_ONCE: u32 = 64;
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(10 * 60);
/// How long after its last look an unmatched webhook is looked at again.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LONGEST_LOOK: Duration = Duration::from_secs(6 * 60 * 60);

/// Takes in webhooks that are due.
pub(crate) async fn turn(inner: &Inner, providers: &Providers, turn: Turn) -> Result<Done> {
    let until = inner.lease_until(inner.now());
    let (worker, due) = (turn.worker.clone(), turn.due);
    let taken = inner
        .store
        .write(move |tx| Notice::take(tx, &worker, due, until, MOST_AT_ONCE))
        .await?;
    let more = !taken.is_empty();
    // Those of one invoice are taken in one after the other, in the order in which they came.
    let mut groups: BTreeMap<(String, Option<String>), Vec<Notice>> = BTreeMap::new();
    for notice in taken {
        let key = (
            notice.provider.as_str().to_owned(),
            notice.gateway_id.clone(),
        );
        groups.entry(key).or_default().push(notice);
    }
    let ends: Vec<Result<Worked>> = stream::iter(groups.into_values())
        .map(|group| take_in_group(inner, providers, &turn.worker, group))
        .buffer_unordered(inner.settings.work.concurrency.max(1))
        .collect()
        .await;
    let mut worked = Worked::default();
    for end in ends {
        worked.add(end?);
    }
    if worked.applied > 0 {
        inner.bells.outbox.notify_one();
    }
    Ok(Done { worked, more })
}

async fn take_in_group(
    inner: &Inner,
    providers: &Providers,
    worker: &str,
    group: Vec<Notice>,
) -> Result<Worked> {
    let mut worked = Worked::default();
    for notice in group {
        let taken = match take_in(inner, providers, worker, notice.clone()).await {
            // One whose row cannot be read must not keep others from being taken in.
            Err(error) if error.kind() == ErrorKind::InvalidResponse => {
                retry(inner, worker, notice, &error).await?
            }
            taken => taken?,
        };
        match taken {
            Taken::Applied => worked.applied += 1,
            Taken::Unmatched => worked.unmatched += 1,
            Taken::Failed => worked.failed += 1,
            Taken::Lost => {}
        }
    }
    Ok(worked)
}

/// What became of a webhook that a worker took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Applied,
    Unmatched,
    Failed,
    /// Another worker has it, or had it.
    Lost,
}

async fn take_in(
    inner: &Inner,
    providers: &Providers,
    worker: &str,
    notice: Notice,
) -> Result<Taken> {
    let needs_read = notice.proof == Proof::Weak && inner.settings.work.read_back;
    match notice.subject.clone() {
        Subject::Invoice(told) if needs_read => {
            let Some(known) = find_invoice(inner, &notice, &told).await? else {
                return unmatched(inner, worker, notice).await;
            };
            let bare = bare_invoice_id(&told.id, &told.provider);
            let read = speaker::fetch_invoice(providers, &told.provider, &bare);
            match speaker::in_time(inner, read).await {
                Ok(mut read) => {
                    read.order_id = read.order_id.or(told.order_id);
                    apply_invoice(inner, worker, notice, read, Some(known)).await
                }
                Err(error) => retry(inner, worker, notice, &error).await,
            }
        }
        Subject::Invoice(told) => apply_invoice(inner, worker, notice, *told, None).await,
        Subject::Payout(told) if needs_read => {
            let Some(known) = find_payout(inner, &notice, &told).await? else {
                return unmatched(inner, worker, notice).await;
            };
            let bare = bare_payout_id(&told.id, &told.provider);
            let read = speaker::fetch_payout(providers, &told.provider, &bare);
            match speaker::in_time(inner, read).await {
                Ok(read) => apply_payout(inner, worker, notice, read, Some(known)).await,
                Err(error) => retry(inner, worker, notice, &error).await,
            }
        }
        Subject::Payout(told) => apply_payout(inner, worker, notice, *told, None).await,
        Subject::Other => unmatched(inner, worker, notice).await,
        Subject::Unreadable(why) => {
            let error = Error::new(ErrorKind::InvalidResponse, Outcome::NotSent, why);
            retry(inner, worker, notice, &error).await
        }
    }
}

/// A state of a row that a read was made under. When the row has moved on since, the read tells how
/// things were, not how they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) event_seq: u64,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Seen {
    /// How a read that was made under this state counts now.
    pub(crate) fn observed(self, now: Self) -> Observed {
        if self == now {
            Observed::Read
        } else {
            Observed::Notice
        }
    }
}

fn learnt(
    now: DateTime<Utc>,
    proof: Proof,
    read_under: Option<Seen>,
    row: Seen,
) -> Learnt<'static> {
    match read_under {
        None => Learnt::notice(now, proof),
        Some(seen) => Learnt {
            observed: seen.observed(row),
            proof: Some(proof),
            ..Learnt::read(now, Cause::ReadBack)
        },
    }
}

async fn find_invoice(
    inner: &Inner,
    notice: &Notice,
    told: &InvoiceSnapshot,
) -> Result<Option<Seen>> {
    let provider = notice.provider.clone();
    let (id, order) = (told.id.clone(), told.order_id.clone());
    let found = inner
        .store
        .write(move |tx| {
            let row = InvoiceRow::lock_told(tx, &provider, &id, order.as_ref())?;
            Ok(row.map(|row| seen_invoice(&row)))
        })
        .await?;
    Ok(found)
}

async fn find_payout(
    inner: &Inner,
    notice: &Notice,
    told: &PayoutSnapshot,
) -> Result<Option<Seen>> {
    let provider = notice.provider.clone();
    let id = told.id.clone();
    let reference = notice.reference.clone().or_else(|| told.reference.clone());
    let found = inner
        .store
        .write(move |tx| {
            let row = PayoutRow::lock_told(tx, &provider, &id, reference.as_ref())?;
            Ok(row.map(|row| seen_payout(&row)))
        })
        .await?;
    Ok(found)
}

pub(crate) const fn seen_invoice(row: &InvoiceRow) -> Seen {
    Seen {
        event_seq: row.event_seq,
        updated_at: row.updated_at,
    }
}

pub(crate) const fn seen_payout(row: &PayoutRow) -> Seen {
    Seen {
        event_seq: row.event_seq,
        updated_at: row.updated_at,
    }
}

async fn apply_invoice(
    inner: &Inner,
    worker: &str,
    notice: Notice,
    seen: InvoiceSnapshot,
    read_under: Option<Seen>,
) -> Result<Taken> {
    let (now, look) = (inner.now(), next_look(inner.now(), &notice));
    let worker = worker.to_owned();
    let taken = inner
        .store
        .write(move |tx| {
            let order = seen.order_id.as_ref();
            let row = InvoiceRow::lock_told(tx, &seen.provider, &seen.id, order)?;
            take_under_lock(tx, &notice, &worker, now, look, row, |tx, row| {
                let learnt = learnt(now, notice.proof, read_under, seen_invoice(row));
                observe_invoice(tx, row, &seen, learnt).map(|_| ())
            })
        })
        .await?;
    Ok(taken)
}

async fn apply_payout(
    inner: &Inner,
    worker: &str,
    notice: Notice,
    seen: PayoutSnapshot,
    read_under: Option<Seen>,
) -> Result<Taken> {
    let (now, look) = (inner.now(), next_look(inner.now(), &notice));
    let worker = worker.to_owned();
    let taken = inner
        .store
        .write(move |tx| {
            let reference = notice.reference.as_ref().or(seen.reference.as_ref());
            let row = PayoutRow::lock_told(tx, &seen.provider, &seen.id, reference)?;
            take_under_lock(tx, &notice, &worker, now, look, row, |tx, row| {
                let learnt = learnt(now, notice.proof, read_under, seen_payout(row));
                observe_payout(tx, row, &seen, learnt).map(|_| ())
            })
        })
        .await?;
    Ok(taken)
}

/// Takes a webhook in and marks it so, both or neither. The row that it tells of is locked; the
/// webhook's own is locked after it, in this order everywhere.
fn take_under_lock<R>(
    tx: &mut dyn Tx,
    notice: &Notice,
    worker: &str,
    now: DateTime<Utc>,
    next_look: DateTime<Utc>,
    row: Option<R>,
    observe: impl FnOnce(&mut dyn Tx, &mut R) -> Stored<()>,
) -> Stored<Taken> {
    let Some(mut row) = row else {
        notice.set_unmatched(tx, worker, next_look)?;
        return Ok(Taken::Unmatched);
    };
    if !notice.is_held(tx, worker)? {
        return Ok(Taken::Lost);
    }
    observe(tx, &mut row)?;
    notice.done(tx, now)?;
    Ok(Taken::Applied)
}

async fn unmatched(inner: &Inner, worker: &str, notice: Notice) -> Result<Taken> {
    let look = next_look(inner.now(), &notice);
    let worker = worker.to_owned();
    inner
        .store
        .write(move |tx| notice.set_unmatched(tx, &worker, look))
        .await?;
    Ok(Taken::Unmatched)
}

/// The longer it has waited the less often it is looked at.
fn next_look(now: DateTime<Utc>, notice: &Notice) -> DateTime<Utc> {
    let age = (now - notice.received_at).to_std().unwrap_or_default();
    now + jittered((age / 2).clamp(FIRST_LOOK, LONGEST_LOOK))
}

async fn retry(inner: &Inner, worker: &str, notice: Notice, error: &Error) -> Result<Taken> {
    tracing::warn!(notice = notice.number, %error, "a webhook is taken in later");
    let wait = jittered(doubling(FIRST_RETRY, LONGEST_RETRY, notice.tries))
        .max(error.retry_after().unwrap_or_default().min(LONGEST_LOOK));
    let next_at = inner.now() + wait;
    let (worker, why) = (worker.to_owned(), error.to_string());
    inner
        .store
        .write(move |tx| notice.retry(tx, &worker, next_at, &why))
        .await?;
    Ok(Taken::Failed)
}
