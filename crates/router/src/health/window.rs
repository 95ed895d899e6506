//! What the last calls came to, in a window that slides along.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// The window slides by a tenth of its length.
const SLOTS: i64 = 10;

/// The calls of a window's length.
#[derive(Debug, Default)]
pub(super) struct Window(VecDeque<Slot>);

#[derive(Debug)]
struct Slot {
    number: i64,
    calls: u64,
    failures: u64,
    timed: u64,
    time: Duration,
}

/// What a window tells.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recent {
    pub(crate) calls: u64,
    pub(crate) failures: u64,
    /// How long calls took that did what was asked, on average.
    pub(crate) latency: Option<Duration>,
}

impl Window {
    /// Counts a call that ended now, and how long it took where that says something.
    pub(super) fn add(
        &mut self,
        length: Duration,
        now: DateTime<Utc>,
        failed: bool,
        took: Option<Duration>,
    ) {
        let number = slot_number(length, now);
        // A clock that was set back: the slots that are there lie ahead and would never be left.
        if self.0.back().is_some_and(|last| last.number > number) {
            self.0.clear();
        }
        while self
            .0
            .front()
            .is_some_and(|first| first.number <= number - SLOTS)
        {
            self.0.pop_front();
        }
        if self.0.back().is_none_or(|last| last.number != number) {
            self.0.push_back(Slot {
                number,
                calls: 0,
                failures: 0,
                timed: 0,
                time: Duration::ZERO,
            });
        }
        if let Some(slot) = self.0.back_mut() {
            slot.calls += 1;
            slot.failures += u64::from(failed);
            if let Some(took) = took {
                slot.timed += 1;
                slot.time = slot.time.saturating_add(took);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn recent(&self, length: Duration, now: DateTime<Utc>) -> Recent {
        let number = slot_number(length, now);
        let mut recent = Recent::default();
        let mut timed = 0u64;
        let mut time = Duration::ZERO;
        for slot in self.0.iter().filter(|slot| slot.number > number - SLOTS) {
            recent.calls += slot.calls;
            recent.failures += slot.failures;
            timed += slot.timed;
            time = time.saturating_add(slot.time);
        }
        recent.latency = u32::try_from(timed)
            .ok()
            .and_then(|timed| time.checked_div(timed));
        recent
    }
}

fn slot_number(length: Duration, now: DateTime<Utc>) -> i64 {
    let slot = i64::try_from(length.as_millis()).unwrap_or(i64::MAX) / SLOTS;
    now.timestamp_millis().div_euclid(slot.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(milliseconds).unwrap()
    }

    proptest! {
        /// Compared with remembering every call.
        #[test]
        fn it_counts_the_calls_of_its_length(
            calls in proptest::collection::vec((0i64..3_000, any::<bool>(), 0u64..5_000), 0..60),
        ) {
            let length = Duration::from_secs(10);
            let mut window = Window::default();
            let mut all = Vec::new();
            let mut now = 0;
            for (pause, failed, took) in calls {
                now += pause;
                let took = (!failed).then_some(Duration::from_millis(took));
                window.add(length, at(now), failed, took);
                all.push((now, failed, took));
                let slot = now.div_euclid(1_000);
                let inside = || all.iter().filter(|(then, ..)| then.div_euclid(1_000) > slot - 10);
                let recent = window.recent(length, at(now));
                prop_assert_eq!(recent.calls, inside().count() as u64);
                let failures = inside().filter(|(_, failed, _)| *failed).count();
                prop_assert_eq!(recent.failures, failures as u64);
                let times: Vec<Duration> = inside().filter_map(|(.., took)| *took).collect();
                let average = times.iter().sum::<Duration>().checked_div(times.len() as u32);
                prop_assert_eq!(recent.latency, average);
            }
        }
    }

    #[test]
    fn it_forgets_and_survives_a_clock_that_is_set_back() {
        let length = Duration::from_secs(10);
        let mut window = Window::default();
        window.add(length, at(100_000), true, None);
        assert_eq!(window.recent(length, at(109_999)).calls, 1);
        assert_eq!(window.recent(length, at(110_000)), Recent::default());
        window.add(length, at(5_000), false, Some(Duration::from_millis(20)));
        let recent = window.recent(length, at(5_000));
        assert_eq!((recent.calls, recent.failures), (1, 0));
        assert_eq!(recent.latency, Some(Duration::from_millis(20)));
    }
}
