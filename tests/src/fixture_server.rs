//! A server that answers HaloPay's nine endpoints with the documented bodies, byte for byte.
//!
//! It shares nothing with the sandbox or the adapter: it reads requests off raw TCP, checks what the
//! documents ask of every request, records it, and misbehaves when it is told to.

mod documented;
mod request;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::Utc;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::signature::sign;

pub use documented::{
    ACCOUNT_BALANCE, APP_TOKEN_LIST, EXCHANGE_RATES, JST, ORDER_CREATE, ORDER_DETAIL,
    PAYOUT_CREATE, PAYOUT_DETAIL, QR_CODE_CREATE, TOKEN_LIST, TRX, USDT,
};
pub use request::WireRequest;

/// The app id of the documents' webhook example.
pub const APP_ID: &str = "ad4cyr8dpfs9j2u1";
/// A made-up app key.
pub const APP_KEY: &str = "fixture-app-key-6b1f2c";

/// What happens to one call instead of its documented answer.
#[derive(Debug, Clone)]
pub enum Misbehaviour {
    /// The request is read, and the connection closed without a byte of an answer.
    CutAfterReading,
    /// The head of the answer and half of its body, then the connection is closed.
    CutMidBody,
    /// This HTTP status with this body.
    Status(u16, &'static str),
    /// HTTP 200 with this body, signed rightly where answers are signed.
    Body(String),
    /// The documented body with a signature that is wrong.
    WrongSignature,
}

/// HaloPay as its documents show it, on a local socket. Dropping it closes it.
#[derive(Debug)]
pub struct FixtureServer {
    url: String,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    requests: Vec<WireRequest>,
    script: VecDeque<(String, Misbehaviour)>,
    signs_answers: bool,
    connections_to_close: usize,
}

impl State {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("no thread panics with the book")
    }

    fn take(&self, path: &str) -> Option<Misbehaviour> {
        let mut book = self.book();
        let at = book.script.iter().position(|(own, _)| own == path)?;
        book.script.remove(at).map(|(_, misbehaviour)| misbehaviour)
    }

    fn closes_connection(&self) -> bool {
        let mut book = self.book();
        let closes = book.connections_to_close > 0;
        book.connections_to_close = book.connections_to_close.saturating_sub(1);
        closes
    }
}

impl FixtureServer {
    /// Starts on a free port of 127.0.0.1. Its answers are not signed.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                if shared.closes_connection() {
                    continue;
                }
                tokio::spawn(async move { serve(stream, &shared).await });
            }
        });
        Self {
            url: format!("http://{address}"),
            state,
            accepting,
        }
    }

    /// From now on answers carry `X-Appid`, `X-Timestamp` and `X-Sign`.
    #[must_use]
    pub fn signing_answers(self) -> Self {
        self.state.book().signs_answers = true;
        self
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets one call to a path go wrong. Several for one path strike one call after the other.
    pub fn misbehave(&self, path: &str, how: Misbehaviour) {
        self.state.book().script.push_back((path.to_owned(), how));
    }

    /// Closes the next connections before anything is read from them.
    pub fn close_connections(&self, count: usize) {
        self.state.book().connections_to_close = count;
    }

    /// Every request that was read, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<WireRequest> {
        self.state.book().requests.clone()
    }

    /// Every request to this path that was read, oldest first.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<WireRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.target == path);
        requests
    }
}

impl Drop for FixtureServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// What is undocumented about a request; `None` when all is as the common rules and the signature
/// pages ask.
fn complaint(request: &WireRequest) -> Option<String> {
    if request.method != "POST" {
        return Some(format!("the method is {}, not POST", request.method));
    }
    if request.header("content-type") != Some("application/json") {
        return Some("content-type is not application/json, once".to_owned());
    }
    if request.header("x-appid") != Some(APP_ID) {
        return Some("X-Appid is not the app id, once".to_owned());
    }
    let timestamp = request.header("x-timestamp").unwrap_or_default();
    let is_ten_digits = timestamp.len() == 10 && timestamp.bytes().all(|b| b.is_ascii_digit());
    let age = Utc::now().timestamp() - timestamp.parse::<i64>().unwrap_or_default();
    if !is_ten_digits || age.abs() > 120 {
        return Some(format!(
            "X-Timestamp {timestamp:?} is not ten digits of now"
        ));
    }
    if request.header("x-sign") != Some(&sign(APP_KEY, &request.body, timestamp)) {
        return Some("X-Sign is not the signature of these bytes".to_owned());
    }
    None
}

/// One call a connection, so that a connection can be cut without touching another call.
async fn serve(stream: TcpStream, state: &State) {
    let mut stream = BufReader::new(stream);
    let Some(request) = WireRequest::read(&mut stream).await else {
        return;
    };
    let path = request.target.clone();
    let complaint = complaint(&request);
    state.book().requests.push(request);
    let misbehaviour = state.take(&path);
    let (status, body) = match (complaint, &misbehaviour, documented::body(&path)) {
        (Some(complaint), _, _) => (400, complaint),
        (None, Some(Misbehaviour::CutAfterReading), _) => return,
        (None, Some(Misbehaviour::Status(status, body)), _) => (*status, (*body).to_owned()),
        (None, Some(Misbehaviour::Body(body)), _) => (200, body.clone()),
        (None, _, Some(body)) => (200, body),
        (None, _, None) => (404, format!("there is no {path}")),
    };
    let spoil = matches!(misbehaviour, Some(Misbehaviour::WrongSignature));
    let signature = if status == 200 && (spoil || state.book().signs_answers) {
        signature_headers(&body, spoil)
    } else {
        String::new()
    };
    let mut answer = format!(
        "HTTP/1.1 {status} Documented\r\ncontent-type: application/json\r\nconnection: close\r\n{signature}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    if matches!(misbehaviour, Some(Misbehaviour::CutMidBody)) {
        answer.truncate(answer.len() - body.len() / 2);
    }
    // A client that has gone away is its own test's business.
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn signature_headers(body: &str, spoil: bool) -> String {
    let timestamp = Utc::now().timestamp().to_string();
    let key = if spoil { "another key" } else { APP_KEY };
    let signature = sign(key, body.as_bytes(), &timestamp);
    format!("X-Appid: {APP_ID}\r\nX-Timestamp: {timestamp}\r\nX-Sign: {signature}\r\n")
}
