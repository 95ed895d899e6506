//! Withdrawals and batches.

use paymux_sandbox::Sandbox;
use paymux_sandbox::unipayment::PayoutStatus;
use serde_json::{Value, json};

use crate::client::SOMEONE;
use crate::shape::shape_of;
use crate::unipayment_client::{body, ok, refused, shop, text, told};

const WITHDRAWALS: &str = "/v1.0/wallet/withdrawals";

fn wanted(amount: Value, extra: Value) -> String {
    let mut members = json!({
        "network": "NETWORK_TRX", "address": SOMEONE, "asset_type": "USDT", "amount": amount,
        "auto_confirm": true, "include_fee": false,
    });
    let extra = extra.as_object().unwrap().clone();
    members.as_object_mut().unwrap().extend(extra);
    members.to_string()
}

fn money(sandbox: &Sandbox) -> (String, String) {
    let balance = sandbox.unipayment().balances()["USDT"];
    (balance.total.to_string(), balance.frozen.to_string())
}

#[tokio::test]
async fn a_withdrawal_goes_its_way() {
    let (sandbox, uni, inbox) = shop().await;
    let asked = wanted(
        json!(15),
        json!({"notify_url": inbox.url(), "note": "wages"}),
    );
    let answer = uni.hmac("POST", WITHDRAWALS, &asked).await;
    let data = ok(&answer);
    assert_eq!(
        shape_of(&answer.body),
        "{code:string,msg:string,data:{id:string,network:string,asset_type:string,amount:fraction,\
         address:string,fee:fraction,status:string,txn_hash:null,note:string,create_time:string}}"
    );
    assert_eq!(
        (&data["amount"], &data["fee"], &data["status"]),
        (&json!(15.0), &json!(1.0), &json!("Confirm"))
    );
    assert_eq!(money(&sandbox), ("1000".into(), "16".into()));
    let id = text(&data["id"]);
    let pay = sandbox.unipayment();
    pay.advance_payout(&id).unwrap();
    pay.advance_payout(&id).unwrap();
    assert_eq!(money(&sandbox), ("984".into(), "0".into()));
    let one = ok(&uni.hmac("GET", &format!("{WITHDRAWALS}/{id}"), "").await);
    assert_eq!(
        (&one["status"], text(&one["txn_hash"]).len()),
        (&json!("Success"), 64)
    );
    let statuses = told(&inbox, 4).await;
    let expected = [
        ("withdrawal_apply", "Apply"),
        ("withdrawal_confirm", "Confirm"),
        ("withdrawal_approve", "Approve"),
        ("withdrawal_success", "Success"),
    ];
    assert_eq!(
        statuses,
        expected.map(|(event, status)| (event.to_owned(), status.to_owned()))
    );
    assert!(pay.advance_payout(&id).is_err());
}

#[tokio::test]
async fn a_withdrawal_notice_looks_like_the_example() {
    let (_sandbox, uni, inbox) = shop().await;
    let asked = wanted(
        json!(15),
        json!({"notify_url": inbox.url(), "auto_confirm": false}),
    );
    let data = ok(&uni.hmac("POST", WITHDRAWALS, &asked).await);
    assert_eq!(data["status"], "Pending");
    let webhook = inbox.next().await.unwrap();
    let example = include_str!("../fixtures/unipayment_v1_ipn_withdrawal_2023.json");
    assert_eq!(shape_of(&webhook.body), shape_of(example.as_bytes()));
    let notice = body(&webhook);
    assert_eq!(
        (&notice["withdrawal_id"], &notice["status"]),
        (&data["id"], &json!("Apply"))
    );
}

#[tokio::test]
async fn a_withdrawal_that_ends_otherwise_returns_its_money() {
    let (sandbox, uni, inbox) = shop().await;
    let pay = sandbox.unipayment();
    for (status, word, told_as) in [
        (PayoutStatus::Failed, "Fail", "Failed"),
        (PayoutStatus::Rejected, "Reject", "Reject"),
        (PayoutStatus::Canceled, "Cancel", "Cancel"),
    ] {
        let asked = wanted(json!("2.5"), json!({"notify_url": inbox.url()}));
        let id = text(&ok(&uni.hmac("POST", WITHDRAWALS, &asked).await)["id"]);
        let moved = match status {
            PayoutStatus::Failed => pay.fail_payout(&id),
            PayoutStatus::Rejected => pay.reject_payout(&id),
            _ => pay.cancel_payout(&id),
        };
        assert_eq!(moved.unwrap().status_word(), word);
        assert_eq!(told(&inbox, 3).await[2].1, told_as);
        assert_eq!(money(&sandbox), ("1000".into(), "0".into()));
        let cancel = json!({"id": id}).to_string();
        let answer = uni
            .hmac("POST", &format!("{WITHDRAWALS}/cancel"), &cancel)
            .await;
        assert_eq!(
            refused(&answer, "not approved yet"),
            (409, "INVALID_STATE".into())
        );
    }
    let id = text(
        &ok(&uni
            .hmac("POST", WITHDRAWALS, &wanted(json!(1), json!({})))
            .await)["id"],
    );
    let cancel = json!({"id": id}).to_string();
    let answer = uni
        .hmac("POST", &format!("{WITHDRAWALS}/cancel"), &cancel)
        .await;
    assert_eq!(ok(&answer)["status"], "Cancel");
}

#[tokio::test]
async fn a_fee_can_be_included() {
    let (sandbox, uni, _inbox) = shop().await;
    let asked = wanted(json!(15), json!({"include_fee": true}));
    let data = ok(&uni.hmac("POST", WITHDRAWALS, &asked).await);
    assert_eq!((&data["amount"], &data["fee"]), (&json!(14.0), &json!(1.0)));
    assert_eq!(money(&sandbox).1, "15");
    let fees = ok(&uni
        .hmac("GET", "/v1.0/wallet/withdrawal-fees/USDT", "")
        .await);
    let first = json!({"asset_type": "USDT", "network": "NETWORK_TRX", "fee_type": "Fix", "fee": 1.0, "min_txn_fee": 1.0});
    assert_eq!(fees[0], first);
}

#[tokio::test]
async fn a_withdrawal_is_refused_with_a_reason() {
    let (sandbox, uni, _inbox) = shop().await;
    for (member, value, hint, code) in [
        (
            "amount",
            json!(1000),
            "1001 USDT and 1000",
            "INSUFFICIENT_BALANCE",
        ),
        ("amount", json!(0), "above 0", "INVALID_PARAMETER"),
        (
            "amount",
            json!("0.0000001"),
            "at most 6 decimals",
            "INVALID_PARAMETER",
        ),
        (
            "address",
            json!("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u"),
            "checksum",
            "INVALID_PARAMETER",
        ),
        (
            "network",
            json!("NETWORK_ETH"),
            "does not begin with 0x",
            "INVALID_PARAMETER",
        ),
        (
            "network",
            json!("NETWORK_SOL"),
            "NETWORK_TRX",
            "INVALID_PARAMETER",
        ),
        ("asset_type", json!("DOGE"), "no coin", "INVALID_PARAMETER"),
        (
            "auto_confirm",
            json!("yes"),
            "true or false",
            "INVALID_PARAMETER",
        ),
        (
            "colour",
            json!("red"),
            "knows no member",
            "INVALID_PARAMETER",
        ),
    ] {
        let answer = uni
            .hmac(
                "POST",
                WITHDRAWALS,
                &wanted(json!(1), json!({member: value})),
            )
            .await;
        assert_eq!(refused(&answer, hint), (400, code.into()), "{member}");
    }
    assert!(sandbox.unipayment().payouts().is_empty());
    assert_eq!(money(&sandbox).1, "0");
}

#[tokio::test]
async fn lists_hold_their_own_kind() {
    let (_sandbox, uni, _inbox) = shop().await;
    for amount in [1, 2] {
        ok(&uni
            .hmac("POST", WITHDRAWALS, &wanted(json!(amount), json!({})))
            .await);
    }
    let batch = json!({
        "network": "NETWORK_TRX", "asset_type": "USDT",
        "items": [{"address": SOMEONE, "amount": 1}, {"address": SOMEONE, "amount": "2.5"}],
    });
    let made = ok(&uni.hmac("POST", "/v1.0/payouts", &batch.to_string()).await);
    assert_eq!(
        (&made["status"], &made["items"][1]["amount"]),
        (&json!("Pending"), &json!(2.5))
    );
    let withdrawals = ok(&uni
        .hmac("GET", &format!("{WITHDRAWALS}?status=confirm"), "")
        .await);
    assert_eq!(
        (&withdrawals["total"], &withdrawals["models"][0]["amount"]),
        (&json!(2), &json!(2.0))
    );
    let batches = ok(&uni.hmac("GET", "/v1.0/payouts", "").await);
    assert_eq!(
        (&batches["total"], &batches["models"][0]["payout_id"]),
        (&json!(1), &made["payout_id"])
    );
    assert!(batches["models"][0].get("items").is_none());
    refused(
        &uni.hmac("GET", &format!("{WITHDRAWALS}?status=gone"), "")
            .await,
        "Pending, Confirm",
    );
    let id = text(&made["payout_id"]);
    assert_eq!(
        uni.hmac("GET", &format!("{WITHDRAWALS}/{id}"), "")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_batch_is_paid_as_a_whole() {
    let (sandbox, uni, _inbox) = shop().await;
    let mut batch = json!({
        "network": "NETWORK_TRX", "asset_type": "USDT", "items": [{"address": SOMEONE, "amount": 3}],
    });
    let made = ok(&uni.hmac("POST", "/v1.0/payouts", &batch.to_string()).await);
    let id = text(&made["payout_id"]);
    for word in ["Processing", "Complete"] {
        assert_eq!(
            sandbox
                .unipayment()
                .advance_payout(&id)
                .unwrap()
                .status_word(),
            word
        );
    }
    let one = ok(&uni.hmac("GET", &format!("/v1.0/payouts/{id}"), "").await);
    assert_eq!(text(&one["items"][0]["hash"]).len(), 64);
    assert_eq!(money(&sandbox), ("997".into(), "0".into()));
    batch["items"] = json!([]);
    refused(
        &uni.hmac("POST", "/v1.0/payouts", &batch.to_string()).await,
        "items is empty",
    );
    batch["items"] = json!([{"address": "x", "amount": 3}]);
    refused(
        &uni.hmac("POST", "/v1.0/payouts", &batch.to_string()).await,
        "item 1",
    );
    batch["items"] =
        json!([{"address": SOMEONE, "amount": 600}, {"address": SOMEONE, "amount": 600}]);
    let answer = uni.hmac("POST", "/v1.0/payouts", &batch.to_string()).await;
    assert_eq!(refused(&answer, "1200 USDT").1, "INSUFFICIENT_BALANCE");
    let failing = ok(&uni.hmac("POST", "/v1.0/payouts", &json!({
        "network": "NETWORK_TRX", "asset_type": "USDT", "items": [{"address": SOMEONE, "amount": 3}],
    }).to_string()).await);
    assert!(
        sandbox
            .unipayment()
            .fail_payout(&text(&failing["payout_id"]))
            .is_err()
    );
}
