//! How much a sender may ask of the receiver.

use std::time::Duration;

/// How much a sender may ask of the receiver. Anybody can post to it.
///
/// ```
/// use std::time::Duration;
/// use paymux_checkout::WebhookSettings;
///
/// let settings = WebhookSettings::new()
///     .with_body_limit(64 * 1024)
///     .with_body_timeout(Duration::from_secs(5));
/// assert_eq!(settings.body_limit, 65_536);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookSettings {
    /// How many bytes a webhook's body may have; 1 MiB by default. A longer one is answered with 413.
    pub body_limit: usize,
    /// How long the whole body may take to arrive once the headers are there; 10 s by default. A
    /// slower one is answered with 408. How long the headers may take is the server's to say.
    pub body_timeout: Duration,
    /// How long the ledger may take to answer `/health`; 5 s by default. After that it is 503.
    pub health_timeout: Duration,
}

impl WebhookSettings {
    /// The settings that suit most applications.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            body_limit: 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            health_timeout: Duration::from_secs(5),
        }
    }

    /// Sets how many bytes a webhook's body may have.
    #[must_use]
    pub const fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets how long the whole body may take to arrive.
    #[must_use]
    pub const fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Sets how long the ledger may take to answer `/health`.
    #[must_use]
    pub const fn with_health_timeout(mut self, timeout: Duration) -> Self {
        self.health_timeout = timeout;
        self
    }
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self::new()
    }
}
