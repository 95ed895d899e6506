//! The gateway's codes as kinds of errors.
//!
//! The page of codes is not published with the endpoints, so nothing is mapped by default: a code
//! that is not in the table is [`ErrorKind::Refused`], with the code in the error. Whoever knows
//! what a code means adds it.

use std::collections::BTreeMap;

use paymux_core::ErrorKind;

/// What the gateway's non-zero codes mean.
///
/// ```
/// use paymux_core::ErrorKind;
/// use paymux_native_checkout::ErrorCodes;
///
/// let codes = ErrorCodes::new().with_code(1004, ErrorKind::NotFound);
/// assert_eq!(codes.kind(1004), Some(ErrorKind::NotFound));
/// assert_eq!(codes.kind(1005), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorCodes(BTreeMap<i64, ErrorKind>);

impl ErrorCodes {
    /// No code is mapped.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Maps a code, instead of what it was mapped to before.
    #[must_use]
    pub fn with_code(mut self, code: i64, kind: ErrorKind) -> Self {
        self.0.insert(code, kind);
        self
    }

    /// What a code means, where that is known.
    #[must_use]
    pub fn kind(&self, code: i64) -> Option<ErrorKind> {
        self.0.get(&code).copied()
    }
}
