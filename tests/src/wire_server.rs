//! A server on raw TCP that answers as a gateway's documents show it, byte for byte, records what it
//! is asked, and misbehaves when it is told to.
//!
//! It shares nothing with the sandbox or the adapters. What is right to ask and to answer says a
//! [`Documents`] of each gateway.

mod answer;
mod request;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub use answer::WireAnswer;
pub use request::{WireRequest, form_pairs};

/// What a gateway's documents say of requests and answers.
pub trait Documents: Send + Sync + 'static {
    /// The documented body for a request, or how the gateway refuses it.
    ///
    /// # Errors
    /// The refusal: what is undocumented about the request, or what the documents refuse.
    fn answer(&self, request: &WireRequest) -> Result<String, WireAnswer>;

    /// An answer of HTTP 200 with this body and the gateway's proof, where answers have one; a proof
    /// that is wrong unless it `is_right`.
    fn proven(&self, body: String, is_right: bool) -> WireAnswer;
}

/// What happens to one call instead of its documented answer. Requests that are not as documented
/// are refused all the same.
#[derive(Debug, Clone)]
pub enum Misbehaviour {
    /// The request is read, and the connection closed without a byte of an answer.
    CutAfterReading,
    /// The head of the answer and half of its body, then the connection is closed.
    CutMidBody,
    /// This HTTP status with this body.
    Status(u16, &'static str),
    /// This answer, as it is.
    Answer(WireAnswer),
    /// HTTP 200 with this body, proven rightly where answers are proven.
    Body(String),
    /// HTTP 200 with exactly this body.
    Unproven(String),
    /// The documented body with a proof that is wrong.
    WrongSignature,
}

/// A gateway as its documents show it, on a local socket. Dropping it closes it.
#[derive(Debug)]
pub struct WireServer<D> {
    url: String,
    state: Arc<State<D>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct State<D> {
    documents: D,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    requests: Vec<WireRequest>,
    script: VecDeque<(String, Misbehaviour)>,
    connections_to_close: usize,
}

impl<D> State<D> {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("no thread panics with the book")
    }

    fn take(&self, request: &WireRequest) -> Option<Misbehaviour> {
        let mut book = self.book();
        let at = book.script.iter().position(|(call, _)| request.is(call))?;
        book.script.remove(at).map(|(_, misbehaviour)| misbehaviour)
    }

    fn closes_connection(&self) -> bool {
        let mut book = self.book();
        let closes = book.connections_to_close > 0;
        book.connections_to_close = book.connections_to_close.saturating_sub(1);
        closes
    }
}

impl<D: Documents> WireServer<D> {
    /// Starts on a free port of 127.0.0.1.
    pub async fn serving(documents: D) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let state = Arc::new(State {
            documents,
            book: Mutex::default(),
        });
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

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it goes by.
    #[must_use]
    pub fn documents(&self) -> &D {
        &self.state.documents
    }

    /// Lets one call go wrong: a path, or a method and a path. Several for one call strike one after
    /// the other.
    pub fn misbehave(&self, call: &str, how: Misbehaviour) {
        self.state.book().script.push_back((call.to_owned(), how));
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

    /// Every request of this call that was read, oldest first: a path, or a method and a path.
    #[must_use]
    pub fn requests_to(&self, call: &str) -> Vec<WireRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.is(call));
        requests
    }
}

impl<D> Drop for WireServer<D> {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One call a connection, so that a connection can be cut without touching another call.
async fn serve<D: Documents>(stream: TcpStream, state: &State<D>) {
    let mut stream = BufReader::new(stream);
    let Some(request) = WireRequest::read(&mut stream).await else {
        return;
    };
    state.book().requests.push(request.clone());
    let documents = &state.documents;
    let (answer, misbehaviour) = match documents.answer(&request) {
        Err(refusal) => (refusal, None),
        Ok(body) => {
            let misbehaviour = state.take(&request);
            let answer = match &misbehaviour {
                Some(Misbehaviour::CutAfterReading) => return,
                Some(Misbehaviour::Status(status, body)) => WireAnswer::new(*status, *body),
                Some(Misbehaviour::Answer(answer)) => answer.clone(),
                Some(Misbehaviour::Body(body)) => documents.proven(body.clone(), true),
                Some(Misbehaviour::Unproven(body)) => WireAnswer::new(200, body.as_str()),
                Some(Misbehaviour::WrongSignature) => documents.proven(body, false),
                Some(Misbehaviour::CutMidBody) | None => documents.proven(body, true),
            };
            (answer, misbehaviour)
        }
    };
    let mut bytes = answer.bytes();
    if matches!(misbehaviour, Some(Misbehaviour::CutMidBody)) {
        bytes.truncate(bytes.len() - answer.body.len() / 2);
    }
    // A client that has gone away is its own test's business.
    let _ = stream.write_all(&bytes).await;
}
