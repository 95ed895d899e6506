//! The documented bodies as the provider maps them: the right values under core's names.

use paymux::{
    AssetAmount, CatalogScope, FulfilmentPolicy, Invoice, InvoiceId, InvoiceQuery, InvoiceStatus,
    OrderId, PaymentException, PaymentProvider, PayoutId, PayoutStatus,
};
use paymux_tests::unipayment_server::{Era, V1_CREATED};
use paymux_tests::wire_server::Misbehaviour;
use paymux_unipayment::model::ConfirmSpeed;
use paymux_unipayment::{PayoutAnswer, UniPaymentInvoice, UniPaymentPayout};

use super::bench::{
    EVM_ADDRESS, QUERIED, created_id, fetch_call, known_id, order, payment, provider, withdrawal,
};
use crate::shop::decimal;

fn amount(digits: &str, asset: &str) -> Option<AssetAmount> {
    Some(AssetAmount::new(decimal(digits), asset.parse().unwrap()))
}

#[tokio::test]
async fn a_new_invoice_of_the_first_generation() {
    let (_server, provider) = provider(Era::Md5).await;
    let created = provider.create_invoice(&order(Era::Md5)).await.unwrap();
    assert_eq!(created.id().as_str(), created_id(Era::Md5));
    assert_eq!(created.status(), InvoiceStatus::Pending);
    assert!(created.exceptions().is_empty());
    // Order and price come from the request: the answer does not name the order.
    assert_eq!(
        created.order_id().map(OrderId::as_str),
        Some("ORDER_123456")
    );
    assert_eq!(created.price().unwrap().to_string(), "10.86 USD");
    assert_eq!(created.due().cloned(), amount("10.86", "USDT@tron"));
    // The answer tells nothing of what arrived.
    assert_eq!((created.received(), created.excess()), (None, None));
    let destination = created.destination().unwrap();
    assert_eq!(destination.address, "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy");
    let network = destination.network.as_ref().unwrap();
    assert_eq!(network.caip2(), "tron:0x2b6653dc");
    assert_eq!(created.qr(), Some("TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy"));
    let link = "https://example.com/invoice/593fca26-b472-46a5-b1d4-a223aac95bb3";
    assert_eq!(created.checkout_url(), Some(link));
    let expires = created.expires_at().unwrap().to_rfc3339();
    assert_eq!(expires, "2022-02-28T06:03:48+00:00");
    assert_eq!(created.created_at(), None);
    let native = created
        .as_any()
        .downcast_ref::<UniPaymentInvoice>()
        .unwrap();
    assert!(
        native
            .answer()
            .qrcode_url
            .as_deref()
            .unwrap()
            .contains("qrcode")
    );
}

fn check_expired(invoice: &dyn Invoice) {
    assert_eq!(
        invoice.order_id().map(OrderId::as_str),
        Some("ORDER_123456")
    );
    assert_eq!(invoice.status(), InvoiceStatus::Expired);
    assert!(invoice.exceptions().is_empty());
    assert_eq!(invoice.price().unwrap().to_string(), "10.86 USD");
    assert_eq!(invoice.due().cloned(), amount("10.86", "USDT@tron"));
    assert_eq!(invoice.received().cloned(), amount("0", "USDT@tron"));
    assert_eq!(invoice.remaining().cloned(), amount("10.86", "USDT@tron"));
    assert_eq!(invoice.excess().cloned(), amount("0", "USDT@tron"));
    assert_eq!(invoice.checkout_url(), None);
    let word = invoice.snapshot().provider_status.as_deref();
    assert_eq!(word, Some("Expired"));
    assert!(
        !FulfilmentPolicy::default()
            .accepting_late()
            .allows(invoice.snapshot())
    );
}

#[tokio::test]
async fn the_documented_query() {
    let (_server, provider) = provider(Era::Md5).await;
    let id = InvoiceId::new(QUERIED).unwrap();
    let fetched = provider.fetch_invoice(&id).await.unwrap();
    assert_eq!(fetched.id(), &id);
    check_expired(fetched.as_ref());
    let (created, expires) = (fetched.created_at().unwrap(), fetched.expires_at().unwrap());
    assert_eq!(created.to_rfc3339(), "2022-02-28T08:29:59+00:00");
    assert_eq!((expires - created).num_seconds(), 1800);

    let mut query = InvoiceQuery::default();
    query.order_id = Some(OrderId::new("ORDER_123456").unwrap());
    let page = provider.search().unwrap().search_invoices(&query).await;
    let page = page.unwrap();
    assert_eq!(
        (page.page, page.pages, page.total),
        (Some(1), Some(1), Some(7))
    );
    let [first, second] = page.items.as_slice() else {
        panic!("{} invoices", page.items.len());
    };
    assert_eq!(first.snapshot(), fetched.snapshot());
    check_expired(second.as_ref());
    let (created, expires) = (second.created_at().unwrap(), second.expires_at().unwrap());
    assert_eq!((expires - created).num_seconds(), 1801);

    let unknown = InvoiceId::new("00000000-09d9-4d57-b9af-b5e20836c886").unwrap();
    let error = provider.fetch_invoice(&unknown).await.unwrap_err();
    assert_eq!(error.kind(), paymux::ErrorKind::NotFound);
    assert_eq!(error.outcome(), paymux::Outcome::Rejected);
}

/// What an invoice tells whose payer has not chosen how to pay: that nothing is due is not said.
fn check_not_chosen(invoice: &dyn Invoice, price: &str, link: &str, minutes: i64) {
    assert_eq!(invoice.status(), InvoiceStatus::Pending);
    assert!(invoice.exceptions().is_empty());
    assert_eq!(invoice.price().unwrap().to_string(), price);
    assert_eq!((invoice.due(), invoice.remaining()), (None, None));
    assert_eq!((invoice.destination(), invoice.qr()), (None, None));
    assert_eq!(invoice.excess(), None);
    assert_eq!(invoice.received().map(|own| own.amount), Some(decimal("0")));
    assert_eq!(invoice.checkout_url(), Some(link));
    let (created, expires) = (invoice.created_at().unwrap(), invoice.expires_at().unwrap());
    assert_eq!((expires - created).num_minutes(), minutes);
    assert_eq!(invoice.snapshot().provider_status.as_deref(), Some("New"));
    assert!(!invoice.should_fulfil());
}

#[tokio::test]
async fn invoices_of_the_later_generations() {
    let (v1, v2) = (
        "https://app.unipayment.io/i/KrRnGKYgy8vXvqXtscG4AT",
        "https://sandbox-app.unipayment.io/i/V2s88VEcyK4o9c8r999qWR",
    );
    for (era, price, link) in [(Era::Hmac, "100 USD", v1), (Era::OAuth, "2 USD", v2)] {
        let (_server, provider) = provider(era).await;
        let request = order(era);
        let created = provider.create_invoice(&request).await.unwrap();
        let id = InvoiceId::new(known_id(era)).unwrap();
        let fetched = provider.fetch_invoice(&id).await.unwrap();
        let page = provider.search().unwrap();
        let page = page
            .search_invoices(&InvoiceQuery::default())
            .await
            .unwrap();
        for invoice in [&created, &fetched, &page.items[0]] {
            assert_eq!(invoice.id().as_str(), created_id(era));
            assert_eq!(invoice.order_id(), Some(&request.order_id));
            check_not_chosen(invoice.as_ref(), price, link, 20);
        }
        assert_eq!(
            (page.page, page.pages, page.total),
            (Some(1), Some(1), Some(1))
        );
        let native = fetched.as_any().downcast_ref::<UniPaymentInvoice>();
        assert_eq!(
            native.unwrap().answer().confirm_speed,
            Some(ConfirmSpeed::Medium)
        );
    }
}

/// The documented invoice of v1.0 with what its members' table shows once it was paid.
#[tokio::test]
async fn a_paid_invoice_and_its_transactions() {
    let era = Era::Hmac;
    let (server, provider) = provider(era).await;
    let paid = V1_CREATED
        .replace(
            r#""address": null"#,
            r#""address": "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy""#,
        )
        .replace(r#""network": null"#, r#""network": "NETWORK_TRX""#)
        .replace(r#""pay_amount": 0.0"#, r#""pay_amount": 99.95"#)
        .replace(r#""paid_amount": 0.0"#, r#""paid_amount": 100.00"#)
        .replace(r#""error_status": "None""#, r#""error_status": "PaidOver""#)
        .replace(
            r#""status": "New""#,
            r#""status": "Confirmed", "confirmed_amount": 100.0, "transactions": [
                {"hash": "h1", "network": "NETWORK_TRX", "symbol": "USDT", "from": "T1", "to": "T2",
                 "amount": 60.5, "confirmation_count": 7, "is_confirmed": true},
                {"hash": "h2", "network": "NETWORK_TRX", "symbol": "USDT", "from": "T1", "to": "T2",
                 "amount": "39.5", "confirmation_count": 2, "is_confirmed": true}]"#,
        );
    server.misbehave(fetch_call(era), Misbehaviour::Body(paid));
    let id = InvoiceId::new(known_id(era)).unwrap();
    let invoice = provider.fetch_invoice(&id).await.unwrap();
    assert_eq!(invoice.status(), InvoiceStatus::Confirmed);
    let exceptions: Vec<_> = invoice.exceptions().iter().collect();
    assert_eq!(exceptions, [PaymentException::Overpaid]);
    assert_eq!(invoice.due().cloned(), amount("99.95", "USDT@tron"));
    assert_eq!(invoice.received().cloned(), amount("100", "USDT@tron"));
    assert_eq!(invoice.remaining().cloned(), amount("0", "USDT@tron"));
    assert_eq!(invoice.excess().cloned(), amount("0.05", "USDT@tron"));
    let [first, second] = invoice.transactions() else {
        panic!("{:?}", invoice.transactions());
    };
    assert_eq!(
        (first.hash.as_str(), first.amount),
        ("h1", Some(decimal("60.5")))
    );
    assert_eq!(
        (second.hash.as_str(), second.amount),
        ("h2", Some(decimal("39.5")))
    );
    // As deep as the shallowest of them; how deep it has to be is not told.
    let confirmations = invoice.confirmations().unwrap();
    assert_eq!((confirmations.seen, confirmations.required), (2, None));
    assert!(invoice.should_fulfil());
}

#[tokio::test]
async fn a_withdrawal() {
    let (_server, provider) = provider(Era::Hmac).await;
    let payouts = provider.payouts().unwrap();
    let request = withdrawal();
    assert_eq!(
        payouts.payout_fee(&request).await.unwrap(),
        amount("5", "UTT@bsc")
    );
    let created = payouts.create_payout(&request).await.unwrap();
    let id = PayoutId::new("03b6fd73-e5a8-4f98-a7e5-69556dc9cb00").unwrap();
    let fetched = payouts.fetch_payout(&id).await.unwrap();
    for payout in [&created, &fetched] {
        assert_eq!(payout.id(), &id);
        assert_eq!(payout.status(), PayoutStatus::Pending);
        assert_eq!(payout.reference().unwrap().as_str(), "ref-1");
        assert_eq!(payout.amount().cloned(), amount("15", "UTT@bsc"));
        assert_eq!(payout.fee().cloned(), amount("5", "UTT@bsc"));
        let destination = payout.destination().unwrap();
        assert_eq!(destination.address, EVM_ADDRESS);
        assert_eq!(destination.network.as_ref().unwrap().to_string(), "bsc");
        let made = payout.created_at().unwrap().to_rfc3339();
        assert_eq!(made, "2023-09-05T09:42:42+00:00");
        assert!(payout.transactions().is_empty());
        assert_eq!(
            payout.snapshot().provider_status.as_deref(),
            Some("Pending")
        );
        let native = payout.as_any().downcast_ref::<UniPaymentPayout>().unwrap();
        assert!(matches!(native.answer(), PayoutAnswer::Withdrawal(_)));
    }
}

#[tokio::test]
async fn a_payment() {
    let (_server, provider) = provider(Era::OAuth).await;
    let payouts = provider.payouts().unwrap();
    let request = payment();
    let created = payouts.create_payout(&request).await.unwrap();
    let id = PayoutId::new("ab379d3c-107c-407b-8c64-886ad9e80fc9").unwrap();
    let fetched = payouts.fetch_payout(&id).await.unwrap();
    for payout in [&created, &fetched] {
        assert_eq!(payout.id(), &id);
        assert_eq!(payout.status(), PayoutStatus::Pending);
        assert_eq!(payout.reference().unwrap().as_str(), "ref-1");
        assert_eq!(payout.amount().cloned(), amount("1000", "USD"));
        assert_eq!(payout.fee().cloned(), amount("32", "USD"));
        let made = payout.created_at().unwrap();
        assert_eq!(made.timestamp(), 1_724_382_973);
        assert_eq!(
            payout.snapshot().provider_status.as_deref(),
            Some("PENDING")
        );
        let native = payout.as_any().downcast_ref::<UniPaymentPayout>().unwrap();
        assert!(matches!(native.answer(), PayoutAnswer::Payment(_)));
    }
    assert_eq!(
        created.destination().unwrap().address,
        "payment-method:pm-1"
    );
    // How a payment's fee is worked out is not documented.
    assert_eq!(payouts.payout_fee(&request).await.unwrap(), None);
}

#[tokio::test]
async fn quotes_assets_and_balances() {
    for era in [Era::Hmac, Era::OAuth] {
        let (_server, provider) = provider(era).await;
        let (price, btc) = ("100 USD".parse().unwrap(), "BTC".parse().unwrap());
        let quote = provider
            .quotes()
            .unwrap()
            .quote(&price, &btc)
            .await
            .unwrap();
        assert_eq!(quote.price, price);
        assert_eq!(quote.rate, Some(decimal("38359.98")));
        // 100 / 38359.98 is 0.002606883…: rounded up, so that what is paid is enough.
        assert_eq!(Some(quote.amount), amount("0.00260689", "BTC"));
        assert!(quote.estimated);

        let assets = provider.catalog().unwrap().assets(CatalogScope::All).await;
        let assets = assets.unwrap().items;
        let [tether] = assets.as_slice() else {
            panic!("{assets:?}");
        };
        assert_eq!(tether.provider_id, "USDT");
        let decimals = (era == Era::OAuth).then_some(6);
        assert_eq!(tether.asset.decimals, decimals);

        let balances = provider.balances().unwrap();
        let usdt = "USDT".parse().unwrap();
        let balance = balances
            .fetch_balances(Some(&usdt))
            .await
            .unwrap()
            .items
            .remove(0);
        assert_eq!(balance.total, decimal("120.5"));
        let available = if era == Era::OAuth { "99.25" } else { "100.25" };
        assert_eq!(balance.available, decimal(available));
    }
    let (_server, first) = provider(Era::Md5).await;
    assert!(first.payouts().is_none() && first.quotes().is_none());
    assert!(first.catalog().is_none() && first.balances().is_none());
}
