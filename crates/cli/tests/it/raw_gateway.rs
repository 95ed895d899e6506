//! Servers that speak HTTP badly or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

/// What a server does once it has read something.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// Sends these bytes and closes.
    Answers(&'static str),
    /// Closes without a byte.
    HangsUp,
    /// Never answers.
    Silent,
}

pub(crate) struct RawGateway {
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
}

impl RawGateway {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    if !matches!(stream.read(&mut buffer).await, Ok(read) if read > 0) {
                        return;
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                    match manner {
                        Manner::Answers(bytes) => {
                            let _ = stream.write_all(bytes.as_bytes()).await;
                        }
                        Manner::HangsUp => {}
                        Manner::Silent => std::future::pending().await,
                    }
                });
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// An address at which nobody listens.
pub(crate) async fn closed_port() -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    // Bound for as long as the tests run, and never listening: no other server gets the port.
    Box::leak(Box::new(socket));
    url
}
