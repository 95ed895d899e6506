//! A ledger that takes nothing: the gateway is not told otherwise, and sends again.

use paymux_core::InvoiceStatus;
use paymux_ledger::{Ledger, LedgerSettings, QuarantineBounds, WorkSettings};
use paymux_sandbox::{FaultRule, RequestFault, When};
use paymux_unipayment::Generation;

use crate::shop::{HALO, Shop, UNI, until};
use crate::wire::Sent;

async fn read_only(shop: &mut Shop) {
    let url = format!("{}?mode=ro", shop.database());
    let ledger = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
    shop.restart_with(ledger).await;
}

#[tokio::test]
async fn a_webhook_that_cannot_be_stored_is_answered_with_503_and_lands_later() {
    for name in [HALO, UNI] {
        let mut shop = Shop::open().await;
        read_only(&mut shop).await;
        let path = format!("/webhooks/{name}");
        let invoice = shop.sell(name, "order-1", &path).await;
        shop.pay(name, invoice.id.as_str());
        until("every webhook was answered", || {
            let deliveries = shop.sandbox.deliveries();
            let mut attempts = deliveries.iter().map(|delivery| &delivery.attempts);
            !deliveries.is_empty() && attempts.all(|attempts| !attempts.is_empty())
        })
        .await;
        let deliveries = shop.sandbox.deliveries();
        let attempts = deliveries.iter().flat_map(|delivery| &delivery.attempts);
        for attempt in attempts {
            assert_eq!(attempt.status, Some(503), "{attempt:?}");
        }
        assert_eq!(shop.stored().await, 0);

        let ledger = shop.ledger.clone();
        shop.restart_with(ledger).await;
        shop.delivered().await;
        assert!(shop.work().await.applied > 0);
        let records = shop.ledger.invoices(&"order-1".parse().unwrap()).await;
        let known = records.unwrap().remove(0).invoice.unwrap();
        assert_eq!(known.status, InvoiceStatus::Settled);
    }
}

#[tokio::test]
async fn the_answer_is_the_gateways_word_for_no() {
    let mut shop = Shop::open().await;
    read_only(&mut shop).await;
    for (name, word) in [(HALO, "fail"), (UNI, "Fail")] {
        let webhook = Sent::again(&shop.catch(name).await, "/webhooks");
        let answer = shop.send(&webhook).await;
        assert_eq!(answer.told(), (503, word));
        // What is forged stays refused, whatever the ledger can do.
        let forged = shop.send(&webhook.with_body(b"{}".to_vec())).await;
        assert_eq!(forged.status, 400);
    }
}

#[tokio::test]
async fn what_cannot_be_checked_now_is_kept_or_has_to_come_again() {
    let mut shop = Shop::speaking(Generation::Hmac).await;
    let webhook = Sent::again(&shop.catch(UNI).await, "/webhooks/unipayment");
    let down = RequestFault::status(When::BeforeWork, 503);
    let rule = FaultRule::request("/v1.0/ipn", down).always();
    shop.sandbox.faults().add(rule);

    // No room for what is not proven.
    let bounds = QuarantineBounds::new().with_notices(0);
    let work = WorkSettings::new().with_quarantine(bounds);
    let settings = LedgerSettings::new().with_work(work);
    let full = Ledger::open(&shop.database(), settings).await.unwrap();
    let roomy = shop.ledger.clone();
    for (ledger, answer, kept) in [(full, (503, "Fail"), 0), (roomy, (200, "SUCCESS"), 1)] {
        shop.restart_with(ledger).await;
        assert_eq!(shop.send(&webhook).await.told(), answer);
        let waiting = shop.ledger.quarantined(0, 10).await.unwrap();
        assert_eq!(waiting.len(), kept);
    }
}
