//! The table `[ledger.retention]` of the config file: how long is kept what nothing depends on any more.
//!
//! ```toml
//! [ledger.retention]
//! webhooks = "90d"
//! events = "30d"
//! attempts = "90d"
//! history = "366d"
//! ```

use paymux::Result;
use paymux::ledger::RetentionSettings;
use toml::de::DeTable;

use super::config_file::{Source, string};
use crate::args::time;

pub(super) const FORM: &str = "write retention as a table [ledger.retention]";

/// Reads the table. Whether a time is long enough is for the ledger to say.
///
/// # Errors
/// `Configuration` that names file, line and what would be right.
pub(super) fn read(source: &Source<'_>, members: &DeTable<'_>) -> Result<RetentionSettings> {
    let mut retention = RetentionSettings::new();
    for (key, value) in members {
        let (span, text) = string(source, key, value)?;
        let kept = time(text).map_err(|why| source.error(span, &why))?;
        retention = match key.get_ref().as_ref() {
            "webhooks" => retention.with_webhooks(kept),
            "events" => retention.with_events(kept),
            "attempts" => retention.with_attempts(kept),
            "history" => retention.with_history(kept),
            other => {
                let message = format!(
                    "there is no {other:?} to keep; there are webhooks, events, attempts and history"
                );
                return Err(source.error(key.span(), &message));
            }
        };
    }
    Ok(retention)
}
