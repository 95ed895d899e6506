//! Answers: their signature, their envelope, their time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, ManualClock, Outcome, PaymentProvider};
use paymux_native_checkout::model::{CreateOrder, CreateQrCode};
use paymux_native_checkout::{NativeCheckout, Signer};

use crate::{provider_of, transport};
use paymux_test_bench::{RawServer, http};

const QR_CODE: &str = r#"{"code":0,"msg":"success","data":{"id":7,"address":"TX"}}"#;

fn signature(app_id: &str, key: &str, body: &str) -> [(&'static str, String); 3] {
    let signer = Signer::new(app_id, key.into()).unwrap();
    let signed = signer.sign(body.as_bytes(), Utc::now()).unwrap();
    [
        ("x-appid", signed.app_id),
        ("x-timestamp", signed.timestamp),
        ("x-sign", signed.sign),
    ]
}

fn lines(headers: &[(&str, String)]) -> String {
    headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect()
}

async fn create(status: &'static str, headers: String, body: &'static str) -> Result<u64, Error> {
    let server = RawServer::writing(move |_| http(status, &headers, body)).await;
    let provider = provider_of(&server);
    let code = provider
        .client()
        .create_qr_code(&CreateQrCode::new("till", 7))
        .await;
    assert_eq!(server.received().len(), 1);
    code.map(|code| code.id)
}

#[tokio::test]
async fn a_signed_answer_has_to_be_signed_rightly() {
    let right = signature("app-1", "made-up-key", QR_CODE);
    assert_eq!(create("200 OK", lines(&right), QR_CODE).await.unwrap(), 7);
    assert_eq!(create("200 OK", String::new(), QR_CODE).await.unwrap(), 7);

    let upper = right
        .clone()
        .map(|(name, value)| (name, value.to_ascii_uppercase()));
    let doubled = [right.clone(), right.clone()].concat();
    for (what, headers) in [
        (
            "another key",
            lines(&signature("app-1", "other-key", QR_CODE)),
        ),
        (
            "another app",
            lines(&signature("app-2", "made-up-key", QR_CODE)),
        ),
        (
            "another body",
            lines(&signature("app-1", "made-up-key", "{}")),
        ),
        ("upper case", lines(&upper)),
        ("a header twice", lines(&doubled)),
        ("no signature", lines(&right[..2])),
        ("no app", lines(&right[1..])),
    ] {
        let error = create("200 OK", headers, QR_CODE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{what}: {error}");
        assert_eq!(error.outcome(), Outcome::Unknown, "{what}");
    }
}

#[tokio::test]
async fn an_answer_is_accepted_under_every_configured_key() {
    let headers = lines(&signature("app-1", "next-key", QR_CODE));
    let server = RawServer::writing(move |_| http("200 OK", &headers, QR_CODE)).await;
    let client = NativeCheckout::builder()
        .with_base_url(server.url())
        .with_app_id("app-1")
        .with_app_key("made-up-key".into())
        .with_webhook_key("next-key".into())
        .build_client()
        .unwrap();
    assert!(
        client
            .create_qr_code(&CreateQrCode::new("till", 7))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn what_an_answer_means_for_a_call_that_creates() {
    use ErrorKind::{
        Authentication, InvalidRequest, InvalidResponse, NotFound, Permission, Refused,
    };
    use Outcome::{Rejected, Unknown};

    for (status, body, kind, outcome, says) in [
        (
            "200 OK",
            "<html>",
            InvalidResponse,
            Unknown,
            "not JSON (starts with '<')",
        ),
        ("200 OK", "", InvalidResponse, Unknown, "is empty"),
        (
            "200 OK",
            "{\"code\":0,",
            InvalidResponse,
            Unknown,
            "no complete JSON",
        ),
        ("200 OK", "[]", InvalidResponse, Unknown, "no complete JSON"),
        (
            "200 OK",
            "[0,\"success\",{\"id\":1,\"address\":\"a\"}]",
            InvalidResponse,
            Unknown,
            "no complete JSON",
        ),
        (
            "200 OK",
            "{\"code\":0,\"data\":[1,\"a\"]}",
            InvalidResponse,
            Unknown,
            "it is no JSON object",
        ),
        (
            "200 OK",
            "{}",
            InvalidResponse,
            Unknown,
            "missing field `code`",
        ),
        (
            "200 OK",
            "{\"code\":\"0\",\"data\":{\"id\":1,\"address\":\"a\"}}",
            InvalidResponse,
            Unknown,
            "another type",
        ),
        (
            "200 OK",
            "{\"code\":0,\"code\":0,\"data\":{\"id\":1,\"address\":\"a\"}}",
            InvalidResponse,
            Unknown,
            "repeated",
        ),
        (
            "200 OK",
            "{\"code\":0,\"msg\":\"success\"}",
            InvalidResponse,
            Unknown,
            "no data",
        ),
        (
            "200 OK",
            "{\"code\":0,\"data\":null}",
            InvalidResponse,
            Unknown,
            "no data",
        ),
        (
            "200 OK",
            "{\"code\":0,\"data\":{\"id\":1}}",
            InvalidResponse,
            Unknown,
            "missing field `address`",
        ),
        (
            "200 OK",
            "{\"code\":0,\"data\":{\"id\":-1,\"address\":\"canary\"}}",
            InvalidResponse,
            Unknown,
            "another type",
        ),
        ("400 Bad", QR_CODE, InvalidRequest, Rejected, "HTTP 400"),
        (
            "200 OK",
            "{\"code\":0,\"data\":{\"id\":1,\"address\":\"\"}}",
            InvalidResponse,
            Unknown,
            "is empty",
        ),
        (
            "200 OK",
            "{\"code\":1004,\"msg\":\"no such thing\",\"data\":null}",
            Refused,
            Rejected,
            "no such thing",
        ),
        (
            "200 OK",
            "{\"code\":-5}",
            Refused,
            Rejected,
            "without a message",
        ),
        (
            "401 No",
            "{\"code\":9,\"msg\":\"bad sign\"}",
            Authentication,
            Rejected,
            "bad sign",
        ),
        ("403 No", "<html>", Permission, Rejected, "HTTP 403"),
        ("404 No", "", NotFound, Rejected, "HTTP 404"),
    ] {
        let error = create(status, String::new(), body).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, outcome),
            "{body}: {error}"
        );
        assert!(error.message().contains(says), "{body}: {error}");
        assert!(!error.to_string().contains("canary"), "{error}");
        assert_eq!(error.operation(), Some("create_qr_code"));
        assert_eq!(error.provider().unwrap().as_str(), "native-checkout");
    }
}

#[tokio::test]
async fn an_unreadable_order_still_gives_its_id() {
    let body = r#"{"code":0,"msg":"success","data":{"trade_no":"T1","token":"TRX"}}"#;
    let server = RawServer::answering(move |_| body.to_owned()).await;
    let order = CreateOrder::in_token("o1", 76, "1".parse().unwrap());
    let error = provider_of(&server)
        .client()
        .create_order(&order)
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(error.id(), Some("T1"));
}

#[tokio::test]
async fn the_code_of_a_refusal_can_be_given_a_meaning() {
    let body = r#"{"code":1004,"msg":"no such order","data":null}"#;
    let server = RawServer::answering(move |_| body.to_owned()).await;
    let provider = NativeCheckout::builder()
        .with_base_url(server.url())
        .with_app_id("app-1")
        .with_app_key("made-up-key".into())
        .with_error_code(1004, ErrorKind::NotFound)
        .build()
        .unwrap();
    let error = provider
        .fetch_invoice(&"T1".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), Some("1004"));
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.operation(), Some("fetch_invoice"));
}

#[tokio::test]
async fn a_refusal_to_a_wrong_clock_says_so() {
    let gateway: DateTime<Utc> = "2026-03-17T09:36:36Z".parse().unwrap();
    for (off, says) in [
        (-301, Some("301 s behind")),
        (150, Some("150 s ahead of")),
        (120, None),
    ] {
        let headers = "date: Tue, 17 Mar 2026 09:36:36 GMT\r\n";
        let body = r#"{"code":1002,"msg":"timestamp","data":null}"#;
        let server = RawServer::writing(move |_| http("200 OK", headers, body)).await;
        let clock = ManualClock::at(gateway + chrono::TimeDelta::seconds(off));
        let provider = NativeCheckout::builder()
            .with_base_url(server.url())
            .with_app_id("app-1")
            .with_app_key("made-up-key".into())
            .with_transport(transport())
            .with_clock(Arc::new(clock))
            .build()
            .unwrap();
        let error = provider
            .fetch_invoice(&"T1".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.outcome(), Outcome::Rejected);
        match says {
            Some(says) => {
                assert_eq!(error.kind(), ErrorKind::Authentication);
                assert!(error.hint().unwrap().contains(says), "{error:?}");
            }
            None => assert_eq!((error.kind(), error.hint()), (ErrorKind::Refused, None)),
        }
    }
}
