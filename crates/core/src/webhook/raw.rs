//! What came over the wire.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// A webhook exactly as it came over the wire. Nothing in it is believed yet.
///
/// ```
/// use paymux_core::RawWebhook;
///
/// let webhook = RawWebhook::new(b"{}".to_vec())
///     .with_path_and_query("/webhooks/native-checkout?paymux_ref=ref-1")
///     .with_header("X-Sign", "ab12");
/// assert_eq!(webhook.single_header("x-sign").unwrap(), Some("ab12"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawWebhook {
    method: String,
    path_and_query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    received_at: DateTime<Utc>,
}

impl RawWebhook {
    /// A webhook with this body, posted to `/` just now.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST".to_owned(),
            path_and_query: "/".to_owned(),
            headers: Vec::new(),
            body: body.into(),
            received_at: Utc::now(),
        }
    }

    /// Sets the HTTP method.
    #[must_use]
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// Sets path and query, as they stood in the request line.
    #[must_use]
    pub fn with_path_and_query(mut self, path_and_query: impl Into<String>) -> Self {
        self.path_and_query = path_and_query.into();
        self
    }

    /// Adds a header. The same name may be added twice: verification sees that.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets when it was received, UTC. Time windows are checked against this.
    #[must_use]
    pub const fn with_received_at(mut self, received_at: DateTime<Utc>) -> Self {
        self.received_at = received_at;
        self
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Whether it is a POST, as every webhook is.
    ///
    /// # Errors
    /// `InvalidSignature` for another method.
    pub fn check_post(&self) -> Result<()> {
        if self.method == "POST" {
            return Ok(());
        }
        Err(Error::invalid_signature(
            "a webhook of this gateway is a POST",
        ))
    }

    /// Path and query, as they stood in the request line.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The query, still encoded; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.path_and_query
            .split_once('?')
            .map_or("", |(_, query)| query)
    }

    /// Every header, in the order of arrival.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// When it was received, UTC.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// The value of a header that proof depends on; names are compared in any case.
    ///
    /// # Errors
    /// `InvalidSignature` when it is there more than once, or is not visible ASCII.
    pub fn single_header(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Error::invalid_signature(format!(
                "the header {name} is there more than once; a gateway sends it once"
            )));
        }
        std::str::from_utf8(value)
            .ok()
            .filter(|text| text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)))
            .map(Some)
            .ok_or_else(|| {
                Error::invalid_signature(format!("the header {name} is not plain ASCII"))
            })
    }
}

impl fmt::Debug for RawWebhook {
    /// The body and the headers' values may hold a payer's data: only their sizes and names show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        f.debug_struct("RawWebhook")
            .field("method", &self.method)
            .field("path", &path)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_doubled_header_is_refused_in_any_spelling() {
        let webhook = RawWebhook::new("{}")
            .with_header("X-Sign", "aa")
            .with_header("x-sign", "aa");
        let error = webhook.single_header("X-SIGN").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature);
        assert_eq!(webhook.single_header("X-Appid").unwrap(), None);
        let binary = RawWebhook::new("").with_header("X-Sign", vec![0xff, 0x00]);
        assert!(binary.single_header("x-sign").is_err());
    }

    #[test]
    fn only_a_post_is_a_webhook() {
        assert!(RawWebhook::new("").check_post().is_ok());
        for method in ["GET", "PUT", "post", ""] {
            let webhook = RawWebhook::new("").with_method(method);
            let error = webhook.check_post().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{method}");
        }
    }

    #[test]
    fn debug_shows_no_payload() {
        let webhook = RawWebhook::new("{\"payer\":\"jane@example.org\"}")
            .with_path_and_query("/hook?paymux_ref=secret-ref")
            .with_header("Authorization", "Bearer abc");
        let shown = format!("{webhook:?}");
        for hidden in ["jane", "secret-ref", "abc"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert_eq!(webhook.query(), "paymux_ref=secret-ref");
    }
}
