//! The life of a payout, and where its money is meanwhile.

use paymux_sandbox::{Balance, PayoutStatus, Sandbox, SandboxError};

use crate::client::{Merchant, dec};

const NOWHERE: &str = "http://127.0.0.1:9/";

fn usdt(sandbox: &Sandbox) -> (String, String) {
    let Balance { total, frozen, .. } = sandbox.halo().balances()[&75];
    (total.to_string(), frozen.to_string())
}

#[tokio::test]
async fn a_payout_goes_through_its_statuses_and_spends_at_the_end() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let payout = merchant.payout("10", NOWHERE).await;
    // 10 + 0.02 + 0.8015
    assert_eq!(usdt(&sandbox), ("1000".into(), "10.8215".into()));
    assert_eq!(merchant.operable().await, "989.1785");
    let mut seen = Vec::new();
    for _ in 0..3 {
        assert_eq!(usdt(&sandbox), ("1000".into(), "10.8215".into()));
        sandbox.halo().advance_payout(&payout).unwrap();
        let detail = merchant.payout_detail(&payout).await;
        seen.push(detail["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["TRANSFER", "CONFIRMING-PROGRESS", "PAID"]);
    assert_eq!(usdt(&sandbox), ("989.1785".into(), "0".into()));
    assert_eq!(merchant.operable().await, "989.1785");
    let txid = sandbox.halo().payout(&payout).unwrap().txid.unwrap();
    assert_eq!(txid.len(), 64);
}

#[tokio::test]
async fn failing_and_cancelling_return_the_money() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let (first, second) = (
        merchant.payout("10", NOWHERE).await,
        merchant.payout("5", NOWHERE).await,
    );
    sandbox.halo().advance_payout(&first).unwrap();
    sandbox.halo().fail_payout(&first).unwrap();
    assert_eq!(merchant.payout_detail(&first).await["status"], "FAIL");
    sandbox.halo().cancel_payout(&second).unwrap();
    assert_eq!(merchant.payout_detail(&second).await["status"], "CANCEL");
    assert_eq!(usdt(&sandbox), ("1000".into(), "0".into()));
}

#[tokio::test]
async fn a_payout_that_is_over_cannot_be_moved() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let payout = merchant.payout("10", NOWHERE).await;
    let halo = sandbox.halo();
    halo.cancel_payout(&payout).unwrap();
    let moves = [
        halo.advance_payout(&payout),
        halo.fail_payout(&payout),
        halo.cancel_payout(&payout),
    ];
    for moved in moves {
        let error = moved.unwrap_err();
        assert!(
            matches!(
                error,
                SandboxError::State {
                    state: "CANCEL",
                    ..
                }
            ),
            "{error}"
        );
    }
    assert_eq!(halo.payout(&payout).unwrap().status, PayoutStatus::Cancel);
    assert_eq!(usdt(&sandbox), ("1000".into(), "0".into()));
    let error = halo.advance_payout("nothing").unwrap_err();
    assert!(matches!(error, SandboxError::UnknownPayout(_)), "{error}");
}

#[tokio::test]
async fn fees_are_settings_and_round_up() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.update_settings(|settings| {
        settings.service_charge = dec("0.0033");
        settings.gas.set("USDT", dec("1.50"));
    });
    let payout = merchant.payout("0.000100", NOWHERE).await;
    let detail = merchant.payout_detail(&payout).await;
    // 0.0001 * 0.0033 is 0.00000033.
    assert_eq!(detail["service_charge"], "0.000001");
    assert_eq!(detail["gas"], "1.5");
    assert_eq!(detail["amount"], "0.000100");
}

#[tokio::test]
async fn a_payout_is_there_as_often_as_it_was_asked() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let first = merchant.payout("1", NOWHERE).await;
    let second = merchant.payout("1", NOWHERE).await;
    assert_ne!(first, second);
    assert_eq!(sandbox.halo().payouts().len(), 2);
    assert_eq!(sandbox.requests_to("/api/payout/create").len(), 2);
}
