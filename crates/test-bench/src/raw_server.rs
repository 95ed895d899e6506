//! A TCP server on loopback that does exactly what a test tells it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a request, after all of it was read.
#[derive(Debug, Clone)]
pub enum Reply {
    /// These bytes; the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes, then the connection is closed.
    BytesThenClose(Vec<u8>),
    /// Nothing; the connection stays open.
    Silence,
}

/// An answer with this status line, headers (each with its line end) and body.
#[must_use]
pub fn answer(status: &str, headers: &str, body: &str) -> Reply {
    Reply::Bytes(http(status, headers, body).into_bytes())
}

/// The text of an answer with this status line, headers (each with its line end) and body.
#[must_use]
pub fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// Status 200 and an empty object.
#[must_use]
pub fn ok() -> Reply {
    answer("200 OK", "", "{}")
}

/// Not a byte.
#[must_use]
pub const fn cut() -> Reply {
    Reply::BytesThenClose(Vec::new())
}

/// A request that was read to its end.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path and query.
    pub path: String,
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Received {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\r\n\r\n{}", self.head, self.body)
    }
}

type Handler = dyn Fn(&Received, usize) -> Reply + Send + Sync;

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<Received>,
}

/// The server. It ends with its value.
pub struct RawServer {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for RawServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl RawServer {
    /// Replies to the requests in turn; the last reply is repeated.
    ///
    /// # Panics
    /// Without a reply, and when there is no port.
    pub async fn replying(replies: Vec<Reply>) -> Self {
        assert!(!replies.is_empty(), "give a reply");
        Self::start(Some(Arc::new(move |_: &Received, count| {
            let last = replies.len() - 1;
            replies.get(count.min(last)).cloned().unwrap_or_else(cut)
        })))
        .await
    }

    /// Closes every connection before anything is read from it.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn hanging_up() -> Self {
        Self::start(None).await
    }

    /// Writes what the closure gives, and closes the connection.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn writing(answer: impl Fn(&Received) -> String + Send + Sync + 'static) -> Self {
        Self::start(Some(Arc::new(move |request: &Received, _| {
            Reply::BytesThenClose(answer(request).into_bytes())
        })))
        .await
    }

    /// Answers with status 200 and the body that the closure gives.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn answering(body: impl Fn(&Received) -> String + Send + Sync + 'static) -> Self {
        Self::writing(move |request| http("200 OK", "connection: close\r\n", &body(request))).await
    }

    #[expect(clippy::unwrap_used, reason = "a test without a port cannot go on")]
    async fn start(handler: Option<Arc<Handler>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    locked(&seen).connections += 1;
                    if let Some(handler) = handler.clone() {
                        let seen = Arc::clone(&seen);
                        tokio::spawn(async move { serve(stream, &seen, &*handler).await });
                    }
                }
            }
        });
        Self {
            address,
            seen,
            task,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        locked(&self.seen).connections
    }

    /// The requests that were read to their end.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        locked(&self.seen).requests.clone()
    }

    /// How many of them asked for this path.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        let received = self.received();
        received
            .iter()
            .filter(|request| request.path == path)
            .count()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Seen>, handler: &Handler) {
    while let Some(request) = read(&mut stream).await {
        let count = {
            let mut seen = locked(seen);
            seen.requests.push(request.clone());
            seen.requests.len() - 1
        };
        match handler(&request, count) {
            Reply::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Reply::BytesThenClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    let line = line.to_ascii_lowercase();
                    line.strip_prefix("content-length:")?.trim().parse().ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(Received {
                    path: head.split(' ').nth(1)?.to_owned(),
                    head: head.to_owned(),
                    body: body.to_owned(),
                });
            }
        }
        let count = stream
            .read(&mut chunk)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        bytes.extend_from_slice(chunk.get(..count)?);
    }
}
