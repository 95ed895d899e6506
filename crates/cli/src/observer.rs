//! What a command reads at a gateway goes into the ledger too, while the command goes on.

use std::time::Duration;

use futures_util::future::join_all;
use paymux::ledger::Ledger;
use paymux::{Error, InvoiceSnapshot, PayoutSnapshot};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::database::Database;
use crate::output::{Output, text};

/// How long a command waits for the ledger when it has done all else.
const PATIENCE: Duration = Duration::from_secs(15);

/// How much is written at once.
const MOST_AT_ONCE: usize = 64;

#[derive(Debug)]
enum Read {
    Invoice(Box<InvoiceSnapshot>),
    Payout(Box<PayoutSnapshot>),
}

/// Takes in what was read. Whatever fails here is a warning: the read itself succeeded.
#[derive(Debug)]
pub(crate) struct Observer(Option<Working>);

#[derive(Debug)]
struct Working {
    reads: UnboundedSender<Read>,
    /// Gives what could not be taken in.
    task: JoinHandle<Vec<Error>>,
}

impl Observer {
    /// Opens the ledger at the first read, where there may be something in it.
    pub(crate) fn start(database: &Database) -> Self {
        Self(database.may_hold_something().then(|| {
            let (reads, receiver) = unbounded_channel();
            let task = tokio::spawn(work(database.clone(), receiver));
            Working { reads, task }
        }))
    }

    pub(crate) fn invoice(&self, read: &InvoiceSnapshot) {
        self.take(|| Read::Invoice(Box::new(read.clone())));
    }

    pub(crate) fn payout(&self, read: &PayoutSnapshot) {
        self.take(|| Read::Payout(Box::new(read.clone())));
    }

    fn take(&self, read: impl FnOnce() -> Read) {
        if let Some(working) = &self.0 {
            // Where the ledger cannot be opened nobody receives any more; the end tells.
            let _ = working.reads.send(read());
        }
    }

    /// Waits until all is taken in, and tells what was not.
    pub(crate) async fn finish(self, output: &Output) {
        let Some(Working { reads, task }) = self.0 else {
            return;
        };
        drop(reads);
        let failures: Vec<String> = match tokio::time::timeout(PATIENCE, task).await {
            Ok(Ok(failures)) => failures.iter().map(told).collect(),
            Ok(Err(error)) => vec![error.to_string()],
            Err(_) => vec![format!("no answer within {} s", PATIENCE.as_secs())],
        };
        for failure in failures {
            output.note(&format!(
                "{}: the ledger did not take in what was read: {failure}",
                text::waiting("warning")
            ));
        }
    }
}

fn told(error: &Error) -> String {
    let error_and_hint = match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    };
    text::clean(&error_and_hint)
}

async fn work(database: Database, mut reads: UnboundedReceiver<Read>) -> Vec<Error> {
    let mut failures: Vec<Error> = Vec::new();
    let mut batch = Vec::new();
    if reads.recv_many(&mut batch, MOST_AT_ONCE).await == 0 {
        return failures;
    }
    let ledger = match database.open().await {
        Ok(ledger) => ledger,
        Err(error) => return vec![error],
    };
    while !batch.is_empty() {
        let ends = join_all(batch.drain(..).map(|read| observe(&ledger, read))).await;
        for error in ends.into_iter().filter_map(Result::err) {
            // A database that fails does so for each of them.
            if failures
                .iter()
                .all(|told| told.message() != error.message())
            {
                failures.push(error);
            }
        }
        reads.recv_many(&mut batch, MOST_AT_ONCE).await;
    }
    failures
}

async fn observe(ledger: &Ledger, read: Read) -> Result<(), Error> {
    match read {
        Read::Invoice(read) => ledger.observe_invoice(&read).await?,
        Read::Payout(read) => ledger.observe_payout(&read).await?,
    };
    Ok(())
}
