//! The control API and the page where they concern UniPayment.

use paymux_sandbox::{Sandbox, SandboxError, UniPaymentCredentials};
use serde_json::{Value, json};

use crate::client::SOMEONE;
use crate::unipayment_client::{Uni, ok, shop, text};

async fn post(uni: &Uni, path: &str, body: Value) -> (u16, Value) {
    let answer = uni
        .plain("POST", &format!("/sandbox/{path}"), &body.to_string())
        .await;
    let json = match answer.body.as_slice() {
        [] => Value::Null,
        _ => answer.json(),
    };
    (answer.status, json)
}

#[tokio::test]
async fn an_invoice_can_be_taken_through_its_life() {
    let (sandbox, uni, inbox) = shop().await;
    let asked = json!({
        "app_id": uni.app_id, "order_id": "A-1", "price_amount": 10, "price_currency": "USD",
        "notify_url": inbox.url(),
    });
    let data = ok(&uni.hmac("POST", "/v1.0/invoices", &asked.to_string()).await);
    let id = text(&data["invoice_id"]);
    let step = |name: &str| format!("invoices/{id}/{name}");
    let (status, refused) = post(&uni, &step("pay"), json!({})).await;
    assert!(status == 409 && text(&refused["error"]).contains("choose"));
    let coin = json!({"pay_currency": "USDT", "network": "NETWORK_TRX"});
    let (_, chosen) = post(&uni, &step("choose"), coin).await;
    assert_eq!(
        (&chosen["remaining"], &chosen["half"]),
        (&json!("10"), &json!("5"))
    );
    let address = text(&chosen["destination"]["address"]);
    let (status, _) = post(
        &uni,
        &format!("addresses/{address}/pay"),
        json!({"amount": "4"}),
    )
    .await;
    assert_eq!(status, 204);
    let (_, paid) = post(&uni, &step("pay"), json!({})).await;
    assert_eq!(
        (&paid["status"], &paid["half"]),
        (&json!("Paid"), &Value::Null)
    );
    let (_, confirmed) = post(&uni, &step("confirm"), json!({"count": 1})).await;
    assert_eq!(confirmed["status"], "Confirmed");
    let (_, done) = post(&uni, &step("complete"), json!({})).await;
    assert_eq!(done["status"], "Complete");
    for (path, status, hint) in [
        (step("expire"), 409, "New"),
        (step("invalidate"), 409, "Paid"),
        (step("mark"), 409, "already"),
        (step("sing"), 404, "choose, pay, confirm"),
        ("invoices/nobody/mark".to_owned(), 404, "nobody"),
    ] {
        let (got, refused) = post(&uni, &path, json!({})).await;
        assert_eq!(got, status, "{path}");
        assert!(text(&refused["error"]).contains(hint), "{refused}");
    }
    assert_eq!(
        sandbox.unipayment().invoice(&id).unwrap().paid_amount,
        10.into()
    );
}

#[tokio::test]
async fn payouts_deposits_and_tokens_can_be_worked() {
    let (sandbox, uni, _inbox) = shop().await;
    let asked = json!({
        "network": "NETWORK_TRX", "address": SOMEONE, "asset_type": "USDT", "amount": 1,
    });
    for (step, word) in [
        ("advance", "Confirm"),
        ("fail", "Fail"),
        ("cancel", "Cancel"),
        ("reject", "Reject"),
    ] {
        let made = ok(&uni
            .hmac("POST", "/v1.0/wallet/withdrawals", &asked.to_string())
            .await);
        let path = format!("payouts/{}/{step}", text(&made["id"]));
        let (status, moved) = post(&uni, &path, json!({})).await;
        assert_eq!((status, &moved["status_word"]), (200, &json!(word)));
    }
    let coins = json!({"asset_type": "USDT", "network": "NETWORK_TRX", "amount": "5"});
    let (status, deposit) = post(&uni, "deposits", coins).await;
    assert_eq!((status, &deposit["status"]), (201, &json!("CONFIRMING")));
    let path = format!("deposits/{}/advance", text(&deposit["deposit_id"]));
    assert_eq!(post(&uni, &path, json!({})).await.1["status"], "CONFIRMED");
    let token = uni.token().await;
    assert_eq!(uni.plain("DELETE", "/sandbox/tokens", "").await.status, 204);
    assert_eq!(
        uni.bearer(&token, "GET", "/v1.0/ping", "").await.status,
        401
    );
    assert_eq!(sandbox.unipayment().deposits().len(), 1);
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let (sandbox, uni, inbox) = shop().await;
    let created = ok(&uni
        .md5("/api/invoice/create", uni.wanted("A-1", &inbox.url()))
        .await);
    let token = uni.token().await;
    let wanted = uni.wanted("A-2", &inbox.url()).to_string();
    ok(&uni.bearer(&token, "POST", "/v1.0/invoices", &wanted).await);
    ok(&uni
        .bearer(
            &token,
            "POST",
            "/v1.0/webhook/secret-key",
            r#"{"secret_key":"sesame"}"#,
        )
        .await);
    uni.invoice("A-3", &inbox.url()).await;
    let mut proofs = vec![
        token,
        uni.client_secret.clone(),
        uni.app_key.clone(),
        "sesame".to_owned(),
    ];
    for _ in 0..3 {
        let webhook = inbox.next().await.unwrap();
        let notice: Value = serde_json::from_slice(&webhook.body).unwrap();
        proofs.extend(notice.get("sign").map(text));
        proofs.extend(webhook.header("hmac-signature").map(str::to_owned));
    }
    assert_eq!(proofs.len(), 6);
    for request in sandbox.requests() {
        let sign = serde_json::from_slice::<Value>(&request.body).ok();
        proofs.extend(sign.and_then(|body| body.get("sign").map(text)));
        proofs.extend(request.header("authorization").map(str::to_owned));
    }
    for path in ["state", "requests", "webhooks"] {
        let shown = uni.plain("GET", &format!("/sandbox/{path}"), "").await;
        assert_eq!(shown.status, 200);
        for proof in &proofs {
            assert!(
                !shown.text().contains(proof.as_str()),
                "{path} shows {proof}"
            );
        }
    }
    let debug = format!(
        "{sandbox:?} {:?} {:?}",
        sandbox.settings(),
        sandbox.requests()
    );
    for proof in &proofs {
        assert!(!debug.contains(proof.as_str()), "{proof}");
    }
    let requests = uni.plain("GET", "/sandbox/requests", "").await.json();
    assert_eq!(requests[0]["outcome"]["code"], "OK");
    let state = uni.plain("GET", "/sandbox/state", "").await.json();
    let invoice = &state["unipayment"]["invoices"][0];
    assert_eq!(
        (&invoice["invoice_id"], &invoice["generation"]),
        (&created["invoice_id"], &json!("md5"))
    );
    assert_eq!(state["unipayment"]["balances"]["USDT"]["total"], "1000");
}

#[tokio::test]
async fn pay_pages_lead_to_the_row_of_the_invoice() {
    let (_sandbox, uni, inbox) = shop().await;
    let created = ok(&uni
        .md5("/api/invoice/create", uni.wanted("A-1", &inbox.url()))
        .await);
    let id = text(&created["invoice_id"]);
    for url in [&created["cashier_url"], &created["qrcode_url"]] {
        let url = text(url);
        let path = url.split_once("//").unwrap().1;
        let path = &path[path.find('/').unwrap()..];
        let answer = uni.plain("GET", path, "").await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some(format!("/sandbox/#{id}").as_str()))
        );
    }
    let page = uni.plain("GET", "/sandbox/", "").await;
    assert!(page.text().contains("invoices-title") && page.text().contains("client-id"));
}

fn credentials(client_id: &str, client_secret: &str) -> UniPaymentCredentials {
    UniPaymentCredentials {
        app_id: "my-app".to_owned(),
        app_key: "app-key".into(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.into(),
        webhook_secret: "webhook-secret".into(),
    }
}

#[tokio::test]
async fn credentials_can_be_given_and_are_checked() {
    let given = credentials("my-client", "client-secret");
    let sandbox = Sandbox::builder()
        .unipayment_credentials(given)
        .start()
        .await
        .unwrap();
    let unipayment = sandbox.unipayment();
    assert_eq!(
        (unipayment.app_id(), unipayment.app_key()),
        ("my-app", "app-key")
    );
    assert_eq!(unipayment.webhook_secret(), "webhook-secret");
    ok(&Uni::of(&sandbox).oauth("GET", "/v1.0/ping", "").await);
    for wrong in [
        credentials("a:b", "x"),
        credentials("", "x"),
        credentials("a", ""),
    ] {
        let error = Sandbox::builder()
            .unipayment_credentials(wrong)
            .start()
            .await
            .unwrap_err();
        assert!(
            matches!(error, SandboxError::UniPaymentCredentials(_)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_seed_repeats_what_is_made_up() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
        let uni = Uni::of(&sandbox);
        let id = uni.invoice("A-1", "http://127.0.0.1:9/").await;
        let address = sandbox
            .unipayment()
            .invoice(&id)
            .unwrap()
            .destination
            .unwrap()
            .address;
        seen.push((uni.app_id, uni.client_secret, id, address));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(&seen[0].0[14..15], "4");
}
