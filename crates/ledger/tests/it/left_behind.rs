//! A router makes an order's invoice twice, since the first gateway's answer is lost, and that
//! gateway's webhook comes while the second one is still asked.

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{InvoiceId, InvoiceSnapshot, InvoiceStatus, OrderId, Providers, Result};
use paymux_ledger::{EventKind, InvoiceState, Ledger, LedgerEvent};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::attempts::Chain;
use crate::engines::{Database, on_each_engine};
use crate::gateway::{Gateway, Step};
use crate::invoices::invoice;
use crate::shop::Shop;
use crate::teller::Teller;

/// A call that made the invoice at "eu", lost the answer, and waits for the answer of "us", while the
/// ledger has heard of the one at "eu".
struct Stage {
    shop: Shop,
    answer: Arc<Semaphore>,
    call: JoinHandle<Result<InvoiceSnapshot>>,
}

impl Stage {
    async fn open(database: Database) -> Self {
        let shop = Shop::open(database).await;
        let answer = Arc::new(Semaphore::new(0));
        let eu = Arc::new(Gateway::named("eu").then(Step::MakeAndLose));
        let us = Gateway::named("us").then(Step::Hold(Arc::clone(&answer)));
        let us = Arc::new(us.then(Step::As("never")));
        let chain = Chain::new(vec![eu, Arc::clone(&us)], shop.ledger.attempt_log());
        let ledger = shop.ledger.clone();
        let call = tokio::spawn(async move {
            let request = invoice("order-1", "5 USD");
            ledger.create_invoice(&chain, &request).await
        });
        while us.calls() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let stage = Self { shop, answer, call };
        stage.hear_of("eu", InvoiceStatus::Pending).await;
        stage
    }

    /// A webhook of this gateway tells of its invoice `T1` of the order.
    async fn hear_of(&self, name: &'static str, status: InvoiceStatus) {
        let teller = Teller::named(name, paymux_core::Proof::Signed);
        let id = InvoiceId::received("T1");
        let mut told =
            InvoiceSnapshot::new(paymux_core::ProviderName::from_static(name), id, status);
        told.order_id = Some(order());
        let webhook = teller.notice_of(&told);
        let ledger: &Ledger = &self.shop.ledger;
        ledger.receive(&teller, &webhook).await;
        ledger.work_once(&Providers::new()).await.unwrap();
    }

    /// Every invoice of the order: where it is, its id, how far it is, and its status.
    async fn invoices(&self) -> Vec<String> {
        let records = self.shop.ledger.invoices(&order()).await.unwrap();
        records
            .iter()
            .map(|record| {
                let id = record.id.as_ref().map_or("?", InvoiceId::as_str);
                let status = record.invoice.as_ref().map_or("?", |i| i.status.as_str());
                let state: InvoiceState = record.state;
                format!("{}:{id} {} {status}", record.provider, state.as_str())
            })
            .collect()
    }

    async fn late_payments(&self) -> Vec<LedgerEvent> {
        let mut events = self.shop.events().await;
        events.retain(|event| event.kind == EventKind::LatePayment);
        events
    }
}

fn order() -> OrderId {
    "order-1".parse().unwrap()
}

#[test]
fn the_order_keeps_the_one_that_was_heard_of_first() {
    on_each_engine(|database| async move {
        let stage = Stage::open(database).await;
        stage.answer.add_permits(1);
        let Stage { shop, answer, call } = stage;
        let told = call.await.unwrap().unwrap();
        assert_eq!((told.provider.as_str(), told.id.as_str()), ("eu", "T1"));
        let stage = Stage {
            shop,
            answer,
            call: tokio::spawn(async { Ok(told) }),
        };
        assert_eq!(
            stage.invoices().await,
            ["eu:T1 made pending", "us:T1 abandoned ?"]
        );
        stage.hear_of("us", InvoiceStatus::Settled).await;
        assert_eq!(
            stage.invoices().await,
            ["eu:T1 made pending", "us:T1 abandoned settled"]
        );
        assert_eq!(stage.late_payments().await.len(), 1);
    });
}

#[test]
fn money_at_the_other_one_is_known_though_its_call_never_ended() {
    on_each_engine(|database| async move {
        let stage = Stage::open(database).await;
        // The process is gone, and nobody will tell what the call made.
        stage.call.abort();
        stage.hear_of("us", InvoiceStatus::Settled).await;
        assert_eq!(
            stage.invoices().await,
            ["eu:T1 made pending", "us:T1 abandoned settled"]
        );
        let late = stage.late_payments().await;
        assert_eq!(late.len(), 1);
        assert_eq!(late[0].order_id, Some(order()));
        let unmatched = stage.shop.ledger.unmatched(0, 10).await.unwrap();
        assert!(unmatched.is_empty(), "{unmatched:?}");
    });
}

#[test]
fn an_answer_after_its_own_webhook_changes_nothing() {
    on_each_engine(|database| async move {
        let stage = Stage::open(database).await;
        stage.hear_of("us", InvoiceStatus::Processing).await;
        stage.answer.add_permits(1);
        let told = stage.call.await.unwrap().unwrap();
        assert_eq!((told.provider.as_str(), told.id.as_str()), ("eu", "T1"));
        let records = stage.shop.ledger.invoices(&order()).await.unwrap();
        let states: Vec<_> = records.iter().map(|record| record.state).collect();
        assert_eq!(states, [InvoiceState::Made, InvoiceState::Abandoned]);
        assert_eq!(records[1].provider.as_str(), "us");
    });
}
