//! What is sent, as it lies on the wire: the members that the documents name with the JSON types that
//! they show, and no others. (Path, proof and types are checked by the server itself.)

use paymux::{
    ErrorKind, InvoiceId, InvoiceQuery, InvoiceStatus, OrderId, Outcome, PaymentProvider, PayoutId,
};
use paymux_tests::unipayment_server::{
    CHECK, CREATE, Era, MD5_CREATE, MD5_QUERY, Md5Convention, PAY, UniPaymentServer, V1_NOTICE,
    WITHDRAW, token_of,
};
use paymux_unipayment::Md5Rule;
use serde_json::{Value, json};

use super::bench::{
    EVM_ADDRESS, FROM_ACCOUNT, QUERIED, builder_at, create_call, known_id, order, payment,
    provider, withdrawal,
};
use crate::shop::decimal;

fn bodies(server: &UniPaymentServer, call: &str) -> Vec<Value> {
    let requests = server.requests_to(call);
    let bodies = requests.iter().map(|request| &request.body);
    bodies
        .map(|body| serde_json::from_slice(body).expect("the body is JSON"))
        .collect()
}

fn without_sign(mut body: Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .remove("sign")
        .expect("it is signed");
    body
}

#[tokio::test]
async fn a_new_invoice_of_the_first_generation() {
    let (server, provider) = provider(Era::Md5).await;
    let request = order(Era::Md5)
        .with_callback_url("https://example.com/pay/callback?a=b&c=d")
        .with_return_url("http://example.com/pay/result")
        .with_description("a hint that this generation has no member for")
        .with_metadata("cart", "7");
    provider.create_invoice(&request).await.unwrap();
    let sent = bodies(&server, MD5_CREATE).remove(0);
    let expected = json!({
        "app_id": Era::Md5.app_id(),
        "price_amount": 10.86,
        "price_currency": "USD",
        "pay_currency": "USDT",
        "network": "NETWORK_TRX",
        "notify_url": "https://example.com/pay/callback?a=b&c=d",
        "redirect_url": "http://example.com/pay/result",
        "order_id": "ORDER_123456",
        "sign_type": "MD5",
    });
    assert_eq!(without_sign(sent), expected);
}

#[tokio::test]
async fn every_convention_of_the_first_signature() {
    for convention in Md5Convention::ALL {
        let server = UniPaymentServer::with_convention(Era::Md5, convention).await;
        let rule: Md5Rule = convention.name().parse().unwrap();
        let builder = builder_at(server.url(), Era::Md5).with_md5_rule(rule);
        let provider = builder.build().unwrap();
        provider.create_invoice(&order(Era::Md5)).await.unwrap();
        let id = InvoiceId::new(QUERIED).unwrap();
        provider.fetch_invoice(&id).await.unwrap();

        // Under every other convention that differs here the server refuses.
        for other in Md5Convention::ALL
            .into_iter()
            .filter(|own| *own != convention)
        {
            let server = UniPaymentServer::with_convention(Era::Md5, other).await;
            let builder = builder_at(server.url(), Era::Md5).with_md5_rule(rule);
            let error = builder
                .build()
                .unwrap()
                .fetch_invoice(&id)
                .await
                .unwrap_err();
            assert_eq!(
                error.code(),
                Some("UNDOCUMENTED"),
                "{convention:?} {other:?}"
            );
        }
    }
}

#[tokio::test]
async fn queries_of_the_first_generation() {
    let (server, provider) = provider(Era::Md5).await;
    let id = InvoiceId::new(QUERIED).unwrap();
    provider.fetch_invoice(&id).await.unwrap();
    let mut query = InvoiceQuery::default();
    query.order_id = Some(OrderId::new("ORDER_123456").unwrap());
    query.page = Some(2);
    let search = provider.search().unwrap();
    search.search_invoices(&query).await.unwrap();
    let sent: Vec<_> = bodies(&server, MD5_QUERY)
        .into_iter()
        .map(without_sign)
        .collect();
    let by_id = json!({
        "app_id": Era::Md5.app_id(),
        "invoice_id": QUERIED,
        "page_index": 1,
        "page_size": 10,
        "sign_type": "MD5",
    });
    let by_order = json!({
        "app_id": Era::Md5.app_id(),
        "order_id": "ORDER_123456",
        "page_index": 2,
        "page_size": 10,
        "sign_type": "MD5",
    });
    assert_eq!(sent, [by_id, by_order]);
}

#[tokio::test]
async fn a_new_invoice_of_the_later_generations() {
    for era in [Era::Hmac, Era::OAuth] {
        let (server, provider) = provider(era).await;
        let bare = order(era);
        let full = order(era)
            .with_asset("USDT@tron".parse().unwrap())
            .with_callback_url("https://example.com/notify?a=b&c=<d>")
            .with_return_url("https://example.com/redirect")
            .with_description("é".repeat(300))
            .with_metadata("cart", "7");
        for request in [&bare, &full] {
            provider.create_invoice(request).await.unwrap();
        }
        let [sent_bare, sent_full] = bodies(&server, CREATE).try_into().unwrap();
        let mut expected = json!({
            "app_id": era.app_id(),
            "order_id": bare.order_id.as_str(),
            "price_amount": if era == Era::Hmac { 100 } else { 2 },
            "price_currency": "USD",
        });
        let mut expected_full = expected.clone();
        if era == Era::Hmac {
            expected["pay_currency"] = "USDT".into();
        }
        assert_eq!(sent_bare, expected);
        expected_full["pay_currency"] = "USDT".into();
        expected_full["network"] = "NETWORK_TRX".into();
        expected_full["notify_url"] = "https://example.com/notify?a=b&c=<d>".into();
        expected_full["redirect_url"] = "https://example.com/redirect".into();
        // Up to 256, says the table.
        expected_full["description"] = "é".repeat(256).into();
        expected_full["ext_args"] = r#"{"cart":"7"}"#.into();
        assert_eq!(sent_full, expected_full);
    }
}

#[tokio::test]
async fn money_is_a_number_of_plain_digits() {
    for era in Era::ALL {
        let (server, provider) = provider(era).await;
        for (amount, digits) in [
            ("0.01", "0.01"),
            ("1234567.890", "1234567.89"),
            ("250", "250"),
            ("1.0", "1"),
            ("0.0000001", "0.0000001"),
            ("12345678901234567.12345678", "12345678901234567.12345678"),
        ] {
            let mut request = order(era);
            request.price.amount = decimal(amount);
            // The documented answer is about another price; it is what was sent that counts.
            assert!(provider.create_invoice(&request).await.is_err());
            let last = server.requests_to(create_call(era)).pop().unwrap();
            let body = String::from_utf8(last.body).unwrap();
            assert_eq!(token_of(&body, "price_amount"), Some(digits), "{era:?}");
        }
    }
}

#[tokio::test]
async fn reads_of_the_later_generations() {
    for era in [Era::Hmac, Era::OAuth] {
        let (server, provider) = provider(era).await;
        let id = InvoiceId::new(known_id(era)).unwrap();
        provider.fetch_invoice(&id).await.unwrap();
        let mut query = InvoiceQuery::default();
        query.order_id = Some(order(era).order_id);
        query.status = Some(InvoiceStatus::Settled);
        query.page = Some(3);
        let search = provider.search().unwrap();
        search.search_invoices(&query).await.unwrap();
        let lists = server.requests_to("GET /v1.0/invoices");
        let pairs: Vec<_> = lists[0].query();
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs,
            [
                text("app_id", era.app_id()),
                text("order_id", order(era).order_id.as_str()),
                text("status", "Complete"),
                text("page_no", "3"),
            ]
        );
        let path = format!("/v1.0/invoices/{}", known_id(era));
        assert_eq!(server.requests_to(&path)[0].target, path);
    }
}

#[tokio::test]
async fn an_id_cannot_leave_its_place_in_the_path() {
    for era in [Era::Hmac, Era::OAuth] {
        let (server, provider) = provider(era).await;
        let odd = InvoiceId::received("../payments?x=1#y/é");
        assert!(provider.fetch_invoice(&odd).await.is_err());
        let sent = server.requests().pop().unwrap();
        assert!(
            sent.target.starts_with("/v1.0/invoices/"),
            "{}",
            sent.target
        );
        assert_eq!(sent.target.matches('/').count(), 3, "{}", sent.target);
        assert!(!sent.target.contains(['?', '#']), "{}", sent.target);
    }
}

#[tokio::test]
async fn withdrawals() {
    let (server, provider) = provider(Era::Hmac).await;
    let payouts = provider.payouts().unwrap();
    payouts.create_payout(&withdrawal()).await.unwrap();
    let full = withdrawal()
        .with_memo("7")
        .with_callback_url("https://shop.example/hook?tenant=7");
    payouts.create_payout(&full).await.unwrap();
    let by_mail = builder_at(server.url(), Era::Hmac).with_auto_confirm(false);
    let by_mail = by_mail.build().unwrap();
    let payouts = by_mail.payouts().unwrap();
    payouts.create_payout(&withdrawal()).await.unwrap();

    let bare = json!({
        "network": "NETWORK_BSC",
        "address": EVM_ADDRESS,
        "asset_type": "UTT",
        "amount": 15,
        "note": "ref-1",
        "auto_confirm": true,
        // The destination receives the amount; the fee comes on top.
        "include_fee": false,
    });
    let mut with_all = bare.clone();
    with_all["dest_tag"] = "7".into();
    // The tag is HMAC-SHA256 under the client secret over "paymux-ref:ref-1", as openssl works it out.
    let tagged = "https://shop.example/hook?tenant=7&paymux_ref=ref-1&paymux_tag=376e9457f007114f";
    with_all["notify_url"] = tagged.into();
    let mut with_mail = bare.clone();
    with_mail["auto_confirm"] = false.into();
    assert_eq!(bodies(&server, WITHDRAW), [bare, with_all, with_mail]);

    let id = PayoutId::new("03b6fd73-e5a8-4f98-a7e5-69556dc9cb00").unwrap();
    payouts.fetch_payout(&id).await.unwrap();
    let path = format!("GET /v1.0/wallet/withdrawals/{id}");
    assert_eq!(server.requests_to(&path).len(), 1);
    let mut lower = withdrawal();
    lower.asset = "utt@bsc".parse().unwrap();
    payouts.payout_fee(&lower).await.unwrap();
    let fees = "GET /v1.0/wallet/withdrawal-fees/UTT";
    assert_eq!(server.requests_to(fees).len(), 1);
}

#[tokio::test]
async fn payments() {
    let (server, provider) = provider(Era::OAuth).await;
    let payouts = provider.payouts().unwrap();
    payouts.create_payout(&payment()).await.unwrap();
    let mut to_account = payment();
    "account:acc-9".clone_into(&mut to_account.to);
    payouts.create_payout(&to_account).await.unwrap();
    let bare = json!({
        "from_account_id": FROM_ACCOUNT,
        "asset_type": "USD",
        "amount": 1000,
        "reason": "OperatingExpense",
        "note": "ref-1",
        "unique_id": "ref-1",
    });
    let (mut by_method, mut by_account) = (bare.clone(), bare);
    by_method["payment_method_id"] = "pm-1".into();
    by_account["to_account_id"] = "acc-9".into();
    assert_eq!(bodies(&server, PAY), [by_method, by_account]);
}

/// A check sends back what came, byte for byte: what was read and written again is another body.
#[tokio::test]
async fn a_check_of_a_webhook_is_the_body_itself() {
    let (server, provider) = provider(Era::Hmac).await;
    let body = V1_NOTICE.replace('\n', "\r\n\t");
    let webhook = paymux::RawWebhook::new(body.as_str());
    provider.verify_webhook(&webhook).await.unwrap();
    let [sent] = server.requests_to(CHECK).try_into().unwrap();
    assert_eq!(sent.body, body.as_bytes());
}

#[tokio::test]
async fn what_cannot_be_honoured_is_not_sent() {
    for era in Era::ALL {
        let (server, provider) = provider(era).await;
        let in_a_minute = order(era).with_expires_in(std::time::Duration::from_secs(60));
        let test_network = order(era).with_asset("USDT@tron-nile".parse().unwrap());
        let contract = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7";
        let by_contract = order(era).with_asset(contract.parse().unwrap());
        let mut free = order(era);
        free.price.amount = decimal("0");
        for (request, kind) in [
            (in_a_minute, ErrorKind::Unsupported),
            (test_network, ErrorKind::Unsupported),
            (by_contract, ErrorKind::Unsupported),
            (free, ErrorKind::InvalidRequest),
        ] {
            let error = provider.create_invoice(&request).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent));
        }
        let Some(payouts) = provider.payouts() else {
            assert!(server.requests().is_empty());
            continue;
        };
        let bad = if era == Era::Hmac {
            let mut mistyped = withdrawal();
            "0x347061544a8B0e17D62a14F4700166BB78f9bBEe".clone_into(&mut mistyped.to);
            let mut nowhere = withdrawal();
            nowhere.asset = "UTT".parse().unwrap();
            vec![
                (mistyped, ErrorKind::InvalidRequest),
                (nowhere, ErrorKind::InvalidRequest),
                (withdrawal().with_otp("1".into()), ErrorKind::Unsupported),
            ]
        } else {
            let mut bare_address = payment();
            EVM_ADDRESS.clone_into(&mut bare_address.to);
            let url = "https://shop.example/hook";
            vec![
                (bare_address, ErrorKind::Unsupported),
                (payment().with_callback_url(url), ErrorKind::Unsupported),
                (payment().with_memo("7"), ErrorKind::Unsupported),
            ]
        };
        for (request, kind) in bad {
            let error = payouts.create_payout(&request).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent));
            assert_eq!(error.reference().unwrap().as_str(), "ref-1");
        }
        assert!(server.requests_to(CREATE).is_empty());
        assert!(server.requests().is_empty(), "not even a token is needed");
    }
}
