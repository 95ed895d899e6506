//! What is sent, as it lies on the wire: the members that the documents name with the JSON types that
//! they show, and no others. (That each is a signed POST is checked by the server itself.)

use std::time::Duration;

use paymux::{
    CatalogScope, ErrorKind, InvoiceId, NewDepositAddress, Outcome, PaymentProvider, PayoutId,
};
use paymux_tests::halo_server::{
    ACCOUNT_BALANCE, APP_TOKEN_LIST, EXCHANGE_RATES, HaloServer, ORDER_CREATE, ORDER_DETAIL,
    PAYOUT_CREATE, PAYOUT_DETAIL, QR_CODE_CREATE, TOKEN_LIST,
};
use paymux_tests::harness::ADDRESS;
use paymux_tests::wire_server::WireRequest;
use serde_json::{Value, json};

use crate::documented_answers::{ORDER, PAYOUT, TRADE_NO, provider_of};
use crate::documented_invoices::{order, payout};
use crate::shop::decimal;

fn body(request: &WireRequest) -> Value {
    serde_json::from_slice(&request.body).expect("the body is JSON")
}

/// The bodies of the calls to a path.
fn bodies(server: &HaloServer, path: &str) -> Vec<Value> {
    server.requests_to(path).iter().map(body).collect()
}

#[tokio::test]
async fn order_create_in_fiat() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let request = order()
        .with_callback_url("https://shop.example/hook?a=b&c=<d>")
        .with_description("a hint that the gateway has no member for")
        .with_return_url("https://shop.example/thanks")
        .with_metadata("cart", "7");
    provider.create_invoice(&request).await.unwrap();
    let expected = json!({
        "out_trade_no": ORDER,
        "currency_id": 76,
        "fiat_name": "USD",
        "fiat_amount": "5",
        "callback_url": "https://shop.example/hook?a=b&c=<d>",
        "time_out": 0,
    });
    assert_eq!(bodies(&server, ORDER_CREATE), [expected]);
}

#[tokio::test]
async fn order_create_in_the_token_itself() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let mut request = order().with_expires_in(Duration::from_secs(900));
    request.price = "16.556743 TRX".parse().unwrap();
    let now = chrono::Utc::now().timestamp();
    let created = provider.create_invoice(&request).await.unwrap();
    assert_eq!(created.price().unwrap().to_string(), "16.556743 TRX");

    let mut sent = bodies(&server, ORDER_CREATE).remove(0);
    let time_out = sent["time_out"].take().as_i64().unwrap();
    assert!((now + 900..now + 960).contains(&time_out), "{time_out}");
    let expected = json!({
        "out_trade_no": ORDER,
        "currency_id": 76,
        "token_amount": "16.556743",
        "time_out": null,
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn usdt_is_a_price_in_fiat_unless_it_is_what_is_paid_with() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let mut request = order();
    request.price = "5 USDT".parse().unwrap();
    provider.create_invoice(&request).await.unwrap();
    let sent = bodies(&server, ORDER_CREATE).remove(0);
    assert_eq!(sent["fiat_name"], "USDT");
    assert_eq!(sent["fiat_amount"], "5");
    assert_eq!(sent.get("token_amount"), None);

    // The documented answer is about TRX, so this ends as a mismatch; it is what was sent that counts.
    let request = request.with_asset("USDT@tron-nile".parse().unwrap());
    assert!(provider.create_invoice(&request).await.is_err());
    let sent = bodies(&server, ORDER_CREATE).remove(1);
    assert_eq!(sent["token_amount"], "5");
    assert_eq!(sent.get("fiat_name"), None);
    assert_eq!(sent.get("fiat_amount"), None);
}

#[tokio::test]
async fn money_is_a_string_of_plain_digits() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    for (amount, sent) in [
        ("0.01", "0.01"),
        ("1234567.890", "1234567.89"),
        ("100", "100"),
        ("0.0000001", "0.0000001"),
    ] {
        let mut request = order();
        request.price.amount = decimal(amount);
        provider.create_invoice(&request).await.unwrap();
        let last = bodies(&server, ORDER_CREATE).pop().unwrap();
        assert_eq!(last["fiat_amount"], sent);
    }
}

#[tokio::test]
async fn reads_by_trade_no() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let id = InvoiceId::new(TRADE_NO).unwrap();
    provider.fetch_invoice(&id).await.unwrap();
    let id = PayoutId::new(PAYOUT).unwrap();
    let payouts = provider.payouts().unwrap();
    payouts.fetch_payout(&id).await.unwrap();
    assert_eq!(
        bodies(&server, ORDER_DETAIL),
        [json!({"trade_no": TRADE_NO})]
    );
    assert_eq!(
        bodies(&server, PAYOUT_DETAIL),
        [json!({"trade_no": PAYOUT})]
    );
    assert_eq!(server.requests().len(), 2, "no catalogue is needed");
}

#[tokio::test]
async fn payout_create() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let payouts = provider.payouts().unwrap();
    payouts.create_payout(&payout()).await.unwrap();
    let request = payout()
        .with_otp("123456".into())
        .with_callback_url("https://shop.example/hook?tenant=7");
    payouts.create_payout(&request).await.unwrap();

    let mut sent = bodies(&server, PAYOUT_CREATE);
    let callback_url = sent[1]["callback_url"].take();
    let callback_url = callback_url.as_str().unwrap();
    let correlation = "https://shop.example/hook?tenant=7&paymux_ref=ref-1&paymux_tag=";
    let tag = callback_url.strip_prefix(correlation).expect(callback_url);
    // Documented with the adapter: the first 16 hex digits of an HMAC over the reference.
    let key = paymux_tests::halo_server::APP_KEY;
    let full = paymux_tests::halo_server::sign(key, b"paymux-ref:ref-1", "");
    assert_eq!(tag, &full[..16]);
    let bare = json!({"currency_id": 75, "amount": "0.001", "to_address": ADDRESS});
    let mut with_all = bare.clone();
    with_all["callback_url"] = Value::Null;
    with_all["google_code"] = "123456".into();
    assert_eq!(sent, [bare, with_all]);
}

#[tokio::test]
async fn the_powers_that_read_and_the_permanent_address() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let jst = "JST@tron-nile".parse().unwrap();
    let price = "5.50 EUR".parse().unwrap();
    let quotes = provider.quotes().unwrap();
    quotes.quote(&price, &jst).await.unwrap();
    let balances = provider.balances().unwrap();
    balances.fetch_balances(Some(&jst)).await.unwrap();
    let catalog = provider.catalog().unwrap();
    catalog.assets(CatalogScope::All).await.unwrap();
    let addresses = provider.deposit_addresses().unwrap();
    let any = NewDepositAddress::new("till", jst);
    let some = any.clone().with_amount(decimal("1.5"));
    for request in [any, some] {
        addresses.create_deposit_address(&request).await.unwrap();
    }

    let rate = json!({"currency_id": 46, "fiat_name": "EUR", "fiat_amount": "5.5"});
    assert_eq!(bodies(&server, EXCHANGE_RATES), [rate]);
    assert_eq!(
        bodies(&server, ACCOUNT_BALANCE),
        [json!({"currency_id": 46})]
    );
    assert_eq!(
        bodies(&server, QR_CODE_CREATE),
        [
            json!({"name": "till", "currency_id": 46, "amount": "0"}),
            json!({"name": "till", "currency_id": 46, "amount": "1.5"}),
        ]
    );
    // The token lists take no members, and what is signed is an empty object.
    for path in [TOKEN_LIST, APP_TOKEN_LIST] {
        for request in server.requests_to(path) {
            assert_eq!(request.body, b"{}");
        }
    }
    assert_eq!(server.requests_to(TOKEN_LIST).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_honoured_is_not_sent() {
    let server = HaloServer::start().await;
    let provider = provider_of(&server);
    let payouts = provider.payouts().unwrap();

    let mut in_francs = order();
    in_francs.price = "5 XAF".parse().unwrap();
    let mut too_fine = order();
    too_fine.price = "1.0000001 TRX".parse().unwrap();
    let mut any_asset = order();
    any_asset.asset = None;
    let unknown_asset = order().with_asset("BTC@bitcoin".parse().unwrap());
    for (request, kind) in [
        (in_francs, ErrorKind::InvalidRequest),
        (too_fine, ErrorKind::InvalidRequest),
        (any_asset, ErrorKind::Unsupported),
        (unknown_asset, ErrorKind::Unsupported),
    ] {
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }

    let mut too_fine = payout();
    too_fine.amount = decimal("0.0000001");
    let mut elsewhere = payout();
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".clone_into(&mut elsewhere.to);
    for (request, kind) in [
        (too_fine, ErrorKind::InvalidRequest),
        (elsewhere, ErrorKind::InvalidRequest),
        (payout().with_memo("7"), ErrorKind::Unsupported),
    ] {
        let error = payouts.create_payout(&request).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert_eq!(error.reference().unwrap().as_str(), "ref-1");
    }
    for path in [ORDER_CREATE, PAYOUT_CREATE] {
        assert!(server.requests_to(path).is_empty());
    }
}

/// A call as it would be typed, to see that the server refuses what the documents do not allow.
async fn status_of(server: &HaloServer, method: &str, headers: &[(&str, &str)]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let address = server.url().trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut head = format!("{method} {TOKEN_LIST} HTTP/1.1\r\ncontent-length: 2\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let request = format!("{head}\r\n{{}}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_server_of_documented_answers_is_strict() {
    use paymux_tests::halo_server::{APP_ID, APP_KEY, sign};

    let server = HaloServer::start().await;
    let now = chrono::Utc::now().timestamp();
    let at = |seconds: i64| {
        let timestamp = (now + seconds).to_string();
        let signature = sign(APP_KEY, b"{}", &timestamp);
        (timestamp, signature)
    };
    let (timestamp, signature) = at(0);
    let right = [
        ("content-type", "application/json"),
        ("X-Appid", APP_ID),
        ("X-Timestamp", timestamp.as_str()),
        ("X-Sign", signature.as_str()),
    ];
    assert_eq!(status_of(&server, "POST", &right).await, "200");
    assert_eq!(status_of(&server, "GET", &right).await, "400");

    let with = |name: &str, value: &'static str| {
        let place = right.iter().position(|(own, _)| *own == name).unwrap();
        let mut headers = right.to_vec();
        headers[place].1 = value;
        headers
    };
    let upper_case = signature.to_uppercase();
    let (old_time, old_signature) = at(-600);
    let mut wrong = vec![
        with("content-type", "text/plain"),
        with("X-Appid", "another"),
        with("X-Sign", "00"),
        with("X-Timestamp", "1"),
    ];
    for (name, _) in right {
        let without = right.iter().filter(|(own, _)| *own != name);
        wrong.push(without.copied().collect());
        let twice = right.iter().filter(|(own, _)| *own == name);
        wrong.push(right.iter().chain(twice).copied().collect());
    }
    wrong.push([&right[..3], &[("X-Sign", upper_case.as_str())]].concat());
    let old = [
        ("X-Timestamp", old_time.as_str()),
        ("X-Sign", old_signature.as_str()),
    ];
    wrong.push([&right[..2], &old].concat());
    for headers in wrong {
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let status = status_of(&server, "POST", &headers).await;
        assert_eq!(status, "400", "{names:?}");
    }
}
