//! Webhooks whose proof is a call to the gateway that could not be made: kept whole, believed in
//! nothing, and proven later. What may be kept is bounded, since anybody can send such a thing.

mod row;

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt};
use paymux_core::{Error, ProviderName, Providers, RawWebhook, Result};
use serde::Serialize;

use crate::inbox::{NewNotice, is_refusal};
use crate::ledger::{Inner, Ledger};
use crate::work::{Done, Turn, Worked, doubling, jittered, speaker};
use row::{Held, Unproven};

/// How many are taken at once.
const MOST_AT_ONCE: u32 = 32;
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LONGEST_RETRY: Duration = Duration::from_secs(5 * 60);

/// How much may wait unproven. What comes on top is not stored, and the gateway is told to send it
/// again.
///
/// ```
/// use paymux_ledger::QuarantineBounds;
///
/// let bounds = QuarantineBounds::new().with_notices(500).with_bytes(1024 * 1024);
/// assert_eq!(bounds.notices, 500);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuarantineBounds {
    /// How many webhooks; 10,000 by default.
    pub notices: u32,
    /// How many bytes of path, headers and bodies together; 64 MiB by default.
    pub bytes: u64,
    /// How long each is kept, since it was received; 3 days by default. What nobody could prove in
    /// that time is dropped: the reconciler finds out what it told.
    pub age: Duration,
}

impl QuarantineBounds {
    /// The bounds that suit most applications.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            notices: 10_000,
            bytes: 64 * 1024 * 1024,
            age: Duration::from_secs(3 * 24 * 60 * 60),
        }
    }

    /// Sets how many webhooks may wait.
    #[must_use]
    pub const fn with_notices(mut self, notices: u32) -> Self {
        self.notices = notices;
        self
    }

    /// Sets how many bytes may wait.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets how long each is kept.
    #[must_use]
    pub const fn with_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

impl Default for QuarantineBounds {
    fn default() -> Self {
        Self::new()
    }
}

/// A webhook that waits for its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuarantinedNotice {
    /// Counts the webhooks that were kept so.
    pub number: i64,
    /// The provider that it was received for.
    pub provider: ProviderName,
    /// What it takes of [`QuarantineBounds::bytes`].
    pub bytes: u64,
    /// When it was received, UTC.
    pub received_at: DateTime<Utc>,
    /// How often a worker tried to prove it.
    pub tries: u32,
    /// What stood in the way last.
    pub why: Option<String>,
}

impl Ledger {
    /// Webhooks that wait for their proof, oldest first; those after the number given, at most
    /// `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn quarantined(&self, after: i64, limit: u32) -> Result<Vec<QuarantinedNotice>> {
        Ok(self
            .0
            .store
            .read(move |tx| row::list(tx, after, limit))
            .await?)
    }
}

/// Keeps a webhook that could not be proven now.
pub(crate) async fn keep(
    inner: &Inner,
    provider: &ProviderName,
    webhook: &RawWebhook,
    why: &Error,
) -> Result<()> {
    let unproven = Unproven::of(provider, webhook, why)?;
    let (bounds, now) = (inner.settings.work.quarantine, inner.now());
    let next_at = now + jittered(FIRST_RETRY);
    inner
        .store
        .write(move |tx| unproven.insert(tx, bounds, next_at))
        .await?;
    Ok(())
}

/// Proves what is due.
pub(crate) async fn turn(inner: &Inner, providers: &Providers, turn: Turn) -> Result<Done> {
    let until = inner.lease_until(inner.now());
    let (worker, due) = (turn.worker.clone(), turn.due);
    let held = inner
        .store
        .write(move |tx| Held::take(tx, &worker, due, until, MOST_AT_ONCE))
        .await?;
    let more = !held.is_empty();
    let ends: Vec<Result<Worked>> = stream::iter(held)
        .map(|held| prove(inner, providers, &turn.worker, held))
        .buffer_unordered(inner.settings.work.concurrency.max(1))
        .collect()
        .await;
    let mut worked = Worked::default();
    for end in ends {
        worked.add(end?);
    }
    if worked.proven > 0 {
        inner.bells.ring_inbox();
    }
    Ok(Done { worked, more })
}

async fn prove(inner: &Inner, providers: &Providers, worker: &str, held: Held) -> Result<Worked> {
    let mut worked = Worked::default();
    let verified = match providers.get(&held.provider) {
        Ok(provider) => speaker::in_time(inner, provider.verify_webhook(&held.webhook)).await,
        Err(error) => Err(error),
    };
    let now = inner.now();
    let age = (now - held.webhook.received_at())
        .to_std()
        .unwrap_or_default();
    let worker = worker.to_owned();
    match verified {
        Ok(event) => {
            let notice = NewNotice::of(event, held.webhook.received_at())?;
            let moved = inner.store.write(move |tx| {
                if held.remove(tx, &worker)? {
                    notice.insert(tx, now)?;
                }
                Ok(())
            });
            moved.await?;
            worked.proven += 1;
        }
        Err(error) if is_refusal(&error) || age >= inner.settings.work.quarantine.age => {
            tracing::warn!(
                provider = %held.provider, number = held.number, %error,
                "a webhook was dropped: it is not genuine, or nobody could prove it in time"
            );
            inner
                .store
                .write(move |tx| held.remove(tx, &worker))
                .await?;
            worked.dropped += 1;
        }
        Err(error) => {
            let wait = jittered(doubling(FIRST_RETRY, LONGEST_RETRY, held.tries))
                .max(error.retry_after().unwrap_or_default().min(LONGEST_RETRY));
            let why = error.to_string();
            inner
                .store
                .write(move |tx| held.retry(tx, &worker, now + wait, &why))
                .await?;
            worked.failed += 1;
        }
    }
    Ok(worked)
}
