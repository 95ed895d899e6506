//! What a seed makes: gateways with their tempers, a router's settings, and callers.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// One random course of events, before it happens. Its debug text is what a failure prints.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) gateways: Vec<Gateway>,
    pub(crate) rules: Vec<RulePlan>,
    pub(crate) strategy: StrategyPlan,
    pub(crate) breaker: BreakerPlan,
    pub(crate) deadline: Duration,
    pub(crate) hedge_after: Option<Duration>,
    pub(crate) log: LogTemper,
    pub(crate) callers: Vec<Caller>,
}

#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    pub(crate) temper: Temper,
    pub(crate) has_payouts: bool,
    pub(crate) has_quotes: bool,
    /// It has USDT only; the others have TRX too.
    pub(crate) lacks_trx: bool,
    pub(crate) max_in_flight: Option<u32>,
    pub(crate) per_second: Option<u32>,
}

/// How often a gateway does what, in parts of a hundred; the rest is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Temper {
    pub(crate) not_sent: u32,
    pub(crate) rejected: u32,
    pub(crate) lost: u32,
    pub(crate) cut: u32,
    pub(crate) hangs: u32,
    /// How many calls in a hundred have delays, and how long each can be at most.
    pub(crate) slow: u32,
    pub(crate) longest_delay: Duration,
}

#[derive(Debug, Clone)]
pub(crate) struct RulePlan {
    pub(crate) condition: Condition,
    /// Indices of gateways, in the order in which the rule names them.
    pub(crate) through: Vec<usize>,
    pub(crate) strategy: StrategyPlan,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    Usdt,
    UsdtOnTron,
    Tron,
    Payouts,
    Gold,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum StrategyPlan {
    Priority,
    Weighted,
    Cheapest,
    Latency,
    Sticky,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct BreakerPlan {
    pub(crate) failures: u32,
    pub(crate) open_for: Duration,
}

/// How the log of attempts misbehaves, in parts of a hundred.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogTemper {
    pub(crate) before_fails: u32,
    pub(crate) after_fails: u32,
    pub(crate) slow: u32,
    /// The longest that it dawdles at a time, in milliseconds.
    pub(crate) longest: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) starts: Duration,
    pub(crate) wants: Wants,
    /// How long it waits before it asks once more, where its first call failed.
    pub(crate) retries: Vec<Duration>,
    /// It asks once more even where it was told that it must not.
    pub(crate) is_stubborn: bool,
    pub(crate) leaves: Leaves,
    pub(crate) deadline: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Wants {
    Invoice {
        trx: bool,
        gold: bool,
    },
    /// `amount` differs now and then, so that two different payouts meet under one reference.
    Payout {
        reference: u32,
        amount: u32,
        trx: bool,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Leaves {
    Never,
    After(Duration),
    /// At the n-th time that it would have to wait.
    AtPoll(u32),
}

impl Schedule {
    pub(crate) fn of_seed(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let deadline = millis(&mut dice, 500, 20_000);
        let count = dice.random_range(2..=5);
        let gateways: Vec<_> = (0..count).map(|_| gateway(&mut dice, deadline)).collect();
        let rules = (0..dice.random_range(0..=3))
            .map(|_| rule(&mut dice, count))
            .collect();
        let references = dice.random_range(1..=4);
        let callers = (0..dice.random_range(2..=10))
            .map(|_| caller(&mut dice, deadline, references))
            .collect();
        let is_rough = dice.random_range(0..4) == 0;
        let parts = |dice: &mut StdRng, most| {
            if is_rough {
                dice.random_range(0..=most)
            } else {
                0
            }
        };
        Self {
            seed,
            rules,
            strategy: strategy(&mut dice),
            breaker: BreakerPlan {
                failures: dice.random_range(1..=6),
                open_for: millis(&mut dice, 100, 30_000),
            },
            hedge_after: (dice.random_range(0..3) == 0).then(|| millis(&mut dice, 1, 2_000)),
            log: LogTemper {
                before_fails: parts(&mut dice, 15),
                after_fails: parts(&mut dice, 15),
                slow: dice.random_range(0..=60),
                longest: if is_rough { 300 } else { 10 },
            },
            deadline,
            gateways,
            callers,
        }
    }
}

fn millis(dice: &mut StdRng, from: u64, to: u64) -> Duration {
    Duration::from_millis(dice.random_range(from..=to))
}

fn one_in(dice: &mut StdRng, many: u32) -> bool {
    dice.random_range(0..many) == 0
}

fn gateway(dice: &mut StdRng, deadline: Duration) -> Gateway {
    Gateway {
        temper: temper(dice, deadline),
        has_payouts: !one_in(dice, 8),
        has_quotes: !one_in(dice, 4),
        lacks_trx: one_in(dice, 4),
        max_in_flight: one_in(dice, 3).then(|| dice.random_range(1..=3)),
        per_second: one_in(dice, 6).then(|| dice.random_range(1..=3)),
    }
}

fn temper(dice: &mut StdRng, deadline: Duration) -> Temper {
    let well = Temper {
        not_sent: 0,
        rejected: 0,
        lost: 0,
        cut: 0,
        hangs: 0,
        slow: 20,
        longest_delay: deadline / 8,
    };
    match dice.random_range(0..6) {
        0 => well,
        1 => Temper {
            not_sent: 100,
            ..well
        },
        2 => Temper {
            hangs: 60,
            lost: 30,
            ..well
        },
        3 => Temper {
            slow: 100,
            longest_delay: deadline * 2,
            ..well
        },
        4 => Temper {
            not_sent: 40,
            rejected: 20,
            ..well
        },
        _ => Temper {
            not_sent: 20,
            rejected: 10,
            lost: 15,
            cut: 15,
            hangs: 10,
            slow: 50,
            longest_delay: deadline,
        },
    }
}

fn rule(dice: &mut StdRng, gateways: usize) -> RulePlan {
    let mut through: Vec<usize> = (0..gateways).filter(|_| !one_in(dice, 3)).collect();
    if through.is_empty() {
        through.push(dice.random_range(0..gateways));
    }
    if one_in(dice, 2) {
        through.reverse();
    }
    let condition = match dice.random_range(0..5) {
        0 => Condition::Usdt,
        1 => Condition::UsdtOnTron,
        2 => Condition::Tron,
        3 => Condition::Payouts,
        _ => Condition::Gold,
    };
    RulePlan {
        condition,
        through,
        strategy: strategy(dice),
    }
}

fn strategy(dice: &mut StdRng) -> StrategyPlan {
    match dice.random_range(0..5) {
        0 => StrategyPlan::Priority,
        1 => StrategyPlan::Weighted,
        2 => StrategyPlan::Cheapest,
        3 => StrategyPlan::Latency,
        _ => StrategyPlan::Sticky,
    }
}

fn caller(dice: &mut StdRng, deadline: Duration, references: u32) -> Caller {
    let trx = one_in(dice, 3);
    let wants = if dice.random_range(0..10) < 6 {
        Wants::Payout {
            reference: dice.random_range(0..references),
            amount: if one_in(dice, 8) { 7 } else { 5 },
            trx,
        }
    } else {
        Wants::Invoice {
            trx,
            gold: one_in(dice, 2),
        }
    };
    let most = u64::try_from(deadline.as_millis()).unwrap();
    let retries = (0..dice.random_range(0..4)).map(|_| millis(dice, 0, most));
    let retries = retries.collect();
    let leaves = match dice.random_range(0..6) {
        0 => Leaves::After(millis(dice, 0, most)),
        1 => Leaves::AtPoll(dice.random_range(1..=6)),
        _ => Leaves::Never,
    };
    Caller {
        starts: if one_in(dice, 2) {
            Duration::ZERO
        } else {
            millis(dice, 0, most)
        },
        wants,
        retries,
        is_stubborn: one_in(dice, 3),
        leaves,
        deadline: one_in(dice, 4).then(|| millis(dice, 50, most)),
    }
}
