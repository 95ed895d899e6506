//! The workers: whatever has to happen after a webhook came in or time has passed.

mod backoff;
mod settings;
pub(crate) mod speaker;

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{join5, select};
use paymux_core::{Providers, Result};
use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::ledger::{Inner, Ledger};

pub(crate) use backoff::{doubling, jittered};
pub use settings::WorkSettings;

/// Rung in this process when there is something to do. Other processes look now and then.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    inbox: Notify,
    /// For webhooks of which the gateway is asked.
    asking: Notify,
    pub(crate) outbox: Notify,
}

impl Bells {
    /// A webhook was stored.
    pub(crate) fn ring_inbox(&self) {
        self.inbox.notify_one();
        self.asking.notify_one();
    }
}

/// What the workers did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Worked {
    /// Webhooks whose content was taken in.
    pub applied: u64,
    /// Webhooks of invoices and payouts that the ledger does not know; they are kept and looked at
    /// again.
    pub unmatched: u64,
    /// Webhooks out of quarantine that were proven.
    pub proven: u64,
    /// Webhooks out of quarantine that were forged, or that nobody could prove in time.
    pub dropped: u64,
    /// Invoices and payouts that a gateway was asked for.
    pub polled: u64,
    /// Calls to gateways that failed; each is made again later.
    pub failed: u64,
}

impl Worked {
    pub(crate) const fn add(&mut self, more: Self) {
        self.applied += more.applied;
        self.unmatched += more.unmatched;
        self.proven += more.proven;
        self.dropped += more.dropped;
        self.polled += more.polled;
        self.failed += more.failed;
    }
}

/// One turn of a worker: what is due by `due`, taken under this worker's name.
#[derive(Clone)]
pub(crate) struct Turn {
    pub(crate) worker: String,
    pub(crate) due: DateTime<Utc>,
}

impl Turn {
    pub(crate) fn now(inner: &Inner) -> Self {
        Self {
            worker: Uuid::now_v7().to_string(),
            due: inner.now(),
        }
    }
}

/// What a turn did, and whether there may be more that is due.
pub(crate) struct Done {
    pub(crate) worked: Worked,
    pub(crate) more: bool,
}

impl Ledger {
    /// Takes in the webhooks that were received, proves those in quarantine, asks the gateways for
    /// what is open, and [prunes](Self::prune) where that is set, for as long as the future lives. It may be dropped at any time: what it was
    /// doing is done by the next worker, here or on another machine. Any number of them may work on
    /// one database.
    ///
    /// ```no_run
    /// # async fn run(ledger: paymux_ledger::Ledger, providers: paymux_core::Providers) {
    /// let worker = ledger.clone();
    /// tokio::spawn(async move { worker.work(&providers).await });
    /// # }
    /// ```
    pub async fn work(&self, providers: &Providers) -> Infallible {
        let inner = &*self.0;
        let (never, ..) = join5(
            keep_working(inner, "inbox", &inner.bells.inbox, || {
                crate::inbox::turn(inner, providers, Turn::now(inner))
            }),
            keep_working(inner, "read-back", &inner.bells.asking, || {
                crate::inbox::asking_turn(inner, providers, Turn::now(inner))
            }),
            keep_working(inner, "quarantine", &Notify::new(), || {
                crate::quarantine::turn(inner, providers, Turn::now(inner))
            }),
            keep_working(inner, "reconciler", &Notify::new(), || {
                crate::reconcile::turn(inner, providers, Turn::now(inner))
            }),
            crate::retention::keep_pruning(inner),
        )
        .await;
        never
    }

    /// Does once what [`work`](Self::work) does all the time: everything that is due now. It prunes
    /// nothing.
    ///
    /// # Errors
    /// Where the database fails. A gateway that fails is counted in [`Worked::failed`] and asked
    /// again later.
    pub async fn work_once(&self, providers: &Providers) -> Result<Worked> {
        let inner = &*self.0;
        let turn = Turn::now(inner);
        let mut worked = Worked::default();
        loop {
            let done = crate::quarantine::turn(inner, providers, turn.clone()).await?;
            worked.add(done.worked);
            if !done.more {
                break;
            }
        }
        loop {
            let told = crate::inbox::turn(inner, providers, turn.clone()).await?;
            worked.add(told.worked);
            let asked = crate::inbox::asking_turn(inner, providers, turn.clone()).await?;
            worked.add(asked.worked);
            if !told.more && !asked.more {
                break;
            }
        }
        loop {
            let done = crate::reconcile::turn(inner, providers, turn.clone()).await?;
            worked.add(done.worked);
            if !done.more {
                break;
            }
        }
        Ok(worked)
    }
}

async fn keep_working<F, R>(inner: &Inner, name: &str, bell: &Notify, turn: F) -> Infallible
where
    F: Fn() -> R,
    R: Future<Output = Result<Done>>,
{
    let clock = &inner.settings.clock;
    let mut failures = 0;
    loop {
        let pause = match turn().await {
            Ok(done) => {
                failures = 0;
                if done.more {
                    continue;
                }
                jittered(inner.settings.work.idle)
            }
            Err(error) => {
                failures += 1;
                tracing::error!(worker = name, %error, failures, "a worker could not work");
                jittered(doubling(
                    inner.settings.work.idle,
                    Duration::from_secs(60),
                    failures,
                ))
            }
        };
        select(Box::pin(bell.notified()), clock.sleep(pause)).await;
    }
}
