//! What both engines promise is tested over the public interface; here is what only SQLite's own
//! thread does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paymux_core::{Error, ErrorKind};
use tempfile::TempDir;

use super::{Row, Store, Tx, values};
use crate::error::{Failure, LedgerErrorKind, Stored};

struct Case {
    store: Store,
    _folder: TempDir,
}

impl Case {
    async fn new(options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let url = format!("sqlite://{}{options}", path.display());
        Self {
            store: Store::open(&url, 2, chrono::Utc::now()).await.unwrap(),
            _folder: folder,
        }
    }

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

fn add(tx: &mut dyn Tx, asset: &str) -> Stored<()> {
    tx.execute(
        "INSERT INTO paymux_spending (asset) VALUES (?1)",
        values![asset],
    )?;
    Ok(())
}

#[tokio::test]
async fn a_job_that_fails_takes_nothing_with_it() {
    let case = Case::new("").await;
    let jobs = (0..60).map(|number| {
        case.store.write(move |tx| {
            add(tx, &format!("a{number:02}"))?;
            match number % 3 {
                0 => Ok(()),
                1 => Err(Error::unsupported("refused").into()),
                _ => panic!("on purpose"),
            }
        })
    });
    let ends = futures_util::future::join_all(jobs).await;
    for (number, end) in ends.into_iter().enumerate() {
        match (number % 3, end) {
            (0, Ok(())) => {}
            (1, Err(Failure::Refused(error))) => assert_eq!(error.kind(), ErrorKind::Unsupported),
            (2, Err(Failure::Database(error))) => assert_eq!(error.kind(), LedgerErrorKind::Other),
            (_, end) => panic!("{number} ended with {end:?}"),
        }
    }
    let kept: Vec<String> = (0..20)
        .map(|number| format!("a{:02}", number * 3))
        .collect();
    assert_eq!(case.assets().await, kept);
}

#[tokio::test]
async fn a_job_runs_to_its_end_when_nobody_waits() {
    let case = Case::new("").await;
    drop(case.store.write(|tx| add(tx, "dropped")));
    case.store.enqueue(|tx| add(tx, "unattended"));
    case.store.write(|tx| add(tx, "last")).await.unwrap();
    assert_eq!(case.assets().await, ["dropped", "last", "unattended"]);
}

#[tokio::test]
async fn a_value_for_which_nobody_waits_is_dropped_after_its_commit() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let case = Case::new("").await;
    let dropped = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&dropped);
    drop(case.store.write_then(
        |tx| add(tx, "kept"),
        move |end| end.map(|()| Counted(counter)),
    ));
    case.store.write(|_| Ok(())).await.unwrap();
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    assert_eq!(case.assets().await, ["kept"]);
}

#[tokio::test]
async fn what_finds_no_room_fails_alone_and_the_rest_of_its_commit_is_kept() {
    let case = Case::new("?max_page_count=120").await;
    let jobs = (0..40).map(|number| {
        let length = if number % 4 == 3 { 2_000_000 } else { 10 };
        case.store
            .write(move |tx| add(tx, &format!("{number:02}{}", "x".repeat(length))))
    });
    for (number, end) in futures_util::future::join_all(jobs)
        .await
        .into_iter()
        .enumerate()
    {
        match end {
            Ok(()) => assert_ne!(number % 4, 3),
            Err(Failure::Database(error)) => {
                assert_eq!(error.kind(), LedgerErrorKind::DiskFull);
                assert_eq!(number % 4, 3);
            }
            Err(failure) => panic!("{failure:?}"),
        }
    }
    assert_eq!(case.assets().await.len(), 30);
}

#[tokio::test]
async fn a_reader_changes_nothing() {
    let case = Case::new("").await;
    let end = case.store.read(|tx| add(tx, "x")).await;
    assert!(
        matches!(end, Err(Failure::Database(error)) if error.kind() == LedgerErrorKind::ReadOnly)
    );
    let mode = case.store.read(|tx| {
        tx.first("PRAGMA journal_mode", &[])?
            .map(|mut row| Row::text(&mut row))
            .transpose()
    });
    assert_eq!(mode.await.unwrap().as_deref(), Some("wal"));
}

#[test]
fn a_new_file_may_be_opened_by_many_at_the_same_moment() {
    const OPENERS: usize = 8;
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("ledger.db").display());
        let all_there = std::sync::Barrier::new(OPENERS);
        let open = |number: usize| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            all_there.wait();
            runtime.block_on(async {
                let store = Store::open(&url, 2, chrono::Utc::now()).await?;
                store
                    .write(move |tx| add(tx, &format!("opened by {number}")))
                    .await?;
                Ok::<_, Error>(())
            })
        };
        std::thread::scope(|scope| {
            let openers: Vec<_> = (0..OPENERS)
                .map(|number| scope.spawn(move || open(number)))
                .collect();
            for opener in openers {
                opener.join().unwrap().unwrap();
            }
        });
    }
}

#[tokio::test]
async fn who_opens_a_new_file_waits_for_who_is_making_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let maker = rusqlite::Connection::open(&path).unwrap();
    maker
        .execute_batch("BEGIN IMMEDIATE; CREATE TABLE other (id INTEGER)")
        .unwrap();
    let url = format!("sqlite://{}", path.display());
    let opener = tokio::task::spawn_blocking(move || {
        tokio::runtime::Handle::current().block_on(Store::open(&url, 2, chrono::Utc::now()))
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    maker.execute_batch("COMMIT").unwrap();
    opener.await.unwrap().unwrap();
}
