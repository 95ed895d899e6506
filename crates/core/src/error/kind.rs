//! What went wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong, named by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself is wrong; sending it again changes nothing.
    InvalidRequest,
    /// The gateway does not accept these credentials, or the clock that signed the request.
    Authentication,
    /// The credentials are good, but may not do this.
    Permission,
    /// The gateway knows no such invoice, payout or asset.
    NotFound,
    /// The gateway already has a request under this order id or reference.
    Duplicate,
    /// Another, different request was made under the same order id or reference.
    Conflict,
    /// The same request is being carried out right now.
    InProgress,
    /// The account holds too little for this payout and its fees.
    InsufficientFunds,
    /// Too many requests; see [`Error::retry_after`](crate::Error::retry_after).
    RateLimited,
    /// The gateway said no with a code that no table maps; see [`Error::code`](crate::Error::code).
    Refused,
    /// This provider cannot do what was asked (a power it lacks, a term it cannot honour).
    Unsupported,
    /// The gateway could not be reached, or answered that it is out of order.
    Unavailable,
    /// No answer came in time.
    Timeout,
    /// An answer came that cannot be understood.
    InvalidResponse,
    /// The answer is readable but is not what was asked for (amount, asset, order).
    Mismatch,
    /// A signature or another proof is missing or wrong.
    InvalidSignature,
    /// The provider is not set up properly (missing key, wrong base URL).
    Configuration,
}

impl ErrorKind {
    /// The kind in snake_case, as JSON spells it.
    ///
    /// ```
    /// assert_eq!(paymux_core::ErrorKind::InsufficientFunds.as_str(), "insufficient_funds");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::InProgress => "in_progress",
            Self::InsufficientFunds => "insufficient_funds",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::InvalidResponse => "invalid_response",
            Self::Mismatch => "mismatch",
            Self::InvalidSignature => "invalid_signature",
            Self::Configuration => "configuration",
        }
    }

    /// Whether a call that changes nothing may do better when it is made again a little later.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Unavailable | Self::Timeout | Self::RateLimited | Self::InProgress
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_spell_themselves_as_serde_does() {
        for kind in [
            ErrorKind::InvalidRequest,
            ErrorKind::InvalidSignature,
            ErrorKind::InProgress,
            ErrorKind::Unavailable,
        ] {
            assert_eq!(
                serde_json::to_string(&kind).unwrap(),
                format!("\"{}\"", kind.as_str())
            );
        }
    }
}
