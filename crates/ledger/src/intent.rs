//! A call that was written down before it is made.

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{Error, Outcome, Result};
use uuid::Uuid;

use crate::error::{Failure, LedgerErrorKind, Stored};
use crate::keeper::Held;
use crate::ledger::Inner;
use crate::store::{Tx, gone};

tokio::task_local! {
    /// The call inside which a provider's code runs: attempts that it tells of are part of it.
    static CURRENT: i64;
}

/// A number for a call that no other call has.
pub(crate) fn new_number() -> i64 {
    // 63 bits of it: both engines' integers have a sign.
    let (high, low) = Uuid::now_v7().as_u64_pair();
    i64::try_from((low ^ high.rotate_left(32) ^ rand::random::<u64>()) >> 1).unwrap_or(i64::MAX)
}

/// The call that this code runs inside of.
pub(crate) fn current() -> Option<i64> {
    CURRENT.try_with(|intent| *intent).ok()
}

/// Runs a provider's code inside a call.
pub(crate) async fn inside<F: Future>(intent: i64, call: F) -> F::Output {
    CURRENT.scope(intent, call).await
}

/// What becomes of a call whose caller went away. Whether something may have been sent is told.
pub(crate) type Abandon = fn(&mut dyn Tx, &Held, i64, bool, &Inner) -> Stored<()>;

/// Holds a call from the commit of its intent until its result is written. When it is dropped before,
/// nobody will tell how the call ended, and that is written down.
pub(crate) struct Intent {
    inner: Arc<Inner>,
    number: i64,
    held: Held,
    abandon: Abandon,
    may_be_sent: bool,
    open: bool,
}

impl Intent {
    pub(crate) fn new(inner: Arc<Inner>, number: i64, held: Held, abandon: Abandon) -> Self {
        inner.keeper.hold(&inner, number, held.clone());
        Self {
            inner,
            number,
            held,
            abandon,
            may_be_sent: false,
            open: true,
        }
    }

    pub(crate) const fn number(&self) -> i64 {
        self.number
    }

    /// From here on something may have been sent.
    pub(crate) fn sending(&mut self) {
        self.may_be_sent = true;
    }

    /// Somebody else holds the call from now on.
    pub(crate) fn hand_over(mut self) {
        self.open = false;
    }

    /// Writes how the call ended. Where the database does not take it now, it is written later, and
    /// the error is the answer.
    pub(crate) async fn finish<T, F>(mut self, end: F) -> Result<T>
    where
        F: Fn(&mut dyn Tx) -> Stored<T> + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.open = false;
        finish(&self.inner, self.number, end).await
    }
}

/// Writes how a call ended, now or as soon as the database takes it.
pub(crate) async fn finish<T, F>(inner: &Arc<Inner>, number: i64, end: F) -> Result<T>
where
    F: Fn(&mut dyn Tx) -> Stored<T> + Send + Sync + 'static,
    T: Send + 'static,
{
    let end = Arc::new(end);
    let now = Arc::clone(&end);
    let keeper = Arc::clone(inner);
    let afterwards = move |written: Stored<T>| match written {
        Ok(answer) => {
            keeper.keeper.release(number);
            Ok(answer)
        }
        Err(failure) => {
            let error = Error::from(failure);
            tracing::error!(%error, "the result of a call is written down later");
            keeper
                .keeper
                .write_later(&keeper, number, Arc::new(move |tx| end(tx).map(|_| ())));
            Err(error)
        }
    };
    inner
        .store
        .write_then(move |tx| now(tx), afterwards)
        .await
        .unwrap_or_else(|| Err(gone().into()))
}

/// Takes a call back that will not be made, since nobody knows whether its intent was committed: as soon
/// as the database tells.
pub(crate) fn take_back<F>(inner: &Arc<Inner>, number: i64, failure: &Failure, undo: F)
where
    F: Fn(&mut dyn Tx, &Inner) -> Stored<()> + Send + Sync + 'static,
{
    let is_unknown = matches!(
        failure,
        Failure::Database(error) if error.kind() == LedgerErrorKind::CommitUnknown
    );
    if is_unknown {
        // The ledger's own threads must not keep it from being closed.
        let weak = Arc::downgrade(inner);
        let late = move |tx: &mut dyn Tx| match weak.upgrade() {
            Some(inner) => undo(tx, &inner),
            None => Ok(()),
        };
        inner.keeper.write_later(inner, number, Arc::new(late));
    }
}

impl Drop for Intent {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        self.inner.keeper.release(self.number);
        let inner = Arc::clone(&self.inner);
        let (abandon, held) = (self.abandon, self.held.clone());
        let (number, may_be_sent) = (self.number, self.may_be_sent);
        self.inner
            .store
            .enqueue(move |tx| abandon(tx, &held, number, may_be_sent, &inner));
    }
}

/// What to do for a caller that finds the same call running.
pub(crate) enum Turn<T> {
    Done(T),
    /// Somebody else runs it.
    Wait(Error),
}

/// Repeats `look` until it is done, for as long as a second caller waits for the first.
pub(crate) async fn take_turns<T, F, R>(inner: &Inner, mut look: F) -> Result<T>
where
    F: FnMut() -> R,
    R: Future<Output = Result<Turn<T>>>,
{
    const SHORTEST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_millis(250);
    let clock = &inner.settings.clock;
    let deadline = clock.now() + inner.settings.wait;
    let mut pause = SHORTEST;
    loop {
        let ended = inner.keeper.ended.notified();
        match look().await? {
            Turn::Done(done) => return Ok(done),
            Turn::Wait(error) if clock.now() >= deadline => return Err(error),
            Turn::Wait(_) => {
                // Calls of other processes wake nobody here: look again now and then.
                futures_util::future::select(Box::pin(ended), clock.sleep(pause)).await;
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

/// The error's outcome as far as sending again goes: told to wait is as good as not sent.
pub(crate) fn may_send_again(error: &Error) -> bool {
    match error.outcome() {
        Outcome::NotSent => true,
        Outcome::Rejected => error.kind() == paymux_core::ErrorKind::RateLimited,
        Outcome::Unknown => false,
    }
}
