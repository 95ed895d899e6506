//! How a provider is doing: what its last calls came to, whether it gets new ones, and the operator's
//! word on it.

mod breaker;
mod limits;
mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, Outcome, ProviderName, Result};
use serde::Serialize;

use crate::deadline::{between, later};
use crate::operation::Operation;
use breaker::{Breaker, Pass};
pub use breaker::{BreakerSettings, BreakerState};
use limits::Limiter;
pub use limits::{Limits, Rate};
pub(crate) use window::Recent;
use window::Window;

/// How long a provider is left alone that says "too many requests" and not for how long.
const RATE_LIMITED_PAUSE: Duration = Duration::from_secs(1);

/// An operator's word on a provider, whatever its breakers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Forced {
    /// Nothing new is made there. What is there already can still be read.
    Out,
    /// Its breakers are not asked. Limits hold all the same.
    In,
}

/// How one provider is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProviderHealth {
    /// The provider.
    pub provider: ProviderName,
    /// The operator's word, where there is one.
    pub forced: Option<Forced>,
    /// How many calls to it run now.
    pub in_flight: u32,
    /// Each operation that was called so far.
    pub operations: Vec<OperationHealth>,
}

impl ProviderHealth {
    /// How one operation is doing; `None` before its first call.
    #[must_use]
    pub fn operation(&self, operation: Operation) -> Option<&OperationHealth> {
        self.operations
            .iter()
            .find(|health| health.operation == operation)
    }
}

/// How one operation of a provider is doing. Figures are those of the breaker's window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperationHealth {
    /// The operation.
    pub operation: Operation,
    /// Whether the circuit lets calls through.
    pub state: BreakerState,
    /// While it is open: when a probe is let through, UTC.
    pub opens_until: Option<DateTime<Utc>>,
    /// Whether a probe runs now.
    pub probing: bool,
    /// Calls that ended.
    pub calls: u64,
    /// Calls that failed for a reason that lies with the provider.
    pub failures: u64,
    /// How long calls took that did what was asked, on average.
    pub latency: Option<Duration>,
}

/// Which of a provider's gates a call has to pass. Limits hold for every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Something new: the operator's word and the breaker hold.
    New,
    /// One question to many: whoever is known not to answer is not waited for.
    Gathered,
    /// A question that is asked before the call that it is for: it must not take that call's place.
    Beforehand,
    /// What only this provider knows: it is asked, however it is doing.
    Owned,
}

/// Why a provider gets no call now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    ForcedOut,
    CircuitOpen(DateTime<Utc>),
    Probing,
    TooManyInFlight,
    RateReached(DateTime<Utc>),
}

impl Refusal {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::ForcedOut => "an operator took it out",
            Self::CircuitOpen(_) => "its circuit is open after failures",
            Self::Probing => "its circuit is half open and a probe is running",
            Self::TooManyInFlight => "as many calls are running as its limit allows",
            Self::RateReached(_) => "its limit of calls in a time is reached",
        }
    }

    /// When it may be different, where that is known.
    pub(crate) const fn until(self) -> Option<DateTime<Utc>> {
        match self {
            Self::CircuitOpen(until) | Self::RateReached(until) => Some(until),
            Self::ForcedOut | Self::Probing | Self::TooManyInFlight => None,
        }
    }

    /// What a call fails with that only this provider could answer.
    pub(crate) fn error(self, now: DateTime<Utc>) -> Error {
        let kind = match self {
            Self::TooManyInFlight | Self::RateReached(_) => ErrorKind::RateLimited,
            Self::ForcedOut | Self::CircuitOpen(_) | Self::Probing => ErrorKind::Unavailable,
        };
        let error = Error::new(
            kind,
            Outcome::NotSent,
            format!("not asked: {}", self.reason()),
        );
        match self.until() {
            Some(until) => error.with_retry_after(between(now, until)),
            None => error,
        }
    }
}

/// What a call taught about its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lesson {
    /// It works.
    Works,
    /// It does not.
    Fails,
    /// It wants to be left alone for a while.
    Busy(Duration),
    /// Nothing: the call never got as far as the gateway.
    Nothing,
}

impl Lesson {
    fn of<T>(result: &Result<T>) -> Self {
        let Err(error) = result else {
            return Self::Works;
        };
        match error.kind() {
            ErrorKind::RateLimited => Self::Busy(error.retry_after().unwrap_or(RATE_LIMITED_PAUSE)),
            ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::InvalidResponse
            | ErrorKind::InvalidSignature
            | ErrorKind::Mismatch
            | ErrorKind::Authentication
            | ErrorKind::Permission
            | ErrorKind::Configuration => Self::Fails,
            _ => match error.outcome() {
                Outcome::Unknown => Self::Fails,
                Outcome::Rejected => Self::Works,
                Outcome::NotSent => Self::Nothing,
            },
        }
    }
}

/// The health of one provider.
#[derive(Debug)]
pub(crate) struct Health {
    breaker: BreakerSettings,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    forced: Option<Forced>,
    limiter: Limiter,
    /// Only what was called so far: a provider has few operations, so looking through them is quick.
    operations: Vec<(Operation, Record)>,
}

#[derive(Debug, Default)]
struct Record {
    breaker: Breaker,
    window: Window,
}

impl State {
    fn record(&self, operation: Operation) -> Option<&Record> {
        self.operations
            .iter()
            .find_map(|(own, record)| (*own == operation).then_some(record))
    }

    fn record_mut(&mut self, operation: Operation) -> Option<&mut Record> {
        self.operations
            .iter_mut()
            .find_map(|(own, record)| (*own == operation).then_some(record))
    }
}

impl Health {
    pub(crate) fn new(breaker: BreakerSettings, limits: Limits) -> Self {
        Self {
            breaker,
            limits,
            state: Mutex::default(),
        }
    }

    /// Why a call would not be let through now.
    pub(crate) fn refusal(
        &self,
        operation: Operation,
        gate: Gate,
        now: DateTime<Utc>,
    ) -> Option<Refusal> {
        self.refusal_in(&self.state(), operation, gate, now)
    }

    fn refusal_in(
        &self,
        state: &State,
        operation: Operation,
        gate: Gate,
        now: DateTime<Utc>,
    ) -> Option<Refusal> {
        if gate == Gate::New && state.forced == Some(Forced::Out) {
            return Some(Refusal::ForcedOut);
        }
        let asks_breaker = gate != Gate::Owned && state.forced != Some(Forced::In);
        asks_breaker
            .then(|| state.record(operation)?.breaker.refusal(now))
            .flatten()
            .or_else(|| {
                let room = if gate == Gate::Beforehand { 2 } else { 1 };
                state.limiter.refusal(&self.limits, room, now)
            })
    }

    /// Lets a call through, or says why not.
    pub(crate) fn enter(
        &self,
        operation: Operation,
        gate: Gate,
        now: DateTime<Utc>,
    ) -> Result<Permit<'_>, Refusal> {
        let mut state = self.state();
        if let Some(refusal) = self.refusal_in(&state, operation, gate, now) {
            return Err(refusal);
        }
        state.limiter.take(&self.limits, now);
        if state.record(operation).is_none() {
            state.operations.push((operation, Record::default()));
        }
        let pass = state
            .record_mut(operation)
            .and_then(|record| record.breaker.enter(now));
        drop(state);
        Ok(Permit {
            health: self,
            operation,
            pass,
            entered: now,
        })
    }

    pub(crate) fn force(&self, forced: Option<Forced>) {
        self.state().forced = forced;
    }

    /// What the last calls of an operation came to.
    pub(crate) fn recent(&self, operation: Operation, now: DateTime<Utc>) -> Recent {
        self.state()
            .record(operation)
            .map(|record| record.window.recent(self.breaker.window, now))
            .unwrap_or_default()
    }

    pub(crate) fn report(&self, provider: ProviderName, now: DateTime<Utc>) -> ProviderHealth {
        let state = self.state();
        let operations = state.operations.iter().map(|(operation, record)| {
            let recent = record.window.recent(self.breaker.window, now);
            OperationHealth {
                operation: *operation,
                state: record.breaker.state(now),
                opens_until: record.breaker.open_until(now),
                probing: record.breaker.is_probing(),
                calls: recent.calls,
                failures: recent.failures,
                latency: recent.latency,
            }
        });
        ProviderHealth {
            provider,
            forced: state.forced,
            in_flight: state.limiter.in_flight(),
            operations: operations.collect(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place at a provider. Dropped without an end, it counts for nothing: whoever asked went away.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    health: &'a Health,
    operation: Operation,
    /// None where the circuit was not asked and is not closed.
    pass: Option<Pass>,
    entered: DateTime<Utc>,
}

impl Permit<'_> {
    pub(crate) const fn operation(&self) -> Operation {
        self.operation
    }

    /// Writes down what the call came to.
    pub(crate) fn finish<T>(mut self, result: &Result<T>, now: DateTime<Utc>) {
        let lesson = Lesson::of(result);
        let settings = &self.health.breaker;
        let mut state = self.health.state();
        let Some(record) = state.record_mut(self.operation) else {
            return;
        };
        match lesson {
            Lesson::Nothing => {}
            Lesson::Works => {
                let took = result.is_ok().then(|| between(self.entered, now));
                record.window.add(settings.window, now, false, took);
                if self
                    .pass
                    .take()
                    .is_some_and(|pass| record.breaker.succeed(pass))
                {
                    // What was before the circuit opened must not open it again.
                    record.window.clear();
                }
            }
            Lesson::Fails => {
                record.window.add(settings.window, now, true, None);
                let recent = record.window.recent(settings.window, now);
                if let Some(pass) = self.pass.take() {
                    record.breaker.fail(pass, settings, recent, now);
                }
            }
            Lesson::Busy(wait) => {
                if let Some(pass) = self.pass.take() {
                    record.breaker.pause(pass, later(now, wait));
                }
            }
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.health.state();
        state.limiter.give_back();
        if let Some(pass) = self.pass.take()
            && let Some(record) = state.record_mut(self.operation)
        {
            record.breaker.give_back(pass);
        }
    }
}

#[cfg(test)]
mod tests;
