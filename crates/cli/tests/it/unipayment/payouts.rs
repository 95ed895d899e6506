//! Payouts: withdrawals to addresses, payments to what the gateway keeps.

use paymux_sandbox::Generation;
use serde_json::json;

use super::{ACCOUNT, command_at, payout_to, uni};
use crate::child::{RECEIVER, paymux, run, sandbox, with};

const WITHDRAWALS: &str = "/v1.0/wallet/withdrawals";
const PAYMENTS: &str = "/v1.0/payments";

#[tokio::test]
async fn a_withdrawal_tells_its_fee_before_and_is_read_back() {
    let sandbox = sandbox().await;
    let ran = uni(&sandbox, Generation::Hmac, &payout_to(RECEIVER)).await;
    assert!(ran.stderr.contains("fee 1 USDT@tron"), "{ran:#?}");
    let payout = ran.done();
    assert_eq!(payout["reference"], "ref-1");
    let amount = json!({"amount": "0.5", "asset": "USDT@tron"});
    assert_eq!(payout["amount"], amount);
    assert_eq!(payout["fee"]["amount"], "1");
    assert_eq!(payout["destination"]["address"], RECEIVER);

    let id = payout["id"].as_str().unwrap();
    while !sandbox.unipayment().payout(id).unwrap().status.is_final() {
        sandbox.unipayment().advance_payout(id).unwrap();
    }
    let read = uni(&sandbox, Generation::Hmac, &["payout", "get", id])
        .await
        .done();
    assert_eq!(read["status"], "completed");
    assert_eq!(read["reference"], "ref-1");
    assert_eq!(read["amount"], amount);
    assert!(read["transactions"][0]["hash"].is_string());
}

#[tokio::test]
async fn a_payment_goes_to_what_the_gateway_keeps() {
    let sandbox = sandbox().await;
    let ran = uni(&sandbox, Generation::OAuth, &payout_to(ACCOUNT)).await;
    assert!(ran.stderr.contains("fee unknown"), "{ran:#?}");
    let payout = ran.done();
    assert_eq!(payout["status"], "pending");
    assert_eq!(payout["reference"], "ref-1");
    assert_eq!(payout["destination"]["address"], ACCOUNT);
    let kept = &sandbox.unipayment().payouts()[0];
    assert_eq!(kept.note.as_deref(), Some("ref-1"));
    assert_eq!(kept.unique_id.as_deref(), Some("ref-1"));

    let id = payout["id"].as_str().unwrap();
    sandbox.unipayment().reject_payout(id).unwrap();
    let read = uni(&sandbox, Generation::OAuth, &["payout", "get", id])
        .await
        .done();
    assert_eq!(
        (&read["status"], &read["reference"]),
        (&json!("failed"), &json!("ref-1"))
    );
    assert_eq!(read["provider_status"], "REJECTED");
}

/// Money that is on no network has no address whose form could be checked.
#[tokio::test]
async fn a_payment_may_be_in_a_currency() {
    let sandbox = sandbox().await;
    let mut args = payout_to(ACCOUNT);
    args[5] = "EUR";
    let mut command = command_at(sandbox.url(), Generation::OAuth, &args);
    command
        .env(
            "PAYMUX_UNIPAYMENT_FROM_ACCOUNT_ID",
            sandbox.unipayment().account_id("EUR").unwrap(),
        )
        .env("PAYMUX_UNIPAYMENT_PAYOUT_REASON", "StaffCosts");
    let payout = run(command).await.done();
    assert_eq!(payout["amount"], json!({"amount": "0.5", "asset": "EUR"}));
}

#[tokio::test]
async fn a_payment_to_an_address_is_not_sent() {
    let sandbox = sandbox().await;
    let with_callback = with(
        &payout_to(ACCOUNT),
        &["--callback-url", "http://127.0.0.1:9/hook"],
    );
    for args in [&payout_to(RECEIVER)[..], &with_callback] {
        let error = uni(&sandbox, Generation::OAuth, args).await.error(2);
        assert_eq!(error["kind"], "unsupported");
        assert_eq!(error["outcome"], "not_sent");
        assert_eq!(error["reference"], "ref-1");
        assert!(error["hint"].as_str().unwrap().contains("hmac"), "{error}");
    }
    let mut mistyped = payout_to("payment-methods:1");
    mistyped[5] = "USDT@tron";
    let error = uni(&sandbox, Generation::OAuth, &mistyped).await.error(2);
    assert_eq!(error["kind"], "invalid_request");
    assert!(sandbox.requests_to(PAYMENTS).is_empty());
}

#[tokio::test]
async fn a_payment_needs_an_account_and_a_reason() {
    let sandbox = sandbox().await;
    let command = command_at(sandbox.url(), Generation::OAuth, &payout_to(ACCOUNT));
    let error = run(command).await.error(2);
    assert_eq!(error["kind"], "configuration");
    let message = error["message"].as_str().unwrap();
    for variable in [
        "PAYMUX_UNIPAYMENT_FROM_ACCOUNT_ID",
        "PAYMUX_UNIPAYMENT_PAYOUT_REASON",
    ] {
        assert!(message.contains(variable), "{message}");
    }
    assert!(sandbox.requests_to(PAYMENTS).is_empty());
}

#[tokio::test]
async fn a_withdrawal_to_no_address_is_not_sent() {
    let sandbox = sandbox().await;
    for to in [
        "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ",
        ACCOUNT,
        "payment-method:1",
    ] {
        let error = uni(&sandbox, Generation::Hmac, &payout_to(to))
            .await
            .error(2);
        assert_eq!(error["kind"], "invalid_request", "{to}");
        assert_eq!(error["reference"], "ref-1");
    }
    let mut without_network = payout_to(RECEIVER);
    without_network[5] = "USDT";
    let error = uni(&sandbox, Generation::Hmac, &without_network)
        .await
        .error(2);
    assert!(
        error["message"].as_str().unwrap().contains("USDT@tron"),
        "{error}"
    );
    assert!(sandbox.requests_to(WITHDRAWALS).is_empty());

    // What only another gateway keeps is no address here either.
    let mut args = payout_to(ACCOUNT);
    args[5] = "USDT@tron-nile";
    let error = paymux(&sandbox, &args).await.error(2);
    assert_eq!(error["kind"], "invalid_request");
    assert!(sandbox.halo().payouts().is_empty());
}

#[tokio::test]
async fn too_little_money_is_the_gateways_no() {
    let sandbox = sandbox().await;
    for (generation, to) in [(Generation::Hmac, RECEIVER), (Generation::OAuth, ACCOUNT)] {
        let mut args = payout_to(to);
        args[7] = "5000";
        let error = uni(&sandbox, generation, &args).await.error(3);
        assert_eq!(error["outcome"], "rejected");
        assert_eq!(error["code"], "INSUFFICIENT_BALANCE");
    }
    assert!(sandbox.unipayment().payouts().is_empty());
}
