//! How notices look, how they are proven, and how they go wrong.

use paymux_sandbox::{FaultRule, RequestFault, WebhookFault, When};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{read_to_end, unix_now};
use crate::shape::shape_of;
use crate::unipayment_client::{
    body, hmac_base64, md5_sign, ok, refused, shop, shop_with, text, told,
};

fn members(json: &[u8]) -> Vec<String> {
    let shape = shape_of(json);
    let inner = shape.trim_matches(['{', '}']);
    inner
        .split(',')
        .map(|member| member.split(':').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn notices_of_v1_look_like_the_examples() {
    let (sandbox, uni, inbox) = shop().await;
    let asked = json!({
        "app_id": uni.app_id, "order_id": "#0001", "price_amount": 10, "price_currency": "USD",
        "pay_currency": "USDT", "notify_url": inbox.url(),
    });
    let data = ok(&uni.hmac("POST", "/v1.0/invoices", &asked.to_string()).await);
    let created = inbox.next().await.unwrap();
    let example = include_str!("../fixtures/unipayment_v1_ipn_invoice_created_2023.json");
    assert_eq!(shape_of(&created.body), shape_of(example.as_bytes()));
    assert!(
        body(&created)["create_time"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );

    sandbox
        .unipayment()
        .expire(&text(&data["invoice_id"]))
        .unwrap();
    let expired = inbox.next().await.unwrap();
    let example = include_str!("../fixtures/unipayment_v1_ipn_invoice_expired_2022.json");
    assert_eq!(members(&expired.body), members(example.as_bytes()));
    let notice = body(&expired);
    assert_eq!(notice["create_time"], data["create_time"]);
    assert!(notice["notify_time"].as_str().unwrap().ends_with('Z'));

    let mut with_args = asked;
    with_args["ext_args"] = json!("Merchant Pass Through Data");
    ok(&uni
        .hmac("POST", "/v1.0/invoices", &with_args.to_string())
        .await);
    assert_eq!(
        body(&inbox.next().await.unwrap())["ext_args"],
        "Merchant Pass Through Data"
    );
}

#[tokio::test]
async fn the_check_endpoint_knows_what_was_sent() {
    let (_sandbox, uni, inbox) = shop().await;
    uni.invoice("A-1", &inbox.url()).await;
    let webhook = inbox.next().await.unwrap();
    let sent = String::from_utf8(webhook.body.clone()).unwrap();
    let example = include_str!("../fixtures/unipayment_check_ipn_response.json");
    let example: Value = serde_json::from_str(example).unwrap();
    for answer in [
        uni.plain("POST", "/v1.0/ipn", &sent).await,
        uni.hmac("POST", "/v1.0/ipn", &sent).await,
        uni.oauth("POST", "/v1.0/ipn", &sent).await,
    ] {
        assert_eq!((answer.status, answer.json()), (200, example.clone()));
    }
    let value: Value = serde_json::from_str(&sent).unwrap();
    for forged in [
        sent.replace("New", "Paid"),
        format!("{sent} "),
        format!("{value:#}"),
        String::new(),
    ] {
        let answer = uni.hmac("POST", "/v1.0/ipn", &forged).await;
        assert_eq!(
            refused(&answer, "sent no notice"),
            (400, "INVALID_IPN".into())
        );
    }
}

#[tokio::test]
async fn webhooks_of_the_oauth_generation_are_signed_in_a_header() {
    let (sandbox, uni, inbox) = shop().await;
    let wanted = uni.wanted("A-1", &inbox.url()).to_string();
    let data = ok(&uni.oauth("POST", "/v1.0/invoices", &wanted).await);
    let secret = sandbox.unipayment().webhook_secret();
    let created = inbox.next().await.unwrap();
    let proof = hmac_base64(&secret, &created.body);
    assert_eq!(created.header("hmac-signature"), Some(proof.as_str()));
    let vectors = include_str!("../fixtures/unipayment_webhook_vectors.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let sample = vectors["positive"][0]["body"].as_str().unwrap();
    assert_eq!(members(&created.body), members(sample.as_bytes()));
    let notice = body(&created);
    assert_eq!(
        (&notice["payment_method_type"], &notice["channel"]),
        (&json!("Unknown"), &Value::Null)
    );
    assert!(!format!("{created:?}").contains(&proof));

    // A new secret counts for what is sent from then on.
    ok(&uni
        .oauth(
            "POST",
            "/v1.0/webhook/secret-key",
            r#"{"secret_key":"p@ss&word%2B=<x>"}"#,
        )
        .await);
    sandbox
        .unipayment()
        .pay_rest(&text(&data["invoice_id"]))
        .unwrap();
    let paid = inbox.next().await.unwrap();
    let proof = hmac_base64("p@ss&word%2B=<x>", &paid.body);
    assert_eq!(paid.header("hmac-signature"), Some(proof.as_str()));
}

#[tokio::test]
async fn the_vectors_are_what_the_webhooks_are_signed_by() {
    let vectors = include_str!("../fixtures/unipayment_webhook_vectors.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    for vector in vectors["positive"].as_array().unwrap() {
        let of = |name: &str| vector[name].as_str().unwrap();
        assert_eq!(
            hmac_base64(of("secret"), of("body").as_bytes()),
            of("expected")
        );
    }
}

#[tokio::test]
async fn deposits_are_told_like_the_example() {
    let (sandbox, uni, inbox) = shop().await;
    let url = json!({"notify_url": inbox.url()}).to_string();
    ok(&uni.oauth("POST", "/v1.0/webhook/notify-url", &url).await);
    let pay = sandbox.unipayment();
    let deposit = pay.deposit("USDT", "NETWORK_BSC", 5.into()).unwrap();
    pay.advance_deposit(&deposit.deposit_id).unwrap();
    assert_eq!(pay.balances()["USDT"].total.to_string(), "1000");
    pay.advance_deposit(&deposit.deposit_id).unwrap();
    assert_eq!(pay.balances()["USDT"].total.to_string(), "1005");
    assert!(pay.advance_deposit(&deposit.deposit_id).is_err());
    let first = inbox.next().await.unwrap();
    let example = include_str!("../fixtures/unipayment_v2_ipn_deposit_crypto_partial.json");
    let shape = shape_of(example.as_bytes());
    // The published excerpt ends before these two.
    let whole = format!(
        "{},notify_id:string,notify_time:string}}",
        shape.trim_end_matches('}')
    );
    assert_eq!(shape_of(&first.body), whole);
    assert!(first.header("hmac-signature").is_some());
    let rest = told(&inbox, 2).await;
    assert_eq!(rest[0], ("deposit_confirmed".into(), "CONFIRMED".into()));
    assert_eq!(rest[1], ("deposit_credited".into(), "CREDITED".into()));
}

#[tokio::test]
async fn notices_without_a_url_of_their_own_go_to_the_apps() {
    let (sandbox, uni, inbox) = shop().await;
    let mut wanted = uni.wanted("A-1", "");
    ok(&uni
        .hmac("POST", "/v1.0/invoices", &wanted.to_string())
        .await);
    assert!(sandbox.deliveries().is_empty());
    sandbox.update_settings(|settings| settings.unipayment.app_notify_url = Some(inbox.url()));
    wanted["order_id"] = json!("A-2");
    ok(&uni
        .hmac("POST", "/v1.0/invoices", &wanted.to_string())
        .await);
    assert_eq!(body(&inbox.next().await.unwrap())["order_id"], "A-2");
}

#[tokio::test]
async fn a_repeated_notice_may_carry_another_id() {
    for kept in [true, false] {
        let (_sandbox, uni, inbox) = shop_with(|settings| settings.notify_id_kept = kept).await;
        inbox.answer_with(500, "Fail");
        uni.invoice("A-1", &inbox.url()).await;
        let wanted = uni.wanted("A-2", &inbox.url());
        ok(&uni.md5("/api/invoice/create", wanted).await);
        let (mut first_ids, mut all) = (Vec::new(), Vec::new());
        while first_ids.len() < 2 || all.len() < 6 {
            let webhook = inbox.next().await.unwrap();
            let notice = body(&webhook);
            let id = text(&notice["notify_id"]);
            if let Some(sign) = notice.get("sign") {
                assert_eq!(sign, &md5_sign(notice.as_object().unwrap(), &uni.app_key));
            }
            let sent = String::from_utf8(webhook.body.clone()).unwrap();
            ok(&uni.plain("POST", "/v1.0/ipn", &sent).await);
            if !first_ids.contains(&id) {
                first_ids.push(id.clone());
            }
            all.push(id);
        }
        assert_eq!(first_ids.len() == 2, kept, "{all:?}");
    }
}

#[tokio::test]
async fn webhook_faults_reach_every_generation() {
    let (sandbox, uni, inbox) = shop().await;
    let secret = sandbox.unipayment().webhook_secret();
    for fault in [WebhookFault::WrongSignature, WebhookFault::AlteredByte] {
        for generation in ["md5", "hmac", "oauth"] {
            let rule = FaultRule::webhook(fault.clone()).for_event("New");
            sandbox.faults().add(rule);
            let wanted = uni.wanted("A-1", &inbox.url());
            let answer = match generation {
                "md5" => uni.md5("/api/invoice/create", wanted).await,
                "hmac" => {
                    uni.hmac("POST", "/v1.0/invoices", &wanted.to_string())
                        .await
                }
                _ => {
                    uni.oauth("POST", "/v1.0/invoices", &wanted.to_string())
                        .await
                }
            };
            ok(&answer);
            let webhook = inbox.next().await.unwrap();
            let notice = body(&webhook);
            let proven = match generation {
                "md5" => notice["sign"] == md5_sign(notice.as_object().unwrap(), &uni.app_key),
                "hmac" => {
                    let sent = String::from_utf8(webhook.body.clone()).unwrap();
                    uni.plain("POST", "/v1.0/ipn", &sent).await.status == 200
                }
                _ => webhook.header("hmac-signature") == Some(&hmac_base64(&secret, &webhook.body)),
            };
            assert!(!proven, "{fault:?} {generation}");
        }
    }
    sandbox
        .faults()
        .add(FaultRule::webhook(WebhookFault::Doubled));
    uni.invoice("A-1", &inbox.url()).await;
    assert_eq!(
        inbox.next().await.unwrap().body,
        inbox.next().await.unwrap().body
    );
}

#[tokio::test]
async fn request_faults_reach_the_endpoints() {
    let (sandbox, uni, _inbox) = shop().await;
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    sandbox
        .faults()
        .add(FaultRule::request("POST /v1.0/invoices", cut));
    let listed = ok(&uni.hmac("GET", "/v1.0/invoices", "").await);
    assert_eq!(
        listed["total"], 0,
        "a rule for one method leaves the others alone"
    );
    let wanted = uni.wanted("A-1", "http://127.0.0.1:9/").to_string();
    let stamp = ("cut", unix_now());
    let header = uni.authorization("POST", "/v1.0/invoices", &wanted, stamp);
    let headers = [
        ("content-type".to_owned(), "application/json".to_owned()),
        ("Authorization".to_owned(), header),
    ];
    let request = uni
        .wire
        .request("POST", "/v1.0/invoices", &headers, wanted.as_bytes());
    let mut stream = TcpStream::connect(uni.wire.address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let received = read_to_end(&mut stream).await;
    assert!(received.bytes.is_empty());
    assert_eq!(sandbox.unipayment().invoices().len(), 1);

    let busy = RequestFault::status(When::BeforeWork, 503);
    sandbox
        .faults()
        .add(FaultRule::request("/connect/*", busy.clone()));
    assert_eq!(uni.form("").await.status, 503);
    sandbox.faults().add(FaultRule::request("/v1.0/*", busy));
    assert_eq!(
        uni.hmac("GET", "/v1.0/wallet/balances", "").await.status,
        503
    );
    let replaced = RequestFault::ReplaceMember {
        member: "data.0.balance".into(),
        value: json!("7"),
    };
    sandbox
        .faults()
        .add(FaultRule::request("/v1.0/wallet/balances", replaced));
    assert_eq!(
        ok(&uni.hmac("GET", "/v1.0/wallet/balances", "").await)[0]["balance"],
        "7"
    );
    let recorded = sandbox.requests();
    assert_eq!(recorded.last().unwrap().answer_code.as_deref(), Some("OK"));
}
