//! How many calls a provider gets at once, and in a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::{Error, Result};

use super::Refusal;
use crate::deadline::{between, later};

/// How many calls a provider gets. Whatever is over a limit is not queued: a new invoice or payout goes
/// to the next provider, a read fails with `RateLimited`.
///
/// ```
/// use paymux_router::{Limits, Rate};
///
/// let limits = Limits::new().with_max_in_flight(16).with_rate(Rate::per_second(5));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most calls that run at once; without it any number.
    pub max_in_flight: Option<u32>,
    /// The most calls in a time; without it any number.
    pub rate: Option<Rate>,
}

impl Limits {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            max_in_flight: None,
            rate: None,
        }
    }

    /// Sets the most calls that run at once.
    #[must_use]
    pub const fn with_max_in_flight(mut self, calls: u32) -> Self {
        self.max_in_flight = Some(calls);
        self
    }

    /// Sets the most calls in a time.
    #[must_use]
    pub const fn with_rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        let lets_none_through = self.max_in_flight == Some(0)
            || self
                .rate
                .is_some_and(|rate| rate.calls == 0 || rate.period.is_zero());
        if lets_none_through {
            return Err(Error::configuration(
                "a limit of 0 lets no call through; set at least 1, or take the provider out",
            ));
        }
        Ok(())
    }
}

/// So many calls in a time. They may come all at once; the next one is let through when its part of
/// the time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    calls: u32,
    period: Duration,
}

impl Rate {
    /// This many calls in a second.
    #[must_use]
    pub const fn per_second(calls: u32) -> Self {
        Self::new(calls, Duration::from_secs(1))
    }

    /// This many calls in a minute.
    #[must_use]
    pub const fn per_minute(calls: u32) -> Self {
        Self::new(calls, Duration::from_secs(60))
    }

    /// This many calls in this time.
    #[must_use]
    pub const fn new(calls: u32, period: Duration) -> Self {
        Self { calls, period }
    }

    fn interval(self) -> Duration {
        self.period.checked_div(self.calls).unwrap_or(self.period)
    }
}

/// How much of its limits a provider has used.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    in_flight: u32,
    /// When every call so far would have had its part of the time. A call is let through while that is
    /// less than the whole time ahead.
    paid_until: Option<DateTime<Utc>>,
}

impl Limiter {
    pub(super) const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Why it would not let a call through now, or so many one after the other.
    pub(super) fn refusal(
        &self,
        limits: &Limits,
        calls: u32,
        now: DateTime<Utc>,
    ) -> Option<Refusal> {
        if limits
            .max_in_flight
            .is_some_and(|most| self.in_flight >= most)
        {
            return Some(Refusal::TooManyInFlight);
        }
        let rate = limits.rate?;
        let others = rate.interval().saturating_mul(calls.saturating_sub(1));
        let ahead = self.ahead(rate, now).saturating_add(others);
        let most = rate.period.saturating_sub(rate.interval());
        (ahead > most).then(|| Refusal::RateReached(later(now, ahead - most)))
    }

    pub(super) fn take(&mut self, limits: &Limits, now: DateTime<Utc>) {
        self.in_flight += 1;
        if let Some(rate) = limits.rate {
            self.paid_until = Some(later(
                now,
                self.ahead(rate, now).saturating_add(rate.interval()),
            ));
        }
    }

    pub(super) const fn give_back(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Never more than the whole time: if it is, the clock was set back, and nobody is locked out.
    fn ahead(&self, rate: Rate, now: DateTime<Utc>) -> Duration {
        self.paid_until
            .map(|until| between(now, until))
            .filter(|ahead| *ahead <= rate.period)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(milliseconds).unwrap()
    }

    proptest! {
        #[test]
        fn no_period_has_twice_the_calls_and_every_wait_is_true(
            calls in 1u32..20,
            pauses in proptest::collection::vec(0i64..400, 1..200),
        ) {
            let rate = Rate::per_second(calls);
            let limits = Limits::new().with_rate(rate);
            let mut limiter = Limiter::default();
            let mut now = 0;
            let mut taken: Vec<i64> = Vec::new();
            for pause in pauses {
                now += pause;
                match limiter.refusal(&limits, 1, at(now)) {
                    None => {
                        limiter.take(&limits, at(now));
                        taken.push(now);
                    }
                    Some(Refusal::RateReached(until)) => {
                        prop_assert!(until > at(now) && until <= at(now + 1_000));
                        prop_assert_eq!(limiter.refusal(&limits, 1, until), None);
                    }
                    Some(other) => prop_assert!(false, "{other:?}"),
                }
                let last_second = taken.iter().filter(|then| **then > now - 1_000).count();
                prop_assert!(last_second < 2 * calls as usize, "{last_second} of {calls}");
            }
        }
    }

    #[test]
    fn a_whole_period_may_come_at_once() {
        let limits = Limits::new().with_rate(Rate::per_second(4));
        let mut limiter = Limiter::default();
        for _ in 0..4 {
            assert_eq!(limiter.refusal(&limits, 1, at(0)), None);
            limiter.take(&limits, at(0));
        }
        let refusal = limiter.refusal(&limits, 1, at(0));
        assert_eq!(refusal, Some(Refusal::RateReached(at(250))));
        assert_eq!(limiter.refusal(&limits, 1, at(250)), None);
        limiter.take(&limits, at(250));
        let refusal = limiter.refusal(&limits, 1, at(250));
        assert_eq!(refusal, Some(Refusal::RateReached(at(500))));
    }

    #[test]
    fn room_can_be_asked_for_more_than_one() {
        let limits = Limits::new().with_rate(Rate::per_second(2));
        let mut limiter = Limiter::default();
        assert_eq!(limiter.refusal(&limits, 2, at(0)), None);
        limiter.take(&limits, at(0));
        assert_eq!(limiter.refusal(&limits, 1, at(0)), None);
        let refusal = limiter.refusal(&limits, 2, at(0));
        assert_eq!(refusal, Some(Refusal::RateReached(at(500))));
    }

    #[test]
    fn calls_that_end_make_room() {
        let limits = Limits::new().with_max_in_flight(1);
        let mut limiter = Limiter::default();
        limiter.take(&limits, at(0));
        let refusal = limiter.refusal(&limits, 1, at(9_000));
        assert_eq!(refusal, Some(Refusal::TooManyInFlight));
        limiter.give_back();
        assert_eq!(limiter.refusal(&limits, 1, at(9_000)), None);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limits = Limits::new().with_rate(Rate::per_second(1));
        let mut limiter = Limiter::default();
        limiter.take(&limits, at(3_600_000));
        assert_eq!(limiter.refusal(&limits, 1, at(0)), None);
        limiter.take(&limits, at(0));
        let refusal = limiter.refusal(&limits, 1, at(0));
        assert_eq!(refusal, Some(Refusal::RateReached(at(1_000))));
    }

    #[test]
    fn limits_that_let_nothing_through_are_refused() {
        for limits in [
            Limits::new().with_max_in_flight(0),
            Limits::new().with_rate(Rate::per_minute(0)),
            Limits::new().with_rate(Rate::new(1, Duration::ZERO)),
        ] {
            let error = limits.check().unwrap_err();
            assert!(error.message().contains("at least 1"), "{error}");
        }
        assert!(Limits::new().check().is_ok());
    }
}
