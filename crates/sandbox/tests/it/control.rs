//! The control API and the page.

use paymux_sandbox::{Inbox, Sandbox};
use serde_json::{Value, json};

use crate::client::{Answer, Merchant, SOMEONE};

async fn shop() -> (Sandbox, Merchant, Inbox) {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let inbox = sandbox.inbox("shop");
    (sandbox, merchant, inbox)
}

async fn send(merchant: &Merchant, method: &str, path: &str, body: &str) -> Answer {
    merchant.send(method, path, &[], body.as_bytes()).await
}

#[tokio::test]
async fn an_order_can_be_taken_through_its_life() {
    let (sandbox, merchant, inbox) = shop().await;
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    let path = |step: &str| format!("/sandbox/orders/{order}/{step}");
    let answer = send(&merchant, "POST", &path("pay"), r#"{"amount":"2.5"}"#)
        .await
        .json();
    assert_eq!(
        (&answer["amount_collected"], &answer["remaining"]),
        (&json!("2.5"), &json!("7.5"))
    );
    assert_eq!(answer["half"], "3.75");
    send(&merchant, "POST", &path("pay"), "{}").await;
    let answer = send(&merchant, "POST", &path("confirm"), "").await.json();
    assert_eq!(
        (&answer["status"], &answer["half"]),
        (&json!("PAID"), &Value::Null)
    );
    let told: Vec<_> = [inbox.next().await.unwrap(), inbox.next().await.unwrap()]
        .iter()
        .map(|webhook| serde_json::from_slice::<Value>(&webhook.body).unwrap()["status"].clone())
        .collect();
    assert_eq!(told, ["TO-BE-PAID", "PAID"]);

    let other = merchant.order("A-2", "10", &inbox.url()).await;
    let answer = send(
        &merchant,
        "POST",
        &format!("/sandbox/orders/{other}/expire"),
        "",
    )
    .await;
    assert_eq!(answer.json()["status"], "TIME-OUT");
    assert_eq!(sandbox.halo().orders().len(), 2);
}

#[tokio::test]
async fn a_payout_and_an_address_can_be_worked() {
    let (sandbox, merchant, inbox) = shop().await;
    for (step, status) in [
        ("advance", "TRANSFER"),
        ("fail", "FAIL"),
        ("cancel", "CANCEL"),
    ] {
        let payout = merchant.payout("1", &inbox.url()).await;
        let path = format!("/sandbox/payouts/{payout}/{step}");
        assert_eq!(
            send(&merchant, "POST", &path, "").await.json()["status"],
            status
        );
    }
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    let address = sandbox.halo().order(&order).unwrap().pay_address;
    let path = format!("/sandbox/addresses/{address}/pay");
    assert_eq!(
        send(&merchant, "POST", &path, r#"{"amount":"1"}"#)
            .await
            .status,
        204
    );
    assert_eq!(
        sandbox
            .halo()
            .order(&order)
            .unwrap()
            .amount_collected
            .to_string(),
        "1"
    );
}

#[tokio::test]
async fn what_cannot_be_is_said() {
    let (_sandbox, merchant, inbox) = shop().await;
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    let payout = merchant.payout("1", &inbox.url()).await;
    let cases = [
        ("orders/none/pay".to_owned(), "{}", 404, "no order has"),
        (format!("orders/{order}/confirm"), "{}", 409, "pay first"),
        (
            format!("orders/{order}/pay"),
            r#"{"amount":1}"#,
            400,
            "expected a string",
        ),
        (
            format!("orders/{order}/pay"),
            r#"{"amount":"x"}"#,
            400,
            "decimal string",
        ),
        (
            format!("orders/{order}/pay"),
            r#"{"amount":"-1"}"#,
            400,
            "not above 0",
        ),
        (
            format!("orders/{order}/pay"),
            r#"{"sum":"1"}"#,
            400,
            "unknown field",
        ),
        (
            format!("payouts/{payout}/finish"),
            "",
            404,
            "advance, fail and cancel",
        ),
        ("payouts/none/fail".to_owned(), "", 404, "no payout has"),
        (
            "addresses/T1/pay".to_owned(),
            r#"{"amount":"1"}"#,
            404,
            "belongs to no order",
        ),
    ];
    for (path, body, status, hint) in cases {
        let answer = send(&merchant, "POST", &format!("/sandbox/{path}"), body).await;
        assert_eq!(answer.status, status, "{path}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(hint), "{path}: {error}");
    }
}

#[tokio::test]
async fn faults_are_scripted_as_json() {
    let (sandbox, merchant, _inbox) = shop().await;
    let rule = json!({
        "path": "/api/payout/create",
        "request": {"kind": "cut", "when": "after_work"},
        "skip": 1
    });
    let answer = send(&merchant, "POST", "/sandbox/faults", &rule.to_string()).await;
    assert_eq!(answer.status, 201);
    let rules = json!([
        {"event": "PAID", "webhook": {"kind": "delayed", "millis": 5}, "always": true},
        {"path": "/api/*", "request": {"kind": "status", "when": "before_work", "status": 503}}
    ]);
    send(&merchant, "POST", "/sandbox/faults", &rules.to_string()).await;
    let kept = send(&merchant, "GET", "/sandbox/faults", "").await;
    assert_eq!(kept.json().as_array().unwrap().len(), 3);
    assert_eq!(kept.json()[1]["always"], true);
    // What is shown can be sent again.
    sandbox.faults().clear();
    send(&merchant, "POST", "/sandbox/faults", kept.text()).await;
    assert_eq!(
        send(&merchant, "GET", "/sandbox/faults", "").await.text(),
        kept.text()
    );

    assert_eq!(
        merchant.call("/api/currency/token-list", "{}").await.status,
        503
    );
    merchant.payout("1", "http://127.0.0.1:9/").await;
    let body = format!(r#"{{"currency_id":75,"amount":"1","to_address":"{SOMEONE}"}}"#);
    assert_eq!(
        merchant.raw_call("/api/payout/create", &body).await.bytes,
        b""
    );

    assert_eq!(
        send(&merchant, "DELETE", "/sandbox/faults", "")
            .await
            .status,
        204
    );
    assert!(sandbox.faults().pending().is_empty());
}

#[tokio::test]
async fn a_rule_that_says_nothing_is_refused() {
    let (sandbox, merchant, _inbox) = shop().await;
    for (rule, hint) in [
        ("{}", "either path and request, or webhook"),
        (r#"{"path":"/api/order/create"}"#, "either path and request"),
        (
            r#"{"webhook":{"kind":"lost"},"times":1,"always":true}"#,
            "either times or always",
        ),
        (r#"{"webhook":{"kind":"eaten"}}"#, "unknown variant"),
        (
            r#"{"path":"/","request":{"kind":"delay","when":"before_work"}}"#,
            "millis",
        ),
    ] {
        let answer = send(&merchant, "POST", "/sandbox/faults", rule).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(hint), "{rule}: {}", answer.text());
    }
    assert!(sandbox.faults().pending().is_empty());
}

#[tokio::test]
async fn state_requests_and_webhooks_are_shown_without_secrets() {
    let (sandbox, merchant, inbox) = shop().await;
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    merchant.payout("1", &inbox.url()).await;
    sandbox.halo().expire(&order).unwrap();
    inbox.next().await.unwrap();
    let state = send(&merchant, "GET", "/sandbox/state", "").await;
    assert_eq!(state.json()["url"], sandbox.url());
    assert_eq!(state.json()["halo"]["orders"][0]["out_trade_no"], "A-1");
    assert_eq!(state.json()["halo"]["payouts"][0]["amount"], "1");
    assert_eq!(state.json()["halo"]["balances"]["75"]["frozen"], "1.8035");

    let requests = send(&merchant, "GET", "/sandbox/requests", "").await;
    let first = &requests.json()[0];
    assert_eq!(first["path"], "/api/order/create");
    assert_eq!(
        first["outcome"],
        json!({"is": "answered", "status": 200, "worked": true, "code": 0})
    );
    assert!(first["body"].as_str().unwrap().contains("\"A-1\""));

    let webhooks = send(&merchant, "GET", "/sandbox/webhooks", "").await;
    assert_eq!(webhooks.json()[0]["about"], order.as_str());
    assert_eq!(webhooks.json()[0]["url"], inbox.url());
    let recorded = sandbox.requests()[0].header("X-Sign").unwrap().to_owned();
    for shown in [&state, &requests, &webhooks] {
        assert_eq!(shown.status, 200);
        assert!(!shown.text().contains(&merchant.app_key));
        assert!(!shown.text().contains(&recorded));
        assert!(!shown.text().to_ascii_lowercase().contains("x-sign"));
    }
}

#[tokio::test]
async fn the_page_and_its_parts_are_served() {
    let (sandbox, merchant, inbox) = shop().await;
    for path in ["/", "/sandbox"] {
        let answer = send(&merchant, "GET", path, "").await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/sandbox/"))
        );
    }
    let page = send(&merchant, "GET", "/sandbox/", "").await;
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
    for asset in ["/sandbox/page.js", "/sandbox/page.css"] {
        assert!(page.text().contains(asset));
        assert_eq!(send(&merchant, "GET", asset, "").await.status, 200);
    }
    assert!(
        !page.text().contains("https://"),
        "the page loads nothing from elsewhere"
    );

    let order = merchant.order("A-1", "10", &inbox.url()).await;
    let answer = send(&merchant, "GET", &format!("/checkout/{order}"), "").await;
    assert_eq!(
        answer.header("location"),
        Some(format!("/sandbox/#{order}").as_str())
    );
    assert_eq!(
        send(&merchant, "GET", "/checkout/none", "").await.status,
        404
    );
    assert!(sandbox.requests_to("/checkout/none").is_empty());
}

#[tokio::test]
async fn strangers_cannot_drive_it() {
    let (sandbox, merchant, inbox) = shop().await;
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    let path = format!("/sandbox/orders/{order}/pay");
    let own = sandbox.url().to_owned();
    let host = merchant.address.to_string();
    let port = merchant.address.port();
    let (local, v6) = (format!("localhost:{port}"), format!("[::1]:{port}"));
    let local_origin = format!("http://{local}");
    let cases: [(&str, Option<&str>, u16); 12] = [
        (&host, None, 200),
        (&host, Some(&own), 200),
        (&local, Some(&local_origin), 200),
        (&v6, None, 200),
        ("localhost", None, 200),
        (&host, Some("https://evil.example"), 403),
        (&host, Some("null"), 403),
        (&host, Some(&local_origin), 403),
        (&local, Some(&own), 403),
        ("evil.example", None, 403),
        ("127.0.0.1.evil.example", None, 403),
        ("192.168.1.1", None, 403),
    ];
    for (host, origin, status) in cases {
        let mut headers = vec![("Host".to_owned(), host.to_owned())];
        headers.extend(origin.map(|origin| ("Origin".to_owned(), origin.to_owned())));
        let body = r#"{"amount":"1"}"#;
        let answer = merchant
            .send("POST", &path, &headers, body.as_bytes())
            .await;
        assert_eq!(answer.status, status, "{host} {origin:?}");
    }
    let order = sandbox.halo().order(&order).unwrap();
    assert_eq!(order.amount_collected.to_string(), "5");
}
