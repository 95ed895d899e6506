//! Connections that are cut, as a bare socket sees them.

use std::io::ErrorKind;

use paymux_sandbox::{FaultRule, RequestFault, RequestOutcome, Sandbox, When};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Answer, Merchant, SOMEONE, read_to_end};

const PAYOUT: &str = "/api/payout/create";

async fn sandbox_with(fault: RequestFault) -> (Sandbox, Merchant) {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(FaultRule::request(PAYOUT, fault));
    let merchant = Merchant::of(&sandbox);
    (sandbox, merchant)
}

fn payout_body() -> String {
    format!(r#"{{"currency_id":75,"amount":"1","to_address":"{SOMEONE}"}}"#)
}

#[tokio::test]
async fn a_cut_before_the_work_has_no_effect_and_no_byte() {
    let (sandbox, merchant) = sandbox_with(RequestFault::Cut {
        when: When::BeforeWork,
    })
    .await;
    let received = merchant.raw_call(PAYOUT, &payout_body()).await;
    assert_eq!(received.bytes, b"");
    assert_eq!(received.error, Some(ErrorKind::ConnectionReset));
    assert!(sandbox.halo().payouts().is_empty());
    let requests = sandbox.requests_to(PAYOUT);
    assert_eq!(requests[0].outcome, RequestOutcome::Cut { worked: false });
    // The script is over.
    merchant.call(PAYOUT, &payout_body()).await.data();
}

#[tokio::test]
async fn a_cut_after_the_work_has_its_effect_and_no_byte() {
    let (sandbox, merchant) = sandbox_with(RequestFault::Cut {
        when: When::AfterWork,
    })
    .await;
    let received = merchant.raw_call(PAYOUT, &payout_body()).await;
    assert_eq!(received.bytes, b"");
    assert_eq!(received.error, Some(ErrorKind::ConnectionReset));
    assert_eq!(sandbox.halo().payouts().len(), 1);
    let requests = sandbox.requests_to(PAYOUT);
    assert_eq!(requests[0].outcome, RequestOutcome::Cut { worked: true });
}

#[tokio::test]
async fn a_cut_mid_body_announces_more_than_it_sends() {
    let (sandbox, merchant) = sandbox_with(RequestFault::CutMidBody).await;
    let received = merchant.raw_call(PAYOUT, &payout_body()).await;
    let answer = Answer::parse(&received.bytes);
    let announced: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), announced / 2);
    assert!(answer.body.starts_with(b"{\"code\":0,"));
    assert_eq!(sandbox.halo().payouts().len(), 1);
}

#[tokio::test]
async fn a_stale_connection_answers_once_and_never_reads_again() {
    let (sandbox, merchant) = sandbox_with(RequestFault::StaleConnection).await;
    let body = payout_body();
    let headers = merchant.proof(body.as_bytes());
    let request = merchant.request("POST", PAYOUT, &headers, body.as_bytes());
    let mut stream = TcpStream::connect(merchant.address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let first = read_answer(&mut stream).await;
    assert_eq!(first.code(), 0);
    assert_ne!(first.header("connection"), Some("close"));

    stream.write_all(&request).await.unwrap();
    let second = read_to_end(&mut stream).await;
    assert_eq!(second.bytes, b"");
    assert_eq!(second.error, Some(ErrorKind::ConnectionReset));
    assert_eq!(sandbox.halo().payouts().len(), 1);
    assert_eq!(sandbox.requests_to(PAYOUT).len(), 1);
}

#[tokio::test]
async fn without_faults_a_connection_is_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let mut stream = TcpStream::connect(merchant.address).await.unwrap();
    for _ in 0..3 {
        let headers = merchant.proof(b"{}");
        let request = merchant.request("POST", "/api/currency/token-list", &headers, b"{}");
        stream.write_all(&request).await.unwrap();
        assert_eq!(read_answer(&mut stream).await.code(), 0);
    }
}

/// Reads one answer off a connection that stays open.
async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "the connection ended");
        bytes.extend_from_slice(&chunk[..count]);
        if !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            continue;
        }
        let answer = Answer::parse(&bytes);
        let announced: usize = answer.header("content-length").unwrap().parse().unwrap();
        if answer.body.len() == announced {
            return answer;
        }
    }
}
