//! One live invoice per order; a new attempt when that one is over.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::{
    ErrorKind, InvoiceStatus, ManualClock, NewInvoice, OrderId, Outcome, PaymentProvider as _,
};
use paymux_ledger::{InvoiceState, Ledger, LedgerSettings};
use tokio::sync::Semaphore;

use crate::engines::on_each_engine;
use crate::gateway::{Gateway, Step};

pub(crate) fn invoice(order: &str, price: &str) -> NewInvoice {
    NewInvoice::new(order.parse().unwrap(), price.parse().unwrap())
        .with_asset("USDT@tron".parse().unwrap())
}

/// What the gateway was told the orders are.
fn sent(gateway: &Gateway) -> Vec<String> {
    gateway
        .invoices()
        .iter()
        .map(|made| made.order_id.as_ref().unwrap().to_string())
        .collect()
}

async fn states(ledger: &Ledger, order: &str) -> Vec<(u32, InvoiceState)> {
    ledger
        .invoices(&order.parse().unwrap())
        .await
        .unwrap()
        .iter()
        .map(|record| (record.attempt, record.state))
        .collect()
}

#[test]
fn fifty_callers_over_two_ledgers_make_one_invoice() {
    on_each_engine(|database| async move {
        let settings = || LedgerSettings::new().with_wait(Duration::from_secs(60));
        let ledgers = [
            database.open_with(settings()).await,
            database.open_with(settings()).await,
        ];
        let gateway = Arc::new(Gateway::new());
        let calls = (0..50).map(|number| {
            let (ledger, gateway) = (ledgers[number % 2].clone(), Arc::clone(&gateway));
            let request = invoice("order-1", "5 USD");
            tokio::spawn(async move { ledger.create_invoice(&*gateway, &request).await })
        });
        for told in futures_util::future::join_all(calls).await {
            assert_eq!(told.unwrap().unwrap().id.as_str(), "T1");
        }
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn an_open_or_paid_invoice_is_the_orders_and_other_terms_are_a_conflict() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new();
        let first = ledger
            .create_invoice(&gateway, &invoice("order-1", "5 USD"))
            .await
            .unwrap();
        // A hint is no term.
        let again = invoice("order-1", "5.00 USD").with_description("two coffees");
        assert_eq!(
            ledger.create_invoice(&gateway, &again).await.unwrap(),
            first
        );
        for different in [
            invoice("order-1", "6 USD"),
            invoice("order-1", "5 EUR"),
            invoice("order-1", "5 USD").with_asset("TRX@tron".parse().unwrap()),
            invoice("order-1", "5 USD").with_expires_in(Duration::from_secs(60)),
            invoice("order-1", "5 USD").with_callback_url("https://shop.example/hook"),
        ] {
            let error = ledger
                .create_invoice(&gateway, &different)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conflict);
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert!(error.message().contains("5 USD in USDT@tron"), "{error}");
        }
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn what_is_surely_not_made_is_made_under_the_same_number() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new()
            .then(Step::Fail(ErrorKind::Unavailable, Outcome::NotSent))
            .then(Step::Fail(ErrorKind::Refused, Outcome::Rejected));
        for price in ["5 USD", "6 USD"] {
            // Nothing holds the order: another price is no conflict.
            let error = ledger
                .create_invoice(&gateway, &invoice("order-1", price))
                .await
                .unwrap_err();
            assert!(!error.may_have_executed());
        }
        let made = ledger
            .create_invoice(&gateway, &invoice("order-1", "7 USD"))
            .await
            .unwrap();
        assert_eq!(made.price.unwrap().to_string(), "7 USD");
        assert_eq!(sent(&gateway), ["order-1"]);
        assert_eq!(states(&ledger, "order-1").await, [(1, InvoiceState::Made)]);
    });
}

#[test]
fn a_number_that_the_gateway_has_for_another_is_not_used_again() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::Fail(ErrorKind::Duplicate, Outcome::Rejected));
        let request = invoice("order-1", "5 USD");
        let error = ledger.create_invoice(&gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Duplicate);
        ledger.create_invoice(&gateway, &request).await.unwrap();
        assert_eq!(sent(&gateway), ["order-1~2"]);
    });
}

#[test]
fn attempts_are_numbered_and_the_merchants_id_stays_in_every_answer() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new()
            .then(Step::MakeAndLose)
            .then(Step::Fail(ErrorKind::Timeout, Outcome::Unknown));
        let request = invoice("order-1", "5 USD");
        for _ in 0..2 {
            let error = ledger.create_invoice(&gateway, &request).await.unwrap_err();
            assert!(error.may_have_executed());
        }
        let made = ledger.create_invoice(&gateway, &request).await.unwrap();
        let order: OrderId = "order-1".parse().unwrap();
        assert_eq!(made.order_id.as_ref(), Some(&order));
        let again = ledger.create_invoice(&gateway, &request).await.unwrap();
        assert_eq!(again, made);
        assert_eq!(sent(&gateway), ["order-1", "order-1~3"]);
        assert_eq!(
            states(&ledger, "order-1").await,
            [
                (1, InvoiceState::Abandoned),
                (2, InvoiceState::Abandoned),
                (3, InvoiceState::Made)
            ]
        );
        let records = ledger.invoices(&order).await.unwrap();
        assert_eq!(records[2].sent_order_id.as_str(), "order-1~3");
        assert_eq!(records[2].order_id, order);
    });
}

#[test]
fn a_caller_that_goes_away_gives_the_attempt_up() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::Hold(Arc::new(Semaphore::new(0))));
        let request = invoice("order-1", "5 USD");
        let mut call = Box::pin(ledger.create_invoice(&gateway, &request));
        while gateway.calls() == 0 {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(call);
        ledger.create_invoice(&gateway, &request).await.unwrap();
        assert_eq!(sent(&gateway), ["order-1~2"]);
    });
}

#[test]
fn a_call_that_outlives_its_lease_does_not_bring_back_a_replaced_invoice() {
    on_each_engine(|database| async move {
        let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
        let settings = || {
            LedgerSettings::new()
                .with_clock(Arc::new(clock.clone()))
                .with_wait(Duration::ZERO)
        };
        let slow = database.open_with(settings()).await;
        let ledger = database.open_with(settings()).await;
        let permits = Arc::new(Semaphore::new(0));
        let gateway = Gateway::new().then(Step::Hold(Arc::clone(&permits)));
        let request = invoice("order-1", "5 USD");
        let mut call = Box::pin(slow.create_invoice(&gateway, &request));
        while gateway.calls() == 0 {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        let error = ledger.create_invoice(&gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InProgress);
        clock.advance(Duration::from_secs(61));
        let newer = ledger.create_invoice(&gateway, &request).await.unwrap();
        permits.add_permits(1);
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InProgress);
        assert!(error.may_have_executed());
        let current = ledger.create_invoice(&gateway, &request).await.unwrap();
        assert_eq!(current, newer);
        assert_eq!(
            states(&ledger, "order-1").await,
            [(1, InvoiceState::Abandoned), (2, InvoiceState::Made)]
        );
        // The older one is known with its id, so that money at it is known for what it is.
        let records = ledger.invoices(&"order-1".parse().unwrap()).await.unwrap();
        assert!(records[0].id.is_some());
    });
}

#[test]
fn two_orders_cannot_share_one_invoice() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::As("T7")).then(Step::As("T7"));
        ledger
            .create_invoice(&gateway, &invoice("order-1", "5 USD"))
            .await
            .unwrap();
        let error = ledger
            .create_invoice(&gateway, &invoice("order-2", "5 USD"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(
            error.message().contains("belongs to the order order-1"),
            "{error}"
        );
        assert_eq!(
            states(&ledger, "order-2").await,
            [(1, InvoiceState::Abandoned)]
        );
    });
}

#[test]
fn one_provider_may_take_over_an_order_from_another() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let (eu, us) = (
            Gateway::named("eu").then(Step::Fail(ErrorKind::Timeout, Outcome::Unknown)),
            Gateway::named("us"),
        );
        let request = invoice("order-1", "5 USD");
        ledger.create_invoice(&eu, &request).await.unwrap_err();
        let made = ledger.create_invoice(&us, &request).await.unwrap();
        assert_eq!(&made.provider, us.name());
        // The order has its one invoice, whoever is asked.
        assert_eq!(ledger.create_invoice(&eu, &request).await.unwrap(), made);
        assert_eq!(made.status, InvoiceStatus::Pending);
    });
}
