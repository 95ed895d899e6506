//! The database of one history, and looking into its tables from outside.

use std::path::Path;
use std::sync::Mutex;

use paymux_test_bench::databases::{Engine, sqlite_file, sqlite_url};
use paymux_test_bench::postgres_server;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// Databases of the server that no history uses now: it is much quicker to empty one than to make one.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub(crate) struct Database {
    pub(crate) url: String,
    folder: Option<TempDir>,
}

impl Database {
    /// An empty one.
    pub(crate) fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = folder_in_memory();
                Self {
                    url: sqlite_url(folder.path()),
                    folder: Some(folder),
                }
            }
            Engine::Postgres => Self {
                url: Self::free_postgres(),
                folder: None,
            },
        }
    }

    fn free_postgres() -> String {
        let free = FREE.lock().unwrap().pop();
        free.inspect(|url| postgres_server::empty(url))
            .or_else(postgres_server::new_database)
            .expect("the server was there before")
    }

    /// What a query finds; every column has to be text.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let Some(folder) = &self.folder else {
            return postgres_server::rows(&self.url, sql);
        };
        let file = sqlite_file(folder.path());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(file, flags).unwrap();
        let mut query = connection.prepare(sql).unwrap();
        let columns = query.column_count();
        query
            .query_map([], |row| {
                (0..columns)
                    .map(|column| Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default()))
                    .collect()
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// Every line of history and every attempt of a router, for whoever has to find out what went wrong.
    pub(crate) fn story(&self) -> Vec<String> {
        let lines = self.rows(
            "SELECT CAST(at AS TEXT), COALESCE(reference, order_id), cause, was, became, detail, why
             FROM paymux_history
             LEFT JOIN paymux_payouts ON paymux_payouts.id = entity
             LEFT JOIN paymux_invoices ON paymux_invoices.id = entity
             ORDER BY number",
        );
        let attempts = self.rows(
            "SELECT CAST(started_at AS TEXT), subject, provider, state, gateway_id, error
             FROM paymux_attempts ORDER BY started_at",
        );
        let all = lines.into_iter().chain(attempts);
        all.map(|line| line.join(" | ")).collect()
    }

    /// How SQL writes bytes as hexadecimal digits in lower case.
    pub(crate) fn hex(&self, column: &str) -> String {
        match self.folder {
            Some(_) => format!("lower(hex({column}))"),
            None => format!("encode({column}, 'hex')"),
        }
    }
}

/// What a killed process wrote is the system's to keep, whether or not it is on a disk yet; without one
/// it is quicker.
fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.folder.is_none() {
            FREE.lock().unwrap().push(self.url.clone());
        }
    }
}
