//! The ledger's clock: the machine's, and a bit ahead of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::{Clock, Sleep};

/// Shows a later time than the machine's clock, so that what waits for hours is due now.
#[derive(Debug)]
pub(crate) struct ShiftedClock(AtomicU64);

impl ShiftedClock {
    pub(crate) const fn ahead_by(seconds: u64) -> Self {
        Self(AtomicU64::new(seconds))
    }

    pub(crate) fn set_ahead(&self, seconds: u64) {
        self.0.fetch_max(seconds, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}
