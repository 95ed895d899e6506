//! Whatever part of an invoice's webhooks comes, in whatever order and however often, whatever polls
//! and deliveries fall between, and whichever workers die on the way: it ends in the gateway's state,
//! and every change on the way was told exactly once.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join;
use paymux_core::{InvoiceSnapshot, InvoiceStatus, PaymentException, Proof};
use paymux_ledger::{HandlerError, Ledger, LedgerEvent};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::sync::Mutex;

use crate::engines::on_each_engine;
use crate::shop::Shop;

/// What becomes of an invoice at its gateway.
const COURSES: [&[(InvoiceStatus, &[PaymentException])]; 5] = [
    &[
        (InvoiceStatus::Pending, &[]),
        (InvoiceStatus::Processing, &[]),
        (InvoiceStatus::Confirmed, &[]),
        (InvoiceStatus::Settled, &[]),
    ],
    &[
        (InvoiceStatus::Pending, &[]),
        (InvoiceStatus::Pending, &[PaymentException::Underpaid]),
        (InvoiceStatus::Processing, &[PaymentException::Overpaid]),
        (InvoiceStatus::Settled, &[PaymentException::Overpaid]),
    ],
    &[
        (InvoiceStatus::Pending, &[]),
        (InvoiceStatus::Pending, &[PaymentException::Underpaid]),
        (InvoiceStatus::Expired, &[PaymentException::Underpaid]),
    ],
    &[
        (InvoiceStatus::Pending, &[]),
        (InvoiceStatus::Expired, &[]),
        (InvoiceStatus::Processing, &[PaymentException::Late]),
        (InvoiceStatus::Settled, &[PaymentException::Late]),
    ],
    &[
        (InvoiceStatus::Pending, &[]),
        (InvoiceStatus::Processing, &[]),
        (InvoiceStatus::Invalid, &[]),
        (InvoiceStatus::Settled, &[]),
    ],
];

#[derive(Debug, Clone)]
enum Step {
    /// The gateway's state moves on.
    Advance,
    /// The webhook of a state that was reached comes, or comes again.
    Notice(usize),
    /// One ledger's worker does what is due; 2 is both at once.
    Work(usize),
    /// A worker dies after it was polled so often.
    DyingWork(usize, u32),
    /// Events are delivered, to a handler that fails every so often.
    Deliver(usize, u32),
    /// A delivery dies after it was polled so often.
    DyingDelivery(usize, u32),
    /// Seconds pass: leases run out, polls become due.
    Wait(u64),
    Down(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Advance),
        4 => (0..4_usize).prop_map(Step::Notice),
        2 => (0..3_usize).prop_map(Step::Work),
        2 => (0..2_usize, 1..12_u32).prop_map(|(ledger, polls)| Step::DyingWork(ledger, polls)),
        1 => (0..2_usize, 0..3_u32).prop_map(|(ledger, fails)| Step::Deliver(ledger, fails)),
        1 => (0..2_usize, 1..8_u32).prop_map(|(ledger, polls)| Step::DyingDelivery(ledger, polls)),
        2 => prop_oneof![1..5_u64, 50..80_u64, 200..2000_u64].prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Down),
    ]
}

fn case() -> impl Strategy<Value = (usize, Vec<Step>)> {
    (0..COURSES.len(), prop::collection::vec(step(), 1..30))
}

/// Polls a future so often and then drops it, wherever it is.
async fn dying<F: Future>(future: F, polls: u32) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let is_done = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready()));
        if is_done.await {
            return;
        }
        tokio::time::sleep(Duration::from_micros(300)).await;
    }
}

struct Journey<'s> {
    shop: &'s Shop,
    ledgers: [&'s Ledger; 2],
    id: String,
    course: &'static [(InvoiceStatus, &'static [PaymentException])],
    reached: usize,
    /// What a handler took, by id.
    told: Mutex<BTreeMap<String, LedgerEvent>>,
}

impl Journey<'_> {
    /// The gateway's word on one of the states.
    fn state(&self, index: usize) -> InvoiceSnapshot {
        let (status, exceptions) = self.course[index];
        let mut seen = self.shop.teller.set_invoice(&self.id, status);
        seen.exceptions = exceptions.iter().copied().collect();
        seen
    }

    fn set(&self, index: usize) {
        let state = self.state(index);
        self.shop
            .teller
            .change_invoice(&self.id, |made| *made = state);
    }

    async fn deliver(&self, ledger: &Ledger, fails: u32) {
        let calls = std::sync::atomic::AtomicU32::new(0);
        let handler = |event: LedgerEvent| {
            let number = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            async move {
                if number < fails {
                    return Err(HandlerError::from("not now"));
                }
                let before = self
                    .told
                    .lock()
                    .await
                    .insert(event.id.clone(), event.clone());
                assert!(before.is_none_or(|before| before == event));
                Ok(())
            }
        };
        ledger.deliver_once(&handler).await.unwrap();
    }

    async fn take(&mut self, step: &Step) {
        let providers = &self.shop.providers;
        match *step {
            Step::Advance => {
                self.reached = (self.reached + 1).min(self.course.len() - 1);
                self.set(self.reached);
            }
            Step::Notice(index) => {
                let notice = self
                    .shop
                    .teller
                    .notice_of(&self.state(index.min(self.reached)));
                self.set(self.reached);
                self.shop.receive(&notice).await;
            }
            Step::Work(2) => {
                let (one, two) = join(
                    self.ledgers[0].work_once(providers),
                    self.ledgers[1].work_once(providers),
                )
                .await;
                one.unwrap();
                two.unwrap();
            }
            Step::Work(ledger) => {
                self.ledgers[ledger].work_once(providers).await.unwrap();
            }
            Step::DyingWork(ledger, polls) => {
                dying(self.ledgers[ledger].work_once(providers), polls).await;
            }
            Step::Deliver(ledger, fails) => self.deliver(self.ledgers[ledger], fails).await,
            Step::DyingDelivery(ledger, polls) => {
                dying(self.deliver(self.ledgers[ledger], 0), polls).await;
            }
            Step::Wait(seconds) => self.shop.wait(seconds),
            Step::Down(down) => self.shop.teller.set_down(down),
        }
    }

    /// Lets everything come to its end.
    async fn end(&mut self) {
        self.shop.teller.set_down(false);
        self.reached = self.course.len() - 1;
        self.set(self.reached);
        // Beyond every lease, every pause, and the longest time between two polls.
        for seconds in [100, 2_000, 4_000, 8 * 3600, 100] {
            self.shop.wait(seconds);
            self.ledgers[0]
                .work_once(&self.shop.providers)
                .await
                .unwrap();
            self.deliver(self.ledgers[1], 0).await;
        }
        for _ in 0..self.course.len() {
            self.shop.wait(4_000);
            self.deliver(self.ledgers[0], 0).await;
        }
    }

    async fn check(&self, order: &str) -> Result<(), TestCaseError> {
        let records = self.ledgers[0]
            .invoices(&order.parse().unwrap())
            .await
            .unwrap();
        let known = records[0].invoice.clone().unwrap();
        let truth = self.state(self.course.len() - 1);
        prop_assert_eq!(known.status, truth.status);
        prop_assert_eq!(&known.exceptions, &truth.exceptions);

        let told = self.told.lock().await;
        let mut events: Vec<&LedgerEvent> = told
            .values()
            .filter(|event| event.order_id.as_ref().unwrap().as_str() == order)
            .collect();
        events.sort_by_key(|event| event.sequence);
        let mut before = (
            InvoiceStatus::Pending,
            paymux_core::PaymentExceptions::none(),
        );
        for (index, event) in events.iter().enumerate() {
            prop_assert_eq!(event.sequence, index as u64 + 1);
            prop_assert_eq!(&event.was, before.0.as_str());
            let seen = event.invoice.as_ref().unwrap();
            let now = (seen.status, seen.exceptions.clone());
            prop_assert_ne!(&now, &before, "nothing changed");
            prop_assert_eq!(&event.became, now.0.as_str());
            before = now;
        }
        prop_assert_eq!(before, (truth.status, truth.exceptions));
        // Each change has its line of history.
        let history = self.ledgers[0].history(order).await.unwrap();
        let changes = history[0]
            .lines
            .iter()
            .filter(|line| line.cause != paymux_ledger::Cause::Call);
        prop_assert_eq!(changes.count(), events.len());
        Ok(())
    }
}

/// A few in CI; more where somebody gives it time.
fn cases() -> u32 {
    let soak = std::env::var("PAYMUX_SOAK_SECONDS").ok();
    24 + soak
        .and_then(|seconds| seconds.parse::<u32>().ok())
        .unwrap_or(0)
        * 4
}

fn converges(proof: Proof) {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, proof).await;
        let another = shop.another_ledger().await;
        let ledgers = [&shop.ledger, &another];
        let mut runner = TestRunner::new(Config {
            cases: cases(),
            failure_persistence: None,
            ..Config::default()
        });
        let mut number = 0;
        // The runner is not async: each case runs on this runtime, from a thread that may wait.
        let runtime = tokio::runtime::Handle::current();
        let run = |(course, steps): (usize, Vec<Step>)| {
            number += 1;
            let order = format!("order-{number}");
            runtime.block_on(async {
                let id = shop.sell(&order).await;
                let mut journey = Journey {
                    shop: &shop,
                    ledgers,
                    id,
                    course: COURSES[course],
                    reached: 0,
                    told: Mutex::default(),
                };
                for step in &steps {
                    journey.take(step).await;
                }
                journey.end().await;
                journey.check(&order).await
            })
        };
        let mut run = run;
        let run = std::cell::RefCell::new(&mut run);
        tokio::task::block_in_place(|| {
            runner
                .run(&case(), |case| (run.borrow_mut())(case))
                .unwrap();
        });
        assert_eq!(
            shop.count("SELECT COUNT(*) FROM paymux_inbox WHERE state <> 'done'"),
            0
        );
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_quarantine"), 0);
        assert_eq!(
            shop.count("SELECT COUNT(*) FROM paymux_outbox WHERE state <> 'done'"),
            0
        );
    });
}

#[test]
fn with_signed_webhooks() {
    converges(Proof::Signed);
}

#[test]
fn with_webhooks_that_are_confirmed_by_a_read() {
    converges(Proof::Weak);
}

#[test]
fn with_webhooks_that_the_gateway_has_to_prove() {
    converges(Proof::Checked);
}
