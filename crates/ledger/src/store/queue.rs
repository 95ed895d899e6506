//! What waits to be done in a transaction, and how its caller learns the result.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::{Failure, LedgerError, LedgerErrorKind, Stored};
use crate::store::tx::Tx;

/// Whether a transaction may change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Something to be done in one transaction. It may be run again when the transaction was lost.
pub(super) trait Job: Send {
    fn run(&mut self, tx: &mut dyn Tx) -> Stored<()>;

    /// Tells the caller, after the commit.
    fn finish(self: Box<Self>, end: Stored<()>);
}

/// A closure, what it returned, and who waits for it.
pub(super) struct Call<F, T, M, U> {
    operation: F,
    value: Option<T>,
    afterwards: M,
    answer: oneshot::Sender<U>,
}

impl<F, T, M, U> Call<F, T, M, U> {
    pub(super) fn new(operation: F, afterwards: M) -> (Self, oneshot::Receiver<U>) {
        let (answer, receiver) = oneshot::channel();
        let call = Self {
            operation,
            value: None,
            afterwards,
            answer,
        };
        (call, receiver)
    }
}

impl<F, T, M, U> Job for Call<F, T, M, U>
where
    F: Fn(&mut dyn Tx) -> Stored<T> + Send,
    T: Send,
    M: FnOnce(Stored<T>) -> U + Send,
    U: Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Stored<()> {
        self.value = None;
        self.value = Some((self.operation)(tx)?);
        Ok(())
    }

    fn finish(self: Box<Self>, end: Stored<()>) {
        let Self {
            value,
            afterwards,
            answer,
            ..
        } = *self;
        let value = end.and_then(|()| value.ok_or_else(closed));
        // Nobody may be waiting any more: what was done stays done.
        let _ = answer.send(afterwards(value));
    }
}

/// A closure for which nobody waits.
pub(super) struct Unattended<F>(pub(super) F);

impl<F> Job for Unattended<F>
where
    F: Fn(&mut dyn Tx) -> Stored<()> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Stored<()> {
        (self.0)(tx)
    }

    fn finish(self: Box<Self>, end: Stored<()>) {
        if let Err(failure) = end {
            let error = paymux_core::Error::from(failure);
            tracing::warn!(%error, "the ledger could not write down what became of a call");
        }
    }
}

pub(crate) fn closed() -> Failure {
    LedgerError::new(LedgerErrorKind::Closed, "the ledger was closed").into()
}

/// What waits, first come first served.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<(Access, Box<dyn Job>)>,
    closed: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, waiting for it; nothing when no more can come.
    pub(super) fn next(&self) -> Option<(Access, Box<dyn Job>)> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next job, where one waits already.
    #[cfg(feature = "sqlite")]
    pub(super) fn waiting(&self) -> Option<(Access, Box<dyn Job>)> {
        self.state().jobs.pop_front()
    }
}

/// The end of a queue where jobs are put in. What waits is still done when it is dropped.
pub(super) struct QueueSender(Arc<Queue>);

impl QueueSender {
    pub(super) fn new() -> (Self, Arc<Queue>) {
        let queue = Arc::new(Queue::default());
        (Self(Arc::clone(&queue)), queue)
    }

    pub(super) fn push(&self, access: Access, job: Box<dyn Job>) {
        self.0.state().jobs.push_back((access, job));
        self.0.ready.notify_one();
    }
}

impl Drop for QueueSender {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.ready.notify_all();
    }
}
