//! Pruning: what nothing depends on any more goes after its time, a few rows at a time.
//!
//! A table is gone through by its key, a window of rows after the other, so that no statement looks
//! at more than a window, however much there is. A window in which nothing is to go takes no write.

mod settings;

use std::convert::Infallible;
use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::Result;
use serde::Serialize;

use crate::error::Stored;
use crate::ledger::{Inner, Ledger};
use crate::store::{Row, Tx, values};
use crate::work::jittered;

pub use settings::RetentionSettings;

/// What was pruned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pruned {
    /// Webhooks whose content went; their keys stay.
    pub webhooks: u64,
    /// Events that were delivered.
    pub events: u64,
    /// Attempts of routers.
    pub attempts: u64,
    /// Lines of history.
    pub history: u64,
}

impl Ledger {
    /// Prunes what is older than [`LedgerSettings::retention`](crate::LedgerSettings::retention) says,
    /// in small transactions between which others work. [`work`](Self::work) does so by itself;
    /// [`work_once`](Self::work_once) does not. Any number of processes may do it at the same time,
    /// and it may be dropped at any time.
    ///
    /// The room that it makes in the database is used again; to give it back to the disk is for
    /// `VACUUM`.
    ///
    /// # Errors
    /// Where the database fails. What was pruned before stays so.
    pub async fn prune(&self) -> Result<Pruned> {
        prune(&self.0).await
    }
}

/// Prunes now and then, for as long as the future lives.
pub(crate) async fn keep_pruning(inner: &Inner) -> Infallible {
    let retention = inner.settings.retention;
    if retention.keeps_everything() {
        return std::future::pending().await;
    }
    loop {
        match prune(inner).await {
            Ok(pruned) if pruned == Pruned::default() => {}
            Ok(pruned) => tracing::info!(?pruned, "what was old enough went"),
            Err(error) => tracing::error!(%error, "nothing could be pruned; it is tried again"),
        }
        inner
            .settings
            .clock
            .sleep(jittered(retention.every.max(Duration::from_secs(1))))
            .await;
    }
}

async fn prune(inner: &Inner) -> Result<Pruned> {
    let retention = inner.settings.retention;
    Ok(Pruned {
        webhooks: go_through(inner, &WEBHOOKS, retention.webhooks).await?,
        events: go_through(inner, &EVENTS, retention.events).await?,
        attempts: go_through(inner, &ATTEMPTS, retention.attempts).await?,
        history: go_through(inner, &HISTORY, retention.history).await?,
    })
}

/// What goes out of a table.
struct Rule {
    /// The last key of the window after `?1` of `?2` rows, and how many of them may be to go, being
    /// older than `?3`.
    look: &'static str,
    /// Takes out of the window from `?1` to `?2` what is older than `?3`.
    prune: &'static str,
}

/// A webhook's key stays, and so does what it named: that is what recovery looks for.
const WEBHOOKS: Rule = Rule {
    look: "SELECT MAX(number), COUNT(CASE WHEN state = 'done' AND done_at < ?3
               AND (subject IS NOT NULL OR has_body = 1) THEN 1 END)
           FROM (SELECT number, state, done_at, subject,
                     CASE WHEN length(body) > 0 THEN 1 ELSE 0 END AS has_body
                 FROM paymux_inbox WHERE number > ?1 ORDER BY number LIMIT ?2) AS looked",
    prune: "UPDATE paymux_inbox SET body = SUBSTR(body, 1, 0), subject = NULL
            WHERE number > ?1 AND number <= ?2 AND state = 'done' AND done_at < ?3
                AND (subject IS NOT NULL OR length(body) > 0)",
};

/// The newest event of an address stays: the next one counts on from it.
const EVENTS: Rule = Rule {
    look: "SELECT MAX(number), COUNT(CASE WHEN state = 'done' AND done_at < ?3 THEN 1 END)
           FROM (SELECT number, state, done_at FROM paymux_outbox
                 WHERE number > ?1 ORDER BY number LIMIT ?2) AS looked",
    prune: "DELETE FROM paymux_outbox
            WHERE number > ?1 AND number <= ?2 AND state = 'done' AND done_at < ?3
                AND (entity_kind <> 'deposit' OR EXISTS (SELECT 1 FROM paymux_outbox newer
                    WHERE newer.entity = paymux_outbox.entity
                        AND newer.entity_seq > paymux_outbox.entity_seq))",
};

const ATTEMPTS: Rule = Rule {
    look: "SELECT MAX(id), COUNT(CASE WHEN ended_at < ?3 THEN 1 END)
           FROM (SELECT id, ended_at FROM paymux_attempts
                 WHERE id > ?1 ORDER BY id LIMIT ?2) AS looked",
    prune: "DELETE FROM paymux_attempts
            WHERE id > ?1 AND id <= ?2 AND ended_at < ?3 AND state <> 'running'
                AND (kind = 'invoice' OR state IN ('failed', 'not_made')
                    OR state = 'made' AND EXISTS (SELECT 1 FROM paymux_payouts closed
                        WHERE closed.reference = paymux_attempts.subject AND closed.state = 'made'
                            AND closed.status IN ('completed', 'failed', 'canceled')))",
};

const HISTORY: Rule = Rule {
    look: "SELECT MAX(number), COUNT(CASE WHEN at < ?3 THEN 1 END)
           FROM (SELECT number, at FROM paymux_history
                 WHERE number > ?1 ORDER BY number LIMIT ?2) AS looked",
    prune: "DELETE FROM paymux_history
            WHERE number > ?1 AND number <= ?2 AND at < ?3
                AND (EXISTS (SELECT 1 FROM paymux_payouts closed
                        WHERE closed.id = paymux_history.entity AND closed.updated_at < ?3
                            AND closed.state = 'made'
                            AND closed.status IN ('completed', 'failed', 'canceled'))
                    OR EXISTS (SELECT 1 FROM paymux_invoices closed
                        WHERE closed.id = paymux_history.entity AND closed.updated_at < ?3
                            AND closed.poll_at IS NULL AND closed.state = 'made'
                            AND closed.status IN ('settled', 'expired', 'canceled', 'invalid')))",
};

async fn go_through(inner: &Inner, rule: &'static Rule, time: Option<Duration>) -> Result<u64> {
    let Some(time) = time else { return Ok(0) };
    let Some(cutoff) = before(inner.now(), time) else {
        return Ok(0);
    };
    let batch = inner.settings.retention.batch.max(1);
    let mut after = i64::MIN;
    let mut pruned = 0;
    loop {
        let window = inner
            .store
            .read(move |tx| look(tx, rule, after, batch, cutoff));
        let Some((last, candidates)) = window.await? else {
            return Ok(pruned);
        };
        if candidates > 0 {
            pruned += inner
                .store
                .write(move |tx| take_out(tx, rule, after, last, cutoff))
                .await?;
        }
        after = last;
    }
}

/// Nothing where that was before time was counted.
fn before(now: DateTime<Utc>, time: Duration) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(chrono::TimeDelta::from_std(time).ok()?)
}

fn look(
    tx: &mut dyn Tx,
    rule: &Rule,
    after: i64,
    batch: u32,
    cutoff: DateTime<Utc>,
) -> Stored<Option<(i64, i64)>> {
    let Some(mut row) = tx.first(rule.look, values![after, batch, cutoff])? else {
        return Ok(None);
    };
    let Some(last) = row.maybe(Row::int)? else {
        return Ok(None);
    };
    Ok(Some((last, row.int()?)))
}

fn take_out(
    tx: &mut dyn Tx,
    rule: &Rule,
    after: i64,
    last: i64,
    cutoff: DateTime<Utc>,
) -> Stored<u64> {
    tx.execute(rule.prune, values![after, last, cutoff])
}
