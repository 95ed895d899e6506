//! Everything that happened in one run, in its true order: what the router asked its log, what reached
//! the gateways, and what callers were told.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use paymux_core::attempts::{AttemptId, ProviderAttempt};
use paymux_core::scripted::Act;
use paymux_core::{Error, ErrorKind, Outcome, ProviderName};

use crate::paused_clock::PausedClock;

/// A call's own number. It travels in the request, so that whatever reaches a gateway tells whose it is.
pub(crate) type CallNumber = u64;

/// What an attempt is about: the payout's reference, or nothing for an invoice.
pub(crate) type About = Option<String>;

#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A caller asks, and gives the router this much time.
    Asked(CallNumber, About, Duration),
    /// The router asks its log whether it may try a provider. No answer is one too.
    LogAsked(CallNumber, ProviderName),
    /// The log knows that the payout was made before.
    LogKnows(CallNumber),
    /// The log lets the router try this provider.
    Granted(AttemptId, CallNumber, ProviderName, About),
    /// A request arrives at a gateway, which will do this with it.
    Reached(CallNumber, ProviderName, About, Act),
    /// The router begins to tell its log how an attempt ended.
    Ending(AttemptId, End),
    /// The log was told, and could write it down or not.
    Ended(AttemptId, Written),
    /// The router tells its log that nobody will tell.
    Abandoned(AttemptId),
    /// The caller got an answer.
    Answered(CallNumber, Answer),
    /// The caller went away.
    Left,
    /// The caller asked for what was made, by its id.
    ReadBack {
        id: String,
        took: Duration,
        deadline: Duration,
        told: Result<String, (ErrorKind, Outcome)>,
    },
    /// Somebody looked into the gateways' books: this payout was not made.
    SettledAsNotMade(String),
}

/// Whether the log could write an end down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Yes,
    No,
}

/// How an attempt ended, by the router's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Made,
    Failed(ErrorKind, Outcome),
}

/// What a caller was told.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Made {
        provider: ProviderName,
        id: String,
        attempts: Vec<ProviderAttempt>,
    },
    Failed {
        kind: ErrorKind,
        outcome: Outcome,
        /// The decision that the error carries, where it carries one.
        attempts: Option<Vec<ProviderAttempt>>,
    },
}

impl Answer {
    pub(crate) fn failed(error: &Error, attempts: Option<Vec<ProviderAttempt>>) -> Self {
        Self::Failed {
            kind: error.kind(),
            outcome: error.outcome(),
            attempts,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Journal {
    clock: PausedClock,
    events: Mutex<Vec<(Duration, Event)>>,
}

impl Journal {
    pub(crate) fn new(clock: PausedClock) -> Self {
        Self {
            clock,
            events: Mutex::default(),
        }
    }

    pub(crate) fn note(&self, event: Event) {
        let entry = (self.clock.elapsed(), event);
        self.events.lock().unwrap().push(entry);
    }

    pub(crate) fn events(&self) -> Vec<(Duration, Event)> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (at, event) in self.events() {
            writeln!(text, "{:>9.3} s  {event:?}", at.as_secs_f64()).unwrap();
        }
        text
    }
}
