//! The thread that writes: it takes what waits into one commit.
//!
//! A commit waits for the disk, and that wait is the price of a write. So jobs that wait at the same
//! time share one, each in a savepoint of its own, so that one that fails takes nothing with it. Every
//! caller is told only after the commit. Where the commit itself fails, each job is run again alone.

use rusqlite::Connection;

use super::{SqliteTx, batch};
use crate::error::Stored;
use crate::store::queue::{Job, Queue};
use crate::store::run_job;

const MOST_AT_ONCE: usize = 128;

/// Runs the jobs of a queue until no more can come.
pub(super) fn work(connection: &Connection, queue: &Queue) {
    while let Some((_, first)) = queue.next() {
        match together(connection, first, queue) {
            Together::Done => {}
            Together::Lost(jobs) => {
                for job in jobs {
                    alone(connection, job);
                }
            }
        }
    }
}

enum Together {
    Done,
    /// The whole transaction was rolled back: none of these is done.
    Lost(Vec<Box<dyn Job>>),
}

fn together(connection: &Connection, first: Box<dyn Job>, queue: &Queue) -> Together {
    if let Err(failure) = batch(connection, "BEGIN IMMEDIATE") {
        first.finish(Err(failure));
        return Together::Done;
    }
    let mut done: Vec<(Box<dyn Job>, Stored<()>)> = Vec::new();
    let mut next = Some(first);
    while let Some(mut job) = next {
        let end = in_savepoint(connection, &mut *job);
        done.push((job, end));
        // Running out of room can make SQLite roll back everything by itself.
        if connection.is_autocommit() {
            return lost(connection, done);
        }
        next = (done.len() < MOST_AT_ONCE)
            .then(|| queue.waiting().map(|(_, job)| job))
            .flatten();
    }
    tracing::trace!(jobs = done.len(), "commits");
    match batch(connection, "COMMIT") {
        Ok(()) => {
            tracing::trace!("committed");
            for (job, end) in done {
                job.finish(end);
            }
            Together::Done
        }
        Err(_) => lost(connection, done),
    }
}

fn lost(connection: &Connection, done: Vec<(Box<dyn Job>, Stored<()>)>) -> Together {
    roll_back(connection);
    Together::Lost(done.into_iter().map(|(job, _)| job).collect())
}

fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> Stored<()> {
    batch(connection, "SAVEPOINT job")?;
    let end = run_job(job, &mut SqliteTx(connection));
    if connection.is_autocommit() {
        return end;
    }
    if end.is_err() {
        batch(connection, "ROLLBACK TO job")?;
    }
    batch(connection, "RELEASE job")?;
    end
}

/// A transaction for one job alone.
fn alone(connection: &Connection, mut job: Box<dyn Job>) {
    let end = batch(connection, "BEGIN IMMEDIATE").and_then(|()| {
        let end = run_job(&mut *job, &mut SqliteTx(connection))
            .and_then(|()| batch(connection, "COMMIT"));
        if end.is_err() {
            roll_back(connection);
        }
        end
    });
    job.finish(end);
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        // What cannot be rolled back is not committed either.
        let _ = batch(connection, "ROLLBACK");
    }
}
