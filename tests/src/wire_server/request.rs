//! What a client sent, read off the socket with as little code as possible.

use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct WireRequest {
    /// The HTTP method.
    pub method: String,
    /// The request target: path and query.
    pub target: String,
    /// The headers in the order of arrival, names as they were spelt.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl WireRequest {
    /// The next request of a connection; `None` when the client has closed it.
    pub(super) async fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).expect("a request head is ASCII");
        let mut lines = head.trim_end().split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let mut request = Self {
            method,
            target,
            headers,
            body: Vec::new(),
        };
        let length = request.header("content-length").unwrap_or("0").parse();
        request.body = vec![0; length.expect("content-length is a number")];
        stream.read_exact(&mut request.body).await.ok()?;
        Some(request)
    }

    /// The request target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query as pairs, decoded, in the order of the wire.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        let (_, query) = self.target.split_once('?').unwrap_or_default();
        form_pairs(query)
    }

    /// Whether it is this call: a path, or a method and a path.
    #[must_use]
    pub fn is(&self, call: &str) -> bool {
        match call.split_once(' ') {
            Some((method, path)) => self.method == method && self.path() == path,
            None => self.path() == call,
        }
    }

    /// The value of a header that is there exactly once, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

/// The pairs of a form or a query, decoded.
#[must_use]
pub fn form_pairs(form: &str) -> Vec<(String, String)> {
    form.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let (digits, after) = rest.split_at(2);
                rest = after;
                let digits = std::str::from_utf8(digits).expect("an escape is ASCII");
                u8::from_str_radix(digits, 16).expect("an escape is two hex digits")
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).expect("what was encoded is UTF-8")
}
