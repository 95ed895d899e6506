//! Requests byte by byte, so that they can be wrong.

use std::net::SocketAddr;

use paymux_sandbox::ReceivedWebhook;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) path_and_query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn post(path_and_query: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST",
            path_and_query: path_and_query.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// A webhook that the sandbox sent elsewhere, to be sent to `path_and_query`.
    pub(crate) fn again(webhook: &ReceivedWebhook, path_and_query: &str) -> Self {
        // Those of the connection are made anew.
        let own = ["host", "content-length", "accept", "connection"];
        let headers = webhook.headers.iter();
        Self {
            headers: headers
                .filter(|(name, _)| !own.contains(&name.as_str()))
                .cloned()
                .collect(),
            ..Self::post(path_and_query, webhook.body.clone())
        }
    }

    pub(crate) fn with_method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same header a second time.
    pub(crate) fn doubling(self, name: &str) -> Self {
        let mut own = self.headers.iter();
        let value = own.find(|(known, _)| known == name).unwrap().1.clone();
        self.with_header(name, &value)
    }

    pub(crate) fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Request line and headers, for a body of this length.
    pub(crate) fn head(&self, length: usize) -> String {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: {length}\r\n",
            self.method, self.path_and_query
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head(self.body.len()).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    pub(crate) async fn to(&self, address: SocketAddr) -> Answer {
        exchange(address, &self.bytes()).await
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header that is there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        });
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is there twice");
        value
    }

    pub(crate) fn told(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// Writes these bytes and reads what is answered; the sender says nothing more and keeps listening.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
