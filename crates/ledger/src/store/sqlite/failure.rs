//! What SQLite's codes mean for whoever runs it.

use rusqlite::{Error, ErrorCode};

use crate::error::{LedgerError, LedgerErrorKind};

pub(super) fn failed(error: Error) -> LedgerError {
    let (kind, message) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (
            LedgerErrorKind::DiskFull,
            "the ledger's disk is full, or its file has reached its limit",
        ),
        Some(ErrorCode::ReadOnly) => (
            LedgerErrorKind::ReadOnly,
            "the ledger's database is read-only",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            LedgerErrorKind::Busy,
            "another process held the ledger's database for too long",
        ),
        Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => (
            LedgerErrorKind::Permission,
            "the ledger's database may not be used by this user",
        ),
        Some(ErrorCode::CannotOpen) => (
            LedgerErrorKind::Unreachable,
            "the ledger's database cannot be opened",
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => (
            LedgerErrorKind::Damaged,
            "the ledger's file is damaged, or is no SQLite database",
        ),
        Some(ErrorCode::SystemIoFailure) => (
            LedgerErrorKind::Damaged,
            "the disk of the ledger's database fails",
        ),
        _ => (LedgerErrorKind::Other, "the ledger's database failed"),
    };
    LedgerError::new(kind, format!("{message} ({error})")).with_source(error)
}
