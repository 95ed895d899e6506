//! How the workers behave.

use std::time::Duration;

use crate::quarantine::QuarantineBounds;
use crate::reconcile::PollSettings;

/// How webhooks are taken in and how the gateways are asked. Every process that shares a database
/// should have the same settings.
///
/// ```
/// use paymux_ledger::{QuarantineBounds, WorkSettings};
///
/// let work = WorkSettings::new().with_quarantine(QuarantineBounds::new().with_notices(500));
/// assert!(work.read_back);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WorkSettings {
    /// Whether a webhook with a weak proof is confirmed by a read before anything changes; yes by
    /// default. Without it, whoever can make such a signature can make an invoice look paid.
    pub read_back: bool,
    /// How much may wait unproven.
    pub quarantine: QuarantineBounds,
    /// How the gateways are asked for what is open.
    pub poll: PollSettings,
    /// How long a worker that finds nothing to do waits before it looks again; 1 s by default. What
    /// comes in through the same process wakes it at once.
    pub idle: Duration,
    /// How many webhooks are taken in, and how many questions are asked, at the same time; 8 by
    /// default.
    pub concurrency: usize,
}

impl WorkSettings {
    /// The settings that suit most applications.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            read_back: true,
            quarantine: QuarantineBounds::new(),
            poll: PollSettings::new(),
            idle: Duration::from_secs(1),
            concurrency: 8,
        }
    }

    /// Sets whether a webhook with a weak proof is confirmed by a read before anything changes.
    #[must_use]
    pub const fn with_read_back(mut self, read_back: bool) -> Self {
        self.read_back = read_back;
        self
    }

    /// Sets how much may wait unproven.
    #[must_use]
    pub const fn with_quarantine(mut self, bounds: QuarantineBounds) -> Self {
        self.quarantine = bounds;
        self
    }

    /// Sets how the gateways are asked for what is open.
    #[must_use]
    pub fn with_poll(mut self, poll: PollSettings) -> Self {
        self.poll = poll;
        self
    }

    /// Sets how long a worker that finds nothing to do waits before it looks again.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Sets how much is done at the same time. At least one.
    #[must_use]
    pub const fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }
}

impl Default for WorkSettings {
    fn default() -> Self {
        Self::new()
    }
}
