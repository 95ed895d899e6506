//! The router as a provider.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::{
    AttemptLog, BalanceApi, Capabilities, CatalogApi, Clock, DepositAddressApi, Error, ErrorKind,
    Invoice, InvoiceId, NewInvoice, NewPayout, Outcome, PaymentProvider, PayoutApi, ProviderName,
    QuoteApi, RawWebhook, Result, SearchApi, WebhookAnswer, WebhookClaim, WebhookEvent,
    WebhookVerdict,
};

use crate::builder::RouterBuilder;
use crate::deadline::Deadline;
use crate::decision::RouteDecision;
use crate::health::{Forced, ProviderHealth};
use crate::member::Member;
use crate::operation::Operation;
use crate::request::Wanted;
use crate::route::Route;
use crate::rule::Rules;

/// Several providers behind one. Clones share everything.
///
/// It is a [`PaymentProvider`] itself, so an application that holds an `Arc<dyn PaymentProvider>` does
/// not notice. A power is there when one of its providers has it.
#[derive(Clone)]
pub struct Router {
    inner: Arc<Inner>,
    deadline: Duration,
}

pub(crate) struct Inner {
    pub(crate) name: ProviderName,
    /// In the order of priority.
    pub(crate) members: Vec<Arc<Member>>,
    pub(crate) places: HashMap<ProviderName, usize>,
    pub(crate) rules: Rules,
    pub(crate) log: Arc<dyn AttemptLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hedge_after: Option<Duration>,
    pub(crate) capabilities: Capabilities,
}

impl Inner {
    pub(crate) fn member(&self, name: &ProviderName) -> Option<&Member> {
        let place = self.places.get(name)?;
        self.members.get(*place).map(Arc::as_ref)
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().map(Arc::as_ref)
    }

    /// The only member, where there is one.
    pub(crate) fn only(&self) -> Option<&Member> {
        match self.members.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &ProviderName> {
        self.members.iter().map(|member| &member.name)
    }

    fn has(&self, power: impl Fn(&dyn PaymentProvider) -> bool) -> bool {
        self.members.iter().any(|member| power(&*member.provider))
    }
}

impl Router {
    /// Starts putting one together.
    pub fn builder() -> RouterBuilder {
        RouterBuilder::new()
    }

    pub(crate) fn new(inner: Inner, deadline: Duration) -> Self {
        Self {
            inner: Arc::new(inner),
            deadline,
        }
    }

    /// The same router with another time for each call: a caller's own deadline.
    ///
    /// ```
    /// # use paymux_core::{Invoice, NewInvoice, PaymentProvider, Result};
    /// # async fn f(router: &paymux_router::Router, request: &NewInvoice) -> Result<()> {
    /// use std::time::Duration;
    ///
    /// let invoice = router.within(Duration::from_secs(5)).create_invoice(request).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            deadline,
        }
    }

    /// Its providers, in the order of priority.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<dyn PaymentProvider>> {
        self.inner.members().map(|member| &member.provider)
    }

    /// Where this invoice would go now, and why. Nothing is made; a strategy may ask for quotes.
    ///
    /// # Errors
    /// `InvalidRequest` where the request is wrong for every provider.
    pub async fn explain_invoice(&self, request: &NewInvoice) -> Result<RouteDecision> {
        request.check()?;
        Ok(self.explain(Wanted::Invoice(request)).await)
    }

    /// Where this payout would go now, and why. Nothing is sent and the attempt log is not asked; a
    /// strategy may ask for fees.
    ///
    /// # Errors
    /// `InvalidRequest` where the request is wrong for every provider.
    pub async fn explain_payout(&self, request: &NewPayout) -> Result<RouteDecision> {
        request.check()?;
        Ok(self.explain(Wanted::Payout(request)).await)
    }

    async fn explain(&self, wanted: Wanted<'_>) -> RouteDecision {
        let mut deadline = self.deadline();
        let rule = self.inner.rules.matching(wanted);
        Route::choose(rule, wanted, &mut deadline)
            .await
            .into_decision()
    }

    /// How each provider is doing, in the order of priority.
    #[must_use]
    pub fn health(&self) -> Vec<ProviderHealth> {
        let now = self.inner.clock.now();
        self.inner
            .members()
            .map(|member| member.health.report(member.name.clone(), now))
            .collect()
    }

    /// An operator's word on a provider: it holds until [`release`](Self::release), whatever its
    /// breakers say.
    ///
    /// # Errors
    /// `NotFound` when there is no such provider.
    pub fn force(&self, provider: &ProviderName, forced: Forced) -> Result<()> {
        self.known(provider)?.health.force(Some(forced));
        tracing::info!(
            provider = provider.as_str(),
            ?forced,
            "an operator forced a provider"
        );
        Ok(())
    }

    /// Lets the breakers of a provider decide again.
    ///
    /// # Errors
    /// `NotFound` when there is no such provider.
    pub fn release(&self, provider: &ProviderName) -> Result<()> {
        self.known(provider)?.health.force(None);
        tracing::info!(
            provider = provider.as_str(),
            "an operator released a provider"
        );
        Ok(())
    }

    fn known(&self, provider: &ProviderName) -> Result<&Member> {
        self.inner.member(provider).ok_or_else(|| {
            let names: Vec<&str> = self.inner.names().map(ProviderName::as_str).collect();
            Error::new(
                ErrorKind::NotFound,
                Outcome::NotSent,
                format!(
                    "the router has no provider {provider}; it has {}",
                    names.join(", ")
                ),
            )
        })
    }

    /// The log that keeps a payout from being sent twice.
    #[must_use]
    pub fn attempt_log(&self) -> &Arc<dyn AttemptLog> {
        &self.inner.log
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The end of a call that begins now.
    pub(crate) fn deadline(&self) -> Deadline<'_> {
        self.deadline_after(Duration::ZERO)
    }

    /// The end of a call of which this much time is spent.
    pub(crate) fn deadline_after(&self, spent: Duration) -> Deadline<'_> {
        Deadline::new(&*self.inner.clock, self.deadline.saturating_sub(spent))
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("name", &self.inner.name)
            .field("providers", &self.inner.members)
            .field("rules", &self.inner.rules)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentProvider for Router {
    fn name(&self) -> &ProviderName {
        &self.inner.name
    }

    /// What all of its providers can do.
    fn capabilities(&self) -> &Capabilities {
        &self.inner.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        match self.make_invoice(request).await {
            Ok(invoice) => Ok(Box::new(invoice)),
            Err(error) => Err(error.with_operation(Operation::CreateInvoice.as_str())),
        }
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        match self.read_invoice(id).await {
            Ok(invoice) => Ok(Box::new(invoice)),
            Err(error) => Err(error.with_operation(Operation::FetchInvoice.as_str())),
        }
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        self.prove(webhook)
            .await
            .map_err(|error| error.with_operation("verify_webhook"))
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        self.claim(webhook)
    }

    fn webhook_answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        self.answer(webhook, verdict)
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        self.inner
            .has(|provider| provider.payouts().is_some())
            .then_some(self)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        self.inner
            .has(|provider| provider.search().is_some())
            .then_some(self)
    }

    fn quotes(&self) -> Option<&dyn QuoteApi> {
        self.inner
            .has(|provider| provider.quotes().is_some())
            .then_some(self)
    }

    fn catalog(&self) -> Option<&dyn CatalogApi> {
        self.inner
            .has(|provider| provider.catalog().is_some())
            .then_some(self)
    }

    fn balances(&self) -> Option<&dyn BalanceApi> {
        self.inner
            .has(|provider| provider.balances().is_some())
            .then_some(self)
    }

    fn deposit_addresses(&self) -> Option<&dyn DepositAddressApi> {
        self.inner
            .has(|provider| provider.deposit_addresses().is_some())
            .then_some(self)
    }
}
