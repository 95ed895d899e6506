//! The gateway's clock: the real one, shifted on request.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// UTC time as the simulated gateways see it. A shift makes orders expire, or a client's clock
/// look wrong, without anyone waiting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    shift_millis: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let shift = TimeDelta::try_milliseconds(self.shift_millis.load(Ordering::SeqCst));
        let now = Utc::now();
        shift
            .and_then(|shift| now.checked_add_signed(shift))
            .unwrap_or(now)
    }

    pub(crate) fn unix_seconds(&self) -> i64 {
        self.now().timestamp()
    }

    pub(crate) fn shift_by(&self, by: TimeDelta) {
        self.shift_millis
            .fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}
