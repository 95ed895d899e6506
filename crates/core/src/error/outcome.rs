//! Whether a failed call may have been carried out.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a failed call may have been carried out all the same.
///
/// | what happened to a call that creates something | outcome |
/// |---|---|
/// | bad input, missing configuration, DNS, connect or TLS failure; a call before it failed | `NotSent` |
/// | HTTP 4xx (429 too), or 200 with a code that says no | `Rejected` |
/// | timeout, connection cut, 3xx, 5xx, unreadable or mismatching answer | `Unknown` |
///
/// A call that changes nothing is `Rejected` where the gateway said no and `NotSent` otherwise:
/// there is nothing that it could have carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing reached the gateway that it could have carried out. Safe to send again or elsewhere.
    NotSent,
    /// The gateway said no. It was not carried out.
    Rejected,
    /// It may have been carried out. Never send it again: find out first.
    Unknown,
}

impl Outcome {
    /// The outcome in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
