use std::sync::{Arc, Mutex};
use std::time::Duration;

use paymux_core::scripted::{Act, Call, Operation};
use paymux_core::{Clock, ErrorKind, NewDepositAddress, Outcome, PaymentProvider};

use super::*;
use crate::RouteFailure;
use crate::testing::{Stage, invoice, story};

const CREATE: Operation = Operation::CreateInvoice;

#[test]
fn the_first_that_can_makes_it_and_the_answer_tells_the_story() {
    let stage = Stage::new(&["eu", "us", "asia"]);
    let eu = stage.gateway("eu");
    eu.script(CREATE, [Act::not_sent(ErrorKind::Unavailable)]);
    let made = stage
        .run(stage.router().create_invoice(&invoice()))
        .unwrap();
    let snapshot = made.snapshot();
    assert_eq!(snapshot.provider.as_str(), "us");
    let at_gateway = &stage.gateway("us").made_invoices()[0];
    assert_eq!(snapshot.id.as_str(), format!("us:{}", at_gateway.id));
    assert_eq!(
        story(&snapshot.attempts),
        ["eu failed", "us made", "asia not tried"]
    );
    assert_eq!(snapshot.attempts[0].kind, Some(ErrorKind::Unavailable));
    assert_eq!(
        snapshot.attempts[1].id.as_deref(),
        Some(snapshot.id.as_str())
    );
    // The way back to the native type leads past the router.
    assert!(made.as_any().is::<paymux_core::InvoiceSnapshot>());
}

#[test]
fn an_abandoned_invoice_is_remembered_under_its_owned_id() {
    let stage = Stage::new(&["eu", "us"]);
    let eu = stage.gateway("eu");
    eu.script(CREATE, [Act::lost_answer().telling_id()]);
    let router = stage.router();
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    let left = &made.snapshot().attempts[0];
    assert!(left.may_have_executed());
    let id = left.id.clone().unwrap();
    assert_eq!(id, format!("eu:{}", eu.made_invoices()[0].id));
    let read = stage.run(router.fetch_invoice(&InvoiceId::received(id)));
    assert_eq!(read.unwrap().snapshot().provider.as_str(), "eu");
}

#[test]
fn what_the_caller_did_wrong_goes_nowhere_else() {
    let stage = Stage::new(&["eu", "us"]);
    let (eu, us) = (stage.gateway("eu"), stage.gateway("us"));
    let acts = [
        Act::rejected(ErrorKind::InvalidRequest),
        Act::rejected(ErrorKind::Duplicate),
        Act::rejected(ErrorKind::Refused).with_code("1004"),
    ];
    eu.script(CREATE, acts);
    let router = stage.router();
    for kind in [
        ErrorKind::InvalidRequest,
        ErrorKind::Duplicate,
        ErrorKind::Refused,
    ] {
        let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Rejected));
        assert_eq!(error.provider().unwrap().as_str(), "eu");
    }
    assert_eq!(us.calls(CREATE), 0);

    let mut free = invoice();
    free.price.amount = 0.into();
    let error = stage.run(router.create_invoice(&free)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(eu.calls(CREATE), 3);
}

#[test]
fn when_nobody_makes_it_the_failure_that_matters_speaks_for_all() {
    let stage = Stage::new(&["eu", "us", "asia"]);
    let acts = [
        ("eu", Act::not_sent(ErrorKind::Unavailable)),
        ("us", Act::lost_answer().telling_id()),
        ("asia", Act::rejected(ErrorKind::Unsupported).with_code("9")),
    ];
    for (name, act) in acts {
        stage.gateway(name).always(CREATE, act);
    }
    let error = stage
        .run(stage.router().create_invoice(&invoice()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(error.provider().unwrap().as_str(), "us");
    assert!(error.id().unwrap().starts_with("us:"), "{error:?}");
    assert_eq!(error.operation(), Some("create_invoice"));
    for part in ["eu failed", "asia failed"] {
        assert!(error.message().contains(part), "{error}");
    }
    let source = std::error::Error::source(&error).unwrap();
    let failure = source.downcast_ref::<RouteFailure>().unwrap();
    let told = story(&failure.decision().attempts);
    assert_eq!(told, ["eu failed", "us failed", "asia failed"]);
    assert_eq!(failure.decision().abandoned().count(), 1);
    assert!(failure.decision().chosen().is_none());
    assert!(std::error::Error::source(failure).is_some());
}

#[test]
fn of_failures_that_matter_alike_the_first_speaks() {
    let stage = Stage::new(&["eu", "us", "asia"]);
    for (name, code) in [("us", "7"), ("asia", "8")] {
        let refusal = Act::rejected(ErrorKind::Unsupported).with_code(code);
        stage.gateway(name).always(CREATE, refusal);
    }
    let down = Act::not_sent(ErrorKind::Unavailable);
    stage.gateway("eu").always(CREATE, down);
    let error = stage
        .run(stage.router().create_invoice(&invoice()))
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.code(), Some("7"));
    assert_eq!(error.provider().unwrap().as_str(), "us");
}

#[test]
fn one_that_hangs_leaves_time_for_the_others() {
    let stage = Stage::new(&["eu", "us", "asia"]);
    for name in ["eu", "us"] {
        stage.gateway(name).always(CREATE, Act::hangs());
    }
    let router = stage
        .builder()
        .with_deadline(Duration::from_secs(9))
        .build()
        .unwrap();
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    assert_eq!(
        story(&made.snapshot().attempts),
        ["eu failed", "us failed", "asia made"]
    );
    for left in &made.snapshot().attempts[..2] {
        assert_eq!(left.kind, Some(ErrorKind::Timeout));
        assert!(left.may_have_executed());
    }
    stage.gateway("asia").always(CREATE, Act::hangs());
    let begun = stage.clock.now();
    let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let took = stage.clock.now() - begun;
    assert!(took.to_std().unwrap() <= Duration::from_secs(9), "{took}");
}

#[test]
fn each_provider_gets_a_route_of_its_own() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let stage = Stage::of(&["eu", "us"], |gateway| {
        let seen = Arc::clone(&seen);
        gateway.with_acts(move |call| {
            if let Call::CreateInvoice(request) = call {
                seen.lock().unwrap().push(request.callback_url.clone());
            }
            Act::not_sent(ErrorKind::Unavailable)
        })
    });
    let request = invoice().with_callback_url("https://shop.example/webhooks/{provider}?a=b");
    stage
        .run(stage.router().create_invoice(&request))
        .unwrap_err();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "https://shop.example/webhooks/eu?a=b",
            "https://shop.example/webhooks/us?a=b"
        ]
        .map(|url| Some(url.to_owned()))
    );
}

#[test]
fn when_everybody_is_left_out_the_error_says_why_and_until_when() {
    let stage = Stage::of(&["eu", "us"], |gateway| {
        gateway.with_capabilities(|own| own.asset_required = true)
    });
    let router = stage.router();
    let mut unnamed = invoice();
    unnamed.asset = None;
    let error = stage.run(router.create_invoice(&unnamed)).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unsupported, Outcome::NotSent)
    );
    assert!(
        error.message().contains("needs the asset to be named"),
        "{error}"
    );

    let acts = Act::rejected(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(7));
    for gateway in &stage.gateways {
        gateway.script(CREATE, [acts.clone()]);
    }
    let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    stage.clock.advance(Duration::from_secs(3));
    let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unavailable, Outcome::NotSent)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(4)));
    assert!(
        error
            .message()
            .contains("eu was left out: its circuit is open"),
        "{error}"
    );
    stage.clock.advance(Duration::from_secs(4));
    assert!(stage.run(router.create_invoice(&invoice())).is_ok());
}

#[test]
fn permanent_addresses_go_the_same_way() {
    let stage = Stage::new(&["eu", "us"]);
    let operation = Operation::CreateDepositAddress;
    stage.gateway("eu").script(operation, [Act::lost_answer()]);
    let router = stage.router();
    let request = NewDepositAddress::new("till 1", "USDT@tron".parse().unwrap());
    let address = stage.run(router.create_deposit_address(&request)).unwrap();
    assert!(address.id.starts_with("us:"), "{}", address.id);
    let acts = [Act::rejected(ErrorKind::InvalidRequest)];
    stage.gateway("eu").script(operation, acts);
    let error = stage
        .run(router.create_deposit_address(&request))
        .unwrap_err();
    assert_eq!(error.provider().unwrap().as_str(), "eu");
    assert_eq!(stage.gateway("us").calls(operation), 1);
}

#[test]
fn a_bare_id_is_enough_for_one_provider_and_not_for_several() {
    let stage = Stage::new(&["eu"]);
    let router = stage.router();
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    let bare = made.id().without_owner(&"eu".parse().unwrap());
    let read = stage.run(router.fetch_invoice(&bare)).unwrap();
    assert_eq!(read.id(), made.id());

    let several = Stage::new(&["eu", "us"]);
    for id in ["T1", "asia:T1"] {
        let read = several.router();
        let read = several.run(read.fetch_invoice(&InvoiceId::received(id)));
        let error = read.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::NotFound, Outcome::Rejected)
        );
        assert!(error.message().contains("PROVIDER:ID"), "{error}");
        assert!(error.message().contains("eu, us"), "{error}");
    }
}

#[test]
fn a_slow_read_is_asked_twice_within_one_deadline() {
    let stage = Stage::new(&["eu"]);
    let router = stage
        .builder()
        .with_hedge_after(Duration::from_secs(1))
        .with_deadline(Duration::from_secs(5))
        .build()
        .unwrap();
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    let eu = stage.gateway("eu");
    eu.script(Operation::FetchInvoice, [Act::hangs(), Act::answer()]);
    assert!(stage.run(router.fetch_invoice(made.id())).is_ok());
    assert_eq!(eu.calls(Operation::FetchInvoice), 2);

    eu.script(Operation::FetchInvoice, [Act::hangs(), Act::hangs()]);
    let begun = stage.clock.now();
    let error = stage.run(router.fetch_invoice(made.id())).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Timeout, Outcome::NotSent)
    );
    let took = stage.clock.now() - begun;
    assert!(took.to_std().unwrap() <= Duration::from_secs(5), "{took}");
}
