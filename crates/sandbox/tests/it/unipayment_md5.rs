//! The first generation: `sign` in bodies.

use paymux_sandbox::unipayment::{HexCase, KeyJoin, Md5Rule, MoneySpelling, TypeMember};
use paymux_sandbox::{FaultRule, Generation, RequestFault};
use serde_json::{Value, json};

use crate::shape::shape_of;
use crate::unipayment_client::{body, md5_sign, ok, refused, shop, shop_with, text};

const CREATE: &str = "/api/invoice/create";
const QUERY: &str = "/api/invoice/query";

#[tokio::test]
async fn a_create_answer_looks_like_the_example_and_is_signed() {
    let (sandbox, uni, inbox) = shop().await;
    let mut wanted = uni.wanted("A-1", &inbox.url());
    wanted.as_object_mut().unwrap().remove("network");
    let answer = uni.md5(CREATE, wanted).await;
    let example = include_str!("../fixtures/unipayment_create_invoice.json");
    assert_eq!(shape_of(&answer.body), shape_of(example.as_bytes()));
    let data = ok(&answer);
    assert_eq!(
        data["sign"],
        md5_sign(data.as_object().unwrap(), &uni.app_key)
    );
    assert_eq!(
        (&data["price_amount"], &data["pay_amount"]),
        (&json!("10.86"), &json!("10.86"))
    );
    assert_eq!(
        (&data["network"], &data["sing_type"]),
        (&json!("NETWORK_TRX"), &json!("MD5"))
    );
    let id = text(&data["invoice_id"]);
    assert_eq!(id.len(), 36);
    assert_eq!(
        data["cashier_url"],
        format!("{}/checkout/{id}", sandbox.url())
    );
    let invoice = sandbox.unipayment().invoice(&id).unwrap();
    assert_eq!(invoice.generation, Generation::Md5);
    assert_eq!(
        (invoice.expiration_time - invoice.create_time).num_minutes(),
        30
    );
    assert_eq!(data["address"], invoice.destination.unwrap().address);
}

#[tokio::test]
async fn a_query_answer_looks_like_the_example() {
    let (sandbox, uni, inbox) = shop().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let answer = uni.md5(CREATE, uni.wanted("A-1", &inbox.url())).await;
        ids.push(text(&ok(&answer)["invoice_id"]));
    }
    uni.md5(CREATE, uni.wanted("A-2", &inbox.url())).await;
    sandbox.unipayment().expire(&ids[0]).unwrap();
    let ask = json!({"app_id": uni.app_id, "order_id": "A-1", "page_index": 1, "page_size": 2});
    let answer = uni.md5(QUERY, ask).await;
    let data = ok(&answer);
    let listed: Vec<_> = data["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| text(&model["invoice_id"]))
        .collect();
    assert_eq!(listed, [ids[2].clone(), ids[1].clone()]);
    assert_eq!(
        (&data["total"], &data["page_count"]),
        (&json!(3), &json!(2))
    );

    let ask = json!({"app_id": uni.app_id, "invoice_id": ids[0]});
    let answer = uni.md5(QUERY, ask).await;
    let example = include_str!("../fixtures/unipayment_query_invoices.json");
    assert_eq!(shape_of(&answer.body), shape_of(example.as_bytes()));
    assert_eq!(ok(&answer)["models"][0]["status"], "Expired");
    assert!(answer.text().contains(r#""price_amount":10.86"#));
}

#[tokio::test]
async fn only_what_is_rightly_signed_is_taken() {
    let (sandbox, uni, _inbox) = shop().await;
    let right = uni.wanted("A-1", "https://merchant.example/n");
    let sign = md5_sign(right.as_object().unwrap(), &uni.app_key);
    let with = |name: &str, value: Value| {
        let mut members = right.clone();
        members["sign"] = json!(sign);
        members[name] = value;
        members.to_string()
    };
    let doubled = with("sign", json!(sign)).replacen('{', &format!(r#"{{"sign":"{sign}","#), 1);
    for (body, hint) in [
        (right.to_string(), "sign is missing"),
        (with("sign", json!("")), "32 lowercase"),
        (with("sign", json!(sign.to_uppercase())), "32 lowercase"),
        (with("sign", json!(7)), "32 lowercase"),
        (with("price_amount", json!(10.87)), "sign is wrong"),
        (with("price_amount", json!("10.860")), "sign is wrong"),
        (with("title", json!("more")), "sign is wrong"),
        (
            with("sign_type", json!("SHA1")),
            "sign_type must be \"MD5\"",
        ),
        (with("sing_type", json!("")), "sing_type must be \"MD5\""),
    ] {
        let answer = uni.plain("POST", CREATE, &body).await;
        assert_eq!(
            refused(&answer, hint),
            (401, "INVALID_SIGNATURE".into()),
            "{body}"
        );
    }
    let answer = uni.plain("POST", CREATE, &doubled).await;
    assert_eq!(refused(&answer, "twice"), (400, "INVALID_PARAMETER".into()));
    assert!(sandbox.unipayment().invoices().is_empty());
    // A string stands for its text, and a number for its digits, so these two are signed alike.
    let answer = uni
        .plain("POST", CREATE, &with("price_amount", json!("10.86")))
        .await;
    ok(&answer);
}

#[tokio::test]
async fn the_rule_is_a_setting() {
    let rule = Md5Rule {
        type_member: TypeMember::Kept,
        key_join: KeyJoin::Direct,
        hex_case: HexCase::Upper,
    };
    let (_sandbox, uni, _inbox) = shop_with(|settings| settings.md5_rule = rule).await;
    let answer = uni
        .md5(CREATE, uni.wanted("A-1", "https://merchant.example/n"))
        .await;
    assert_eq!(refused(&answer, "uppercase").0, 401);
    let text_to_sign = format!(
        "app_id={0}&order_id=A-1&price_amount=2&price_currency=USD&sign_type=MD5{1}",
        uni.app_id, uni.app_key
    );
    let sign = hex::encode_upper(<md5::Md5 as md5::Digest>::digest(text_to_sign));
    let body = json!({
        "app_id": uni.app_id, "order_id": "A-1", "price_amount": 2, "price_currency": "USD",
        "title": "", "sign_type": "MD5", "sign": sign,
    });
    let data = ok(&uni.plain("POST", CREATE, &body.to_string()).await);
    let sign = text(&data["sign"]);
    assert!(sign.len() == 32 && sign == sign.to_uppercase());
    assert_eq!(
        (&data["pay_amount"], &data["address"]),
        (&json!("0"), &Value::Null)
    );
}

#[tokio::test]
async fn members_are_checked() {
    let (_sandbox, uni, _inbox) = shop().await;
    let url = "https://merchant.example/n";
    for (name, value, hint) in [
        (
            "app_id",
            json!("00000000-0000-4000-8000-000000000000"),
            "names no app",
        ),
        ("price_amount", json!(0), "above 0"),
        ("price_amount", json!(-1), "plain decimal"),
        ("price_amount", json!("1e3"), "plain decimal"),
        ("price_currency", json!("usd"), "price_currency is \"usd\""),
        ("pay_currency", json!("DOGE"), "no coin"),
        (
            "network",
            json!("NETWORK_BTC"),
            "NETWORK_TRX, NETWORK_ETH, NETWORK_BSC for USDT",
        ),
        ("order_id", json!(null), "order_id is missing"),
        ("notify_url", json!("merchant"), "absolute http"),
        ("unheard_of", json!(1), "knows no member"),
        ("confirm_speed", json!("fast"), "Low, Medium or High"),
        ("description", json!("x".repeat(257)), "257 characters"),
    ] {
        let mut members = uni.wanted("A-1", url);
        members[name] = value;
        let (_, code) = refused(&uni.md5(CREATE, members).await, hint);
        assert!(
            code == "INVALID_PARAMETER" || name == "app_id",
            "{name} {code}"
        );
    }
    let nothing = json!({"app_id": uni.app_id});
    refused(
        &uni.md5(QUERY, nothing).await,
        "invoice_id and order_id are missing",
    );
    let answer = uni.plain("GET", CREATE, "").await;
    assert_eq!(refused(&answer, "only POST").0, 405);
    assert_eq!(answer.header("allow"), Some("POST"));
    assert_eq!(
        refused(
            &uni.md5("/api/invoice/none", json!({})).await,
            "no endpoint"
        )
        .0,
        404
    );
}

#[tokio::test]
async fn a_notice_looks_like_the_example_and_is_signed() {
    let (sandbox, uni, inbox) = shop().await;
    let answer = uni.md5(CREATE, uni.wanted("A-1", &inbox.url())).await;
    let id = text(&ok(&answer)["invoice_id"]);
    let webhook = inbox.next().await.unwrap();
    let example = include_str!("../fixtures/unipayment_2022_ipn_invoice_new.json");
    assert_eq!(shape_of(&webhook.body), shape_of(example.as_bytes()));
    sandbox.unipayment().pay_rest(&id).unwrap();
    let paid = inbox.next().await.unwrap();
    for webhook in [webhook, paid] {
        let raw = String::from_utf8(webhook.body.clone()).unwrap();
        // Whole numbers are spelled 0.0, which `serde_json` keeps.
        let body = body(&webhook);
        assert_eq!(
            body["sign"],
            md5_sign(body.as_object().unwrap(), &uni.app_key),
            "{raw}"
        );
        assert!(webhook.header("hmac-signature").is_none());
    }
}

#[tokio::test]
async fn faults_spoil_or_keep_the_signature_of_an_answer() {
    let (sandbox, uni, _inbox) = shop().await;
    let create = || uni.md5(CREATE, uni.wanted("A-1", "https://merchant.example/n"));
    let is_signed =
        |data: &Value| data["sign"] == md5_sign(data.as_object().unwrap(), &uni.app_key);
    let strike = |fault| sandbox.faults().add(FaultRule::request(CREATE, fault));
    strike(RequestFault::WrongSignature);
    let spoiled = ok(&create().await);
    assert!(!is_signed(&spoiled) && text(&spoiled["sign"]).len() == 32);
    strike(RequestFault::ReplaceMember {
        member: "data.pay_amount".into(),
        value: json!("99"),
    });
    let replaced = ok(&create().await);
    assert!(is_signed(&replaced) && replaced["pay_amount"] == "99");
    strike(RequestFault::RemoveMember {
        member: "data.sign".into(),
    });
    assert!(ok(&create().await).get("sign").is_none());
}

#[tokio::test]
async fn money_can_be_spelled_as_numbers() {
    let (_sandbox, uni, _inbox) =
        shop_with(|settings| settings.money = MoneySpelling::Numbers).await;
    let answer = uni
        .md5(CREATE, uni.wanted("A-1", "https://merchant.example/n"))
        .await;
    assert!(answer.text().contains(r#""pay_amount":10.86,"#));
    let data = ok(&answer);
    assert_eq!(
        data["sign"],
        md5_sign(data.as_object().unwrap(), &uni.app_key)
    );
}
