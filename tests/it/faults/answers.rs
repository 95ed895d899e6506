//! Answers that say no or cannot be read.

use std::time::Duration;

use paymux::ErrorKind;
use paymux::ErrorKind::{
    Authentication, InvalidResponse, InvalidSignature, RateLimited, Refused, Unavailable,
};
use paymux::Outcome::{NotSent, Rejected, Unknown};
use paymux_sandbox::{FaultRule, RequestFault, When};

use super::bench::{ATTEMPTS, Bench, PATIENCE, expect, fails, fine};
use super::gateway::{Call, Gateway};

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

/// This status with this body, in place of the gateway's answer.
fn answer(when: When, status: u16, body: &str) -> RequestFault {
    RequestFault::Status {
        when,
        status,
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn an_envelope_that_says_no() {
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let is_read = *call == Call::FetchInvoice;
            let bench = async || Bench::set_up(gateway, PATIENCE).await;
            let no = gateway.refusal();
            let rejected = fails(Refused, Rejected, 1, 0);
            let with_200 = answer(When::BeforeWork, 200, no);
            bench().await.expect(*call, with_200, rejected).await;

            // Under a 5xx it is no rejection: who wrote it may not know what became of the call.
            let under_500 = if is_read {
                fails(Unavailable, NotSent, ATTEMPTS, ATTEMPTS)
            } else {
                fails(Unavailable, Unknown, 1, 1)
            };
            let with_500 = answer(When::AfterWork, 500, no);
            bench().await.expect(*call, with_500, under_500).await;
        }
    }
}

#[tokio::test]
async fn a_code_that_says_no_is_kept() {
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let bench = Bench::set_up(gateway, PATIENCE).await;
            bench.strike(*call, answer(When::BeforeWork, 200, gateway.refusal()));
            let (_, error) = bench.see(*call).await;
            let error = error.unwrap();
            let code = if gateway == Gateway::Halo {
                "40213"
            } else {
                "NOT_TODAY"
            };
            assert_eq!(error.code(), Some(code));
            assert!(error.message().contains("not today"), "{error}");
        }
    }
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
        (400, ErrorKind::InvalidRequest),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (418, Refused),
    ] {
        let no = fails(kind, Rejected, 1, 0);
        expect(RequestFault::status(When::BeforeWork, status), &no, &no).await;
    }
}

/// With access tokens a 401 without a word is about the token: there is one repeat with a new one, and
/// not a second.
#[tokio::test]
async fn wrong_credentials() {
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let is_oauth = gateway == Gateway::OAuth;
            for (body, asked) in [
                ("", if is_oauth { 2 } else { 1 }),
                (
                    gateway.refusal(),
                    if is_oauth && *call == Call::FetchInvoice {
                        2
                    } else {
                        1
                    },
                ),
            ] {
                let bench = Bench::set_up(gateway, PATIENCE).await;
                let no = fails(Authentication, Rejected, asked, 0);
                let fault = answer(When::BeforeWork, 401, body);
                bench.expect(*call, fault, no).await;
            }
        }
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
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let bench = Bench::set_up(gateway, PATIENCE).await;
            bench.strike(*call, RequestFault::too_many_requests(3600));
            let (_, error) = bench.see(*call).await;
            let wait = error.unwrap().retry_after();
            assert_eq!(wait, Some(Duration::from_secs(3600)), "{gateway:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read() {
    let huge = RequestFault::HugeBody { bytes: 5 << 20 };
    for fault in [RequestFault::MalformedJson, huge] {
        expect(
            fault,
            &fails(InvalidResponse, Unknown, 1, 1),
            &fails(InvalidResponse, NotSent, 1, 1),
        )
        .await;
    }
    for body in ["", "<html></html>", "[]", "{}", "null", "{\"code\":"] {
        expect(
            answer(When::AfterWork, 200, body),
            &fails(InvalidResponse, Unknown, 1, 1),
            &fails(InvalidResponse, NotSent, 1, 1),
        )
        .await;
    }
}

#[tokio::test]
async fn an_answer_that_does_not_say_what_was_made() {
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let member = gateway.id_member(*call).to_owned();
            let fault = RequestFault::RemoveMember { member };
            let outcome = match call {
                Call::FetchInvoice => NotSent,
                Call::CreateInvoice | Call::CreatePayout => Unknown,
            };
            let bench = Bench::set_up(gateway, PATIENCE).await;
            let expected = fails(InvalidResponse, outcome, 1, 1);
            bench.expect(*call, fault, expected).await;
        }
    }
}

/// Of UniPayment only the answer to a new invoice of the first generation is signed.
#[tokio::test]
async fn an_answer_that_somebody_else_signed() {
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let expected = match (gateway, call) {
                (Gateway::Halo, Call::FetchInvoice) => fails(InvalidSignature, NotSent, 1, 1),
                (Gateway::Halo, _) | (Gateway::Md5, Call::CreateInvoice) => {
                    fails(InvalidSignature, Unknown, 1, 1)
                }
                _ => fine(1, 1),
            };
            let bench = Bench::set_up(gateway, PATIENCE).await;
            bench
                .expect(*call, RequestFault::WrongSignature, expected)
                .await;
        }
    }
}

/// Before it creates anything, HaloPay's adapter reads the catalogue, and UniPayment's fetches a token.
#[tokio::test]
async fn a_create_whose_first_call_fails_is_not_sent() {
    for (gateway, first) in [
        (Gateway::Halo, "/api/currency/*"),
        (Gateway::OAuth, "/connect/token"),
    ] {
        let mut faults = vec![
            (RequestFault::status(When::AfterWork, 500), Unavailable),
            (RequestFault::status(When::BeforeWork, 401), Authentication),
            (RequestFault::MalformedJson, InvalidResponse),
        ];
        if gateway == Gateway::Halo {
            faults.push((RequestFault::WrongSignature, InvalidSignature));
        }
        for (fault, kind) in faults {
            for call in gateway.creates() {
                let bench = Bench::untouched(gateway, PATIENCE).await;
                let rule = FaultRule::request(first, fault.clone()).always();
                bench.sandbox.faults().add(rule);
                let error = bench.call(call).await.unwrap_err();
                assert_eq!((error.kind(), error.outcome()), (kind, NotSent));
                bench.check_names(call, Some(&error));
                assert!(bench.asked(call).is_empty());

                // It was not kept that there was nothing to be had.
                bench.sandbox.faults().clear();
                bench.call(call).await.unwrap();
                assert_eq!(bench.asked(call).len(), 1);
            }
        }
    }
}
