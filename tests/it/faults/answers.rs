//! Answers that say no, that cannot be read, that are about something else.

use std::time::Duration;

use paymux::ErrorKind::{
    Authentication, InvalidResponse, InvalidSignature, Mismatch, RateLimited, Refused, Unavailable,
};
use paymux::Outcome::{NotSent, Rejected, Unknown};
use paymux::{ErrorKind, PaymentProvider};
use paymux_sandbox::{FaultRule, RequestFault, When};

use super::bench::{ATTEMPTS, Bench, Call, check_names, expect, fails, order};

#[tokio::test]
async fn a_gateway_out_of_order() {
    for status in [500, 502, 503, 504] {
        expect(
            RequestFault::status(When::BeforeWork, status),
            &fails(Unavailable, Unknown, 1, 0),
            &fails(Unavailable, NotSent, ATTEMPTS, 0),
        )
        .await;
        expect(
            RequestFault::status(When::AfterWork, status),
            &fails(Unavailable, Unknown, 1, 1),
            &fails(Unavailable, NotSent, ATTEMPTS, ATTEMPTS),
        )
        .await;
    }
}

#[tokio::test]
async fn an_envelope_that_says_no_under_a_5xx_is_no_rejection() {
    let fault = RequestFault::Status {
        when: When::AfterWork,
        status: 500,
        headers: Vec::new(),
        body: r#"{"code":1006,"msg":"bad parameter","data":null}"#.to_owned(),
    };
    expect(
        fault,
        &fails(Unavailable, Unknown, 1, 1),
        &fails(Unavailable, NotSent, ATTEMPTS, ATTEMPTS),
    )
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fault = RequestFault::Status {
        when: When::BeforeWork,
        status: 302,
        headers: vec![("Location".to_owned(), "/api/order/detail".to_owned())],
        body: String::new(),
    };
    expect(
        fault,
        &fails(InvalidResponse, Unknown, 1, 0),
        &fails(InvalidResponse, NotSent, 1, 0),
    )
    .await;
}

#[tokio::test]
async fn a_no_by_http_status() {
    for (status, kind) in [
        (401, Authentication),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (418, Refused),
    ] {
        let no = fails(kind, Rejected, 1, 0);
        expect(RequestFault::status(When::BeforeWork, status), &no, &no).await;
    }
}

#[tokio::test]
async fn too_many_requests() {
    // Longer than anybody waits: the error tells how long.
    let patient = fails(RateLimited, Rejected, 1, 0);
    expect(RequestFault::too_many_requests(3600), &patient, &patient).await;
    expect(
        RequestFault::too_many_requests(0),
        &fails(RateLimited, Rejected, 1, 0),
        &fails(RateLimited, Rejected, ATTEMPTS, 0),
    )
    .await;

    let bench = Bench::set_up(Duration::from_secs(10)).await;
    let fault = RequestFault::too_many_requests(3600);
    bench
        .sandbox
        .faults()
        .add(FaultRule::request("/api/payout/create", fault));
    let (_, error) = bench.see(Call::CreatePayout).await;
    assert_eq!(
        error.unwrap().retry_after(),
        Some(Duration::from_secs(3600))
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read() {
    let missing = RequestFault::RemoveMember {
        member: "data.trade_no".to_owned(),
    };
    let huge = RequestFault::HugeBody { bytes: 5 << 20 };
    for fault in [RequestFault::MalformedJson, missing, huge] {
        expect(
            fault,
            &fails(InvalidResponse, Unknown, 1, 1),
            &fails(InvalidResponse, NotSent, 1, 1),
        )
        .await;
    }
}

#[tokio::test]
async fn an_answer_that_somebody_else_signed() {
    expect(
        RequestFault::WrongSignature,
        &fails(InvalidSignature, Unknown, 1, 1),
        &fails(InvalidSignature, NotSent, 1, 1),
    )
    .await;
}

#[tokio::test]
async fn an_answer_to_another_question() {
    for (call, member, value, outcome) in [
        (Call::CreateInvoice, "data.token", "JST".into(), Unknown),
        (Call::CreateInvoice, "data.contract", "TXYZ".into(), Unknown),
        (Call::CreateInvoice, "data.decimal", 18.into(), Unknown),
        // The same coin on the main network, where it is worth something.
        (
            Call::CreateInvoice,
            "data.chain_id",
            728_126_428.into(),
            Unknown,
        ),
        (
            Call::CreatePayout,
            "data.actual_receipt",
            "12.4".into(),
            Unknown,
        ),
        (Call::FetchInvoice, "data.trade_no", "2020".into(), NotSent),
    ] {
        let bench = Bench::set_up(Duration::from_secs(10)).await;
        bench.replace(call, member, value);
        let (seen, error) = bench.see(call).await;
        assert_eq!(seen, fails(Mismatch, outcome, 1, 1), "{member}: {error:?}");
        check_names(call, error.as_ref());
        let made = match call {
            Call::CreateInvoice => bench.sandbox.halo().orders()[1].trade_no.clone(),
            Call::CreatePayout => bench.sandbox.halo().payouts()[0].trade_no.clone(),
            Call::FetchInvoice => continue,
        };
        let id = error.unwrap().id().map(str::to_owned);
        assert_eq!(id, Some(made), "what was made is named");
    }
}

#[tokio::test]
async fn another_amount_than_the_token_amount_that_was_asked() {
    let bench = Bench::set_up(Duration::from_secs(10)).await;
    let mut request = order("new");
    request.price = "16.5 TRX".parse().unwrap();
    bench.replace(Call::CreateInvoice, "data.amount", "16.6".into());
    let error = bench.provider.create_invoice(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Mismatch, Unknown));
}

/// The connection on which the last answer came is dead, and nobody knows until it is used.

#[tokio::test]
async fn a_create_whose_catalogue_cannot_be_had_is_not_sent() {
    for (fault, kind) in [
        (RequestFault::status(When::AfterWork, 500), Unavailable),
        (RequestFault::status(When::BeforeWork, 401), Authentication),
        (RequestFault::MalformedJson, InvalidResponse),
        (RequestFault::WrongSignature, InvalidSignature),
    ] {
        for call in [Call::CreateInvoice, Call::CreatePayout] {
            let bench = Bench::without_catalogue(Duration::from_secs(10)).await;
            let rule = FaultRule::request("/api/currency/*", fault.clone()).always();
            bench.sandbox.faults().add(rule);
            let error = bench.call(call).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (kind, NotSent));
            check_names(call, Some(&error));
            assert!(bench.sandbox.requests_to(call.path()).is_empty());

            // It was not kept that the catalogue could not be had.
            bench.sandbox.faults().clear();
            bench.call(call).await.unwrap();
            assert_eq!(bench.sandbox.requests_to(call.path()).len(), 1);
        }
    }
}
