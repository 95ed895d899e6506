//! A circuit breaker: after failures nothing is sent for a while, then one probe at a time finds out
//! whether it works again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Recent, Refusal};
use crate::deadline::later;

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerSettings {
    /// It opens after this many failures in a row. 5 by default.
    pub failures: u32,
    /// It opens when this many in a hundred calls of the window failed. 50 by default.
    pub error_percent: u32,
    /// The error rate counts from this many calls in the window on. 20 by default.
    pub minimum_calls: u64,
    /// How far back the window looks. A minute by default.
    pub window: Duration,
    /// How long it stays open the first time; each probe that fails doubles it. 30 seconds by default.
    pub open_for: Duration,
    /// The most that time grows to. 10 minutes by default.
    pub longest_open: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            error_percent: 50,
            minimum_calls: 20,
            window: Duration::from_secs(60),
            open_for: Duration::from_secs(30),
            longest_open: Duration::from_secs(600),
        }
    }
}

impl BreakerSettings {
    /// The settings that hold where nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many failures in a row open it.
    #[must_use]
    pub const fn with_failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// Sets how many in a hundred calls have to fail to open it, and from how many calls on that counts.
    #[must_use]
    pub const fn with_error_rate(mut self, percent: u32, minimum_calls: u64) -> Self {
        self.error_percent = percent;
        self.minimum_calls = minimum_calls;
        self
    }

    /// Sets how far back the window of calls looks.
    #[must_use]
    pub const fn with_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Sets how long it stays open at first, and at most.
    #[must_use]
    pub const fn with_open_for(mut self, first: Duration, longest: Duration) -> Self {
        self.open_for = first;
        self.longest_open = longest;
        self
    }

    fn open_time(&self, openings: u32) -> Duration {
        let doubled = 2u32.saturating_pow(openings.saturating_sub(1));
        self.open_for
            .saturating_mul(doubled)
            .min(self.longest_open.max(self.open_for))
    }
}

/// Whether a circuit lets calls through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// It lets every call through.
    Closed,
    /// It lets none through.
    Open,
    /// It lets one probe through at a time.
    HalfOpen,
}

/// A circuit.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    /// Counts the changes of state: what a call comes to that began before the last one says nothing
    /// about now.
    age: u64,
    /// Failures in a row while it is closed.
    failures: u32,
    /// How often it opened since it was closed last.
    openings: u32,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Closed,
    Open(DateTime<Utc>),
    Probing,
}

/// A call that the circuit let through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass(u64);

impl Breaker {
    pub(super) fn state(&self, now: DateTime<Utc>) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open(until) if now < until => BreakerState::Open,
            State::Open(_) | State::Probing => BreakerState::HalfOpen,
        }
    }

    pub(super) fn open_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.state {
            State::Open(until) if now < until => Some(until),
            _ => None,
        }
    }

    pub(super) const fn is_probing(&self) -> bool {
        matches!(self.state, State::Probing)
    }

    /// Why it would not let a call through now.
    pub(super) fn refusal(&self, now: DateTime<Utc>) -> Option<Refusal> {
        match self.state {
            State::Open(until) if now < until => Some(Refusal::CircuitOpen(until)),
            State::Probing => Some(Refusal::Probing),
            State::Closed | State::Open(_) => None,
        }
    }

    /// Lets a call through; after its time is up an open circuit lets one through as a probe. `None`
    /// for a call that is made although the circuit lets none through.
    pub(super) fn enter(&mut self, now: DateTime<Utc>) -> Option<Pass> {
        if self.refusal(now).is_some() {
            return None;
        }
        if let State::Open(_) = self.state {
            self.move_to(State::Probing);
        }
        Some(Pass(self.age))
    }

    /// A call did well. Whether that closed the circuit.
    pub(super) fn succeed(&mut self, pass: Pass) -> bool {
        if pass.0 != self.age {
            return false;
        }
        self.failures = 0;
        let closes = self.is_probing();
        if closes {
            self.openings = 0;
            self.move_to(State::Closed);
        }
        closes
    }

    /// A call failed; `recent` counts it.
    pub(super) fn fail(
        &mut self,
        pass: Pass,
        settings: &BreakerSettings,
        recent: Recent,
        now: DateTime<Utc>,
    ) {
        if pass.0 != self.age {
            return;
        }
        self.failures += 1;
        let opens = self.is_probing()
            || self.failures >= settings.failures
            || recent.calls >= settings.minimum_calls.max(1)
                && recent.failures.saturating_mul(100)
                    >= recent
                        .calls
                        .saturating_mul(u64::from(settings.error_percent));
        if opens {
            self.failures = 0;
            self.openings += 1;
            self.move_to(State::Open(later(now, settings.open_time(self.openings))));
        }
    }

    /// A call was told to wait.
    pub(super) fn pause(&mut self, pass: Pass, until: DateTime<Utc>) {
        if pass.0 == self.age {
            self.move_to(State::Open(until));
        }
    }

    /// A call came to no end: if it was the probe, the next call may be one.
    pub(super) fn give_back(&mut self, pass: Pass) {
        if pass.0 == self.age && self.is_probing() {
            self.move_to(State::Open(DateTime::<Utc>::MIN_UTC));
        }
    }

    const fn move_to(&mut self, state: State) {
        self.state = state;
        self.age += 1;
    }
}

#[cfg(test)]
mod tests;
