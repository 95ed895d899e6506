//! What is asked of a gateway.

use std::fmt;

use bytes::Bytes;
use paymux_core::{Error, Outcome, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Whether a call changes something at the gateway. It decides everything about retries and about
/// what a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It changes nothing and may be asked again.
    Read,
    /// It makes something (an invoice, a payout) and is sent once.
    Create,
}

impl Effect {
    /// What is known of a call that was sent and got no answer that can be understood: one that
    /// creates may have been carried out, one that changes nothing has nothing to carry out.
    #[must_use]
    pub const fn unanswered(self) -> Outcome {
        match self {
            Self::Read => Outcome::NotSent,
            Self::Create => Outcome::Unknown,
        }
    }
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

impl Method {
    /// The method as it stands in the request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) const fn of_reqwest(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

/// All but the unreserved characters of RFC 3986: signatures over a URL differ where two ends encode
/// differently, and this is the form that leaves no choice.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn percent_encoded(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, RESERVED)
}

/// A call to a gateway, not signed yet.
#[derive(Clone)]
pub struct Request {
    pub(crate) operation: &'static str,
    pub(crate) effect: Effect,
    pub(crate) method: Method,
    path: &'static str,
    segments: Vec<String>,
    ends_in_slash: bool,
    query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
}

#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}

impl Request {
    /// A call without query and body. `operation` names it in errors and logs (`create_invoice`);
    /// `path` starts with a slash.
    #[must_use]
    pub const fn new(
        operation: &'static str,
        effect: Effect,
        method: Method,
        path: &'static str,
    ) -> Self {
        Self {
            operation,
            effect,
            method,
            path,
            segments: Vec::new(),
            ends_in_slash: false,
            query: Vec::new(),
            body: None,
        }
    }

    /// Appends a segment to the path, such as an id. It is percent-encoded.
    #[must_use]
    pub fn with_path_segment(mut self, segment: impl Into<String>) -> Self {
        self.segments.push(segment.into());
        self
    }

    /// Ends the path in a slash, after whatever segments it has: to some servers that is another
    /// resource.
    #[must_use]
    pub const fn with_trailing_slash(mut self) -> Self {
        self.ends_in_slash = true;
        self
    }

    /// Appends a pair to the query. It is percent-encoded.
    #[must_use]
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Appends the pairs that have a value to the query.
    #[must_use]
    pub fn with_pairs(
        self,
        pairs: impl IntoIterator<Item = (&'static str, Option<String>)>,
    ) -> Self {
        pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .fold(self, |request, (name, value)| {
                request.with_query(name, value)
            })
    }

    /// Sets the body: exactly these bytes are signed and sent.
    #[must_use]
    pub fn with_body(mut self, content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        self.body = Some(Body {
            content_type,
            bytes: bytes.into(),
        });
        self
    }

    /// The whole URL on this base.
    pub(crate) fn url_on(&self, base: &Url) -> Result<Url> {
        // The URL standard drops these, which would ask for another resource.
        if let Some(bad) = self
            .segments
            .iter()
            .find(|segment| matches!(segment.as_str(), "" | "." | ".."))
        {
            return Err(Error::invalid_request(format!(
                "{bad:?} is no id; give the gateway's own"
            )));
        }
        let mut path = self
            .segments
            .iter()
            .fold(self.path.to_owned(), |path, segment| {
                format!("{path}/{}", percent_encoded(segment))
            });
        if self.ends_in_slash && !path.ends_with('/') {
            path.push('/');
        }
        let mut url = base.clone();
        url.set_path(&path);
        if !self.query.is_empty() {
            let pairs = self.query.iter().map(|(name, value)| {
                format!("{}={}", percent_encoded(name), percent_encoded(value))
            });
            url.set_query(Some(&pairs.collect::<Vec<_>>().join("&")));
        }
        Ok(url)
    }
}

impl fmt::Debug for Request {
    /// Query and body may hold secrets or a payer's data: only their sizes show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("effect", &self.effect)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("segments", &self.segments.len())
            .field("query_pairs", &self.query.len())
            .field(
                "body_bytes",
                &self.body.as_ref().map(|body| body.bytes.len()),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &'static str) -> Request {
        Request::new("read", Effect::Read, Method::Get, path)
    }

    #[test]
    fn ids_and_queries_cannot_leave_their_place() {
        let base = Url::parse("https://api.example").unwrap();
        let url = read("/v1/invoices")
            .with_path_segment("a/../b?c#d")
            .with_query("order id", "1&2")
            .with_query("only*", "a+b~c%20é")
            .url_on(&base)
            .unwrap();
        assert_eq!(
            url.as_str(),
            "https://api.example/v1/invoices/a%2F..%2Fb%3Fc%23d\
             ?order%20id=1%262&only%2A=a%2Bb~c%2520%C3%A9"
        );
        for bad in ["", ".", ".."] {
            assert!(read("/v1").with_path_segment(bad).url_on(&base).is_err());
        }
    }

    #[test]
    fn a_path_ends_in_one_slash_where_it_is_asked_to() {
        let base = Url::parse("https://api.example").unwrap();
        for (request, path) in [
            (read("/v1").with_trailing_slash(), "/v1/"),
            (read("/v1/").with_trailing_slash(), "/v1/"),
            (read("").with_trailing_slash(), "/"),
            (
                read("/v1").with_trailing_slash().with_path_segment("a/"),
                "/v1/a%2F/",
            ),
            (read("/v1").with_path_segment("a"), "/v1/a"),
        ] {
            let url = request.with_query("x", "/").url_on(&base).unwrap();
            assert_eq!(url.path(), path);
            assert_eq!(url.query(), Some("x=%2F"));
        }
    }

    #[test]
    fn debug_shows_no_body_and_no_query() {
        let request = read("/v1")
            .with_query("key", "canary")
            .with_body("application/json", "canary");
        assert!(!format!("{request:?}").contains("canary"));
    }
}
