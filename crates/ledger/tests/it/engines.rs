//! The databases that each test runs on, as ledgers.

use std::future::Future;
use std::ops::Deref;

use paymux_ledger::{Ledger, LedgerSettings};
use paymux_test_bench::databases;

pub(crate) use paymux_test_bench::databases::runtime;

/// A database of a test's own.
pub(crate) struct Database(databases::Database);

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self(databases::Database::sqlite())
    }

    pub(crate) fn postgres() -> Option<Self> {
        databases::Database::postgres().map(Self)
    }

    pub(crate) async fn open(&self) -> Ledger {
        self.open_with(LedgerSettings::new()).await
    }

    pub(crate) async fn open_with(&self, settings: LedgerSettings) -> Ledger {
        Ledger::open(&self.url, settings).await.unwrap()
    }
}

impl Deref for Database {
    type Target = databases::Database;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Runs a test on a database of each engine, one after the other.
pub(crate) fn on_each_engine<F: Future<Output = ()>>(test: impl Fn(Database) -> F) {
    databases::on_each_engine(|database| test(Database(database)));
}
