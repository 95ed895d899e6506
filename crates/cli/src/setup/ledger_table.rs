//! The table `[ledger]` of the config file.

use paymux::Result;
use paymux::ledger::{PayoutLimits, RetentionSettings};
use toml::de::{DeTable, DeValue};

use super::config_file::Source;
use super::{payout_limits, retention};

/// What a config file says about the ledger.
#[derive(Debug, Clone, Default)]
pub(crate) struct LedgerTable {
    /// Above which amounts a payout waits for a second person.
    pub(crate) limits: PayoutLimits,
    /// How long is kept what nothing depends on any more.
    pub(crate) retention: RetentionSettings,
}

/// Reads the table.
///
/// # Errors
/// `Configuration` that names file, line and what would be right.
pub(super) fn read(source: &Source<'_>, table: &DeTable<'_>) -> Result<LedgerTable> {
    let mut ledger = LedgerTable::default();
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("limits", DeValue::Table(assets)) => {
                ledger.limits = payout_limits::read(source, assets)?;
            }
            ("retention", DeValue::Table(members)) => {
                ledger.retention = retention::read(source, members)?;
            }
            ("limits", _) => return Err(source.error(key.span(), payout_limits::FORM)),
            ("retention", _) => return Err(source.error(key.span(), retention::FORM)),
            (other, _) => {
                let message = format!(
                    "there is no {other:?}; the ledger has tables [ledger.limits.\"SYMBOL@NETWORK\"] and \
                     [ledger.retention]"
                );
                return Err(source.error(key.span(), &message));
            }
        }
    }
    Ok(ledger)
}
