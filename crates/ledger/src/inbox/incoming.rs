//! Proven webhooks on their way to the disk: those that wait at the same time share a commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::notice::NewNotice;
use crate::error::{Failure, LedgerError, LedgerErrorKind, Stored};
use crate::ledger::Inner;
use crate::store::{Tx, gone};

const MOST_AT_ONCE: usize = 64;

/// What waits to be stored.
#[derive(Debug, Default)]
pub(crate) struct Incoming(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Waiting>,
    /// Whether a transaction was asked for that takes what waits when it begins.
    fetched: bool,
}

#[derive(Debug)]
struct Waiting {
    notice: NewNotice,
    now: DateTime<Utc>,
    answer: oneshot::Sender<Stored<bool>>,
}

impl Incoming {
    /// Puts one to what waits, and says whether nobody is on the way to fetch it.
    fn put(&self, waiting: Waiting) -> bool {
        let mut state = lock(&self.0);
        state.waiting.push(waiting);
        !std::mem::replace(&mut state.fetched, true)
    }

    /// Takes what waits, and says whether more does. Always in the same order: two processes that
    /// store the same webhooks must not wait for each other.
    fn take(&self) -> (Vec<Waiting>, bool) {
        let mut state = lock(&self.0);
        let most = state.waiting.len().min(MOST_AT_ONCE);
        let rest = state.waiting.split_off(most);
        let mut taken = std::mem::replace(&mut state.waiting, rest);
        state.fetched = !state.waiting.is_empty();
        let more = state.fetched;
        drop(state);
        taken.sort_by(|one, other| one.notice.key().cmp(&other.notice.key()));
        (taken, more)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stores a webhook; false where it was stored before. It is on the disk when this returns, and is
/// stored whether or not anybody waits for that.
pub(super) async fn store(inner: &Arc<Inner>, notice: NewNotice) -> Stored<bool> {
    let (answer, receiver) = oneshot::channel();
    let waiting = Waiting {
        notice,
        now: inner.now(),
        answer,
    };
    if inner.incoming.put(waiting) {
        store_waiting(inner);
    }
    receiver.await.unwrap_or_else(|_| Err(gone()))
}

/// Starts a transaction for what waits when it begins.
fn store_waiting(inner: &Arc<Inner>) {
    let batch: Arc<Mutex<Option<Vec<Waiting>>>> = Arc::default();
    let (taken, taker) = (Arc::clone(&batch), Arc::clone(inner));
    let insert = move |tx: &mut dyn Tx| {
        let mut taken = lock(&taken);
        // Run again, it stores the same ones.
        let batch = taken.get_or_insert_with(|| fetch(&taker));
        NewNotice::insert_each(tx, batch.iter().map(|one| (&one.notice, one.now)))
    };
    let inner_then = Arc::clone(inner);
    let answer = move |end: Stored<Vec<bool>>| {
        let batch = lock(&batch).take();
        // Nothing was taken where there was not even a connection.
        let batch = batch.unwrap_or_else(|| fetch(&inner_then));
        match end {
            Ok(stored) => {
                for (one, stored) in batch.into_iter().zip(stored) {
                    let _ = one.answer.send(Ok(stored));
                }
            }
            Err(failure) => fail(&inner_then, batch, failure),
        }
    };
    drop(inner.store.write_then(insert, answer));
}

fn fetch(inner: &Arc<Inner>) -> Vec<Waiting> {
    let (taken, more) = inner.incoming.take();
    if more {
        store_waiting(inner);
    }
    taken
}

/// Where the database is in trouble all have failed. Else it may be because of one of them, and each
/// is stored alone.
fn fail(inner: &Arc<Inner>, batch: Vec<Waiting>, failure: Failure) {
    let batch = match <[Waiting; 1]>::try_from(batch) {
        Ok([one]) => {
            let _ = one.answer.send(Err(failure));
            return;
        }
        Err(batch) => batch,
    };
    match failure {
        Failure::Database(error) if concerns_all(error.kind()) => {
            for one in batch {
                let same = LedgerError::new(error.kind(), error.to_string());
                let _ = one.answer.send(Err(same.into()));
            }
        }
        _ => {
            for one in batch {
                store_alone(inner, one);
            }
        }
    }
}

fn store_alone(inner: &Inner, one: Waiting) {
    let Waiting {
        notice,
        now,
        answer,
    } = one;
    drop(inner.store.write_then(
        move |tx| notice.insert(tx, now),
        move |end| drop(answer.send(end)),
    ));
}

const fn concerns_all(kind: LedgerErrorKind) -> bool {
    matches!(
        kind,
        LedgerErrorKind::Unreachable
            | LedgerErrorKind::CommitUnknown
            | LedgerErrorKind::ReadOnly
            | LedgerErrorKind::Permission
            | LedgerErrorKind::Closed
    )
}
