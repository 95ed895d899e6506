//! The file of a database: made for its owner alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{LedgerError, LedgerErrorKind};

/// Makes the file with mode 0600 where there is none, and folders with mode 0700. SQLite gives the
/// files that it puts beside it the same mode.
pub(super) fn make(path: &Path) -> Result<(), LedgerError> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let mut folders = DirBuilder::new();
        folders.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        folders
            .create(folder)
            .map_err(|error| cannot_make(folder, error))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(cannot_make(path, error)),
    }
}

fn cannot_make(path: &Path, error: std::io::Error) -> LedgerError {
    let kind = match error.kind() {
        ErrorKind::PermissionDenied => LedgerErrorKind::Permission,
        ErrorKind::ReadOnlyFilesystem => LedgerErrorKind::ReadOnly,
        ErrorKind::StorageFull => LedgerErrorKind::DiskFull,
        _ => LedgerErrorKind::Unreachable,
    };
    LedgerError::new(kind, format!("{} cannot be made ({error})", path.display()))
        .with_source(error)
}

/// The same failure with the file's name.
pub(super) fn cannot_open(path: &Path, error: LedgerError) -> LedgerError {
    LedgerError::new(error.kind(), format!("{}: {error}", path.display())).with_source(error)
}
