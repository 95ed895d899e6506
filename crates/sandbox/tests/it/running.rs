//! Starting, stopping, recording, inboxes.

use std::time::Duration;

use paymux_sandbox::{
    FaultRule, RequestFault, RequestOutcome, Sandbox, SandboxError, Settings, When,
};
use tokio::net::TcpStream;

use crate::client::{Merchant, eventually};

#[tokio::test]
async fn a_taken_address_is_named() {
    let first = Sandbox::start().await.unwrap();
    let error = Sandbox::builder()
        .listen(first.address())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, SandboxError::Bind { address, .. } if address == first.address()));
    let told = error.to_string();
    assert!(
        told.contains(&first.address().to_string()) && told.contains("port 0"),
        "{told}"
    );
}

#[tokio::test]
async fn stopping_frees_the_address() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    assert_eq!(sandbox.url(), format!("http://{address}"));
    sandbox.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn dropping_stops_it_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    drop(sandbox);
    let gone = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone)
        .await
        .unwrap();
}

#[tokio::test]
async fn stopping_ends_a_pause_and_the_call_is_still_answered() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let pause = RequestFault::delay(When::BeforeWork, Duration::from_secs(3600));
    sandbox.faults().add(FaultRule::request("/api/*", pause));
    let call = tokio::spawn(async move { merchant.call("/api/currency/token-list", "{}").await });
    eventually("the call is there", || !sandbox.requests().is_empty()).await;
    sandbox.stop().await;
    assert_eq!(call.await.unwrap().code(), 0);
}

#[tokio::test]
async fn wait_ends_with_the_server_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(20), sandbox.wait()).await;
    assert!(waiting.is_err());
}

#[tokio::test]
async fn every_gateway_call_is_recorded_and_debug_keeps_secrets() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let body = r#"{ "currency_id" : 75 }"#;
    merchant.call("/api/account/balance?x=1", body).await.data();
    merchant
        .call("/api/order/detail", r#"{"trade_no":"x"}"#)
        .await;
    merchant.send("GET", "/sandbox/state", &[], b"").await;

    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", "/api/account/balance")
    );
    assert_eq!(requests[0].query.as_deref(), Some("x=1"));
    assert_eq!(requests[0].body, body);
    assert_eq!(
        requests[0].header("X-Appid"),
        Some(merchant.app_id.as_str())
    );
    let answered = |code| RequestOutcome::Answered {
        status: 200,
        worked: true,
        code: Some(code),
    };
    assert_eq!(requests[0].outcome, answered(0));
    assert_eq!(requests[1].outcome, answered(1004));
    assert_eq!(sandbox.requests_to("/api/order/detail").len(), 1);

    let signature = requests[0].header("x-sign").unwrap();
    let shown = format!("{:?} {:?} {:?}", requests, sandbox, sandbox.settings());
    assert!(!shown.contains(signature) && !shown.contains(&merchant.app_key));
    assert!(shown.contains("[redacted]"));

    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn an_inbox_keeps_what_arrives_and_answers_as_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let inbox = sandbox.inbox("a b");
    assert_eq!(
        inbox.url(),
        format!("{}/sandbox/inbox/a%20b", sandbox.url())
    );
    assert!(inbox.next_within(Duration::from_millis(1)).await.is_none());
    let path = "/sandbox/inbox/a%20b?x=%26";
    let answer = merchant
        .send("PUT", path, &[("X-One".into(), "1".into())], b"\xff")
        .await;
    assert_eq!((answer.status, answer.text()), (200, "success"));
    inbox.answer_with(503, "later");
    let answer = merchant.send("POST", path, &[], b"2").await;
    assert_eq!((answer.status, answer.text()), (503, "later"));

    let first = sandbox.inbox("a b").next().await.unwrap();
    assert_eq!(
        (first.method.as_str(), first.body.as_slice()),
        ("PUT", &b"\xff"[..])
    );
    assert_eq!(first.path_and_query, path);
    assert_eq!(first.header("x-one"), Some("1"));
    assert_eq!(inbox.next().await.unwrap().body, b"2");
    assert!(inbox.try_next().is_none());

    inbox.answer_with(150, "no final status");
    assert_eq!(merchant.send("POST", path, &[], b"3").await.status, 500);

    let answer = merchant
        .send("POST", "/sandbox/inbox/other", &[], b"")
        .await;
    assert_eq!(answer.status, 404);
    assert_eq!(inbox.next().await.unwrap().body, b"3");
    sandbox.stop().await;
    assert!(
        inbox.next().await.is_none(),
        "a stopped sandbox is not waited for"
    );
}

#[tokio::test]
async fn the_record_and_the_webhook_log_forget_the_oldest() {
    let settings = Settings {
        records_kept: 2,
        ..Settings::default()
    };
    let sandbox = Sandbox::builder().settings(settings).start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let inbox = sandbox.inbox("shop");
    let mut orders = Vec::new();
    for name in ["A-1", "A-2", "A-3"] {
        orders.push(merchant.order(name, "1", &inbox.url()).await);
    }
    let bodies = sandbox.requests().into_iter().map(|request| request.body);
    let bodies: Vec<_> = bodies
        .map(|body| String::from_utf8(body.to_vec()).unwrap())
        .collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].contains("A-2") && bodies[1].contains("A-3"));

    for order in &orders {
        sandbox.halo().expire(order).unwrap();
    }
    for _ in &orders {
        inbox.next().await.unwrap();
    }
    let about = sandbox.deliveries().into_iter().map(|entry| entry.about);
    assert_eq!(about.collect::<Vec<_>>(), orders[1..]);
}
