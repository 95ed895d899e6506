//! How events are delivered.

use std::time::Duration;

/// How events are delivered. Every process that shares a database should have the same settings.
///
/// ```
/// use std::time::Duration;
/// use paymux_ledger::DeliverySettings;
///
/// let delivery = DeliverySettings::new().with_most_tries(5).with_timeout(Duration::from_secs(10));
/// assert_eq!(delivery.most_tries, 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliverySettings {
    /// How many events are in the handler's hands at the same time, each of another invoice or
    /// payout; 16 by default.
    pub concurrency: usize,
    /// How long the handler may take for one event; 30 s by default.
    pub timeout: Duration,
    /// How often an event is delivered in vain before it is put aside; 20 by default, which with the
    /// other defaults is about half a day.
    pub most_tries: u32,
    /// How long after its first failure an event comes again; 1 s by default. It doubles each time.
    pub first_pause: Duration,
    /// The most that it grows to; 1 h by default.
    pub longest_pause: Duration,
    /// How long a worker that finds nothing to deliver waits before it looks again; 1 s by default.
    /// What this process's workers learn wakes it at once.
    pub idle: Duration,
}

impl DeliverySettings {
    /// The settings that suit most applications.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            concurrency: 16,
            timeout: Duration::from_secs(30),
            most_tries: 20,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60 * 60),
            idle: Duration::from_secs(1),
        }
    }

    /// Sets how many events are in the handler's hands at the same time. At least one.
    #[must_use]
    pub const fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets how long the handler may take for one event.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how often an event is delivered in vain before it is put aside.
    #[must_use]
    pub const fn with_most_tries(mut self, tries: u32) -> Self {
        self.most_tries = tries;
        self
    }

    /// Sets how long after its first failure an event comes again, and the most that this grows to.
    #[must_use]
    pub const fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// Sets how long a worker that finds nothing to deliver waits before it looks again.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self::new()
    }
}
