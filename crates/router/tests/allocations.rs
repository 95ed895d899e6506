//! Deciding costs no memory for a provider that is out of the question. In a test binary of its own,
//! because the allocator counts.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::sync::Arc;

use futures_util::FutureExt;
use paymux_core::attempts::AttemptVerdict;
use paymux_core::scripted::{Act, Operation, Power, ScriptedProvider};
use paymux_core::{ErrorKind, ManualClock, NewPayout, PaymentProvider, ProviderName};
use paymux_router::{BreakerSettings, Forced, Limits, Rate, Router, Rule};

/// How many providers can take it, whatever the number of the others.
const FIT: usize = 2;

fn name(place: usize) -> ProviderName {
    format!("gateway-{place}").parse().unwrap()
}

fn payout(number: usize) -> NewPayout {
    let to = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";
    let reference = format!("payout-{number}").parse().unwrap();
    NewPayout::new(reference, 5.into(), "USDT@tron".parse().unwrap(), to)
}

/// A router of this many providers. All but two are out of the question, each for one of four reasons:
/// no payouts, taken out, an open circuit, a limit that is reached.
fn router(count: usize) -> Router {
    let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
    let mut builder = Router::builder()
        .with_clock(Arc::new(clock.clone()))
        .with_breaker(BreakerSettings::new().with_failures(1));
    for place in 0..count {
        let mut gateway = ScriptedProvider::new(name(place), Arc::new(clock.clone()));
        if place >= FIT {
            match place % 4 {
                0 => gateway = gateway.without(Power::Payouts),
                1 => gateway.always(
                    Operation::CreatePayout,
                    Act::not_sent(ErrorKind::Unavailable),
                ),
                2 => {
                    let limits = Limits::new().with_rate(Rate::per_minute(1));
                    builder = builder.with_limits(name(place), limits);
                }
                _ => {}
            }
        }
        builder = builder.with_provider(Arc::new(gateway));
    }
    let router = builder.build().unwrap();
    exhaust(&router, count);
    router
}

/// Calls each provider that its circuit or its limit is to leave out, once.
fn exhaust(router: &Router, count: usize) {
    let is_called = |place: usize| place >= FIT && matches!(place % 4, 1 | 2);
    for place in 0..count {
        router.force(&name(place), Forced::Out).unwrap();
    }
    for place in (0..count).filter(|place| is_called(*place)) {
        router.release(&name(place)).unwrap();
        let sent = router.payouts().unwrap();
        let sent = sent.create_payout(&payout(place)).now_or_never().unwrap();
        assert_eq!(sent.is_ok(), place % 4 == 2, "{place}");
    }
    for place in (0..count).filter(|place| *place < FIT || place % 4 == 0) {
        router.release(&name(place)).unwrap();
    }
}

fn allocations(router: &Router) -> u64 {
    let request = payout(usize::MAX);
    let mut decision = None;
    let counted = allocation_counter::measure(|| {
        decision = router.explain_payout(&request).now_or_never();
    });
    let decision = decision.expect("nothing is waited for").unwrap();
    let verdict = |verdict| {
        let of = |attempt: &&paymux_core::ProviderAttempt| attempt.verdict == verdict;
        decision.attempts.iter().filter(of).count()
    };
    assert_eq!(verdict(AttemptVerdict::NotTried), FIT);
    let excluded = decision.attempts.len() - FIT;
    assert_eq!(verdict(AttemptVerdict::Excluded), excluded);
    let reasons: std::collections::BTreeSet<_> = decision
        .excluded()
        .filter_map(|attempt| attempt.reason.as_deref())
        .collect();
    assert_eq!(reasons.len(), excluded.min(4), "{reasons:?}");
    counted.count_total
}

#[test]
fn a_provider_that_is_out_of_the_question_costs_no_allocation() {
    let few = allocations(&router(FIT + 4));
    assert!(few > 0, "the allocator does not count");
    for count in [16, 128, 1_024] {
        assert_eq!(allocations(&router(count)), few, "with {count} providers");
    }
}

/// The rule is found by looking at each, and that costs nothing either.
#[test]
fn a_rule_that_does_not_match_costs_no_allocation() {
    let with_rules = |count: usize| {
        let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
        let gateway = ScriptedProvider::new(name(0), Arc::new(clock.clone()));
        let other = ScriptedProvider::new(name(1), Arc::new(clock.clone()));
        let builder = Router::builder()
            .with_clock(Arc::new(clock))
            .with_provider(Arc::new(gateway))
            .with_provider(Arc::new(other));
        let rules = (0..count).map(|number| {
            let rule = Rule::named(format!("rule {number}"));
            rule.for_asset("USDT@ethereum".parse().unwrap())
        });
        let builder = rules.fold(builder, paymux_router::RouterBuilder::with_rule);
        allocations(&builder.build().unwrap())
    };
    assert_eq!(with_rules(0), with_rules(100));
}
