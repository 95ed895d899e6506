//! The gateway's codes as kinds of errors.
//!
//! No list of codes is published, so nothing is mapped by default: a code that is not in the table
//! is judged by the HTTP status, and is [`ErrorKind::Refused`] where that says nothing. Whoever knows
//! what a code means adds it.

use std::collections::BTreeMap;

use paymux_core::ErrorKind;

/// What the gateway's codes other than `OK` mean.
///
/// ```
/// use paymux_core::ErrorKind;
/// use paymux_unipayment::ErrorCodes;
///
/// let codes = ErrorCodes::new().with_code("INVOICE_NOT_FOUND", ErrorKind::NotFound);
/// assert_eq!(codes.kind("INVOICE_NOT_FOUND"), Some(ErrorKind::NotFound));
/// assert_eq!(codes.kind("SOMETHING_ELSE"), None);
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
    pub fn with_code(mut self, code: impl Into<String>, kind: ErrorKind) -> Self {
        self.0.insert(code.into(), kind);
        self
    }

    /// What a code means, where that is known.
    #[must_use]
    pub fn kind(&self, code: &str) -> Option<ErrorKind> {
        self.0.get(code).copied()
    }
}
