//! What v1.0 sends.

use std::collections::HashSet;

use paymux_core::{ErrorKind, InvoiceQuery, Outcome, PaymentProvider};
use paymux_unipayment::{Generation, HmacSigner};

use crate::providers::{SECRET, new_invoice, provider_of};
use paymux_test_bench::{RawServer, Received, http};

/// Whether the header fits exactly what was sent.
fn is_proven(url: &str, sent: &Received) -> bool {
    let header = sent.header("authorization").unwrap();
    let parts: Vec<&str> = header.strip_prefix("Hmac ").unwrap().split(':').collect();
    let [id, _, nonce, seconds] = parts[..] else {
        return false;
    };
    let at = chrono::DateTime::from_timestamp(seconds.parse().unwrap(), 0).unwrap();
    let method = sent.head.split(' ').next().unwrap();
    let url = format!("{url}{}", sent.path);
    let signer = HmacSigner::new(id, SECRET.into()).unwrap();
    let own = signer.authorization(method, &url, sent.body.as_bytes(), nonce, at);
    own.unwrap() == header && nonce.len() == 32
}

#[tokio::test]
async fn every_call_is_signed_over_what_is_sent_with_a_nonce_of_its_own() {
    let server = RawServer::writing(|_| http("503 Busy", "", "")).await;
    let provider = provider_of(&server, Generation::Hmac);
    let mut query = InvoiceQuery::default();
    query.order_id = Some("order 1&2".parse().unwrap());
    let search = provider.search().unwrap();
    let error = search.search_invoices(&query).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    let request = new_invoice("order-1", "5 USD");
    let error = provider.create_invoice(&request).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);

    let received = server.received();
    assert_eq!(
        received.len(),
        4,
        "a read is tried three times, a create once"
    );
    let mut headers = HashSet::new();
    for sent in &received {
        assert!(is_proven(&server.url(), sent), "{}", sent.path);
        assert!(headers.insert(sent.header("authorization").unwrap()));
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_never_sent_again() {
    for (status, body, kind, code) in [
        (
            "200 OK",
            r#"{"code":"NO","msg":"not so","data":null}"#,
            ErrorKind::Refused,
            Some("NO"),
        ),
        (
            "409 Conflict",
            r#"{"code":"NO","msg":""}"#,
            ErrorKind::Conflict,
            Some("NO"),
        ),
        (
            "400 Bad Request",
            r#"{"error":"odd"}"#,
            ErrorKind::InvalidRequest,
            None,
        ),
        ("404 Not Found", "<html>", ErrorKind::NotFound, None),
        (
            "403 Forbidden",
            r#"{"code":"OK","msg":"","data":{}}"#,
            ErrorKind::Permission,
            None,
        ),
    ] {
        let server = RawServer::writing(move |_| http(status, "", body)).await;
        let provider = provider_of(&server, Generation::Hmac);
        let request = new_invoice("order-1", "5 USD");
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{status}");
        assert_eq!(error.outcome(), Outcome::Rejected);
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_it_open_whether_it_was_made() {
    for (body, id) in [
        ("<html>", None),
        (r#"{"data":{}}"#, None),
        // A code is a word here, and 0 may mean anything.
        (r#"{"code":0,"msg":"","data":{"invoice_id":"I1"}}"#, None),
        (r#"{"code":"OK","msg":""}"#, None),
        (
            r#"{"code":"OK","data":{"invoice_id":"I1","price_amount":"much"}}"#,
            Some("I1"),
        ),
        (
            r#"{"code":"OK","data":{"invoice_id":"I1","order_id":"order-1"}}"#,
            Some("I1"),
        ),
    ] {
        let server = RawServer::answering(move |_| body.to_owned()).await;
        let provider = provider_of(&server, Generation::Hmac);
        let request = new_invoice("order-1", "5 USD");
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
        assert_eq!((error.outcome(), error.id()), (Outcome::Unknown, id));
    }
}
