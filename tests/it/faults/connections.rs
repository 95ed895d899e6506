//! Slow, cut, stale and missing connections.

use std::time::Duration;

use paymux::ErrorKind::{Timeout, Unavailable};
use paymux::Outcome::{NotSent, Unknown};
use paymux_sandbox::{RequestFault, When};
use tokio::task::JoinSet;

use super::bench::{ATTEMPTS, Bench, PATIENCE, expect, fails, fine};
use super::gateway::{Call, Gateway};

const BRIEF: Duration = Duration::from_secs(1);

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
    let mut waiting = JoinSet::new();
    for gateway in Gateway::ALL {
        for call in gateway.creates() {
            let fault = fault.clone();
            waiting.spawn(async move {
                let bench = Bench::set_up(gateway, BRIEF).await;
                let expected = fails(Timeout, Unknown, 1, 1);
                bench.expect(call, fault, expected).await;
            });
        }
    }
    waiting.join_all().await;
}

#[tokio::test]
async fn a_read_without_an_answer_in_time_is_repeated() {
    let fault = RequestFault::delay(When::BeforeWork, Duration::from_secs(60));
    let mut waiting = JoinSet::new();
    for gateway in Gateway::ALL {
        let fault = fault.clone();
        waiting.spawn(async move {
            let bench = Bench::set_up(gateway, BRIEF).await;
            bench.strike(Call::FetchInvoice, fault);
            let (seen, error) = bench.see(Call::FetchInvoice).await;
            assert_eq!(seen, fine(2, 1), "{gateway:?}: {error:?}");
        });
    }
    waiting.join_all().await;
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
        for gateway in Gateway::ALL {
            let bench = Bench::set_up(gateway, PATIENCE).await;
            bench.strike(Call::FetchInvoice, fault.clone());
            let (seen, error) = bench.see(Call::FetchInvoice).await;
            assert_eq!(seen, fine(2, 1), "{gateway:?} {fault:?}: {error:?}");
        }
    }
}

/// The connection on which the last answer came is dead, and nobody knows until it is used.
#[tokio::test]
async fn a_stale_connection_never_makes_anything_twice() {
    for gateway in Gateway::ALL {
        for call in gateway.creates() {
            let bench = Bench::set_up(gateway, PATIENCE).await;
            bench.strike(Call::FetchInvoice, RequestFault::StaleConnection);
            bench.call(Call::FetchInvoice).await.unwrap();
            let (seen, error) = bench.see(call).await;
            match seen.result {
                // A fresh connection was taken instead.
                Ok(()) => assert_eq!((seen.asked, seen.done), (1, 1), "{gateway:?} {call:?}"),
                Err((kind, outcome)) => {
                    assert_eq!((kind, outcome), (Unavailable, Unknown), "{error:?}");
                    assert_eq!((seen.asked, seen.done), (0, 0), "{gateway:?} {call:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_gateway_that_has_gone_away() {
    for gateway in Gateway::ALL {
        let bench = Bench::set_up(gateway, PATIENCE).await;
        let provider = std::sync::Arc::clone(&bench.provider);
        let order = bench.order("new");
        bench.sandbox.stop().await;
        let error = provider.create_invoice(&order).await.unwrap_err();
        // Either no connection could be made, or one that was kept from before turned out to be
        // closed.
        assert_eq!(error.kind(), Unavailable, "{gateway:?}: {error:?}");
        let error = provider.create_invoice(&order).await.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (Unavailable, NotSent), "{gateway:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for gateway in Gateway::ALL {
        let bench = Bench::set_up(gateway, PATIENCE).await;
        let provider = gateway.provider(&bench.sandbox, &nowhere, PATIENCE);
        for call in gateway.calls() {
            let error = bench.call_at(provider.as_ref(), *call).await.unwrap_err();
            let seen = (error.kind(), error.outcome());
            assert_eq!(seen, (Unavailable, NotSent), "{gateway:?}: {error:?}");
            bench.check_names(*call, Some(&error));
        }
    }
}
