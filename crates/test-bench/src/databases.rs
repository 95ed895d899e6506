//! Databases of the tests' own, and running a test on each engine.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test stops where its database does not work"
)]

use std::future::Future;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::postgres_server;

/// What a ledger can be kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file, always there.
    Sqlite,
    /// A server, where there is one.
    Postgres,
}

impl Engine {
    /// Those that there are; a PostgreSQL that is missing is told of.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let postgres = postgres_server::server().map(|_| Self::Postgres);
        std::iter::once(Self::Sqlite).chain(postgres).collect()
    }
}

/// An empty database of a test's own, gone when the test is over.
#[derive(Debug)]
pub struct Database {
    /// The URL by which a ledger opens it.
    pub url: String,
    folder: Option<TempDir>,
}

impl Database {
    /// One of SQLite.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: sqlite_url(folder.path()),
            folder: Some(folder),
        }
    }

    /// One of PostgreSQL; `None` where there is no server, which is told then.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        postgres_server::new_database().map(|url| Self { url, folder: None })
    }

    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.folder
            .as_ref()
            .map(|folder| sqlite_file(folder.path()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.folder.is_none() {
            postgres_server::drop_database(&self.url);
        }
    }
}

/// The file of a ledger in this folder.
#[must_use]
pub fn sqlite_file(folder: &Path) -> PathBuf {
    folder.join("ledger.db")
}

/// The URL of [that file](sqlite_file).
#[must_use]
pub fn sqlite_url(folder: &Path) -> String {
    format!("sqlite://{}", sqlite_file(folder).display())
}

/// Runs a test on a database of each engine, one after the other.
pub fn on_each_engine<F: Future<Output = ()>>(test: impl Fn(Database) -> F) {
    run_on(Database::sqlite(), &test);
    on_postgres(test);
}

/// Runs a test on a PostgreSQL, where there is one.
pub fn on_postgres<F: Future<Output = ()>>(test: impl Fn(Database) -> F) {
    if let Some(database) = Database::postgres() {
        run_on(database, &test);
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a test that fails shows where it ran, and one that passes does not"
)]
fn run_on<F: Future<Output = ()>>(database: Database, test: &impl Fn(Database) -> F) {
    eprintln!("on {}", database.url);
    runtime().block_on(test(database));
}

/// A runtime for one test: what belongs to it ends with it.
#[must_use]
pub fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
