//! `paymux invoice watch`.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use paymux::ledger::EntityKind;
use paymux::{
    Error, ErrorKind, InvoiceId, InvoiceSnapshot, Outcome, PaymentProvider, PaymentProviderExt,
    TokioClock, WaitOptions, WaitTarget,
};

use super::Context;
use crate::args::Until;
use crate::chosen::Chosen;
use crate::failure::{Failure, Task, exit};
use crate::observer::Observer;
use crate::output::json::bare;
use crate::output::progress::Progress;
use crate::output::text;

const OPERATION: &str = "watch_invoice";

/// How waiting ended.
enum Ended {
    Reached(Box<InvoiceSnapshot>),
    Elsewhere(Box<InvoiceSnapshot>),
    TimedOut(Option<Box<InvoiceSnapshot>>),
}

pub(super) async fn watch(
    context: &Context<'_>,
    id: &str,
    until: Until,
    timeout: Duration,
) -> Result<u8, Failure> {
    let (provider, id) = context.provider_of(EntityKind::Invoice, id).await?;
    let id = InvoiceId::new(id)?;
    let observer = context.observer();
    let ended = follow(&*provider, &id, until.into(), timeout, &observer).await;
    let told = tell(context, &provider, &id, until, timeout, ended);
    observer.finish(context.output).await;
    told
}

/// Prints how waiting ended.
fn tell(
    context: &Context<'_>,
    provider: &Chosen,
    id: &InvoiceId,
    until: Until,
    timeout: Duration,
    ended: Result<Ended, Error>,
) -> Result<u8, Failure> {
    let task = Task::Read { id: id.to_string() };
    match ended.map_err(|error| provider.failed(&task, OPERATION, error))? {
        Ended::Reached(invoice) => {
            context
                .output
                .result(&bare::invoice(&invoice), || text::invoice(&invoice))?;
            Ok(exit::DONE)
        }
        Ended::Elsewhere(invoice) => {
            context
                .output
                .result(&bare::invoice(&invoice), || text::invoice(&invoice))?;
            context.output.note(&format!(
                "the invoice is {} and will not be {}",
                text::invoice_status(&invoice),
                clap::ValueEnum::to_possible_value(&until)
                    .map_or_else(String::new, |value| value.get_name().to_owned())
            ));
            Ok(exit::OTHER)
        }
        Ended::TimedOut(last) => {
            let message = match &last {
                Some(invoice) => format!(
                    "timed out after {} s; the invoice is {}",
                    timeout.as_secs(),
                    invoice.status
                ),
                None => format!("timed out after {} s without an answer", timeout.as_secs()),
            };
            let error =
                Error::new(ErrorKind::Timeout, Outcome::NotSent, message).with_id(id.to_string());
            Err(Failure::timed_out(provider.named(OPERATION, error), last))
        }
    }
}

/// Asks every second at first and at least every five later: a person or a script is waiting.
async fn follow(
    provider: &dyn PaymentProvider,
    id: &InvoiceId,
    target: WaitTarget,
    timeout: Duration,
    observer: &Observer,
) -> Result<Ended, Error> {
    let mut options = WaitOptions::default()
        .with_interval(Duration::from_secs(1))
        .with_timeout(timeout);
    options.longest_interval = Duration::from_secs(5);
    let clock = TokioClock;
    let mut changes = pin!(provider.changes(id, options, &clock));
    let mut deadline = pin!(tokio::time::sleep(timeout));
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut progress = Progress::start(&format!("waiting for {}", text::clean(id.as_str())));
    let mut last = None;
    loop {
        let change = tokio::select! {
            biased;
            change = changes.next() => change,
            () = &mut deadline => return Ok(Ended::TimedOut(last)),
            _ = second.tick() => {
                progress.tick();
                continue;
            }
        };
        let Some(invoice) = change.transpose()? else {
            return Ok(Ended::TimedOut(last));
        };
        observer.invoice(&invoice);
        progress.changed(line(&invoice));
        let invoice = Box::new(invoice);
        if target.is_reached_by(invoice.status) {
            return Ok(Ended::Reached(invoice));
        }
        if invoice.status.is_final() {
            return Ok(Ended::Elsewhere(invoice));
        }
        last = Some(invoice);
    }
}

/// The state in one line.
fn line(invoice: &InvoiceSnapshot) -> String {
    let mut line = text::invoice_status(invoice);
    if let (Some(due), Some(received)) = (&invoice.due, &invoice.received) {
        let received = paymux::decimal::plain(received.amount);
        line.push_str(&format!(", received {received} of {due}"));
    }
    if let Some(confirmations) = invoice.confirmations.filter(|it| it.seen > 0) {
        line.push_str(&format!(", {}", text::confirmations(confirmations)));
    }
    line
}
