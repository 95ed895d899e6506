//! Transactions on SQLite or PostgreSQL, by one code path.
//!
//! Whatever the ledger does to its database is a closure that runs as one transaction on a thread of
//! its own. Dropping the future that waits for it never cuts a transaction in half: the closure runs
//! to its end. A closure may be run again (a broken connection, a deadlock, a commit of which nobody
//! knows whether it happened), so it has to do the same once more: ids are chosen outside of it, and
//! what may be there already is inserted with `ON CONFLICT DO NOTHING` and then looked at.

mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod queue;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tx;
mod url;
mod value;

use std::fmt;
use std::future::Future;

use chrono::{DateTime, Utc};

use crate::error::{LedgerError, LedgerErrorKind, Stored};
use queue::{Access, Call, QueueSender, Unattended};
use url::DatabaseUrl;

pub(crate) use queue::closed as gone;
pub(crate) use tx::Tx;
pub(crate) use value::{Row, Value, from_json, to_json, values};

/// The database, and the threads that work on it until it is dropped.
pub(crate) struct Store {
    writes: QueueSender,
    /// Where readers have threads of their own.
    reads: Option<QueueSender>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a database and brings its schema up to date. `connections` is how many threads work on
    /// a PostgreSQL, and how many read from a SQLite.
    pub(crate) async fn open(
        url: &str,
        connections: usize,
        now: DateTime<Utc>,
    ) -> Result<Self, paymux_core::Error> {
        let store = Self::connect(url, connections.max(1))?;
        if !store.read(migrations::is_current).await? {
            store.write(move |tx| migrations::migrate(tx, now)).await?;
        }
        Ok(store)
    }

    fn connect(url: &str, connections: usize) -> Result<Self, LedgerError> {
        match DatabaseUrl::parse(url)? {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Memory => sqlite::memory(),
            #[cfg(feature = "sqlite")]
            DatabaseUrl::File(file) => sqlite::file(&file, connections),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => postgres::connect(&url, connections),
            #[cfg(not(feature = "sqlite"))]
            DatabaseUrl::Memory | DatabaseUrl::File(_) => Err(missing("SQLite", "sqlite")),
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => Err(missing("PostgreSQL", "postgres")),
        }
    }

    /// Runs a closure as one transaction that changes something. It is under way when this returns,
    /// whether or not anybody waits for the future.
    pub(crate) fn write<T, F>(
        &self,
        operation: F,
    ) -> impl Future<Output = Stored<T>> + Send + use<T, F>
    where
        F: Fn(&mut dyn Tx) -> Stored<T> + Send + 'static,
        T: Send + 'static,
    {
        let done = self.write_then(operation, |end| end);
        async { done.await.unwrap_or_else(|| Err(gone())) }
    }

    /// Like [`write`](Self::write). How it ended goes through `afterwards`, on the database's thread
    /// and after the commit. Where nobody waits for the future any more, the result of that is
    /// dropped. Nothing where the database's threads are gone.
    pub(crate) fn write_then<T, U, F, M>(
        &self,
        operation: F,
        afterwards: M,
    ) -> impl Future<Output = Option<U>> + Send + use<T, U, F, M>
    where
        F: Fn(&mut dyn Tx) -> Stored<T> + Send + 'static,
        T: Send + 'static,
        U: Send + 'static,
        M: FnOnce(Stored<T>) -> U + Send + 'static,
    {
        let (call, receiver) = Call::new(operation, afterwards);
        self.writes.push(Access::Write, Box::new(call));
        async { receiver.await.ok() }
    }

    /// Like [`write`](Self::write), for a thread that may wait.
    pub(crate) fn write_and_wait<T, F>(&self, operation: F) -> Stored<T>
    where
        F: Fn(&mut dyn Tx) -> Stored<T> + Send + 'static,
        T: Send + 'static,
    {
        let (call, receiver) = Call::new(operation, |end| end);
        self.writes.push(Access::Write, Box::new(call));
        receiver.blocking_recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Runs a closure as one transaction for which nobody waits.
    pub(crate) fn enqueue<F>(&self, operation: F)
    where
        F: Fn(&mut dyn Tx) -> Stored<()> + Send + 'static,
    {
        self.writes
            .push(Access::Write, Box::new(Unattended(operation)));
    }

    /// Runs a closure as one transaction that changes nothing.
    pub(crate) fn read<T, F>(
        &self,
        operation: F,
    ) -> impl Future<Output = Stored<T>> + Send + use<T, F>
    where
        F: Fn(&mut dyn Tx) -> Stored<T> + Send + 'static,
        T: Send + 'static,
    {
        let (call, receiver) = Call::new(operation, |end| end);
        let queue = self.reads.as_ref().unwrap_or(&self.writes);
        queue.push(Access::Read, Box::new(call));
        async { receiver.await.unwrap_or_else(|_| Err(gone())) }
    }
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn missing(engine: &str, feature: &str) -> LedgerError {
    LedgerError::new(
        LedgerErrorKind::Url,
        format!("this build has no {engine}; turn on the feature {feature} of paymux-ledger"),
    )
}

/// Starts a named thread; a machine that cannot is told as such.
fn start_thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LedgerError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| {
            LedgerError::new(
                LedgerErrorKind::Other,
                "the machine starts no thread for the database",
            )
            .with_source(error)
        })
}

/// Runs a job; one that panics fails alone.
fn run_job(job: &mut dyn queue::Job, tx: &mut dyn Tx) -> Stored<()> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.run(tx))).unwrap_or_else(|_| {
        Err(LedgerError::new(
            LedgerErrorKind::Other,
            "the ledger panicked inside a transaction; it was rolled back",
        )
        .into())
    })
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;
