//! How the ledger's statements find their rows: none may read through a table that grows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::{
    Clock as _, InvoiceStatus, ManualClock, NewInvoice, NewPayout, PayoutStatus, Providers,
};
use rusqlite::Connection;

use self::teller::Teller;
use crate::store::tx::Dialect;
use crate::{HandlerError, Ledger, LedgerEvent, LedgerSettings, PayoutLimit, PayoutLimits};

#[path = "../../../tests/it/teller.rs"]
#[allow(dead_code, reason = "what is shared with other tests is not all used")]
mod teller;

/// A row an asset, a provider, a version, or one altogether.
const SMALL: [&str; 4] = [
    "paymux_spending",
    "paymux_budgets",
    "paymux_quarantine_size",
    "paymux_schema",
];

/// Every statement that was run.
static SEEN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

pub(super) fn seen(sql: &'static str) {
    SEEN.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(sql);
}

/// The life of an invoice and of a payout, with all that happens on the way.
async fn live(url: &str) {
    let clock = ManualClock::at(chrono::Utc::now());
    let asset: paymux_core::AssetName = "USDT@tron".parse().unwrap();
    let limit = PayoutLimit::new()
        .per_day(1_000.into())
        .per_destination_and_day(1_000.into());
    let settings = LedgerSettings::new()
        .with_clock(Arc::new(clock.clone()))
        .with_payout_limits(PayoutLimits::new().for_asset(asset.clone(), limit));
    let ledger = Ledger::open(url, settings).await.unwrap();
    let teller = Arc::new(Teller::new());
    let mut providers = Providers::new();
    providers.add(Arc::clone(&teller) as _).unwrap();

    let order: paymux_core::OrderId = "order-1".parse().unwrap();
    let request =
        NewInvoice::new(order.clone(), "5 USD".parse().unwrap()).with_asset(asset.clone());
    let payout = NewPayout::new("ref-1".parse().unwrap(), 2.into(), asset, "TDestination");
    for told in [InvoiceStatus::Expired, InvoiceStatus::Settled] {
        let made = ledger.create_invoice(&*teller, &request).await.unwrap();
        let notice = teller.notice(made.id.as_str(), told);
        for _ in 0..2 {
            let notice = notice.clone().with_received_at(clock.now());
            ledger.receive(&*teller, &notice).await;
        }
        ledger.work_once(&providers).await.unwrap();
    }
    ledger.create_payout(&*teller, &payout).await.unwrap();
    ledger.create_payout(&*teller, &payout).await.unwrap();
    teller.set_payout("P1", PayoutStatus::Completed);
    clock.advance(Duration::from_secs(61));
    ledger.work_once(&providers).await.unwrap();
    let take = |_: LedgerEvent| std::future::ready(Ok::<(), HandlerError>(())).boxed();
    assert!(ledger.deliver_once(&take).await.unwrap().delivered > 2);
    ledger.recover(&providers).await.unwrap();
    ledger.invoices(&order).await.unwrap();
    ledger.payout(&payout.reference).await.unwrap();
    ledger.history("ref-1").await.unwrap();
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {}", Dialect::Sqlite.statement(sql));
    let mut statement = connection.prepare(&sql).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get("detail"));
    steps.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn no_statement_reads_through_a_table_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    live(&format!("sqlite://{}", path.display())).await;
    let connection = Connection::open(&path).unwrap();
    let mut partial = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
        .unwrap();
    // They hold what is open, which does not grow with what is stored.
    let partial: Vec<String> = partial
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let seen = SEEN.lock().unwrap().clone();
    let hot =
        |sql: &&&str| sql.contains("paymux_") && !SMALL.iter().any(|small| sql.contains(small));
    let scans = || -> Vec<String> {
        let steps = seen.iter().filter(hot).flat_map(|sql| {
            let told = move |step| format!("{step}: {sql}");
            let is_scan = |step: &String| {
                let is_partial = |index| step.ends_with(&format!("INDEX {index}"));
                step.starts_with("SCAN paymux_") && !partial.iter().any(is_partial)
            };
            plan(&connection, sql).into_iter().filter(is_scan).map(told)
        });
        steps.collect()
    };
    assert_eq!(scans(), [""; 0]);
    // An index that was missing would be noticed.
    connection
        .execute_batch("DROP INDEX paymux_history_entity; DROP INDEX paymux_invoices_gateway")
        .unwrap();
    assert!(scans().len() >= 2, "{:?}", scans());
}
