//! One request on its way from candidate to candidate, and the story of it.

mod choose;

use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::attempts::AttemptVerdict;
use paymux_core::{Error, ErrorKind, Outcome, PaymentProvider, ProviderAttempt, Result};

use self::choose::LEFT_OUT;
use crate::deadline::{Deadline, between};
use crate::decision::{RouteDecision, RouteFailure, sentence};
use crate::failover::Next;
use crate::health::{Gate, Permit, Refusal};
use crate::member::{Call, Member};

/// One provider's turn.
pub(crate) struct Visit<'a> {
    pub(crate) member: &'a Member,
    pub(crate) permit: Permit<'a>,
    /// How long it may take.
    pub(crate) share: Duration,
}

/// A request that goes from candidate to candidate until one does it.
pub(crate) struct Route<'a> {
    decision: RouteDecision,
    left: std::vec::IntoIter<&'a Member>,
    /// The failure that tells most so far, and its place in the story.
    failure: Option<(usize, Error)>,
    /// Whether somebody could do it at another time, and when, where that is known.
    is_passing: bool,
    retry_at: Option<DateTime<Utc>>,
}

impl<'a> Route<'a> {
    /// The next provider that takes a call now. None when nobody is left, or no time.
    pub(crate) fn next(&mut self, deadline: &Deadline<'_>) -> Option<Visit<'a>> {
        while !deadline.is_over() {
            let share = deadline.share(self.left.len());
            let member = self.left.next()?;
            let now = deadline.clock().now();
            match member.enter(self.decision.operation, Gate::New, now) {
                Ok(permit) => {
                    return Some(Visit {
                        member,
                        permit,
                        share,
                    });
                }
                Err(refusal) => self.refused(member, refusal),
            }
        }
        None
    }

    /// The provider that would be tried first.
    pub(crate) fn first(&self) -> Option<&'a Member> {
        self.left.as_slice().first().copied()
    }

    /// Asks one after the other until one does it, as far as the rule lets it go on.
    pub(crate) async fn until_one_does<T>(
        mut self,
        deadline: &mut Deadline<'_>,
        outcome_if_late: Outcome,
        rule: fn(&Error) -> Next,
        call: impl Fn(&'a dyn PaymentProvider) -> Call<'a, T>,
    ) -> Result<(&'a Member, T)> {
        while let Some(visit) = self.next(deadline) {
            let member = visit.member;
            let Some(call) = call(&*member.provider) else {
                continue;
            };
            let call = member.call(visit.permit, visit.share, outcome_if_late, deadline, call);
            match call.await {
                Ok(done) => return Ok((member, done)),
                Err(error) => {
                    let next = rule(&error);
                    self.failed(member, error);
                    if next == Next::Stop {
                        break;
                    }
                }
            }
        }
        Err(self.into_error(deadline.clock().now()))
    }

    /// A provider that gets no call after all.
    fn refused(&mut self, member: &Member, refusal: Refusal) {
        self.is_passing = true;
        self.retry_at = match (self.retry_at, refusal.until()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.exclude(member, refusal.reason());
    }

    fn exclude(&mut self, member: &Member, reason: &'static str) {
        let excluded = ProviderAttempt::excluded(member.name.clone(), reason);
        self.decision.attempts.push(excluded);
    }

    /// A provider that was tried and failed.
    pub(crate) fn failed(&mut self, member: &Member, error: Error) {
        tracing::warn!(
            operation = self.decision.operation.as_str(),
            provider = member.name.as_str(),
            kind = error.kind().as_str(),
            outcome = error.outcome().as_str(),
            code = error.code(),
            "an attempt failed"
        );
        let place = self.decision.attempts.len();
        let failed = ProviderAttempt::failed(member.name.clone(), &error);
        self.decision.attempts.push(failed);
        let tells_more = self
            .failure
            .as_ref()
            .is_none_or(|(_, known)| weight(known.outcome()) < weight(error.outcome()));
        if tells_more {
            self.failure = Some((place, error));
        }
    }

    /// The whole story, once a provider did it.
    pub(crate) fn made(mut self, member: &Member, id: impl Into<String>) -> Vec<ProviderAttempt> {
        let made = ProviderAttempt::made(member.name.clone(), id);
        self.decision.attempts.push(made);
        self.into_decision().attempts
    }

    /// The decision, with those that were not needed.
    pub(crate) fn into_decision(mut self) -> RouteDecision {
        let rest = self.left.by_ref();
        self.decision
            .attempts
            .extend(rest.map(|member| ProviderAttempt::not_tried(member.name.clone())));
        self.decision
    }

    /// What the caller is told when nobody did it.
    pub(crate) fn into_error(mut self, now: DateTime<Utc>) -> Error {
        match self.failure.take() {
            Some((place, cause)) => self.told(Some(place), cause, ""),
            None => self.nobody(now),
        }
    }

    /// What the caller is told when the attempt log ends it. A failure before that may tell more: an
    /// invoice that may be there is not forgotten because another one was not allowed.
    pub(crate) fn stopped(mut self, cause: Error) -> Error {
        match self.failure.take() {
            Some((place, failure)) if weight(failure.outcome()) > weight(cause.outcome()) => {
                self.told(Some(place), failure, &format!("; then {}", cause.message()))
            }
            _ => self.told(None, cause, ""),
        }
    }

    /// The cause speaks for all, and those that failed beside it are named after it.
    fn told(self, place: Option<usize>, cause: Error, end: &str) -> Error {
        let operation = self.decision.operation;
        let decision = self.into_decision();
        let mut message = cause.message().to_owned();
        for (index, attempt) in decision.attempts.iter().enumerate() {
            if attempt.verdict == AttemptVerdict::Failed && Some(index) != place {
                message.push_str("; ");
                message.push_str(&sentence(attempt));
            }
        }
        message.push_str(end);
        let error =
            Error::new(cause.kind(), cause.outcome(), message).with_operation(operation.as_str());
        copied(error, &cause).with_source(RouteFailure::new(decision, Some(cause)))
    }

    /// No provider was tried.
    fn nobody(self, now: DateTime<Utc>) -> Error {
        let (is_passing, retry_at) = (self.is_passing, self.retry_at);
        let decision = self.into_decision();
        let is_late = decision.chosen().is_some();
        let reasons: Vec<String> = decision.excluded().map(sentence).collect();
        let is_strategy = |attempt: &ProviderAttempt| attempt.reason.as_deref() == Some(LEFT_OUT);
        let (kind, what) = if is_late {
            (
                ErrorKind::Timeout,
                "time ran out before a provider was tried",
            )
        } else if is_passing || decision.excluded().any(is_strategy) {
            (ErrorKind::Unavailable, "no provider can take it now")
        } else {
            (ErrorKind::Unsupported, "no provider can do it")
        };
        let message = if reasons.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: {}", shortened(&reasons))
        };
        let error =
            Error::new(kind, Outcome::NotSent, message).with_operation(decision.operation.as_str());
        let error = match retry_at {
            Some(at) => error.with_retry_after(between(now, at)),
            None => error,
        };
        error.with_source(RouteFailure::new(decision, None))
    }
}

/// Of two failures the one that must not be overlooked tells more.
const fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotSent => 0,
        Outcome::Rejected => 1,
        Outcome::Unknown => 2,
    }
}

/// What an error's cause tells beside its kind, outcome and message.
fn copied(mut error: Error, cause: &Error) -> Error {
    if let Some(provider) = cause.provider() {
        error = error.with_provider(provider.clone());
    }
    if let Some(code) = cause.code() {
        error = error.with_code(code);
    }
    if let Some(hint) = cause.hint() {
        error = error.with_hint(hint.to_owned());
    }
    if let Some(id) = cause.id() {
        error = error.with_id(id);
    }
    if let Some(reference) = cause.reference() {
        error = error.with_reference(reference.clone());
    }
    if let Some(wait) = cause.retry_after() {
        error = error.with_retry_after(wait);
    }
    error
}

fn shortened(reasons: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<&str> = reasons.iter().take(SHOWN).map(String::as_str).collect();
    match reasons.len().saturating_sub(SHOWN) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}
