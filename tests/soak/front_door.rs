//! Where webhooks come in, whichever processes are alive: what stands before an application on
//! several machines.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Hands each connection to the next process; closes it where there is none.
pub(crate) struct FrontDoor {
    address: SocketAddr,
    ports: Arc<Mutex<Vec<u16>>>,
    task: JoinHandle<()>,
}

impl FrontDoor {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ports: Arc<Mutex<Vec<u16>>> = Arc::default();
        let turn = AtomicUsize::new(0);
        let task = tokio::spawn({
            let ports = Arc::clone(&ports);
            async move {
                while let Ok((visitor, _)) = listener.accept().await {
                    let port = {
                        let ports = ports.lock().unwrap();
                        let next = turn.fetch_add(1, Ordering::Relaxed);
                        ports.get(next % ports.len().max(1)).copied()
                    };
                    if let Some(port) = port {
                        tokio::spawn(lead(visitor, port));
                    }
                }
            }
        });
        Self {
            address,
            ports,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The ports of the processes that are alive.
    pub(crate) fn ports(&self) -> Arc<Mutex<Vec<u16>>> {
        Arc::clone(&self.ports)
    }
}

impl Drop for FrontDoor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn lead(mut visitor: TcpStream, port: u16) {
    if let Ok(mut process) = TcpStream::connect(("127.0.0.1", port)).await {
        // Whoever is cut off sends again.
        let _ = copy_bidirectional(&mut visitor, &mut process).await;
    }
}
