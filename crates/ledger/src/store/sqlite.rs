//! SQLite: one thread that writes, a few that read.

mod failure;
mod file;
mod group;
#[cfg(test)]
mod plans;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};

use crate::error::{Failure, LedgerError, LedgerErrorKind, Stored};
use crate::store::queue::{Queue, QueueSender};
use crate::store::tx::{Dialect, Ran, Tx};
use crate::store::url::SqliteFile;
use crate::store::value::{Cell, Row, Value};
use crate::store::{Store, run_job, start_thread};
use failure::failed;

/// How long a writer waits for one in another process.
const PATIENCE: Duration = Duration::from_secs(10);
const KEPT_STATEMENTS: usize = 256;

/// A database in memory; readers and writers share its one connection.
pub(super) fn memory() -> Result<Store, LedgerError> {
    let connection = Connection::open_in_memory().map_err(failed)?;
    prepare(&connection)?;
    let (writes, queue) = QueueSender::new();
    start_thread("paymux-ledger-write", move || {
        group::work(&connection, &queue)
    })?;
    Ok(Store {
        writes,
        reads: None,
    })
}

/// A database in a file, which is made where there is none.
pub(super) fn file(file: &SqliteFile, readers: usize) -> Result<Store, LedgerError> {
    if !file.read_only {
        file::make(&file.path)?;
    }
    let writer = open(&file.path, file.read_only)?;
    if !writer.is_readonly("main").map_err(failed)? {
        prepare_file(&writer, file)?;
    }
    let (writes, queue) = QueueSender::new();
    start_thread("paymux-ledger-write", move || group::work(&writer, &queue))?;
    let (reads, queue) = QueueSender::new();
    for _ in 0..readers {
        let connection = open(&file.path, true)?;
        let queue = Arc::clone(&queue);
        start_thread("paymux-ledger-read", move || read(&connection, &queue))?;
    }
    Ok(Store {
        writes,
        reads: Some(reads),
    })
}

fn open(path: &Path, read_only: bool) -> Result<Connection, LedgerError> {
    let mode = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    };
    // Each connection stays on one thread.
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| file::cannot_open(path, failed(error)))?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), LedgerError> {
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    Ok(())
}

fn prepare_file(connection: &Connection, file: &SqliteFile) -> Result<(), LedgerError> {
    let told = |error| file::cannot_open(&file.path, failed(error));
    use_wal(connection).map_err(told)?;
    // A commit is on the disk when it returns.
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(told)?;
    if let Some(pages) = file.max_page_count {
        connection
            .pragma_update(None, "max_page_count", pages)
            .map_err(told)?;
    }
    Ok(())
}

/// WAL lets readers read while one writes. The change to it reads first and locks then, and such a lock
/// SQLite does not wait for: of two who make the same file at once, one is told that it is busy.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let began = Instant::now();
    loop {
        let changed = connection.pragma_update(None, "journal_mode", "WAL");
        match changed {
            Err(error) if is_busy(&error) && began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(rand::rng().random_range(1..10)));
            }
            changed => return changed,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Runs the jobs of a queue that change nothing.
fn read(connection: &Connection, queue: &Queue) {
    while let Some((_, mut job)) = queue.next() {
        let end = batch(connection, "BEGIN").and_then(|()| {
            let end = run_job(&mut *job, &mut SqliteTx(connection));
            let _ = batch(connection, "ROLLBACK");
            end
        });
        job.finish(end);
    }
}

fn batch(connection: &Connection, sql: &str) -> Stored<()> {
    connection
        .execute_batch(sql)
        .map_err(|error| Failure::Database(failed(error)))
}

/// A transaction on a connection.
struct SqliteTx<'c>(&'c Connection);

impl SqliteTx<'_> {
    fn statement(&self, sql: &'static str) -> Stored<rusqlite::CachedStatement<'_>> {
        #[cfg(test)]
        plans::seen(sql);
        let prepared = if sql.contains('{') {
            self.0.prepare_cached(&Dialect::Sqlite.statement(sql))
        } else {
            self.0.prepare_cached(sql)
        };
        prepared.map_err(|error| failed(error).into())
    }
}

impl Tx for SqliteTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn run_each(&mut self, sql: &'static str, rows: &[Vec<Value<'_>>]) -> Stored<Vec<Ran>> {
        let mut statement = self.statement(sql)?;
        rows.iter().map(|row| run(&mut statement, row)).collect()
    }

    fn batch(&mut self, sql: &str) -> Stored<()> {
        batch(self.0, sql)
    }
}

fn run(statement: &mut rusqlite::Statement<'_>, values: &[Value<'_>]) -> Stored<Ran> {
    let columns = statement.column_count();
    if columns == 0 {
        let changed = statement
            .execute(params_from_iter(values))
            .map_err(failed)?;
        return Ok(Ran {
            rows: Vec::new(),
            changed: u64::try_from(changed).unwrap_or(u64::MAX),
        });
    }
    let mut found = statement.query(params_from_iter(values)).map_err(failed)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        let mut cells = Vec::with_capacity(columns);
        for column in 0..columns {
            cells.push(cell(row.get_ref(column).map_err(failed)?)?);
        }
        rows.push(Row::new(cells));
    }
    Ok(Ran {
        changed: u64::try_from(rows.len()).unwrap_or(u64::MAX),
        rows,
    })
}

fn cell(value: ValueRef<'_>) -> Stored<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => Cell::Text(
            std::str::from_utf8(text)
                .map_err(LedgerError::unreadable)?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => {
            return Err(LedgerError::new(
                LedgerErrorKind::Unreadable,
                "the ledger holds a floating-point number; it never writes one",
            )
            .into());
        }
    })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
