//! In which order providers are tried.

mod cheapest;
mod latency;
mod priority;
mod sticky;
mod weighted;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, AssetName, Capabilities, Clock, Error, Money, NewPayout, Outcome, ProviderName,
    Quote, Result,
};

use crate::deadline::Deadline;
use crate::health::Gate;
use crate::member::Member;
use crate::operation::Operation;
use crate::request::RouteRequest;

pub use cheapest::Cheapest;
pub use latency::LowestLatency;
pub use priority::Priority;
pub use sticky::Sticky;
pub use weighted::Weighted;

/// Puts the providers that could take a request in the order in which they are tried.
///
/// It gets the candidates in the order of priority and can only leave some out or put them in another
/// order: candidates are neither made nor copied outside of the router. One that it leaves out is not
/// tried, and the decision says so.
///
/// ```
/// use async_trait::async_trait;
/// use paymux_router::{Candidate, RouteRequest, Strategy};
///
/// /// The other way round.
/// #[derive(Debug)]
/// struct LastFirst;
///
/// #[async_trait]
/// impl Strategy for LastFirst {
///     fn name(&self) -> &str {
///         "last first"
///     }
///
///     async fn order<'a>(
///         &self,
///         _request: &RouteRequest<'_>,
///         mut candidates: Vec<Candidate<'a>>,
///     ) -> Vec<Candidate<'a>> {
///         candidates.reverse();
///         candidates
///     }
/// }
/// ```
#[async_trait]
pub trait Strategy: Debug + Send + Sync + 'static {
    /// Its name, for decisions and logs.
    fn name(&self) -> &str;

    /// Puts candidates in the order in which they are tried, within [`RouteRequest::time`].
    async fn order<'a>(
        &self,
        request: &RouteRequest<'_>,
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>>;
}

/// A provider that could take a request.
#[derive(Debug)]
pub struct Candidate<'a> {
    pub(crate) member: &'a Member,
    pub(crate) priority: usize,
    pub(crate) operation: Operation,
    pub(crate) clock: &'a dyn Clock,
}

impl Candidate<'_> {
    /// The provider's name.
    #[must_use]
    pub fn name(&self) -> &ProviderName {
        &self.member.name
    }

    /// What it can and cannot do.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        self.member.provider.capabilities()
    }

    /// Its place in the order of priority, from 0.
    #[must_use]
    pub const fn priority(&self) -> usize {
        self.priority
    }

    /// Its weight; 1 where none is set.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        self.member.weight
    }

    /// How many calls of the wanted kind ended in the last window, and how many of them failed.
    #[must_use]
    pub fn calls_and_failures(&self) -> (u64, u64) {
        let recent = self.member.health.recent(self.operation, self.clock.now());
        (recent.calls, recent.failures)
    }

    /// How long calls of the wanted kind took in the last window, on average of those that did what
    /// was asked.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        let now = self.clock.now();
        self.member.health.recent(self.operation, now).latency
    }

    /// Asks it what a price is in an asset, for as long as this. Limits and breakers hold, and room is left
    /// for the call that it is asked for.
    ///
    /// # Errors
    /// `Unsupported` where it has no quotes; otherwise as
    /// [`QuoteApi::quote`](paymux_core::QuoteApi::quote).
    pub async fn quote(&self, price: &Money, asset: &AssetName, time: Duration) -> Result<Quote> {
        let quotes = self
            .member
            .provider
            .quotes()
            .ok_or_else(|| self.lacks("quotes"))?;
        self.ask(Operation::Quote, time, quotes.quote(price, asset))
            .await
    }

    /// Asks it what it would take for a payout, for as long as this. Limits and breakers hold, and room is left
    /// for the call that it is asked for.
    ///
    /// # Errors
    /// `Unsupported` where it has no payouts; otherwise as
    /// [`PayoutApi::payout_fee`](paymux_core::PayoutApi::payout_fee).
    pub async fn payout_fee(
        &self,
        request: &NewPayout,
        time: Duration,
    ) -> Result<Option<AssetAmount>> {
        let payouts = self
            .member
            .provider
            .payouts()
            .ok_or_else(|| self.lacks("payouts"))?;
        self.ask(Operation::PayoutFee, time, payouts.payout_fee(request))
            .await
    }

    async fn ask<T>(
        &self,
        operation: Operation,
        time: Duration,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let mut deadline = Deadline::new(self.clock, time);
        self.member
            .ask(operation, Gate::Beforehand, &mut deadline, call)
            .await
    }

    fn lacks(&self, what: &str) -> Error {
        Error::unsupported(format!("this provider has no {what}"))
            .with_outcome(Outcome::NotSent)
            .with_provider(self.member.name.clone())
    }
}

#[cfg(test)]
mod tests;
