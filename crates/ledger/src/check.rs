//! Whether the database does its work, for a health route.

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, Outcome, Result};
use uuid::Uuid;

use crate::error::{Failure, Stored};
use crate::ledger::Ledger;
use crate::store::{Tx, values};

impl Ledger {
    /// Whether the database can be reached and takes writes now: a webhook is stored and taken back
    /// in one transaction, of which nothing stays. It makes no call to a gateway.
    ///
    /// ```
    /// use std::error::Error as _;
    /// use paymux_ledger::{Ledger, LedgerError};
    ///
    /// async fn health(ledger: &Ledger) -> (u16, &'static str) {
    ///     let Err(error) = ledger.check().await else {
    ///         return (200, "ok");
    ///     };
    ///     let source = error.source().and_then(|source| source.downcast_ref::<LedgerError>());
    ///     (503, source.map_or("unavailable", |error| error.kind().as_str()))
    /// }
    /// ```
    ///
    /// # Errors
    /// As a call would fail with that writes now, such as `Unavailable`; the source is a
    /// [`LedgerError`](crate::LedgerError). It may take as long as the database takes to answer: see
    /// to a timeout of your own.
    pub async fn check(&self) -> Result<()> {
        let (now, key) = (self.0.now(), Uuid::now_v7().to_string());
        let tried = self
            .0
            .store
            .write(move |tx| Err::<(), _>(write_and_take_back(tx, &key, now)));
        match tried.await {
            Ok(()) | Err(Failure::Refused(_)) => Ok(()),
            Err(Failure::Database(error)) => Err(error.into()),
        }
    }
}

/// Why the transaction is rolled back: by intention, unless the database failed.
fn write_and_take_back(tx: &mut dyn Tx, key: &str, now: DateTime<Utc>) -> Failure {
    match write(tx, key, now) {
        Ok(()) => Failure::Refused(Error::new(
            ErrorKind::Unavailable,
            Outcome::NotSent,
            "what a check writes is taken back",
        )),
        Err(failure) => failure,
    }
}

fn write(tx: &mut dyn Tx, key: &str, now: DateTime<Utc>) -> Stored<()> {
    // As much as a webhook may have, so that a database without room for one is told.
    let body = [0_u8; 16 * 1024];
    tx.execute(
        "INSERT INTO paymux_inbox
            (provider, dedup_key, kind, proof, body, received_at, state, next_at, done_at)
         VALUES ('check', ?1, 'other', 'weak', ?2, ?3, 'done', ?3, ?3)",
        values![key, body.as_slice(), now],
    )?;
    Ok(())
}
