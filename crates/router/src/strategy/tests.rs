//! Every strategy behind a router: what it may do at all, and what it does with what it learns.

use std::sync::Arc;
use std::time::Duration;

use paymux_core::attempts::AttemptVerdict;
use paymux_core::scripted::{Act, Operation as Asked, Power};
use paymux_core::{ErrorKind, NewInvoice, PaymentProvider, PayoutApi, QuoteApi};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::health::Rate;
use crate::testing::{Stage, invoice, name, payout, story};
use crate::{Forced, Limits, Router};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Leaves out every second one and turns the rest round.
#[derive(Debug)]
struct Picky;

#[async_trait]
impl Strategy for Picky {
    fn name(&self) -> &str {
        "picky"
    }

    async fn order<'a>(
        &self,
        _request: &RouteRequest<'_>,
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        let mut kept: Vec<_> = candidates
            .into_iter()
            .filter(|own| own.priority() % 2 == 0)
            .collect();
        kept.reverse();
        kept
    }
}

/// Never comes to an end.
#[derive(Debug)]
struct Endless;

#[async_trait]
impl Strategy for Endless {
    fn name(&self) -> &str {
        "endless"
    }

    async fn order<'a>(
        &self,
        _request: &RouteRequest<'_>,
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        std::future::pending::<()>().await;
        candidates
    }
}

fn all() -> Vec<Arc<dyn Strategy>> {
    vec![
        Arc::new(Priority),
        Arc::new(Weighted::seeded(7)),
        Arc::new(Cheapest::new()),
        Arc::new(LowestLatency),
        Arc::new(Sticky::new()),
        Arc::new(Picky),
        Arc::new(Endless),
    ]
}

fn router(stage: &Stage, strategy: Arc<dyn Strategy>) -> Router {
    let rule = crate::Rule::named("all").by_shared(strategy);
    stage.builder().with_rule(rule).build().unwrap()
}

/// The order in which they would be tried.
fn order(stage: &Stage, router: &Router, request: &NewInvoice) -> Vec<String> {
    let decision = stage.run(router.explain_invoice(request)).unwrap();
    let left =
        |attempt: &&paymux_core::ProviderAttempt| attempt.verdict == AttemptVerdict::NotTried;
    decision
        .attempts
        .iter()
        .filter(left)
        .map(|own| own.provider.to_string())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_order_is_some_of_the_candidates_each_once(
        out in proptest::collection::vec(any::<bool>(), NAMES.len()),
        customer in proptest::option::of("[a-z]{1,6}"),
        rates in proptest::collection::vec(1u32..9, NAMES.len()),
    ) {
        let stage = Stage::new(&NAMES);
        for (gateway, rate) in stage.gateways.iter().zip(rates) {
            gateway.set_rate("USD".parse().unwrap(), "USDT@tron".parse().unwrap(), rate.into());
        }
        let mut request = invoice();
        if let Some(customer) = customer {
            request = request.with_metadata("customer", customer);
        }
        for strategy in all() {
            let router = router(&stage, strategy);
            for (own, out) in NAMES.iter().zip(&out) {
                if *out {
                    router.force(&name(own), Forced::Out).unwrap();
                }
            }
            let decision = stage.run(router.explain_invoice(&request)).unwrap();
            let mut told: Vec<&str> =
                decision.attempts.iter().map(|own| own.provider.as_str()).collect();
            told.sort_unstable();
            prop_assert_eq!(told, NAMES, "each is told of once");
            for attempt in &decision.attempts {
                let is_out = out[NAMES.iter().position(|own| *own == attempt.provider.as_str()).unwrap()];
                prop_assert!(!is_out || attempt.verdict == AttemptVerdict::Excluded);
            }
        }
    }
}

#[test]
fn who_is_left_out_by_a_strategy_is_told_so() {
    let stage = Stage::new(&NAMES[..3]);
    let router = router(&stage, Arc::new(Picky));
    let decision = stage.run(router.explain_invoice(&invoice())).unwrap();
    assert_eq!(
        story(&decision.attempts),
        ["b excluded", "c not tried", "a not tried"]
    );
    assert_eq!(
        decision.attempts[0].reason.as_deref(),
        Some("the strategy left it out")
    );
    assert_eq!(decision.chosen(), Some(&name("c")));
    assert_eq!(
        decision.to_string(),
        "create_invoice by the rule \"all\" in the order \"picky\": b was left out: the strategy \
         left it out; c was not tried; a was not tried"
    );
    for own in ["a", "c"] {
        router.force(&name(own), Forced::Out).unwrap();
    }
    let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.message().contains("the strategy left it out"),
        "{error}"
    );
}

#[test]
fn a_strategy_that_takes_too_long_gives_way_to_priority() {
    let stage = Stage::new(&NAMES[..2]);
    let router = router(&stage, Arc::new(Endless));
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    assert_eq!(story(&made.snapshot().attempts), ["a made", "b not tried"]);
}

fn rate(stage: &Stage, name: &str, rate: &str) {
    let (currency, asset) = ("USD".parse().unwrap(), "USDT@tron".parse().unwrap());
    stage
        .gateway(name)
        .set_rate(currency, asset, rate.parse().unwrap());
}

#[test]
fn the_cheapest_is_first_and_those_without_a_price_are_last() {
    let mut stage = Stage::new(&NAMES[..4]);
    stage.gateways[0] = stage.gateways[0].clone().without(Power::Quotes);
    for (name, price) in [("b", "1.3"), ("c", "1.1"), ("d", "1.2")] {
        rate(&stage, name, price);
    }
    let router = router(&stage, Arc::new(Cheapest::new()));
    assert_eq!(order(&stage, &router, &invoice()), ["c", "d", "b", "a"]);
    let mut unnamed = invoice();
    unnamed.asset = None;
    assert_eq!(order(&stage, &router, &unnamed), ["a", "b", "c", "d"]);
}

#[test]
fn a_quote_is_used_while_it_is_young_and_longer_when_its_source_is_down() {
    let stage = Stage::new(&["a", "b"]);
    rate(&stage, "a", "1.2");
    rate(&stage, "b", "1.1");
    let strategy = Cheapest::new()
        .with_max_age(Duration::from_secs(10))
        .with_stale_for(Duration::from_secs(60));
    let router = router(&stage, Arc::new(strategy));
    let asked = || stage.gateway("b").calls(Asked::Quote);
    assert_eq!(order(&stage, &router, &invoice()), ["b", "a"]);
    assert_eq!(asked(), 1);

    // Another price at the same rate needs no new question.
    rate(&stage, "b", "9");
    let mut dearer = invoice();
    dearer.price.amount = 500.into();
    assert_eq!(order(&stage, &router, &dearer), ["b", "a"]);
    assert_eq!(asked(), 1);
    stage.clock.advance(Duration::from_secs(11));
    assert_eq!(order(&stage, &router, &invoice()), ["a", "b"]);
    assert_eq!(asked(), 2);

    // The source is down: its last word counts for a minute, then it has no price.
    rate(&stage, "b", "1.1");
    stage.clock.advance(Duration::from_secs(11));
    assert_eq!(order(&stage, &router, &invoice()), ["b", "a"]);
    let down = Act::not_sent(ErrorKind::Unavailable);
    stage
        .gateway("b")
        .script(Asked::Quote, [down.clone(), down]);
    stage.clock.advance(Duration::from_secs(59));
    assert_eq!(order(&stage, &router, &invoice()), ["b", "a"]);
    stage.clock.advance(Duration::from_secs(11));
    assert_eq!(order(&stage, &router, &invoice()), ["a", "b"]);
}

#[test]
fn a_source_that_hangs_costs_a_part_of_the_time_and_is_noticed() {
    let stage = Stage::new(&["a", "b"]);
    stage.gateway("a").always(Asked::Quote, Act::hangs());
    let router = router(&stage, Arc::new(Cheapest::new()));
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    assert_eq!(story(&made.snapshot().attempts), ["b made", "a not tried"]);
    let health = router.health().remove(0);
    let quotes = health.operation(crate::Operation::Quote).unwrap();
    assert_eq!((quotes.calls, quotes.failures), (1, 1));
    assert_eq!(health.in_flight, 0);
}

#[test]
fn questions_leave_room_for_the_call_they_are_asked_for() {
    let stage = Stage::new(&["a", "b"]);
    rate(&stage, "a", "0.5");
    let rule = crate::Rule::named("all").by(Cheapest::new());
    let once = Limits::new().with_rate(Rate::per_second(1));
    let router = stage
        .builder()
        .with_limits(name("a"), once)
        .with_rule(rule)
        .build()
        .unwrap();
    // No room for a question, so there is no price; but the call itself is made when b fails.
    stage.gateway("b").script(
        Asked::CreateInvoice,
        [Act::not_sent(ErrorKind::Unavailable)],
    );
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    assert_eq!(story(&made.snapshot().attempts), ["b failed", "a made"]);
    assert_eq!(stage.gateway("a").calls(Asked::Quote), 0);
}

#[test]
fn a_payout_goes_where_its_fee_is_lowest() {
    let stage = Stage::new(&["a", "b", "c"]);
    stage.gateway("b").set_payout_fee(Some(2.into()));
    stage.gateway("c").set_payout_fee(Some(1.into()));
    let router = router(&stage, Arc::new(Cheapest::new()));
    let sent = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    assert_eq!(
        story(&sent.snapshot().attempts),
        ["c made", "b not tried", "a not tried"]
    );
}

#[test]
fn a_quote_comes_from_the_next_where_the_first_does_not_answer() {
    let stage = Stage::new(&["a", "b"]);
    rate(&stage, "b", "2");
    stage.gateway("a").script(
        Asked::Quote,
        [
            Act::rejected(ErrorKind::Refused),
            Act::rejected(ErrorKind::InvalidRequest),
        ],
    );
    let router = stage.router();
    let (price, asset) = ("5 USD".parse().unwrap(), "USDT@tron".parse().unwrap());
    let quote = stage.run(router.quote(&price, &asset)).unwrap();
    assert_eq!(quote.amount.amount, 10.into());
    let error = stage.run(router.quote(&price, &asset)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.provider(), Some(&name("a")));
    let free = paymux_core::Money::new(0.into(), "USD".parse().unwrap());
    assert_eq!(
        stage.run(router.quote(&free, &asset)).unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
}

#[test]
fn the_quickest_is_first_and_a_slow_one_gets_another_chance() {
    let stage = Stage::new(&["a", "b"]);
    let slow = Act::answer().after(Duration::from_secs(2));
    stage.gateway("a").always(Asked::CreateInvoice, slow);
    let router = router(&stage, Arc::new(LowestLatency));
    let first = || {
        let made = stage.run(router.create_invoice(&invoice())).unwrap();
        made.snapshot().provider.to_string()
    };
    assert_eq!([first(), first(), first(), first()], ["a", "b", "b", "b"]);
    stage.clock.advance(Duration::from_secs(61));
    assert_eq!(first(), "a");
}

#[test]
fn a_customer_stays_and_others_go_another_way() {
    let stage = Stage::new(&NAMES);
    let strategy = Sticky::by("account").otherwise(Picky);
    let router = router(&stage, Arc::new(strategy));
    assert_eq!(order(&stage, &router, &invoice()), ["e", "c", "a"]);
    let request = invoice().with_metadata("account", "7");
    let stays = order(&stage, &router, &request);
    assert_eq!(stays.len(), NAMES.len());
    assert_eq!(order(&stage, &router, &request), stays);
    router.force(&name(&stays[0]), Forced::Out).unwrap();
    assert_eq!(order(&stage, &router, &request), stays[1..]);
}
