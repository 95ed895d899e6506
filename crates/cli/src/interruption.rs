//! Ctrl-c and the wish to end.

use std::future::Future;
#[cfg(unix)]
use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for ctrl-c and for the system's wish to end the command, from the moment it is made: what
/// comes before somebody waits is not lost.
#[derive(Debug)]
pub(crate) struct Interruption {
    #[cfg(unix)]
    signals: Option<(Signal, Signal)>,
}

impl Interruption {
    /// Listens from now on. Must be called within the runtime.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            let signals = || -> io::Result<_> {
                Ok((
                    signal(SignalKind::interrupt())?,
                    signal(SignalKind::terminate())?,
                ))
            };
            // Where signals cannot be listened to, they end the command as they always did.
            Self {
                signals: signals().ok(),
            }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Done when the command is asked to end.
    pub(crate) async fn wait(&mut self) {
        #[cfg(unix)]
        if let Some((interrupt, terminate)) = &mut self.signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Carries a call out unless it is interrupted; `None` when it was.
///
/// Only calls that create something need this: whatever else is under way may simply be killed.
pub(crate) async fn unless_interrupted<T>(call: impl Future<Output = T>) -> Option<T> {
    let mut interruption = Interruption::listen();
    tokio::select! {
        biased;
        done = call => Some(done),
        () = interruption.wait() => None,
    }
}
