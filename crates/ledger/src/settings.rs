//! How a ledger behaves.

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{Clock, TokioClock};

use crate::limits::PayoutLimits;
use crate::outbox::DeliverySettings;
use crate::retention::RetentionSettings;
use crate::work::WorkSettings;

/// How a ledger behaves. Every process that shares a database should have the same settings.
///
/// ```
/// use std::time::Duration;
/// use paymux_ledger::LedgerSettings;
///
/// let settings = LedgerSettings::new()
///     .with_wait(Duration::from_secs(5))
///     .with_lease(Duration::from_secs(60));
/// assert_eq!(settings.lease, Duration::from_secs(60));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LedgerSettings {
    /// What time it is; the system's by default.
    pub clock: Arc<dyn Clock>,
    /// How long a call is believed to live after its process was last heard of; 60 s by default.
    /// While a process lives it renews this by itself. A call whose time ran out is in doubt.
    pub lease: Duration,
    /// How long a second call under the same reference or order waits for the first to end, before it
    /// answers `InProgress`; 10 s by default.
    pub wait: Duration,
    /// How many threads work on a PostgreSQL, each with a connection of its own, or read from a
    /// SQLite; 4 by default.
    pub connections: usize,
    /// Above which amounts a payout waits for a second person; none by default.
    pub payout_limits: PayoutLimits,
    /// How webhooks are taken in and how the gateways are asked.
    pub work: WorkSettings,
    /// How events are delivered.
    pub delivery: DeliverySettings,
    /// How long is kept what nothing depends on any more; everything, by default.
    pub retention: RetentionSettings,
}

impl LedgerSettings {
    /// The settings that suit most applications.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Arc::new(TokioClock),
            lease: Duration::from_secs(60),
            wait: Duration::from_secs(10),
            connections: 4,
            payout_limits: PayoutLimits::new(),
            work: WorkSettings::new(),
            delivery: DeliverySettings::new(),
            retention: RetentionSettings::new(),
        }
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how long a call is believed to live after its process was last heard of.
    #[must_use]
    pub const fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets how long a second call waits for the first to end.
    #[must_use]
    pub const fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Sets how many threads work on a PostgreSQL, or read from a SQLite. At least one.
    #[must_use]
    pub const fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Sets above which amounts a payout waits for a second person.
    #[must_use]
    pub fn with_payout_limits(mut self, limits: PayoutLimits) -> Self {
        self.payout_limits = limits;
        self
    }

    /// Sets how webhooks are taken in and how the gateways are asked.
    #[must_use]
    pub fn with_work(mut self, work: WorkSettings) -> Self {
        self.work = work;
        self
    }

    /// Sets how events are delivered.
    #[must_use]
    pub fn with_delivery(mut self, delivery: DeliverySettings) -> Self {
        self.delivery = delivery;
        self
    }

    /// Sets how long is kept what nothing depends on any more.
    #[must_use]
    pub const fn with_retention(mut self, retention: RetentionSettings) -> Self {
        self.retention = retention;
        self
    }
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self::new()
    }
}
