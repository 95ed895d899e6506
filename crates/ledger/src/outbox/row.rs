//! The rows of events that wait to be delivered.

use chrono::{DateTime, Utc};

use super::DeadLetter;
use crate::error::Stored;
use crate::events::LedgerEvent;
use crate::store::{Row, Tx, from_json, values};

/// The most that is kept of what a handler said.
const LONGEST_WHY: usize = 1000;

/// An event that a worker has taken.
pub(super) struct Leased {
    number: i64,
    pub(super) id: String,
    /// Whose event it is. Whoever writes down events of several goes by this, so that nobody waits
    /// for one that waits for him.
    pub(super) entity: String,
    pub(super) tries: u32,
    /// Or why it cannot be read: one that a newer version wrote must not keep others from coming.
    pub(super) event: Result<LedgerEvent, String>,
}

/// Takes events that are due; of each entity only one is open. They are due again at `until`, should
/// nobody have heard of the worker by then.
pub(super) fn take(
    tx: &mut dyn Tx,
    worker: &str,
    due: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u32,
) -> Stored<Vec<Leased>> {
    let mut leased: Vec<Leased> = tx
        .query(
            "WITH due AS MATERIALIZED (
                 SELECT number FROM paymux_outbox WHERE state = 'open' AND next_at <= ?1
                 ORDER BY next_at, number LIMIT ?2 {skip locked})
             UPDATE paymux_outbox SET worker = ?3, next_at = ?4, tries = tries + 1
             WHERE number IN (SELECT number FROM due)
             RETURNING number, id, entity, tries, body",
            values![due, limit, worker, until],
        )?
        .into_iter()
        .map(|mut row| {
            Ok(Leased {
                number: row.int()?,
                id: row.text()?,
                entity: row.text()?,
                tries: row.number()?,
                event: from_json(&row.text()?)
                    .map_err(|failure| paymux_core::Error::from(failure).to_string()),
            })
        })
        .collect::<Stored<_>>()?;
    leased.sort_by_key(|event| event.number);
    Ok(leased)
}

/// What becomes of an event that was in its handler's hands.
pub(super) enum End {
    Done,
    /// It comes again.
    Again {
        next_at: DateTime<Utc>,
        why: String,
    },
    /// It failed too often.
    Dead {
        why: String,
    },
}

impl Leased {
    /// Writes what becomes of it, as long as it is still this worker's.
    pub(super) fn end(
        &self,
        tx: &mut dyn Tx,
        worker: &str,
        now: DateTime<Utc>,
        end: &End,
    ) -> Stored<()> {
        match end {
            End::Done => {
                tx.send(
                    "UPDATE paymux_outbox
                     SET state = 'done', done_at = ?3, worker = NULL, last_error = NULL
                     WHERE number = ?1 AND worker = ?2 AND state = 'open'",
                    values![self.number, worker, now],
                )?;
                self.let_next_come(tx, now)
            }
            End::Dead { why } => {
                tx.send(
                    "UPDATE paymux_outbox SET state = 'dead', worker = NULL, last_error = ?3
                     WHERE number = ?1 AND worker = ?2 AND state = 'open'",
                    values![self.number, worker, shortened(why)],
                )?;
                self.let_next_come(tx, now)
            }
            End::Again { next_at, why } => tx.send(
                "UPDATE paymux_outbox SET next_at = ?3, worker = NULL, last_error = ?4
                     WHERE number = ?1 AND worker = ?2 AND state = 'open'",
                values![self.number, worker, *next_at, shortened(why)],
            ),
        }
    }

    /// The next one of its entity is not queued any more, where none is open before it: it is still
    /// open where another worker took it meanwhile.
    fn let_next_come(&self, tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<()> {
        tx.send(
            "UPDATE paymux_outbox SET state = 'open', next_at = ?2
             WHERE number = (SELECT number FROM paymux_outbox
                     WHERE entity = ?1 AND state = 'queued' ORDER BY entity_seq LIMIT 1)
                 AND NOT EXISTS (SELECT 1 FROM paymux_outbox
                     WHERE entity = ?1 AND state = 'open')",
            values![&self.entity, now],
        )
    }
}

fn shortened(why: &str) -> &str {
    why.get(..why.floor_char_boundary(LONGEST_WHY))
        .unwrap_or(why)
}

/// Events that failed too often, oldest first.
pub(super) fn dead(tx: &mut dyn Tx, limit: u32) -> Stored<Vec<DeadLetter>> {
    tx.query(
        "SELECT body, tries, last_error FROM paymux_outbox WHERE state = 'dead'
         ORDER BY number LIMIT ?1",
        values![limit],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(DeadLetter {
            event: row.json()?,
            tries: row.number()?,
            why: row.maybe(Row::text)?,
        })
    })
    .collect()
}

/// Opens an event that failed too often; false where there is none.
pub(super) fn replay(tx: &mut dyn Tx, id: &str, now: DateTime<Utc>) -> Stored<bool> {
    let opened = tx.execute(
        "UPDATE paymux_outbox SET state = 'open', tries = 0, next_at = ?2
         WHERE id = ?1 AND state = 'dead'",
        values![id, now],
    )?;
    Ok(opened == 1)
}

/// Opens every event that failed too often.
pub(super) fn replay_all(tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<u64> {
    tx.execute(
        "UPDATE paymux_outbox SET state = 'open', tries = 0, next_at = ?1 WHERE state = 'dead'",
        values![now],
    )
}
