use paymux_core::{Clock, ManualClock};
use proptest::prelude::*;

use super::*;

const SETTINGS: BreakerSettings = BreakerSettings {
    failures: 3,
    error_percent: 50,
    minimum_calls: 8,
    window: Duration::from_secs(60),
    open_for: Duration::from_secs(10),
    longest_open: Duration::from_secs(35),
};

/// The window is not what is judged here: it is told.
const QUIET: Recent = Recent {
    calls: 1,
    failures: 1,
    latency: None,
};

fn clock() -> ManualClock {
    ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap())
}

/// What may happen to a circuit.
#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(u64),
    Begin,
    /// One of the calls that run ends so.
    End(usize, End),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Well,
    Badly,
    Busy(u64),
    Nohow,
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![
        3 => Just(End::Well),
        6 => Just(End::Badly),
        1 => (1u64..20).prop_map(End::Busy),
        2 => Just(End::Nohow),
    ];
    prop_oneof![
        2 => (0u64..15).prop_map(Step::Wait),
        4 => Just(Step::Begin),
        4 => (any::<usize>(), end).prop_map(|(which, end)| Step::End(which, end)),
    ]
}

/// The same in plain words: the calls that were let through while it was closed count until it opens
/// for the first time; then one probe at a time decides.
#[derive(Debug)]
enum Model {
    Closed { in_a_row: u32 },
    Open { until: u64, times: u32 },
    Probing { probe: usize, times: u32 },
}

#[derive(Debug)]
struct World {
    model: Model,
    /// Which life of the circuit each running call belongs to.
    life: u32,
    times_closed_anew: u32,
}

impl World {
    fn expected_state(&self, now: u64) -> BreakerState {
        match self.model {
            Model::Closed { .. } => BreakerState::Closed,
            Model::Open { until, .. } if now < until => BreakerState::Open,
            Model::Open { .. } | Model::Probing { .. } => BreakerState::HalfOpen,
        }
    }

    fn lets_through(&mut self, now: u64, call: usize) -> bool {
        match self.model {
            Model::Closed { .. } => true,
            Model::Open { until, .. } if now < until => false,
            Model::Open { times, .. } => {
                self.life += 1;
                self.model = Model::Probing { probe: call, times };
                true
            }
            Model::Probing { .. } => false,
        }
    }

    fn open(&mut self, now: u64, times: u32) {
        let seconds = [10, 20, 35];
        let open_for = seconds[(times as usize - 1).min(2)];
        self.life += 1;
        self.model = Model::Open {
            until: now + open_for,
            times,
        };
    }

    fn ended(&mut self, now: u64, call: usize, life: u32, end: End) {
        if life != self.life {
            return;
        }
        match (&mut self.model, end) {
            (Model::Closed { in_a_row }, End::Well) => *in_a_row = 0,
            (Model::Closed { in_a_row }, End::Badly) => {
                *in_a_row += 1;
                if *in_a_row == 3 {
                    self.open(now, 1);
                }
            }
            (Model::Closed { .. }, End::Busy(wait)) => {
                self.life += 1;
                self.model = Model::Open {
                    until: now + wait,
                    times: 0,
                };
            }
            (Model::Closed { .. }, End::Nohow) => {}
            (Model::Probing { probe, times }, end) => {
                assert_eq!(*probe, call, "only the probe is of this life");
                let times = *times;
                match end {
                    End::Well => {
                        self.life += 1;
                        self.times_closed_anew += 1;
                        self.model = Model::Closed { in_a_row: 0 };
                    }
                    End::Badly => self.open(now, times + 1),
                    End::Busy(wait) => {
                        self.life += 1;
                        self.model = Model::Open {
                            until: now + wait,
                            times,
                        };
                    }
                    End::Nohow => {
                        self.life += 1;
                        self.model = Model::Open { until: 0, times };
                    }
                }
            }
            (Model::Open { .. }, _) => unreachable!("no call of this life can run"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn it_does_what_the_plain_words_say(steps in proptest::collection::vec(step(), 0..120)) {
        let clock = clock();
        let mut breaker = Breaker::default();
        let mut world = World {
            model: Model::Closed { in_a_row: 0 },
            life: 0,
            times_closed_anew: 0,
        };
        let mut now = 0u64;
        let mut running: Vec<(usize, u32, Pass)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Wait(seconds) => {
                    now += seconds;
                    clock.advance(Duration::from_secs(seconds));
                }
                Step::Begin => {
                    let expected = world.lets_through(now, number);
                    prop_assert_eq!(breaker.refusal(clock.now()).is_none(), expected);
                    if let Some(pass) = breaker.enter(clock.now()) {
                        prop_assert!(expected);
                        running.push((number, world.life, pass));
                    } else {
                        prop_assert!(!expected);
                    }
                }
                Step::End(which, end) => {
                    if running.is_empty() {
                        continue;
                    }
                    let (call, life, pass) = running.swap_remove(which % running.len());
                    let closed_anew = world.times_closed_anew;
                    world.ended(now, call, life, end);
                    match end {
                        End::Well => {
                            let closes = breaker.succeed(pass);
                            prop_assert_eq!(closes, world.times_closed_anew > closed_anew);
                        }
                        End::Badly => breaker.fail(pass, &SETTINGS, QUIET, clock.now()),
                        End::Busy(wait) => {
                            let wait = Duration::from_secs(wait);
                            breaker.pause(pass, later(clock.now(), wait));
                        }
                        End::Nohow => breaker.give_back(pass),
                    }
                }
            }
            prop_assert_eq!(breaker.state(clock.now()), world.expected_state(now));
            let is_probing = matches!(world.model, Model::Probing { .. });
            prop_assert_eq!(breaker.is_probing(), is_probing);
        }
    }
}

#[test]
fn an_error_rate_opens_it_from_enough_calls_on() {
    for (calls, failures, state) in [
        (7, 7, BreakerState::Closed),
        (8, 3, BreakerState::Closed),
        (8, 4, BreakerState::Open),
        (1_000, 499, BreakerState::Closed),
        (1_000, 500, BreakerState::Open),
    ] {
        let now = clock().now();
        let mut breaker = Breaker::default();
        let pass = breaker.enter(now).unwrap();
        let recent = Recent {
            calls,
            failures,
            latency: None,
        };
        breaker.fail(pass, &SETTINGS, recent, now);
        assert_eq!(breaker.state(now), state, "{failures} of {calls}");
    }
}

#[test]
fn the_longest_time_is_never_less_than_the_first() {
    let settings = SETTINGS.with_open_for(Duration::from_secs(60), Duration::from_secs(1));
    assert_eq!(settings.open_time(1), Duration::from_secs(60));
    assert_eq!(settings.open_time(u32::MAX), Duration::from_secs(60));
    assert_eq!(SETTINGS.open_time(u32::MAX), Duration::from_secs(35));
}
