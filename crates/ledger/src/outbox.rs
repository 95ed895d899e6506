//! Events for the application: delivered at least once, in order for each invoice and payout.

mod row;
mod settings;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use futures_util::stream::{self, StreamExt};
use paymux_core::{Error, ErrorKind, Outcome, Result};
use serde::Serialize;

use crate::events::LedgerEvent;
use crate::ledger::{Inner, Ledger};
use crate::work::{Turn, doubling, jittered};
use row::{End, Leased};

pub use settings::DeliverySettings;

/// Why an event could not be handled. Its text is stored with the event: it must hold no secret.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// What an application does with the events of its ledger.
///
/// A closure is one:
///
/// ```no_run
/// # async fn run(ledger: paymux_ledger::Ledger) {
/// use paymux_ledger::{HandlerError, LedgerEvent};
///
/// ledger
///     .deliver(&async |event: LedgerEvent| {
///         println!("{} {}: {} -> {}", event.id, event.kind.as_str(), event.was, event.became);
///         Ok::<(), HandlerError>(())
///     })
///     .await;
/// # }
/// ```
#[async_trait]
pub trait EventHandler: Send + Sync {
    /// Handles an event. An event may come again after a crash, under the same id: whoever does
    /// something that must not be done twice remembers the ids it has seen, in the same transaction.
    ///
    /// # Errors
    /// When it has to come again later.
    async fn handle(&self, event: &LedgerEvent) -> std::result::Result<(), HandlerError>;
}

#[async_trait]
impl<F, R> EventHandler for F
where
    F: Fn(LedgerEvent) -> R + Send + Sync,
    R: Future<Output = std::result::Result<(), HandlerError>> + Send,
{
    async fn handle(&self, event: &LedgerEvent) -> std::result::Result<(), HandlerError> {
        self(event.clone()).await
    }
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Delivered {
    /// Events that were handled.
    pub delivered: u64,
    /// Events that were not, and come again.
    pub failed: u64,
    /// Events that failed so often that they only come again when somebody asks for it.
    pub dead: u64,
}

/// An event that failed too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The event.
    pub event: LedgerEvent,
    /// How often it was delivered in vain.
    pub tries: u32,
    /// What the handler said last.
    pub why: Option<String>,
}

impl Ledger {
    /// Hands every event to `handler`, for as long as the future lives: each at least once, under the
    /// same id, those of one invoice or payout one after the other in their order. One that fails
    /// comes again, later each time; the next one of the same invoice or payout waits for it. One that
    /// failed too often is put aside (see [`dead_letters`](Self::dead_letters)), and the next one
    /// comes.
    ///
    /// It may be dropped at any time. Any number may work on one database and share the events.
    pub async fn deliver<H: EventHandler + ?Sized>(&self, handler: &H) -> Infallible {
        let inner = &*self.0;
        let clock = &inner.settings.clock;
        let idle = inner.settings.delivery.idle;
        let mut failures = 0;
        loop {
            let pause = match turn(inner, handler, Turn::now(inner)).await {
                Ok((_, true)) => {
                    failures = 0;
                    continue;
                }
                Ok((_, false)) => {
                    failures = 0;
                    jittered(idle)
                }
                Err(error) => {
                    failures += 1;
                    tracing::error!(%error, failures, "events could not be delivered");
                    jittered(doubling(idle, Duration::from_secs(60), failures))
                }
            };
            select(Box::pin(inner.bells.outbox.notified()), clock.sleep(pause)).await;
        }
    }

    /// Does once what [`deliver`](Self::deliver) does all the time: hands over every event that is
    /// due now.
    ///
    /// # Errors
    /// Where the database fails. What the handler fails with is counted.
    pub async fn deliver_once<H: EventHandler + ?Sized>(&self, handler: &H) -> Result<Delivered> {
        let inner = &*self.0;
        let mut all = Delivered::default();
        let round = Turn::now(inner);
        loop {
            let (delivered, more) = turn(inner, handler, round.clone()).await?;
            all.delivered += delivered.delivered;
            all.failed += delivered.failed;
            all.dead += delivered.dead;
            if !more {
                return Ok(all);
            }
        }
    }

    /// Events that failed too often, oldest first; at most `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>> {
        Ok(self.0.store.read(move |tx| row::dead(tx, limit)).await?)
    }

    /// Delivers an event that failed too often once more, from its first try on. Newer events of the
    /// same invoice or payout may have been delivered meanwhile: see [`LedgerEvent::sequence`].
    ///
    /// # Errors
    /// `NotFound` where no such event was put aside.
    pub async fn replay(&self, event_id: &str) -> Result<()> {
        let (id, now) = (event_id.to_owned(), self.0.now());
        let written = self.0.store.write(move |tx| row::replay(tx, &id, now));
        if written.await? {
            self.0.bells.outbox.notify_one();
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::NotFound,
            Outcome::NotSent,
            format!("no event {event_id:?} failed too often; see the list of dead letters"),
        ))
    }

    /// Delivers every event that failed too often once more; how many there are.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn replay_all(&self) -> Result<u64> {
        let now = self.0.now();
        let replayed = self
            .0
            .store
            .write(move |tx| row::replay_all(tx, now))
            .await?;
        self.0.bells.outbox.notify_one();
        Ok(replayed)
    }
}

/// Delivers what is due, and says whether anything was.
async fn turn<H: EventHandler + ?Sized>(
    inner: &Inner,
    handler: &H,
    turn: Turn,
) -> Result<(Delivered, bool)> {
    let settings = &inner.settings.delivery;
    let limit = u32::try_from(settings.concurrency.max(1)).unwrap_or(u32::MAX);
    // Each is in the handler's hands at once, so that the lease covers nothing else.
    let until = inner.lease_until(inner.now() + settings.timeout);
    let (worker, due) = (turn.worker.clone(), turn.due);
    let leased = inner
        .store
        .write(move |tx| row::take(tx, &worker, due, until, limit))
        .await?;
    let more = !leased.is_empty();
    let mut all = Delivered::default();
    // What was handled by now is written down together: the database shares a commit among it.
    let mut handled = stream::iter(leased)
        .map(async |leased| {
            let end = match &leased.event {
                Ok(event) => handle(inner, handler, event).await,
                Err(why) => Err(why.clone()),
            };
            judge(inner, leased, end)
        })
        .buffer_unordered(settings.concurrency.max(1))
        .ready_chunks(settings.concurrency.max(1));
    while let Some(mut ends) = handled.next().await {
        ends.sort_by(|(one, _), (other, _)| one.entity.cmp(&other.entity));
        for (_, end) in &ends {
            match end {
                End::Done => all.delivered += 1,
                End::Again { .. } => all.failed += 1,
                End::Dead { .. } => all.dead += 1,
            }
        }
        let (worker, now) = (turn.worker.clone(), inner.now());
        inner
            .store
            .write(move |tx| {
                for (leased, end) in &ends {
                    leased.end(tx, &worker, now, end)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok((all, more))
}

/// What becomes of an event after its handler has ended.
fn judge(inner: &Inner, leased: Leased, end: std::result::Result<(), String>) -> (Leased, End) {
    let settings = &inner.settings.delivery;
    let end = match end {
        Ok(()) => End::Done,
        Err(why) if leased.tries >= settings.most_tries => {
            tracing::error!(event = %leased.id, why, "an event failed too often and was put aside");
            End::Dead { why }
        }
        Err(why) => {
            tracing::warn!(event = %leased.id, tries = leased.tries, why, "an event comes again");
            let wait = doubling(settings.first_pause, settings.longest_pause, leased.tries);
            let next_at = inner.now() + jittered(wait);
            End::Again { next_at, why }
        }
    };
    (leased, end)
}

/// Runs the handler; one that panics or takes too long has failed.
async fn handle<H: EventHandler + ?Sized>(
    inner: &Inner,
    handler: &H,
    event: &LedgerEvent,
) -> std::result::Result<(), String> {
    let limit = inner.settings.delivery.timeout;
    let call = AssertUnwindSafe(handler.handle(event)).catch_unwind();
    match select(call, inner.settings.clock.sleep(limit)).await {
        Either::Left((Ok(Ok(())), _)) => Ok(()),
        Either::Left((Ok(Err(error)), _)) => Err(error.to_string()),
        Either::Left((Err(_), _)) => Err("the handler panicked".to_owned()),
        Either::Right(_) => Err(format!("the handler took longer than {limit:?}")),
    }
}
