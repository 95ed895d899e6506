//! Calls that are refused, and what the refusal says.

use paymux_sandbox::Sandbox;
use serde_json::Value;

use crate::client::{Merchant, SOMEONE, unix_now};

/// Calls and expects a refusal whose message holds `hint`.
pub(crate) async fn refused(merchant: &Merchant, path: &str, body: &str, code: i64, hint: &str) {
    let answer = merchant.call(path, body).await;
    assert_eq!(answer.status, 200, "{body}");
    assert_eq!(answer.code(), code, "{body}: {}", answer.text());
    assert_eq!(answer.json()["data"], Value::Null);
    assert!(answer.msg().contains(hint), "{body}: {}", answer.msg());
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    for (body, hint) in [
        ("", "a call without parameters sends {}"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ("{", "not JSON"),
        ("{}x", "not JSON"),
        (
            r#"{"trade_no":"a","trade_no":"b"}"#,
            "\"trade_no\" is there twice",
        ),
        (r#"{"x":{"y":1,"y":2}}"#, "\"y\" is there twice"),
    ] {
        refused(&merchant, "/api/order/detail", body, 1006, hint).await;
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    refused(&merchant, "/api/order/detail", &deep, 1006, "nested").await;

    let latin1 = b"{\"trade_no\":\"\xe9\"}";
    let headers = merchant.proof(latin1);
    let answer = merchant
        .send("POST", "/api/order/detail", &headers, latin1)
        .await;
    assert_eq!(answer.code(), 1006);
    assert!(answer.msg().contains("UTF-8"));
}

#[tokio::test]
async fn methods_and_paths_that_are_not_there_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    for method in ["GET", "PUT", "DELETE"] {
        let headers = merchant.proof(b"{}");
        let answer = merchant
            .send(method, "/api/currency/token-list", &headers, b"{}")
            .await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("allow"), Some("POST"));
        assert!(answer.msg().contains("only POST"));
    }
    let answer = merchant.call("/api/order/cancel", "{}").await;
    assert_eq!((answer.status, answer.code()), (404, 1004));
    assert!(answer.msg().contains("/api/order/cancel"));
}

#[tokio::test]
async fn a_content_type_other_than_json_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let path = "/api/currency/token-list";
    for (content_type, code) in [
        (None, 1006),
        (Some("text/plain"), 1006),
        (Some("application/jsonp"), 1006),
        (Some("application/json; charset=latin1"), 1006),
        (Some("application/json; charset=utf-8"), 0),
        (Some("Application/JSON"), 0),
    ] {
        let mut headers = merchant.proof(b"{}");
        headers.remove(0);
        headers.extend(content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())));
        let answer = merchant.send("POST", path, &headers, b"{}").await;
        assert_eq!(answer.code(), code, "{content_type:?}");
        assert!(
            code == 0 || answer.msg().contains("content-type"),
            "{}",
            answer.msg()
        );
    }
}

#[tokio::test]
async fn order_create_refuses_what_is_not_documented() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let past = unix_now() - 5;
    let past = past.to_string();
    let milliseconds = format!("{}000", unix_now() + 600);
    let cases = [
        // Members missing, of another type, or unknown.
        (
            r#""currency_id":75,"token_amount":"1""#,
            "out_trade_no is missing",
        ),
        (
            r#""out_trade_no":7,"currency_id":75,"token_amount":"1""#,
            "out_trade_no is a number",
        ),
        (
            r#""out_trade_no":"","currency_id":75,"token_amount":"1""#,
            "out_trade_no is empty",
        ),
        (
            r#""out_trade_no":"A","token_amount":"1""#,
            "currency_id is missing",
        ),
        (
            r#""out_trade_no":"A","currency_id":"75","token_amount":"1""#,
            "currency_id is a string",
        ),
        (
            r#""out_trade_no":"A","currency_id":75.0,"token_amount":"1""#,
            "must be an integer",
        ),
        (
            r#""out_trade_no":"A","currency_id":1,"token_amount":"1""#,
            "no currency has",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","note":"x""#,
            "\"note\"",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","callback_url":null"#,
            "null",
        ),
        // Amounts.
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":1.50"#,
            "must be a string: \"1.50\"",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"-1""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"+1""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1e3""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1_0""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"01""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":".5""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"5.""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":" 1""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"""#,
            "plain decimal",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"0.00""#,
            "must be above 0",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1.0000001""#,
            "at most 6 decimals",
        ),
        (
            r#""out_trade_no":"A","currency_id":46,"token_amount":"99999999999""#,
            "too large for a token of 18 decimals",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"99999999999999999999999999999""#,
            "plain decimal",
        ),
        // Price forms.
        (
            r#""out_trade_no":"A","currency_id":75"#,
            "the price is missing",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"fiat_name":"USD""#,
            "fiat_amount is missing",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"fiat_amount":"1""#,
            "fiat_name is missing",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"fiat_name":"USD","fiat_amount":"1","token_amount":"1""#,
            "the price is there twice",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"fiat_name":"XAU","fiat_amount":"1""#,
            "must be one of USD, USDT, JPY",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"fiat_name":"usd","fiat_amount":"1""#,
            "must be one of",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"fiat_name":"USD","fiat_amount":"1.0000001""#,
            "at most 6 decimals",
        ),
        // Callback URLs.
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","callback_url":"/paid""#,
            "absolute http or https URL",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","callback_url":"ftp://x/""#,
            "absolute http or https URL",
        ),
        // Expiry.
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","time_out":1800"#,
            "must be the absolute time",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","time_out":"0""#,
            "time_out is a string",
        ),
        (
            r#""out_trade_no":"A","currency_id":75,"token_amount":"1","time_out":-1"#,
            "must be the absolute time",
        ),
    ];
    for (members, hint) in cases {
        let body = format!("{{{members}}}");
        refused(&merchant, "/api/order/create", &body, 1006, hint).await;
    }
    for (time_out, hint) in [(past, "is past"), (milliseconds, "ten digits")] {
        let body = format!(
            r#"{{"out_trade_no":"A","currency_id":75,"token_amount":"1","time_out":{time_out}}}"#
        );
        refused(&merchant, "/api/order/create", &body, 1006, hint).await;
    }
    assert!(sandbox.halo().orders().is_empty());
}

#[tokio::test]
async fn a_repeated_out_trade_no_is_refused_unless_allowed() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let body = r#"{"out_trade_no":"A-1","currency_id":75,"token_amount":"1"}"#;
    merchant.call("/api/order/create", body).await.data();
    refused(
        &merchant,
        "/api/order/create",
        body,
        1005,
        "already has the order",
    )
    .await;
    sandbox.update_settings(|settings| settings.allow_repeated_order = true);
    let again = merchant.call("/api/order/create", body).await.data();
    assert_eq!(sandbox.halo().orders().len(), 2);
    let newest = sandbox.halo().order_by_out_trade_no("A-1").unwrap();
    assert_eq!(again["trade_no"], newest.trade_no);
}

#[tokio::test]
async fn a_token_that_is_not_enabled_is_refused_everywhere() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.update_settings(|settings| {
        settings.disabled_currencies.insert(76);
    });
    let payout = format!(r#"{{"currency_id":76,"amount":"1","to_address":"{SOMEONE}"}}"#);
    for (path, body) in [
        (
            "/api/order/create",
            r#"{"out_trade_no":"A","currency_id":76,"token_amount":"1"}"#,
        ),
        (
            "/api/order/exchange-rates",
            r#"{"currency_id":76,"fiat_name":"USD","fiat_amount":"1"}"#,
        ),
        ("/api/account/balance", r#"{"currency_id":76}"#),
        (
            "/api/payment-qr-code/create",
            r#"{"name":"till","currency_id":76}"#,
        ),
        ("/api/payout/create", payout.as_str()),
    ] {
        refused(&merchant, path, body, 1008, "not enabled").await;
    }
}

#[tokio::test]
async fn unknown_orders_and_payouts_are_not_found() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let body = r#"{"trade_no":"20231115061320aaaaaaaaaaaaaaaaaa"}"#;
    refused(&merchant, "/api/order/detail", body, 1004, "no order has").await;
    refused(&merchant, "/api/payout/detail", body, 1004, "no payout has").await;
    let order = merchant.order("A-1", "1", "http://127.0.0.1:9/").await;
    let body = format!(r#"{{"trade_no":"{order}"}}"#);
    refused(
        &merchant,
        "/api/payout/detail",
        &body,
        1004,
        "no payout has",
    )
    .await;
}

#[tokio::test]
async fn exchange_rates_refuses_what_it_cannot_convert() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let path = "/api/order/exchange-rates";
    for (body, hint) in [
        (
            r#"{"currency_id":46,"fiat_name":"XAU","fiat_amount":"1"}"#,
            "must be one of",
        ),
        (
            r#"{"currency_id":46,"fiat_name":"USD","fiat_amount":"0"}"#,
            "must be above 0",
        ),
        (
            r#"{"currency_id":46,"fiat_name":"USD"}"#,
            "fiat_amount is missing",
        ),
        (
            r#"{"currency_id":46,"fiat_name":"USD","fiat_amount":"9999999999999"}"#,
            "cannot be said in JST",
        ),
    ] {
        refused(&merchant, path, body, 1006, hint).await;
    }
}
