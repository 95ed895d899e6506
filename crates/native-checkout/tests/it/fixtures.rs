//! The documents' own examples, served byte for byte.

use paymux_core::{
    CatalogScope, InvoiceStatus, PaymentProvider, PayoutStatus as CorePayoutStatus, RawWebhook,
};
use paymux_native_checkout::model::{
    CreateOrder, CreatePayout, CreateQrCode, ExchangeRateQuery, OrderStatus, PayoutStatus,
};
use paymux_native_checkout::{NativeInvoice, Signer, WebhookVerifier};

use crate::provider_of;
use paymux_test_bench::RawServer;

fn fixture(path: &str) -> &'static str {
    match path {
        "/api/order/create" => include_str!("../fixtures/order_create.json"),
        "/api/order/detail" => include_str!("../fixtures/order_detail.json"),
        "/api/order/exchange-rates" => include_str!("../fixtures/exchange_rates.json"),
        "/api/currency/app-token-list" => include_str!("../fixtures/app_token_list.json"),
        "/api/currency/token-list" => include_str!("../fixtures/token_list.json"),
        "/api/payout/create" => include_str!("../fixtures/payout_create.json"),
        "/api/payout/detail" => include_str!("../fixtures/payout_detail.json"),
        "/api/account/balance" => include_str!("../fixtures/account_balance.json"),
        "/api/payment-qr-code/create" => include_str!("../fixtures/payment_qr_code_create.json"),
        other => panic!("no such endpoint: {other}"),
    }
}

async fn documents() -> RawServer {
    RawServer::answering(|request| fixture(&request.path).to_owned()).await
}

#[tokio::test]
async fn every_example_is_read_with_every_member() {
    let server = documents().await;
    let provider = provider_of(&server);
    let client = provider.client();

    let order = CreateOrder::in_fiat("ORDER_1773740195363", 76, "USD", "5.00".parse().unwrap());
    let order = client.create_order(&order).await.unwrap();
    assert_eq!(order.trade_no, "20260317173635066d54f5b6c7269d41");
    assert_eq!(
        (order.chain.as_str(), order.token.as_str()),
        ("Tron", "TRX")
    );
    assert_eq!(order.contract, "TRX");
    assert_eq!(order.amount.to_string(), "16.556743");
    assert_eq!(order.mode, "address");
    assert_eq!(order.pay_address, "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY...");
    assert_eq!(order.time_expire, Some(1_773_741_995));
    assert_eq!(
        (order.decimal, order.chain_id),
        (Some(6), Some(3_448_148_188))
    );
    assert_eq!(
        (order.equity, order.create_time),
        (Some(1), Some(1_773_740_196))
    );
    assert_eq!(order.amount_collected.unwrap().to_string(), "0");
    assert_eq!(
        (order.need_confirms, order.already_confirms),
        (Some(0), Some(0))
    );
    assert!(
        order
            .entrust_url
            .unwrap()
            .ends_with("/20260317173635066d54f5b6c7269d41")
    );
    assert_eq!(
        (order.referer, order.status, order.out_trade_no),
        (None, None, None)
    );
    let chain = order.chain_info.unwrap();
    assert_eq!((chain.token.as_str(), chain.abi.as_str()), ("TRX", ""));
    assert_eq!(chain.rpc, "https://nile.trongrid.io");
    assert_eq!(chain.browser_url, "https://nile.tronscan.org/#/transaction");
    assert_eq!((chain.decimal, chain.series.as_str()), (Some(6), "Tron"));
    assert_eq!(chain.monitor_chain_id, Some(3_448_148_188));
    assert!(chain.logo.ends_with(".png"));

    let order = client
        .order("20260317173635066d54f5b6c7269d41")
        .await
        .unwrap();
    assert_eq!(order.out_trade_no.as_deref(), Some("ORDER_1773740195363"));
    assert_eq!(order.fiat_name.as_deref(), Some("USD"));
    assert_eq!(order.fiat_amount.unwrap().to_string(), "5");
    assert_eq!(order.status, Some(OrderStatus::ToBePaid));
    assert_eq!(order.entrust_url, None);

    let rate = ExchangeRateQuery::new(68, "USD", "5".parse().unwrap());
    let rate = client.exchange_rate(&rate).await.unwrap();
    assert_eq!(rate.amount.to_string(), "0.00001971");
    assert_eq!(rate.exchange_rate.unwrap().to_string(), "100");

    let tokens = client.app_tokens().await.unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!(
        (tokens[0].currency_id, tokens[0].token.as_str()),
        (46, "JST")
    );
    assert_eq!(tokens[0].network, "Nile");
    assert_eq!(tokens[0].balance.unwrap().to_string(), "0.785074013");
    assert_eq!(
        tokens[0].operable_balance.unwrap().to_string(),
        "0.785074013"
    );
    assert_eq!(tokens[0].frozen_amount.unwrap().to_string(), "0");
    assert_eq!(tokens[0].transaction_enabled, Some(true));
    assert!(tokens[0].is_enabled());

    let tokens = client.tokens().await.unwrap();
    assert_eq!((tokens[0].currency_id, tokens[0].decimal), (46, Some(18)));
    assert_eq!(tokens[0].contract, "TF17BgPaZYbxxxxhriubPDsA7ArKoLX3");

    let payout = CreatePayout::new(46, "0.001".parse().unwrap(), "T");
    let payout = client.create_payout(&payout).await.unwrap();
    assert_eq!(payout.trade_no, "202603171746187e582d1b789b27ea55");
    assert_eq!(payout.cost.unwrap().to_string(), "0.801502");
    assert_eq!(payout.actual_receipt.to_string(), "0.001");
    assert_eq!(payout.estimated_transfer.unwrap().to_string(), "0");

    let payout = client
        .payout("202603171748020a09cbb09b4846bc99")
        .await
        .unwrap();
    assert_eq!(payout.status, PayoutStatus::Transfer);
    assert_eq!(payout.service_charge.unwrap().to_string(), "0.000002");
    assert_eq!(payout.gas.unwrap().to_string(), "0.8015");
    assert_eq!(
        (payout.start_time, payout.created_time),
        (Some(1_773_740_882), Some(1_773_740_882))
    );
    assert_eq!(payout.token, "DK7bKg181cC7pBgX3PxSIH2WdklZ5IPT");

    let balance = client.balance(46).await.unwrap();
    assert_eq!(
        balance.operable_balance_usdt.unwrap().to_string(),
        "0.043642"
    );
    assert_eq!(balance.balance_usdt.unwrap().to_string(), "0.043642");

    let code = client
        .create_qr_code(&CreateQrCode::new("till", 46))
        .await
        .unwrap();
    assert_eq!(
        (code.id, code.address.as_str()),
        (115, "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP")
    );
}

#[tokio::test]
async fn requests_have_the_documented_members_and_types() {
    let server = documents().await;
    let provider = provider_of(&server);
    let client = provider.client();
    let order = CreateOrder::in_fiat("o\"1é", 76, "USD", "1.20".parse().unwrap())
        .with_callback_url(Some("https://shop.example/?a=1&b=2".to_owned()))
        .with_time_out(1_700_000_000);
    client.create_order(&order).await.unwrap();
    let order = CreateOrder::in_token("o2", 76, "0.000001".parse().unwrap());
    client.create_order(&order).await.unwrap();
    client.order("T1").await.unwrap();
    client.app_tokens().await.unwrap();
    client.tokens().await.unwrap();
    let payout =
        CreatePayout::new(46, "10".parse().unwrap(), "TX").with_google_code(Some("123456".into()));
    client.create_payout(&payout).await.unwrap();
    client.balance(46).await.unwrap();
    client
        .create_qr_code(&CreateQrCode::new("till", 46))
        .await
        .unwrap();

    let bodies: Vec<String> = server
        .received()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(
        bodies,
        [
            r#"{"out_trade_no":"o\"1é","currency_id":76,"fiat_name":"USD","fiat_amount":"1.2","callback_url":"https://shop.example/?a=1&b=2","time_out":1700000000}"#,
            r#"{"out_trade_no":"o2","currency_id":76,"token_amount":"0.000001","time_out":0}"#,
            r#"{"trade_no":"T1"}"#,
            "{}",
            "{}",
            r#"{"currency_id":46,"amount":"10","to_address":"TX","google_code":"123456"}"#,
            r#"{"currency_id":46}"#,
            r#"{"name":"till","currency_id":46,"amount":"0"}"#,
        ]
    );
    for request in server.received() {
        assert!(request.head.starts_with("POST /api/"), "{}", request.head);
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("x-appid"), Some("app-1"));
        let at = request.header("x-timestamp").unwrap();
        let at = chrono::DateTime::from_timestamp(at.parse().unwrap(), 0).unwrap();
        let signer = Signer::new("app-1", "made-up-key".into()).unwrap();
        let expected = signer.sign(request.body.as_bytes(), at).unwrap();
        assert_eq!(request.header("x-sign"), Some(expected.sign.as_str()));
    }
}

#[tokio::test]
async fn an_order_is_an_invoice() {
    let server = documents().await;
    let provider = provider_of(&server);
    let id = "20260317173635066d54f5b6c7269d41".parse().unwrap();
    let invoice = provider.fetch_invoice(&id).await.unwrap();
    assert_eq!(
        serde_json::to_string_pretty(invoice.snapshot()).unwrap(),
        r#"{
  "provider": "native-checkout",
  "id": "20260317173635066d54f5b6c7269d41",
  "order_id": "ORDER_1773740195363",
  "status": "pending",
  "exceptions": [],
  "price": {
    "amount": "5",
    "currency": "USD"
  },
  "due": {
    "amount": "16.556743",
    "asset": "TRX@tron-nile"
  },
  "received": {
    "amount": "0",
    "asset": "TRX@tron-nile"
  },
  "remaining": {
    "amount": "16.556743",
    "asset": "TRX@tron-nile"
  },
  "excess": {
    "amount": "0",
    "asset": "TRX@tron-nile"
  },
  "destination": {
    "address": "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY...",
    "network": "tron-nile",
    "memo": null
  },
  "checkout_url": null,
  "qr": "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY...",
  "created_at": "2026-03-17T09:36:36Z",
  "expires_at": "2026-03-17T10:06:35Z",
  "confirmations": {
    "seen": 0,
    "required": 0
  },
  "transactions": [],
  "refunded": null,
  "provider_status": "TO-BE-PAID"
}"#
    );
    let native = invoice.as_any().downcast_ref::<NativeInvoice>().unwrap();
    assert_eq!(native.order().equity, Some(1));
}

#[tokio::test]
async fn a_payout_and_the_catalogue_are_mapped() {
    let server = documents().await;
    let provider = provider_of(&server);
    let id = "202603171748020a09cbb09b4846bc99".parse().unwrap();
    let payout = provider.payouts().unwrap().fetch_payout(&id).await.unwrap();
    assert_eq!(payout.status(), CorePayoutStatus::Processing);
    assert_eq!(payout.fee().unwrap().to_string(), "0.801502");
    assert_eq!(payout.amount().unwrap().asset, None);
    assert_eq!(payout.destination().unwrap().network, None);
    assert_eq!(payout.created_at().unwrap().timestamp(), 1_773_740_882);

    for scope in [CatalogScope::Enabled, CatalogScope::All] {
        let assets = provider
            .catalog()
            .unwrap()
            .assets(scope)
            .await
            .unwrap()
            .items;
        assert_eq!(assets.len(), 1);
        assert_eq!(assets[0].provider_id, "46");
        assert_eq!(assets[0].asset.name().to_string(), "JST@tron-nile");
        assert_eq!(assets[0].asset.decimals, Some(18));
    }
    let balances = provider.balances().unwrap();
    let jst = "JST@tron-nile".parse().unwrap();
    for asset in [None, Some(&jst)] {
        let held = balances.fetch_balances(asset).await.unwrap().items;
        assert_eq!(held[0].asset, jst);
        assert_eq!(held[0].total.to_string(), "0.785074013");
    }
}

#[test]
fn the_webhook_of_the_documents_is_read() {
    let body = include_str!("../fixtures/webhook_payment_paid.json");
    let verifier = WebhookVerifier::new("ad4cyr8dpfs9j2u1", "key".into()).unwrap();
    let signer = Signer::new("ad4cyr8dpfs9j2u1", "key".into()).unwrap();
    let prove = |body: &str| {
        let at = "2026-03-14T06:50:15Z".parse().unwrap();
        let signed = signer.sign(body.as_bytes(), at).unwrap();
        let webhook = RawWebhook::new(body)
            .with_header("x-appid", signed.app_id)
            .with_header("x-timestamp", signed.timestamp)
            .with_header("x-sign", signed.sign)
            .with_header("x-eventtype", "Expired")
            .with_received_at(at);
        verifier.verify(&webhook)
    };
    let event = prove(body).unwrap();
    assert_eq!(
        event.dedup_key,
        "invoice:202603141449020ad66d22c5787af677:PAID:5"
    );
    let invoice = event.invoice().unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Settled);
    assert_eq!(
        invoice.order_id.as_ref().unwrap().as_str(),
        "20250101xxxxxxxxxxxxx12221c"
    );
    assert!(invoice.exceptions.is_empty());
    assert_eq!(
        (&invoice.received, &invoice.remaining, &invoice.excess),
        (&None, &None, &None)
    );
    assert_eq!(invoice.transactions.len(), 1);

    let payout = include_str!("../fixtures/webhook_payout_partial.json");
    let error = prove(payout).unwrap_err();
    assert_eq!(error.kind(), paymux_core::ErrorKind::InvalidResponse);
    assert!(
        error.message().contains("\"trade_no\" is missing"),
        "{error}"
    );
}
