//! A shop with a ledger that is started to be killed: see `paymux_tests::soak_shop`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod clock;
mod counter;
mod gateways;
mod handler;
mod lines;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{PaymentProvider, Providers};
use paymux_ledger::{DeliverySettings, Ledger, LedgerSettings, WorkSettings};
use paymux_tests::soak_shop::{Said, Setup, Works};
use tokio::net::TcpListener;

use clock::ShiftedClock;
use counter::Counter;
use handler::Handler;
use lines::{listen, say};

/// How long a worker that finds nothing to do waits.
const IDLE: Duration = Duration::from_millis(20);

fn main() {
    let argument = std::env::args().nth(1).expect("the set-up, as JSON");
    let setup: Setup = serde_json::from_str(&argument).expect("a set-up");
    let (requests, gos) = listen();
    if setup.stops {
        steps::stop_at_each(gos);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(open(setup, requests));
}

async fn open(setup: Setup, mut requests: lines::Requests) {
    let clock = Arc::new(ShiftedClock::ahead_by(setup.ahead));
    let delivery = DeliverySettings::new()
        .with_idle(IDLE)
        .with_timeout(Duration::from_secs(1))
        .with_pauses(Duration::from_millis(50), Duration::from_millis(200));
    let settings = LedgerSettings::new()
        .with_clock(Arc::clone(&clock) as _)
        .with_lease(Duration::from_millis(setup.lease))
        .with_wait(Duration::from_secs(2))
        .with_connections(2)
        .with_work(WorkSettings::new().with_idle(IDLE))
        .with_delivery(delivery);
    let ledger = Ledger::open(&setup.database, settings)
        .await
        .expect("the database opens");
    let (providers, till) = gateways::of(&setup, &ledger);
    let providers = Arc::new(providers);
    take_webhooks(&ledger, &providers).await;
    match setup.works {
        Works::WhenAsked => {}
        Works::AllTheTime => work(&ledger, &providers),
        Works::Counted => work_counted(&ledger, &providers),
    }
    let counter = Arc::new(Counter {
        ledger,
        providers,
        till,
        clock,
        front_door: setup.front_door,
    });
    while let Some(request) = requests.recv().await {
        let counter = Arc::clone(&counter);
        tokio::spawn(async move {
            let answer = counter.serve(request.what).await;
            tracing::trace!("tells");
            say(&Said::Answer {
                number: request.number,
                answer,
            });
        });
    }
}

async fn take_webhooks(ledger: &Ledger, providers: &Providers) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let routes = paymux_checkout::webhooks(ledger.clone(), providers.clone());
    tokio::spawn(async { axum::serve(listener, routes).await });
    say(&Said::Listens(port));
}

fn work(ledger: &Ledger, providers: &Arc<Providers>) {
    let (worker, deliverer) = (ledger.clone(), ledger.clone());
    let providers = Arc::clone(providers);
    tokio::spawn(async move { worker.work(&providers).await });
    tokio::spawn(async move { deliverer.deliver(&Handler::clumsy()).await });
}

fn work_counted(ledger: &Ledger, providers: &Arc<Providers>) {
    let (worker, deliverer) = (ledger.clone(), ledger.clone());
    let providers = Arc::clone(providers);
    tokio::spawn(async move {
        loop {
            let applied = worker.work_once(&providers).await.map_or(0, |w| w.applied);
            if applied > 0 {
                say(&Said::Applied(applied));
            }
            tokio::time::sleep(IDLE).await;
        }
    });
    tokio::spawn(async move { deliverer.deliver(&Handler::default()).await });
}

/// Where invoices and payouts are made.
type Till = Arc<dyn PaymentProvider>;
