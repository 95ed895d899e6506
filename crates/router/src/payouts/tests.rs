use std::sync::Arc;
use std::time::Duration;

use paymux_core::attempts::Resolution;
use paymux_core::scripted::{Act, Operation, Power};
use paymux_core::{ErrorKind, Outcome, PaymentProvider};

use super::*;
use crate::RouteFailure;
use crate::testing::{Stage, payout, story};

const SEND: Operation = Operation::CreatePayout;

fn sent(stage: &Stage) -> usize {
    let all = stage.gateways.iter();
    all.map(|gateway| gateway.sent_payouts().len()).sum()
}

#[test]
fn what_was_surely_not_sent_goes_to_the_next() {
    let stage = Stage::new(&["eu", "us"]);
    stage
        .gateway("eu")
        .script(SEND, [Act::not_sent(ErrorKind::Unavailable)]);
    let router = stage.router();
    let made = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    assert_eq!(story(&made.snapshot().attempts), ["eu failed", "us made"]);
    assert!(made.id().as_str().starts_with("us:"));
    let read = stage.run(router.fetch_payout(made.id())).unwrap();
    assert_eq!(read.id(), made.id());
    assert_eq!(sent(&stage), 1);
}

#[test]
fn after_a_no_or_a_perhaps_nobody_else_is_asked() {
    for (act, outcome) in [
        (Act::rejected(ErrorKind::Unavailable), Outcome::Rejected),
        (
            Act::rejected(ErrorKind::InsufficientFunds),
            Outcome::Rejected,
        ),
        (Act::lost_answer(), Outcome::Unknown),
        (Act::cut_before_work(), Outcome::Unknown),
        (Act::hangs(), Outcome::Unknown),
    ] {
        let stage = Stage::new(&["eu", "us"]);
        stage.gateway("eu").script(SEND, [act.clone()]);
        let error = stage
            .run(stage.router().create_payout(&payout("r-1")))
            .unwrap_err();
        assert_eq!(error.outcome(), outcome, "{act:?}");
        assert_eq!(error.provider().unwrap().as_str(), "eu");
        assert_eq!(error.reference().unwrap().as_str(), "r-1");
        assert_eq!(error.may_have_executed(), error.hint().is_some(), "{act:?}");
        assert_eq!(stage.gateway("us").calls(SEND), 0, "{act:?}");
    }
}

#[test]
fn a_payout_in_doubt_is_refused_until_it_is_settled() {
    let stage = Stage::new(&["eu", "us"]);
    stage
        .gateway("eu")
        .script(SEND, [Act::lost_answer().telling_id()]);
    let router = stage.router();
    stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
    for _ in 0..3 {
        let error = stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Conflict, Outcome::Unknown)
        );
        assert_eq!(error.provider().unwrap().as_str(), "eu");
    }
    assert_eq!(sent(&stage), 1);

    let doubt = stage.log.in_doubt().remove(0);
    let id = PayoutId::received(doubt.id.unwrap());
    let found = stage.run(router.fetch_payout(&id)).unwrap();
    let made = Resolution::Made(Box::new(found.snapshot().clone()));
    stage.log.resolve(&doubt.reference, made).unwrap();
    let told = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    assert_eq!(told.id(), &id);
    assert_eq!(sent(&stage), 1);
}

#[test]
fn a_payout_that_was_made_is_told_again_whichever_way_its_id_is_kept() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage.router();
    let made = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    let again = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    assert_eq!(again.id(), made.id());

    // Settled with what the gateway's own adapter says.
    stage.gateway("eu").script(SEND, [Act::lost_answer()]);
    stage.run(router.create_payout(&payout("r-2"))).unwrap_err();
    let bare = stage.gateway("eu").sent_payouts()[1].clone();
    let owned = bare.id.owned_by(&bare.provider);
    let resolution = Resolution::Made(Box::new(bare));
    stage
        .log
        .resolve(&"r-2".parse().unwrap(), resolution)
        .unwrap();
    let told = stage.run(router.create_payout(&payout("r-2"))).unwrap();
    assert_eq!(*told.id(), owned);
    assert_eq!(sent(&stage), 2);
}

#[test]
fn those_without_payouts_are_left_out() {
    let mut stage = Stage::new(&["eu", "us"]);
    stage.gateways[0] = stage.gateways[0].clone().without(Power::Payouts);
    let router = stage.router();
    assert!(router.payouts().is_some());
    let made = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    assert_eq!(story(&made.snapshot().attempts), ["eu excluded", "us made"]);

    let alone = Stage::of(&["eu"], |gateway| gateway.without(Power::Payouts));
    let router = alone.router();
    assert!(router.payouts().is_none());
    let error = alone.run(router.create_payout(&payout("r-1"))).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unsupported, Outcome::NotSent)
    );
    let error = alone
        .run(router.fetch_payout(&PayoutId::received("eu:P1")))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn a_wrong_payout_is_asked_of_nobody() {
    let stage = Stage::new(&["eu"]);
    let mut wrong = payout("r-1");
    wrong.amount = 0.into();
    let error = stage.run(stage.router().create_payout(&wrong)).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::InvalidRequest, Outcome::NotSent)
    );
    assert_eq!(stage.gateway("eu").calls(SEND), 0);
    assert!(stage.log.in_doubt().is_empty());
}

#[test]
fn the_fee_is_that_of_the_provider_that_would_send_it() {
    let stage = Stage::new(&["eu", "us"]);
    stage.gateway("eu").set_payout_fee(Some(2.into()));
    stage.gateway("us").set_payout_fee(Some(1.into()));
    let router = stage.router();
    let fee = stage.run(router.payout_fee(&payout("r-1"))).unwrap();
    assert_eq!(fee.unwrap().amount, 2.into());
}

#[test]
fn an_answer_that_is_late_is_in_doubt_at_the_deadline() {
    let stage = Stage::new(&["eu", "us"]);
    let slow = Act::answer().after(Duration::from_secs(40));
    stage.gateway("eu").script(SEND, [slow]);
    let router = stage.router().within(Duration::from_secs(10));
    let error = stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Timeout, Outcome::Unknown)
    );
    assert_eq!(stage.log.in_doubt().len(), 1);
    assert_eq!(stage.gateway("us").calls(SEND), 0);
}

#[test]
fn concurrent_calls_under_one_reference_send_once() {
    let stage = Stage::new(&["eu"]);
    let slow = Act::answer().after(Duration::from_secs(2));
    stage.gateway("eu").always(SEND, slow);
    let router = Arc::new(stage.router());
    let request = payout("r-1");
    let both = futures_util::future::join(
        router.create_payout(&request),
        router.create_payout(&request),
    );
    let (first, second) = stage.run(both);
    assert!(first.is_ok());
    let error = second.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::InProgress, Outcome::Unknown)
    );
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<RouteFailure>());
    assert_eq!(sent(&stage), 1);
}
