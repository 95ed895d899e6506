//! Slow, cut, stale and missing connections.

use std::time::Duration;

use paymux::ErrorKind::{Timeout, Unavailable};
use paymux::Outcome::{NotSent, Unknown};
use paymux::PaymentProvider;
use paymux_sandbox::{FaultRule, RequestFault, When};

use super::bench::{ATTEMPTS, Bench, Call, expect, fails, fine, order, payout};

#[tokio::test]
async fn a_delay_is_only_slow() {
    for when in [When::BeforeWork, When::AfterWork] {
        let fault = RequestFault::delay(when, Duration::from_millis(20));
        expect(fault, &fine(1, 1), &fine(1, 1)).await;
    }
}

#[tokio::test]
async fn no_answer_in_time() {
    let fault = RequestFault::delay(When::AfterWork, Duration::from_secs(60));
    for call in [Call::CreateInvoice, Call::CreatePayout] {
        let bench = Bench::set_up(Duration::from_secs(1)).await;
        let rule = FaultRule::request(call.path(), fault.clone()).always();
        bench.sandbox.faults().add(rule);
        let (seen, error) = bench.see(call).await;
        assert_eq!(seen, fails(Timeout, Unknown, 1, 1), "{call:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_read_without_an_answer_in_time_is_repeated() {
    let fault = RequestFault::delay(When::BeforeWork, Duration::from_secs(60));
    let bench = Bench::set_up(Duration::from_secs(1)).await;
    bench
        .sandbox
        .faults()
        .add(FaultRule::request("/api/order/detail", fault));
    let (seen, error) = bench.see(Call::FetchInvoice).await;
    assert_eq!(seen, fine(2, 1), "{error:?}");
}

#[tokio::test]
async fn a_cut_connection() {
    let cut = |when| RequestFault::Cut { when };
    expect(
        cut(When::BeforeWork),
        &fails(Unavailable, Unknown, 1, 0),
        &fails(Unavailable, NotSent, ATTEMPTS, 0),
    )
    .await;
    expect(
        cut(When::AfterWork),
        &fails(Unavailable, Unknown, 1, 1),
        &fails(Unavailable, NotSent, ATTEMPTS, ATTEMPTS),
    )
    .await;
    expect(
        RequestFault::CutMidBody,
        &fails(Unavailable, Unknown, 1, 1),
        &fails(Unavailable, NotSent, ATTEMPTS, ATTEMPTS),
    )
    .await;
}

#[tokio::test]
async fn one_failure_of_a_read_is_not_noticed() {
    for fault in [
        RequestFault::status(When::BeforeWork, 503),
        RequestFault::Cut {
            when: When::BeforeWork,
        },
        RequestFault::too_many_requests(0),
    ] {
        let bench = Bench::set_up(Duration::from_secs(10)).await;
        let rule = FaultRule::request("/api/order/detail", fault.clone());
        bench.sandbox.faults().add(rule);
        let (seen, error) = bench.see(Call::FetchInvoice).await;
        assert_eq!(seen, fine(2, 1), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_stale_connection_never_makes_anything_twice() {
    for call in [Call::CreateInvoice, Call::CreatePayout] {
        let bench = Bench::set_up(Duration::from_secs(10)).await;
        let stale = FaultRule::request("/api/order/detail", RequestFault::StaleConnection);
        bench.sandbox.faults().add(stale);
        bench.call(Call::FetchInvoice).await.unwrap();
        let (seen, error) = bench.see(call).await;
        match seen.result {
            // A fresh connection was taken instead.
            Ok(()) => assert_eq!((seen.asked, seen.done), (1, 1), "{call:?}"),
            Err((kind, outcome)) => {
                assert_eq!((kind, outcome), (Unavailable, Unknown), "{error:?}");
                assert_eq!((seen.asked, seen.done), (0, 0), "{call:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_gateway_that_is_not_there() {
    let bench = Bench::set_up(Duration::from_secs(10)).await;
    let Bench {
        sandbox, provider, ..
    } = bench;
    sandbox.stop().await;
    let error = provider.create_invoice(&order("new")).await.unwrap_err();
    // Either no connection could be made, or one that was kept from before turned out to be closed.
    assert_eq!(error.kind(), Unavailable, "{error:?}");
    let payouts = provider.payouts().unwrap();
    let error = payouts.create_payout(&payout()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Unavailable, NotSent));
}
