//! The scripted gateways of a run: each does by its temper what the dice say, and writes it down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use paymux_core::scripted::{Act, Call, Power, ScriptedProvider};
use paymux_core::{Asset, ErrorKind, ProviderName};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::journal::{Event, Journal};
use super::log::{call_of_invoice, call_of_payout};
use super::schedule::{Gateway, Schedule, Temper};
use crate::paused_clock::PausedClock;

#[derive(Debug)]
pub(crate) struct Gateways {
    pub(crate) all: Vec<ScriptedProvider>,
    /// From now on every one answers at once.
    is_healed: Arc<AtomicBool>,
}

impl Gateways {
    pub(crate) fn of(schedule: &Schedule, clock: PausedClock, journal: &Arc<Journal>) -> Self {
        let is_healed = Arc::new(AtomicBool::new(false));
        let plans = schedule.gateways.iter().zip(0u64..);
        let all = plans.map(|(plan, number)| {
            let dice = StdRng::seed_from_u64(schedule.seed.wrapping_mul(31) + number);
            scripted(plan, number, clock, dice, journal, &is_healed)
        });
        Self {
            all: all.collect(),
            is_healed,
        }
    }

    pub(crate) fn heal(&self) {
        self.is_healed.store(true, Ordering::Relaxed);
    }
}

fn scripted(
    plan: &Gateway,
    number: u64,
    clock: PausedClock,
    mut dice: StdRng,
    journal: &Arc<Journal>,
    is_healed: &Arc<AtomicBool>,
) -> ScriptedProvider {
    let name: ProviderName = format!("gateway-{number}").parse().unwrap();
    let temper = plan.temper;
    let choose = {
        let (journal, name) = (Arc::clone(journal), name.clone());
        let is_healed = Arc::clone(is_healed);
        move |call: &Call<'_>| {
            let act = if is_healed.load(Ordering::Relaxed) {
                Act::answer()
            } else {
                act(&mut dice, temper)
            };
            let reached = match call {
                Call::CreateInvoice(request) => Some((call_of_invoice(request), None)),
                Call::CreatePayout(request) => {
                    Some((call_of_payout(request), Some(request.reference.to_string())))
                }
                _ => None,
            };
            if let Some((number, about)) = reached {
                let name = name.clone();
                journal.note(Event::Reached(number, name, about, act.clone()));
            }
            act
        }
    };
    let gateway = ScriptedProvider::new(name, Arc::new(clock)).with_acts(choose);
    let gateway = if plan.has_payouts {
        gateway
    } else {
        gateway.without(Power::Payouts)
    };
    let gateway = if plan.has_quotes {
        gateway
    } else {
        gateway.without(Power::Quotes)
    };
    if plan.lacks_trx {
        let usdt = Asset::new("USDT").unwrap();
        gateway.with_assets([usdt.with_network("tron".parse().ok())])
    } else {
        gateway
    }
}

fn act(dice: &mut StdRng, temper: Temper) -> Act {
    const NOT_SENT: [ErrorKind; 8] = [
        ErrorKind::Unavailable,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Configuration,
        ErrorKind::RateLimited,
        ErrorKind::Unsupported,
        ErrorKind::InvalidRequest,
        ErrorKind::Conflict,
    ];
    const REJECTED: [ErrorKind; 7] = [
        ErrorKind::Refused,
        ErrorKind::InsufficientFunds,
        ErrorKind::RateLimited,
        ErrorKind::Authentication,
        ErrorKind::Unsupported,
        ErrorKind::Duplicate,
        ErrorKind::InvalidRequest,
    ];
    const LOST: [ErrorKind; 4] = [
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::InvalidResponse,
        ErrorKind::Mismatch,
    ];
    let roll = dice.random_range(0..100);
    let mut upto = 0;
    let mut falls = |parts: u32| {
        upto += parts;
        roll < upto
    };
    let act = if falls(temper.not_sent) {
        Act::not_sent(NOT_SENT[dice.random_range(0..NOT_SENT.len())])
    } else if falls(temper.rejected) {
        Act::rejected(REJECTED[dice.random_range(0..REJECTED.len())])
    } else if falls(temper.lost) {
        let act = Act::lost_answer().with_kind(LOST[dice.random_range(0..LOST.len())]);
        if dice.random() { act.telling_id() } else { act }
    } else if falls(temper.cut) {
        Act::cut_before_work().with_kind(LOST[dice.random_range(0..LOST.len())])
    } else if falls(temper.hangs) {
        Act::hangs()
    } else {
        Act::answer()
    };
    if dice.random_range(0..100) >= temper.slow {
        return act;
    }
    let longest = u64::try_from(temper.longest_delay.as_millis()).unwrap();
    let mut delay = || {
        let length: u64 = dice.random_range(0..=longest);
        Duration::from_millis(if dice.random() { length } else { 0 })
    };
    act.connecting_for(delay())
        .working_for(delay())
        .after(delay())
}
