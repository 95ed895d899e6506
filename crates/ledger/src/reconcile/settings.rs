//! How the gateways are asked for what is open.

use std::collections::BTreeMap;
use std::time::Duration;

use paymux_core::ProviderName;

/// How the gateways are asked for what is open. Webhooks tell most of it sooner; this is for those
/// that never come.
///
/// ```
/// use paymux_ledger::PollSettings;
///
/// let poll = PollSettings::new()
///     .with_calls_per_minute(120)
///     .with_calls_per_minute_to("unipayment".parse().unwrap(), 30);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollSettings {
    /// How long after a change it is asked again; 60 s by default. While nothing changes this grows
    /// by half each time.
    pub first: Duration,
    /// The most that it grows to while an invoice or payout is open; 15 min by default.
    pub longest: Duration,
    /// The most that it grows to once an invoice is expired, canceled or invalid; 6 h by default.
    pub longest_closed: Duration,
    /// How long after its time to pay an invoice is still watched, since money may come late; 7 days
    /// by default.
    pub monitoring: Duration,
    /// How many questions each provider is asked in a minute, by all processes together; 300 by
    /// default.
    per_minute: u32,
    /// Where it is another number for one provider.
    per_minute_to: BTreeMap<ProviderName, u32>,
}

impl PollSettings {
    /// The settings that suit most applications.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            first: Duration::from_secs(60),
            longest: Duration::from_secs(15 * 60),
            longest_closed: Duration::from_secs(6 * 60 * 60),
            monitoring: Duration::from_secs(7 * 24 * 60 * 60),
            per_minute: 300,
            per_minute_to: BTreeMap::new(),
        }
    }

    /// Sets how long after a change it is asked again, and the most that this grows to.
    #[must_use]
    pub const fn with_intervals(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }

    /// Sets how long after its time to pay an invoice is still watched, and the longest time between
    /// two questions then.
    #[must_use]
    pub const fn with_monitoring(mut self, monitoring: Duration, longest_closed: Duration) -> Self {
        self.monitoring = monitoring;
        self.longest_closed = longest_closed;
        self
    }

    /// Sets how many questions each provider is asked in a minute, by all processes together.
    #[must_use]
    pub const fn with_calls_per_minute(mut self, calls: u32) -> Self {
        self.per_minute = calls;
        self
    }

    /// Sets how many questions one provider is asked in a minute, by all processes together.
    #[must_use]
    pub fn with_calls_per_minute_to(mut self, provider: ProviderName, calls: u32) -> Self {
        self.per_minute_to.insert(provider, calls);
        self
    }

    /// How many questions this provider is asked in a minute, by all processes together.
    #[must_use]
    pub fn calls_per_minute(&self, provider: &ProviderName) -> u32 {
        self.per_minute_to
            .get(provider)
            .copied()
            .unwrap_or(self.per_minute)
    }
}

impl Default for PollSettings {
    fn default() -> Self {
        Self::new()
    }
}
