//! Ledgers that several runs of the command share, on each engine there is.

use std::future::Future;
use std::path::{Path, PathBuf};

use paymux_sandbox::Sandbox;
use paymux_test_bench::postgres_server;
use tempfile::TempDir;
use tokio::process::Command;

use crate::child::{Ran, command_at, run};

/// A ledger of a test's own, and a folder for what else it needs.
pub(crate) struct Books {
    folder: TempDir,
    url: String,
    is_file: bool,
}

impl Books {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("ledger.db").display());
        Self {
            folder,
            url,
            is_file: true,
        }
    }

    fn postgres() -> Option<Self> {
        postgres_server::new_database().map(|url| Self {
            folder: tempfile::tempdir().unwrap(),
            url,
            is_file: false,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.is_file.then(|| self.folder().join("ledger.db"))
    }

    /// The command with this ledger.
    pub(crate) fn keep(&self, mut command: Command) -> Command {
        command.env("PAYMUX_DATABASE_URL", &self.url);
        command
    }

    /// Runs the command with this ledger against a sandbox.
    pub(crate) async fn paymux(&self, sandbox: &Sandbox, args: &[&str]) -> Ran {
        run(self.keep(command_at(sandbox.url(), args))).await
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        if !self.is_file {
            postgres_server::drop_database(&self.url);
        }
    }
}

/// Runs a test on a ledger of each engine, one after the other.
pub(crate) fn on_each_engine<F, T>(test: T)
where
    T: Fn(Books) -> F,
    F: Future<Output = ()>,
{
    run_on(Books::new(), &test);
    on_postgres(test);
}

/// Runs a test on a PostgreSQL, where there is one.
pub(crate) fn on_postgres<F, T>(test: T)
where
    T: Fn(Books) -> F,
    F: Future<Output = ()>,
{
    if let Some(books) = Books::postgres() {
        run_on(books, &test);
    }
}

fn run_on<F, T>(books: Books, test: &T)
where
    T: Fn(Books) -> F,
    F: Future<Output = ()>,
{
    eprintln!("on {}", books.url);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test(books));
}
