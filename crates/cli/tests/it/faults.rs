//! What becomes of a command when the gateway misbehaves.

use std::time::Duration;

use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};
use rustix::process::{Pid, Signal, kill_process};

use crate::child::{INVOICE, PAYOUT, command_at, finish, paymux, run, sandbox, with};
use crate::raw_gateway::{Manner, RawGateway, closed_port};

const PAYOUT_CREATE: &str = "/api/payout/create";
const ORDER_CREATE: &str = "/api/order/create";
const ORDER_DETAIL: &str = "/api/order/detail";
const TOKENS: &str = "/api/currency/app-token-list";

fn lost_answers() -> Vec<(RequestFault, &'static str)> {
    let removed = RequestFault::RemoveMember {
        member: "data.trade_no".to_owned(),
    };
    vec![
        (
            RequestFault::Cut {
                when: When::AfterWork,
            },
            "unavailable",
        ),
        (RequestFault::CutMidBody, "unavailable"),
        (RequestFault::MalformedJson, "invalid_response"),
        (
            RequestFault::HugeBody { bytes: 5 << 20 },
            "invalid_response",
        ),
        (RequestFault::status(When::AfterWork, 500), "unavailable"),
        (
            RequestFault::status(When::AfterWork, 302),
            "invalid_response",
        ),
        (removed, "invalid_response"),
    ]
}

#[tokio::test]
async fn a_payout_whose_answer_was_lost_is_unknown_and_was_sent_once() {
    for (fault, kind) in lost_answers() {
        let sandbox = sandbox().await;
        sandbox
            .faults()
            .add(FaultRule::request(PAYOUT_CREATE, fault.clone()));
        let error = paymux(&sandbox, &PAYOUT).await.error(5);
        assert_eq!(error["outcome"], "unknown", "{fault:?}: {error}");
        assert_eq!(error["kind"], kind, "{fault:?}: {error}");
        assert_eq!(error["reference"], "ref-1");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("never send it again"), "{hint}");
        assert_eq!(sandbox.requests_to(PAYOUT_CREATE).len(), 1, "{fault:?}");
        assert_eq!(sandbox.halo().payouts().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_payout_that_was_cut_before_the_work_is_unknown_all_the_same() {
    let sandbox = sandbox().await;
    let cut = RequestFault::Cut {
        when: When::BeforeWork,
    };
    sandbox.faults().add(FaultRule::request(PAYOUT_CREATE, cut));
    let callback = ["--callback-url", "http://127.0.0.1:9/hook"];
    let error = paymux(&sandbox, &with(&PAYOUT, &callback)).await.error(5);
    assert!(
        error["hint"].as_str().unwrap().contains("webhook"),
        "{error}"
    );
    assert_eq!(sandbox.requests_to(PAYOUT_CREATE).len(), 1);
    assert!(sandbox.halo().payouts().is_empty());
}

#[tokio::test]
async fn a_wrong_signature_is_6_and_on_a_payout_5() {
    let sandbox = sandbox().await;
    let spoil = |path| FaultRule::request(path, RequestFault::WrongSignature);
    sandbox.faults().add(spoil(PAYOUT_CREATE));
    let error = paymux(&sandbox, &PAYOUT).await.error(5);
    assert_eq!(error["kind"], "invalid_signature");
    assert_eq!(error["outcome"], "unknown");

    sandbox.faults().add(spoil(ORDER_CREATE));
    let error = paymux(&sandbox, &INVOICE).await.error(6);
    assert_eq!(error["kind"], "invalid_signature");

    sandbox.faults().add(spoil(ORDER_DETAIL));
    let id = sandbox.halo().orders()[0].trade_no.clone();
    let error = paymux(&sandbox, &["invoice", "get", &id]).await.error(6);
    assert_eq!(error["kind"], "invalid_signature");
}

#[tokio::test]
async fn an_http_no_is_a_refusal() {
    for (fault, kind) in [
        (RequestFault::too_many_requests(7), "rate_limited"),
        (
            RequestFault::status(When::BeforeWork, 401),
            "authentication",
        ),
        (RequestFault::status(When::BeforeWork, 403), "permission"),
    ] {
        let sandbox = sandbox().await;
        sandbox
            .faults()
            .add(FaultRule::request(PAYOUT_CREATE, fault));
        let error = paymux(&sandbox, &PAYOUT).await.error(3);
        assert_eq!(error["kind"], kind);
        assert_eq!(error["outcome"], "rejected");
        if kind == "rate_limited" {
            assert!(error["hint"].as_str().unwrap().contains("7 s"), "{error}");
        }
    }
}

#[tokio::test]
async fn an_invoice_whose_answer_was_lost_is_unknown() {
    let sandbox = sandbox().await;
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    sandbox.faults().add(FaultRule::request(ORDER_CREATE, cut));
    let error = paymux(&sandbox, &INVOICE).await.error(5);
    assert_eq!(error["outcome"], "unknown");
    assert!(
        error["hint"].as_str().unwrap().contains("may exist"),
        "{error}"
    );
    assert_eq!(sandbox.halo().orders().len(), 1);
}

#[tokio::test]
async fn a_permanent_address_whose_answer_was_lost_is_unknown() {
    let sandbox = sandbox().await;
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    let path = "/api/payment-qr-code/create";
    sandbox.faults().add(FaultRule::request(path, cut));
    let args = [
        "address",
        "create",
        "--name",
        "till",
        "--asset",
        "USDT@tron-nile",
    ];
    let error = paymux(&sandbox, &args).await.error(5);
    assert!(
        error["hint"].as_str().unwrap().contains("may exist"),
        "{error}"
    );
    assert_eq!(sandbox.requests_to(path).len(), 1);
}

#[tokio::test]
async fn a_create_that_failed_before_it_was_sent_is_4() {
    let sandbox = sandbox().await;
    let broken = RequestFault::status(When::BeforeWork, 500);
    sandbox
        .faults()
        .add(FaultRule::request(TOKENS, broken).always());
    for args in [&PAYOUT[..], &INVOICE[..]] {
        let error = paymux(&sandbox, args).await.error(4);
        assert_eq!(error["outcome"], "not_sent");
    }
    assert!(sandbox.requests_to(PAYOUT_CREATE).is_empty());
    assert!(sandbox.requests_to(ORDER_CREATE).is_empty());
}

#[tokio::test]
async fn a_question_without_an_answer_is_4() {
    let garbage = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\n<html/>";
    let broken = "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let mut urls = vec![closed_port().await];
    let mut gateways = Vec::new();
    for manner in [
        Manner::Answers(garbage),
        Manner::Answers(broken),
        Manner::HangsUp,
    ] {
        let gateway = RawGateway::start(manner).await;
        urls.push(gateway.url.clone());
        gateways.push(gateway);
    }
    for url in urls {
        let error = run(command_at(&url, &["invoice", "get", "T1"]))
            .await
            .error(4);
        assert_eq!(error["outcome"], "not_sent", "{error}");
        assert_eq!(error["id"], "T1");
        assert_eq!(error["provider"], "native-checkout");
    }
    assert!(gateways.iter().all(|gateway| gateway.requests() > 0));
}

#[tokio::test]
async fn a_question_is_asked_again_before_it_counts_as_unanswered() {
    let sandbox = sandbox().await;
    let id = paymux(&sandbox, &INVOICE).await.done()["id"].clone();
    let broken = RequestFault::status(When::BeforeWork, 503);
    sandbox
        .faults()
        .add(FaultRule::request(ORDER_DETAIL, broken));
    let invoice = paymux(&sandbox, &["invoice", "get", id.as_str().unwrap()])
        .await
        .done();
    assert_eq!(invoice["id"], id);
}

#[tokio::test]
async fn causes_are_told_on_stderr_when_asked_for() {
    let url = closed_port().await;
    let quiet = run(command_at(&url, &["assets"])).await;
    let loud = run(command_at(&url, &["assets", "-v"])).await;
    assert!(!quiet.stderr.contains("caused by"), "{quiet:#?}");
    assert!(loud.stderr.contains("caused by"), "{loud:#?}");
    assert_eq!(quiet.error(4), loud.error(4));
}

async fn request_arrived(sandbox: &Sandbox, path: &str) {
    let arrived = async {
        while sandbox.requests_to(path).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), arrived)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_payout_that_is_interrupted_is_unknown() {
    for signal in [Signal::INT, Signal::TERM] {
        let sandbox = sandbox().await;
        let slow = RequestFault::delay(When::AfterWork, Duration::from_secs(60));
        sandbox
            .faults()
            .add(FaultRule::request(PAYOUT_CREATE, slow));
        let child = command_at(sandbox.url(), &PAYOUT).spawn().unwrap();
        request_arrived(&sandbox, PAYOUT_CREATE).await;
        let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let error = finish(child).await.error(5);
        assert_eq!(error["outcome"], "unknown");
        assert_eq!(error["reference"], "ref-1");
        assert!(
            error["message"].as_str().unwrap().contains("interrupted"),
            "{error}"
        );
    }
}
