//! Events: every one to the handler at least once, in order, again after a failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::{ErrorKind, InvoiceStatus};
use paymux_ledger::{DeliverySettings, HandlerError, LedgerEvent, LedgerSettings};
use tokio::sync::Mutex;

use crate::engines::on_each_engine;
use crate::shop::{Shop, moves};
use crate::teller::Teller;

/// A shop of which two invoices were paid and confirmed, step by step.
async fn busy(database: crate::engines::Database, delivery: DeliverySettings) -> Shop {
    let set = |settings: LedgerSettings| settings.with_delivery(delivery);
    let shop = Shop::open_with(database, Teller::new(), set).await;
    for order in ["order-1", "order-2"] {
        let id = shop.sell(order).await;
        shop.events().await;
        for status in [
            InvoiceStatus::Processing,
            InvoiceStatus::Confirmed,
            InvoiceStatus::Settled,
        ] {
            shop.receive(&shop.teller.notice(&id, status)).await;
            shop.work().await;
        }
        if order == "order-1" {
            shop.clock.advance(Duration::from_millis(1));
        }
    }
    shop
}

fn of<'e>(events: &'e [LedgerEvent], order: &str) -> Vec<&'e LedgerEvent> {
    events
        .iter()
        .filter(|event| event.order_id.as_ref().unwrap().as_str() == order)
        .collect()
}

#[test]
fn a_handler_that_fails_gets_the_same_event_again_and_the_next_one_after_it() {
    on_each_engine(|database| async move {
        let shop = busy(database, DeliverySettings::new()).await;
        let seen = Mutex::new(Vec::new());
        let failures = AtomicUsize::new(2);
        let handler = async |event: LedgerEvent| {
            let is_first = event.order_id.as_ref().unwrap().as_str() == "order-2"
                && event.became == "processing";
            seen.lock().await.push(event);
            let left = &failures;
            if is_first
                && left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                    .is_ok()
            {
                return Err(HandlerError::from("the mailer is down"));
            }
            Ok(())
        };
        let handler = |event| handler(event).boxed();
        let delivered = shop.ledger.deliver_once(&handler).await.unwrap();
        assert_eq!(delivered.failed, 1);
        // Nothing overtakes it, and others are not held up.
        assert!(of(&seen.lock().await, "order-2").len() == 1);
        for _ in 0..2 {
            assert_eq!(
                shop.ledger.deliver_once(&handler).await.unwrap().delivered,
                0
            );
            shop.wait(3);
            shop.ledger.deliver_once(&handler).await.unwrap();
        }
        let seen = seen.into_inner();
        let told: Vec<(&str, u64)> = of(&seen, "order-2")
            .iter()
            .map(|event| (event.became.as_str(), event.sequence))
            .collect();
        let first = told[0].1;
        assert_eq!(
            told,
            [
                ("processing", first),
                ("processing", first),
                ("processing", first),
                ("confirmed", first + 1),
                ("settled", first + 2)
            ]
        );
        let ids: Vec<&str> = of(&seen, "order-2")
            .iter()
            .map(|event| event.id.as_str())
            .collect();
        assert_eq!((ids[0], ids[1]), (ids[1], ids[2]));
    });
}

#[test]
fn one_that_fails_too_often_is_put_aside_and_comes_again_when_asked_for() {
    on_each_engine(|database| async move {
        let delivery = DeliverySettings::new()
            .with_most_tries(3)
            .with_pauses(Duration::from_secs(1), Duration::from_secs(60));
        let shop = busy(database, delivery).await;
        let poison = |event: LedgerEvent| {
            let refused = event.became == "processing";
            async move {
                if refused {
                    return Err(HandlerError::from("no such column"));
                }
                Ok(())
            }
        };
        let mut dead = 0;
        for _ in 0..3 {
            dead += shop.ledger.deliver_once(&poison).await.unwrap().dead;
            shop.wait(120);
        }
        assert_eq!(
            dead,
            shop.ledger.dead_letters(10).await.unwrap().len() as u64
        );
        let letters = shop.ledger.dead_letters(10).await.unwrap();
        let letter = letters
            .iter()
            .find(|letter| letter.event.became == "processing")
            .unwrap();
        assert_eq!(letter.tries, 3);
        assert_eq!(letter.why.as_deref(), Some("no such column"));
        // What came after it was delivered.
        let open = shop.count("SELECT COUNT(*) FROM paymux_outbox WHERE state = 'open'");
        assert_eq!(open, 0);

        shop.ledger.replay(&letter.event.id).await.unwrap();
        let events = shop.events().await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0], letter.event);
        let again = shop.ledger.replay(&letter.event.id).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::NotFound);
        assert_eq!(shop.ledger.replay_all().await.unwrap(), dead - 1);
        assert_eq!(shop.events().await.len() as u64, dead - 1);
        assert!(shop.ledger.dead_letters(10).await.unwrap().is_empty());
    });
}

#[test]
fn a_handler_that_panics_or_hangs_has_failed() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell_and_be_paid("order-1").await;
        let panics = |_: LedgerEvent| async { panic!("a bug") };
        assert_eq!(shop.ledger.deliver_once(&panics).await.unwrap().failed, 1);
        shop.wait(5);
        let hangs = |_: LedgerEvent| std::future::pending::<Result<(), HandlerError>>();
        let clock = shop.clock.clone();
        let (delivered, ()) = futures_util::future::join(shop.ledger.deliver_once(&hangs), async {
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(2)).await;
                clock.advance(Duration::from_secs(1));
            }
        })
        .await;
        assert!(delivered.unwrap().failed >= 1);
        shop.wait(4000);
        assert_eq!(shop.events().await.len(), 1);
    });
}

#[test]
fn an_event_that_a_dead_worker_held_comes_again_when_its_lease_ends() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell_and_be_paid("order-1").await;
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let dies = move |_: LedgerEvent| {
            counter.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<Result<(), HandlerError>>()
        };
        let ledger = shop.ledger.clone();
        let worker = tokio::spawn(async move { ledger.deliver(&dies).await });
        while taken.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        worker.abort();
        let _ = worker.await;
        assert!(shop.events().await.is_empty());
        shop.wait(100);
        assert_eq!(shop.events().await.len(), 1);
    });
}

#[test]
fn two_ledgers_share_the_events_and_each_comes_once() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        for number in 0..40 {
            shop.sell_and_be_paid(&format!("order-{number}")).await;
        }
        let another = shop.another_ledger().await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let deliver = |ledger: paymux_ledger::Ledger| {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let handler = |event: LedgerEvent| {
                    let seen = Arc::clone(&seen);
                    async move {
                        seen.lock().await.push(event.id);
                        Ok::<(), HandlerError>(())
                    }
                };
                ledger.deliver_once(&handler).await.unwrap()
            })
        };
        let (one, two) = (deliver(shop.ledger.clone()), deliver(another));
        let delivered = one.await.unwrap().delivered + two.await.unwrap().delivered;
        let mut ids = seen.lock().await.clone();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), delivered), (40, 40));
        assert_eq!(
            shop.count("SELECT COUNT(*) FROM paymux_outbox WHERE state = 'open'"),
            0
        );
    });
}

#[test]
fn the_story_of_an_invoice_is_told_without_a_gap() {
    on_each_engine(|database| async move {
        let shop = busy(database, DeliverySettings::new()).await;
        let events = shop.events().await;
        assert_eq!(
            moves(&events)
                .iter()
                .filter(|told| *told == "confirmed -> settled")
                .count(),
            1
        );
        for pair in of(&events, "order-2").windows(2) {
            assert_eq!(pair[0].became, pair[1].was);
            assert_eq!(pair[0].sequence + 1, pair[1].sequence);
        }
    });
}
