//! Answers that are wrong, late, or someone else's.

use std::time::Duration;

use paymux_sandbox::{FaultRule, RequestFault, RequestOutcome, Sandbox, When};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{Answer, Merchant, SOMEONE, eventually, sign};

const PAYOUT: &str = "/api/payout/create";

async fn sandbox_with(fault: RequestFault) -> (Sandbox, Merchant) {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(FaultRule::request(PAYOUT, fault));
    let merchant = Merchant::of(&sandbox);
    (sandbox, merchant)
}

async fn pay_out(merchant: &Merchant) -> Answer {
    let body = format!(r#"{{"currency_id":75,"amount":"1","to_address":"{SOMEONE}"}}"#);
    merchant.call(PAYOUT, &body).await
}

fn is_signed(answer: &Answer, merchant: &Merchant) -> bool {
    let timestamp = answer.header("x-timestamp").unwrap();
    let expected = sign(&merchant.app_key, &answer.body, timestamp);
    answer.header("x-sign") == Some(expected.as_str())
}

#[tokio::test]
async fn a_status_comes_before_or_after_the_work() {
    for (when, payouts) in [(When::BeforeWork, 0), (When::AfterWork, 1)] {
        for status in [401, 500, 502, 503] {
            let (sandbox, merchant) = sandbox_with(RequestFault::status(when, status)).await;
            let answer = pay_out(&merchant).await;
            assert_eq!((answer.status, answer.body.len()), (status, 0));
            assert_eq!(answer.header("x-sign"), None);
            assert_eq!(sandbox.halo().payouts().len(), payouts);
            let outcome = sandbox.requests()[0].outcome.clone();
            let worked = payouts == 1;
            let code = worked.then_some(0);
            assert_eq!(
                outcome,
                RequestOutcome::Answered {
                    status,
                    worked,
                    code
                }
            );
        }
    }
}

#[tokio::test]
async fn a_status_brings_headers_and_a_body() {
    let (_sandbox, merchant) = sandbox_with(RequestFault::too_many_requests(7)).await;
    let answer = pay_out(&merchant).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("7"))
    );

    let (_sandbox, merchant) = sandbox_with(RequestFault::Status {
        when: When::BeforeWork,
        status: 302,
        headers: vec![("Location".into(), "https://example.com/".into())],
        body: r#"{"code":1}"#.into(),
    })
    .await;
    let answer = pay_out(&merchant).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, Some("https://example.com/"))
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.code(), 1);
}

#[tokio::test]
async fn malformed_json_is_signed() {
    let (sandbox, merchant) = sandbox_with(RequestFault::MalformedJson).await;
    let answer = pay_out(&merchant).await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    assert!(is_signed(&answer, &merchant));
    assert_eq!(sandbox.halo().payouts().len(), 1);
}

#[tokio::test]
async fn a_wrong_signature_stands_on_a_right_answer() {
    let (_sandbox, merchant) = sandbox_with(RequestFault::WrongSignature).await;
    let answer = pay_out(&merchant).await;
    assert_eq!(answer.data()["actual_receipt"], "1");
    assert!(!is_signed(&answer, &merchant));
    assert_eq!(answer.header("x-sign").unwrap().len(), 64);
    assert!(is_signed(&pay_out(&merchant).await, &merchant));
}

#[tokio::test]
async fn a_member_is_replaced_or_removed_and_the_rest_keeps_its_order() {
    let (_sandbox, merchant) = sandbox_with(RequestFault::ReplaceMember {
        member: "data.actual_receipt".into(),
        value: "0.5".into(),
    })
    .await;
    let answer = pay_out(&merchant).await;
    assert!(is_signed(&answer, &merchant));
    let trade_no = answer.data()["trade_no"].as_str().unwrap().to_owned();
    let expected = format!(
        r#"{{"code":0,"msg":"success","data":{{"cost":"0.8035","actual_receipt":"0.5","trade_no":"{trade_no}","estimated_transfer":"0"}}}}"#
    );
    assert_eq!(answer.text(), expected);

    let member = "data.trade_no".to_owned();
    let (_sandbox, merchant) = sandbox_with(RequestFault::RemoveMember { member }).await;
    let answer = pay_out(&merchant).await;
    assert!(is_signed(&answer, &merchant));
    let expected = r#"{"code":0,"msg":"success","data":{"cost":"0.8035","actual_receipt":"1","estimated_transfer":"0"}}"#;
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn members_inside_arrays_are_edited_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.faults().add(FaultRule::request(
        "/api/currency/*",
        RequestFault::ReplaceMember {
            member: "data.1.decimal".into(),
            value: 8.into(),
        },
    ));
    let answer = merchant.call("/api/currency/token-list", "{}").await;
    let decimals: Vec<_> = answer
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["decimal"].as_i64().unwrap())
        .collect();
    assert_eq!(decimals, [18, 8, 6, 6, 6]);
}

#[tokio::test]
async fn a_huge_body_is_the_right_answer_and_blanks() {
    let (_sandbox, merchant) = sandbox_with(RequestFault::HugeBody { bytes: 3 << 20 }).await;
    let answer = pay_out(&merchant).await;
    assert_eq!(answer.body.len(), 3 << 20);
    assert_eq!(answer.data()["actual_receipt"], "1");
    assert!(is_signed(&answer, &merchant));
}

#[tokio::test]
async fn a_delayed_answer_is_right() {
    for when in [When::BeforeWork, When::AfterWork] {
        let fault = RequestFault::delay(when, Duration::from_millis(30));
        let (sandbox, merchant) = sandbox_with(fault).await;
        assert_eq!(pay_out(&merchant).await.code(), 0);
        assert_eq!(sandbox.halo().payouts().len(), 1);
    }
}

#[tokio::test]
async fn the_work_is_done_even_if_the_caller_went_away() {
    let fault = RequestFault::delay(When::BeforeWork, Duration::from_millis(100));
    let (sandbox, merchant) = sandbox_with(fault).await;
    let body = format!(r#"{{"currency_id":75,"amount":"1","to_address":"{SOMEONE}"}}"#);
    let headers = merchant.proof(body.as_bytes());
    let request = merchant.request("POST", PAYOUT, &headers, body.as_bytes());
    let mut stream = TcpStream::connect(merchant.address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    eventually("the call is there", || sandbox.requests().len() == 1).await;
    drop(stream);
    eventually("the payout is made", || sandbox.halo().payouts().len() == 1).await;
}

#[tokio::test]
async fn rules_strike_in_turn() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let status = |status| RequestFault::status(When::BeforeWork, status);
    let path = "/api/currency/token-list";
    sandbox
        .faults()
        .add(FaultRule::request(path, status(500)).skip(1).times(2));
    sandbox.faults().add(FaultRule::request(path, status(502)));
    sandbox
        .faults()
        .add(FaultRule::request("/api/order/*", status(503)).always());
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(merchant.call(path, "{}").await.status);
    }
    assert_eq!(seen, [502, 500, 500, 200, 200]);
    for path in [
        "/api/order/create",
        "/api/order/detail",
        "/api/order/create",
    ] {
        assert_eq!(merchant.call(path, "{}").await.status, 503);
    }
    assert_eq!(sandbox.faults().pending().len(), 1);
    sandbox.faults().clear();
    assert_eq!(merchant.call("/api/order/detail", "{}").await.status, 200);
}
