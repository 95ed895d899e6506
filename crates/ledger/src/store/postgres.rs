//! PostgreSQL: a handful of threads, each with a connection of its own.

mod connection;
mod failure;
mod pipeline;
#[cfg(test)]
mod tests;
#[cfg(feature = "postgres-tls")]
mod tls;
mod transaction;
mod value;

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;

use crate::error::{Failure, LedgerError, LedgerErrorKind, Stored};
use crate::store::queue::{Access, Job, Queue, QueueSender};
use crate::store::{Store, run_job, start_thread};
use connection::{Connection, Connector};

/// How often a transaction is run that a deadlock or a broken connection undid.
const MOST_TRIES: u32 = 6;

/// Starts the threads. Connections are made when they are needed, and made anew when they broke.
pub(super) fn connect(url: &str, connections: usize) -> Result<Store, LedgerError> {
    let connector = Arc::new(Connector::new(url)?);
    let (writes, queue) = QueueSender::new();
    for _ in 0..connections {
        let queue = Arc::clone(&queue);
        let connector = Arc::clone(&connector);
        start_thread("paymux-ledger-sql", move || work(&connector, &queue))?;
    }
    Ok(Store {
        writes,
        reads: None,
    })
}

fn work(connector: &Connector, queue: &Queue) {
    let mut open = None;
    while let Some((access, mut job)) = queue.next() {
        let end = run(connector, &mut open, access, &mut *job);
        job.finish(end);
    }
    if let Some(connection) = open {
        connection.close();
    }
}

/// Runs a job until it is committed, refused, or fails in a way that another try does not mend.
fn run(
    connector: &Connector,
    open: &mut Option<Connection>,
    access: Access,
    job: &mut dyn Job,
) -> Stored<()> {
    let mut tries = 0;
    let mut unknown = None;
    loop {
        tries += 1;
        let had_connection = open.is_some();
        let end = once(connector, open, access, job);
        let Err(Failure::Database(error)) = end else {
            return end;
        };
        let is_unknown = error.kind() == LedgerErrorKind::CommitUnknown;
        let broke = is_unknown || error.kind() == LedgerErrorKind::Unreachable;
        if broke {
            *open = None;
        }
        // A connection that could not be made now is not tried for again here: the caller decides.
        let again = is_unknown || failure::is_passing(&error) || (broke && had_connection);
        // Whatever keeps a later try from finding out, that an earlier one may be committed stays so.
        let error = match unknown.take() {
            Some(before) if !is_unknown => before,
            _ => error,
        };
        if !again || tries >= MOST_TRIES {
            return Err(error.into());
        }
        if error.kind() == LedgerErrorKind::CommitUnknown {
            unknown = Some(error);
        }
        std::thread::sleep(Duration::from_millis(
            rand::rng().random_range(0..5 * u64::from(tries)),
        ));
    }
}

fn once(
    connector: &Connector,
    open: &mut Option<Connection>,
    access: Access,
    job: &mut dyn Job,
) -> Stored<()> {
    let connection = match open {
        Some(connection) => connection,
        None => open.insert(connector.connect()?),
    };
    let end = connection.transaction(access, &mut |tx| run_job(job, tx));
    if !connection.is_usable() {
        *open = None;
    }
    end
}
