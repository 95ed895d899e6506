//! The OAuth generation: tokens, invoices, the wallet.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use paymux_sandbox::Generation;
use serde_json::{Value, json};

use crate::shape::shape_of;
use crate::unipayment_client::{ok, refused, shop, shop_with, text};

const INVOICES: &str = "/v1.0/invoices";

#[tokio::test]
async fn a_token_has_the_form_of_a_jwt() {
    let (_sandbox, uni, _inbox) = shop().await;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        uni.client_id, uni.client_secret
    );
    let answer = uni.form(&form).await;
    let json = answer.json();
    assert_eq!(
        (&json["expires_in"], &json["token_type"]),
        (&json!(3600), &json!("Bearer"))
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = text(&json["access_token"]);
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(decode(parts[0])["typ"], "at+jwt");
    let claims = decode(parts[1]);
    let lifetime = claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap();
    assert_eq!(
        (lifetime, &claims["client_id"]),
        (3600, &json!(uni.client_id))
    );
    assert_eq!(claims["scope"], json!(["common"]));
}

#[tokio::test]
async fn a_token_is_refused_in_the_manner_of_oauth() {
    let (_sandbox, uni, _inbox) = shop().await;
    let (id, secret) = (&uni.client_id, &uni.client_secret);
    for (form, error) in [
        (String::new(), "invalid_request"),
        (
            format!("grant_type=client_credentials&client_id={id}"),
            "invalid_request",
        ),
        (
            format!("grant_type=password&client_id={id}&client_secret={secret}"),
            "unsupported_grant_type",
        ),
        (
            format!("grant_type=client_credentials&client_id={id}&client_secret=x"),
            "invalid_client",
        ),
        (
            format!("grant_type=client_credentials&client_id=x&client_secret={secret}"),
            "invalid_client",
        ),
        (
            format!("grant_type=client_credentials&client_id={id}&client_id={id}"),
            "invalid_request",
        ),
    ] {
        let answer = uni.form(&form).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!(error)),
            "{form}"
        );
        assert!(answer.json().get("code").is_none());
    }
    let json = uni.plain("POST", "/connect/token", "{}").await;
    assert_eq!(
        (json.status, &json.json()["error"]),
        (400, &json!("invalid_request"))
    );
    assert_eq!(uni.plain("GET", "/connect/token", "").await.status, 405);
}

#[tokio::test]
async fn tokens_end_with_time_or_at_once() {
    let (sandbox, uni, _inbox) =
        shop_with(|settings| settings.token_lifetime = Duration::from_secs(60)).await;
    let first = uni.token().await;
    ok(&uni.bearer(&first, "GET", INVOICES, "").await);
    ok(&uni.bearer(&first, "GET", INVOICES, "").await);
    sandbox.shift_clock(TimeDelta::seconds(61));
    let over = uni.bearer(&first, "GET", INVOICES, "").await;
    assert_eq!(
        refused(&over, "/connect/token"),
        (401, "INVALID_TOKEN".into())
    );
    let (second, third) = (uni.token().await, uni.token().await);
    ok(&uni.bearer(&second, "GET", INVOICES, "").await);
    ok(&uni.bearer(&third, "GET", INVOICES, "").await);
    sandbox.unipayment().expire_tokens();
    for token in [&second, &third] {
        assert_eq!(uni.bearer(token, "GET", INVOICES, "").await.status, 401);
    }
    assert_eq!(
        uni.bearer("made.up.token", "GET", INVOICES, "")
            .await
            .status,
        401
    );
    ok(&uni.oauth("GET", INVOICES, "").await);
}

#[tokio::test]
async fn an_invoice_looks_like_the_example() {
    let (sandbox, uni, _inbox) = shop().await;
    let asked = json!({
        "app_id": uni.app_id, "order_id": "A-1", "price_amount": 2, "price_currency": "USD",
        "payment_method_type": null, "title": "", "host_to_host_mode": false,
        "buyer_info": {"name": "Jack", "email": "jack@example.com"},
    });
    let answer = uni.oauth("POST", INVOICES, &asked.to_string()).await;
    let example = include_str!("../fixtures/unipayment_v2_create_invoice_response.json");
    assert_eq!(shape_of(&answer.body), shape_of(example.as_bytes()));
    let data = ok(&answer);
    assert_eq!(data["payment_method_type"], "UNKNOWN");
    let id = text(&data["invoice_id"]);
    assert_eq!(
        sandbox.unipayment().invoice(&id).unwrap().generation,
        Generation::OAuth
    );
    let one = ok(&uni.oauth("GET", &format!("{INVOICES}/{id}"), "").await);
    assert_eq!(one["order_id"], "A-1");
    let mut card = asked;
    card["payment_method_type"] = json!("card");
    let data = ok(&uni.oauth("POST", INVOICES, &card.to_string()).await);
    assert_eq!(data["payment_method_type"], "CARD");
    card["payment_method_type"] = json!("cheque");
    refused(
        &uni.oauth("POST", INVOICES, &card.to_string()).await,
        "UNKNOWN, CRYPTO, CARD, SKRILL",
    );
    // What only this generation knows is refused in the one before.
    refused(
        &uni.hmac("POST", INVOICES, &card.to_string()).await,
        "knows no member",
    );
}

#[tokio::test]
async fn the_wallet_is_shown() {
    let (sandbox, uni, _inbox) = shop().await;
    sandbox
        .unipayment()
        .set_balance("USDT", "12.5".parse().unwrap())
        .unwrap();
    let balances = uni.oauth("GET", "/v1.0/wallet/balances", "").await;
    assert!(balances.text().contains(
        r#"{"asset_type":"USDT","balance":12.5,"frozen_balance":0.0,"reversed_balance":0.0,"available":12.5}"#
    ));
    let of_v1 = uni.hmac("GET", "/v1.0/wallet/balances", "").await;
    assert!(
        of_v1.text().contains(
            r#"{"asset_type":"USDT","balance":12.5,"frozen_balance":0.0,"available":12.5}"#
        )
    );
    let accounts = ok(&uni.oauth("GET", "/v1.0/wallet/accounts", "").await);
    let usdt = accounts
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["asset_type"] == "USDT");
    let id = text(&usdt.unwrap()["id"]);
    assert_eq!(Some(id.clone()), sandbox.unipayment().account_id("USDT"));
    let path = format!("/v1.0/wallet/accounts/{id}/deposit/address");
    let addresses = ok(&uni.oauth("GET", &path, "").await);
    assert_eq!(addresses.as_array().unwrap().len(), 3);
    assert_eq!(ok(&uni.oauth("GET", &path, "").await), addresses);
    let deposit = sandbox
        .unipayment()
        .deposit("USDT", "NETWORK_TRX", "5".parse().unwrap())
        .unwrap();
    assert_eq!(addresses[0]["address"], deposit.to);
    let reason = sandbox
        .unipayment()
        .set_balance("DOGE", 1.into())
        .unwrap_err()
        .to_string();
    assert!(reason.contains("DOGE"), "{reason}");
}

#[tokio::test]
async fn rates_currencies_and_ping_have_the_newer_members() {
    let (_sandbox, uni, _inbox) = shop().await;
    let rate = ok(&uni.oauth("GET", "/v1.0/rates/USD/BTC", "").await);
    assert_eq!(
        rate,
        json!({"from": "BTC", "to": "USD", "rate": 60000.0, "ask": 60000.0, "bid": 60000.0})
    );
    let currencies = ok(&uni.oauth("GET", "/v1.0/currencies", "").await);
    let usdt = currencies
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["code"] == "USDT");
    assert_eq!(
        usdt.unwrap(),
        &json!({"code": "USDT", "name": "Tether", "is_fiat": false, "divisibility": 6})
    );
    for method in ["GET", "POST"] {
        let answer = uni.oauth(method, "/v1.0/ping", "").await;
        assert_eq!(answer.text(), r#"{"msg":"pong","code":"OK"}"#);
    }
}

#[tokio::test]
async fn beneficiaries_and_their_methods_pass_through() {
    let (_sandbox, uni, _inbox) = shop().await;
    let token = uni.token().await;
    let call = async |method: &str, path: &str, body: &str| {
        uni.bearer(&token, method, &format!("/v1.0/beneficiaries{path}"), body)
            .await
    };
    let described = r#"{"id":"theirs","name":"Jack","limit":10.860,"tags":["a",null],"empty":""}"#;
    let made = call("POST", "", described).await;
    let id = text(&ok(&made)["id"]);
    let kept =
        format!(r#"{{"id":"{id}","name":"Jack","limit":10.860,"tags":["a",null],"empty":""}}"#);
    assert!(made.text().contains(&kept), "{}", made.text());
    assert!(
        call("GET", &format!("/{id}"), "")
            .await
            .text()
            .contains(&kept)
    );
    ok(&call("PUT", &format!("/{id}"), r#"{"name":"Jill"}"#).await);
    let listed = ok(&call("GET", "", "").await);
    assert_eq!(listed, json!([{"id": id, "name": "Jill"}]));

    let methods = format!("/{id}/payment-methods");
    let method = ok(&call("POST", &methods, r#"{"network":"BANK_SEPA","iban":"X"}"#).await);
    let one = format!("{methods}/{}", text(&method["id"]));
    assert_eq!(ok(&call("GET", &one, "").await)["iban"], "X");
    assert_eq!(ok(&call("PUT", &one, r#"{"iban":"Y"}"#).await)["iban"], "Y");
    assert_eq!(
        ok(&call("GET", &methods, "").await)
            .as_array()
            .unwrap()
            .len(),
        1
    );
    ok(&call("DELETE", &one, "").await);
    assert_eq!(
        refused(&call("GET", &one, "").await, "payment method").0,
        404
    );
    ok(&call("DELETE", &format!("/{id}"), "").await);
    assert_eq!(
        refused(&call("GET", &format!("/{id}"), "").await, "beneficiary").0,
        404
    );
    assert_eq!(
        refused(&call("POST", "", "[]").await, "must be a JSON object").0,
        400
    );
}
