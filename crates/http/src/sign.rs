//! Authentication of one attempt.

use std::fmt;

use chrono::{DateTime, Utc};
use paymux_core::Result;
use url::Url;

use crate::request::Method;

/// What there is to sign: exactly what is about to be sent.
pub struct Unsigned<'a> {
    /// The HTTP method.
    pub method: Method,
    /// The whole URL, with its query.
    pub url: &'a Url,
    /// The body, byte for byte; empty where there is none.
    pub body: &'a [u8],
    /// The time of this attempt, UTC.
    pub now: DateTime<Utc>,
}

impl fmt::Debug for Unsigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsigned")
            .field("method", &self.method)
            .field("path", &self.url.path())
            .field("body_bytes", &self.body.len())
            .field("now", &self.now)
            .finish()
    }
}

/// Makes the headers that authenticate an attempt. Asked anew for every attempt, so that times and
/// nonces are fresh.
pub trait Sign: Send + Sync {
    /// The headers to add.
    ///
    /// # Errors
    /// When there is nothing to sign with. Nothing is sent then.
    fn sign(&self, unsigned: &Unsigned<'_>) -> Result<Vec<Header>>;
}

impl<F> Sign for F
where
    F: Fn(&Unsigned<'_>) -> Result<Vec<Header>> + Send + Sync,
{
    fn sign(&self, unsigned: &Unsigned<'_>) -> Result<Vec<Header>> {
        self(unsigned)
    }
}

/// A header of a request.
#[derive(Clone)]
pub struct Header {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) is_secret: bool,
}

impl Header {
    /// A header that anybody may see.
    #[must_use]
    pub fn plain(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            is_secret: false,
        }
    }

    /// A header whose value shows nowhere: a signature, a token.
    #[must_use]
    pub fn secret(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            is_secret: true,
        }
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret {
            "[REDACTED]"
        } else {
            &self.value
        };
        f.debug_tuple("Header")
            .field(&self.name)
            .field(&value)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_header_is_not_shown() {
        assert!(!format!("{:?}", Header::secret("x-sign", "canary")).contains("canary"));
        assert!(format!("{:?}", Header::plain("x-appid", "app")).contains("app"));
    }
}
