//! The reconciler: what no webhook told is found out by asking, within bounds.

use std::time::Duration;

use chrono::Timelike as _;
use paymux_core::{Clock as _, InvoiceStatus, PayoutStatus};
use paymux_ledger::{Cause, EventKind, PollSettings, WorkSettings};

use crate::engines::on_each_engine;
use crate::payouts::payout;
use crate::shop::{Shop, moves};
use crate::teller::Teller;

#[test]
fn an_invoice_is_followed_to_its_end_and_then_left_alone() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        shop.events().await;
        assert_eq!(shop.work().await.polled, 0);
        shop.wait(61);
        assert_eq!(shop.work().await.polled, 1);
        assert!(shop.events().await.is_empty());
        shop.teller.set_invoice(&id, InvoiceStatus::Processing);
        shop.wait(120);
        assert_eq!(shop.work().await.polled, 1);
        shop.teller.set_invoice(&id, InvoiceStatus::Settled);
        shop.wait(120);
        assert_eq!(shop.work().await.polled, 1);
        assert_eq!(
            moves(&shop.events().await),
            ["pending -> processing", "processing -> settled"]
        );
        shop.wait(30 * 24 * 3600);
        assert_eq!(shop.work().await.polled, 0);
        let history = shop.ledger.history("order-1").await.unwrap();
        assert_eq!(history[0].lines.last().unwrap().cause, Cause::Poll);
    });
}

#[test]
fn money_that_comes_after_the_time_to_pay_is_an_event_of_its_own() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        shop.teller.set_invoice(&id, InvoiceStatus::Expired);
        shop.wait(120);
        shop.work().await;
        shop.events().await;
        shop.wait(3 * 24 * 3600);
        shop.teller.change_invoice(&id, |made| {
            made.set_received("5".parse().unwrap());
            made.exceptions.insert(paymux_core::PaymentException::Late);
        });
        assert_eq!(shop.work().await.polled, 1);
        let events = shop.events().await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, EventKind::LatePayment);
        // Told once, however often it is read.
        shop.wait(24 * 3600);
        assert_eq!(shop.work().await.polled, 1);
        assert!(shop.events().await.is_empty());
        // The time that it is watched is over, after one last look.
        shop.wait(7 * 24 * 3600);
        shop.work().await;
        shop.wait(7 * 24 * 3600);
        assert_eq!(shop.work().await.polled, 0);
    });
}

#[test]
fn while_nothing_is_due_nothing_is_written() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell("order-1").await;
        let budgets = "SELECT COUNT(*) FROM paymux_budgets";
        assert_eq!(shop.work().await.polled, 0);
        assert_eq!(shop.count(budgets), 0);
        shop.wait(61);
        assert_eq!(shop.work().await.polled, 1);
        assert_eq!(shop.count(budgets), 1);
    });
}

#[test]
fn payouts_are_followed_to_their_end() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let request = payout("ref-1", "2");
        shop.ledger
            .create_payout(&*shop.teller, &request)
            .await
            .unwrap();
        shop.events().await;
        shop.teller.set_payout("P1", PayoutStatus::Completed);
        shop.wait(61);
        assert_eq!(shop.work().await.polled, 1);
        assert_eq!(moves(&shop.events().await), ["pending -> completed"]);
        shop.wait(24 * 3600);
        assert_eq!(shop.work().await.polled, 0);
    });
}

#[test]
fn no_more_questions_are_asked_in_a_minute_than_are_allowed_to_all_together() {
    on_each_engine(|database| async move {
        let poll = PollSettings::new().with_calls_per_minute(5);
        let shop = Shop::open_with(database, Teller::new(), |settings| {
            settings.with_work(WorkSettings::new().with_poll(poll.clone()))
        })
        .await;
        for number in 0..12 {
            shop.sell(&format!("order-{number}")).await;
        }
        // From the start of a minute on.
        shop.wait(120 - u64::from(shop.clock.now().second()));
        let settings = paymux_ledger::LedgerSettings::new()
            .with_clock(std::sync::Arc::new(shop.clock.clone()))
            .with_work(WorkSettings::new().with_poll(poll));
        let another = shop.database.open_with(settings).await;
        let (one, two) = futures_util::future::join(
            shop.ledger.work_once(&shop.providers),
            another.work_once(&shop.providers),
        )
        .await;
        assert_eq!(one.unwrap().polled + two.unwrap().polled, 5);
        assert_eq!(shop.teller.reads(), 5);
        shop.wait(60);
        assert_eq!(shop.work().await.polled, 5);
        shop.wait(60);
        shop.work().await;
        assert!(shop.teller.reads() > 11 && shop.teller.reads() <= 15);
    });
}

#[test]
fn a_gateway_that_is_down_is_asked_again() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        shop.events().await;
        shop.teller.set_invoice(&id, InvoiceStatus::Settled);
        shop.teller.set_down(true);
        shop.wait(61);
        let worked = shop.work().await;
        assert_eq!((worked.polled, worked.failed), (1, 1));
        shop.teller.set_down(false);
        assert_eq!(shop.work().await.polled, 0);
        shop.wait(60);
        shop.work().await;
        assert_eq!(moves(&shop.events().await), ["pending -> settled"]);
    });
}

#[test]
fn what_a_dead_worker_was_about_to_ask_is_asked_by_the_next() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        shop.events().await;
        shop.teller.set_invoice(&id, InvoiceStatus::Settled);
        shop.wait(61);
        // The worker took it, and was gone before it asked.
        let dropped = tokio::time::timeout(Duration::ZERO, shop.ledger.work_once(&shop.providers));
        let _ = dropped.await;
        for _ in 0..3 {
            shop.wait(70);
            shop.work().await;
        }
        assert_eq!(moves(&shop.events().await), ["pending -> settled"]);
    });
}
