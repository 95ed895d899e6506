//! Payments of the OAuth generation.

use paymux_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::SOMEONE;
use crate::unipayment_client::{Uni, body, ok, refused, shop, text, told};

const PAYMENTS: &str = "/v1.0/payments";

/// A payment method on a network, and its id.
async fn method(uni: &Uni, described: Value) -> String {
    let party = ok(&uni
        .oauth("POST", "/v1.0/beneficiaries", r#"{"name":"Jack"}"#)
        .await);
    let path = format!("/v1.0/beneficiaries/{}/payment-methods", text(&party["id"]));
    text(&ok(&uni.oauth("POST", &path, &described.to_string()).await)["id"])
}

fn payment(sandbox: &Sandbox, asset: &str, method: &str) -> Value {
    json!({
        "from_account_id": sandbox.unipayment().account_id(asset).unwrap(), "asset_type": asset,
        "amount": 100, "reason": "StaffCosts", "payment_method_id": method, "reference": "R-1",
        "unique_id": "U-1",
    })
}

#[tokio::test]
async fn a_payment_goes_its_way_and_is_told_to_the_one_url() {
    let (sandbox, uni, inbox) = shop().await;
    let url = json!({"notify_url": inbox.url()}).to_string();
    ok(&uni.oauth("POST", "/v1.0/webhook/notify-url", &url).await);
    let method = method(&uni, json!({"network": "NETWORK_TRX", "address": SOMEONE})).await;
    let asked = payment(&sandbox, "USDT", &method).to_string();
    let answer = uni.oauth("POST", PAYMENTS, &asked).await;
    let data = ok(&answer);
    assert!(
        answer
            .text()
            .contains(r#""amount":100.0,"fee":1.0,"total_amount":101.0"#)
    );
    assert_eq!(
        (&data["status"], &data["transfer_method"]),
        (&json!("PENDING"), &json!("CRYPTO"))
    );
    assert_eq!(
        (&data["destination"]["id"], &data["reference"]),
        (&json!(method), &json!("R-1"))
    );
    let one = format!("{PAYMENTS}/{}", text(&data["id"]));
    let confirmed = uni
        .oauth("PUT", &format!("{one}/confirm"), r#"{"note":"yes"}"#)
        .await;
    assert_eq!(ok(&confirmed)["status"], "CONFIRMED");
    let twice = uni.oauth("PUT", &format!("{one}/confirm"), "").await;
    assert_eq!(refused(&twice, "must be PENDING").0, 409);
    for word in ["APPROVED", "COMPLETED"] {
        let moved = sandbox
            .unipayment()
            .advance_payout(&text(&data["id"]))
            .unwrap();
        assert_eq!(moved.status_word(), word);
    }
    let balance = sandbox.unipayment().balances()["USDT"];
    assert_eq!((balance.total, balance.frozen), (899.into(), 0.into()));
    assert_eq!(ok(&uni.oauth("GET", &one, "").await)["status"], "COMPLETED");
    let late = uni.oauth("PUT", &format!("{one}/cancel"), "").await;
    assert_eq!(refused(&late, "PENDING or CONFIRMED").0, 409);
    let told = told(&inbox, 4).await;
    assert_eq!(told[0], ("payment_initiated".into(), "PENDING".into()));
    assert_eq!(told[3], ("payment_completed".into(), "COMPLETED".into()));
    assert_eq!(ok(&uni.oauth("GET", PAYMENTS, "").await)["total"], 1);
}

#[tokio::test]
async fn a_bank_payment_notice_looks_like_the_example() {
    let (sandbox, uni, inbox) = shop().await;
    sandbox.update_settings(|settings| {
        settings.unipayment.global_notify_url = Some(inbox.url());
    });
    let example = include_str!("../fixtures/unipayment_v2_ipn_payment_initiated.json");
    let example: Value = serde_json::from_str(example).unwrap();
    let method = method(&uni, example["transfer_destination"].clone()).await;
    let asked = payment(&sandbox, "USD", &method).to_string();
    let data = ok(&uni.oauth("POST", PAYMENTS, &asked).await);
    assert_eq!(
        (&data["transfer_method"], &data["network"]),
        (&json!("BANK"), &json!("BANK_SWIFT"))
    );
    let webhook = inbox.next().await.unwrap();
    let raw = String::from_utf8(webhook.body.clone()).unwrap();
    assert!(raw.starts_with(r#"{"ipn_type":"payment","event":"payment_initiated","payment_id":"#));
    let notice = body(&webhook);
    let names = |json: &Value| {
        json.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&notice), names(&example));
    assert_eq!(
        notice["transfer_destination"]["bank"],
        example["transfer_destination"]["bank"]
    );
    let id = text(&data["id"]);
    let canceled = uni
        .oauth("PUT", &format!("{PAYMENTS}/{id}/cancel"), "")
        .await;
    assert_eq!(ok(&canceled)["status"], "CANCELED");
    assert_eq!(
        told(&inbox, 1).await,
        [("payment_cancelled".into(), "CANCELED".into())]
    );
}

#[tokio::test]
async fn a_payment_is_refused_with_a_reason() {
    let (sandbox, uni, _inbox) = shop().await;
    let method = method(&uni, json!({"network": "NETWORK_TRX"})).await;
    let right = payment(&sandbox, "USDT", &method);
    let own = sandbox.unipayment().account_id("BTC").unwrap();
    for (member, value, hint) in [
        ("from_account_id", json!("x"), "names no account"),
        ("from_account_id", json!(own), "account of BTC"),
        ("asset_type", json!("DOGE"), "wallet/accounts"),
        ("reason", json!("Fun"), "StaffCosts"),
        ("payment_method_id", json!("x"), "no payment method"),
        ("payment_method_id", json!(null), "destination is missing"),
        (
            "to_account_id",
            json!("theirs"),
            "destination is there twice",
        ),
        ("to_account_id", json!(own), "account of this wallet"),
        ("amount", json!(1000), "1001 USDT and 1000"),
        ("amount", json!("1.0000001"), "at most 6 decimals"),
    ] {
        let mut asked = right.clone();
        asked[member] = value;
        refused(&uni.oauth("POST", PAYMENTS, &asked.to_string()).await, hint);
    }
    let mut internal = right.clone();
    internal["payment_method_id"] = json!(null);
    internal["to_account_id"] = json!("theirs");
    let data = ok(&uni.oauth("POST", PAYMENTS, &internal.to_string()).await);
    assert_eq!(
        (&data["transfer_method"], &data["network"]),
        (&json!("INTERNAL"), &Value::Null)
    );
    // A repeated unique_id is another payment, unless the settings say otherwise.
    ok(&uni.oauth("POST", PAYMENTS, &right.to_string()).await);
    sandbox.update_settings(|settings| settings.unipayment.allow_repeated_unique_id = false);
    refused(
        &uni.oauth("POST", PAYMENTS, &right.to_string()).await,
        "unique_id already has",
    );
    let fee = ok(&uni
        .oauth("GET", "/v1.0/payments/fee?asset_type=USDT", "")
        .await);
    assert_eq!(
        (&fee["flat_rate"], &fee["fee_type"]),
        (&json!(1.0), &json!("Fix"))
    );
    assert_eq!(sandbox.unipayment().payouts().len(), 2);
}
