//! A clock that shows tokio's time, so that hands and timers stand still and jump together.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{Clock, Sleep};
use tokio::time::Instant;

/// Tokio's time since this clock was made, as a time of day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PausedClock {
    made_at: Instant,
}

impl PausedClock {
    /// A clock that starts now. It needs the runtime whose time it shows.
    pub(crate) fn start() -> Self {
        Self {
            made_at: Instant::now(),
        }
    }

    /// How long it has been running.
    pub(crate) fn elapsed(&self) -> Duration {
        self.made_at.elapsed()
    }
}

impl Clock for PausedClock {
    fn now(&self) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-03-17T09:36:36Z".parse().unwrap();
        start + TimeDelta::from_std(self.elapsed()).unwrap()
    }

    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}
