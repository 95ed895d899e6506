//! What PostgreSQL's codes mean for whoever runs it.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::{LedgerError, LedgerErrorKind};

pub(super) fn failed(error: Error) -> LedgerError {
    let Some(database) = error.as_db_error() else {
        // Without an answer from the server it was the connection.
        return LedgerError::new(
            LedgerErrorKind::Unreachable,
            format!(
                "the ledger's PostgreSQL cannot be reached ({})",
                told(&error)
            ),
        )
        .with_source(error);
    };
    let (kind, message) = meaning(database.code());
    LedgerError::new(kind, format!("{message} ({})", database.message())).with_source(error)
}

/// The error and what lies behind it, which its own text leaves out.
fn told(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn meaning(code: &SqlState) -> (LedgerErrorKind, &'static str) {
    match code.code().get(..2).unwrap_or_default() {
        // Connection exceptions; the server is stopping, starting or out of connections.
        "08" => return UNREACHABLE,
        "57" if *code != SqlState::QUERY_CANCELED => return UNREACHABLE,
        "28" => return NOT_LET_IN,
        _ => {}
    }
    if *code == SqlState::DISK_FULL {
        (
            LedgerErrorKind::DiskFull,
            "the disk of the ledger's PostgreSQL is full",
        )
    } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        (
            LedgerErrorKind::ReadOnly,
            "the ledger's PostgreSQL is read-only",
        )
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        UNREACHABLE
    } else if *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::QUERY_CANCELED
        || *code == SqlState::T_R_DEADLOCK_DETECTED
        || *code == SqlState::T_R_SERIALIZATION_FAILURE
        || *code == SqlState::UNIQUE_VIOLATION
    {
        (
            LedgerErrorKind::Busy,
            "others held the ledger's rows for too long",
        )
    } else if *code == SqlState::INVALID_CATALOG_NAME || *code == SqlState::INSUFFICIENT_PRIVILEGE {
        NOT_LET_IN
    } else {
        (LedgerErrorKind::Other, "the ledger's PostgreSQL failed")
    }
}

const UNREACHABLE: (LedgerErrorKind, &str) = (
    LedgerErrorKind::Unreachable,
    "the ledger's PostgreSQL takes no connection now",
);
const NOT_LET_IN: (LedgerErrorKind, &str) = (
    LedgerErrorKind::Permission,
    "the ledger's PostgreSQL does not let this user do this",
);

/// The same for a COMMIT: where no answer came, nobody knows whether it happened.
pub(super) fn while_committing(error: Error) -> LedgerError {
    let error = failed(error);
    if error.kind() != LedgerErrorKind::Unreachable {
        return error;
    }
    LedgerError::new(
        LedgerErrorKind::CommitUnknown,
        format!("a change to the ledger may be committed or not: {error}"),
    )
    .with_source(error)
}

/// Whether the same transaction may do better at once: somebody else was in its way.
pub(super) fn is_passing(error: &LedgerError) -> bool {
    let code = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<Error>())
        .and_then(Error::code);
    code.is_some_and(|code| {
        [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            // Two wrote the same key at once: the one that lost now finds it there.
            SqlState::UNIQUE_VIOLATION,
        ]
        .contains(code)
    })
}
