//! A merchant's client made of a socket and a few lines of HMAC, sharing nothing with the sandbox.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use paymux_sandbox::Sandbox;
use rust_decimal::Decimal;
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Long enough for a busy machine; reaching it is a failure.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn sign(key: &str, body: &[u8], timestamp: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    mac.update(timestamp.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// What came back on the socket until it ended.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    /// How the connection ended, if not in good order.
    pub(crate) error: Option<std::io::ErrorKind>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no HTTP answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Self {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    pub(crate) fn msg(&self) -> String {
        self.json()["msg"].as_str().unwrap().to_owned()
    }

    /// The `data` of a success.
    pub(crate) fn data(&self) -> Value {
        assert_eq!((self.status, self.code()), (200, 0), "{}", self.text());
        self.json()["data"].clone()
    }
}

pub(crate) struct Merchant {
    pub(crate) address: SocketAddr,
    pub(crate) app_id: String,
    pub(crate) app_key: String,
}

impl Merchant {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        Self {
            address: sandbox.address(),
            app_id: sandbox.halo().app_id().to_owned(),
            app_key: sandbox.halo().app_key().to_owned(),
        }
    }

    /// The three headers over a body, as of now.
    pub(crate) fn proof(&self, body: &[u8]) -> Vec<(String, String)> {
        self.proof_at(body, unix_now())
    }

    pub(crate) fn proof_at(&self, body: &[u8], unix_seconds: i64) -> Vec<(String, String)> {
        let timestamp = unix_seconds.to_string();
        vec![
            ("content-type".into(), "application/json".into()),
            ("X-Appid".into(), self.app_id.clone()),
            ("X-Sign".into(), sign(&self.app_key, body, &timestamp)),
            ("X-Timestamp".into(), timestamp),
        ]
    }

    /// A signed call.
    pub(crate) async fn call(&self, path: &str, body: &str) -> Answer {
        let headers = self.proof(body.as_bytes());
        self.send("POST", path, &headers, body.as_bytes()).await
    }

    /// A call with exactly these headers.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Answer {
        let received = self.exchange(method, path, headers, body).await;
        Answer::parse(&received.bytes)
    }

    /// A signed call, with whatever comes back.
    pub(crate) async fn raw_call(&self, path: &str, body: &str) -> Received {
        let headers = self.proof(body.as_bytes());
        self.exchange("POST", path, &headers, body.as_bytes()).await
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Received {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut headers = headers.to_vec();
        headers.push(("Connection".into(), "close".into()));
        let request = self.request(method, path, &headers, body);
        stream.write_all(&request).await.unwrap();
        read_to_end(&mut stream).await
    }

    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        request
    }

    /// Creates an order of `token_amount` and gives its trade number.
    pub(crate) async fn order(
        &self,
        out_trade_no: &str,
        token_amount: &str,
        callback: &str,
    ) -> String {
        let body = format!(
            r#"{{"out_trade_no":"{out_trade_no}","currency_id":75,"token_amount":"{token_amount}","callback_url":"{callback}","time_out":0}}"#
        );
        let data = self.call("/api/order/create", &body).await.data();
        data["trade_no"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn order_detail(&self, trade_no: &str) -> Value {
        let body = format!(r#"{{"trade_no":"{trade_no}"}}"#);
        self.call("/api/order/detail", &body).await.data()
    }

    /// A payout of `amount` USDT and its trade number.
    pub(crate) async fn payout(&self, amount: &str, callback: &str) -> String {
        let body = format!(
            r#"{{"currency_id":75,"amount":"{amount}","to_address":"{SOMEONE}","callback_url":"{callback}"}}"#
        );
        let data = self.call("/api/payout/create", &body).await.data();
        data["trade_no"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn payout_detail(&self, trade_no: &str) -> Value {
        let body = format!(r#"{{"trade_no":"{trade_no}"}}"#);
        self.call("/api/payout/detail", &body).await.data()
    }

    /// The operable balance of USDT on Nile.
    pub(crate) async fn operable(&self) -> String {
        let answer = self
            .call("/api/account/balance", r#"{"currency_id":75}"#)
            .await;
        answer.data()["operable_balance"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// A well-formed Tron address: the contract of USDT.
pub(crate) const SOMEONE: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";

pub(crate) async fn read_to_end(stream: &mut TcpStream) -> Received {
    let mut bytes = Vec::new();
    let reading = stream.read_to_end(&mut bytes);
    let ended = tokio::time::timeout(PATIENCE, reading).await;
    let ended = ended.expect("the connection neither answered nor ended");
    Received {
        bytes,
        error: ended.err().map(|error| error.kind()),
    }
}

/// Waits until `done` says so.
pub(crate) async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "did not come to pass: {what}");
}
