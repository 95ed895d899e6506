//! Payments and payouts that are followed to their end by webhooks alone.

use axum::Router;
use paymux_core::{InvoiceStatus, NewPayout, Outcome, PayoutStatus, Proof};
use paymux_ledger::{Cause, PayoutState};
use paymux_sandbox::{FaultRule, RequestFault, WebhookFault, When};
use paymux_unipayment::Generation;

use crate::shop::{HALO, Shop, UNI};

const TRON_ADDRESS: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// Sells, lets the payer pay, and looks at what the ledger made of the webhooks.
async fn settles(shop: &Shop, name: &str, path: &str, cause: Cause, proof: Option<Proof>) {
    let invoice = shop.sell(name, "order-1", path).await;
    shop.pay(name, invoice.id.as_str());
    shop.delivered().await;
    let worked = shop.work().await;
    assert!(worked.applied > 0, "{worked:?}");
    assert_eq!(worked.polled, 0, "{worked:?}");
    let records = shop.ledger.invoices(&"order-1".parse().unwrap()).await;
    let known = records.unwrap().remove(0).invoice.unwrap();
    assert_eq!(known.status, InvoiceStatus::Settled);
    assert_eq!(known.provider.as_str(), name);
    let lines = shop.history("order-1").await;
    let last = lines.last().unwrap();
    assert_eq!((last.cause, last.proof), (cause, proof), "{lines:?}");
}

#[tokio::test]
async fn a_paid_invoice_of_halopay_is_settled_by_its_webhooks() {
    let shop = Shop::open().await;
    let path = "/webhooks/native-checkout";
    settles(&shop, HALO, path, Cause::Webhook, Some(Proof::Signed)).await;
}

#[tokio::test]
async fn a_paid_invoice_of_unipayment_is_settled_by_its_webhooks_in_each_generation() {
    for (generation, cause, proof) in [
        (Generation::Md5, Cause::ReadBack, Some(Proof::Weak)),
        (Generation::Hmac, Cause::Webhook, Some(Proof::Checked)),
        (Generation::OAuth, Cause::Webhook, Some(Proof::Signed)),
    ] {
        let shop = Shop::speaking(generation).await;
        settles(&shop, UNI, "/webhooks/unipayment", cause, proof).await;
    }
}

#[tokio::test]
async fn one_route_serves_several_gateways_by_the_account_in_the_notice() {
    for name in [HALO, UNI] {
        let shop = Shop::open().await;
        let proof = Some(Proof::Signed);
        settles(&shop, name, "/webhooks", Cause::Webhook, proof).await;
    }
}

#[tokio::test]
async fn webhooks_that_come_twice_count_once() {
    let shop = Shop::open().await;
    let twice = FaultRule::webhook(WebhookFault::Doubled).always();
    shop.sandbox.faults().add(twice);
    let invoice = shop.sell(HALO, "order-1", "/webhooks").await;
    shop.pay(HALO, invoice.id.as_str());
    shop.delivered().await;
    let deliveries = shop.sandbox.deliveries();
    let attempts = deliveries.iter().flat_map(|delivery| &delivery.attempts);
    let answers: Vec<_> = attempts.map(|attempt| attempt.status).collect();
    assert_eq!(answers, vec![Some(200); 2 * deliveries.len()]);
    assert_eq!(shop.work().await.applied, deliveries.len() as u64);
}

#[tokio::test]
async fn a_spoiled_webhook_is_refused_and_its_repetition_is_taken() {
    for (name, fault) in [
        (HALO, WebhookFault::WrongSignature),
        (HALO, WebhookFault::AlteredByte),
        (HALO, WebhookFault::OldTimestamp { seconds: 200 }),
        (UNI, WebhookFault::WrongSignature),
        (UNI, WebhookFault::AlteredByte),
    ] {
        let shop = Shop::open().await;
        let invoice = shop
            .sell(name, "order-1", &format!("/webhooks/{name}"))
            .await;
        let last = if name == HALO { "PAID" } else { "Complete" };
        let rule = FaultRule::webhook(fault.clone()).for_event(last);
        shop.sandbox.faults().add(rule);
        shop.pay(name, invoice.id.as_str());
        shop.delivered().await;
        let deliveries = shop.sandbox.deliveries();
        let spoiled = deliveries
            .iter()
            .find(|delivery| delivery.attempts.len() > 1);
        let attempts = &spoiled.unwrap().attempts;
        let answers: Vec<_> = attempts.iter().map(|attempt| attempt.status).collect();
        assert_eq!(answers, [Some(400), Some(200)], "{fault:?}");
    }
}

/// The answer to the creation is lost, so that nothing but the callback's query says whose it is.
async fn finds_its_payout(shop: &Shop, path: &str) {
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    let faults = shop.sandbox.faults();
    faults.add(FaultRule::request("/api/payout/create", cut));
    let request = NewPayout::new(
        "refund & 1".parse().unwrap(),
        "5".parse().unwrap(),
        "TRX@tron-nile".parse().unwrap(),
        TRON_ADDRESS,
    )
    .with_callback_url(shop.url(path));
    let sent = shop.ledger.create_payout(shop.provider(HALO), &request);
    assert_eq!(sent.await.unwrap_err().outcome(), Outcome::Unknown);

    let halo = shop.sandbox.halo();
    let made = halo.payouts().remove(0).trade_no;
    while shop.sandbox.deliveries().is_empty() {
        halo.advance_payout(&made).unwrap();
    }
    shop.delivered().await;
    shop.work().await;
    let record = shop
        .ledger
        .payout(&request.reference)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.state, PayoutState::Made);
    assert_eq!(record.id.unwrap().as_str(), made);
    assert_eq!(record.payout.unwrap().status, PayoutStatus::Completed);
    assert_eq!(halo.payouts().len(), 1);
}

#[tokio::test]
async fn the_query_of_the_callback_finds_the_payout() {
    let shop = Shop::open().await;
    finds_its_payout(&shop, "/webhooks/native-checkout?shop=7").await;
}

#[tokio::test]
async fn the_query_is_kept_under_a_prefix_with_parameters() {
    let shop = Shop::mounted(|routes| {
        let payments = Router::new().nest("/{provider}/payments", routes);
        Router::new().nest("/shops", payments)
    })
    .await;
    let path = "/shops/of-7/payments/webhooks/native-checkout?shop=%37";
    finds_its_payout(&shop, path).await;
}
