use paymux_core::Clock;

use super::*;
use crate::testing::{Stage, invoice, name, payout, story};
use paymux_core::scripted::{Act, Operation as Asked};
use paymux_core::{PaymentProvider, PayoutApi};

#[test]
fn what_a_call_teaches_follows_from_kind_and_outcome() {
    let lesson = |kind, outcome| Lesson::of::<()>(&Err(Error::new(kind, outcome, "made up")));
    assert_eq!(Lesson::of(&Ok(())), Lesson::Works);
    for outcome in [Outcome::NotSent, Outcome::Rejected, Outcome::Unknown] {
        for kind in [
            ErrorKind::Unavailable,
            ErrorKind::Timeout,
            ErrorKind::InvalidResponse,
            ErrorKind::InvalidSignature,
            ErrorKind::Mismatch,
            ErrorKind::Authentication,
            ErrorKind::Permission,
            ErrorKind::Configuration,
        ] {
            assert_eq!(lesson(kind, outcome), Lesson::Fails, "{kind} {outcome}");
        }
        let busy = Lesson::Busy(RATE_LIMITED_PAUSE);
        assert_eq!(lesson(ErrorKind::RateLimited, outcome), busy);
    }
    for kind in [
        ErrorKind::InvalidRequest,
        ErrorKind::NotFound,
        ErrorKind::Duplicate,
        ErrorKind::Conflict,
        ErrorKind::InProgress,
        ErrorKind::InsufficientFunds,
        ErrorKind::Refused,
        ErrorKind::Unsupported,
    ] {
        // A gateway that says no works; what never reached it says nothing about it.
        assert_eq!(lesson(kind, Outcome::Rejected), Lesson::Works, "{kind}");
        assert_eq!(lesson(kind, Outcome::NotSent), Lesson::Nothing, "{kind}");
        assert_eq!(lesson(kind, Outcome::Unknown), Lesson::Fails, "{kind}");
    }
}

#[test]
fn a_tripped_provider_is_skipped_and_probed_for_each_operation_apart() {
    let stage = Stage::new(&["eu", "us"]);
    let breaker = BreakerSettings::new()
        .with_failures(2)
        .with_open_for(Duration::from_secs(30), Duration::from_secs(300));
    let router = stage.builder().with_breaker(breaker).build().unwrap();
    let eu = stage.gateway("eu");
    let down = Act::not_sent(ErrorKind::Unavailable);
    eu.script(Asked::CreateInvoice, [down.clone(), down.clone(), down]);
    let make = || stage.run(router.create_invoice(&invoice())).unwrap();
    let eu_health = || router.health().remove(0);
    for _ in 0..2 {
        assert_eq!(story(&make().snapshot().attempts), ["eu failed", "us made"]);
    }
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu excluded", "us made"]
    );
    let own = eu_health()
        .operation(Operation::CreateInvoice)
        .unwrap()
        .clone();
    assert_eq!(
        (own.state, own.calls, own.failures),
        (BreakerState::Open, 2, 2)
    );
    assert_eq!(
        own.opens_until,
        Some(stage.clock.now() + chrono::TimeDelta::seconds(30))
    );
    // Payouts go there still.
    let sent = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    assert!(sent.id().as_str().starts_with("eu:"));

    // The probe fails: twice as long.
    stage.clock.advance(Duration::from_secs(30));
    assert_eq!(story(&make().snapshot().attempts), ["eu failed", "us made"]);
    stage.clock.advance(Duration::from_secs(59));
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu excluded", "us made"]
    );
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu made", "us not tried"]
    );
    let own = eu_health()
        .operation(Operation::CreateInvoice)
        .unwrap()
        .clone();
    assert_eq!((own.state, own.failures), (BreakerState::Closed, 0));
    assert_eq!(eu_health().in_flight, 0);
}

#[test]
fn failures_from_before_it_opened_do_not_open_it_again() {
    let stage = Stage::new(&["eu"]);
    let breaker = BreakerSettings::new()
        .with_failures(100)
        .with_error_rate(50, 4)
        .with_open_for(Duration::from_secs(1), Duration::from_secs(1));
    let router = stage.builder().with_breaker(breaker).build().unwrap();
    let down = || Act::not_sent(ErrorKind::Unavailable);
    let acts = [down(), down(), down(), down(), Act::answer(), down()];
    stage.gateway("eu").script(Asked::CreateInvoice, acts);
    let make = || stage.run(router.create_invoice(&invoice()));
    let state = || {
        let health = router.health().remove(0);
        health.operation(Operation::CreateInvoice).unwrap().state
    };
    for _ in 0..4 {
        assert!(make().is_err());
    }
    assert_eq!(state(), BreakerState::Open);
    stage.clock.advance(Duration::from_secs(1));
    assert!(make().is_ok());
    assert!(make().is_err());
    assert_eq!(state(), BreakerState::Closed);
}

#[test]
fn an_operators_word_goes_before_the_breakers() {
    let stage = Stage::new(&["eu", "us"]);
    let breaker = BreakerSettings::new().with_failures(1);
    let router = stage.builder().with_breaker(breaker).build().unwrap();
    let make = || stage.run(router.create_invoice(&invoice())).unwrap();
    let made = make();
    router.force(&name("eu"), Forced::Out).unwrap();
    assert_eq!(router.health()[0].forced, Some(Forced::Out));
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu excluded", "us made"]
    );
    // What is there can still be read.
    assert!(stage.run(router.fetch_invoice(made.id())).is_ok());
    router.release(&name("eu")).unwrap();
    assert_eq!(router.health()[0].forced, None);

    stage.gateway("eu").script(
        Asked::CreateInvoice,
        [Act::not_sent(ErrorKind::Unavailable)],
    );
    make();
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu excluded", "us made"]
    );
    router.force(&name("eu"), Forced::In).unwrap();
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu made", "us not tried"]
    );
    router.release(&name("eu")).unwrap();
    assert_eq!(
        story(&make().snapshot().attempts),
        ["eu excluded", "us made"]
    );

    let error = router.force(&name("asia"), Forced::Out).unwrap_err();
    assert!(error.message().contains("it has eu, us"), "{error}");
    assert_eq!(
        router.release(&name("asia")).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn limits_send_new_work_elsewhere_and_refuse_reads() {
    let stage = Stage::new(&["eu", "us"]);
    let limits = Limits::new().with_rate(Rate::per_minute(1));
    let router = stage
        .builder()
        .with_limits(name("eu"), limits)
        .build()
        .unwrap();
    let make = || stage.run(router.create_invoice(&invoice())).unwrap();
    let made = make();
    assert!(made.id().as_str().starts_with("eu:"));
    let next = make();
    assert_eq!(story(&next.snapshot().attempts), ["eu excluded", "us made"]);
    let reason = next.snapshot().attempts[0].reason.clone().unwrap();
    assert_eq!(reason, "its limit of calls in a time is reached");
    let error = stage.run(router.fetch_invoice(made.id())).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::RateLimited, Outcome::NotSent)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(error.provider(), Some(&name("eu")));
    stage.clock.advance(Duration::from_secs(60));
    assert!(stage.run(router.fetch_invoice(made.id())).is_ok());
}

#[test]
fn as_many_calls_run_as_the_limit_allows() {
    let stage = Stage::new(&["eu", "us"]);
    let slow = Act::answer().after(Duration::from_secs(1));
    stage.gateway("eu").always(Asked::CreateInvoice, slow);
    let limits = Limits::new().with_max_in_flight(2);
    let router = stage
        .builder()
        .with_limits(name("eu"), limits)
        .build()
        .unwrap();
    let request = invoice();
    let four = (0..4).map(|_| router.create_invoice(&request));
    let made = stage.run(futures_util::future::join_all(four));
    let mut owners: Vec<String> = made
        .into_iter()
        .map(|made| made.unwrap().snapshot().provider.to_string())
        .collect();
    owners.sort();
    assert_eq!(owners, ["eu", "eu", "us", "us"]);
    assert_eq!(router.health()[0].in_flight, 0);
    let own = router.health()[0]
        .operation(Operation::CreateInvoice)
        .unwrap()
        .clone();
    assert_eq!(own.latency, Some(Duration::from_secs(1)));
}
