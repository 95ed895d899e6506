//! Proven webhooks of which nobody knows what they tell: shown, counted, and taken off by a person.

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, Outcome, Proof, ProviderName, Reference, Result, WebhookKind};
use serde::Serialize;

use super::notice::of_word;
use crate::error::Stored;
use crate::history::{Cause, EntityKind, HistoryLine, newest, record};
use crate::ledger::Ledger;
use crate::payouts::named;
use crate::store::{Row, Tx, values};

/// A proven webhook that tells of something that the ledger does not know: an invoice or a payout that
/// was made elsewhere with the same account or with other terms, a deposit whose proof is weak, or a
/// kind of notice that paymux has no name for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnmatchedNotice {
    /// Counts the webhooks of this ledger in the order in which they were stored.
    pub number: i64,
    /// Whose webhook it is.
    pub provider: ProviderName,
    /// What it is about.
    pub kind: WebhookKind,
    /// How strongly it is proven.
    pub proof: Proof,
    /// The gateway's id of what it tells of.
    pub gateway_id: Option<String>,
    /// The payout reference that correlation found.
    pub reference: Option<Reference>,
    /// When it was received, UTC.
    pub received_at: DateTime<Utc>,
    /// The body, byte for byte.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// How many webhooks of a kind tell of something that the ledger does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnmatchedCount {
    /// Whose webhooks they are.
    pub provider: ProviderName,
    /// What they are about.
    pub kind: WebhookKind,
    /// How many there are.
    pub notices: u64,
    /// When the oldest of them was received, UTC.
    pub oldest: DateTime<Utc>,
}

impl Ledger {
    /// Proven webhooks that tell of something that the ledger does not know, oldest first; those after
    /// the number given, at most `limit`. A worker looks at them again: those of an invoice or payout
    /// that is made later are taken in then.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn unmatched(&self, after: i64, limit: u32) -> Result<Vec<UnmatchedNotice>> {
        Ok(self.0.store.read(move |tx| list(tx, after, limit)).await?)
    }

    /// How many webhooks tell of something that the ledger does not know, by provider and kind: for a
    /// dashboard or an alarm.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn count_unmatched(&self) -> Result<Vec<UnmatchedCount>> {
        Ok(self.0.store.read(counts).await?)
    }

    /// Takes a webhook off the list of [`unmatched`](Self::unmatched) ones, by its number: somebody
    /// has looked at it and it needs nothing more. It is not taken in any more, whatever becomes known
    /// later. Who did it and why stays in the history of `webhook:NUMBER`.
    ///
    /// # Errors
    /// `InvalidRequest` without a name or a reason; `NotFound` where no webhook with this number is on
    /// the list.
    pub async fn dismiss(&self, number: i64, who: &str, why: &str) -> Result<()> {
        let who = named(who)?;
        let why = why.trim().to_owned();
        if why.is_empty() {
            return Err(Error::invalid_request(
                "the history needs to say why this webhook was dismissed; give a reason",
            ));
        }
        let now = self.0.now();
        let dismissed = self
            .0
            .store
            .write(move |tx| dismiss(tx, number, &who, &why, now));
        if dismissed.await? {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::NotFound,
            Outcome::NotSent,
            format!(
                "no webhook with the number {number} waits for what it tells of; see the list of \
                 unmatched ones"
            ),
        ))
    }
}

fn list(tx: &mut dyn Tx, after: i64, limit: u32) -> Stored<Vec<UnmatchedNotice>> {
    tx.query(
        "SELECT number, provider, kind, proof, gateway_id, reference, received_at, body
         FROM paymux_inbox WHERE state = 'unmatched' AND number > ?1 ORDER BY number LIMIT ?2",
        values![after, limit],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(UnmatchedNotice {
            number: row.int()?,
            provider: row.parsed()?,
            kind: of_word(&row.text()?)?,
            proof: of_word(&row.text()?)?,
            gateway_id: row.maybe(Row::text)?,
            reference: row.maybe(Row::text)?.map(Reference::received),
            received_at: row.time()?,
            body: row.bytes()?,
        })
    })
    .collect()
}

fn counts(tx: &mut dyn Tx) -> Stored<Vec<UnmatchedCount>> {
    tx.query(
        "SELECT provider, kind, COUNT(*), MIN(received_at) FROM paymux_inbox
         WHERE state = 'unmatched' GROUP BY provider, kind ORDER BY provider, kind",
        &[],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(UnmatchedCount {
            provider: row.parsed()?,
            kind: of_word(&row.text()?)?,
            notices: row.number()?,
            oldest: row.time()?,
        })
    })
    .collect()
}

/// False where it is not on the list.
fn dismiss(tx: &mut dyn Tx, number: i64, who: &str, why: &str, now: DateTime<Utc>) -> Stored<bool> {
    let told = tx.first(
        "UPDATE paymux_inbox SET state = 'done', done_at = ?2, worker = NULL
         WHERE number = ?1 AND state = 'unmatched' RETURNING provider, kind, gateway_id",
        values![number, now],
    )?;
    let entity = format!("webhook:{number}");
    let Some(mut told) = told else {
        // Run again after a commit of which nobody knew, it was this very call that did it.
        let line = newest(tx, &entity)?;
        return Ok(line.is_some_and(|line| {
            line.at.timestamp_micros() == now.timestamp_micros()
                && line.who.as_deref() == Some(who)
                && line.why.as_deref() == Some(why)
        }));
    };
    let (provider, kind, id) = (told.text()?, told.text()?, told.maybe(Row::text)?);
    let id = id.map(|id| format!(" {id}")).unwrap_or_default();
    let line = HistoryLine::new(now, Cause::Person)
        .between(Some("unmatched"), "dismissed")
        .by(who, Some(why))
        .with_detail(format!("of {provider}: {kind}{id}"));
    record(tx, EntityKind::Webhook, &entity, &line)?;
    Ok(true)
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use super::*;
    use crate::history::of_entity;
    use crate::store::Store;

    #[tokio::test]
    async fn a_dismissal_that_is_run_again_says_the_same_and_leaves_one_line() {
        let now = Utc::now();
        let store = Store::open("sqlite::memory:", 1, now).await.unwrap();
        let body: &[u8] = b"{}";
        let unmatched = store.write(move |tx| {
            tx.send(
                "INSERT INTO paymux_inbox
                    (provider, dedup_key, kind, proof, body, received_at, state, next_at)
                 VALUES ('eu', 'k1', 'other', 'signed', ?1, ?2, 'unmatched', ?2)",
                values![body, now],
            )
        });
        unmatched.await.unwrap();
        // What is not known to be committed is run again as it is.
        for (who, done) in [("ann", true), ("ann", true), ("bob", false)] {
            let written = store.write(move |tx| dismiss(tx, 1, who, "noise", now));
            assert_eq!(written.await.unwrap(), done, "{who}");
        }
        let lines = store.read(|tx| of_entity(tx, "webhook:1")).await.unwrap();
        assert_eq!(lines.len(), 1);
    }
}
