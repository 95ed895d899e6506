//! Ledgers that several runs of the command share, on each engine there is.

use std::future::Future;
use std::path::{Path, PathBuf};

use paymux_sandbox::Sandbox;
use paymux_test_bench::databases::{self, Database};
use tempfile::TempDir;
use tokio::process::Command;

use crate::child::{Ran, command_at, run};

/// A ledger of a test's own, and a folder for what else it needs.
pub(crate) struct Books {
    database: Database,
    folder: TempDir,
}

impl Books {
    /// In a file.
    pub(crate) fn new() -> Self {
        Self::on(Database::sqlite())
    }

    fn on(database: Database) -> Self {
        Self {
            database,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.database.file()
    }

    /// The command with this ledger.
    pub(crate) fn keep(&self, mut command: Command) -> Command {
        command.env("PAYMUX_DATABASE_URL", self.url());
        command
    }

    /// Runs the command with this ledger against a sandbox.
    pub(crate) async fn paymux(&self, sandbox: &Sandbox, args: &[&str]) -> Ran {
        run(self.keep(command_at(sandbox.url(), args))).await
    }
}

/// Runs a test on a ledger of each engine, one after the other.
pub(crate) fn on_each_engine<F: Future<Output = ()>>(test: impl Fn(Books) -> F) {
    databases::on_each_engine(|database| test(Books::on(database)));
}

/// Runs a test on a PostgreSQL, where there is one.
pub(crate) fn on_postgres<F: Future<Output = ()>>(test: impl Fn(Books) -> F) {
    databases::on_postgres(|database| test(Books::on(database)));
}
