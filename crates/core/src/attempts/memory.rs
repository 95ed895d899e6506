//! The log that lives as long as the process.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Attempt, AttemptEnd, AttemptId, AttemptLog, AttemptedRequest, Permission};
use crate::asset::AssetName;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::{ProviderName, Reference};
use crate::request::NewPayout;
use crate::snapshot::PayoutSnapshot;

/// An [`AttemptLog`] in memory: it holds within one process and for as long as it lives.
///
/// A payout reference that was paid, or may have been, is never given up again, so it grows with the
/// number of payouts. Invoices leave nothing here.
///
/// ```
/// use paymux_core::attempts::{Attempt, AttemptLog, MemoryAttemptLog, Permission};
/// use paymux_core::{ErrorKind, NewPayout};
///
/// # async fn send(payout: NewPayout) -> paymux_core::Result<()> {
/// let log = MemoryAttemptLog::new();
/// let provider = "eu".parse()?;
/// let attempt = Attempt::payout(&provider, &payout);
/// let first = log.before(attempt).await?;
/// assert!(matches!(first, Permission::Granted(_)));
/// let second = log.before(attempt).await.unwrap_err();
/// assert_eq!(second.kind(), ErrorKind::InProgress);
/// assert!(second.may_have_executed());
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct MemoryAttemptLog(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    last_number: u64,
    references: HashMap<Reference, Remembered>,
    running: HashMap<AttemptId, Reference>,
}

#[derive(Debug)]
struct Remembered {
    terms: Terms,
    provider: ProviderName,
    state: State,
}

/// What makes two payouts the same one.
#[derive(Debug, PartialEq, Eq)]
struct Terms {
    amount: rust_decimal::Decimal,
    asset: AssetName,
    to: String,
    memo: Option<String>,
}

impl Terms {
    fn of(payout: &NewPayout) -> Self {
        Self {
            amount: payout.amount.normalize(),
            asset: payout.asset.clone(),
            to: payout.to.clone(),
            memo: payout.memo.clone(),
        }
    }
}

#[derive(Debug)]
enum State {
    Running,
    Made(Box<PayoutSnapshot>),
    InDoubt(Option<String>),
}

/// A payout of which nobody knows whether it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InDoubt {
    /// The merchant's reference.
    pub reference: Reference,
    /// The provider that may have sent it.
    pub provider: ProviderName,
    /// The gateway's id, where it is known.
    pub id: Option<String>,
}

/// What a query, a webhook or a person found out about a payout that was in doubt.
#[derive(Debug, Clone)]
pub enum Resolution {
    /// It was made.
    Made(Box<PayoutSnapshot>),
    /// It was surely not made: the reference is free again.
    NotMade,
}

impl MemoryAttemptLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The payouts of which nobody knows whether they were sent, in the order of their references.
    #[must_use]
    pub fn in_doubt(&self) -> Vec<InDoubt> {
        let memory = self.memory();
        let mut found: Vec<InDoubt> = memory
            .references
            .iter()
            .filter_map(|(reference, remembered)| match &remembered.state {
                State::InDoubt(id) => Some(InDoubt {
                    reference: reference.clone(),
                    provider: remembered.provider.clone(),
                    id: id.clone(),
                }),
                State::Running | State::Made(_) => None,
            })
            .collect();
        found.sort_by(|a, b| a.reference.cmp(&b.reference));
        found
    }

    /// Settles a payout that was in doubt.
    ///
    /// # Errors
    /// `NotFound` when no payout in doubt has this reference.
    pub fn resolve(&self, reference: &Reference, resolution: Resolution) -> Result<()> {
        let mut memory = self.memory();
        let remembered = memory
            .references
            .get_mut(reference)
            .filter(|remembered| matches!(remembered.state, State::InDoubt(_)))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    Outcome::NotSent,
                    format!("no payout in doubt has the reference {reference}"),
                )
            })?;
        match resolution {
            Resolution::Made(snapshot) => remembered.state = State::Made(snapshot),
            Resolution::NotMade => {
                memory.references.remove(reference);
            }
        }
        Ok(())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn grant(&mut self) -> AttemptId {
        self.last_number += 1;
        AttemptId::new(self.last_number)
    }

    fn end(&mut self, id: AttemptId, state: Option<State>) {
        let Some(reference) = self.running.remove(&id) else {
            return;
        };
        match state {
            Some(state) => {
                if let Some(remembered) = self.references.get_mut(&reference) {
                    remembered.state = state;
                }
            }
            None => {
                self.references.remove(&reference);
            }
        }
    }
}

#[async_trait]
impl AttemptLog for MemoryAttemptLog {
    async fn before(&self, attempt: Attempt<'_>) -> Result<Permission> {
        let mut memory = self.memory();
        let AttemptedRequest::Payout(payout) = attempt.request else {
            return Ok(Permission::Granted(memory.grant()));
        };
        let terms = Terms::of(payout);
        if let Some(remembered) = memory.references.get(&payout.reference) {
            return remembered.answer(&terms, &payout.reference);
        }
        let id = memory.grant();
        if let Entry::Vacant(free) = memory.references.entry(payout.reference.clone()) {
            free.insert(Remembered {
                terms,
                provider: attempt.provider.clone(),
                state: State::Running,
            });
        }
        memory.running.insert(id, payout.reference.clone());
        Ok(Permission::Granted(id))
    }

    async fn after(&self, id: AttemptId, end: AttemptEnd<'_>) -> Result<()> {
        let state = match end {
            AttemptEnd::InvoiceMade(_) => None,
            AttemptEnd::PayoutMade(snapshot) => Some(State::Made(Box::new(snapshot.clone()))),
            AttemptEnd::Failed(error) if error.may_have_executed() => {
                Some(State::InDoubt(error.id().map(str::to_owned)))
            }
            AttemptEnd::Failed(_) => None,
        };
        self.memory().end(id, state);
        Ok(())
    }

    fn abandoned(&self, id: AttemptId) {
        self.memory().end(id, Some(State::InDoubt(None)));
    }
}

impl Remembered {
    /// What a second attempt under the same reference is told.
    fn answer(&self, terms: &Terms, reference: &Reference) -> Result<Permission> {
        if self.terms != *terms {
            return Err(Error::new(
                ErrorKind::Conflict,
                Outcome::NotSent,
                format!(
                    "another payout has the reference {reference}: {} {} to {}",
                    self.terms.amount, self.terms.asset, self.terms.to
                ),
            )
            .with_hint("a payout of its own needs a reference of its own")
            .with_reference(reference.clone()));
        }
        let refused = |kind, message: String| {
            Error::new(kind, Outcome::Unknown, message)
                .with_provider(self.provider.clone())
                .with_reference(reference.clone())
        };
        match &self.state {
            State::Made(snapshot) => Ok(Permission::AlreadyMade(snapshot.clone())),
            State::Running => Err(refused(
                ErrorKind::InProgress,
                format!(
                    "the payout {reference} is being sent by {} now",
                    self.provider
                ),
            )
            .with_hint("wait for the first call to end")),
            State::InDoubt(id) => {
                let error = refused(
                    ErrorKind::Conflict,
                    format!(
                        "{} may have sent the payout {reference} before; nothing was sent now",
                        self.provider
                    ),
                )
                .with_hint("look it up at the gateway, or wait for its webhook, and settle it");
                Err(match id {
                    Some(id) => error.with_id(id.clone()),
                    None => error,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::ids::PayoutId;
    use crate::status::PayoutStatus;

    fn payout(amount: &str) -> NewPayout {
        NewPayout::new(
            "ref-1".parse().unwrap(),
            amount.parse().unwrap(),
            "TRX@tron".parse().unwrap(),
            "TDestination",
        )
    }

    struct Case {
        log: MemoryAttemptLog,
        provider: ProviderName,
    }

    impl Case {
        fn new() -> Self {
            Self {
                log: MemoryAttemptLog::new(),
                provider: "eu".parse().unwrap(),
            }
        }

        fn before(&self, amount: &str) -> Result<Permission> {
            let payout = payout(amount);
            self.log
                .before(Attempt::payout(&self.provider, &payout))
                .now_or_never()
                .unwrap()
        }

        fn granted(&self, amount: &str) -> AttemptId {
            match self.before(amount).unwrap() {
                Permission::Granted(id) => id,
                made @ Permission::AlreadyMade(_) => panic!("{made:?}"),
            }
        }

        fn fails(&self, id: AttemptId, outcome: Outcome) {
            let error = Error::new(ErrorKind::Unavailable, outcome, "down").with_id("P7");
            self.log
                .after(id, AttemptEnd::Failed(&error))
                .now_or_never()
                .unwrap()
                .unwrap();
        }

        fn snapshot(&self) -> PayoutSnapshot {
            PayoutSnapshot::new(
                self.provider.clone(),
                PayoutId::received("P7"),
                PayoutStatus::Pending,
            )
        }
    }

    #[test]
    fn a_reference_is_free_again_after_it_was_surely_not_paid() {
        let case = Case::new();
        for outcome in [Outcome::NotSent, Outcome::Rejected] {
            case.fails(case.granted("1"), outcome);
        }
        // Nothing was ever made, so the terms may change too.
        case.granted("2");
    }

    #[test]
    fn while_it_may_have_been_paid_it_is_refused_and_says_so() {
        let case = Case::new();
        let id = case.granted("1");
        let running = case.before("1.0").unwrap_err();
        assert_eq!(running.kind(), ErrorKind::InProgress);
        assert!(running.may_have_executed());

        case.fails(id, Outcome::Unknown);
        let doubt = case.before("1").unwrap_err();
        assert_eq!(doubt.kind(), ErrorKind::Conflict);
        assert!(doubt.may_have_executed());
        assert_eq!(doubt.provider(), Some(&case.provider));
        assert_eq!(doubt.id(), Some("P7"));
        assert_eq!(case.log.in_doubt().len(), 1);

        let reference = "ref-1".parse().unwrap();
        case.log.resolve(&reference, Resolution::NotMade).unwrap();
        assert!(case.log.resolve(&reference, Resolution::NotMade).is_err());
        case.granted("1");
    }

    #[test]
    fn a_caller_that_went_away_leaves_doubt() {
        let case = Case::new();
        let id = case.granted("1");
        case.log.abandoned(id);
        assert_eq!(case.log.in_doubt()[0].provider, case.provider);
        // A late word about an attempt that has ended changes nothing.
        case.fails(id, Outcome::NotSent);
        assert!(case.before("1").unwrap_err().may_have_executed());
        let made = Resolution::Made(Box::new(case.snapshot()));
        case.log.resolve(&"ref-1".parse().unwrap(), made).unwrap();
        assert!(matches!(case.before("1"), Ok(Permission::AlreadyMade(_))));
    }

    #[test]
    fn the_same_payout_is_told_again_and_another_is_a_conflict() {
        let case = Case::new();
        let id = case.granted("1.50");
        let made = case.snapshot();
        case.log
            .after(id, AttemptEnd::PayoutMade(&made))
            .now_or_never()
            .unwrap()
            .unwrap();
        match case.before("1.5").unwrap() {
            Permission::AlreadyMade(told) => assert_eq!(*told, made),
            granted @ Permission::Granted(_) => panic!("{granted:?}"),
        }
        let other = case.before("2").unwrap_err();
        assert_eq!(other.kind(), ErrorKind::Conflict);
        assert_eq!(other.outcome(), Outcome::NotSent);
        assert!(other.message().contains("1.5 TRX@tron"), "{other}");
    }
}
