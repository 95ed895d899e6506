//! The ledger's own figures.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use paymux_core::{InvoiceStatus, NewInvoice, NewPayout, Providers};
use paymux_ledger::{HandlerError, Ledger, LedgerEvent, LedgerSettings, Received};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::database::Database;
use crate::teller::Teller;

/// Where the next invoices' and payouts' numbers begin.
static NEXT: AtomicUsize = AtomicUsize::new(1);

pub(crate) struct Figures {
    count: usize,
    time: Duration,
    /// Ninety-nine of a hundred took no longer.
    pub(crate) first: Duration,
    pub(crate) second: Duration,
}

impl Figures {
    pub(crate) fn per_second(&self) -> u128 {
        u128::try_from(self.count).unwrap() * 1_000_000 / self.time.as_micros().max(1)
    }

    /// How far apart they come at half this speed.
    pub(crate) fn at_half_speed(&self) -> Duration {
        self.time * 2 / u32::try_from(self.count).unwrap()
    }
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

pub(crate) struct Bench<'d> {
    database: &'d Database,
    runtime: Runtime,
    ledger: Ledger,
    teller: Arc<Teller>,
    providers: Providers,
}

impl<'d> Bench<'d> {
    /// Opens the ledger, and makes the invoices that the others are made from.
    pub(crate) fn new(database: &'d Database) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let teller = Arc::new(Teller::new());
        let mut providers = Providers::new();
        providers.add(Arc::clone(&teller) as _).unwrap();
        let ledger = runtime.block_on(async {
            let ledger = Ledger::open(&database.url(), LedgerSettings::new())
                .await
                .unwrap();
            for order in ["template", "open"] {
                let price = "5 USD".parse().unwrap();
                let request = NewInvoice::new(order.parse().unwrap(), price)
                    .with_asset("USDT@tron".parse().unwrap());
                ledger.create_invoice(&*teller, &request).await.unwrap();
            }
            let notice = teller.notice("T1", InvoiceStatus::Settled);
            ledger.receive(&*teller, &notice).await;
            ledger.work_once(&providers).await.unwrap();
            let take = async |_: LedgerEvent| Ok::<(), HandlerError>(());
            let take = |event| futures_util::FutureExt::boxed(take(event));
            ledger.deliver_once(&take).await.unwrap();
            ledger
        });
        Self {
            database,
            runtime,
            ledger,
            teller,
            providers,
        }
    }

    /// Webhooks from the wire to the handler: how long until each is stored, and until its event was
    /// handled. They come as fast as they are stored, or this far apart.
    pub(crate) fn webhooks(
        &self,
        count: usize,
        callers: usize,
        apart: Option<Duration>,
    ) -> Figures {
        let from = NEXT.fetch_add(count, Ordering::SeqCst);
        self.database.open_invoices(from, count);
        let began: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
        let handled: Arc<Mutex<Vec<Duration>>> = Arc::default();
        let all = Arc::new(Notify::new());
        let handler = {
            let (began, handled, all) =
                (Arc::clone(&began), Arc::clone(&handled), Arc::clone(&all));
            move |event: LedgerEvent| {
                let id = event.invoice.unwrap().id.as_str().to_owned();
                let began = began.lock().unwrap().remove(&id);
                let mut handled = handled.lock().unwrap();
                // What the run before was cut off from comes again.
                handled.extend(began.map(|began| began.elapsed()));
                if handled.len() == count {
                    all.notify_one();
                }
                std::future::ready(Ok::<(), HandlerError>(()))
            }
        };
        self.runtime.block_on(async {
            let (ledger, providers) = (self.ledger.clone(), self.providers.clone());
            let worker = tokio::spawn(async move { ledger.work(&providers).await });
            let ledger = self.ledger.clone();
            let delivery = tokio::spawn(async move { ledger.deliver(&handler).await });
            let start = Instant::now();
            let ticks = apart.map(tokio::time::interval);
            let numbers = stream::unfold((from, ticks), async |(number, mut ticks)| {
                if let Some(ticks) = &mut ticks {
                    ticks.tick().await;
                }
                (number < from + count).then_some((number, (number + 1, ticks)))
            });
            let stored: Vec<Duration> = numbers
                .map(|number| {
                    let id = format!("OPEN-{number}");
                    let (ledger, teller) = (self.ledger.clone(), Arc::clone(&self.teller));
                    let began = Arc::clone(&began);
                    tokio::spawn(async move {
                        let notice = teller.notice(&id, InvoiceStatus::Settled);
                        let start = Instant::now();
                        began.lock().unwrap().insert(id, start);
                        let receipt = ledger.receive(&*teller, &notice).await;
                        assert_eq!(receipt.received, Received::Stored);
                        start.elapsed()
                    })
                })
                .buffer_unordered(callers)
                .map(Result::unwrap)
                .collect()
                .await;
            all.notified().await;
            let time = start.elapsed();
            worker.abort();
            delivery.abort();
            Figures {
                count,
                time,
                first: p99(stored),
                second: p99(handled.lock().unwrap().clone()),
            }
        })
    }

    /// Payouts journaled: the intent before the call and the result after it.
    pub(crate) fn payouts(&self, count: usize, callers: usize) -> Figures {
        let from = NEXT.fetch_add(count, Ordering::SeqCst);
        self.runtime.block_on(async {
            let start = Instant::now();
            let times: Vec<Duration> = stream::iter(from..from + count)
                .map(|number| {
                    let (ledger, teller) = (self.ledger.clone(), Arc::clone(&self.teller));
                    tokio::spawn(async move {
                        let request = NewPayout::new(
                            format!("ref-{number}").parse().unwrap(),
                            "2.5".parse().unwrap(),
                            "USDT@tron".parse().unwrap(),
                            "TDestination",
                        );
                        let start = Instant::now();
                        ledger.create_payout(&*teller, &request).await.unwrap();
                        start.elapsed()
                    })
                })
                .buffer_unordered(callers)
                .map(Result::unwrap)
                .collect()
                .await;
            Figures {
                count,
                time: start.elapsed(),
                first: p99(times),
                second: Duration::ZERO,
            }
        })
    }
}
