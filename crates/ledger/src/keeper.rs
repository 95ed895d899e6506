//! What a process keeps alive while it lives: the leases of its calls, and results that the database
//! could not take yet.
//!
//! A call is believed to live while its lease is renewed. The keeper's thread renews the leases of
//! every call that nobody has dropped, so a lease only runs out when the process is gone or cannot
//! reach its database. It also writes what became of a call when that could not be written at once.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use paymux_core::Reference;
use tokio::sync::Notify;

use crate::error::{Failure, Stored};
use crate::ledger::Inner;
use crate::store::{Tx, values};

/// A call that runs in this process.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Payout(Reference),
    /// By its row's own id.
    Invoice(String),
}

/// Something to be written that the database could not take when it was known.
pub(crate) type Late = Arc<dyn Fn(&mut dyn Tx) -> Stored<()> + Send + Sync>;

const RETRY: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    /// Woken whenever a call of this process ends.
    pub(crate) ended: Notify,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    /// By intent.
    held: HashMap<i64, Held>,
    late: Vec<(i64, Late)>,
    started: bool,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper {
    /// Keeps the lease of a call from now on.
    pub(crate) fn hold(&self, inner: &Arc<Inner>, intent: i64, held: Held) {
        let mut state = self.shared.state();
        state.held.insert(intent, held);
        self.see_to_thread(inner, &mut state);
    }

    fn see_to_thread(&self, inner: &Arc<Inner>, state: &mut State) {
        if !state.started {
            state.started = true;
            if let Err(error) = start(Arc::clone(&self.shared), Arc::downgrade(inner)) {
                tracing::error!(%error, "leases are not renewed");
                state.started = false;
            }
        }
    }

    /// Lets a call go: it ended, or nobody waits for it.
    pub(crate) fn release(&self, intent: i64) {
        self.shared.state().held.remove(&intent);
        self.ended.notify_waiters();
    }

    /// Writes this as soon as the database takes it, and lets the call go then.
    pub(crate) fn write_later(&self, inner: &Arc<Inner>, intent: i64, late: Late) {
        let mut state = self.shared.state();
        state.late.push((intent, late));
        self.see_to_thread(inner, &mut state);
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_all();
    }
}

fn start(shared: Arc<Shared>, inner: Weak<Inner>) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("paymux-ledger-keeper".to_owned())
        .spawn(move || keep(&shared, &inner))
        .map(|_| ())
}

fn keep(shared: &Shared, inner: &Weak<Inner>) {
    loop {
        let Some(pause) = inner.upgrade().map(|inner| inner.settings.lease / 3) else {
            return;
        };
        if !wait(shared, pause) {
            return;
        }
        let Some(inner) = inner.upgrade() else { return };
        write_late(shared, &inner);
        renew(shared, &inner);
    }
}

/// Waits until something is to be done; false when the ledger is gone.
fn wait(shared: &Shared, pause: Duration) -> bool {
    let state = shared.state();
    if state.closed {
        return false;
    }
    let pause = if state.late.is_empty() { pause } else { RETRY };
    let (state, _) = shared
        .changed
        .wait_timeout(state, pause)
        .unwrap_or_else(PoisonError::into_inner);
    !state.closed
}

fn write_late(shared: &Shared, inner: &Arc<Inner>) {
    let late: Vec<(i64, Late)> = shared.state().late.clone();
    for (intent, late) in late {
        let write = Arc::clone(&late);
        match inner.store.write_and_wait(move |tx| write(tx)) {
            Err(Failure::Database(_)) => {}
            Ok(()) | Err(Failure::Refused(_)) => {
                let mut state = shared.state();
                state.late.retain(|(_, other)| !Arc::ptr_eq(other, &late));
                drop(state);
                inner.keeper.release(intent);
            }
        }
    }
}

fn renew(shared: &Shared, inner: &Arc<Inner>) {
    let held: Vec<(i64, Held)> = shared
        .state()
        .held
        .iter()
        .map(|(intent, held)| (*intent, held.clone()))
        .collect();
    if held.is_empty() {
        return;
    }
    let until = inner.lease_until(inner.now());
    let renewed = inner.store.write_and_wait(move |tx| {
        for (intent, held) in &held {
            match held {
                Held::Payout(reference) => tx.execute(
                    "UPDATE paymux_payouts SET lease_until = ?1
                     WHERE reference = ?2 AND intent = ?3 AND state = 'running'",
                    values![until, reference.as_str(), *intent],
                )?,
                Held::Invoice(id) => tx.execute(
                    "UPDATE paymux_invoices SET lease_until = ?1
                     WHERE id = ?2 AND intent = ?3 AND state = 'running'",
                    values![until, id, *intent],
                )?,
            };
        }
        Ok(())
    });
    if let Err(failure) = renewed {
        let error = paymux_core::Error::from(failure);
        tracing::warn!(%error, "leases could not be renewed");
    }
}
