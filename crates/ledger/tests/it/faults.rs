//! A database that is full or read-only: nothing is sent, nothing is lost, and it is said what to do.

use std::error::Error as _;
use std::time::Duration;

use paymux_core::{ErrorKind, Outcome};
use paymux_ledger::{Ledger, LedgerError, LedgerErrorKind, LedgerSettings, PayoutState};
use rusqlite::Connection;

use crate::engines::{Database, on_each_engine, runtime};
use crate::gateway::Gateway;
use crate::invoices::invoice;
use crate::payouts::payout;
use crate::shop::Shop;
use paymux_test_bench::postgres_server;

fn kind_of(error: &paymux_core::Error) -> Option<LedgerErrorKind> {
    error
        .source()
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .map(LedgerError::kind)
}

async fn refuses(ledger: &Ledger, kind: LedgerErrorKind) {
    let gateway = Gateway::new();
    let payout = ledger
        .create_payout(&gateway, &payout("new", "1"))
        .await
        .unwrap_err();
    let invoice = ledger
        .create_invoice(&gateway, &invoice("new", "5 USD"))
        .await
        .unwrap_err();
    for error in [payout, invoice] {
        assert_eq!(kind_of(&error), Some(kind), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.hint().is_some_and(|hint| hint.contains("call again")));
    }
    assert_eq!(gateway.calls(), 0, "something was sent");
    let unwell = ledger.check().await.unwrap_err();
    assert_eq!(kind_of(&unwell), Some(kind), "{unwell:?}");
}

#[test]
fn a_check_of_a_database_that_is_well_leaves_nothing_behind() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        for _ in 0..3 {
            shop.ledger.check().await.unwrap();
        }
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_inbox"), 0);
        shop.sell_and_be_paid("order-1").await;
        assert_eq!(shop.status("order-1").await, "settled");
    });
}

#[test]
fn a_check_tells_that_a_server_is_gone() {
    let Some(database) = Database::postgres() else {
        return;
    };
    runtime().block_on(async {
        let ledger = database.open().await;
        ledger.check().await.unwrap();
        postgres_server::drop_database(&database.url);
        let error = ledger.check().await.unwrap_err();
        assert!(kind_of(&error).is_some(), "{error:?}");
    });
}

/// Takes up the room that a file may have, but for what a few rows need.
fn fill(connection: &Connection, blocks: u32) {
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS filler (block BLOB)")
        .unwrap();
    for _ in 0..blocks {
        connection
            .execute("INSERT INTO filler VALUES (zeroblob(4000))", [])
            .unwrap();
    }
}

#[test]
fn a_full_disk_sends_nothing_and_loses_nothing() {
    let database = Database::sqlite();
    runtime().block_on(async {
        let gateway = Gateway::new();
        let ledger = database.open().await;
        for number in 0..10 {
            ledger
                .create_payout(&gateway, &payout(&format!("ref-{number}"), "1"))
                .await
                .unwrap();
        }
        drop(ledger);
        // The limit is at what is used: no row finds room.
        let file = Connection::open(database.file().unwrap()).unwrap();
        let pages: u32 = file
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        drop(file);
        let url = format!("{}?max_page_count={pages}", database.url);
        let ledger = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        let mut full = None;
        for number in 10..1000 {
            let request = payout(&format!("ref-{number}"), "1");
            if let Err(error) = ledger.create_payout(&gateway, &request).await {
                full = Some((number, error));
                break;
            }
        }
        let (sent, error) = full.unwrap();
        assert_eq!(
            kind_of(&error),
            Some(LedgerErrorKind::DiskFull),
            "{error:?}"
        );
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.hint().unwrap().contains("make room"), "{error:?}");
        assert_eq!(gateway.calls(), sent);
        drop(ledger);

        // With room again, everything that was sent is known and everything else can be.
        let ledger = database.open().await;
        for number in 0..=sent {
            ledger
                .create_payout(&gateway, &payout(&format!("ref-{number}"), "1"))
                .await
                .unwrap();
        }
        assert_eq!(gateway.calls(), sent + 1);
    });
}

#[test]
fn a_result_that_finds_no_room_is_written_when_there_is_some() {
    let database = Database::sqlite();
    runtime().block_on(async {
        drop(database.open().await);
        let file = Connection::open(database.file().unwrap()).unwrap();
        file.busy_timeout(Duration::from_secs(10)).unwrap();
        fill(&file, 50);
        let pages: u32 = file
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        let url = format!("{}?max_page_count={}", database.url, pages + 1);
        let ledger = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        // The gateway's answer is long, and while it answers the last room goes.
        let gateway = Gateway::new().answering_with_a_word_of(100_000);
        let request = payout("ref-1", "1");
        let made = ledger.create_payout(&gateway, &request).await.unwrap();
        assert_eq!(made.id.as_str(), "P1");
        let record = ledger.payout(&request.reference).await.unwrap().unwrap();
        assert_eq!(record.state, PayoutState::Running);

        file.execute_batch("DELETE FROM filler").unwrap();
        let record = loop {
            let record = ledger.payout(&request.reference).await.unwrap().unwrap();
            if record.state != PayoutState::Running {
                break record;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(record.state, PayoutState::Made);
        assert_eq!(record.id.unwrap().as_str(), "P1");
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn a_url_for_reading_alone_shows_everything_and_sends_nothing() {
    let database = Database::sqlite();
    runtime().block_on(async {
        let gateway = Gateway::new();
        let writer = database.open().await;
        writer
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
        let url = format!("{}?mode=ro", database.url);
        let reader = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        refuses(&reader, LedgerErrorKind::ReadOnly).await;
        assert_eq!(reader.history("ref-1").await.unwrap().len(), 1);
        assert!(reader.in_doubt().await.unwrap().is_empty());
    });
}

/// Root writes whatever a file's mode says, so that this runs as somebody else where it is root.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_sends_nothing() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;

    let database = Database::sqlite();
    let file = database.file().unwrap();
    let folder = file.parent().unwrap().to_owned();
    if folder.metadata().unwrap().uid() == 0 {
        let program = folder.join("it");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        for (path, mode) in [(&program, 0o755), (&folder, 0o755)] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let temporary = folder.join("tmp");
        std::fs::create_dir(&temporary).unwrap();
        std::os::unix::fs::chown(&temporary, Some(NOBODY), Some(NOBODY)).unwrap();
        let output = std::process::Command::new(&program)
            .args([
                "--exact",
                "faults::a_file_that_may_not_be_written_sends_nothing",
            ])
            .env("TMPDIR", &temporary)
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}");
        assert!(told.contains("1 passed"), "{told}");
        return;
    }
    runtime().block_on(async {
        let gateway = Gateway::new();
        let ledger = database.open().await;
        ledger
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
        // Closed, the file holds everything; others may be closing it still.
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        let keeps_open = Connection::open(&file).unwrap();
        keeps_open
            .query_row("SELECT COUNT(*) FROM paymux_payouts", [], |_| Ok(()))
            .unwrap();
        drop(ledger);
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            std::fs::set_permissions(folder.join(name), mode(0o400)).unwrap();
        }
        let ledger = Ledger::open(&database.url, LedgerSettings::new())
            .await
            .unwrap();
        refuses(&ledger, LedgerErrorKind::ReadOnly).await;
        assert_eq!(ledger.history("ref-1").await.unwrap().len(), 1);
        drop(ledger);
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            std::fs::set_permissions(folder.join(name), mode(0o600)).unwrap();
        }
        drop(keeps_open);
        let ledger = database.open().await;
        let made = ledger
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
        assert_eq!(made.id.as_str(), "P1");
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn a_postgresql_that_takes_no_writes_sends_nothing() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let url = &database.url;
    runtime().block_on(async {
        let gateway = Gateway::new();
        let ledger = database.open().await;
        ledger
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
        postgres_server::alter(url, "SET default_transaction_read_only = on");
        // New connections have it; those that are open keep what they began with.
        let ledger = database.open().await;
        refuses(&ledger, LedgerErrorKind::ReadOnly).await;
        assert_eq!(ledger.history("ref-1").await.unwrap().len(), 1);
        postgres_server::alter(url, "SET default_transaction_read_only = off");
        let ledger = database.open().await;
        ledger
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn connections_that_break_are_made_anew() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let url = &database.url;
    runtime().block_on(async {
        let gateway = Gateway::new();
        let ledger = database.open().await;
        for number in 0..20 {
            let request = payout(&format!("ref-{number}"), "1");
            ledger.create_payout(&gateway, &request).await.unwrap();
            postgres_server::cut_connections(url);
        }
        assert_eq!(gateway.calls(), 20);
    });
}

#[test]
fn amounts_come_back_digit_for_digit() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        for (number, amount) in [
            "0.0000000000000000000000000001",
            "7.9228162514264337593543950335",
            "79228162514264337593543950335",
            "18446744073709551616",
            "0.1",
            "123456789012345678.123456789",
        ]
        .into_iter()
        .enumerate()
        {
            let gateway = Gateway::new();
            gateway.next(crate::gateway::Step::As(Box::leak(
                format!("P-{number}").into_boxed_str(),
            )));
            let reference = format!("ref-{number}");
            ledger
                .create_payout(&gateway, &payout(&reference, amount))
                .await
                .unwrap();
            let reopened = database.open().await;
            let record = reopened.payout(&reference.parse().unwrap()).await.unwrap();
            let record = record.unwrap();
            assert_eq!(record.amount.amount.to_string(), amount);
            let known = record.payout.unwrap().amount.unwrap();
            assert_eq!(known.amount.to_string(), amount);
        }
    });
}

#[test]
fn no_secret_is_stored() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let request = payout("ref-1", "1").with_otp("canary-otp".into());
        ledger
            .create_payout(&Gateway::new(), &request)
            .await
            .unwrap();
        let mut kept = String::new();
        if let Some(file) = database.file() {
            for suffix in ["", "-wal"] {
                let bytes =
                    std::fs::read(file.with_file_name(format!("ledger.db{suffix}"))).unwrap();
                kept.push_str(&String::from_utf8_lossy(&bytes));
            }
        } else {
            kept = postgres_server::everything_in(&database.url);
        }
        assert!(kept.contains("TDestination"), "nothing was looked at");
        assert!(!kept.contains("canary"));
    });
}
