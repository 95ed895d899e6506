//! Settings of a router that come from a file.

#[cfg(feature = "toml")]
mod duration;
#[cfg(feature = "toml")]
mod toml;

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{Error, ProviderName};

use crate::health::{BreakerSettings, Limits};
use crate::rule::Rule;
use crate::strategy::Strategy;

/// Settings of a router that come from a file. What they name is looked up when the router is built.
#[derive(Debug, Clone, Default)]
pub struct RouterConfig {
    pub(crate) order: Option<Vec<(ProviderName, Place)>>,
    pub(crate) strategy: Option<Arc<dyn Strategy>>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) hedge_after: Option<Duration>,
    pub(crate) breaker: Option<BreakerChanges>,
    pub(crate) limits: Vec<(ProviderName, Place, Limits)>,
    pub(crate) weights: Vec<(ProviderName, Place, u32)>,
    pub(crate) rules: Vec<(Place, Rule)>,
}

/// What a file changes of a breaker's settings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BreakerChanges {
    pub(crate) failures: Option<u32>,
    pub(crate) error_percent: Option<u32>,
    pub(crate) minimum_calls: Option<u64>,
    pub(crate) window: Option<Duration>,
    pub(crate) open_for: Option<Duration>,
    pub(crate) longest_open: Option<Duration>,
}

impl BreakerChanges {
    pub(crate) fn over(self, settings: BreakerSettings) -> BreakerSettings {
        let mut changed = settings;
        changed.failures = self.failures.unwrap_or(settings.failures);
        changed.error_percent = self.error_percent.unwrap_or(settings.error_percent);
        changed.minimum_calls = self.minimum_calls.unwrap_or(settings.minimum_calls);
        changed.window = self.window.unwrap_or(settings.window);
        changed.open_for = self.open_for.unwrap_or(settings.open_for);
        changed.longest_open = self.longest_open.unwrap_or(settings.longest_open);
        changed
    }
}

/// Where a setting was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// By the program.
    Code,
    /// In a file.
    #[cfg(feature = "toml")]
    Line {
        /// Its name, for people.
        file: Arc<str>,
        /// From 1.
        line: usize,
    },
}

impl Place {
    /// What is wrong there, and what would be right.
    pub(crate) fn wrong(&self, message: &str) -> Error {
        Error::configuration(match self {
            Self::Code => message.to_owned(),
            #[cfg(feature = "toml")]
            Self::Line { file, line } => format!("{file}:{line}: {message}"),
        })
    }
}
