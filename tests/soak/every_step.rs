//! A shop is killed at every single step of its day.

use paymux_test_bench::databases::{Engine, runtime};
use paymux_tests::chance::{given_seed, new_seed, soak_time};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::books::differences;
use crate::journeys::{AMOUNT, Journey, ORDER, REFERENCE};
use crate::world::{Gateways, World};

/// How many steps one kill is from the next: every step is taken where nobody is in a hurry. PostgreSQL
/// has the same steps as SQLite; the first one is another each time.
fn stride(engine: Engine, gateways: Gateways) -> usize {
    match (engine, gateways) {
        _ if soak_time().is_some() => 1,
        // It has three times as many steps, and is the invoice behind a router once more.
        (Engine::Sqlite, Gateways::RoutedPastLostAnswers) => 5,
        (Engine::Sqlite, _) => 1,
        (Engine::Postgres, _) => 20,
    }
}

/// Lives one history: the shop is killed at these steps, in turn, and then lives on. The steps of its
/// last process are returned.
async fn live(
    engine: Engine,
    gateways: Gateways,
    journey: Journey,
    kills: &[usize],
) -> Vec<String> {
    let world = World::new(engine, gateways).await;
    match gateways {
        Gateways::Halo => world.answer_no_questions(),
        Gateways::RoutedPastLostAnswers => world.lose_answers(),
        _ => {}
    }
    let mut kills_left = kills.iter().copied();
    loop {
        let shop = world.start_later(kills_left.next());
        let end = journey.go(&world, &shop).await;
        if end.is_ok() {
            let steps = shop.steps();
            shop.kill().await;
            let found = check(&world, journey).await;
            let story = world.database.story();
            assert!(
                found.is_empty(),
                "{gateways:?} on {engine:?}, killed at {kills:?}: {found:#?}\n{story:#?}"
            );
            return steps;
        }
        shop.ended().await;
    }
}

async fn check(world: &World, journey: Journey) -> Vec<String> {
    match journey {
        Journey::Invoice => differences(world, &[ORDER.to_owned()], &[]).await,
        Journey::Payout => {
            let asked = (REFERENCE.to_owned(), AMOUNT.parse().unwrap());
            differences(world, &[], &[asked]).await
        }
    }
}

/// Kills the shop at every step, and some of those that were started then at another one.
fn at_every_step(gateways: Gateways, journey: Journey) {
    let seed = given_seed().unwrap_or_else(new_seed);
    println!("PAYMUX_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    for engine in Engine::all() {
        let steps = runtime().block_on(live(engine, gateways, journey, &[]));
        assert!(steps.len() > 30, "where are the steps? {steps:#?}");
        let stride = stride(engine, gateways);
        let first = dice.random_range(1..=stride);
        for step in (first..=steps.len()).step_by(stride) {
            let mut kills = vec![step];
            while dice.random_range(0..8) == 0 {
                kills.push(dice.random_range(1..=steps.len()));
            }
            runtime().block_on(live(engine, gateways, journey, &kills));
        }
    }
}

#[test]
fn of_an_invoice_at_halopay() {
    at_every_step(Gateways::Halo, Journey::Invoice);
}

#[test]
fn of_a_payout_at_halopay() {
    at_every_step(Gateways::Halo, Journey::Payout);
}

#[test]
fn of_an_invoice_at_unipayment() {
    at_every_step(Gateways::UniPayment, Journey::Invoice);
}

#[test]
fn of_a_payout_at_unipayment() {
    at_every_step(Gateways::UniPayment, Journey::Payout);
}

#[test]
fn of_an_invoice_whose_webhooks_are_weak() {
    at_every_step(Gateways::WeakUniPayment, Journey::Invoice);
}

#[test]
fn of_an_invoice_behind_a_router() {
    at_every_step(Gateways::RoutedAroundOneThatIsDown, Journey::Invoice);
}

#[test]
fn of_an_invoice_that_a_router_makes_twice() {
    at_every_step(Gateways::RoutedPastLostAnswers, Journey::Invoice);
}

#[test]
fn of_a_payout_behind_a_router() {
    at_every_step(Gateways::RoutedAroundOneThatIsDown, Journey::Payout);
}
