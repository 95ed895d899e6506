//! The body of every endpoint beside the documents' example of it.

use paymux_sandbox::{Sandbox, Settings};
use serde_json::json;

use crate::client::{Answer, Merchant, SOMEONE, dec, unix_now};
use crate::shape::shape_of;

const CREATE: &str =
    r#"{"out_trade_no":"A-1","currency_id":76,"fiat_name":"USD","fiat_amount":"5","time_out":0}"#;

fn assert_like(answer: &Answer, example: &str) {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(shape_of(&answer.body), shape_of(example.as_bytes()));
    assert_eq!(answer.msg(), "success");
}

#[tokio::test]
async fn order_create_and_detail_look_like_the_examples() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let before = unix_now();
    let created = merchant.call("/api/order/create", CREATE).await;
    assert_like(
        &created,
        include_str!("../fixtures/native_checkout_order_create.json"),
    );
    let data = created.data();
    let trade_no = data["trade_no"].as_str().unwrap();
    let create_time = data["create_time"].as_i64().unwrap();
    assert!((before..=unix_now()).contains(&create_time));
    assert_eq!(data["time_expire"], create_time + 1800);
    // 5 / 0.302 is 16.5562913…, and the payer pays the rounding.
    assert_eq!(data["amount"], "16.556292");
    assert_eq!(data["amount_collected"], "");
    assert_eq!(
        (&data["token"], &data["contract"]),
        (&json!("TRX"), &json!("TRX"))
    );
    assert_eq!(
        (&data["mode"], &data["equity"]),
        (&json!("address"), &json!(1))
    );
    assert_eq!(data["chain_id"], 3_448_148_188_i64);
    assert_eq!(
        data["entrust_url"],
        format!("{}/checkout/{trade_no}", sandbox.url())
    );
    assert_eq!(data["chain_info"]["series"], "Tron");
    assert_eq!(data["chain_info"]["monitor_chain_id"], 3_448_148_188_i64);

    let body = format!(r#"{{"trade_no":"{trade_no}"}}"#);
    let detail = merchant.call("/api/order/detail", &body).await;
    assert_like(
        &detail,
        include_str!("../fixtures/native_checkout_order_detail.json"),
    );
    let detail = detail.data();
    assert_eq!(detail["out_trade_no"], "A-1");
    assert_eq!(
        (&detail["fiat_name"], &detail["fiat_amount"]),
        (&json!("USD"), &json!("5"))
    );
    assert_eq!(detail["status"], "TO-BE-PAID");
    assert_eq!(detail["amount_collected"], "0");
    assert_eq!(detail["entrust_url"], "");
    assert_eq!(detail["chain_info"]["logo"], "");
    assert_eq!(detail["chain_info"]["series"], "");
    assert_eq!(detail["chain_info"]["monitor_chain_id"], 0);
    for same in [
        "pay_address",
        "amount",
        "time_expire",
        "create_time",
        "need_confirms",
    ] {
        assert_eq!(detail[same], data[same], "{same}");
    }
}

#[tokio::test]
async fn a_trade_no_is_the_time_in_utc_plus_8_and_18_hex_digits() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let data = merchant.call("/api/order/create", CREATE).await.data();
    let trade_no = data["trade_no"].as_str().unwrap();
    assert_eq!(trade_no.len(), 32);
    let (clock, hex) = trade_no.split_at(14);
    assert!(
        hex.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    );
    let there = chrono::NaiveDateTime::parse_from_str(clock, "%Y%m%d%H%M%S").unwrap();
    let create_time = data["create_time"].as_i64().unwrap();
    let apart = there.and_utc().timestamp() - 8 * 3600 - create_time;
    assert!(apart.abs() <= 1, "{trade_no} at {create_time}");
}

#[tokio::test]
async fn a_token_price_is_kept_digit_for_digit() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let trade_no = merchant.order("A-1", "1.500", "http://127.0.0.1:9/").await;
    let detail = merchant.order_detail(&trade_no).await;
    assert_eq!(detail["amount"], "1.500");
    assert_eq!(
        (&detail["fiat_name"], &detail["fiat_amount"]),
        (&json!(""), &json!(""))
    );
}

#[tokio::test]
async fn time_out_is_taken_as_it_is() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let at = unix_now() + 86_400;
    let body = format!(
        r#"{{"out_trade_no":"A-1","currency_id":46,"token_amount":"0.000000000000000001","time_out":{at}}}"#
    );
    let data = merchant.call("/api/order/create", &body).await.data();
    assert_eq!(data["time_expire"], at);
    assert_eq!(data["amount"], "0.000000000000000001");
}

#[tokio::test]
async fn exchange_rates_look_like_the_example() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.halo().set_rate("JST", "EUR", dec("0.7")).unwrap();
    let body = r#"{"currency_id":46,"fiat_name":"EUR","fiat_amount":"1"}"#;
    let answer = merchant.call("/api/order/exchange-rates", body).await;
    assert_like(
        &answer,
        include_str!("../fixtures/native_checkout_exchange_rates.json"),
    );
    assert_eq!(
        answer.data(),
        json!({"amount": "1.428571428571428572", "exchange_rate": "0.7"})
    );
}

#[tokio::test]
async fn the_token_lists_look_like_the_examples() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let all = merchant.call("/api/currency/token-list", "{}").await;
    assert_like(
        &all,
        include_str!("../fixtures/native_checkout_token_list.json"),
    );
    let ids = |answer: &Answer| -> Vec<i64> {
        let data = answer.data();
        let tokens = data.as_array().unwrap();
        tokens
            .iter()
            .map(|token| token["currency_id"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(ids(&all), [46, 75, 76, 175, 176]);

    let own = merchant.call("/api/currency/app-token-list", "{}").await;
    assert_like(
        &own,
        include_str!("../fixtures/native_checkout_app_token_list.json"),
    );
    assert_eq!(ids(&own), ids(&all));
    assert_eq!(own.data()[1]["balance"], "1000");
    assert_eq!(own.data()[4]["chain_id"], 728_126_428);

    sandbox.update_settings(|settings| {
        settings.disabled_currencies.insert(75);
    });
    let own = merchant.call("/api/currency/app-token-list", "{}").await;
    assert_eq!(ids(&own), [46, 76, 175, 176]);
    let all = merchant.call("/api/currency/token-list", "{}").await;
    assert_eq!(ids(&all), [46, 75, 76, 175, 176]);
}

#[tokio::test]
async fn payout_create_and_detail_look_like_the_examples() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let body = format!(r#"{{"currency_id":75,"amount":"0.001","to_address":"{SOMEONE}"}}"#);
    let created = merchant.call("/api/payout/create", &body).await;
    assert_like(
        &created,
        include_str!("../fixtures/native_checkout_payout_create.json"),
    );
    let data = created.data();
    assert_eq!(data["cost"], "0.801502");
    assert_eq!(data["actual_receipt"], "0.001");
    assert_eq!(data["estimated_transfer"], "0");

    let body = format!(r#"{{"trade_no":{}}}"#, data["trade_no"]);
    let detail = merchant.call("/api/payout/detail", &body).await;
    assert_like(
        &detail,
        include_str!("../fixtures/native_checkout_payout_detail.json"),
    );
    let detail = detail.data();
    assert_eq!(detail["service_charge"], "0.000002");
    assert_eq!(detail["gas"], "0.8015");
    assert_eq!(detail["amount"], "0.001");
    assert_eq!(detail["status"], "PROGRESS");
    assert_eq!(detail["target_address"], SOMEONE);
    assert_eq!(detail["token"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn account_balance_looks_like_the_example() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.halo().set_balance(46, dec("0.785074013")).unwrap();
    sandbox.halo().set_frozen(46, dec("0.7")).unwrap();
    let answer = merchant
        .call("/api/account/balance", r#"{"currency_id":46}"#)
        .await;
    assert_like(
        &answer,
        include_str!("../fixtures/native_checkout_account_balance.json"),
    );
    assert_eq!(
        answer.data(),
        json!({
            "currency_id": 46, "balance": "0.785074013", "operable_balance": "0.085074013",
            "operable_balance_usdt": "0.004729", "balance_usdt": "0.043642", "chain": "Tron",
            "network": "Nile", "token": "JST", "contract": "TF17BgPaZYbz8oxbjhriubPDsA7ArKoLX3"
        })
    );
}

#[tokio::test]
async fn payment_qr_code_create_looks_like_the_example() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    for body in [
        r#"{"name":"till","currency_id":75}"#,
        r#"{"name":"till","currency_id":75,"amount":"0"}"#,
        r#"{"name":"till","currency_id":75,"amount":"2.5"}"#,
    ] {
        let answer = merchant.call("/api/payment-qr-code/create", body).await;
        assert_like(
            &answer,
            include_str!("../fixtures/native_checkout_payment_qr_code_create.json"),
        );
    }
    let codes = sandbox.halo().qr_codes();
    assert_eq!(codes.len(), 3);
    assert_eq!(codes[2].amount, dec("2.5"));
    assert_ne!(codes[0].address, codes[1].address);
}

#[tokio::test]
async fn answers_are_signed_unless_told_otherwise() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let refused = merchant
        .call("/api/order/detail", r#"{"trade_no":"x"}"#)
        .await;
    for answer in [
        merchant.call("/api/currency/token-list", "{}").await,
        refused,
    ] {
        let timestamp = answer.header("x-timestamp").unwrap();
        let expected = crate::client::sign(&merchant.app_key, &answer.body, timestamp);
        assert_eq!(answer.header("x-sign"), Some(expected.as_str()));
        assert_eq!(answer.header("x-appid"), Some(merchant.app_id.as_str()));
    }
    sandbox.update_settings(|settings| settings.sign_responses = false);
    let answer = merchant.call("/api/currency/token-list", "{}").await;
    for name in ["x-appid", "x-timestamp", "x-sign"] {
        assert_eq!(answer.header(name), None);
    }
}

#[tokio::test]
async fn a_seed_makes_credentials_and_addresses_repeatable() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let settings = Settings::default();
        let sandbox = Sandbox::builder()
            .seed(7)
            .settings(settings)
            .start()
            .await
            .unwrap();
        let data = Merchant::of(&sandbox)
            .call("/api/order/create", CREATE)
            .await
            .data();
        let trade_no = data["trade_no"].as_str().unwrap();
        seen.push((
            sandbox.halo().app_id().to_owned(),
            sandbox.halo().app_key().to_owned(),
            data["pay_address"].clone(),
            trade_no[14..].to_owned(),
        ));
    }
    assert_eq!(seen[0], seen[1]);
    let other = Sandbox::builder().seed(8).start().await.unwrap();
    assert_ne!(other.halo().app_key(), seen[0].1);
}

#[tokio::test]
async fn every_address_made_up_passes_the_payouts_own_check() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let trade_no = merchant.order("A-1", "1", "http://127.0.0.1:9/").await;
    let detail = merchant.order_detail(&trade_no).await;
    let mut addresses = vec![detail["pay_address"].as_str().unwrap().to_owned()];
    let tokens = sandbox.halo().tokens();
    let contracts = tokens
        .iter()
        .map(|token| token.contract)
        .filter(|name| name.len() > 4);
    addresses.extend(contracts.map(str::to_owned));
    assert_eq!(addresses.len(), 4);
    for address in addresses {
        let body = format!(r#"{{"currency_id":75,"amount":"1","to_address":"{address}"}}"#);
        merchant.call("/api/payout/create", &body).await.data();
    }
}
