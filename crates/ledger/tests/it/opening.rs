//! Opening a database: what is made, by whom, and what is said where it cannot be.

use std::error::Error as _;

use paymux_core::{ErrorKind, Outcome};
use paymux_ledger::{Ledger, LedgerError, LedgerErrorKind, LedgerSettings};

use crate::engines::{Database, on_each_engine, runtime};

const CHILD: &str = "PAYMUX_TEST_CHILD_URL";

fn kind_of(error: &paymux_core::Error) -> Option<LedgerErrorKind> {
    error
        .source()
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .map(LedgerError::kind)
}

#[test]
fn many_may_open_a_new_database_at_once() {
    on_each_engine(|database| async move {
        let opened = futures_util::future::join_all((0..16).map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { Ledger::open(&url, LedgerSettings::new()).await })
        }))
        .await;
        for ledger in opened {
            ledger.unwrap().unwrap();
        }
        database.open().await;
    });
}

/// Opens the database that the environment names; see the test after it.
#[test]
fn opened_by_a_child() {
    if let Ok(url) = std::env::var(CHILD) {
        runtime().block_on(async {
            Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        });
    }
}

#[test]
fn processes_may_bring_a_database_up_to_date_at_once() {
    on_each_engine(|database| async move {
        let children: Vec<std::process::Child> = (0..6)
            .map(|_| {
                std::process::Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "opening::opened_by_a_child"])
                    .env(CHILD, &database.url)
                    .stdout(std::process::Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        database.open().await;
    });
}

#[cfg(unix)]
#[test]
fn the_file_and_its_folder_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/paymux/ledger.db");
    let url = format!("sqlite://{}", path.display());
    runtime().block_on(async {
        let _open = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        for suffix in ["", "-wal", "-shm"] {
            let file = path.with_file_name(format!("ledger.db{suffix}"));
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    });
}

#[test]
fn what_cannot_be_opened_is_explained_without_the_password() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let no_database = folder.path().join("notes.txt");
        std::fs::write(
            &no_database,
            "not a database, but long enough to be looked at",
        )
        .unwrap();
        for (url, kind, says) in [
            (
                "mysql://u:canary@h/d".to_owned(),
                LedgerErrorKind::Url,
                "begins with sqlite:// or postgres://",
            ),
            (
                "postgres://u:canary@127.0.0.1:1/d".to_owned(),
                LedgerErrorKind::Unreachable,
                "cannot be reached",
            ),
            (
                "postgres://u:canary@h:none/d".to_owned(),
                LedgerErrorKind::Url,
                "cannot be read",
            ),
            (
                format!("sqlite://{}", no_database.display()),
                LedgerErrorKind::Damaged,
                "no SQLite database",
            ),
            (
                format!(
                    "sqlite://{}?mode=ro",
                    folder.path().join("none.db").display()
                ),
                LedgerErrorKind::Unreachable,
                "none.db",
            ),
        ] {
            let error = Ledger::open(&url, LedgerSettings::new()).await.unwrap_err();
            assert_eq!(kind_of(&error), Some(kind), "{error:?}");
            assert!(error.message().contains(says), "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert!(
                !format!("{error:?} {error}").contains("canary"),
                "{error:?}"
            );
        }
    });
}

#[test]
fn a_schema_that_is_newer_or_was_changed_is_refused() {
    let database = Database::sqlite();
    let file = database.file().unwrap();
    runtime().block_on(async {
        database.open().await;
        for (change, says) in [
            (
                "INSERT INTO paymux_schema VALUES (2, 'future', 'x', 0)",
                "knows 1",
            ),
            (
                "DELETE FROM paymux_schema WHERE version = 2;
                 UPDATE paymux_schema SET checksum = 'x'",
                "somebody changed it",
            ),
        ] {
            let connection = rusqlite::Connection::open(&file).unwrap();
            connection.execute_batch(change).unwrap();
            let error = Ledger::open(&database.url, LedgerSettings::new())
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert_eq!(kind_of(&error), Some(LedgerErrorKind::Schema));
            assert!(error.message().contains(says), "{error}");
        }
    });
}
