//! The documents' own requests and answers, byte for byte.

use paymux_unipayment::model::{
    Answer, ConfirmSpeed, CreateInvoice, ErrorStatus, Invoice, InvoiceStatus, NetworkCode, Page,
    PaymentMethodType, Rate,
};
use rust_decimal::Decimal;
use serde_json::Value;

fn answer(json: &str) -> Answer {
    let answer = Answer::read(json.as_bytes()).unwrap();
    assert!(answer.is_ok());
    answer
}

fn amount(digits: &str) -> Option<Decimal> {
    Some(digits.parse().unwrap())
}

fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    Some(text.parse().unwrap())
}

#[test]
fn a_new_invoice_of_the_first_generation() {
    let answer = answer(include_str!("../fixtures/create_invoice.json"));
    let invoice: Invoice = answer.data().unwrap();
    assert_eq!(invoice.invoice_id, "593fca26-b472-46a5-b1d4-a223aac95bb3");
    assert_eq!(invoice.price_amount, amount("10.86"));
    assert_eq!(invoice.price_currency.as_deref(), Some("USD"));
    assert_eq!(invoice.network, Some(NetworkCode::Tron));
    assert_eq!(
        invoice.address.as_deref(),
        Some("TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy")
    );
    assert_eq!(invoice.chosen_amount(), amount("10.86"));
    assert_eq!(invoice.pay_currency.as_deref(), Some("USDT"));
    assert_eq!(invoice.expiration_time, time("2022-02-28T06:03:48Z"));
    assert_eq!(
        invoice.pay_link(),
        Some("https://example.com/invoice/593fca26-b472-46a5-b1d4-a223aac95bb3")
    );
    assert_eq!(
        invoice.qrcode_url.as_deref(),
        Some("https://example.com/qrcode/593fca26-b472-46a5-b1d4-a223aac95bb3")
    );
    assert_eq!((invoice.status, invoice.exchange_rate), (None, None));
    assert!(
        answer
            .data_json()
            .unwrap()
            .contains("\"sing_type\": \"MD5\"")
    );
}

#[test]
fn the_draft_of_that_answer_has_no_invoice_id_and_is_refused() {
    let answer = answer(include_str!(
        "../fixtures/2022_create_invoice_response_draft.json"
    ));
    assert_eq!(
        answer.data::<Invoice>().unwrap_err(),
        "missing field `invoice_id`"
    );
}

#[test]
fn a_page_of_the_first_generation() {
    let answer = answer(include_str!("../fixtures/query_invoices.json"));
    let page: Page<Invoice> = answer.data().unwrap();
    assert_eq!(
        (page.page_no, page.page_index, page.number()),
        (None, Some(1), Some(1))
    );
    assert_eq!(
        (page.page_size, page.total, page.page_count),
        (Some(10), Some(7), Some(1))
    );
    let [first, second] = page.models.as_slice() else {
        panic!("{} models", page.models.len());
    };
    assert_eq!(first.invoice_id, "67af9a33-09d9-4d57-b9af-b5e20836c886");
    assert_eq!(
        first.app_id.as_deref(),
        Some("94273135-a935-4753-937b-c293987d44c8")
    );
    assert_eq!(first.order_id.as_deref(), Some("ORDER_123456"));
    assert_eq!(first.exchange_rate, amount("1"));
    assert_eq!(
        (first.paid_amount, first.confirmed_amount),
        (amount("0"), amount("0"))
    );
    assert_eq!(first.create_time, time("2022-02-28T08:29:59Z"));
    assert_eq!(
        (first.paid_time, first.confirm_time, first.complete_time),
        (None, None, None)
    );
    assert_eq!(first.confirm_speed, Some(ConfirmSpeed::Medium));
    assert_eq!(first.status, Some(InvoiceStatus::Expired));
    assert_eq!(first.error_status, Some(ErrorStatus::None));
    assert_eq!(second.expiration_time, time("2022-02-28T08:56:44Z"));

    let later: Page<Value> = serde_json::from_str(r#"{"models":[],"page_no":"3"}"#).unwrap();
    assert_eq!(later.number(), Some(3));
    assert!(serde_json::from_str::<Page<Value>>(r#"{"page_no":1}"#).is_err());
}

#[test]
fn new_invoices_of_the_later_generations() {
    let v1: Invoice = answer(include_str!("../fixtures/v1_create_invoice_response.json"))
        .data()
        .unwrap();
    assert_eq!(v1.invoice_id, "KrRnGKYgy8vXvqXtscG4AT");
    assert_eq!(
        v1.order_id.as_deref(),
        Some("5f166a9592e54babad01c26b243b69be")
    );
    assert_eq!(
        (&v1.network, &v1.address, v1.chosen_amount()),
        (&None, &None, None)
    );
    assert_eq!(v1.pay_amount, amount("0.0"));
    assert_eq!(v1.price_amount.unwrap().to_string(), "100.0");
    assert_eq!(
        v1.pay_link(),
        Some("https://app.unipayment.io/i/KrRnGKYgy8vXvqXtscG4AT")
    );

    let numbers: Invoice = answer(include_str!(
        "../fixtures/v1_create_invoice_response_2022_int_enums.json"
    ))
    .data()
    .unwrap();
    assert_eq!(numbers.invoice_id, "Dj2mNCXXWCGKT89kcU8NJn");
    assert_eq!(numbers.confirm_speed, Some(ConfirmSpeed::Medium));
    assert_eq!(numbers.status, Some(InvoiceStatus::New));
    assert_eq!(numbers.error_status, Some(ErrorStatus::None));
    assert_eq!(numbers.pay_currency, None);

    let v2: Invoice = answer(include_str!("../fixtures/v2_create_invoice_response.json"))
        .data()
        .unwrap();
    assert_eq!(v2.invoice_id, "V2s88VEcyK4o9c8r999qWR");
    assert_eq!(v2.payment_method_type, Some(PaymentMethodType::Unknown));
    assert_eq!(v2.refunded_price_amount, amount("0"));
    assert_eq!(v2.create_time, time("2024-07-31T07:53:08Z"));
    assert_eq!(v2.expiration_time, time("2024-07-31T08:13:08Z"));
}

#[test]
fn links_have_four_names() {
    for name in ["invoice_url", "cashier_url", "casher_url", "checkout_url"] {
        let json = format!(r#"{{"invoice_id":"I1","{name}":"https://example.com/i/I1"}}"#);
        let invoice: Invoice = serde_json::from_str(&json).unwrap();
        assert_eq!(
            invoice.pay_link(),
            Some("https://example.com/i/I1"),
            "{name}"
        );
    }
    let both = r#"{"invoice_id":"I1","cashier_url":"https://a.example","invoice_url":"https://b.example"}"#;
    let invoice: Invoice = serde_json::from_str(both).unwrap();
    assert_eq!(invoice.pay_link(), Some("https://b.example"));
}

#[test]
fn words_may_be_numbers_and_unknown_ones_are_kept() {
    for (token, expected) in [
        ("4", InvoiceStatus::Complete),
        ("\"4\"", InvoiceStatus::Complete),
        ("\"complete\"", InvoiceStatus::Complete),
        ("7", InvoiceStatus::Other("7".to_owned())),
        ("\"Frozen\"", InvoiceStatus::Other("Frozen".to_owned())),
    ] {
        let json = format!(r#"{{"invoice_id":"I1","status":{token}}}"#);
        let invoice: Invoice = serde_json::from_str(&json).unwrap();
        assert_eq!(invoice.status, Some(expected), "{token}");
    }
}

#[test]
fn money_is_read_digit_for_digit_or_not_at_all() {
    let read = |token: &str| {
        let json =
            format!(r#"{{"code":"OK","data":{{"invoice_id":"I1","price_amount":{token}}}}}"#);
        let invoice = Answer::read(json.as_bytes()).unwrap().data::<Invoice>();
        invoice.map(|invoice| invoice.price_amount.map(|amount| amount.to_string()))
    };
    for digits in [
        "10.860",
        "0.1",
        "123456789012345678.123456789",
        "18446744073709551616",
    ] {
        assert_eq!(read(digits).unwrap().as_deref(), Some(digits));
        assert_eq!(
            read(&format!("\"{digits}\"")).unwrap().as_deref(),
            Some(digits)
        );
    }
    assert_eq!(read("null").unwrap(), None);
    assert_eq!(read("\"\"").unwrap(), None);
    for odd in [
        "true",
        "[]",
        "\"1,5\"",
        "\"x99\"",
        "0.12345678901234567890123456789",
    ] {
        let why = read(odd).unwrap_err();
        assert!(why.contains("another type than documented"), "{why}");
        assert!(!why.contains("99") && !why.contains("123456789"), "{why}");
    }
}

#[test]
fn answers_without_data_and_refusals() {
    let checked = answer(include_str!("../fixtures/check_ipn_response.json"));
    assert_eq!(checked.msg.as_deref(), Some("IPN is verified."));
    assert_eq!(checked.data_json(), None);
    assert_eq!(
        checked.data::<Invoice>().unwrap_err(),
        "missing field `data`"
    );

    let refused = Answer::read(br#"{"msg":"Order exists","code":"ORDER_EXISTS","data":null}"#);
    let refused = refused.unwrap();
    assert!(!refused.is_ok());
    assert_eq!(
        (refused.code.as_str(), refused.data_json()),
        ("ORDER_EXISTS", None)
    );

    for (body, says) in [
        (&b"{}"[..], "missing field `code`"),
        (br#"{"code":""}"#, "must not be empty is empty"),
        (br#"["OK","",null]"#, "no JSON object"),
        (b"<html>", "no complete JSON"),
        (b"{\"code\":\"\xff\"}", "not UTF-8"),
    ] {
        let why = Answer::read(body).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn rates_name_their_sides() {
    let rate: Rate = answer(include_str!("../fixtures/2022_rate_response.json"))
        .data()
        .unwrap();
    assert_eq!(rate.sides(), Some(("BTC", "USD")));
    assert_eq!(rate.rate.to_string(), "38359.98");
    let json = r#"{"from":"BTC","to":"EUR","rate":1.50,"ask":2,"bid":"1"}"#;
    let later: Rate = serde_json::from_str(json).unwrap();
    assert_eq!(later.sides(), Some(("BTC", "EUR")));
    assert_eq!((later.ask, later.bid), (amount("2"), amount("1")));
}

#[test]
fn requests_have_the_documented_form() {
    let mut request = CreateInvoice::new(
        "de5076a5-71aa-4a4a-a35f-bdb424af5658",
        "5f166a9592e54babad01c26b243b69be",
        Decimal::from(100),
        "USD",
    );
    request.title = Some("Test Invoice".to_owned());
    request.description = Some("Test Desc".to_owned());
    request.pay_currency = Some("USDT".to_owned());
    request.notify_url = Some("https://example.com/notify".to_owned());
    request.redirect_url = Some("https://example.com/redirect".to_owned());
    request.lang = Some("en-US".to_owned());
    let documented: Value =
        serde_json::from_str(include_str!("../fixtures/v1_create_invoice_request.json")).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&serde_json::to_string(&request).unwrap()).unwrap(),
        documented
    );

    let mut request = CreateInvoice::new(
        "94273135-a935-4753-937b-c293987d44c8",
        "ORDER_123456",
        "10.00".parse().unwrap(),
        "USD",
    );
    request.pay_currency = Some("USDT".to_owned());
    request.notify_url = Some("https://example.com/pay/callback".to_owned());
    request.redirect_url = Some("http://example.com/pay/result".to_owned());
    let mut documented: Value =
        serde_json::from_str(include_str!("../fixtures/2022_create_invoice_request.json")).unwrap();
    documented.as_object_mut().unwrap().remove("sign");
    assert_eq!(
        serde_json::from_str::<Value>(&serde_json::to_string(&request).unwrap()).unwrap(),
        documented
    );
}
