//! A gateway's codes as kinds of errors.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::error::ErrorKind;

/// What a gateway's error codes mean. A code is text or a number; a number is known by its digits.
///
/// A code that is not in the table is [`ErrorKind::Refused`], unless the answer tells more, such as by
/// its HTTP status.
///
/// ```
/// use paymux_core::ErrorKind;
/// use paymux_core::adapter::ErrorCodes;
///
/// let codes = ErrorCodes::new()
///     .with_code(1004, ErrorKind::NotFound)
///     .with_code("TOO_MANY_REQUESTS", ErrorKind::RateLimited);
/// assert_eq!(codes.kind(1004), Some(ErrorKind::NotFound));
/// assert_eq!(codes.kind("TOO_MANY_REQUESTS"), Some(ErrorKind::RateLimited));
/// assert_eq!(codes.kind(1005), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorCodes(BTreeMap<String, ErrorKind>);

impl ErrorCodes {
    /// No code is mapped.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Maps a code, instead of what it was mapped to before.
    #[must_use]
    pub fn with_code(mut self, code: impl Display, kind: ErrorKind) -> Self {
        self.0.insert(code.to_string(), kind);
        self
    }

    /// What a code means, where that is known.
    #[must_use]
    pub fn kind(&self, code: impl Display) -> Option<ErrorKind> {
        self.0.get(&code.to_string()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_mapping_counts_and_codes_are_compared_exactly() {
        let codes = ErrorCodes::new()
            .with_code("GONE", ErrorKind::Refused)
            .with_code("GONE", ErrorKind::NotFound)
            .with_code(-7, ErrorKind::Duplicate);
        assert_eq!(codes.kind("GONE"), Some(ErrorKind::NotFound));
        assert_eq!(codes.kind("gone"), None);
        assert_eq!(codes.kind(-7), Some(ErrorKind::Duplicate));
        assert_eq!(codes.kind("-7"), Some(ErrorKind::Duplicate));
        assert_eq!(codes.kind(7), None);
    }
}
