//! Invoices from creation to their end, on the sandbox.

use std::time::Duration;

use paymux_core::transition::Observed;
use paymux_core::{
    ErrorKind, InvoiceSnapshot, InvoiceStatus, NewInvoice, Outcome, PaymentException,
    PaymentProvider,
};
use paymux_native_checkout::{NativeCheckout, NativeInvoice};
use paymux_sandbox::Sandbox;

use crate::{new_invoice, provider};

async fn create(provider: &NativeCheckout, request: &NewInvoice) -> InvoiceSnapshot {
    provider
        .create_invoice(request)
        .await
        .unwrap()
        .snapshot()
        .clone()
}

async fn fetch(provider: &NativeCheckout, invoice: &InvoiceSnapshot) -> InvoiceSnapshot {
    provider
        .fetch_invoice(&invoice.id)
        .await
        .unwrap()
        .snapshot()
        .clone()
}

fn exceptions(invoice: &InvoiceSnapshot) -> Vec<PaymentException> {
    invoice.exceptions.iter().collect()
}

#[tokio::test]
async fn what_was_made_is_what_is_read_back() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let request = new_invoice("order-1", "5 USD", "TRX@tron-nile")
        .with_expires_in(Duration::from_secs(600))
        .with_description("dropped")
        .with_return_url("https://shop.example/done")
        .with_metadata("dropped", "too");
    let made = provider.create_invoice(&request).await.unwrap();
    let native = made.as_any().downcast_ref::<NativeInvoice>().unwrap();
    assert_eq!(native.order().trade_no, made.id().as_str());

    let made = made.snapshot().clone();
    assert_eq!(made.status, InvoiceStatus::Pending);
    assert_eq!(made.order_id, Some(request.order_id.clone()));
    assert_eq!(made.price, Some(request.price.clone()));
    assert_eq!(made.due.as_ref().unwrap().asset, request.asset);
    assert!(
        made.checkout_url
            .as_ref()
            .unwrap()
            .ends_with(made.id.as_str())
    );
    assert_eq!(
        made.qr,
        made.destination.as_ref().map(|to| to.address.clone())
    );
    let order = sandbox.halo().order(made.id.as_str()).unwrap();
    let lasts = order.time_expire - order.create_time;
    assert!((599..=600).contains(&lasts), "{lasts}");

    let read = fetch(&provider, &made).await;
    let mut merged = made.clone();
    merged.observe(&read, Observed::Read);
    assert_eq!(
        read.checkout_url, None,
        "the gateway does not tell it twice"
    );
    assert_eq!(merged.checkout_url, made.checkout_url, "and it is not lost");
    for (one, other) in [(&made, &read), (&made, &merged)] {
        assert_eq!(
            (
                &one.order_id,
                &one.price,
                &one.due,
                &one.destination,
                &one.expires_at,
                &one.qr
            ),
            (
                &other.order_id,
                &other.price,
                &other.due,
                &other.destination,
                &other.expires_at,
                &other.qr
            )
        );
    }
}

#[tokio::test]
async fn an_invoice_goes_from_pending_to_settled() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.update_settings(|settings| settings.confirmations_required = 2);
    let provider = provider(&sandbox);
    let invoice = create(
        &provider,
        &new_invoice("order-1", "10 TRX", "TRX@tron-nile"),
    )
    .await;
    let halo = sandbox.halo();
    let id = invoice.id.as_str();
    assert_eq!(
        invoice.due.as_ref().unwrap().to_string(),
        "10 TRX@tron-nile"
    );

    halo.pay(id, "4".parse().unwrap()).unwrap();
    let part = fetch(&provider, &invoice).await;
    assert_eq!(part.status, InvoiceStatus::Pending);
    assert_eq!(exceptions(&part), [PaymentException::Underpaid]);
    assert_eq!(part.remaining.as_ref().unwrap().amount.to_string(), "6");
    assert_eq!(part.price.as_ref().unwrap().to_string(), "10 TRX");

    halo.pay_rest(id).unwrap();
    let seen = fetch(&provider, &invoice).await;
    assert_eq!(seen.status, InvoiceStatus::Processing);
    assert!(seen.exceptions.is_empty());
    assert_eq!(seen.confirmations.unwrap().required, Some(2));

    halo.confirm(id, 2).unwrap();
    let paid = fetch(&provider, &invoice).await;
    assert_eq!(paid.status, InvoiceStatus::Settled);
    assert_eq!(paid.confirmations.unwrap().seen, 2);
    assert_eq!(paid.provider_status.as_deref(), Some("PAID"));
    assert!(paymux_core::FulfilmentPolicy::default().allows(&paid));
}

#[tokio::test]
async fn a_payment_may_be_seen_before_it_is_confirmed() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.update_settings(|settings| settings.paid_at_sight = true);
    let provider = provider(&sandbox);
    let invoice = create(
        &provider,
        &new_invoice("order-1", "10 TRX", "TRX@tron-nile"),
    )
    .await;
    sandbox
        .halo()
        .pay(invoice.id.as_str(), "12".parse().unwrap())
        .unwrap();
    let seen = fetch(&provider, &invoice).await;
    assert_eq!(seen.provider_status.as_deref(), Some("PAID"));
    assert_eq!(seen.status, InvoiceStatus::Processing);
    assert_eq!(exceptions(&seen), [PaymentException::Overpaid]);
    assert_eq!(seen.excess.as_ref().unwrap().amount.to_string(), "2");
    sandbox.halo().confirm(invoice.id.as_str(), 1).unwrap();
    assert_eq!(
        fetch(&provider, &invoice).await.status,
        InvoiceStatus::Settled
    );
}

#[tokio::test]
async fn time_runs_out_with_nothing_part_or_all_paid() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    for (order, before, after, expected) in [
        ("none", None, None, vec![]),
        ("part", Some("4"), None, vec![PaymentException::Underpaid]),
        ("late", None, Some("10"), vec![PaymentException::Late]),
        (
            "much",
            Some("4"),
            Some("8"),
            vec![PaymentException::Late, PaymentException::Overpaid],
        ),
    ] {
        let invoice = create(&provider, &new_invoice(order, "10 TRX", "TRX@tron-nile")).await;
        let id = invoice.id.as_str();
        let pay = |amount: Option<&str>| {
            if let Some(amount) = amount {
                sandbox.halo().pay(id, amount.parse().unwrap()).unwrap();
            }
        };
        pay(before);
        sandbox.halo().expire(id).unwrap();
        pay(after);
        let expired = fetch(&provider, &invoice).await;
        assert_eq!(expired.status, InvoiceStatus::Expired, "{order}");
        assert_eq!(exceptions(&expired), expected, "{order}");
    }
}

#[tokio::test]
async fn a_price_goes_out_in_the_token_or_in_a_fiat_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    for (order, price, asset, sent) in [
        (
            "a",
            "5 USD",
            "TRX@tron-nile",
            r#""fiat_name":"USD","fiat_amount":"5""#,
        ),
        ("b", "5.5 TRX", "TRX@tron-nile", r#""token_amount":"5.5""#),
        (
            "c",
            "5 USDT",
            "TRX@tron-nile",
            r#""fiat_name":"USDT","fiat_amount":"5""#,
        ),
        ("d", "5 USDT", "USDT@tron-nile", r#""token_amount":"5""#),
        (
            "e",
            "5 TRX",
            "tron:0xcd8690dc/slip44:195",
            r#""token_amount":"5""#,
        ),
    ] {
        sandbox.clear_requests();
        create(&provider, &new_invoice(order, price, asset)).await;
        let body = sandbox.requests_to("/api/order/create")[0].body.clone();
        let body = std::str::from_utf8(&body).unwrap();
        assert!(body.contains(sent), "{body}");
        assert!(body.ends_with(r#","time_out":0}"#), "{body}");
        assert_eq!(body.matches("amount\"").count(), 1, "{body}");
    }
}

#[tokio::test]
async fn what_cannot_be_honoured_is_never_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let mut any_asset = new_invoice("order-1", "5 USD", "TRX@tron-nile");
    any_asset.asset = None;
    let ages = Duration::from_secs(u64::MAX);
    for (request, kind, says) in [
        (any_asset, ErrorKind::Unsupported, "name the asset"),
        (
            new_invoice("o", "5 XAU", "TRX@tron-nile"),
            ErrorKind::InvalidRequest,
            "no prices in XAU",
        ),
        (
            new_invoice("o", "5 XAU", "tron:0xcd8690dc/slip44:195"),
            ErrorKind::InvalidRequest,
            "no prices in XAU",
        ),
        (
            new_invoice("o", "5 USD", "BTC@bitcoin"),
            ErrorKind::Unsupported,
            "TRX@tron-nile",
        ),
        (
            new_invoice("o", "1.0000001 TRX", "TRX@tron-nile"),
            ErrorKind::InvalidRequest,
            "7 decimals",
        ),
        (
            new_invoice("o", "5 USD", "TRX@tron-nile").with_expires_in(ages),
            ErrorKind::InvalidRequest,
            "less",
        ),
        (
            new_invoice("o", "5 USD", "TRX@tron-nile").with_callback_url("x"),
            ErrorKind::InvalidRequest,
            "callback URL",
        ),
    ] {
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, Outcome::NotSent),
            "{error}"
        );
        assert!(error.message().contains(says), "{error}");
        assert_eq!(error.operation(), Some("create_invoice"));
    }
    assert_eq!(sandbox.requests_to("/api/order/create").len(), 0);
}

#[tokio::test]
async fn the_gateways_no_is_told_with_its_code() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let request = new_invoice("order-1", "5 USD", "TRX@tron-nile");
    provider.create_invoice(&request).await.unwrap();
    let error = provider.create_invoice(&request).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Refused, Outcome::Rejected)
    );
    assert_eq!(error.code(), Some("1005"));

    let error = provider
        .fetch_invoice(&"nowhere".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Refused, Some("1004"))
    );
}
