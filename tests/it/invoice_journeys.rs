//! An invoice from its creation to its end, by webhooks and by reads, which have to agree.

use std::time::Duration;

use paymux::transition::{Change, Observed};
use paymux::{
    Clock, FulfilmentPolicy, InvoiceSnapshot, InvoiceStatus, PaymentException, PaymentProviderExt,
    TokioClock, WaitError, WaitOptions, WaitTarget,
};
use paymux_sandbox::{FaultRule, RequestFault, Settings, When};
use rust_decimal::Decimal;

use crate::shop::{Shop, decimal};

fn due(invoice: &InvoiceSnapshot) -> Decimal {
    invoice.due.as_ref().expect("the amount due is told").amount
}

fn exceptions(invoice: &InvoiceSnapshot) -> Vec<PaymentException> {
    invoice.exceptions.iter().collect()
}

/// Takes in the next webhook, and says what it changed.
async fn hear(shop: &Shop, known: &mut InvoiceSnapshot) -> Change {
    let event = shop.notice().await;
    let told = event.invoice().expect("the webhook is about an invoice");
    assert_eq!(told.id, known.id);
    known.observe(told, Observed::Notice)
}

#[tokio::test]
async fn paid_in_two_parts_and_settled() {
    let shop = Shop::open().await;
    let created = shop.invoice().await;
    // 5 USD at 0.302 USD for one TRX, rounded up to the last of six decimals.
    assert_eq!(due(&created), decimal("16.556292"));
    let (mut told, mut read) = (created.clone(), created.clone());

    let halo = shop.sandbox.halo();
    halo.pay(created.id.as_str(), decimal("6.000001")).unwrap();
    assert_eq!(hear(&shop, &mut told).await, Change::Moved);
    assert_eq!(shop.read(&mut read).await, Change::Moved);
    for seen in [&told, &read] {
        assert_eq!(seen.status, InvoiceStatus::Pending);
        assert_eq!(exceptions(seen), [PaymentException::Underpaid]);
        assert!(!FulfilmentPolicy::default().allows(seen));
    }
    let amount = |amount: &Option<paymux::AssetAmount>| amount.as_ref().map(|own| own.amount);
    assert_eq!(amount(&read.received), Some(decimal("6.000001")));
    assert_eq!(amount(&read.remaining), Some(decimal("10.556291")));
    assert_eq!(amount(&read.excess), Some(Decimal::ZERO));
    // The unit of a webhook's amounts is not documented, so none is taken from it.
    assert_eq!(told.received, created.received);

    halo.pay_rest(created.id.as_str()).unwrap();
    assert_eq!(shop.read(&mut read).await, Change::Moved);
    assert_eq!(read.status, InvoiceStatus::Processing);
    assert!(read.exceptions.is_empty());
    assert!(!FulfilmentPolicy::default().allows(&read));
    let confirmations = read.confirmations.unwrap();
    assert_eq!((confirmations.seen, confirmations.required), (0, Some(1)));

    halo.confirm(created.id.as_str(), 1).unwrap();
    assert_eq!(hear(&shop, &mut told).await, Change::Moved);
    assert_eq!(shop.read(&mut read).await, Change::Moved);
    for seen in [&told, &read] {
        assert_eq!(seen.status, InvoiceStatus::Settled);
        assert!(seen.exceptions.is_empty());
        assert_eq!(seen.price, created.price);
        assert_eq!(seen.order_id, created.order_id);
        assert_eq!(seen.destination, created.destination);
        assert_eq!(seen.checkout_url, created.checkout_url);
    }
    assert_eq!(read.received, read.due);

    // The amounts are known by reading: whoever hears that it is settled reads, and hands over.
    told.observe(&read, Observed::Read);
    for seen in [&told, &read] {
        assert_eq!(seen.received, created.due);
        assert!(FulfilmentPolicy::default().allows(seen));
    }
    assert_eq!(shop.sandbox.halo().orders().len(), 1);
}

#[tokio::test]
async fn a_webhook_from_before_takes_nothing_back() {
    let shop = Shop::open().await;
    let mut invoice = shop.invoice().await;
    let halo = shop.sandbox.halo();
    halo.pay(invoice.id.as_str(), decimal("6")).unwrap();
    halo.pay_rest(invoice.id.as_str()).unwrap();
    shop.read(&mut invoice).await;
    assert_eq!(invoice.status, InvoiceStatus::Processing);

    let before = invoice.clone();
    assert_eq!(hear(&shop, &mut invoice).await, Change::Stale);
    assert_eq!(invoice.status, InvoiceStatus::Processing);
    assert_eq!(invoice.exceptions, before.exceptions);
    assert_eq!(invoice.received, before.received);
    assert_eq!(invoice.transactions.len(), 1);
}

#[tokio::test]
async fn paid_at_sight_is_settled_once_it_is_confirmed() {
    let settings = Settings {
        paid_at_sight: true,
        confirmations_required: 2,
        ..Settings::default()
    };
    let shop = Shop::with_settings(settings).await;
    let mut invoice = shop.invoice().await;
    let halo = shop.sandbox.halo();
    halo.pay_rest(invoice.id.as_str()).unwrap();
    for (seen, expected) in [
        (0, InvoiceStatus::Processing),
        (1, InvoiceStatus::Processing),
        (2, InvoiceStatus::Settled),
    ] {
        shop.read(&mut invoice).await;
        assert_eq!(invoice.status, expected);
        assert_eq!(invoice.provider_status.as_deref(), Some("PAID"));
        let confirmations = invoice.confirmations.unwrap();
        assert_eq!(
            (confirmations.seen, confirmations.required),
            (seen, Some(2))
        );
        halo.confirm(invoice.id.as_str(), 1).unwrap();
    }
}

#[tokio::test]
async fn waiting_ends_when_the_invoice_is_settled_and_puts_up_with_failures() {
    let shop = Shop::open().await;
    let invoice = shop.invoice().await;
    let out_of_order = RequestFault::status(When::BeforeWork, 503);
    shop.sandbox
        .faults()
        .add(FaultRule::request("/api/order/detail", out_of_order).skip(1));

    let target = WaitTarget::Status(InvoiceStatus::Settled);
    let options = WaitOptions::default()
        .with_interval(Duration::from_millis(10))
        .with_timeout(Duration::from_secs(20));
    let paying = async {
        TokioClock.sleep(Duration::from_millis(30)).await;
        let halo = shop.sandbox.halo();
        halo.pay_rest(invoice.id.as_str()).unwrap();
        halo.confirm(invoice.id.as_str(), 1).unwrap();
    };
    let waiting = shop
        .provider
        .wait_until(&invoice.id, target, options, &TokioClock);
    let (settled, ()) = tokio::join!(waiting, paying);
    assert_eq!(settled.unwrap().status, InvoiceStatus::Settled);
}

#[tokio::test]
async fn waiting_for_a_payment_ends_when_the_invoice_expires() {
    let shop = Shop::open().await;
    let invoice = shop.invoice().await;
    shop.sandbox.halo().expire(invoice.id.as_str()).unwrap();
    let target = WaitTarget::Status(InvoiceStatus::Settled);
    let ended = shop
        .provider
        .wait_until(&invoice.id, target, WaitOptions::default(), &TokioClock)
        .await;
    let Err(WaitError::EndedElsewhere(last)) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(last.status, InvoiceStatus::Expired);
}

#[tokio::test]
async fn expired_unpaid_and_in_part() {
    let shop = Shop::open().await;
    for (paid, expected) in [
        (None, vec![]),
        (Some("1"), vec![PaymentException::Underpaid]),
    ] {
        let created = shop.invoice().await;
        let (mut told, mut read) = (created.clone(), created.clone());
        let halo = shop.sandbox.halo();
        if let Some(part) = paid {
            halo.pay(created.id.as_str(), decimal(part)).unwrap();
            hear(&shop, &mut told).await;
        }
        halo.expire(created.id.as_str()).unwrap();
        hear(&shop, &mut told).await;
        shop.read(&mut read).await;
        for seen in [&told, &read] {
            assert_eq!(seen.status, InvoiceStatus::Expired);
            assert_eq!(exceptions(seen), expected);
            assert!(seen.status.is_final());
            assert!(!FulfilmentPolicy::default().accepting_late().allows(seen));
        }
    }
}

#[tokio::test]
async fn an_invoice_without_payment_expires_by_its_own_clock() {
    let shop = Shop::open().await;
    let request = shop.order().with_expires_in(Duration::from_secs(1));
    let created = shop.provider.create_invoice(&request).await.unwrap();
    let mut invoice = created.snapshot().clone();
    let lifetime = invoice.expires_at.unwrap() - invoice.created_at.unwrap();
    assert!(lifetime.num_seconds() <= 2, "{lifetime}");
    assert_eq!(hear(&shop, &mut invoice).await, Change::Moved);
    assert_eq!(invoice.status, InvoiceStatus::Expired);
}

#[tokio::test]
async fn paid_late_stays_expired_where_the_gateway_leaves_it_so() {
    let shop = Shop::open().await;
    let created = shop.invoice().await;
    let (mut told, mut read) = (created.clone(), created.clone());
    let halo = shop.sandbox.halo();
    halo.expire(created.id.as_str()).unwrap();
    hear(&shop, &mut told).await;
    shop.read(&mut read).await;

    halo.pay_rest(created.id.as_str()).unwrap();
    hear(&shop, &mut told).await;
    shop.read(&mut read).await;
    assert_eq!(exceptions(&read), [PaymentException::Late]);
    for seen in [&told, &read] {
        assert_eq!(seen.status, InvoiceStatus::Expired);
        assert!(!FulfilmentPolicy::default().allows(seen));
    }
}

#[tokio::test]
async fn paid_late_settles_late_where_the_gateway_takes_it() {
    let settings = Settings {
        late_payment_completes: true,
        ..Settings::default()
    };
    let shop = Shop::with_settings(settings).await;
    let created = shop.invoice().await;
    let (mut told, mut read) = (created.clone(), created.clone());
    let halo = shop.sandbox.halo();
    halo.expire(created.id.as_str()).unwrap();
    hear(&shop, &mut told).await;
    shop.read(&mut read).await;

    halo.pay_rest(created.id.as_str()).unwrap();
    halo.confirm(created.id.as_str(), 1).unwrap();
    hear(&shop, &mut told).await;
    hear(&shop, &mut told).await;
    assert_eq!(told.status, InvoiceStatus::Settled);
    shop.read(&mut told).await;
    shop.read(&mut read).await;
    for seen in [&told, &read] {
        assert_eq!(seen.status, InvoiceStatus::Settled);
        assert_eq!(exceptions(seen), [PaymentException::Late]);
        assert!(!FulfilmentPolicy::default().allows(seen));
        assert!(FulfilmentPolicy::default().accepting_late().allows(seen));
    }
}

#[tokio::test]
async fn paid_too_much_is_told_by_reading_and_is_enough() {
    let shop = Shop::open().await;
    let created = shop.invoice().await;
    let mut read = created.clone();
    let halo = shop.sandbox.halo();
    let paid = due(&created) + decimal("0.01");
    halo.pay(created.id.as_str(), paid).unwrap();
    halo.confirm(created.id.as_str(), 1).unwrap();
    shop.read(&mut read).await;
    assert_eq!(read.status, InvoiceStatus::Settled);
    assert_eq!(exceptions(&read), [PaymentException::Overpaid]);
    assert_eq!(read.excess.as_ref().unwrap().amount, decimal("0.01"));
    assert_eq!(read.remaining.as_ref().unwrap().amount, Decimal::ZERO);
    assert!(FulfilmentPolicy::default().allows(&read));

    // Overpaid is never concluded from a webhook, and never forgotten because of one.
    let event = shop.notice().await;
    assert!(event.invoice().unwrap().exceptions.is_empty());
    read.observe(event.invoice().unwrap(), Observed::Notice);
    assert_eq!(exceptions(&read), [PaymentException::Overpaid]);
}

#[tokio::test]
async fn a_second_invoice_for_an_order_is_refused_and_the_first_stays() {
    let shop = Shop::open().await;
    let request = shop.order();
    let first = shop.provider.create_invoice(&request).await.unwrap();
    let error = shop.provider.create_invoice(&request).await.unwrap_err();
    assert!(!error.may_have_executed(), "{error:?}");
    assert_eq!(error.code(), Some("1005"));
    assert_eq!(shop.sandbox.halo().orders().len(), 1);
    let still = shop.provider.fetch_invoice(first.id()).await.unwrap();
    assert_eq!(still.order_id(), Some(&request.order_id));
}

#[tokio::test]
async fn many_invoices_at_once_need_one_look_at_the_catalogue() {
    const COUNT: usize = 20;
    let shop = Shop::open().await;
    let mut calls = tokio::task::JoinSet::new();
    for request in (0..COUNT).map(|_| shop.order()) {
        let provider = std::sync::Arc::clone(&shop.provider);
        calls.spawn(async move {
            let invoice = provider.create_invoice(&request).await.unwrap();
            assert_eq!(invoice.order_id(), Some(&request.order_id));
            (invoice.id().to_string(), request.order_id.to_string())
        });
    }
    for (id, order_id) in calls.join_all().await {
        let order = shop.sandbox.halo().order(&id).unwrap();
        assert_eq!(order.out_trade_no, order_id);
    }
    assert_eq!(shop.sandbox.halo().orders().len(), COUNT);
    let catalogue = shop.sandbox.requests_to("/api/currency/app-token-list");
    assert_eq!(catalogue.len(), 1);
}
