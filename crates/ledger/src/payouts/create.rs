//! Sending a payout once.

use std::sync::Arc;

use paymux_core::{Error, NewPayout, PaymentProvider, PayoutSnapshot, ProviderName, Result};

use super::begin::{Asked, Begun, begin};
use super::doubt::abandon;
use super::end::{Ending, end};
use crate::error::{LedgerError, Stored};
use crate::intent::{Intent, Turn, inside, new_number, take_back, take_turns};
use crate::keeper::Held;
use crate::ledger::Ledger;
use crate::store::Tx;

/// What else there is to say about a payout that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayoutOptions {
    /// Who asks for it: a payout above a limit has to be approved by somebody else.
    pub requested_by: Option<String>,
}

impl PayoutOptions {
    /// Nothing to say.
    #[must_use]
    pub const fn new() -> Self {
        Self { requested_by: None }
    }

    /// Sets who asks for it.
    #[must_use]
    pub fn requested_by(mut self, who: impl Into<String>) -> Self {
        self.requested_by = Some(who.into());
        self
    }
}

/// What a call finds when it may begin.
enum Start {
    Run(Intent),
    Known(Box<PayoutSnapshot>),
}

impl Ledger {
    /// Sends a payout at most once under its reference, however often and from wherever this is
    /// called.
    ///
    /// | the reference | this call |
    /// |---|---|
    /// | is new, or was surely not sent | sends, and gives what the gateway told |
    /// | was sent with the same terms | gives what is known of it; sends nothing |
    /// | is being sent by another call | waits for that call, then as above, else `InProgress` |
    /// | may have been sent | `Conflict` with outcome `Unknown`; sends nothing |
    /// | was refused by the gateway | the same error again; sends nothing |
    /// | belongs to another payout | `Conflict` with outcome `NotSent` |
    ///
    /// A call whose future is dropped, or whose process dies, leaves the payout in doubt; see
    /// [`recover`](Self::recover) and [`settle`](Self::settle). A refusal that only asks to slow down
    /// counts as not sent. The terms are amount, asset, destination and memo.
    ///
    /// # Errors
    /// As the table says, and what the provider fails with. Where the database is the cause, nothing
    /// was sent. A result that the database does not take is written as soon as it does.
    pub async fn create_payout(
        &self,
        provider: &dyn PaymentProvider,
        request: &NewPayout,
    ) -> Result<PayoutSnapshot> {
        self.create_payout_with(provider, request, &PayoutOptions::new())
            .await
    }

    /// Like [`create_payout`](Self::create_payout), with more to say about it.
    ///
    /// # Errors
    /// As [`create_payout`](Self::create_payout); `Permission` with
    /// [`ApprovalNeeded`](crate::ApprovalNeeded) as its source while it waits for a second person.
    pub async fn create_payout_with(
        &self,
        provider: &dyn PaymentProvider,
        request: &NewPayout,
        options: &PayoutOptions,
    ) -> Result<PayoutSnapshot> {
        request.check()?;
        let Some(power) = provider.payouts() else {
            return Err(
                Error::unsupported(format!("{} sends no payouts", provider.name()))
                    .with_provider(provider.name().clone()),
            );
        };
        let start = take_turns(&self.0, || {
            self.start_payout(provider.name(), request, options)
        })
        .await?;
        let mut intent = match start {
            Start::Run(intent) => intent,
            Start::Known(snapshot) => return Ok(*snapshot),
        };
        intent.sending();
        let number = intent.number();
        let result = inside(number, power.create_payout(request))
            .await
            .map(|payout| {
                let mut snapshot = payout.snapshot().clone();
                snapshot.reference = Some(request.reference.clone());
                snapshot
            });
        let ending = Ending::of(&result);
        let reference = request.reference.clone();
        let now = self.0.now();
        let written = intent
            .finish(move |tx| end(tx, &reference, number, &ending, now))
            .await;
        match written.ok().flatten() {
            Some(instead) => instead,
            None => result.map_err(|error| error.with_reference(request.reference.clone())),
        }
    }

    async fn start_payout(
        &self,
        provider: &ProviderName,
        request: &NewPayout,
        options: &PayoutOptions,
    ) -> Result<Turn<Start>> {
        let now = self.0.now();
        let asked = Asked {
            request: request.clone(),
            provider: provider.clone(),
            requested_by: options.requested_by.clone(),
            intent: new_number(),
            now,
            lease_until: self.0.lease_until(now),
            repeats_rejected: false,
        };
        match self.begin_payout(asked, |_| Ok(())).await? {
            (Begun::Run, Some(intent)) => Ok(Turn::Done(Start::Run(intent))),
            (Begun::Made(snapshot), _) => Ok(Turn::Done(Start::Known(snapshot))),
            (Begun::Running(error), _) => Ok(Turn::Wait(error)),
            (Begun::Refused(error), _) => Err(error),
            (Begun::Run, None) => Err(LedgerError::unreadable("a call has no intent").into()),
        }
    }

    /// Writes the intent of a payout. It is held from its commit on, also where nobody waits for the
    /// answer any more. What goes with it is written by `also`.
    pub(crate) async fn begin_payout<F>(
        &self,
        asked: Asked,
        also: F,
    ) -> Result<(Begun, Option<Intent>)>
    where
        F: Fn(&mut dyn Tx) -> Stored<()> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let limits = self.0.settings.payout_limits.clone();
        let (number, reference) = (asked.intent, asked.request.reference.clone());
        let held = move |begun: Stored<Begun>| {
            let held = Held::Payout(reference);
            match begun {
                Ok(begun) => {
                    let intent = matches!(begun, Begun::Run)
                        .then(|| Intent::new(inner, number, held, abandon));
                    Ok((begun, intent))
                }
                Err(failure) => {
                    take_back(&inner, number, &failure, move |tx, inner| {
                        abandon(tx, &held, number, false, inner)
                    });
                    Err(failure)
                }
            }
        };
        self.0
            .store
            .write_then(
                move |tx| {
                    let begun = begin(tx, &asked, &limits)?;
                    if matches!(begun, Begun::Run) {
                        also(tx)?;
                    }
                    Ok(begun)
                },
                held,
            )
            .await
            .unwrap_or_else(|| Err(crate::store::gone()))
            .map_err(Error::from)
    }
}
