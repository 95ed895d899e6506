//! What only PostgreSQL's transactions do: statements are sent together, and fail together.

use std::error::Error as _;

use paymux_test_bench::postgres_server;

use crate::error::{Failure, LedgerErrorKind, Stored};
use crate::store::{Store, Tx, values};

const ADD: &str = "INSERT INTO paymux_spending (asset) VALUES (?1)";
const COUNT: &str = "SELECT COUNT(*) FROM paymux_spending";

/// A database that is read and written by one connection.
struct Case {
    store: Store,
    url: String,
}

/// Runs a test on a database of its own, where there is a PostgreSQL.
fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Case) -> F) {
    let Some(url) = postgres_server::new_database() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Store::open(&url, 1, chrono::Utc::now()).await.unwrap();
        test(Case { store, url }).await;
    });
}

impl Case {
    async fn assets(&self) -> Vec<String> {
        let read = self.store.read(|tx| {
            tx.query("SELECT asset FROM paymux_spending ORDER BY asset", &[])?
                .into_iter()
                .map(|mut row| row.text())
                .collect::<Stored<Vec<String>>>()
        });
        read.await.unwrap()
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        postgres_server::drop_database(&self.url);
    }
}

fn count(tx: &mut dyn Tx) -> Stored<i64> {
    tx.first(COUNT, &[])?.map_or(Ok(0), |mut row| row.int())
}

fn kind<T: std::fmt::Debug>(end: Stored<T>) -> LedgerErrorKind {
    match end {
        Err(Failure::Database(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_sent_is_seen_by_what_comes_after_it_and_committed() {
    on_postgres(|case| async move {
        let seen = case.store.write(|tx| {
            let before = count(tx)?;
            tx.send(ADD, values!["a"])?;
            tx.send(ADD, values!["b"])?;
            let between = count(tx)?;
            tx.send(ADD, values!["c"])?;
            Ok((before, between))
        });
        assert_eq!(seen.await.unwrap(), (0, 2));
        assert_eq!(case.assets().await, ["a", "b", "c"]);
    });
}

#[test]
fn what_is_sent_and_fails_takes_its_whole_transaction_with_it() {
    on_postgres(|case| async move {
        let zero =
            "INSERT INTO paymux_spending (asset) VALUES (CAST(1 / CAST(?1 AS BIGINT) AS TEXT))";
        // Told by the commit, or by a later statement; either way nothing is kept.
        let at_commit = case.store.write(move |tx| {
            tx.send(ADD, values!["a"])?;
            tx.send(zero, values![0_i64])?;
            tx.send(ADD, values!["b"])
        });
        assert_eq!(kind(at_commit.await), LedgerErrorKind::Other);
        let before_it = case.store.write(move |tx| {
            tx.execute(ADD, values!["a"])?;
            tx.send(zero, values![0_i64])?;
            count(tx)
        });
        assert_eq!(kind(before_it.await), LedgerErrorKind::Other);
        assert!(case.assets().await.is_empty());
        case.store
            .write(|tx| tx.send(ADD, values!["later"]))
            .await
            .unwrap();
        assert_eq!(case.assets().await, ["later"]);
    });
}

#[test]
fn values_that_a_statement_does_not_take_are_refused_before_anything_is_sent() {
    on_postgres(|case| async move {
        for wrong in [values![7_i64].to_vec(), values!["a", "b"].to_vec()] {
            let written = case.store.write(move |tx| {
                tx.send(ADD, values!["a"])?;
                tx.send(ADD, &wrong)
            });
            assert_eq!(kind(written.await), LedgerErrorKind::Other);
        }
        assert!(case.assets().await.is_empty());
    });
}

#[test]
fn each_of_many_is_answered_in_its_place() {
    on_postgres(|case| async move {
        let changed = case.store.write(|tx| {
            let rows: Vec<_> = ["a", "b", "a", "c"]
                .iter()
                .map(|asset| values![*asset].to_vec())
                .collect();
            let added = tx.execute_each(
                "INSERT INTO paymux_spending (asset) VALUES (?1) ON CONFLICT DO NOTHING",
                &rows,
            )?;
            let found = tx.first_each(
                "SELECT asset FROM paymux_spending WHERE asset = ?1 AND asset <> 'b'",
                &rows,
            )?;
            let found: Vec<bool> = found.iter().map(Option::is_some).collect();
            Ok((added, found))
        });
        let (added, found) = changed.await.unwrap();
        assert_eq!(added, [1, 1, 0, 1]);
        assert_eq!(found, [true, false, true, true]);
    });
}

#[test]
fn a_reader_changes_nothing() {
    on_postgres(|case| async move {
        let end = case.store.read(|tx| {
            count(tx)?;
            tx.execute(ADD, values!["a"])
        });
        assert_eq!(kind(end.await), LedgerErrorKind::ReadOnly);
        assert!(case.assets().await.is_empty());
    });
}

#[test]
fn a_transaction_that_the_server_undoes_is_told_with_its_cause() {
    on_postgres(|case| async move {
        let end = case
            .store
            .write(|tx| tx.batch("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)"));
        let Err(Failure::Database(error)) = end.await else {
            panic!("the server was told to give up");
        };
        assert_eq!(error.kind(), LedgerErrorKind::Busy);
        assert!(error.source().is_some());
        assert!(case.assets().await.is_empty());
    });
}
