//! A log of attempts that writes down what it is asked, dawdles, and fails now and then.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::attempts::{
    Attempt, AttemptEnd, AttemptId, AttemptLog, AttemptedRequest, MemoryAttemptLog, Permission,
};
use paymux_core::{Error, ErrorKind, NewInvoice, NewPayout, Outcome, Result};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::journal::{CallNumber, End, Event, Journal, Written};
use super::schedule::LogTemper;

/// Where a payout carries its call's number. Nothing is ever sent there.
const CALLBACK: &str = "https://shop.example/calls/";
/// Where an invoice carries it.
const METADATA: &str = "call";

pub(crate) fn mark_invoice(request: NewInvoice, call: CallNumber) -> NewInvoice {
    request.with_metadata(METADATA, call.to_string())
}

pub(crate) fn mark_payout(request: NewPayout, call: CallNumber) -> NewPayout {
    request.with_callback_url(format!("{CALLBACK}{call}"))
}

pub(crate) fn call_of_invoice(request: &NewInvoice) -> CallNumber {
    request.metadata[METADATA].parse().unwrap()
}

pub(crate) fn call_of_payout(request: &NewPayout) -> CallNumber {
    let url = request.callback_url.as_deref().unwrap();
    url.strip_prefix(CALLBACK).unwrap().parse().unwrap()
}

#[derive(Debug)]
pub(crate) struct RecordingLog {
    memory: MemoryAttemptLog,
    journal: Arc<Journal>,
    temper: LogTemper,
    dice: Mutex<StdRng>,
}

impl RecordingLog {
    pub(crate) fn new(journal: Arc<Journal>, temper: LogTemper, seed: u64) -> Self {
        Self {
            memory: MemoryAttemptLog::new(),
            journal,
            temper,
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
        }
    }

    pub(crate) const fn memory(&self) -> &MemoryAttemptLog {
        &self.memory
    }

    fn happens(&self, parts: u32) -> bool {
        self.dice.lock().unwrap().random_range(0..100) < parts
    }

    async fn dawdle(&self) {
        if !self.happens(self.temper.slow) {
            return;
        }
        let millis = self
            .dice
            .lock()
            .unwrap()
            .random_range(0..=self.temper.longest);
        if millis == 0 {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
    }
}

fn is_down() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        Outcome::NotSent,
        "the log cannot write",
    )
}

#[async_trait]
impl AttemptLog for RecordingLog {
    async fn before(&self, attempt: Attempt<'_>) -> Result<Permission> {
        let (call, about) = match attempt.request {
            AttemptedRequest::Invoice(request) => (call_of_invoice(request), None),
            AttemptedRequest::Payout(request) => {
                (call_of_payout(request), Some(request.reference.to_string()))
            }
            other => panic!("the router asks for {other:?}"),
        };
        let provider = attempt.provider.clone();
        self.journal.note(Event::LogAsked(call, provider));
        self.dawdle().await;
        if self.happens(self.temper.before_fails) {
            return Err(is_down());
        }
        let permission = self.memory.before(attempt).await;
        self.dawdle().await;
        match &permission {
            Ok(Permission::Granted(id)) => {
                let provider = attempt.provider.clone();
                self.journal
                    .note(Event::Granted(*id, call, provider, about));
            }
            Ok(Permission::AlreadyMade(_)) => self.journal.note(Event::LogKnows(call)),
            Err(_) => {}
        }
        permission
    }

    async fn after(&self, id: AttemptId, end: AttemptEnd<'_>) -> Result<()> {
        let ending = match end {
            AttemptEnd::InvoiceMade(_) | AttemptEnd::PayoutMade(_) => End::Made,
            AttemptEnd::Failed(error) => End::Failed(error.kind(), error.outcome()),
        };
        self.journal.note(Event::Ending(id, ending));
        self.dawdle().await;
        let fails = self.happens(self.temper.after_fails);
        let result = if fails {
            Err(is_down())
        } else {
            self.memory.after(id, end).await
        };
        self.dawdle().await;
        let written = if fails { Written::No } else { Written::Yes };
        self.journal.note(Event::Ended(id, written));
        result
    }

    fn abandoned(&self, id: AttemptId) {
        self.journal.note(Event::Abandoned(id));
        self.memory.abandoned(id);
    }
}
