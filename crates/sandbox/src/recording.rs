//! What the gateways were asked, kept for tests to count and compare.

use std::fmt;
use std::sync::Mutex;

use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::capped_log::CappedLog;
use crate::faults::RequestFault;
use crate::lock::lock;

/// A call that reached a gateway of the sandbox.
///
/// `Debug` shows neither signatures nor the body, which may hold a one-time code.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query without its question mark, where there was one.
    pub query: Option<String>,
    /// The headers in the order of arrival, names in lower case; bytes that are not UTF-8 replaced.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// When the whole request was there, by the gateway's clock in UTC.
    pub received_at: DateTime<Utc>,
    /// The fault of the script that struck it.
    pub fault: Option<RequestFault>,
    /// What became of it.
    pub outcome: RequestOutcome,
    /// The `code` of the answer's envelope as text, where it has one: `0`, `OK`.
    pub answer_code: Option<String>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestOutcome {
    /// It is still being worked on.
    Pending,
    /// It was answered, rightly or as a fault had it.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Whether the gateway itself saw the call.
        worked: bool,
        /// The `code` of the answer's envelope, where it has one that is an integer.
        code: Option<i64>,
    },
    /// The connection was cut without an answer.
    Cut {
        /// Whether the gateway itself saw the call.
        worked: bool,
    },
}

impl RecordedRequest {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &without_secrets(&self.headers))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("received_at", &self.received_at)
            .field("fault", &self.fault)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// The headers with what proves a caller blotted out, for `Debug`.
pub(crate) fn without_secrets(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    const SECRET: [&str; 4] = ["x-sign", "authorization", "hmac-signature", "cookie"];
    let shown = headers.iter().map(|(name, value)| {
        let secret = SECRET.iter().any(|known| name.eq_ignore_ascii_case(known));
        (name.as_str(), if secret { "[redacted]" } else { value })
    });
    shown.collect()
}

/// The headers as pairs, in the order of arrival.
pub(crate) fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

#[derive(Debug, Default)]
pub(crate) struct Recorder {
    kept: Mutex<CappedLog<RecordedRequest>>,
}

/// Where a request stands in the record, if it was not forgotten meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordPlace(u64);

impl Recorder {
    pub(crate) fn note(
        &self,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
        body: Bytes,
        received_at: DateTime<Utc>,
        fault: Option<RequestFault>,
    ) -> RecordPlace {
        let number = lock(&self.kept).push(RecordedRequest {
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
            headers: header_pairs(headers),
            body,
            received_at,
            fault,
            outcome: RequestOutcome::Pending,
            answer_code: None,
        });
        RecordPlace(number)
    }

    pub(crate) fn conclude(&self, place: RecordPlace, outcome: RequestOutcome) {
        if let Some(request) = lock(&self.kept).get_mut(place.0) {
            request.outcome = outcome;
        }
    }

    pub(crate) fn note_code(&self, place: RecordPlace, code: Option<String>) {
        if let Some(request) = lock(&self.kept).get_mut(place.0) {
            request.answer_code = code;
        }
    }

    pub(crate) fn keep_at_most(&self, requests: usize) {
        lock(&self.kept).shed(requests);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.kept).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.kept).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_from_before_a_clearing_is_dropped() {
        let recorder = Recorder::default();
        let note = |path: &'static str| {
            let uri = Uri::from_static(path);
            let head = (&Method::POST, &uri, &HeaderMap::new());
            recorder.note(head, Bytes::new(), Utc::now(), None)
        };
        let early = note("/early");
        recorder.clear();
        let late = note("/late");
        recorder.conclude(early, RequestOutcome::Cut { worked: true });
        assert_eq!(recorder.all()[0].outcome, RequestOutcome::Pending);
        recorder.conclude(late, RequestOutcome::Cut { worked: false });
        assert_eq!(
            recorder.all()[0].outcome,
            RequestOutcome::Cut { worked: false }
        );
    }
}
