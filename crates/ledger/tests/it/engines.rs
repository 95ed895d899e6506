//! The databases that each test runs on.

use std::future::Future;
use std::path::PathBuf;

use paymux_ledger::{Ledger, LedgerSettings};
use tempfile::TempDir;

use paymux_test_bench::postgres_server;

/// A database of a test's own.
pub(crate) struct Database {
    pub(crate) url: String,
    folder: Option<TempDir>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("ledger.db").display());
        Self {
            url,
            folder: Some(folder),
        }
    }

    pub(crate) fn postgres() -> Option<Self> {
        postgres_server::new_database().map(|url| Self { url, folder: None })
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.folder
            .as_ref()
            .map(|folder| folder.path().join("ledger.db"))
    }

    pub(crate) async fn open(&self) -> Ledger {
        self.open_with(LedgerSettings::new()).await
    }

    pub(crate) async fn open_with(&self, settings: LedgerSettings) -> Ledger {
        Ledger::open(&self.url, settings).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.folder.is_none() {
            postgres_server::drop_database(&self.url);
        }
    }
}

/// Runs a test on a database of each engine, one after the other.
pub(crate) fn on_each_engine<F, T>(test: T)
where
    T: Fn(Database) -> F,
    F: Future<Output = ()>,
{
    for database in [Some(Database::sqlite()), Database::postgres()]
        .into_iter()
        .flatten()
    {
        eprintln!("on {}", database.url);
        runtime().block_on(test(database));
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
