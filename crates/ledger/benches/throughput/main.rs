//! How fast the ledger is, on both engines, with few and with many invoices in it, and how that
//! compares with the database alone. Prints the tables of `docs/benchmarks.md`.
//!
//! ```text
//! cargo bench -p paymux-ledger --bench throughput
//! PAYMUX_BENCH_INVOICES=1000,100000 cargo bench -p paymux-ledger --bench throughput
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program that measures stops where something is wrong"
)]
#![allow(dead_code, reason = "what is shared with the tests is not all used")]

mod bare;
mod database;
mod ledger;
#[path = "../../tests/it/postgres_server.rs"]
mod postgres_server;
#[path = "../../tests/it/teller.rs"]
mod teller;

use database::Database;

/// How many webhooks and payouts each figure is taken over.
const SAMPLES: usize = 3000;
/// How many callers there are at the same time.
const CALLERS: usize = 64;

fn main() {
    // `cargo test --benches` builds and starts this too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let sizes = std::env::var("PAYMUX_BENCH_INVOICES")
        .unwrap_or_else(|_| "1000,10000,100000,1000000".to_owned());
    println!(
        "| database | invoices | webhooks/s | stored, p99 | handled, p99 | ratio to bare | payouts/s | payout, p99 | ratio to bare |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for database in [Database::sqlite(), Database::postgres()]
        .into_iter()
        .flatten()
    {
        let bench = ledger::Bench::new(&database);
        let mut stored = 0;
        for size in sizes
            .split(',')
            .map(|size| size.trim().parse::<usize>().unwrap())
        {
            database.fill(size.saturating_sub(stored), stored);
            stored = size;
            let webhooks = bench.webhooks(SAMPLES, CALLERS);
            let payouts = bench.payouts(SAMPLES, CALLERS);
            let bare_webhooks = bare::webhooks(&database, SAMPLES);
            let bare_payouts = bare::payouts(&database, SAMPLES);
            println!(
                "| {} | {size} | {} | {} ms | {} ms | {} | {} | {} ms | {} |",
                database.name(),
                webhooks.per_second(),
                milliseconds(webhooks.first),
                milliseconds(webhooks.second),
                ratio(webhooks.per_second(), bare_webhooks),
                payouts.per_second(),
                milliseconds(payouts.first),
                ratio(payouts.per_second(), bare_payouts),
            );
        }
    }
}

fn milliseconds(time: std::time::Duration) -> String {
    format!("{}.{}", time.as_millis(), time.as_micros() / 100 % 10)
}

fn ratio(ours: u128, bare: u128) -> String {
    let hundredths = ours * 100 / bare.max(1);
    format!("{}.{:02} of {bare}/s", hundredths / 100, hundredths % 100)
}
