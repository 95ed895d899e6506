//! What the database could not do.

use std::borrow::Cow;
use std::fmt;

use paymux_core::{Error, ErrorKind, Outcome};

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What went wrong with the database, named by what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LedgerErrorKind {
    /// The URL names no database that this build can open.
    Url,
    /// There is no room left, on the disk or in the file's own limit.
    DiskFull,
    /// The database takes no writes: a read-only file, a standby, `default_transaction_read_only`.
    ReadOnly,
    /// Others held it for longer than the ledger waits.
    Busy,
    /// It cannot be reached, or the connection broke before anything was committed.
    Unreachable,
    /// The connection broke while a change was being committed: it may be there or not.
    CommitUnknown,
    /// It does not let this user in, or not do this.
    Permission,
    /// Its schema is newer than this version, or is not what this version wrote.
    Schema,
    /// What is stored cannot be read back.
    Unreadable,
    /// The disk or the file is damaged.
    Damaged,
    /// The ledger was closed.
    Closed,
    /// Another failure; see the source.
    Other,
}

impl LedgerErrorKind {
    /// The kind in snake_case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::CommitUnknown => "commit_unknown",
            Self::Permission => "permission",
            Self::Schema => "schema",
            Self::Unreadable => "unreadable",
            Self::Damaged => "damaged",
            Self::Closed => "closed",
            Self::Other => "other",
        }
    }

    const fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::Url => {
                "use sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/database"
            }
            Self::DiskFull => "make room and call again; nothing that was stored is lost",
            Self::ReadOnly => {
                "make the database writable (the file and its folder; or the server's \
                 default_transaction_read_only) and call again; nothing that was stored is lost"
            }
            Self::Busy => "call again; if it lasts, look for who holds the database",
            Self::Unreachable => "see that the database runs and can be reached, and call again",
            Self::CommitUnknown => "call again with the same reference: nothing is done twice",
            Self::Permission => "check user and password, and that the user owns the tables",
            Self::Schema => "run the newest paymux that this database was used with",
            Self::Damaged => "keep the files as they are and restore the newest backup",
            Self::Unreadable | Self::Closed | Self::Other => return None,
        })
    }

    const fn core_kind(self) -> ErrorKind {
        match self {
            Self::Url | Self::Permission | Self::Schema => ErrorKind::Configuration,
            Self::Unreadable => ErrorKind::InvalidResponse,
            Self::DiskFull
            | Self::ReadOnly
            | Self::Busy
            | Self::Unreachable
            | Self::CommitUnknown
            | Self::Damaged
            | Self::Closed
            | Self::Other => ErrorKind::Unavailable,
        }
    }
}

impl fmt::Display for LedgerErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the database could not do. Methods of the ledger fail with core's
/// [`Error`], whose source this is where the database was the cause:
///
/// ```
/// use std::error::Error as _;
/// use paymux_ledger::{LedgerError, LedgerErrorKind};
///
/// fn is_full(error: &paymux_core::Error) -> bool {
///     error
///         .source()
///         .and_then(|source| source.downcast_ref::<LedgerError>())
///         .is_some_and(|error| error.kind() == LedgerErrorKind::DiskFull)
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LedgerError {
    kind: LedgerErrorKind,
    message: Cow<'static, str>,
    #[source]
    source: Option<Source>,
}

impl LedgerError {
    pub(crate) fn new(kind: LedgerErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn unreadable(what: impl fmt::Display) -> Self {
        Self::new(
            LedgerErrorKind::Unreadable,
            format!("the ledger holds something that it cannot read: {what}"),
        )
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> LedgerErrorKind {
        self.kind
    }
}

/// Nothing was sent: the ledger writes before it lets anything be sent.
impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        let mut core = Self::new(
            error.kind.core_kind(),
            Outcome::NotSent,
            error.message.clone(),
        );
        if let Some(hint) = error.kind.hint() {
            core = core.with_hint(hint);
        }
        core.with_source(error)
    }
}

/// Why a transaction is rolled back: the database failed, or it holds a reason to refuse.
#[derive(Debug)]
pub(crate) enum Failure {
    Database(LedgerError),
    Refused(Error),
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => error.into(),
            Failure::Refused(error) => error,
        }
    }
}

/// The result of what runs inside a transaction.
pub(crate) type Stored<T> = std::result::Result<T, Failure>;
