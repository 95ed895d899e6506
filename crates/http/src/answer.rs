//! What a gateway answered.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{Error, Result};
use reqwest::header::{DATE, HeaderMap};

/// An answer with status 2xx or 4xx, read to its end.
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) received_at: DateTime<Utc>,
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The body, byte for byte.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// When it was received by the transport's clock, UTC.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// Whether a header is there, in any case of its name.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The value of a header that proof depends on.
    ///
    /// # Errors
    /// `InvalidSignature` when it is there more than once, or is not visible ASCII.
    pub fn single_header(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(Error::invalid_signature(format!(
                "the answer has the header {name} more than once; a gateway sends it once"
            ))),
            (Some(value), None) => value.to_str().map(Some).map_err(|_| {
                Error::invalid_signature(format!("the answer's header {name} is not plain ASCII"))
            }),
        }
    }

    /// How far this machine's clock is ahead of the gateway's, by the answer's `Date`. Whole seconds
    /// count; the time that the answer took is in it.
    #[must_use]
    pub fn clock_ahead_by(&self) -> Option<TimeDelta> {
        let date = self.headers.get(DATE)?.to_str().ok()?;
        Some(self.received_at - http_date(date)?)
    }

    /// Why the body cannot be JSON, told without repeating it.
    #[must_use]
    pub fn describe_body(&self) -> String {
        match self.body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => "the answer is empty".to_owned(),
            Some(b'{' | b'[') => {
                format!("the answer is no complete JSON ({} bytes)", self.body.len())
            }
            Some(first) if first.is_ascii_graphic() => format!(
                "the answer is not JSON (starts with {:?})",
                char::from(*first)
            ),
            Some(_) => "the answer is not JSON (starts with a binary byte)".to_owned(),
        }
    }
}

/// A date of HTTP (RFC 9110, 5.6.7) in the form that senders have to use.
pub(crate) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim())
        .ok()
        .map(|date| date.to_utc())
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &'static str) -> Answer {
        Answer {
            status: 200,
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
            received_at: "1994-11-06T08:54:37Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_clock_is_compared_with_the_gateways() {
        let mut answer = answer("{}");
        assert_eq!(answer.clock_ahead_by(), None);
        answer
            .headers
            .insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        assert_eq!(answer.clock_ahead_by(), Some(TimeDelta::seconds(300)));
    }

    #[test]
    fn a_body_is_described_and_not_repeated() {
        for (body, says) in [
            ("<html>canary", "the answer is not JSON (starts with '<')"),
            ("", "the answer is empty"),
            (" \n", "the answer is empty"),
            ("{\"canary", "the answer is no complete JSON (8 bytes)"),
            (
                "\u{1}canary",
                "the answer is not JSON (starts with a binary byte)",
            ),
        ] {
            assert_eq!(answer(body).describe_body(), says);
        }
    }

    #[test]
    fn a_doubled_header_proves_nothing() {
        let mut answer = answer("{}");
        answer.headers.append("x-sign", "a".parse().unwrap());
        assert_eq!(answer.single_header("X-Sign").unwrap(), Some("a"));
        answer.headers.append("x-sign", "a".parse().unwrap());
        assert!(answer.single_header("X-Sign").is_err());
    }
}
