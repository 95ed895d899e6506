//! What the first generation sends, and what it believes.

use paymux_core::{ErrorKind, InvoiceId, Outcome, PaymentProvider};
use paymux_unipayment::{Generation, Md5Rule, Md5Signer};
use serde_json::Value;

use crate::providers::{APP_ID, KEY, builder_of, new_invoice, provider_of};
use paymux_test_bench::RawServer;

fn signed(rule: Md5Rule, object: &str) -> String {
    let signer = Md5Signer::new(KEY.into(), rule).unwrap();
    signer.signed_object(object).unwrap()
}

fn created() -> String {
    r#"{"invoice_id":"I1","price_amount":"10.86","price_currency":"USD","network":"NETWORK_TRX","address":"T1","pay_amount":"10.8","pay_currency":"USDT","cashier_url":"https://pay.example/?a=1&b=2","sing_type":"MD5"}"#.to_owned()
}

fn ok(data: &str) -> String {
    format!(r#"{{"msg":"","code":"OK","data":{data}}}"#)
}

#[tokio::test]
async fn requests_are_signed_by_every_rule() {
    for rule in Md5Rule::ALL {
        let server = RawServer::answering(move |_| ok(&signed(rule, &created()))).await;
        let provider = builder_of(&server, Generation::Md5)
            .with_md5_rule(rule)
            .build()
            .unwrap();
        let request = new_invoice("order-1", "10.86 USD");
        let invoice = provider.create_invoice(&request).await.unwrap();
        assert_eq!(invoice.checkout_url(), Some("https://pay.example/?a=1&b=2"));

        let sent = &server.received()[0];
        assert_eq!(sent.path, "/api/invoice/create");
        assert!(sent.head.starts_with("POST "));
        assert_eq!(sent.header("authorization"), None);
        assert!(
            sent.body.contains(r#""price_amount":10.86,"#),
            "{}",
            sent.body
        );
        let fitting = Md5Rule::all_that_fit(sent.body.as_bytes(), &KEY.into()).unwrap();
        assert!(fitting.contains(&rule), "{rule}");
        let body: Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(body["app_id"], APP_ID);
        assert_eq!(body["sign_type"], "MD5");
    }
}

#[tokio::test]
async fn a_created_invoice_is_believed_only_with_its_signature() {
    let right = signed(Md5Rule::default(), &created());
    for data in [
        created(),
        right.replace("\"T1\"", "\"T2\""),
        right.replace("10.8\"", "1.8\""),
        right.replace("\"MD5\"", "\"SHA\""),
        right.replace("\"I1\"", "\"I1\",\"invoice_id\":\"I2\""),
        signed("type_kept/direct/upper".parse().unwrap(), &created()),
    ] {
        let answer = ok(&data);
        let server = RawServer::answering(move |_| answer.clone()).await;
        let provider = provider_of(&server, Generation::Md5);
        let request = new_invoice("order-1", "10.86 USD");
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{data}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_query_may_be_unsigned_but_not_signed_wrongly() {
    let model = r#"{"app_id":"2a9bcd11-1111-4222-8333-444455556666","invoice_id":"I1","order_id":"order-1","price_amount":10.86,"price_currency":"USD","pay_amount":10.8,"status":"New","error_status":"None","create_time":"2022-02-28T06:03:48","sign_type":"MD5"}"#;
    let wrong = signed(Md5Rule::default(), model).replace("10.86", "1.86");
    for (model, right) in [
        (model.to_owned(), true),
        (signed(Md5Rule::default(), model), true),
        (wrong, false),
    ] {
        let page = format!(
            r#"{{"models":[{model}],"page_index":1,"page_size":10,"total":1,"page_count":1}}"#
        );
        let answer = ok(&page);
        let server = RawServer::answering(move |_| answer.clone()).await;
        let provider = provider_of(&server, Generation::Md5);
        let result = provider.fetch_invoice(&InvoiceId::received("I1")).await;
        match result {
            Ok(invoice) => {
                assert!(right);
                assert_eq!(invoice.price().unwrap().to_string(), "10.86 USD");
            }
            Err(error) => {
                assert!(!right, "{error:?}");
                assert_eq!(error.kind(), ErrorKind::InvalidSignature);
                assert_eq!(error.outcome(), Outcome::NotSent);
            }
        }
        let sent = &server.received()[0];
        assert_eq!(sent.path, "/api/invoice/query");
        assert!(sent.body.contains(r#""page_index":1,"page_size":10"#));
        let fitting = Md5Rule::all_that_fit(sent.body.as_bytes(), &KEY.into()).unwrap();
        assert!(fitting.contains(&Md5Rule::default()));
    }
}

#[tokio::test]
async fn an_order_id_whose_notices_could_not_be_proven_is_refused_unsent() {
    let server = RawServer::answering(|_| ok("null")).await;
    let provider = provider_of(&server, Generation::Md5);
    let request = new_invoice("order&1", "10.86 USD");
    let error = provider.create_invoice(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(server.received().is_empty());
}
