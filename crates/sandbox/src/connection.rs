//! TCP connections that can be cut on purpose.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::lock::lock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Nothing is wrong.
    Carry,
    /// The next write resets the connection.
    Reset,
    /// The head of the answer and this many bytes of its body go out, then the connection ends.
    EndAfter { body_bytes: usize },
    /// This many bytes go out, then the connection ends.
    EndAfterBytes(usize),
    /// The next byte that arrives resets the connection.
    ResetOnRequest,
    /// Nothing more goes in or out.
    Ended,
}

/// Lets the handler of a request decide the fate of the connection it came on.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionControl {
    plan: Arc<Mutex<Plan>>,
}

impl ConnectionControl {
    fn new() -> Self {
        Self {
            plan: Arc::new(Mutex::new(Plan::Carry)),
        }
    }

    pub(crate) fn reset(&self) {
        self.set(Plan::Reset);
    }

    pub(crate) fn end_after_body_bytes(&self, body_bytes: usize) {
        self.set(Plan::EndAfter { body_bytes });
    }

    pub(crate) fn reset_on_next_request(&self) {
        self.set(Plan::ResetOnRequest);
    }

    fn set(&self, plan: Plan) {
        *lock(&self.plan) = plan;
    }

    fn plan(&self) -> Plan {
        *lock(&self.plan)
    }
}

/// A listener whose connections have a [`ConnectionControl`].
pub(crate) struct ControlledListener(pub(crate) TcpListener);

impl Listener for ControlledListener {
    type Io = ControlledStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let stream = ControlledStream {
            stream,
            control: ConnectionControl::new(),
        };
        (stream, peer)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, ControlledListener>> for ConnectionControl {
    fn connect_info(stream: IncomingStream<'_, ControlledListener>) -> Self {
        stream.io().control.clone()
    }
}

pub(crate) struct ControlledStream {
    stream: TcpStream,
    control: ConnectionControl,
}

impl ControlledStream {
    /// Closing a socket that lingers for no time sends RST in place of FIN.
    fn reset(&self) -> io::Error {
        if let Err(error) = self.stream.set_zero_linger() {
            tracing::debug!(%error, "cannot make the connection end with a reset");
        }
        self.control.set(Plan::Ended);
        io::ErrorKind::ConnectionReset.into()
    }
}

impl AsyncRead for ControlledStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(read, Poll::Ready(Ok(())))
            && buffer.filled().len() > before
            && self.control.plan() == Plan::ResetOnRequest
        {
            return Poll::Ready(Err(self.reset()));
        }
        read
    }
}

impl AsyncWrite for ControlledStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.control.plan() {
            Plan::Carry | Plan::ResetOnRequest => {
                Pin::new(&mut self.stream).poll_write(context, bytes)
            }
            Plan::Reset => Poll::Ready(Err(self.reset())),
            Plan::EndAfter { body_bytes } => {
                // Without vectored writes the server hands over the head of an answer, and what it
                // has of the body, in one piece.
                let head = bytes
                    .windows(4)
                    .position(|four| four == b"\r\n\r\n")
                    .map_or(0, |at| at + 4);
                self.write_and_end(context, bytes, head + body_bytes)
            }
            Plan::EndAfterBytes(left) => self.write_and_end(context, bytes, left),
            Plan::Ended => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.control.plan() {
            Plan::Reset => Poll::Ready(Err(self.reset())),
            // A FIN now would hide the reset that the closing brings.
            Plan::Ended => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            _ => Pin::new(&mut self.stream).poll_shutdown(context),
        }
    }
}

impl ControlledStream {
    fn write_and_end(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
        allowed: usize,
    ) -> Poll<io::Result<usize>> {
        let (part, _) = bytes.split_at(bytes.len().min(allowed));
        let written = Pin::new(&mut self.stream).poll_write(context, part);
        if let Poll::Ready(Ok(count)) = written {
            self.control.set(match allowed.saturating_sub(count) {
                0 => Plan::Ended,
                left => Plan::EndAfterBytes(left),
            });
        }
        written
    }
}
