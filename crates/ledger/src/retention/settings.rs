//! How long is kept what nothing depends on any more.

use std::time::Duration;

use paymux_core::{Error, Result};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Webhooks are kept for at least this long. HaloPay repeats one for a day and four minutes;
/// UniPayment does not say for how long. What is in doubt is compared with what they told.
const WEBHOOKS_AT_LEAST: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// How long is kept what nothing depends on any more. By default everything is kept.
///
/// A reference and an order are never given up: payouts and invoices stay, and so do the keys of
/// webhooks. So a reference is not paid twice, and a webhook does not count twice, however old they
/// are.
///
/// ```
/// use std::time::Duration;
/// use paymux_ledger::{LedgerSettings, RetentionSettings};
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let retention = RetentionSettings::new()
///     .with_webhooks(month)
///     .with_events(month)
///     .with_attempts(month);
/// let settings = LedgerSettings::new().with_retention(retention);
/// assert_eq!(settings.retention.history, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetentionSettings {
    /// How long the content of a webhook is kept after it was taken in or dismissed; for ever by
    /// default, and for 3 days at least. Its key stays. One that waits, or that nobody knows what it
    /// tells of, is never pruned.
    pub webhooks: Option<Duration>,
    /// How long an event is kept after it was delivered; for ever by default. Dead letters are never
    /// pruned.
    pub events: Option<Duration>,
    /// How long a router's attempt is kept after it ended; for ever by default. One at a payout that
    /// is not over, or in doubt, is never pruned.
    pub attempts: Option<Duration>,
    /// How long the history of an invoice or payout is kept after it was over; for ever by default.
    /// It says who settled and approved what, and why: export it first.
    pub history: Option<Duration>,
    /// How often [`Ledger::work`](crate::Ledger::work) looks for what to prune; every hour by
    /// default.
    pub every: Duration,
    /// How many rows are looked at in one transaction; 500 by default.
    pub batch: u32,
}

impl RetentionSettings {
    /// Everything is kept.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            webhooks: None,
            events: None,
            attempts: None,
            history: None,
            every: Duration::from_secs(60 * 60),
            batch: 500,
        }
    }

    /// Sets how long the content of a webhook is kept after it was taken in or dismissed. A ledger is
    /// not opened with less than 3 days (`Configuration`): a gateway may repeat a webhook that long.
    #[must_use]
    pub const fn with_webhooks(mut self, time: Duration) -> Self {
        self.webhooks = Some(time);
        self
    }

    /// Sets how long an event is kept after it was delivered.
    #[must_use]
    pub const fn with_events(mut self, time: Duration) -> Self {
        self.events = Some(time);
        self
    }

    /// Sets how long a router's attempt is kept after it ended, where its payment is over.
    #[must_use]
    pub const fn with_attempts(mut self, time: Duration) -> Self {
        self.attempts = Some(time);
        self
    }

    /// Sets how long the history of an invoice or payout is kept after it was over.
    #[must_use]
    pub const fn with_history(mut self, time: Duration) -> Self {
        self.history = Some(time);
        self
    }

    /// Sets how often [`Ledger::work`](crate::Ledger::work) looks for what to prune; every second at
    /// the most often.
    #[must_use]
    pub const fn with_every(mut self, time: Duration) -> Self {
        self.every = time;
        self
    }

    /// Sets how many rows are looked at in one transaction; 0 counts as 1.
    #[must_use]
    pub const fn with_batch(mut self, rows: u32) -> Self {
        self.batch = rows;
        self
    }

    pub(crate) fn keeps_everything(&self) -> bool {
        [self.webhooks, self.events, self.attempts, self.history]
            .iter()
            .all(Option::is_none)
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self.webhooks {
            Some(time) if time < WEBHOOKS_AT_LEAST => Err(Error::configuration(format!(
                "webhooks are to be kept for {time:?}; a gateway may repeat one that long and longer: \
                 keep them for {} days at least",
                WEBHOOKS_AT_LEAST.as_secs() / DAY.as_secs()
            ))),
            _ => Ok(()),
        }
    }
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self::new()
    }
}
