//! v1.0: `Authorization: Hmac`, invoices and lists.

use paymux_sandbox::unipayment::{EnumSpelling, MoneySpelling};
use serde_json::{Value, json};

use crate::client::unix_now;
use crate::shape::shape_of;
use crate::unipayment_client::{ok, refused, shop, shop_with, text};

const INVOICES: &str = "/v1.0/invoices";

#[tokio::test]
async fn a_call_proves_itself_or_is_refused() {
    let (sandbox, uni, _inbox) = shop().await;
    let now = unix_now();
    let right = |nonce: &str, at: i64| uni.authorization("GET", INVOICES, "", (nonce, at));
    let signature = right("n", now).split(':').nth(1).unwrap().to_owned();
    let other_client = right("a", now).replace(&uni.client_id, "somebody");
    for (header, code, hint) in [
        (
            "Digest x".to_owned(),
            "INVALID_SIGNATURE",
            "scheme \"Digest\"",
        ),
        ("Hmac".to_owned(), "INVALID_SIGNATURE", "four parts"),
        ("Hmac a:b:c".to_owned(), "INVALID_SIGNATURE", "four parts"),
        (
            format!("Hmac {}:{signature}::{now}", uni.client_id),
            "INVALID_SIGNATURE",
            "nonce",
        ),
        (
            format!("Hmac {}:{signature}:m:{now}", uni.client_id),
            "INVALID_SIGNATURE",
            "is wrong",
        ),
        (
            right("n", now).replace(&signature, "AAAA"),
            "INVALID_SIGNATURE",
            "32 bytes",
        ),
        (other_client, "UNKNOWN_CLIENT", "no client"),
        (right("n", now - 302), "INVALID_TIMESTAMP", "300 s"),
        (right("n", now + 310), "INVALID_TIMESTAMP", "300 s"),
        (
            uni.authorization("POST", INVOICES, "", ("n", now)),
            "INVALID_SIGNATURE",
            "is wrong",
        ),
        (
            uni.authorization("GET", "/v1.0/ips", "", ("n", now)),
            "INVALID_SIGNATURE",
            "is wrong",
        ),
    ] {
        let answer = uni
            .with("GET", INVOICES, "", &[("Authorization", header.clone())])
            .await;
        assert_eq!(refused(&answer, hint), (401, code.into()), "{header}");
    }
    let answer = uni.plain("GET", INVOICES, "").await;
    assert_eq!(refused(&answer, "Authorization is missing").0, 401);
    // A call that was refused has used no nonce; one that was taken has.
    let header = [("Authorization", right("n", now))];
    ok(&uni.with("GET", INVOICES, "", &header).await);
    let again = uni.with("GET", INVOICES, "", &header).await;
    assert_eq!(
        refused(&again, "used before"),
        (401, "REPEATED_NONCE".into())
    );
    // The scheme counts in any case.
    let lower = right("o", now).replacen("Hmac", "hmac", 1);
    ok(&uni
        .with("GET", INVOICES, "", &[("Authorization", lower)])
        .await);
    assert!(!format!("{:?}", sandbox.requests()).contains(&signature));
}

#[tokio::test]
async fn the_body_is_signed_and_so_is_the_query() {
    let (_sandbox, uni, _inbox) = shop().await;
    let body = uni.wanted("A-1", "https://merchant.example/n").to_string();
    let header = uni.authorization("POST", INVOICES, &body, ("body", unix_now()));
    let other = body.replace("10.86", "10.85");
    let answer = uni
        .with(
            "POST",
            INVOICES,
            &other,
            &[("Authorization", header.clone())],
        )
        .await;
    assert_eq!(refused(&answer, "is wrong").0, 401);
    ok(&uni
        .with("POST", INVOICES, &body, &[("Authorization", header)])
        .await);
    let path = "/v1.0/invoices?order_id=%23A%2B1&is_asc=False&rd=20231114221320";
    assert_eq!(ok(&uni.hmac("GET", path, "").await)["total"], 0);
}

#[tokio::test]
async fn an_invoice_looks_like_the_example() {
    let (sandbox, uni, _inbox) = shop().await;
    let asked = json!({
        "app_id": uni.app_id, "order_id": "A-1", "title": "Test Invoice",
        "description": "Test Desc", "price_amount": 100, "price_currency": "USD",
        "pay_currency": "USDT", "notify_url": "https://example.com/notify",
        "redirect_url": "https://example.com/redirect", "lang": "en-US",
    });
    let answer = uni.hmac("POST", INVOICES, &asked.to_string()).await;
    assert!(
        answer
            .text()
            .starts_with(r#"{"code":"OK","msg":"","data":{"app_id":"#)
    );
    let data = ok(&answer);
    let example = include_str!("../fixtures/unipayment_v1_create_invoice_response.json");
    let example: Value = serde_json::from_str(example).unwrap();
    // The example lists its members by name.
    assert_eq!(sorted_shape(&data), sorted_shape(&example["data"]));
    assert!(answer.text().contains(r#""price_amount":100.0,"#));
    assert!(
        answer
            .text()
            .contains(r#""pay_amount":0.0,"pay_currency":"USDT""#)
    );
    let id = text(&data["invoice_id"]);
    assert_eq!(id.len(), 22);
    assert_eq!(
        data["invoice_url"],
        format!("{}/checkout/{id}", sandbox.url())
    );
    let one = ok(&uni.hmac("GET", &format!("{INVOICES}/{id}"), "").await);
    assert_eq!(one["transactions"], json!([]));
    let none = uni.hmac("GET", "/v1.0/invoices/nobody", "").await;
    assert_eq!(refused(&none, "nobody"), (404, "NOT_FOUND".into()));
}

fn sorted_shape(object: &Value) -> Vec<String> {
    let members = object.as_object().unwrap().iter();
    let mut shapes: Vec<String> = members
        .map(|(name, value)| format!("{name}:{}", shape_of(value.to_string().as_bytes())))
        .collect();
    shapes.sort();
    shapes
}

#[tokio::test]
async fn enumerations_can_be_integers_and_money_strings() {
    let (_sandbox, uni, _inbox) =
        shop_with(|settings| settings.enums = EnumSpelling::Numbers).await;
    let asked = json!({
        "app_id": uni.app_id, "order_id": "ORDER_123456", "price_amount": "2.0", "price_currency": "USD",
    });
    let answer = uni.hmac("POST", INVOICES, &asked.to_string()).await;
    let example =
        include_str!("../fixtures/unipayment_v1_create_invoice_response_2022_int_enums.json");
    assert_eq!(shape_of(&answer.body), shape_of(example.as_bytes()));
    let data = ok(&answer);
    assert_eq!(
        [
            &data["confirm_speed"],
            &data["status"],
            &data["error_status"]
        ],
        [&json!(2), &json!(1), &json!(0)]
    );

    let (_sandbox, uni, _inbox) =
        shop_with(|settings| settings.money = MoneySpelling::Strings).await;
    let wanted = uni.wanted("A-1", "https://m.example/").to_string();
    let data = ok(&uni.hmac("POST", INVOICES, &wanted).await);
    assert_eq!(
        (&data["pay_amount"], &data["exchange_rate"]),
        (&json!("10.86"), &json!("1"))
    );
}

#[tokio::test]
async fn figures_are_exact() {
    let (sandbox, uni, _inbox) = shop().await;
    let rate = "0.000001234567890123".parse().unwrap();
    sandbox.unipayment().set_rate("ETH", "USD", rate).unwrap();
    let asked = format!(
        r#"{{"app_id":"{}","order_id":"A-1","price_amount":9007.199255,"price_currency":"USD","pay_currency":"ETH","network":"NETWORK_ETH"}}"#,
        uni.app_id
    );
    let answer = uni.hmac("POST", INVOICES, &asked).await;
    assert!(
        answer.text().contains(r#""price_amount":9007.199255,"#),
        "{}",
        answer.text()
    );
    assert!(
        answer
            .text()
            .contains(r#""exchange_rate":0.000001234567890123,"#)
    );
    let id = text(&ok(&answer)["invoice_id"]);
    let due = sandbox
        .unipayment()
        .invoice(&id)
        .unwrap()
        .destination
        .unwrap()
        .pay_amount;
    assert_eq!(due.scale(), 18);
    assert!(answer.text().contains(&format!(r#""pay_amount":{due},"#)));
}

#[tokio::test]
async fn a_list_is_filtered_ordered_and_paged() {
    let (sandbox, uni, inbox) = shop().await;
    let mut ids = Vec::new();
    for order in ["A", "B", "A"] {
        ids.push(uni.invoice(order, &inbox.url()).await);
    }
    sandbox.unipayment().pay_rest(&ids[1]).unwrap();
    let list = async |query: &str| {
        let data = ok(&uni.hmac("GET", &format!("{INVOICES}?{query}"), "").await);
        let models = data["models"].as_array().unwrap().clone();
        models
            .iter()
            .map(|model| text(&model["invoice_id"]))
            .collect::<Vec<_>>()
    };
    let newest_first = [ids[2].clone(), ids[1].clone(), ids[0].clone()];
    assert_eq!(list("").await, newest_first);
    assert_eq!(list("is_asc=True").await, ids);
    assert_eq!(list("order_id=A").await, [ids[2].clone(), ids[0].clone()]);
    assert_eq!(list("status=paid").await, [ids[1].clone()]);
    assert_eq!(
        list(&format!("invoice_id={}", ids[0])).await,
        [ids[0].clone()]
    );
    assert_eq!(list("page_no=2&page_size=2").await, [ids[0].clone()]);
    assert_eq!(
        list("start=2020-01-01&end=2020-01-02T03:04:05").await,
        Vec::<String>::new()
    );
    let page = ok(&uni
        .hmac("GET", &format!("{INVOICES}?page_size=2"), "")
        .await);
    let figures = [
        &page["page_no"],
        &page["page_size"],
        &page["total"],
        &page["page_count"],
    ];
    assert_eq!(figures, [&json!(1), &json!(2), &json!(3), &json!(2)]);
    for (query, hint) in [
        ("page_no=0", "1 or more"),
        ("page_size=101", "1 to 100"),
        ("page_no=x", "integer"),
        ("status=Gone", "New, Paid"),
        ("is_asc=1", "true or false"),
        ("start=yesterday", "must be a time"),
        ("page_no=1&page_no=1", "twice"),
        ("colour=red", "knows no parameter"),
        ("app_id=other", "no app"),
    ] {
        refused(
            &uni.hmac("GET", &format!("{INVOICES}?{query}"), "").await,
            hint,
        );
    }
}

#[tokio::test]
async fn currencies_rates_and_ips_are_open_to_all() {
    let (sandbox, uni, _inbox) = shop().await;
    sandbox
        .unipayment()
        .set_rate("BTC", "USD", "38359.98".parse().unwrap())
        .unwrap();
    let rate = uni.plain("GET", "/v1.0/rates/USD/BTC", "").await;
    assert_eq!(
        rate.text(),
        r#"{"code":"OK","msg":"","data":{"from":"BTC","to":"USD","rate":38359.98}}"#
    );
    let all = ok(&uni.plain("GET", "/v1.0/rates/EUR", "").await);
    assert_eq!(all.as_array().unwrap().len(), 5);
    let currencies = ok(&uni.plain("GET", "/v1.0/currencies", "").await);
    let usdt = currencies
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["code"] == "USDT");
    assert_eq!(
        usdt.unwrap(),
        &json!({"code": "USDT", "symbol": "USDT", "name": "Tether", "is_fiat": false})
    );
    assert_eq!(
        ok(&uni.plain("GET", "/v1.0/ips", "").await),
        json!(["127.0.0.1"])
    );
    assert_eq!(
        refused(&uni.plain("GET", "/v1.0/rates/XXX", "").await, "XXX").0,
        404
    );
    // A wrong proof is refused even where none is needed.
    let header = [("Authorization", "Hmac a:b:c:d".to_owned())];
    assert_eq!(uni.with("GET", "/v1.0/ips", "", &header).await.status, 401);
    sandbox.update_settings(|settings| settings.unipayment.open_endpoints = false);
    assert_eq!(uni.plain("GET", "/v1.0/ips", "").await.status, 401);
    ok(&uni.hmac("GET", "/v1.0/ips", "").await);
}

#[tokio::test]
async fn endpoints_belong_to_their_generation_and_method() {
    let (_sandbox, uni, _inbox) = shop().await;
    let answer = uni.hmac("GET", "/v1.0/payments", "").await;
    assert_eq!(
        refused(&answer, "Bearer"),
        (403, "WRONG_AUTHORIZATION".into())
    );
    let answer = uni.oauth("GET", "/v1.0/wallet/withdrawals", "").await;
    assert_eq!(refused(&answer, "Hmac").0, 403);
    let answer = uni.hmac("DELETE", INVOICES, "").await;
    assert_eq!(refused(&answer, "only POST, GET").0, 405);
    assert_eq!(answer.header("allow"), Some("POST, GET"));
    let answer = uni.hmac("GET", "/v1.0/wallet/withdrawals/cancel", "").await;
    assert_eq!(refused(&answer, "only POST").0, 405);
    assert_eq!(
        refused(&uni.hmac("GET", "/v1.0/none", "").await, "no endpoint").0,
        404
    );
    assert_eq!(uni.plain("GET", "/v1.0/none", "").await.status, 401);
    let (_sandbox, uni, _inbox) = shop_with(|settings| settings.http_error_statuses = false).await;
    let answer = uni.hmac("GET", "/v1.0/none", "").await;
    assert_eq!(refused(&answer, "no endpoint"), (200, "NOT_FOUND".into()));
}
