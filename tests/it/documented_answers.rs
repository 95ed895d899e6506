//! The documented bodies, through the native client: every documented member, with its exact value.

use paymux::native_checkout::model::{
    CreateOrder, CreatePayout, CreateQrCode, ExchangeRateQuery, OrderStatus, PayoutStatus,
};
use paymux::native_checkout::{Client, NativeCheckout};
use paymux::{ErrorKind, Outcome};
use paymux_tests::halo_server::{
    APP_ID, APP_KEY, HaloServer, JST, ORDER_DETAIL, PAYOUT_CREATE, TRX, USDT,
};
use paymux_tests::harness::ADDRESS;
use paymux_tests::wire_server::Misbehaviour;
use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::shop::decimal;

pub(crate) const TRADE_NO: &str = "20260317173635066d54f5b6c7269d41";
pub(crate) const ORDER: &str = "ORDER_1773740195363";
pub(crate) const PAYOUT: &str = "202603171748020a09cbb09b4846bc99";

pub(crate) fn provider_of(server: &HaloServer) -> NativeCheckout {
    NativeCheckout::builder()
        .with_base_url(server.url())
        .with_app_id(APP_ID)
        .with_app_key(SecretString::from(APP_KEY))
        .build()
        .unwrap()
}

async fn client() -> (HaloServer, Client) {
    let server = HaloServer::start().await;
    let client = provider_of(&server).client().clone();
    (server, client)
}

fn some(digits: &str) -> Option<Decimal> {
    Some(decimal(digits))
}

#[tokio::test]
async fn order_create() {
    let (_server, client) = client().await;
    let request = CreateOrder::in_fiat(ORDER, TRX, "USD", decimal("5"));
    let order = client.create_order(&request).await.unwrap();
    assert_eq!(order.trade_no, TRADE_NO);
    assert_eq!(order.chain, "Tron");
    assert_eq!(order.token, "TRX");
    assert_eq!(order.contract, "TRX");
    assert_eq!(order.amount.to_string(), "16.556743");
    assert_eq!(order.mode, "address");
    assert_eq!(order.pay_address, "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY...");
    assert_eq!(order.time_expire, Some(1_773_741_995));
    assert_eq!(order.decimal, Some(6));
    assert_eq!(order.chain_id, Some(3_448_148_188));
    assert_eq!(order.equity, Some(1));
    assert_eq!(order.create_time, Some(1_773_740_196));
    assert_eq!(order.amount_collected, Some(Decimal::ZERO));
    assert_eq!(order.need_confirms, Some(0));
    assert_eq!(order.already_confirms, Some(0));
    let page = "https://checkout.pay.halochat.io/20260317173635066d54f5b6c7269d41";
    assert_eq!(order.entrust_url.as_deref(), Some(page));
    assert_eq!(order.referer, None);
    // Only the detail has these.
    assert_eq!((order.out_trade_no, order.status), (None, None));
    assert_eq!((order.fiat_name, order.fiat_amount), (None, None));

    let chain = order.chain_info.unwrap();
    assert_eq!(chain.token, "TRX");
    assert_eq!(chain.abi, "");
    assert_eq!(chain.rpc, "https://nile.trongrid.io");
    assert_eq!(chain.browser_url, "https://nile.tronscan.org/#/transaction");
    assert_eq!(chain.decimal, Some(6));
    assert!(
        chain
            .logo
            .ends_with("45d1f4b5-b80f-4331-af78-ec557f97d832.png")
    );
    assert_eq!(chain.series, "Tron");
    assert_eq!(chain.monitor_chain_id, Some(3_448_148_188));
}

#[tokio::test]
async fn order_detail() {
    let (_server, client) = client().await;
    let order = client.order(TRADE_NO).await.unwrap();
    assert_eq!(order.trade_no, TRADE_NO);
    assert_eq!(order.out_trade_no.as_deref(), Some(ORDER));
    assert_eq!(order.fiat_name.as_deref(), Some("USD"));
    assert_eq!(order.fiat_amount, some("5"));
    assert_eq!(order.amount, decimal("16.556743"));
    assert_eq!(order.status, Some(OrderStatus::ToBePaid));
    assert_eq!(order.amount_collected, Some(Decimal::ZERO));
    assert_eq!(order.time_expire, Some(1_773_741_995));
    assert_eq!(order.create_time, Some(1_773_740_196));
    assert_eq!((order.entrust_url, order.referer), (None, None));
    let chain = order.chain_info.unwrap();
    assert_eq!((chain.logo.as_str(), chain.series.as_str()), ("", ""));
    assert_eq!(chain.monitor_chain_id, Some(0));
}

#[tokio::test]
async fn exchange_rates() {
    let (_server, client) = client().await;
    let query = ExchangeRateQuery::new(JST, "USD", decimal("5"));
    let rate = client.exchange_rate(&query).await.unwrap();
    assert_eq!(rate.amount, decimal("0.00001971"));
    assert_eq!(rate.exchange_rate, some("100"));
}

#[tokio::test]
async fn app_token_list() {
    let (_server, client) = client().await;
    let tokens = client.app_tokens().await.unwrap();
    let jst = &tokens[0];
    assert_eq!(jst.currency_id, JST);
    assert_eq!((jst.chain.as_str(), jst.network.as_str()), ("Tron", "Nile"));
    assert_eq!(jst.token, "JST");
    assert_eq!(jst.contract, "TF17BgPaZYbxxxxhriubPDsA7ArKoLX3");
    assert_eq!(jst.chain_id, Some(3_448_148_188));
    assert!(jst.logo.ends_with("xxx-c3f3-4d5d-a9b5-0143d78326f9.png"));
    assert_eq!(jst.decimal, Some(18));
    assert_eq!(jst.balance, some("0.785074013"));
    assert_eq!(jst.operable_balance, some("0.785074013"));
    assert_eq!(jst.frozen_amount, some("0"));
    assert_eq!(jst.status, Some(1));
    assert_eq!(jst.transaction_enabled, Some(true));
    assert!(jst.is_enabled());
}

#[tokio::test]
async fn token_list() {
    let (_server, client) = client().await;
    let tokens = client.tokens().await.unwrap();
    let jst = &tokens[0];
    assert_eq!(jst.currency_id, JST);
    assert_eq!((jst.chain.as_str(), jst.network.as_str()), ("Tron", "Nile"));
    assert_eq!(jst.token, "JST");
    assert_eq!(jst.contract, "TF17BgPaZYbxxxxhriubPDsA7ArKoLX3");
    assert_eq!(jst.chain_id, Some(3_448_148_188));
    assert!(jst.logo.starts_with("https://halo-n.oss-ap-southeast-1."));
    assert_eq!(jst.decimal, Some(18));
    let ids: Vec<u64> = tokens.iter().map(|token| token.currency_id).collect();
    assert_eq!(ids, [JST, TRX, USDT]);
}

#[tokio::test]
async fn payout_create() {
    let (_server, client) = client().await;
    let request = CreatePayout::new(USDT, decimal("0.001"), ADDRESS);
    let payout = client.create_payout(&request).await.unwrap();
    assert_eq!(payout.trade_no, "202603171746187e582d1b789b27ea55");
    assert_eq!(payout.cost, some("0.801502"));
    assert_eq!(payout.actual_receipt, decimal("0.001"));
    assert_eq!(payout.estimated_transfer, some("0"));
}

#[tokio::test]
async fn payout_detail() {
    let (_server, client) = client().await;
    let payout = client.payout(PAYOUT).await.unwrap();
    assert_eq!(payout.trade_no, PAYOUT);
    assert_eq!(payout.service_charge, some("0.000002"));
    assert_eq!(payout.gas, some("0.8015"));
    assert_eq!(payout.amount, decimal("0.001"));
    assert_eq!(payout.status, PayoutStatus::Transfer);
    let target = payout.target_address.as_deref();
    assert_eq!(target, Some("TDYiTL3pke3T9BsoTotbKb922WsXQCmS..."));
    assert_eq!(payout.start_time, Some(1_773_740_882));
    assert_eq!(payout.created_time, Some(1_773_740_882));
    assert_eq!(payout.token, "DK7bKg181cC7pBgX3PxSIH2WdklZ5IPT");
}

#[tokio::test]
async fn account_balance() {
    let (_server, client) = client().await;
    let balance = client.balance(JST).await.unwrap();
    assert_eq!(balance.currency_id, JST);
    assert_eq!(balance.balance, decimal("0.785074013"));
    assert_eq!(balance.operable_balance, decimal("0.785074013"));
    assert_eq!(balance.operable_balance_usdt, some("0.043642"));
    assert_eq!(balance.balance_usdt, some("0.043642"));
    assert_eq!(balance.chain, "Tron");
    assert_eq!(balance.network, "Nile");
    assert_eq!(balance.token, "JST");
    assert_eq!(balance.contract, "TF17BgPaZYbz8oxbjhriubPDsA7ArKoLX3");
}

#[tokio::test]
async fn payment_qr_code_create() {
    let (_server, client) = client().await;
    let code = client.create_qr_code(&CreateQrCode::new("till", JST)).await;
    let code = code.unwrap();
    assert_eq!(code.id, 115);
    assert_eq!(code.address, "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP");
}

#[tokio::test]
async fn a_signed_answer_is_proven_and_a_wrong_signature_refused() {
    let server = HaloServer::start().await.signing_answers();
    let client = provider_of(&server).client().clone();
    client.order(TRADE_NO).await.unwrap();
    server.misbehave(ORDER_DETAIL, Misbehaviour::WrongSignature);
    let error = client.order(TRADE_NO).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert_eq!(error.outcome(), Outcome::NotSent);

    server.misbehave(PAYOUT_CREATE, Misbehaviour::WrongSignature);
    let request = CreatePayout::new(USDT, decimal("0.001"), ADDRESS);
    let error = client.create_payout(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.requests_to(PAYOUT_CREATE).len(), 1);
}

#[tokio::test]
async fn a_refusal_keeps_code_and_message() {
    let (server, client) = client().await;
    let refusal = r#"{"code": 40213, "msg": "order does not exist", "data": null}"#;
    server.misbehave(ORDER_DETAIL, Misbehaviour::Body(refusal.to_owned()));
    let error = client.order(TRADE_NO).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.code(), Some("40213"));
    assert!(error.message().contains("order does not exist"), "{error}");
    assert_eq!(server.requests_to(ORDER_DETAIL).len(), 1);
}

/// One documented answer with one thing about it that documents elsewhere show otherwise, or that
/// will be there one day.
#[tokio::test]
async fn what_documents_show_otherwise_is_read_too() {
    let (server, client) = client().await;
    let documented = include_str!("../fixtures/native_checkout_order_detail.json");
    for (was, is) in [
        (r#""amount_collected": "0""#, r#""amount_collected": """#),
        (r#""chain_id": 3448148188"#, r#""chain_id": "3448148188""#),
        (r#""amount": "16.556743""#, r#""amount": 16.556743"#),
        (r#""equity": 1,"#, ""),
        (r#""referer": """#, r#""referer": null"#),
        (
            r#""mode": "address""#,
            r#""mode": "qr", "added_later": {"a": [1]}"#,
        ),
    ] {
        assert!(documented.contains(was), "{was}");
        let body = documented.replace(was, is);
        server.misbehave(ORDER_DETAIL, Misbehaviour::Body(body));
        let order = client.order(TRADE_NO).await;
        let order = order.unwrap_or_else(|error| panic!("{is}: {error}"));
        assert_eq!(order.amount, decimal("16.556743"), "{is}");
        assert_eq!(order.amount_collected, Some(Decimal::ZERO), "{is}");
        assert_eq!(order.chain_id, Some(3_448_148_188), "{is}");
    }
}

#[tokio::test]
async fn amounts_that_would_be_rounded_are_refused() {
    let (server, client) = client().await;
    let documented = include_str!("../fixtures/native_checkout_order_detail.json");
    for amount in ["0.12345678901234567890123456789", "1e-40", "1_0", "NaN", ""] {
        let body = documented.replace("16.556743", amount);
        server.misbehave(ORDER_DETAIL, Misbehaviour::Body(body));
        let error = client.order(TRADE_NO).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{amount}");
    }
}
