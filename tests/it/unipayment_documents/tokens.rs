//! Access tokens of the third generation: fetched once for all who ask, renewed before they end,
//! repeated for once, and never shown.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use paymux::{Error, ErrorKind, InvoiceId, ManualClock, Outcome, PaymentProvider};
use paymux_test_bench::CapturedLog;
use paymux_tests::unipayment_server::{
    CLIENT_SECRET, CREATE, Era, LIFETIME_SECONDS, PAY, TOKEN, UniPaymentServer, expired,
};
use paymux_tests::wire_server::{Misbehaviour, WireAnswer};
use paymux_unipayment::UniPayment;
use tokio::task::JoinSet;

use super::bench::{builder_at, fetch_call, known_id, order, payment, provider};

const ERA: Era = Era::OAuth;

async fn read(provider: &UniPayment) -> Result<(), Error> {
    let id = InvoiceId::new(known_id(ERA)).unwrap();
    provider.fetch_invoice(&id).await.map(drop)
}

fn fetches(server: &UniPaymentServer) -> usize {
    server.requests_to(TOKEN).len()
}

/// Fifty callers at once: reads, new invoices and payments.
async fn fifty(provider: &UniPayment) -> Vec<Result<(), Error>> {
    let mut calls = JoinSet::new();
    for number in 0..50 {
        let provider = provider.clone();
        calls.spawn(async move {
            match number % 3 {
                0 => read(&provider).await,
                1 => provider.create_invoice(&order(ERA)).await.map(drop),
                _ => {
                    let payouts = provider.payouts().unwrap();
                    payouts.create_payout(&payment()).await.map(drop)
                }
            }
        });
    }
    calls.join_all().await
}

#[tokio::test]
async fn fifty_callers_share_one_fetch() {
    let (server, provider) = provider(ERA).await;
    for result in fifty(&provider).await {
        result.unwrap();
    }
    assert_eq!(fetches(&server), 1);
    assert_eq!(server.requests().len(), 51);
    let used: BTreeSet<_> = server
        .requests()
        .iter()
        .filter_map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(used.len(), 1);
}

#[tokio::test]
async fn fifty_callers_whose_token_ended_share_one_new_one() {
    let (server, provider) = provider(ERA).await;
    read(&provider).await.unwrap();
    server.documents().expire_tokens();
    for result in fifty(&provider).await {
        result.unwrap();
    }
    assert_eq!(fetches(&server), 2);
}

#[tokio::test]
async fn fifty_callers_share_one_failure_and_nothing_was_sent() {
    let (server, provider) = provider(ERA).await;
    server.misbehave(
        TOKEN,
        Misbehaviour::Status(400, r#"{"error": "invalid_client"}"#),
    );
    for result in fifty(&provider).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_ne!(error.outcome(), Outcome::Unknown);
    }
    assert_eq!((fetches(&server), server.requests().len()), (1, 1));
    // It is not kept: whoever asks later may be luckier.
    read(&provider).await.unwrap();
    assert_eq!(fetches(&server), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_not_long_before() {
    let server = UniPaymentServer::start(ERA).await;
    let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
    let builder = builder_at(server.url(), ERA).with_clock(Arc::<ManualClock>::clone(&clock));
    let provider = builder.build().unwrap();
    let hour = u64::try_from(LIFETIME_SECONDS).unwrap();
    read(&provider).await.unwrap();
    // Nine tenths of its life are left to it at least.
    clock.advance(Duration::from_secs(hour / 10 * 9 - 1));
    read(&provider).await.unwrap();
    assert_eq!(fetches(&server), 1);
    // A second before its end it would end on its way.
    clock.advance(Duration::from_secs(hour / 10));
    read(&provider).await.unwrap();
    assert_eq!(fetches(&server), 2);
    let tokens = server.documents().tokens();
    let last = server.requests_to(fetch_call(ERA)).pop().unwrap();
    let used = last.header("authorization").unwrap().to_owned();
    assert_eq!(used, format!("Bearer {}", tokens[1]));
}

#[tokio::test]
async fn a_call_is_repeated_once_after_a_401_that_names_the_token() {
    let (server, provider) = provider(ERA).await;
    read(&provider).await.unwrap();
    for (at, call) in [CREATE, PAY].into_iter().enumerate() {
        server.documents().expire_tokens();
        if call == CREATE {
            provider.create_invoice(&order(ERA)).await.unwrap();
        } else {
            let payouts = provider.payouts().unwrap();
            payouts.create_payout(&payment()).await.unwrap();
        }
        let sent = server.requests_to(call);
        assert_eq!(sent.len(), 2, "{call}");
        assert_eq!(sent[0].body, sent[1].body, "{call}");
        assert_ne!(
            sent[0].header("authorization"),
            sent[1].header("authorization")
        );
        assert_eq!(fetches(&server), at + 2);
    }
}

#[tokio::test]
async fn a_call_is_not_repeated_a_second_time() {
    for answer in [
        expired(),
        WireAnswer::new(
            401,
            r#"{"code": "INVALID_TOKEN", "msg": "the token is over"}"#,
        ),
        WireAnswer::new(401, ""),
    ] {
        for call in [CREATE, PAY, fetch_call(ERA)] {
            let (server, provider) = provider(ERA).await;
            for _ in 0..9 {
                server.misbehave(call, Misbehaviour::Answer(answer.clone()));
            }
            let error = match call {
                CREATE => provider.create_invoice(&order(ERA)).await.map(drop),
                PAY => {
                    let payouts = provider.payouts().unwrap();
                    payouts.create_payout(&payment()).await.map(drop)
                }
                _ => read(&provider).await,
            };
            let error = error.unwrap_err();
            let seen = (error.kind(), error.outcome());
            assert_eq!(
                seen,
                (ErrorKind::Authentication, Outcome::Rejected),
                "{call}"
            );
            assert_eq!(server.requests_to(call).len(), 2, "{call} {answer:?}");
            assert_eq!(fetches(&server), 2, "{call}");
        }
    }
}

/// A 401 about something else is a no to the call, and repeats nothing that creates.
#[tokio::test]
async fn a_401_that_names_something_else_repeats_no_create() {
    let answer = r#"{"code": "UNKNOWN_APP", "msg": "this app is not yours"}"#;
    for call in [CREATE, PAY] {
        let (server, provider) = provider(ERA).await;
        server.misbehave(call, Misbehaviour::Status(401, answer));
        let result = if call == CREATE {
            provider.create_invoice(&order(ERA)).await.map(drop)
        } else {
            let payouts = provider.payouts().unwrap();
            payouts.create_payout(&payment()).await.map(drop)
        };
        let error = result.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (ErrorKind::Authentication, Outcome::Rejected));
        assert_eq!(error.code(), Some("UNKNOWN_APP"));
        assert_eq!((server.requests_to(call).len(), fetches(&server)), (1, 1));
    }
}

/// The first try was a no, so where the second is in doubt the whole call is.
#[tokio::test]
async fn a_repeat_that_is_cut_is_in_doubt() {
    for call in [CREATE, PAY] {
        let (server, provider) = provider(ERA).await;
        server.misbehave(call, Misbehaviour::Answer(expired()));
        server.misbehave(call, Misbehaviour::CutAfterReading);
        let result = if call == CREATE {
            provider.create_invoice(&order(ERA)).await.map(drop)
        } else {
            let payouts = provider.payouts().unwrap();
            payouts.create_payout(&payment()).await.map(drop)
        };
        let error = result.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (ErrorKind::Unavailable, Outcome::Unknown));
        assert_eq!(server.requests_to(call).len(), 2);
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let grant = |token: &str, kind: &str| {
        format!(r#"{{"access_token": "{token}", "expires_in": 3600, "token_type": "{kind}"}}"#)
    };
    for (how, kind, asked) in [
        (Misbehaviour::CutAfterReading, ErrorKind::Unavailable, 3),
        (Misbehaviour::CutMidBody, ErrorKind::Unavailable, 3),
        (Misbehaviour::Status(503, ""), ErrorKind::Unavailable, 3),
        (Misbehaviour::Status(302, ""), ErrorKind::InvalidResponse, 1),
        (Misbehaviour::Status(401, ""), ErrorKind::Authentication, 1),
        (
            Misbehaviour::Status(400, r#"{"error": "invalid_client"}"#),
            ErrorKind::Authentication,
            1,
        ),
        (
            Misbehaviour::Status(400, r#"{"error": "unauthorized_client"}"#),
            ErrorKind::Permission,
            1,
        ),
        (
            Misbehaviour::Body("<html>".to_owned()),
            ErrorKind::InvalidResponse,
            1,
        ),
        (
            Misbehaviour::Body("{}".to_owned()),
            ErrorKind::InvalidResponse,
            1,
        ),
        (
            Misbehaviour::Body(grant("", "Bearer")),
            ErrorKind::InvalidResponse,
            1,
        ),
        (
            Misbehaviour::Body(grant("a b", "Bearer")),
            ErrorKind::InvalidResponse,
            1,
        ),
        (
            Misbehaviour::Body(grant("ab", "mac")),
            ErrorKind::InvalidResponse,
            1,
        ),
    ] {
        for call in [CREATE, PAY] {
            let (server, provider) = provider(ERA).await;
            for _ in 0..asked {
                server.misbehave(TOKEN, how.clone());
            }
            let result = if call == CREATE {
                provider.create_invoice(&order(ERA)).await.map(drop)
            } else {
                let payouts = provider.payouts().unwrap();
                payouts.create_payout(&payment()).await.map(drop)
            };
            let error = result.unwrap_err();
            assert_eq!(error.kind(), kind, "{how:?}: {error:?}");
            assert_eq!(error.outcome(), Outcome::NotSent, "{how:?}: {error:?}");
            assert!(!error.may_have_executed());
            assert_eq!(fetches(&server), asked, "{how:?}");
            assert!(server.requests_to(call).is_empty(), "{how:?}");
        }
    }
}

#[tokio::test]
async fn a_token_is_never_shown() {
    let log = CapturedLog::start();
    let (server, provider) = provider(ERA).await;
    let mut shown = String::new();
    let mut show = |what: &dyn std::fmt::Debug| shown.push_str(&format!("{what:?}\n{what:#?}\n"));
    read(&provider).await.unwrap();
    show(&provider);
    show(provider.client());
    let token = server.documents().tokens().remove(0);
    for body in [
        format!(r#"{{"code": "NO", "msg": "Bearer {token} of {CLIENT_SECRET} may not"}}"#),
        format!(r#"{{"code": "{token}", "msg": ""}}"#),
        format!(r#"{{"error": "{token}"}}"#),
        format!("<html>{token} {CLIENT_SECRET}</html>"),
        format!(r#"{{"code": "OK", "data": "{token}"}}"#),
    ] {
        for status in [200, 400, 403] {
            let answer = WireAnswer::new(status, body.as_str());
            server.misbehave(CREATE, Misbehaviour::Answer(answer));
            let result = provider.create_invoice(&order(ERA)).await;
            let error = result.map(drop).unwrap_err();
            show(&error);
            show(&error.to_string());
            show(&error.code());
            show(&error.hint());
        }
    }
    // A grant that cannot be taken is not repeated either.
    server.documents().expire_tokens();
    let grant = r#"{"access_token": "SECRET TOKEN", "token_type": "mac"}"#;
    server.misbehave(TOKEN, Misbehaviour::Body(grant.to_owned()));
    show(&read(&provider).await.unwrap_err());
    let refusal = format!(r#"{{"error": "x", "error_description": "{CLIENT_SECRET}"}}"#);
    server.misbehave(TOKEN, Misbehaviour::Body(refusal));
    show(&read(&provider).await.unwrap_err());

    let log = log.text();
    assert!(log.contains("create_invoice"), "nothing is logged: {log}");
    shown.push_str(&log);
    // Half a token is a secret, too.
    let claims = &token.split('.').nth(1).unwrap()[..24];
    for secret in [claims, CLIENT_SECRET, "SECRET TOKEN", "%2Bclient%2Fsecret"] {
        let at = shown.find(secret);
        let around = at.map(|at| &shown[at.saturating_sub(200)..at]);
        assert!(around.is_none(), "a secret is shown after: {around:?}");
    }
}
