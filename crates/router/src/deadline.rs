//! How long a call may take in all, and how that time is shared out.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{Clock, Sleep};

/// At least this part of the whole time is given to each attempt while several providers are left: no
/// gateway answers in a thousandth of a minute, so with very many of them not all get their turn.
const SMALLEST_SHARE: u32 = 8;
/// The part of the whole time that is kept for writing down how an attempt ended, and the most of it.
const RECORD_PART: u32 = 10;
const LONGEST_RECORD: Duration = Duration::from_secs(1);
/// The part of the whole time in which a strategy has to put its candidates in order.
const STRATEGY_PART: u32 = 4;

/// The end of one call's time. The clock's own timer rings it, so that it holds even where the clock's
/// hands are set back meanwhile.
pub(crate) struct Deadline<'a> {
    clock: &'a dyn Clock,
    total: Duration,
    ends: DateTime<Utc>,
    bell: Sleep,
    has_rung: bool,
}

impl<'a> Deadline<'a> {
    pub(crate) fn new(clock: &'a dyn Clock, total: Duration) -> Self {
        Self {
            clock,
            total,
            ends: later(clock.now(), total),
            bell: clock.sleep(total),
            has_rung: false,
        }
    }

    pub(crate) const fn clock(&self) -> &'a dyn Clock {
        self.clock
    }

    /// What is left of the whole time.
    pub(crate) fn remaining(&self) -> Duration {
        if self.has_rung {
            return Duration::ZERO;
        }
        let left = self.ends - self.clock.now();
        left.to_std().unwrap_or(Duration::ZERO).min(self.total)
    }

    /// The time of the next attempt, with this many providers that could still be tried, itself
    /// included. The last one gets everything but what writing down its end may need.
    pub(crate) fn share(&self, candidates: usize) -> Duration {
        share(self.total, self.remaining(), candidates)
    }

    /// The time in which a strategy has to put its candidates in order.
    pub(crate) fn for_strategy(&self) -> Duration {
        (self.total / STRATEGY_PART).min(self.remaining())
    }

    /// Whether there is no time for another attempt.
    pub(crate) fn is_over(&self) -> bool {
        self.share(1).is_zero()
    }

    /// What comes of some work; `None` where neither this time nor the deadline leaves enough for it.
    /// Work that is done is never given up, however late it is.
    pub(crate) async fn limit<F: Future>(&mut self, time: Duration, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        let mut timer = (time < self.remaining()).then(|| self.clock.sleep(time));
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            if !self.has_rung {
                self.has_rung = self.bell.as_mut().poll(context).is_ready();
            }
            let is_late = timer
                .as_mut()
                .is_some_and(|timer| timer.as_mut().poll(context).is_ready());
            if self.has_rung || is_late {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// What comes of some work that may take all the time that is left.
    pub(crate) async fn rest<F: Future>(&mut self, work: F) -> Option<F::Output> {
        self.limit(self.total, work).await
    }
}

fn share(total: Duration, remaining: Duration, candidates: usize) -> Duration {
    let record = (total / RECORD_PART).min(LONGEST_RECORD);
    let usable = remaining.saturating_sub(record);
    let candidates = u32::try_from(candidates).unwrap_or(u32::MAX).max(1);
    (usable / candidates)
        .max(total / SMALLEST_SHARE)
        .min(usable)
}

/// A time of the clock, so much later.
pub(crate) fn later(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(time)
        .ok()
        .and_then(|time| now.checked_add_signed(time))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How long it is from one time to a later one; zero where it is not later.
pub(crate) fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::FutureExt;
    use paymux_core::ManualClock;
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn clock() -> ManualClock {
        ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap())
    }

    proptest! {
        #[test]
        fn whoever_fails_slowly_leaves_time_for_the_next(
            total in 1u64..600_000,
            candidates in 1usize..7,
        ) {
            let total = Duration::from_millis(total);
            let mut remaining = total;
            for left in (1..=candidates).rev() {
                let time = share(total, remaining, left);
                prop_assert!(!time.is_zero(), "{left} of {candidates} has no time");
                prop_assert!(time <= remaining);
                remaining -= time;
            }
            prop_assert!(remaining >= (total / RECORD_PART).min(LONGEST_RECORD));
        }
    }

    #[test]
    fn the_last_one_gets_all_but_the_time_for_the_record() {
        let clock = clock();
        let deadline = Deadline::new(&clock, MINUTE);
        assert_eq!(deadline.share(1), Duration::from_secs(59));
        clock.advance(Duration::from_secs(40));
        assert_eq!(deadline.share(1), Duration::from_secs(19));
        assert_eq!(deadline.share(1_000), Duration::from_millis(7_500));
        clock.advance(Duration::from_secs(19));
        assert!(deadline.is_over());
    }

    #[test]
    fn a_share_ends_before_the_deadline_and_the_deadline_ends_all() {
        let clock = clock();
        let mut deadline = Deadline::new(&clock, MINUTE);
        assert_eq!(deadline.rest(ready(7)).now_or_never(), Some(Some(7)));
        {
            let mut share = Box::pin(deadline.limit(Duration::from_secs(20), pending::<()>()));
            assert_eq!((&mut share).now_or_never(), None);
            clock.advance(Duration::from_secs(20));
            assert_eq!((&mut share).now_or_never(), Some(None));
        }
        assert_eq!(deadline.remaining(), Duration::from_secs(40));
        {
            let mut rest = Box::pin(deadline.rest(pending::<()>()));
            assert_eq!((&mut rest).now_or_never(), None);
            clock.advance(Duration::from_secs(40));
            assert_eq!((&mut rest).now_or_never(), Some(None));
        }
        assert_eq!(deadline.remaining(), Duration::ZERO);
        // What is done by then is taken all the same.
        assert_eq!(deadline.rest(ready(7)).now_or_never(), Some(Some(7)));
    }
}
