//! Payouts: once, to a well-formed address, and asked about first.

use paymux_sandbox::{FaultRule, RequestFault};
use serde_json::json;

use crate::child::{
    OTP, PAYOUT, RECEIVER, builder, command_at, members, paymux, run, sandbox, with,
};

const CREATE: &str = "/api/payout/create";

const MEMBERS: [&str; 10] = [
    "amount",
    "created_at",
    "destination",
    "fee",
    "id",
    "provider",
    "provider_status",
    "reference",
    "status",
    "transactions",
];

#[tokio::test]
async fn a_payout_is_sent_and_read_back() {
    let sandbox = sandbox().await;
    let payout = paymux(&sandbox, &PAYOUT).await.done();
    assert_eq!(members(&payout), MEMBERS);
    assert_eq!(payout["reference"], "ref-1");
    assert_eq!(payout["status"], "pending");
    assert_eq!(
        payout["amount"],
        json!({"amount": "0.5", "asset": "USDT@tron-nile"})
    );
    assert_eq!(
        payout["fee"],
        json!({"amount": "0.8025", "asset": "USDT@tron-nile"})
    );
    assert_eq!(payout["destination"]["address"], RECEIVER);

    let id = payout["id"].as_str().unwrap();
    for _ in 0..3 {
        sandbox.halo().advance_payout(id).unwrap();
    }
    for id in [id.to_owned(), format!("native-checkout:{id}")] {
        let read = paymux(&sandbox, &["payout", "get", &id]).await.done();
        assert_eq!(members(&read), MEMBERS);
        assert_eq!(read["id"], payout["id"]);
        assert_eq!(read["status"], "completed");
        assert_eq!(read["fee"]["amount"], "0.8025");
    }
    assert_eq!(sandbox.halo().payouts().len(), 1);
}

#[tokio::test]
async fn a_mistyped_address_is_found_before_anything_is_sent() {
    let sandbox = sandbox().await;
    for (asset, to) in [
        ("USDT@tron-nile", "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ"),
        ("USDT@tron", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        (
            "USDT@ethereum",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed",
        ),
        ("BTC@bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
        (
            "tron:0xcd8690dc/trc20:TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf",
            "nobody",
        ),
        ("USDT@tron-nile", ""),
    ] {
        let mut args = PAYOUT;
        args[5] = asset;
        args[9] = to;
        let error = paymux(&sandbox, &args).await.error(2);
        assert_eq!(error["kind"], "invalid_request", "{error}");
        assert_eq!(error["outcome"], "not_sent");
        assert_eq!(error["reference"], "ref-1");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_symbol_alone_is_checked_against_the_catalogues_network() {
    let sandbox = sandbox().await;
    let mut args = PAYOUT;
    args[5] = "JST";
    args[9] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let error = paymux(&sandbox, &args).await.error(2);
    assert!(
        error["message"].as_str().unwrap().contains("tron-nile"),
        "{error}"
    );

    args[5] = "USDT"; // on two networks of the sandbox
    let error = paymux(&sandbox, &args).await.error(2);
    assert!(
        error["message"].as_str().unwrap().contains("trc20:"),
        "{error}"
    );
    assert!(sandbox.requests_to(CREATE).is_empty());
}

#[tokio::test]
async fn without_a_terminal_it_must_be_said_beforehand() {
    let sandbox = sandbox().await;
    let error = paymux(&sandbox, &PAYOUT[..10]).await.error(2);
    assert!(
        error["message"].as_str().unwrap().contains("--yes"),
        "{error}"
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn what_is_sent_and_that_its_fee_is_unknown_is_told_on_stderr() {
    let sandbox = sandbox().await;
    let ran = paymux(&sandbox, &PAYOUT).await;
    assert!(
        ran.stderr.contains("0.5 USDT@tron-nile") && ran.stderr.contains("fee unknown"),
        "{ran:#?}"
    );
}

#[tokio::test]
async fn a_one_time_code_is_used_and_never_shown() {
    let settings = paymux_sandbox::Settings {
        two_factor: true,
        google_code: OTP.to_owned().into(),
        ..paymux_sandbox::Settings::default()
    };
    let sandbox = builder().settings(settings).start().await.unwrap();
    let error = paymux(&sandbox, &with(&PAYOUT, &["--otp", "000000", "-vv"]))
        .await
        .error(3);
    assert_eq!(
        error["code"],
        sandbox.settings().codes.wrong_google_code.to_string()
    );

    let ran = paymux(&sandbox, &with(&PAYOUT, &["--otp", OTP, "-vv"])).await;
    assert_eq!(ran.done()["status"], "pending");
    let mut by_environment = command_at(sandbox.url(), &PAYOUT);
    by_environment.env("PAYMUX_OTP", OTP);
    assert_eq!(run(by_environment).await.done()["status"], "pending");

    let help = paymux(&sandbox, &["payout", "create", "--help"]).await;
    assert_eq!(help.exit, 0);
}

#[tokio::test]
async fn too_little_money_is_the_gateways_no() {
    let sandbox = sandbox().await;
    let mut args = PAYOUT;
    args[7] = "5000";
    let error = paymux(&sandbox, &args).await.error(3);
    assert_eq!(error["outcome"], "rejected");
    assert_eq!(error["reference"], "ref-1");
    assert!(sandbox.halo().payouts().is_empty());
}

#[tokio::test]
async fn more_digits_than_the_asset_has_are_not_rounded_away() {
    let sandbox = sandbox().await;
    let mut args = PAYOUT;
    args[7] = "0.0000001";
    let error = paymux(&sandbox, &args).await.error(2);
    assert_eq!(error["kind"], "invalid_request");
    assert!(sandbox.requests_to(CREATE).is_empty());
}

#[tokio::test]
async fn an_answer_about_another_amount_is_no_success() {
    let sandbox = sandbox().await;
    let fault = RequestFault::ReplaceMember {
        member: "data.actual_receipt".to_owned(),
        value: json!("0.4"),
    };
    sandbox.faults().add(FaultRule::request(CREATE, fault));
    let error = paymux(&sandbox, &PAYOUT).await.error(5);
    assert_eq!(error["kind"], "mismatch");
    assert_eq!(error["outcome"], "unknown");
    let id = sandbox.halo().payouts()[0].trade_no.clone();
    assert_eq!(error["id"], id.as_str());
    let find_out = format!("paymux --provider native-checkout payout get {id}");
    assert!(
        error["hint"].as_str().unwrap().contains(&find_out),
        "{error}"
    );
}
