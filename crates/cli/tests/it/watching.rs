//! `invoice watch`.

use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};

use crate::child::{INVOICE, command_at, finish, paymux, run, sandbox};
use crate::creating::assert_invoice_shape;
use crate::raw_gateway::{Manner, RawGateway};

async fn new_invoice(sandbox: &Sandbox) -> String {
    let invoice = paymux(sandbox, &INVOICE).await.done();
    invoice["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn it_ends_when_the_invoice_is_settled() {
    let sandbox = sandbox().await;
    let id = new_invoice(&sandbox).await;
    let watching = command_at(
        sandbox.url(),
        &["invoice", "watch", &id, "--timeout", "30s"],
    )
    .spawn()
    .unwrap();
    sandbox.halo().pay_rest(&id).unwrap();
    sandbox.halo().confirm(&id, 1).unwrap();
    let ran = finish(watching).await;
    let invoice = ran.done();
    assert_invoice_shape(&invoice);
    assert_eq!(invoice["status"], "settled");
    assert!(
        ran.stderr.contains("settled"),
        "a line for each change: {}",
        ran.stderr
    );
    assert!(!ran.stderr.contains('\u{1b}'));
}

#[tokio::test]
async fn what_is_reached_already_ends_it_at_once() {
    let sandbox = sandbox().await;
    let id = new_invoice(&sandbox).await;
    sandbox.halo().pay_rest(&id).unwrap();
    let args = [
        "invoice",
        "watch",
        &id,
        "--until",
        "processing",
        "--timeout",
        "1m",
    ];
    assert_eq!(paymux(&sandbox, &args).await.done()["status"], "processing");
    sandbox.halo().confirm(&id, 1).unwrap();
    for until in ["processing", "confirmed", "settled", "final"] {
        let args = ["invoice", "watch", &id, "--until", until];
        assert_eq!(paymux(&sandbox, &args).await.done()["status"], "settled");
    }
}

#[tokio::test]
async fn an_end_that_cannot_be_settled_is_1_and_a_final_one_0() {
    let sandbox = sandbox().await;
    let id = new_invoice(&sandbox).await;
    sandbox.halo().expire(&id).unwrap();
    let ran = paymux(&sandbox, &["invoice", "watch", &id]).await;
    assert_eq!(ran.exit, 1, "{ran:#?}");
    assert_invoice_shape(&ran.json());
    assert_eq!(ran.json()["status"], "expired");
    let ran = paymux(&sandbox, &["invoice", "watch", &id, "--until", "final"]).await;
    assert_eq!(ran.done()["status"], "expired");
}

#[tokio::test]
async fn when_time_is_over_the_last_invoice_is_in_the_error() {
    let sandbox = sandbox().await;
    let id = new_invoice(&sandbox).await;
    let args = ["invoice", "watch", &id, "--timeout", "1s"];
    let ran = paymux(&sandbox, &args).await;
    let error = ran.error(7);
    assert_eq!(error["kind"], "timeout");
    assert_eq!(error["id"], id.as_str());
    assert_invoice_shape(&error["invoice"]);
    assert_eq!(error["invoice"]["status"], "pending");
}

#[tokio::test]
async fn a_gateway_that_never_answers_leaves_no_invoice() {
    let gateway = RawGateway::start(Manner::Silent).await;
    let args = ["invoice", "watch", "T1", "--timeout", "1s"];
    let error = run(command_at(&gateway.url, &args)).await.error(7);
    assert!(error["invoice"].is_null(), "{error}");
    assert_eq!(gateway.requests(), 1);
}

#[tokio::test]
async fn an_unanswered_question_is_asked_again() {
    let sandbox = sandbox().await;
    let id = new_invoice(&sandbox).await;
    sandbox.halo().pay_rest(&id).unwrap();
    sandbox.halo().confirm(&id, 1).unwrap();
    let broken = RequestFault::status(When::BeforeWork, 500);
    sandbox
        .faults()
        .add(FaultRule::request("/api/order/detail", broken).times(4));
    let args = ["invoice", "watch", &id, "--timeout", "50s"];
    assert_eq!(paymux(&sandbox, &args).await.done()["status"], "settled");
}

#[tokio::test]
async fn an_id_nobody_knows_is_the_gateways_no() {
    let sandbox = sandbox().await;
    let error = paymux(&sandbox, &["invoice", "watch", "T1"]).await.error(3);
    assert_eq!(error["id"], "T1");
}
