//! A TCP server that does exactly what a test tells it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a request, after all of it was read.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes; the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes, then the connection is closed.
    BytesThenClose(Vec<u8>),
    /// Nothing; the connection stays open.
    Silence,
}

/// An answer with this status line, headers and body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    Reply::Bytes(
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

pub(crate) fn ok() -> Reply {
    answer("200 OK", "", "{}")
}

pub(crate) fn cut() -> Reply {
    Reply::BytesThenClose(Vec::new())
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<String>,
}

pub(crate) struct RawServer {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl RawServer {
    /// Replies to the requests in turn; the last reply is repeated.
    pub(crate) async fn replying(replies: Vec<Reply>) -> Self {
        Self::start(
            move |seen| replies[seen.min(replies.len()) - 1].clone(),
            true,
        )
        .await
    }

    /// Closes every connection before anything is read from it.
    pub(crate) async fn hanging_up() -> Self {
        Self::start(|_| cut(), false).await
    }

    async fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static, reads: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let reply = Arc::new(reply);
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    seen.lock().unwrap().connections += 1;
                    if reads {
                        let (seen, reply) = (Arc::clone(&seen), Arc::clone(&reply));
                        tokio::spawn(async move { serve(stream, &seen, &*reply).await });
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

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Heads and bodies of the requests that were read to their end.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Seen>, reply: &(dyn Fn(usize) -> Reply + Sync)) {
    while let Some(request) = read_request(&mut stream).await {
        let count = {
            let mut seen = seen.lock().unwrap();
            seen.requests.push(request);
            seen.requests.len()
        };
        match reply(count) {
            Reply::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Reply::BytesThenClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(std::str::from_utf8(&chunk[..count]).unwrap()),
        }
    }
}
