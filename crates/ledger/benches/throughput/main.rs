//! How fast the ledger is, on both engines, with few and with many invoices in it, and how that
//! compares with the database alone. Prints the tables of `docs/benchmarks.md`.
//!
//! ```text
//! cargo bench -p paymux-ledger --bench throughput
//! PAYMUX_BENCH_ENGINE=PostgreSQL PAYMUX_BENCH_INVOICES=1000,100000 cargo bench -p paymux-ledger --bench throughput
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
    // What goes wrong is worth more than the figures.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
    let engine = std::env::var("PAYMUX_BENCH_ENGINE").ok();
    let sizes = std::env::var("PAYMUX_BENCH_INVOICES")
        .unwrap_or_else(|_| "1000,10000,100000,1000000".to_owned());
    println!(
        "Webhooks are counted from the wire to the handler's end, payouts from the call to its end: \
         {SAMPLES} of each, by {CALLERS} callers at the same time. In brackets is how much of the bare \
         rate that is; `shared` is the bare rate of one writer with {} pieces of work in a commit. \
         Each p99 is under the load that its column names.\n",
        bare::SHARED_COMMIT
    );
    println!(
        "| database | invoices stored | webhooks/s | bare webhooks/s \
         | webhook stored, p99 at full speed | event handled, p99 at half speed \
         | payouts/s | bare payouts/s | payout, p99 at full speed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for database in [Database::sqlite(), Database::postgres()]
        .into_iter()
        .flatten()
        .filter(|database| {
            engine
                .as_ref()
                .is_none_or(|engine| engine == database.name())
        })
    {
        let bench = ledger::Bench::new(&database);
        let mut stored = 0;
        for size in sizes
            .split(',')
            .map(|size| size.trim().parse::<usize>().unwrap())
        {
            database.fill(size.saturating_sub(stored), stored);
            stored = size;
            let webhooks = bench.webhooks(SAMPLES, CALLERS, None);
            let calm = bench.webhooks(SAMPLES, CALLERS, Some(webhooks.at_half_speed()));
            let payouts = bench.payouts(SAMPLES, CALLERS);
            let bare_webhooks = bare::webhooks(&database, SAMPLES);
            let bare_payouts = bare::payouts(&database, SAMPLES);
            println!(
                "| {} | {size} | {} | {} | {} | {} | {} | {} | {} |",
                database.name(),
                webhooks.per_second(),
                compared(webhooks.per_second(), &bare_webhooks),
                milliseconds(webhooks.first),
                milliseconds(calm.second),
                payouts.per_second(),
                compared(payouts.per_second(), &bare_payouts),
                milliseconds(payouts.first),
            );
        }
    }
}

fn milliseconds(time: std::time::Duration) -> String {
    format!("{}.{} ms", time.as_millis(), time.as_micros() / 100 % 10)
}

/// The bare rate, and how much of it the ledger reaches.
fn compared(ours: u128, bare: &bare::Bare) -> String {
    let share = |bare: u128| {
        let hundredths = ours * 100 / bare.max(1);
        format!("{bare} ({}.{:02})", hundredths / 100, hundredths % 100)
    };
    let shared = bare
        .shared
        .map(|shared| format!("; shared {}", share(shared)));
    format!("{}{}", share(bare.alone), shared.unwrap_or_default())
}
