//! Workers: many on one database, some of which die.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{join, select};
use paymux_core::{
    Capabilities, Invoice, InvoiceId, InvoiceStatus, NewInvoice, PaymentProvider, Proof,
    ProviderName, Providers, RawWebhook, Result, TokioClock, WebhookAnswer, WebhookEvent,
    WebhookVerdict,
};
use paymux_ledger::{
    DeliverySettings, HandlerError, LedgerEvent, LedgerSettings, Received, WorkSettings,
};
use tokio::sync::{Semaphore, mpsc};

use crate::engines::on_each_engine;
use crate::invoices::invoice;
use crate::shop::{Shop, moves};
use crate::teller::Teller;

#[test]
fn two_ledgers_share_the_webhooks_and_each_is_taken_in_once() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        for number in 0..30 {
            let id = shop.sell(&format!("order-{number}")).await;
            for status in [InvoiceStatus::Processing, InvoiceStatus::Settled] {
                shop.receive(&shop.teller.notice(&id, status)).await;
            }
        }
        let another = shop.another_ledger().await;
        let (one, two) = join(
            shop.ledger.work_once(&shop.providers),
            another.work_once(&shop.providers),
        )
        .await;
        assert_eq!(one.unwrap().applied + two.unwrap().applied, 60);
        assert_eq!(
            shop.count("SELECT COUNT(*) FROM paymux_inbox WHERE state <> 'done'"),
            0
        );
        for number in 0..30 {
            assert_eq!(shop.status(&format!("order-{number}")).await, "settled");
        }
        // Two at most for each, none twice: the sequence of an invoice's events has no gap.
        let events = shop.events().await;
        let told = moves(&events);
        let settled = told.iter().filter(|told| told.ends_with("-> settled"));
        assert_eq!(settled.count(), 30);
    });
}

#[test]
fn a_webhook_that_a_dead_worker_held_is_taken_in_by_the_next() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Weak).await;
        let id = shop.sell("order-1").await;
        shop.teller.set_invoice(&id, InvoiceStatus::Settled);
        shop.receive(&shop.teller.notice(&id, InvoiceStatus::Settled))
            .await;
        // It took the webhook, and never came back from asking the gateway.
        let providers = slow(&shop, &Arc::new(Semaphore::new(0)));
        let ledger = shop.ledger.clone();
        let worker = tokio::spawn(async move { ledger.work_once(&providers).await });
        while shop.count("SELECT COUNT(*) FROM paymux_inbox WHERE worker IS NOT NULL") == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        worker.abort();
        let _ = worker.await;
        assert_eq!(shop.work().await.applied, 0);
        shop.wait(61);
        assert_eq!(shop.work().await.applied, 1);
        assert_eq!(shop.status("order-1").await, "settled");
    });
}

#[test]
fn a_read_that_a_webhook_overtook_takes_nothing_back() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        let gate = Arc::new(Semaphore::new(0));
        let providers = slow(&shop, &gate);
        shop.wait(61);
        let ledger = shop.ledger.clone();
        let poll = tokio::spawn(async move { ledger.work_once(&providers).await });
        while shop.teller.reads() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // The gateway has said "pending", and its answer is on the way.
        shop.receive(&shop.teller.notice(&id, InvoiceStatus::Processing))
            .await;
        assert_eq!(shop.work().await.applied, 1);
        gate.add_permits(1);
        assert_eq!(poll.await.unwrap().unwrap().polled, 1);
        assert_eq!(shop.status("order-1").await, "processing");
        assert_eq!(moves(&shop.events().await), ["pending -> processing"]);
    });
}

/// The shop's gateway, whose answers to questions wait for a permit.
fn slow(shop: &Shop, gate: &Arc<Semaphore>) -> Providers {
    let mut providers = Providers::new();
    let slow = Slow(Arc::clone(&shop.teller), Arc::clone(gate));
    providers.add(Arc::new(slow)).unwrap();
    providers
}

#[derive(Debug)]
struct Slow(Arc<Teller>, Arc<Semaphore>);

#[async_trait]
impl PaymentProvider for Slow {
    fn name(&self) -> &ProviderName {
        self.0.name()
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        self.0.create_invoice(request).await
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        let answer = self.0.fetch_invoice(id).await;
        self.1.acquire().await.unwrap().forget();
        answer
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        self.0.verify_webhook(webhook).await
    }

    fn webhook_answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        self.0.webhook_answer(webhook, verdict)
    }
}

#[test]
fn a_webhook_reaches_the_handler_while_worker_and_delivery_run() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        let (sender, mut told) = mpsc::unbounded_channel();
        let handler = move |event: LedgerEvent| {
            let sender = sender.clone();
            async move {
                sender.send(event)?;
                Ok::<(), HandlerError>(())
            }
        };
        let work = Box::pin(shop.ledger.work(&shop.providers));
        let deliver = Box::pin(shop.ledger.deliver(&handler));
        let journey = Box::pin(async {
            shop.receive(&shop.teller.notice(&id, InvoiceStatus::Settled))
                .await;
            told.recv().await.unwrap()
        });
        // The clock stands still: only the bell can have woken them.
        let workers = Box::pin(select(work, deliver));
        match tokio::time::timeout(Duration::from_secs(30), select(journey, workers)).await {
            Ok(futures_util::future::Either::Left((event, _))) => {
                assert_eq!(event.became, "settled");
            }
            Ok(_) => panic!("the workers ended"),
            Err(_) => panic!("nobody was woken"),
        }
    });
}

#[test]
fn events_that_come_while_others_are_delivered_keep_their_order() {
    const CHANGES: u64 = 60;
    on_each_engine(|database| async move {
        let quick = |settings: LedgerSettings| {
            let idle = Duration::from_millis(3);
            settings
                .with_clock(Arc::new(TokioClock))
                .with_work(WorkSettings::new().with_idle(idle))
                .with_delivery(DeliverySettings::new().with_idle(idle))
        };
        let teller = Teller::proving(Proof::Weak);
        let shop = Shop::open_with(database, teller, quick).await;
        let another = shop.database.open_with(quick(LedgerSettings::new())).await;
        let id = shop.sell("order-1").await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let deliveries = [shop.ledger.clone(), another].map(|ledger| {
            let told = Arc::clone(&told);
            tokio::spawn(async move {
                let handler = |event: LedgerEvent| {
                    told.lock().unwrap().push(event.sequence);
                    std::future::ready(Ok::<(), HandlerError>(()))
                };
                ledger.deliver(&handler).await
            })
        });
        // A chain may take a payment back as long as it is not confirmed: a read tells so.
        for change in 0..CHANGES {
            let status = if change % 2 == 0 {
                InvoiceStatus::Processing
            } else {
                InvoiceStatus::Pending
            };
            let mut seen = shop.teller.set_invoice(&id, status);
            // Each webhook is another one.
            seen.provider_status = Some(change.to_string());
            let receipt = shop.teller.notice_as(&seen, &change.to_string());
            assert_eq!(shop.receive(&receipt).await, Received::Stored);
            while shop.work().await.applied == 0 {}
        }
        let began = std::time::Instant::now();
        while told.lock().unwrap().len() < usize::try_from(CHANGES).unwrap() {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "an event is stuck"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for delivery in deliveries {
            delivery.abort();
        }
        let told = told.lock().unwrap().clone();
        assert_eq!(told, (1..=CHANGES).collect::<Vec<_>>());
    });
}

#[test]
fn webhooks_that_wait_for_a_gateway_keep_no_others_from_being_taken_in() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Weak).await;
        let other = Arc::new(Teller::named("us", Proof::Signed));
        let mut orders = Vec::new();
        for order in ["order-1", "order-2"] {
            let request = invoice(order, "5 USD");
            let made = shop.ledger.create_invoice(&*other, &request).await.unwrap();
            orders.push((order, made.id.as_str().to_owned()));
        }
        // More than one look of a worker finds, and its gateway never answers.
        let id = shop.sell("order-3").await;
        for number in 0..150 {
            let told = shop.teller.set_invoice(&id, InvoiceStatus::Settled);
            let weak = shop.teller.notice_as(&told, &number.to_string());
            shop.receive(&weak).await;
        }
        let mut providers = slow(&shop, &Arc::new(Semaphore::new(0)));
        providers.add(Arc::clone(&other) as _).unwrap();
        let work = Box::pin(shop.ledger.work(&providers));
        let journey = Box::pin(async {
            for (order, id) in orders {
                let notice = other.notice(&id, InvoiceStatus::Settled);
                let received = shop.ledger.receive(&*other, &notice).await.received;
                assert_eq!(received, Received::Stored);
                while shop.status(order).await != "settled" {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                // The next one comes while the worker is asking.
                while shop.teller.reads() == 0 {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        });
        match tokio::time::timeout(Duration::from_secs(20), select(journey, work)).await {
            Ok(futures_util::future::Either::Left(_)) => {}
            Ok(_) => panic!("the worker ended"),
            Err(_) => panic!("a webhook waits for a gateway that is not its own"),
        }
    });
}
