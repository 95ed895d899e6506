//! One signal that ends everything the sandbox started.

use tokio::sync::watch;

#[derive(Debug, Clone)]
pub(crate) struct Shutdown {
    signal: watch::Sender<bool>,
}

impl Shutdown {
    pub(crate) fn new() -> Self {
        Self {
            signal: watch::Sender::new(false),
        }
    }

    pub(crate) fn begin(&self) {
        self.signal.send_replace(true);
    }

    /// Resolves once the shutdown has begun.
    pub(crate) async fn begun(&self) {
        let mut signal = self.signal.subscribe();
        // An error means that no sender is left, which `self` rules out.
        let _ = signal.wait_for(|begun| *begun).await;
    }

    /// Sleeps; false when the shutdown came first.
    pub(crate) async fn sleep(&self, length: std::time::Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(length) => true,
            () = self.begun() => false,
        }
    }
}
