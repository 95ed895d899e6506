//! Why a request went where it went.

use std::fmt;

use paymux_core::attempts::AttemptVerdict;
use paymux_core::{Error, Outcome, ProviderAttempt, ProviderName};
use serde::{Deserialize, Serialize};

use crate::operation::Operation;

/// Why a request went where it went, or would go.
///
/// `attempts` names every provider that the rule has, in the order in which they were considered: those
/// that could not take it and why, then those that could, in the strategy's order: tried and with what
/// outcome, the one that did it, those that were not needed.
///
/// Ids in it have the form `PROVIDER:ID`, as every id that the router gives out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RouteDecision {
    /// What was wanted.
    pub operation: Operation,
    /// The rule that decided; `default` where none matched.
    pub rule: String,
    /// The strategy that put the candidates in order.
    pub strategy: String,
    /// Every provider that was considered.
    pub attempts: Vec<ProviderAttempt>,
}

impl RouteDecision {
    /// The provider that did it; before anything was tried, the one that would be first.
    #[must_use]
    pub fn chosen(&self) -> Option<&ProviderName> {
        let first = |verdict| {
            self.attempts
                .iter()
                .find(|attempt| attempt.verdict == verdict)
                .map(|attempt| &attempt.provider)
        };
        let was_tried = self.tried().next().is_some();
        first(AttemptVerdict::Made)
            .or_else(|| first(AttemptVerdict::NotTried).filter(|_| !was_tried))
    }

    /// Those that were tried, in this order.
    pub fn tried(&self) -> impl Iterator<Item = &ProviderAttempt> {
        self.attempts.iter().filter(|attempt| {
            matches!(
                attempt.verdict,
                AttemptVerdict::Made | AttemptVerdict::Failed
            )
        })
    }

    /// Those that could not take it, with the reason.
    pub fn excluded(&self) -> impl Iterator<Item = &ProviderAttempt> {
        self.attempts
            .iter()
            .filter(|attempt| attempt.verdict == AttemptVerdict::Excluded)
    }

    /// Those that failed and may have done it all the same: what arrives there belongs to the same order.
    pub fn abandoned(&self) -> impl Iterator<Item = &ProviderAttempt> {
        self.attempts
            .iter()
            .filter(|attempt| attempt.may_have_executed())
    }
}

impl fmt::Display for RouteDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} by the rule {:?} in the order {:?}",
            self.operation, self.rule, self.strategy
        )?;
        for (index, attempt) in self.attempts.iter().enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            f.write_str(&sentence(attempt))?;
        }
        Ok(())
    }
}

/// What became of one provider, in a few words.
pub(crate) fn sentence(attempt: &ProviderAttempt) -> String {
    let provider = &attempt.provider;
    let reason = attempt.reason.as_deref().unwrap_or("no reason is known");
    match attempt.verdict {
        AttemptVerdict::Excluded => format!("{provider} was left out: {reason}"),
        AttemptVerdict::NotTried => format!("{provider} was not tried"),
        AttemptVerdict::Made => format!("{provider} did it"),
        _ => match attempt.outcome {
            Some(Outcome::Unknown) => {
                format!("{provider} failed and may have done it: {reason}")
            }
            _ => format!("{provider} failed: {reason}"),
        },
    }
}

/// What an error of a routed request has as its source: the whole decision, and beneath it the failure
/// that tells most.
///
/// ```
/// use paymux_core::Error;
/// use paymux_router::RouteFailure;
///
/// fn abandoned(error: &Error) -> usize {
///     let failure = std::error::Error::source(error)
///         .and_then(|source| source.downcast_ref::<RouteFailure>());
///     failure.map_or(0, |failure| failure.decision().abandoned().count())
/// }
/// ```
#[derive(Debug)]
pub struct RouteFailure {
    decision: RouteDecision,
    cause: Option<Error>,
}

impl RouteFailure {
    pub(crate) const fn new(decision: RouteDecision, cause: Option<Error>) -> Self {
        Self { decision, cause }
    }

    /// Everything that was considered and tried.
    #[must_use]
    pub const fn decision(&self) -> &RouteDecision {
        &self.decision
    }
}

impl fmt::Display for RouteFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decision.fmt(f)
    }
}

impl std::error::Error for RouteFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause
            .as_ref()
            .map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}
