//! Calls that go wrong half-way, on the sandbox: what is known afterwards, and what the gateway has.

use std::time::Duration;

use futures_util::future::join_all;
use paymux_core::{
    DepositAddressApi, Error, ErrorKind, NewDepositAddress, Outcome, PaymentProvider, PayoutApi,
};
use paymux_native_checkout::NativeCheckout;
use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};

use crate::{builder, new_invoice, new_payout, transport};

const PAYOUT: &str = "/api/payout/create";
const DETAIL: &str = "/api/order/detail";

/// Every fault, what it is reported as, and whether the gateway did the work.
fn faults() -> Vec<(RequestFault, ErrorKind, Outcome, bool)> {
    use ErrorKind::{
        Authentication, InvalidResponse, InvalidSignature, RateLimited, Timeout, Unavailable,
    };
    use Outcome::{Rejected, Unknown};
    use When::{AfterWork, BeforeWork};

    let delay = |when| RequestFault::delay(when, Duration::from_secs(30));
    vec![
        (
            RequestFault::Cut { when: BeforeWork },
            Unavailable,
            Unknown,
            false,
        ),
        (
            RequestFault::Cut { when: AfterWork },
            Unavailable,
            Unknown,
            true,
        ),
        (RequestFault::CutMidBody, Unavailable, Unknown, true),
        (delay(AfterWork), Timeout, Unknown, true),
        (
            RequestFault::status(BeforeWork, 500),
            Unavailable,
            Unknown,
            false,
        ),
        (
            RequestFault::status(AfterWork, 502),
            Unavailable,
            Unknown,
            true,
        ),
        (
            RequestFault::status(AfterWork, 503),
            Unavailable,
            Unknown,
            true,
        ),
        (
            RequestFault::status(AfterWork, 302),
            InvalidResponse,
            Unknown,
            true,
        ),
        (
            RequestFault::status(BeforeWork, 401),
            Authentication,
            Rejected,
            false,
        ),
        (
            RequestFault::too_many_requests(60),
            RateLimited,
            Rejected,
            false,
        ),
        (RequestFault::MalformedJson, InvalidResponse, Unknown, true),
        (
            RequestFault::WrongSignature,
            InvalidSignature,
            Unknown,
            true,
        ),
        (
            RequestFault::HugeBody { bytes: 5 << 20 },
            InvalidResponse,
            Unknown,
            true,
        ),
        (
            RequestFault::RemoveMember {
                member: "data".to_owned(),
            },
            InvalidResponse,
            Unknown,
            true,
        ),
    ]
}

/// Waits for an answer only as long as is needed where none comes.
async fn impatient(sandbox: &Sandbox, fault: &RequestFault) -> NativeCheckout {
    let config = match fault {
        RequestFault::Delay { .. } => transport().with_timeout(Duration::from_secs(2)),
        _ => transport(),
    };
    let provider = builder(sandbox).with_transport(config).build().unwrap();
    // The list of tokens is read before anything goes wrong.
    let usdt = "USDT@tron-nile".parse().unwrap();
    let held = provider.balances().unwrap().fetch_balances(Some(&usdt));
    held.await.unwrap();
    provider
}

fn check(error: &Error, kind: ErrorKind, outcome: Outcome, fault: &RequestFault) {
    assert_eq!(
        (error.kind(), error.outcome()),
        (kind, outcome),
        "{fault:?}: {error}"
    );
    assert_eq!(error.provider().unwrap().as_str(), "native-checkout");
}

#[tokio::test]
async fn a_payout_is_sent_once_whatever_goes_wrong() {
    join_all(
        faults()
            .into_iter()
            .map(async |(fault, kind, outcome, is_done)| {
                let sandbox = Sandbox::start().await.unwrap();
                let provider = impatient(&sandbox, &fault).await;
                sandbox
                    .faults()
                    .add(FaultRule::request(PAYOUT, fault.clone()));
                let request = new_payout("ref-1", "0.5", "USDT@tron-nile");
                let error = provider.create_payout(&request).await.unwrap_err();
                check(&error, kind, outcome, &fault);
                assert_eq!(error.operation(), Some("create_payout"));
                assert_eq!(error.reference(), Some(&request.reference));
                assert_eq!(sandbox.requests_to(PAYOUT).len(), 1, "{fault:?}");
                assert_eq!(
                    sandbox.halo().payouts().len(),
                    usize::from(is_done),
                    "{fault:?}"
                );
                if is_done {
                    assert!(error.may_have_executed());
                }
            }),
    )
    .await;
}

#[tokio::test]
async fn invoices_and_addresses_are_made_once_too() {
    join_all(
        faults()
            .into_iter()
            .map(async |(fault, kind, outcome, is_done)| {
                let sandbox = Sandbox::start().await.unwrap();
                let provider = impatient(&sandbox, &fault).await;
                for path in ["/api/order/create", "/api/payment-qr-code/create"] {
                    sandbox
                        .faults()
                        .add(FaultRule::request(path, fault.clone()));
                }
                let request = new_invoice("order-1", "5 USD", "TRX@tron-nile");
                let error = provider.create_invoice(&request).await.unwrap_err();
                check(&error, kind, outcome, &fault);
                assert_eq!(
                    sandbox.halo().orders().len(),
                    usize::from(is_done),
                    "{fault:?}"
                );

                let request = NewDepositAddress::new("till", "TRX@tron-nile".parse().unwrap());
                let error = provider.create_deposit_address(&request).await.unwrap_err();
                check(&error, kind, outcome, &fault);
                assert_eq!(
                    sandbox.halo().qr_codes().len(),
                    usize::from(is_done),
                    "{fault:?}"
                );
            }),
    )
    .await;
}

#[tokio::test]
async fn a_look_up_is_tried_again_where_that_may_help() {
    join_all(faults().into_iter().map(async |(fault, _, outcome, _)| {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = impatient(&sandbox, &fault).await;
        let request = new_invoice("order-1", "5 USD", "TRX@tron-nile");
        let patient = builder(&sandbox).build().unwrap();
        let made = patient.create_invoice(&request).await.unwrap();

        sandbox
            .faults()
            .add(FaultRule::request(DETAIL, fault.clone()));
        let once = provider.fetch_invoice(made.id()).await;
        sandbox.faults().clear();
        sandbox
            .faults()
            .add(FaultRule::request(DETAIL, fault.clone()).always());
        let always = provider.fetch_invoice(made.id()).await.unwrap_err();

        let expected = match outcome {
            Outcome::Unknown => Outcome::NotSent,
            told => told,
        };
        assert_eq!(always.outcome(), expected, "{fault:?}: {always}");
        assert_eq!(always.operation(), Some("fetch_invoice"));
        let is_transient = always.kind().is_transient() && always.retry_after().is_none();
        assert_eq!(once.is_ok(), is_transient, "{fault:?}");
    }))
    .await;
}

#[tokio::test]
async fn a_failure_before_the_payout_sends_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = builder(&sandbox).build().unwrap();
    let list = "/api/currency/app-token-list";
    let request = new_payout("ref-1", "0.5", "USDT@tron-nile");
    for fault in [
        RequestFault::Cut {
            when: When::AfterWork,
        },
        RequestFault::status(When::BeforeWork, 401),
        RequestFault::MalformedJson,
        RequestFault::WrongSignature,
    ] {
        sandbox
            .faults()
            .add(FaultRule::request(list, fault.clone()).always());
        let error = provider.create_payout(&request).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent, "{fault:?}: {error}");
        assert_eq!(error.operation(), Some("create_payout"));
        assert_eq!(error.reference(), Some(&request.reference));
        sandbox.faults().clear();
    }
    assert_eq!(sandbox.requests_to(PAYOUT).len(), 0);
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_listens() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = impatient(&sandbox, &RequestFault::CutMidBody).await;
    sandbox.stop().await;
    let request = new_payout("ref-1", "0.5", "USDT@tron-nile");
    // The first call may meet the closed connection that was kept.
    let _ = provider.create_payout(&request).await;
    let error = provider.create_payout(&request).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unavailable, Outcome::NotSent)
    );
    assert_eq!(error.reference(), Some(&request.reference));
}

#[tokio::test]
async fn a_kept_connection_that_went_stale_costs_at_most_certainty() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = builder(&sandbox).build().unwrap();
    let list = "/api/currency/app-token-list";
    sandbox
        .faults()
        .add(FaultRule::request(list, RequestFault::StaleConnection));
    let request = new_payout("ref-1", "0.5", "USDT@tron-nile");
    let result = provider.create_payout(&request).await;
    let made = sandbox.halo().payouts().len();
    match result {
        Ok(_) => assert_eq!(made, 1),
        Err(error) => {
            assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
            assert_eq!(made, 0);
        }
    }
    assert!(sandbox.requests_to(PAYOUT).len() <= 1);
}
