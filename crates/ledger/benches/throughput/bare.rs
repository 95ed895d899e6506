//! What the database does alone: the rows that the ledger writes, in as many transactions, by its
//! driver and nothing else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::database::Database;

/// As many as the ledger uses.
const CONNECTIONS: usize = 4;
/// How many pieces of work share a commit where they may: the ledger does that on SQLite, which has
/// one writer, when many callers write at the same time.
pub(crate) const SHARED_COMMIT: usize = 64;

static NEXT: AtomicUsize = AtomicUsize::new(1);

const TABLES: &str = "CREATE TABLE IF NOT EXISTS bare_rows
        (id TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS bare_lines (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);";

/// One piece of work: transactions of statements, each of which takes a key and a text.
type Work = &'static [&'static [&'static str]];

/// Stored; then the invoice, its history, its event and the webhook's end; then the event's end.
const WEBHOOK: Work = &[
    &["INSERT INTO bare_rows (id, number, body) VALUES ($1, 1, $2)"],
    &[
        "INSERT INTO bare_lines (id, body) VALUES ('invoice' || $1, $2)",
        "INSERT INTO bare_lines (id, body) VALUES ('history' || $1, $2)",
        "INSERT INTO bare_lines (id, body) VALUES ('event' || $1, $2)",
        "UPDATE bare_rows SET number = 2 WHERE id = $1 AND body = $2",
    ],
    &["UPDATE bare_lines SET body = $2 WHERE id = 'event' || $1"],
];

/// The intent and its history; then the result and its history.
const PAYOUT: Work = &[
    &[
        "INSERT INTO bare_rows (id, number, body) VALUES ($1, 1, $2)",
        "INSERT INTO bare_lines (id, body) VALUES ('began' || $1, $2)",
    ],
    &[
        "UPDATE bare_rows SET number = 2, body = $2 WHERE id = $1",
        "INSERT INTO bare_lines (id, body) VALUES ('ended' || $1, $2)",
    ],
];

/// How many pieces of work a second.
pub(crate) struct Bare {
    /// Each with commits of its own.
    pub(crate) alone: u128,
    /// Where commits may be shared.
    pub(crate) shared: Option<u128>,
}

/// Webhooks a second.
pub(crate) fn webhooks(database: &Database, count: usize) -> Bare {
    measure(database, WEBHOOK, count)
}

/// Payouts a second.
pub(crate) fn payouts(database: &Database, count: usize) -> Bare {
    measure(database, PAYOUT, count)
}

fn measure(database: &Database, work: Work, count: usize) -> Bare {
    let is_sqlite = database.sqlite_connection().is_some();
    Bare {
        alone: rate(count, run(database, work, count, 1)),
        shared: is_sqlite.then(|| rate(count, run(database, work, count, SHARED_COMMIT))),
    }
}

fn rate(count: usize, time: Duration) -> u128 {
    u128::try_from(count).unwrap() * 1_000_000 / time.as_micros().max(1)
}

fn run(database: &Database, work: Work, count: usize, sharing: usize) -> Duration {
    database.run(TABLES);
    let from = NEXT.fetch_add(count, Ordering::SeqCst);
    let keys: Vec<String> = (from..from + count)
        .map(|number| format!("key-{number}"))
        .collect();
    // About what a snapshot takes.
    let body = "x".repeat(600);
    let start = Instant::now();
    match database.sqlite_connection() {
        Some(connection) => sqlite(&connection, work, &keys, &body, sharing),
        None => postgres(database, work, &keys, &body),
    }
    start.elapsed()
}

fn sqlite(
    connection: &rusqlite::Connection,
    work: Work,
    keys: &[String],
    body: &str,
    sharing: usize,
) {
    for group in keys.chunks(sharing) {
        for statements in work {
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            for key in group {
                for statement in *statements {
                    let mut statement = connection.prepare_cached(statement).unwrap();
                    statement.execute(rusqlite::params![key, body]).unwrap();
                }
            }
            connection.execute_batch("COMMIT").unwrap();
        }
    }
}

fn postgres(database: &Database, work: Work, keys: &[String], body: &str) {
    std::thread::scope(|scope| {
        for keys in keys.chunks(keys.len().div_ceil(CONNECTIONS)) {
            scope.spawn(move || {
                let mut client = database.postgres_connection();
                let prepared: Vec<Vec<postgres::Statement>> = work
                    .iter()
                    .map(|statements| {
                        let prepare = |sql: &&str| client.prepare(sql).unwrap();
                        statements.iter().map(prepare).collect()
                    })
                    .collect();
                for key in keys {
                    for statements in &prepared {
                        let mut transaction = client.transaction().unwrap();
                        for statement in statements {
                            transaction.execute(statement, &[key, &body]).unwrap();
                        }
                        transaction.commit().unwrap();
                    }
                }
            });
        }
    });
}
