//! The documented bodies about invoices, through the native client: every documented member, with its
//! exact value.

use chrono::{DateTime, Utc};
use paymux_tests::unipayment_server::{
    CREATE, Era, MD5_CREATE, MD5_REQUEST, UniPaymentServer, V1_CREATED_2022, V1_REQUEST,
};
use paymux_tests::wire_server::Misbehaviour;
use paymux_unipayment::Client;
use paymux_unipayment::model::{
    ConfirmSpeed, CreateInvoice, ErrorStatus, Invoice, InvoiceFilter, InvoiceStatus, NetworkCode,
    PaymentMethodType,
};
use rust_decimal::Decimal;

use super::bench::{QUERIED, client, known_id, order};
use crate::shop::decimal;

pub(super) fn some(digits: &str) -> Option<Decimal> {
    Some(decimal(digits))
}

pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

/// The request that the documented answer belongs to.
fn request(client: &Client, era: Era) -> CreateInvoice {
    let order = order(era);
    let currency = order.price.currency.code();
    let id = order.order_id.as_str();
    let mut request = CreateInvoice::new(client.app_id(), id, order.price.amount, currency);
    request.pay_currency = order.asset.map(|_| "USDT".to_owned());
    request
}

#[tokio::test]
async fn a_new_invoice_of_the_first_generation() {
    let (_server, client) = client(Era::Md5).await;
    let request = request(&client, Era::Md5);
    let invoice = client.create_invoice(&request).await.unwrap();
    assert_eq!(invoice.invoice_id, "593fca26-b472-46a5-b1d4-a223aac95bb3");
    assert_eq!(invoice.price_amount, some("10.86"));
    assert_eq!(invoice.price_currency.as_deref(), Some("USD"));
    assert_eq!(invoice.network, Some(NetworkCode::Tron));
    let address = "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy";
    assert_eq!(invoice.address.as_deref(), Some(address));
    assert_eq!(invoice.pay_amount, some("10.86"));
    assert_eq!(invoice.pay_currency.as_deref(), Some("USDT"));
    assert_eq!(invoice.expiration_time, time("2022-02-28T06:03:48Z"));
    let link = "https://example.com/invoice/593fca26-b472-46a5-b1d4-a223aac95bb3";
    assert_eq!(invoice.cashier_url.as_deref(), Some(link));
    assert_eq!(invoice.pay_link(), Some(link));
    let picture = "https://example.com/qrcode/593fca26-b472-46a5-b1d4-a223aac95bb3";
    assert_eq!(invoice.qrcode_url.as_deref(), Some(picture));
    // The table has the rate, the example has not; neither has order, app or status.
    assert_eq!(invoice.exchange_rate, None);
    assert_eq!((invoice.order_id, invoice.app_id), (None, None));
    assert_eq!((invoice.status, invoice.error_status), (None, None));
}

/// The documents' own requests, member by member.
#[tokio::test]
async fn the_documented_requests() {
    let sent = |server: &UniPaymentServer, call: &str| -> serde_json::Value {
        serde_json::from_slice(&server.requests_to(call)[0].body).unwrap()
    };
    let (server, md5) = client(Era::Md5).await;
    let mut request = CreateInvoice::new(md5.app_id(), "ORDER_123456", decimal("10"), "USD");
    request.pay_currency = Some("USDT".to_owned());
    request.notify_url = Some("https://example.com/pay/callback".to_owned());
    request.redirect_url = Some("http://example.com/pay/result".to_owned());
    md5.create_invoice(&request).await.unwrap();
    let mut sent_md5 = sent(&server, MD5_CREATE);
    let mut documented: serde_json::Value = serde_json::from_str(MD5_REQUEST).unwrap();
    documented["sign"] = sent_md5["sign"].clone();
    // The example has no type, the webhook has: it is sent.
    assert_eq!(sent_md5["sign_type"].take(), "MD5");
    documented["sign_type"] = serde_json::Value::Null;
    assert_eq!(sent_md5, documented);

    let (server, v1) = client(Era::Hmac).await;
    let order = "5f166a9592e54babad01c26b243b69be";
    let mut request = CreateInvoice::new(v1.app_id(), order, decimal("100.00"), "USD");
    request.title = Some("Test Invoice".to_owned());
    request.description = Some("Test Desc".to_owned());
    request.pay_currency = Some("USDT".to_owned());
    request.notify_url = Some("https://example.com/notify".to_owned());
    request.redirect_url = Some("https://example.com/redirect".to_owned());
    request.lang = Some("en-US".to_owned());
    v1.create_invoice(&request).await.unwrap();
    let documented: serde_json::Value = serde_json::from_str(V1_REQUEST).unwrap();
    assert_eq!(sent(&server, CREATE), documented);
}

/// What both invoices of the documented page have alike.
fn check_queried(invoice: &Invoice) {
    let app = "94273135-a935-4753-937b-c293987d44c8";
    assert_eq!(invoice.app_id.as_deref(), Some(app));
    assert_eq!(invoice.order_id.as_deref(), Some("ORDER_123456"));
    assert_eq!(invoice.price_amount, some("10.86"));
    assert_eq!(invoice.price_currency.as_deref(), Some("USD"));
    assert_eq!(invoice.network, Some(NetworkCode::Tron));
    let address = "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy";
    assert_eq!(invoice.address.as_deref(), Some(address));
    assert_eq!(invoice.pay_currency.as_deref(), Some("USDT"));
    assert_eq!(invoice.pay_amount, some("10.86"));
    assert_eq!(invoice.exchange_rate, some("1"));
    assert_eq!(invoice.paid_amount, some("0"));
    assert_eq!(invoice.confirmed_amount, some("0"));
    let reached = (
        invoice.paid_time,
        invoice.confirm_time,
        invoice.complete_time,
    );
    assert_eq!(reached, (None, None, None));
    assert_eq!(invoice.confirm_speed, Some(ConfirmSpeed::Medium));
    assert_eq!(invoice.status, Some(InvoiceStatus::Expired));
    assert_eq!(invoice.error_status, Some(ErrorStatus::None));
    assert_eq!(invoice.pay_link(), None);
}

#[tokio::test]
async fn a_page_of_the_first_generation() {
    let (_server, client) = client(Era::Md5).await;
    let filter = InvoiceFilter::of_order("ORDER_123456");
    let page = client.invoices(&filter).await.unwrap();
    assert_eq!((page.page_index, page.page_no), (Some(1), None));
    assert_eq!(page.page_size, Some(10));
    // The documents' own figures: two of seven, on one page.
    assert_eq!((page.total, page.page_count), (Some(7), Some(1)));
    let [first, second] = page.models.as_slice() else {
        panic!("{page:?}");
    };
    check_queried(first);
    check_queried(second);
    assert_eq!(first.invoice_id, QUERIED);
    assert_eq!(first.create_time, time("2022-02-28T08:29:59Z"));
    assert_eq!(first.expiration_time, time("2022-02-28T08:59:59Z"));
    assert_eq!(second.invoice_id, "eeced5e7-57cc-43c0-8be6-828e7c790e81");
    assert_eq!(second.create_time, time("2022-02-28T08:26:43Z"));
    assert_eq!(second.expiration_time, time("2022-02-28T08:56:44Z"));

    let one = client.invoice(&second.invoice_id).await.unwrap();
    assert_eq!(one, *second);
}

fn check_v1(invoice: &Invoice) {
    assert_eq!(invoice.invoice_id, "KrRnGKYgy8vXvqXtscG4AT");
    let app = "de5076a5-71aa-4a4a-a35f-bdb424af5658";
    assert_eq!(invoice.app_id.as_deref(), Some(app));
    let order = "5f166a9592e54babad01c26b243b69be";
    assert_eq!(invoice.order_id.as_deref(), Some(order));
    assert_eq!((&invoice.network, &invoice.address), (&None, &None));
    assert_eq!(invoice.pay_amount, some("0"));
    assert_eq!(invoice.exchange_rate, some("0"));
    assert_eq!(invoice.paid_amount, some("0"));
    assert_eq!(invoice.chosen_amount(), None);
    assert_eq!(invoice.pay_currency.as_deref(), Some("USDT"));
    assert_eq!(invoice.price_amount, some("100"));
    assert_eq!(invoice.price_currency.as_deref(), Some("USD"));
    assert_eq!(invoice.create_time, time("2023-05-05T03:35:19Z"));
    assert_eq!(invoice.expiration_time, time("2023-05-05T03:55:19Z"));
    assert_eq!(invoice.confirm_speed, Some(ConfirmSpeed::Medium));
    assert_eq!(invoice.status, Some(InvoiceStatus::New));
    assert_eq!(invoice.error_status, Some(ErrorStatus::None));
    let link = "https://app.unipayment.io/i/KrRnGKYgy8vXvqXtscG4AT";
    assert_eq!(invoice.invoice_url.as_deref(), Some(link));
    assert_eq!(invoice.payment_method_type, None);
    assert!(invoice.transactions.is_empty());
}

#[tokio::test]
async fn an_invoice_of_v1() {
    let (_server, client) = client(Era::Hmac).await;
    let request = request(&client, Era::Hmac);
    check_v1(&client.create_invoice(&request).await.unwrap());
    check_v1(&client.invoice(known_id(Era::Hmac)).await.unwrap());
    let page = client.invoices(&InvoiceFilter::default()).await.unwrap();
    assert_eq!((page.page_no, page.page_index), (Some(1), None));
    assert_eq!((page.total, page.page_count), (Some(1), Some(1)));
    let [invoice] = page.models.as_slice() else {
        panic!("{page:?}");
    };
    check_v1(invoice);
}

#[tokio::test]
async fn an_invoice_of_v1_with_numbers_for_words() {
    let (server, client) = client(Era::Hmac).await;
    server.misbehave(CREATE, Misbehaviour::Body(V1_CREATED_2022.to_owned()));
    let app = "cee1b9e2-d90c-4b63-9824-d621edb38012";
    let request = CreateInvoice::new(app, "ORDER_123456", decimal("2"), "USD");
    let invoice = client.create_invoice(&request).await.unwrap();
    assert_eq!(invoice.invoice_id, "Dj2mNCXXWCGKT89kcU8NJn");
    assert_eq!(invoice.app_id.as_deref(), Some(app));
    assert_eq!(invoice.price_amount, some("2"));
    assert_eq!(invoice.pay_currency, None);
    assert_eq!(invoice.create_time, time("2022-09-14T06:31:57Z"));
    assert_eq!(invoice.expiration_time, time("2022-09-14T06:36:57Z"));
    assert_eq!(invoice.confirm_speed, Some(ConfirmSpeed::Medium));
    assert_eq!(invoice.status, Some(InvoiceStatus::New));
    assert_eq!(invoice.error_status, Some(ErrorStatus::None));
    let link = "https://sandbox-app.unipayment.io/i/Dj2mNCXXWCGKT89kcU8NJn";
    assert_eq!(invoice.pay_link(), Some(link));
}

#[tokio::test]
async fn an_invoice_of_v2() {
    let (_server, client) = client(Era::OAuth).await;
    let request = request(&client, Era::OAuth);
    let created = client.create_invoice(&request).await.unwrap();
    assert_eq!(created.invoice_id, "V2s88VEcyK4o9c8r999qWR");
    let app = "a22a62d1-3b64-4cb5-9336-9c45afd91e6e";
    assert_eq!(created.app_id.as_deref(), Some(app));
    assert_eq!(
        created.payment_method_type,
        Some(PaymentMethodType::Unknown)
    );
    let order = "62986426-d37c-452b-98cf-039c785f3d86";
    assert_eq!(created.order_id.as_deref(), Some(order));
    assert_eq!(created.price_amount, some("2"));
    assert_eq!(created.price_currency.as_deref(), Some("USD"));
    assert_eq!((&created.network, &created.address), (&None, &None));
    assert_eq!(
        (created.pay_amount, &created.pay_currency),
        (some("0"), &None)
    );
    assert_eq!(created.exchange_rate, some("0"));
    assert_eq!(created.paid_amount, some("0"));
    assert_eq!(created.refunded_price_amount, some("0"));
    assert_eq!(created.create_time, time("2024-07-31T07:53:08Z"));
    assert_eq!(created.expiration_time, time("2024-07-31T08:13:08Z"));
    assert_eq!(created.confirm_speed, Some(ConfirmSpeed::Medium));
    assert_eq!(created.status, Some(InvoiceStatus::New));
    assert_eq!(created.error_status, Some(ErrorStatus::None));
    let link = "https://sandbox-app.unipayment.io/i/V2s88VEcyK4o9c8r999qWR";
    assert_eq!(created.pay_link(), Some(link));

    let read = client.invoice(known_id(Era::OAuth)).await.unwrap();
    assert_eq!(read, created);
}
