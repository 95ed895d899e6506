//! After a run: nothing is held any more, doubts can be settled, and every gateway gets calls again.

use std::time::Duration;

use paymux_core::PaymentProvider;
use paymux_core::attempts::{AttemptVerdict, Resolution};
use paymux_core::scripted::ScriptedProvider;
use paymux_router::{BreakerState, Forced, RouteDecision};

use super::invariants::Verdict;
use super::journal::Event;
use super::log::{mark_invoice, mark_payout};
use super::run::{LONG, World, invoice, payout, reference_name};
use super::schedule::Wants;

/// Longer than any limit of calls in a time.
const A_WHILE: Duration = Duration::from_secs(5);

/// A reference that no schedule uses.
const FRESH: u32 = 1_000;

pub(crate) async fn check(world: &World) -> Verdict {
    nothing_runs(world)?;
    doubts_can_be_settled(world).await?;
    everybody_is_called_again(world).await?;
    nothing_runs(world)
}

fn nothing_runs(world: &World) -> Verdict {
    for health in world.router.health() {
        if health.in_flight > 0 {
            return Err(format!("calls seem to run still: {health:?}"));
        }
        if health.operations.iter().any(|operation| operation.probing) {
            return Err(format!("a probe is lost: {health:?}"));
        }
    }
    Ok(())
}

/// What is in doubt is looked up in the gateways' books and settled. What was made is told again and
/// not sent; what was not made may be sent now.
async fn doubts_can_be_settled(world: &World) -> Verdict {
    for doubt in world.log.memory().in_doubt() {
        let books = world.gateways.all.iter();
        let sent: Vec<_> = books.flat_map(ScriptedProvider::sent_payouts).collect();
        let made = sent
            .iter()
            .find(|payout| payout.reference.as_ref() == Some(&doubt.reference));
        if let Some(made) = made
            && made.provider != doubt.provider
        {
            return Err(format!("{doubt:?} was made by {}", made.provider));
        }
        let resolution = match made {
            Some(made) => Resolution::Made(Box::new(made.clone())),
            None => {
                let reference = doubt.reference.to_string();
                world.journal.note(Event::SettledAsNotMade(reference));
                Resolution::NotMade
            }
        };
        let memory = world.log.memory();
        memory
            .resolve(&doubt.reference, resolution)
            .map_err(|error| error.to_string())?;
        let told = ask_with_all_terms(world, doubt.reference.as_str()).await;
        let made_by = made.map(|made| format!("{}:{}", made.provider, made.id));
        if let Some(id) = made_by
            && told != [id.clone()]
            && world.schedule.log.before_fails == 0
        {
            return Err(format!(
                "{doubt:?} was settled as {id} and is told as {told:?}"
            ));
        }
    }
    Ok(())
}

/// Asks for a payout under every pair of terms that callers use; all but one are conflicts.
async fn ask_with_all_terms(world: &World, reference: &str) -> Vec<String> {
    let number = (0..FRESH).find(|number| reference_name(*number) == reference);
    let mut told = Vec::new();
    for (amount, trx) in [(5, false), (5, true), (7, false), (7, true)] {
        tokio::time::sleep(A_WHILE).await;
        let wants = Wants::Payout {
            reference: number.expect("references are numbered"),
            amount,
            trx,
        };
        told.extend(world.ask_again(wants).await.ok());
    }
    told
}

/// With everybody else taken out, each gateway of the deciding rule gets a call and does it: no place
/// is held, and no circuit stays open.
async fn everybody_is_called_again(world: &World) -> Verdict {
    tokio::time::sleep(LONG).await;
    let invoice = mark_invoice(invoice(usize::MAX, false, false), 0);
    let decided = world.router.explain_invoice(&invoice).await;
    let wants = |_| Wants::Invoice {
        trx: false,
        gold: false,
    };
    each_in_turn(world, decided.map_err(|error| error.to_string())?, wants).await?;
    if world.router.payouts().is_none() {
        return Ok(());
    }
    tokio::time::sleep(A_WHILE).await;
    let payout = mark_payout(payout(&reference_name(FRESH), 5, false), 0);
    let decided = world.router.explain_payout(&payout).await;
    let wants = |reference| Wants::Payout {
        reference,
        amount: 5,
        trx: false,
    };
    each_in_turn(world, decided.map_err(|error| error.to_string())?, wants).await
}

async fn each_in_turn(
    world: &World,
    decision: RouteDecision,
    wants: impl Fn(u32) -> Wants,
) -> Verdict {
    let is_lasting = |reason: &str| reason == "it has no payouts";
    for excluded in decision.excluded() {
        if !excluded.reason.as_deref().is_some_and(is_lasting) {
            return Err(format!("it is excluded still: {excluded:?}"));
        }
    }
    let candidates = decision
        .attempts
        .iter()
        .filter(|attempt| attempt.verdict == AttemptVerdict::NotTried);
    for (number, candidate) in (FRESH..).zip(candidates) {
        for gateway in &world.gateways.all {
            if *gateway.name() != candidate.provider {
                let forced = world.router.force(gateway.name(), Forced::Out);
                forced.map_err(|error| error.to_string())?;
            }
        }
        tokio::time::sleep(A_WHILE).await;
        let made = world.ask_again(wants(number)).await;
        for gateway in &world.gateways.all {
            let released = world.router.release(gateway.name());
            released.map_err(|error| error.to_string())?;
        }
        let log_is_well = world.schedule.log.before_fails == 0;
        match made {
            Ok(id) if id.starts_with(&format!("{}:", candidate.provider)) => {}
            Err(_) if !log_is_well => continue,
            other => return Err(format!("{candidate:?} should do it, and it is {other:?}")),
        }
        let health = world.router.health();
        let own = health
            .iter()
            .find(|health| health.provider == candidate.provider);
        let state = own
            .and_then(|own| own.operation(decision.operation))
            .map(|operation| operation.state);
        if state != Some(BreakerState::Closed) {
            return Err(format!("it works and its circuit is {state:?}: {own:?}"));
        }
    }
    Ok(())
}
