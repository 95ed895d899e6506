//! Stopping at every step, so that the program can be killed right there.

use std::fmt;
use std::sync::{Mutex, PoisonError, mpsc};

use paymux_tests::soak_shop::Said;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::lines::say;

/// The ledger commits, a request is sent, a caller is told: what was done before each of these may be
/// all that was done.
const STEPS: [&str; 8] = [
    "commits",
    "committed",
    "sends",
    "answered",
    "failed",
    "handles",
    "handled",
    "tells",
];

/// Stops at every step from now on, until told to go.
pub(crate) fn stop_at_each(gos: mpsc::Receiver<()>) {
    tracing_subscriber::registry()
        .with(Stops(Mutex::new(gos)))
        .init();
}

struct Stops(Mutex<mpsc::Receiver<()>>);

impl<S: Subscriber> Layer<S> for Stops {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        let ours = ["paymux_ledger", "paymux_http", "soak_shop"];
        if !ours.iter().any(|own| target.starts_with(own)) {
            return;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        if !STEPS.contains(&message.0.as_str()) {
            return;
        }
        // Other threads come to their own steps one at a time.
        let gos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        say(&Said::Step(format!("{} ({target})", message.0)));
        let _ = gos.recv();
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
