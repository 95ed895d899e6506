//! The user's own ledger: a file in the state directory, as the XDG base directories have it.

use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};

/// Within the state directory.
const FILE: &str = "paymux/ledger.db";

/// The file. It need not be there yet.
///
/// # Errors
/// Why there is no place for it.
pub(super) fn path() -> Result<PathBuf, String> {
    // The home of the user database is not taken in its place: a service without a home of its own would
    // write into one that nobody looks at.
    if cfg!(unix) && !is_absolute("XDG_STATE_HOME") && !is_absolute("HOME") {
        return Err("there is no home folder to keep it in: HOME is not set".to_owned());
    }
    let strategy =
        choose_base_strategy().map_err(|_| "there is no home folder to keep it in".to_owned())?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(folder.join(FILE))
}

fn is_absolute(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|path| PathBuf::from(path).is_absolute())
}
