//! What is logged, kept in memory.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Everything that this thread logs, down to TRACE and with the fields of spans, until it is dropped.
pub struct CapturedLog {
    buffer: Buffer,
    _listening: tracing::subscriber::DefaultGuard,
    _second: tracing::Dispatch,
}

impl CapturedLog {
    /// Listens to this thread from now on.
    #[must_use]
    pub fn start() -> Self {
        let buffer = Buffer::default();
        let listening = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(buffer.clone())
            .set_default();
        // Where there is only one listener, tracing asks the thread that comes to an event first
        // whether anybody listens, and keeps its answer. That thread may be another test's.
        let second = tracing::Dispatch::new(tracing_subscriber::registry());
        Self {
            buffer,
            _listening: listening,
            _second: second,
        }
    }

    /// What was logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = self.buffer.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl fmt::Debug for CapturedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturedLog").finish_non_exhaustive()
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
