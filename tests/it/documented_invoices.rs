//! The documented bodies as the provider maps them: the right values under core's names.

use paymux::native_checkout::model::OrderStatus;
use paymux::native_checkout::{NativeInvoice, NativePayout, PayoutAnswer};
use paymux::{
    AssetAmount, CatalogScope, ErrorKind, Invoice, InvoiceId, InvoiceStatus, NewDepositAddress,
    NewInvoice, NewPayout, OrderId, Outcome, PaymentProvider, PayoutId, PayoutStatus, Proof,
    RawWebhook, Reference,
};
use paymux_tests::halo_server::{APP_ID, APP_KEY, HaloServer, ORDER_CREATE, PAYOUT_CREATE, sign};
use paymux_tests::harness::ADDRESS;
use paymux_tests::wire_server::Misbehaviour;
use rust_decimal::Decimal;

use crate::documented_answers::{ORDER, PAYOUT, TRADE_NO, provider_of};
use crate::shop::decimal;

pub(crate) fn order() -> NewInvoice {
    NewInvoice::new(OrderId::new(ORDER).unwrap(), "5 USD".parse().unwrap())
        .with_asset("TRX@tron-nile".parse().unwrap())
}

pub(crate) fn payout() -> NewPayout {
    NewPayout::new(
        Reference::new("ref-1").unwrap(),
        decimal("0.001"),
        "USDT@tron-nile".parse().unwrap(),
        ADDRESS,
    )
}

fn trx(digits: &str) -> Option<AssetAmount> {
    let asset = "TRX@tron-nile".parse().unwrap();
    Some(AssetAmount::new(decimal(digits), asset))
}

/// What create and detail of the documented order both tell.
fn check_order(invoice: &dyn Invoice) {
    assert_eq!(invoice.id().as_str(), TRADE_NO);
    assert_eq!(invoice.order_id().map(OrderId::as_str), Some(ORDER));
    assert_eq!(invoice.status(), InvoiceStatus::Pending);
    assert!(invoice.exceptions().is_empty());
    assert_eq!(invoice.price().unwrap().to_string(), "5 USD");
    assert_eq!(invoice.due().cloned(), trx("16.556743"));
    // An order says "" at first and "0" later: both are nothing yet.
    assert_eq!(invoice.received().cloned(), trx("0"));
    assert_eq!(invoice.remaining().cloned(), trx("16.556743"));
    assert_eq!(invoice.excess().cloned(), trx("0"));
    let destination = invoice.destination().unwrap();
    assert_eq!(destination.address, "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY...");
    let network = destination.network.as_ref().unwrap();
    assert_eq!(network.to_string(), "tron-nile");
    assert_eq!(network.caip2(), "tron:0xcd8690dc");
    assert_eq!(destination.memo, None);
    assert_eq!(invoice.qr(), Some("THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY..."));
    let (created, expires) = (invoice.created_at().unwrap(), invoice.expires_at().unwrap());
    assert_eq!(created.to_rfc3339(), "2026-03-17T09:36:36+00:00");
    assert_eq!((expires - created).num_seconds(), 1799);
    let confirmations = invoice.confirmations().unwrap();
    assert_eq!((confirmations.seen, confirmations.required), (0, Some(0)));
    assert!(invoice.transactions().is_empty());
    assert!(!invoice.should_fulfil());
}

#[tokio::test]
async fn the_documented_order() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let created = provider.create_invoice(&order()).await.unwrap();
    check_order(created.as_ref());
    let page = "https://checkout.pay.halochat.io/20260317173635066d54f5b6c7269d41";
    assert_eq!(created.checkout_url(), Some(page));

    let id = InvoiceId::new(TRADE_NO).unwrap();
    let fetched = provider.fetch_invoice(&id).await.unwrap();
    check_order(fetched.as_ref());
    assert_eq!(fetched.checkout_url(), None);
    let word = fetched.snapshot().provider_status.as_deref();
    assert_eq!(word, Some("TO-BE-PAID"));
    let native = fetched.as_any().downcast_ref::<NativeInvoice>().unwrap();
    assert_eq!(native.order().status, Some(OrderStatus::ToBePaid));
    assert_eq!(native.order().equity, Some(1));

    // Merging the read, in which the page is empty, keeps the page.
    let mut merged = created.snapshot().clone();
    merged.observe(fetched.snapshot(), paymux::transition::Observed::Read);
    assert_eq!(merged.checkout_url.as_deref(), Some(page));
}

#[tokio::test]
async fn the_documented_payouts() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let payouts = provider.payouts().unwrap();
    let usdt = |digits: &str| {
        let asset = "USDT@tron-nile".parse().unwrap();
        Some(AssetAmount::new(decimal(digits), asset))
    };
    let created = payouts.create_payout(&payout()).await.unwrap();
    assert_eq!(created.id().as_str(), "202603171746187e582d1b789b27ea55");
    assert_eq!(created.status(), PayoutStatus::Pending);
    assert_eq!(created.reference().unwrap().as_str(), "ref-1");
    assert_eq!(created.amount().cloned(), usdt("0.001"));
    assert_eq!(created.fee().cloned(), usdt("0.801502"));
    assert_eq!(created.destination().unwrap().address, ADDRESS);

    let id = PayoutId::new(PAYOUT).unwrap();
    let fetched = payouts.fetch_payout(&id).await.unwrap();
    assert_eq!(fetched.id(), &id);
    // TRANSFER is in the example and in no list of statuses: it is under way.
    assert_eq!(fetched.status(), PayoutStatus::Processing);
    let word = fetched.snapshot().provider_status.as_deref();
    assert_eq!(word, Some("TRANSFER"));
    // Its `token` is no symbol, so of what the amounts are is not known.
    let unknown = |digits: &str| Some(AssetAmount::of_unknown(decimal(digits)));
    assert_eq!(fetched.amount().cloned(), unknown("0.001"));
    assert_eq!(fetched.fee().cloned(), unknown("0.801502"));
    let destination = fetched.destination().unwrap();
    assert_eq!(destination.address, "TDYiTL3pke3T9BsoTotbKb922WsXQCmS...");
    assert_eq!(destination.network, None);
    let created_at = fetched.created_at().unwrap().to_rfc3339();
    assert_eq!(created_at, "2026-03-17T09:48:02+00:00");
    let native = fetched.as_any().downcast_ref::<NativePayout>().unwrap();
    let PayoutAnswer::Detail(detail) = native.answer() else {
        panic!("{native:?}");
    };
    assert_eq!(detail.token, "DK7bKg181cC7pBgX3PxSIH2WdklZ5IPT");
}

#[tokio::test]
async fn the_documented_rest() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let jst = "JST@tron-nile".parse().unwrap();

    let price = "5 USD".parse().unwrap();
    let quote = provider.quotes().unwrap().quote(&price, &jst).await;
    let quote = quote.unwrap();
    assert_eq!(quote.price, price);
    let expected = AssetAmount::new(decimal("0.00001971"), jst.clone());
    assert_eq!(quote.amount, expected);
    assert_eq!(quote.rate, Some(decimal("100")));
    assert!(!quote.estimated);

    let balances = provider.balances().unwrap();
    let balance = balances.fetch_balances(Some(&jst)).await.unwrap().items;
    let [balance] = balance.as_slice() else {
        panic!("{balance:?}");
    };
    assert_eq!(balance.asset, jst);
    assert_eq!(balance.total, decimal("0.785074013"));
    assert_eq!(balance.available, decimal("0.785074013"));

    let all = balances.fetch_balances(None).await.unwrap().items;
    assert_eq!(all.len(), 3);
    assert_eq!(all[0], *balance);
    assert_eq!(all[1].asset.to_string(), "TRX@tron-nile");
    assert_eq!(
        (all[1].total, all[1].available),
        (decimal("25.5"), decimal("20"))
    );

    let request = NewDepositAddress::new("till", jst.clone());
    let addresses = provider.deposit_addresses().unwrap();
    let address = addresses.create_deposit_address(&request).await.unwrap();
    assert_eq!(address.id, "115");
    assert_eq!(address.address, "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP");
    assert_eq!(address.asset, jst);
}

#[tokio::test]
async fn the_documented_token() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    for scope in [CatalogScope::Enabled, CatalogScope::All] {
        let assets = provider
            .catalog()
            .unwrap()
            .assets(scope)
            .await
            .unwrap()
            .items;
        let jst = &assets[0];
        assert_eq!(jst.provider_id, "46");
        assert_eq!(jst.asset.name().to_string(), "JST@tron-nile");
        assert_eq!(jst.asset.decimals, Some(18));
        assert_eq!(
            jst.asset.contract.as_deref(),
            Some("TF17BgPaZYbxxxxhriubPDsA7ArKoLX3")
        );
        // The main coin has its symbol where tokens have a contract.
        assert_eq!(assets[1].asset.contract, None);
        let coin = assets[1].asset.caip19().unwrap().to_string();
        assert_eq!(coin, "tron:0xcd8690dc/slip44:195");
    }
}

/// A body as the gateway would send it now.
fn signed_webhook(body: &str) -> RawWebhook {
    let now = chrono::Utc::now();
    let timestamp = now.timestamp().to_string();
    RawWebhook::new(body)
        .with_path_and_query("/webhooks")
        .with_received_at(now)
        .with_header("X-Appid", APP_ID)
        .with_header("X-Sign", sign(APP_KEY, body.as_bytes(), &timestamp))
        .with_header("X-Timestamp", timestamp)
        .with_header("X-EventType", "Paid")
}

const WEBHOOK: &str = include_str!("../fixtures/halo_webhook_payment_paid.json");

#[tokio::test]
async fn the_documented_webhook() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let event = provider
        .verify_webhook(&signed_webhook(WEBHOOK))
        .await
        .unwrap();
    assert_eq!(event.proof, Proof::Signed);
    assert_eq!(event.reference, None);
    let invoice = event.invoice().unwrap();
    assert_eq!(invoice.id.as_str(), "202603141449020ad66d22c5787af677");
    let order_id = invoice.order_id.as_ref().unwrap();
    assert_eq!(order_id.as_str(), "20250101xxxxxxxxxxxxx12221c");
    assert_eq!(invoice.status, InvoiceStatus::Settled);
    assert!(invoice.exceptions.is_empty());
    let [transaction] = invoice.transactions.as_slice() else {
        panic!("{invoice:?}");
    };
    assert_eq!(
        transaction.hash,
        "008f81782daa47709d67bc2073ffff639035cfd17b7e4ad06f0d6ec24099c013"
    );
    // Of what its amounts are is not documented: nothing is concluded from them.
    assert_eq!(invoice.received, None);
    assert_eq!(invoice.remaining, None);
    assert_eq!(invoice.excess, None);
    assert!(server.requests().is_empty(), "proof needs no call");

    // The header that is not signed decides nothing.
    let misled = signed_webhook(WEBHOOK).with_header("X-EventType", "TIME-OUT");
    let again = provider.verify_webhook(&misled).await.unwrap();
    assert_eq!(again, event);
}

#[tokio::test]
async fn a_webhook_that_names_another_application_is_refused() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let of_another = WEBHOOK.replace(APP_ID, "anotherapp");
    let error = provider.verify_webhook(&signed_webhook(&of_another)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidSignature);
}

/// Rightly signed, and not to be read: sending it again changes nothing, and forged it is not.
#[tokio::test]
async fn a_proven_webhook_that_cannot_be_read_is_told_apart() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    for body in ["", "{", "[]", "{}", r#"{"type":"PAYMENT","status":"PAID"}"#] {
        let error = provider.verify_webhook(&signed_webhook(body)).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidResponse);
    }
    let new = r#"{"type":"REFUND","trade_no":"1","status":"PAID"}"#;
    let event = provider.verify_webhook(&signed_webhook(new)).await.unwrap();
    assert_eq!(event.subject, paymux::WebhookSubject::Other);
    assert_eq!(event.raw_body, new.as_bytes());
}

/// Of a payout's webhook no more is sure than these members.
#[tokio::test]
async fn the_least_that_a_payouts_webhook_can_tell() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    for (word, expected) in [
        ("PROGRESS", PayoutStatus::Pending),
        ("TRANSFER", PayoutStatus::Processing),
        ("CONFIRMING-PROGRESS", PayoutStatus::Confirming),
        ("PAID", PayoutStatus::Completed),
        ("FAIL", PayoutStatus::Failed),
        ("CANCEL", PayoutStatus::Canceled),
        ("SOMETHING-NEW", PayoutStatus::Unknown),
    ] {
        let body = format!(r#"{{"trade_no":"{PAYOUT}","type":"PAYOUT","status":"{word}"}}"#);
        let webhook = signed_webhook(&body);
        let event = provider.verify_webhook(&webhook).await.unwrap();
        let payout = event.payout().unwrap();
        assert_eq!((payout.id.as_str(), payout.status), (PAYOUT, expected));
        assert_eq!(payout.provider_status.as_deref(), Some(word));
        assert_eq!((&payout.amount, &payout.fee), (&None, &None));
    }
}

#[tokio::test]
async fn a_create_that_is_cut_or_refused_by_status_is_told_apart() {
    for (how, outcome) in [
        (Misbehaviour::CutAfterReading, Outcome::Unknown),
        (Misbehaviour::CutMidBody, Outcome::Unknown),
        (Misbehaviour::Status(500, ""), Outcome::Unknown),
        (Misbehaviour::Status(302, ""), Outcome::Unknown),
        (Misbehaviour::Status(403, "no"), Outcome::Rejected),
        (Misbehaviour::Body("<html>".to_owned()), Outcome::Unknown),
        (
            Misbehaviour::Body(r#"{"code":7,"msg":"no"}"#.to_owned()),
            Outcome::Rejected,
        ),
    ] {
        let server = HaloServer::start().await;
        let provider = provider_of(&server);
        for path in [ORDER_CREATE, PAYOUT_CREATE] {
            server.misbehave(path, how.clone());
        }
        let error = provider.create_invoice(&order()).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{how:?}: {error:?}");
        let payouts = provider.payouts().unwrap();
        let error = payouts.create_payout(&payout()).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{how:?}: {error:?}");
        for path in [ORDER_CREATE, PAYOUT_CREATE] {
            assert_eq!(server.requests_to(path).len(), 1, "{how:?}");
        }
    }
}

#[tokio::test]
async fn connections_that_close_at_once_lose_reads_nothing_and_creates_their_certainty() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    server.close_connections(2);
    let id = InvoiceId::new(TRADE_NO).unwrap();
    assert!(provider.fetch_invoice(&id).await.is_ok());

    provider.create_invoice(&order()).await.unwrap();
    server.close_connections(1);
    let error = provider.create_invoice(&order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.requests_to(ORDER_CREATE).len(), 1);
}

#[tokio::test]
async fn an_answer_about_something_else_is_a_mismatch() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    // JST is asked for, and the documented answer is about TRX.
    let request = order().with_asset("JST@tron-nile".parse().unwrap());
    let error = provider.create_invoice(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(error.id(), Some(TRADE_NO));

    let mut request = payout();
    request.amount = Decimal::ONE;
    let payouts = provider.payouts().unwrap();
    let error = payouts.create_payout(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(error.id(), Some("202603171746187e582d1b789b27ea55"));

    let another = InvoiceId::new("20260317173635000000000000000000").unwrap();
    let error = provider.fetch_invoice(&another).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
}
