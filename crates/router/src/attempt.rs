//! One attempt at one provider, with its place in the attempt log. Nowhere else is a member asked to
//! make an invoice or to send a payout.
//!
//! The order is always the same: the log is asked, the provider is called, the log is told. Whoever goes
//! away in between leaves an attempt that is [abandoned](AttemptLog::abandoned), so that a payout which
//! may have been sent is in doubt and never free.

use std::borrow::Cow;

use paymux_core::attempts::{Attempt, AttemptEnd, AttemptId, AttemptLog, Permission};
use paymux_core::{
    Error, ErrorKind, Invoice, NewInvoice, NewPayout, Outcome, Payout, PayoutSnapshot,
    ProviderName, Result,
};

use crate::deadline::Deadline;
use crate::failover::Turn;
use crate::member::Member;
use crate::owner::{OwnedInvoice, OwnedPayout};
use crate::route::Visit;

/// Stands in a callback URL for the name of the provider that gets it.
const PROVIDER_IN_URL: &str = "{provider}";

/// An attempt that the log has granted and of which it does not know the end yet.
struct Granted<'a> {
    log: &'a dyn AttemptLog,
    id: AttemptId,
    is_told: bool,
}

enum Answer<'a> {
    Granted(Granted<'a>),
    AlreadyMade(Box<PayoutSnapshot>),
}

impl<'a> Granted<'a> {
    /// Asks the log. A log that does not answer in time allows nothing.
    async fn ask(
        log: &'a dyn AttemptLog,
        attempt: Attempt<'_>,
        outcome_if_late: Outcome,
        deadline: &mut Deadline<'_>,
    ) -> Result<Answer<'a>> {
        match deadline.rest(log.before(attempt)).await {
            Some(Ok(Permission::Granted(id))) => Ok(Answer::Granted(Self {
                log,
                id,
                is_told: false,
            })),
            Some(Ok(Permission::AlreadyMade(snapshot))) => Ok(Answer::AlreadyMade(snapshot)),
            Some(Err(error)) => Err(error),
            None => Err(Error::new(
                ErrorKind::Timeout,
                outcome_if_late,
                "the attempt log did not answer in time; nothing was sent now",
            )),
        }
    }

    /// Tells the log how it ended.
    async fn tell(mut self, end: AttemptEnd<'_>, deadline: &mut Deadline<'_>) -> Result<()> {
        let told = deadline.rest(self.log.after(self.id, end)).await;
        // A log that failed keeps it in doubt by itself; one that was cut off is told below.
        self.is_told = told.is_some();
        told.unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::Timeout,
                Outcome::Unknown,
                "the attempt log did not take in time how an attempt ended",
            ))
        })
    }
}

impl Drop for Granted<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            self.log.abandoned(self.id);
        }
    }
}

/// Why an invoice was not made.
pub(crate) enum NotMade {
    /// The log does not allow it.
    Forbidden(Error),
    /// The provider failed.
    Failed(Error),
}

/// Tries to make an invoice at one provider.
pub(crate) async fn make_invoice(
    log: &dyn AttemptLog,
    visit: Visit<'_>,
    request: &NewInvoice,
    deadline: &mut Deadline<'_>,
) -> Result<OwnedInvoice, NotMade> {
    let Visit {
        member,
        permit,
        share,
    } = visit;
    let attempt = Attempt::invoice(&member.name, request);
    let answer = Granted::ask(log, attempt, Outcome::NotSent, deadline).await;
    let granted = match answer.map_err(NotMade::Forbidden)? {
        Answer::Granted(granted) => granted,
        Answer::AlreadyMade(_) => {
            return Err(NotMade::Forbidden(Error::configuration(
                "the attempt log took an invoice for a payout",
            )));
        }
    };
    let result = if deadline.is_over() {
        Err(too_late())
    } else {
        let request = for_invoice(request, &member.name);
        let call = member.provider.create_invoice(&request);
        member
            .call(permit, share, Outcome::Unknown, deadline, call)
            .await
    };
    let result = result.map(|native| OwnedInvoice::new(&member.name, native));
    let end = match &result {
        Ok(invoice) => AttemptEnd::InvoiceMade(invoice.snapshot()),
        Err(error) => AttemptEnd::Failed(error),
    };
    // An invoice that is made, or may be, is told to the caller in any case.
    if let Err(error) = granted.tell(end, deadline).await {
        log_failed(member, &error);
    }
    result.map_err(NotMade::Failed)
}

/// What became of a payout at one provider.
pub(crate) enum Sent {
    /// The provider took it.
    Made(Box<OwnedPayout>),
    /// It was made before; nothing was sent now.
    Before(Box<PayoutSnapshot>),
    /// The log does not allow it; nothing was sent now.
    Forbidden(Error),
    /// The provider failed, and the log knows it.
    Failed(Error),
    /// The provider failed, and the log could not take it: what it knows is that the payout may have
    /// been sent.
    FailedUnrecorded { error: Error, log: Error },
}

/// Tries to send a payout through one provider, by taking a turn.
pub(crate) async fn send_payout(
    _turn: Turn,
    log: &dyn AttemptLog,
    visit: Visit<'_>,
    request: &NewPayout,
    deadline: &mut Deadline<'_>,
) -> Sent {
    let Visit { member, permit, .. } = visit;
    let Some(payouts) = member.provider.payouts() else {
        return Sent::Failed(Error::unsupported("this provider has no payouts"));
    };
    let attempt = Attempt::payout(&member.name, request);
    let granted = match Granted::ask(log, attempt, Outcome::Unknown, deadline).await {
        Ok(Answer::Granted(granted)) => granted,
        Ok(Answer::AlreadyMade(snapshot)) => return Sent::Before(snapshot),
        Err(error) => return Sent::Forbidden(error),
    };
    let share = deadline.share(1);
    let result = if share.is_zero() {
        Err(too_late())
    } else {
        let request = for_payout(request, &member.name);
        let call = payouts.create_payout(&request);
        member
            .call(permit, share, Outcome::Unknown, deadline, call)
            .await
    };
    match result.map(|native| OwnedPayout::new(&member.name, native)) {
        Ok(payout) => {
            let end = AttemptEnd::PayoutMade(payout.snapshot());
            if let Err(error) = granted.tell(end, deadline).await {
                log_failed(member, &error);
            }
            Sent::Made(Box::new(payout))
        }
        Err(error) => match granted.tell(AttemptEnd::Failed(&error), deadline).await {
            Ok(()) => Sent::Failed(error),
            Err(log) => {
                log_failed(member, &log);
                Sent::FailedUnrecorded { error, log }
            }
        },
    }
}

/// The log has taken all the time there was.
fn too_late() -> Error {
    Error::new(
        ErrorKind::Timeout,
        Outcome::NotSent,
        "time ran out before it was sent",
    )
}

fn log_failed(member: &Member, error: &Error) {
    tracing::error!(
        provider = member.name.as_str(),
        kind = error.kind().as_str(),
        "the attempt log could not take how an attempt ended"
    );
}

fn for_invoice<'a>(request: &'a NewInvoice, provider: &ProviderName) -> Cow<'a, NewInvoice> {
    match callback(request.callback_url.as_deref(), provider) {
        Some(url) => Cow::Owned(request.clone().with_callback_url(url)),
        None => Cow::Borrowed(request),
    }
}

fn for_payout<'a>(request: &'a NewPayout, provider: &ProviderName) -> Cow<'a, NewPayout> {
    match callback(request.callback_url.as_deref(), provider) {
        Some(url) => Cow::Owned(request.clone().with_callback_url(url)),
        None => Cow::Borrowed(request),
    }
}

/// The callback URL with the provider's name in it, where it has a place for one.
fn callback(url: Option<&str>, provider: &ProviderName) -> Option<String> {
    url.filter(|url| url.contains(PROVIDER_IN_URL))
        .map(|url| url.replace(PROVIDER_IN_URL, provider.as_str()))
}

#[cfg(test)]
mod tests;
