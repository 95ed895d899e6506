//! What is old enough goes, where that is wished; what keeps money from moving twice never does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::attempts::{Attempt, AttemptEnd, Permission};
use paymux_core::{
    DepositSnapshot, DepositStatus, Destination, Error, ErrorKind, InvoiceStatus, Outcome,
    PaymentProvider as _, PayoutApi as _, PayoutStatus, RawWebhook,
};
use paymux_ledger::{
    DeliverySettings, HandlerError, Ledger, LedgerEvent, LedgerSettings, Pruned, Received,
    RetentionSettings,
};

use crate::engines::{Database, on_each_engine, runtime};
use crate::invoices::invoice;
use crate::payouts::payout;
use crate::shop::Shop;
use crate::teller::Teller;

const DAY: u64 = 24 * 60 * 60;

fn days(count: u64) -> Duration {
    Duration::from_secs(count * DAY)
}

fn everything_after(time: Duration) -> RetentionSettings {
    RetentionSettings::new()
        .with_webhooks(time)
        .with_events(time)
        .with_attempts(time)
        .with_history(time)
}

async fn keeping(database: Database, retention: RetentionSettings) -> Shop {
    Shop::open_with(database, Teller::new(), |settings| {
        settings
            .with_retention(retention)
            .with_delivery(DeliverySettings::new().with_most_tries(1))
    })
    .await
}

/// An order that was paid, as the gateway says too when it is asked.
async fn sold(shop: &Shop, order: &str) {
    let id = shop.sell_and_be_paid(order).await;
    shop.teller.set_invoice(&id, InvoiceStatus::Settled);
}

async fn deposit(shop: &Shop, key: &str) -> RawWebhook {
    let mut told = DepositSnapshot::new(shop.teller.name().clone(), DepositStatus::Credited);
    told.destination = Some(Destination::new("TPermanent", None));
    let webhook = shop.teller.deposit_notice(&told, key);
    shop.receive(&webhook).await;
    webhook
}

/// An attempt of a router at a payout of its own, and how it ended.
async fn attempt(shop: &Shop, reference: &str, error: Option<Outcome>) {
    let log = shop.ledger.attempt_log();
    let request = payout(reference, "1");
    let begun = log
        .before(Attempt::payout(shop.teller.name(), &request))
        .await;
    let Permission::Granted(id) = begun.unwrap() else {
        panic!("{reference} was made before");
    };
    match error {
        Some(outcome) => {
            let error = Error::new(ErrorKind::Unavailable, outcome, "down");
            log.after(id, AttemptEnd::Failed(&error)).await.unwrap();
        }
        None => {
            let made = shop.teller.create_payout(&request).await.unwrap();
            let made = made.snapshot().clone();
            log.after(id, AttemptEnd::PayoutMade(&made)).await.unwrap();
        }
    }
}

#[test]
fn nothing_goes_unless_it_is_wished() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell_and_be_paid("order-1").await;
        shop.events().await;
        shop.wait(3650 * DAY);
        assert_eq!(shop.ledger.prune().await.unwrap(), Pruned::default());
    });
}

#[test]
fn what_was_pruned_neither_counts_nor_is_paid_again() {
    on_each_engine(|database| async move {
        let shop = keeping(database, everything_after(days(30))).await;
        let id = shop.sell("order-1").await;
        let mut webhooks = Vec::new();
        for status in [InvoiceStatus::Processing, InvoiceStatus::Settled] {
            let webhook = shop.teller.notice(&id, status);
            shop.receive(&webhook).await;
            webhooks.push(webhook);
        }
        shop.teller.set_invoice(&id, InvoiceStatus::Settled);
        // One that the chain undid: an old notice of its payment would move it again.
        let undone = shop.sell("order-2").await;
        let paid = shop.teller.notice(&undone, InvoiceStatus::Processing);
        shop.receive(&paid).await;
        webhooks.push(paid);
        shop.work().await;
        shop.teller.set_invoice(&undone, InvoiceStatus::Expired);
        webhooks.push(deposit(&shop, "D1").await);
        attempt(&shop, "ref-1", Some(Outcome::NotSent)).await;
        attempt(&shop, "ref-1", None).await;
        shop.teller.set_payout("P1", PayoutStatus::Completed);
        for _ in 0..60 {
            shop.wait(DAY / 4);
            shop.work().await;
        }
        assert_eq!(shop.status("order-2").await, "expired");
        let delivered = shop.events().await;
        assert!(!delivered.is_empty());
        assert_eq!(shop.ledger.prune().await.unwrap(), Pruned::default());
        shop.wait(31 * DAY);
        let pruned = shop.ledger.prune().await.unwrap();
        assert_eq!(pruned.webhooks, 4);
        // The newest of the address stays.
        assert_eq!(pruned.events, u64::try_from(delivered.len()).unwrap() - 1);
        assert_eq!(pruned.attempts, 2);
        assert!(pruned.history >= 8, "{pruned:?}");
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_attempts"), 0);
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_history"), 0);
        let bodies = "SELECT COUNT(*) FROM paymux_inbox WHERE length(body) > 0";
        assert_eq!(shop.count(bodies), 0);
        assert_eq!(shop.ledger.prune().await.unwrap(), Pruned::default());

        for webhook in &webhooks {
            assert_eq!(shop.receive(webhook).await, Received::Duplicate);
        }
        assert_eq!(shop.work().await.applied, 0);
        assert!(shop.events().await.is_empty());
        assert_eq!(shop.status("order-1").await, "settled");
        assert_eq!(shop.status("order-2").await, "expired");
        let again = shop
            .ledger
            .create_payout(&*shop.teller, &payout("ref-1", "1"))
            .await
            .unwrap();
        assert_eq!(
            (again.id.as_str(), again.status),
            ("P1", PayoutStatus::Completed)
        );
        let log = shop.ledger.attempt_log();
        let request = payout("ref-1", "1");
        let told = log
            .before(Attempt::payout(shop.teller.name(), &request))
            .await;
        assert!(matches!(told.unwrap(), Permission::AlreadyMade(_)));
        let again = shop
            .ledger
            .create_invoice(&*shop.teller, &invoice("order-1", "5 USD"))
            .await
            .unwrap();
        assert_eq!(again.id.as_str(), id);

        // What comes next counts on.
        deposit(&shop, "D2").await;
        shop.work().await;
        assert_eq!(shop.events().await[0].sequence, 2);
    });
}

#[test]
fn what_is_young_open_or_in_doubt_stays_however_small_the_batches() {
    on_each_engine(|database| async move {
        let retention = everything_after(days(30)).with_batch(3);
        let shop = keeping(database, retention).await;
        for number in 0..10 {
            sold(&shop, &format!("old-{number}")).await;
            attempt(&shop, &format!("gone-{number}"), Some(Outcome::NotSent)).await;
        }
        shop.events().await;
        attempt(&shop, "doubt", Some(Outcome::Unknown)).await;
        shop.events().await;
        attempt(&shop, "open", None).await;
        shop.receive(&shop.teller.notice("T99", InvoiceStatus::Settled))
            .await;
        sold(&shop, "dead").await;
        let refuses =
            |_: LedgerEvent| std::future::ready(Err::<(), _>(HandlerError::from("no"))).boxed();
        let delivered = shop.ledger.deliver_once(&refuses).await.unwrap();
        assert_eq!(delivered.dead, 1);
        shop.wait(31 * DAY);
        for number in 0..4 {
            sold(&shop, &format!("new-{number}")).await;
            attempt(&shop, &format!("new-{number}"), Some(Outcome::NotSent)).await;
        }
        shop.events().await;
        let history = shop.count("SELECT COUNT(*) FROM paymux_history");

        let pruned = shop.ledger.prune().await.unwrap();
        // Ten old ones and the one whose event is dead.
        assert_eq!(pruned.webhooks, 11);
        assert_eq!(pruned.attempts, 10);
        assert!(pruned.events >= 10);
        assert_eq!(shop.ledger.unmatched(0, 10).await.unwrap().len(), 1);
        assert!(
            !shop.ledger.unmatched(0, 10).await.unwrap()[0]
                .body
                .is_empty()
        );
        assert_eq!(shop.ledger.dead_letters(10).await.unwrap().len(), 1);
        assert_eq!(shop.ledger.in_doubt().await.unwrap().len(), 1);
        let kept = "SELECT COUNT(*) FROM paymux_attempts WHERE state IN ('in_doubt', 'made')";
        assert_eq!(shop.count(kept), 2);
        let young = "SELECT COUNT(*) FROM paymux_inbox WHERE state = 'done' AND length(body) > 0";
        assert_eq!(shop.count(young), 4);
        let young = "SELECT COUNT(*) FROM paymux_outbox WHERE state = 'done'";
        assert_eq!(shop.count(young), 4);
        assert_eq!(
            shop.count("SELECT COUNT(*) FROM paymux_history"),
            history - i64::try_from(pruned.history).unwrap()
        );
        for reference in ["doubt", "open", "new-1"] {
            let lines = &shop.ledger.history(reference).await.unwrap()[0].lines;
            assert!(!lines.is_empty(), "{reference}");
        }
        let doubt = shop
            .ledger
            .create_payout(&*shop.teller, &payout("doubt", "1"))
            .await
            .unwrap_err();
        assert!(doubt.may_have_executed());
        // The dead event comes when it is asked for.
        assert_eq!(shop.ledger.replay_all().await.unwrap(), 1);
        assert_eq!(shop.events().await.len(), 1);
    });
}

#[test]
fn a_worker_prunes_by_itself() {
    on_each_engine(|database| async move {
        let shop = keeping(database, everything_after(days(3))).await;
        sold(&shop, "order-1").await;
        shop.events().await;
        shop.wait(4 * DAY);
        let left = || shop.count("SELECT COUNT(*) FROM paymux_outbox");
        assert_eq!(left(), 1);
        let (ledger, providers) = (shop.ledger.clone(), shop.providers.clone());
        let worker = tokio::spawn(async move { ledger.work(&providers).await });
        while left() > 0 {
            tokio::task::yield_now().await;
        }
        // The next round begins after its time.
        shop.teller.down.store(true, Ordering::SeqCst);
        shop.receive(&shop.teller.notice("T1", InvoiceStatus::Confirmed))
            .await;
        let waiting = "SELECT COUNT(*) FROM paymux_inbox WHERE state = 'done' AND length(body) > 0";
        while shop.count(waiting) == 0 {
            tokio::task::yield_now().await;
        }
        while shop.count(waiting) > 0 {
            shop.wait(DAY);
            tokio::task::yield_now().await;
        }
        worker.abort();
    });
}

#[test]
fn webhooks_are_not_pruned_while_a_gateway_may_repeat_them() {
    runtime().block_on(async {
        let open = async |time| {
            let retention = RetentionSettings::new().with_webhooks(time);
            let settings = LedgerSettings::new().with_retention(retention);
            Ledger::open("sqlite::memory:", settings).await
        };
        let error = open(days(3) - Duration::from_secs(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains("3 days at least"), "{error}");
        assert!(error.message().contains("repeat"), "{error}");
        open(days(3)).await.unwrap();
    });
}

#[test]
fn several_may_prune_at_once() {
    on_each_engine(|database| async move {
        let shop = keeping(database, everything_after(days(30)).with_batch(2)).await;
        for number in 0..12 {
            shop.sell_and_be_paid(&format!("order-{number}")).await;
        }
        shop.events().await;
        shop.wait(31 * DAY);
        let prunes = (0..4).map(|_| {
            let ledger = shop.ledger.clone();
            tokio::spawn(async move { ledger.prune().await.unwrap() })
        });
        let mut events = 0;
        for pruned in futures_util::future::join_all(prunes).await {
            events += pruned.unwrap().events;
        }
        assert_eq!(events, 12);
        let shop = Arc::new(shop);
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_outbox"), 0);
        assert_eq!(shop.status("order-7").await, "settled");
    });
}
