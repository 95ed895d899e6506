//! How long to wait, how much to read, how often to try.

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{Clock, TokioClock};

/// How a [`Transport`](crate::Transport) behaves.
///
/// ```
/// use std::time::Duration;
/// use paymux_http::{RetryConfig, TransportConfig};
///
/// let config = TransportConfig::default()
///     .with_timeout(Duration::from_secs(15))
///     .with_retry(RetryConfig::never());
/// assert_eq!(config.connect_timeout, Duration::from_secs(10));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TransportConfig {
    /// How long DNS, connecting and the TLS handshake may take. 10 s by default.
    pub connect_timeout: Duration,
    /// How long one attempt may take in all, reading the answer included. 30 s by default.
    pub timeout: Duration,
    /// The most bytes of an answer's body that are read. 4 MiB by default.
    pub body_cap: usize,
    /// How long an unused connection is kept. 15 s by default: gateways close theirs without notice,
    /// and a call that creates something and meets a closed connection has outcome `Unknown`.
    pub idle_timeout: Duration,
    /// How often a call that changes nothing is tried. Others are tried once.
    pub retry: RetryConfig,
    /// The `User-Agent`. `paymux/VERSION` by default.
    pub user_agent: String,
    /// What time requests are signed at, and what waits between two attempts.
    pub clock: Arc<dyn Clock>,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            body_cap: 4 * 1024 * 1024,
            idle_timeout: Duration::from_secs(15),
            retry: RetryConfig::default(),
            user_agent: concat!("paymux/", env!("CARGO_PKG_VERSION")).to_owned(),
            clock: Arc::new(TokioClock),
        }
    }
}

impl TransportConfig {
    /// Sets how long DNS, connecting and the TLS handshake may take.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long one attempt may take in all.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the most bytes of an answer's body that are read.
    #[must_use]
    pub const fn with_body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Sets how long an unused connection is kept.
    #[must_use]
    pub const fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how often a call that changes nothing is tried.
    #[must_use]
    pub const fn with_retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the `User-Agent`.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

/// How often a call that changes nothing is tried, and how long is waited in between: a random time
/// up to `base`, then up to twice as much, and so on up to `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// How often it is tried in all. 3 by default.
    pub attempts: u32,
    /// The most that is waited before the second attempt. 200 ms by default.
    pub base: Duration,
    /// The most that is waited before any attempt. 5 s by default.
    pub cap: Duration,
    /// The longest `Retry-After` that is waited for; with a longer one the call fails at once and
    /// the error tells it. 30 s by default.
    pub longest_retry_after: Duration,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            longest_retry_after: Duration::from_secs(30),
        }
    }
}

impl RetryConfig {
    /// One attempt and no more.
    #[must_use]
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// Sets how often a call is tried in all; 0 counts as 1.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the most that is waited before the second attempt and before any.
    #[must_use]
    pub const fn with_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets the longest `Retry-After` that is waited for.
    #[must_use]
    pub const fn with_longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }
}
