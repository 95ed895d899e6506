//! How long it takes to decide where a payout goes, with more and more providers:
//! `cargo bench -p paymux-router`. What came out on one machine is in docs/benchmarks.md.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::sync::Arc;

use divan::Bencher;
use futures_util::FutureExt;
use paymux_core::scripted::{Power, ScriptedProvider};
use paymux_core::{ManualClock, NewPayout};
use paymux_router::{Forced, LowestLatency, Priority, RouteDecision, Router, Strategy};

const PROVIDERS: [usize; 4] = [2, 16, 128, 1_024];

fn main() {
    divan::main();
}

/// A router of this many providers, of which all but two cannot take a payout: half of them have no
/// payouts, the others were taken out.
fn mostly_unfit(count: usize, strategy: impl Strategy) -> Router {
    let router = router(count, strategy, |place| place >= 2 && place % 2 == 0);
    for place in (3..count).step_by(2) {
        let name = name(place).parse().unwrap();
        router.force(&name, Forced::Out).unwrap();
    }
    router
}

fn router(count: usize, strategy: impl Strategy, lacks_payouts: fn(usize) -> bool) -> Router {
    let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
    let builder = Router::builder()
        .with_clock(Arc::new(clock.clone()))
        .with_strategy(strategy);
    let builder = (0..count).fold(builder, |builder, place| {
        let gateway = ScriptedProvider::new(name(place).parse().unwrap(), Arc::new(clock.clone()));
        builder.with_provider(Arc::new(if lacks_payouts(place) {
            gateway.without(Power::Payouts)
        } else {
            gateway
        }))
    });
    builder.build().unwrap()
}

fn name(place: usize) -> String {
    format!("gateway-{place}")
}

fn payout() -> NewPayout {
    let to = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";
    let reference = "payout-1".parse().unwrap();
    NewPayout::new(reference, 5.into(), "USDT@tron".parse().unwrap(), to)
}

fn decide(router: &Router, request: &NewPayout) -> RouteDecision {
    let decided = router.explain_payout(request).now_or_never();
    decided.expect("nothing is waited for").unwrap()
}

#[divan::bench(args = PROVIDERS)]
fn all_but_two_are_excluded(bencher: Bencher<'_, '_>, count: usize) {
    let (router, request) = (mostly_unfit(count, Priority), payout());
    bencher.bench_local(|| decide(&router, &request));
}

#[divan::bench(args = PROVIDERS)]
fn every_one_could_by_priority(bencher: Bencher<'_, '_>, count: usize) {
    let (router, request) = (router(count, Priority, |_| false), payout());
    bencher.bench_local(|| decide(&router, &request));
}

#[divan::bench(args = PROVIDERS)]
fn every_one_could_by_latency(bencher: Bencher<'_, '_>, count: usize) {
    let (router, request) = (router(count, LowestLatency, |_| false), payout());
    bencher.bench_local(|| decide(&router, &request));
}
