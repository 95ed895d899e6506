//! A provider with one flaw, so that the laws of conformance are tested themselves: each law has to
//! notice the flaws that break it.

mod flaw;
mod harness;
mod invoices;
mod powers;
mod webhooks;

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use paymux_core::{
    BalanceApi, Capabilities, CatalogApi, DepositAddressApi, Error, Invoice, InvoiceId, NewInvoice,
    PaymentProvider, PayoutApi, ProviderName, QuoteApi, RawWebhook, Result, SearchApi,
    WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict,
};

pub use flaw::Flaw;
pub use harness::BrokenHarness;

use crate::harness::CANARY_KEY;

/// A right provider, seen through one flaw.
struct BrokenProvider {
    inner: Arc<dyn PaymentProvider>,
    flaw: Flaw,
    calls: AtomicU32,
    last_event: Mutex<Option<WebhookEvent>>,
}

impl BrokenProvider {
    fn new(inner: Arc<dyn PaymentProvider>, flaw: Flaw) -> Self {
        Self {
            inner,
            flaw,
            calls: AtomicU32::new(0),
            last_event: Mutex::new(None),
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    /// How many calls there were before this one.
    fn count(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    fn failure(&self, error: Error) -> Error {
        match self.flaw {
            Flaw::SecretInMessage => Error::new(
                error.kind(),
                error.outcome(),
                format!("{} (signed with {CANARY_KEY})", error.message()),
            ),
            Flaw::SecretInSource => error.with_source(format!("key {CANARY_KEY} was refused")),
            _ => error,
        }
    }
}

impl fmt::Debug for BrokenProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("BrokenProvider");
        shown.field("flaw", &self.flaw);
        if self.has(Flaw::SecretInDebug) {
            shown.field("app_key", &CANARY_KEY);
        }
        shown.finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentProvider for BrokenProvider {
    fn name(&self) -> &ProviderName {
        self.inner.name()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        self.create_flawed(request)
            .await
            .map_err(|error| self.failure(error))
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        self.fetch_flawed(id)
            .await
            .map_err(|error| self.failure(error))
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        self.verify_flawed(webhook)
            .await
            .map_err(|error| self.failure(error))
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        self.inner.webhook_claim(webhook)
    }

    fn webhook_answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        if self.has(Flaw::RefusalsAnsweredWithSuccess) {
            return self.inner.webhook_answer(webhook, WebhookVerdict::Accepted);
        }
        self.inner.webhook_answer(webhook, verdict)
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        self.inner.payouts().map(|_| self as &dyn PayoutApi)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        self.inner.search()
    }

    fn quotes(&self) -> Option<&dyn QuoteApi> {
        self.inner.quotes().map(|_| self as &dyn QuoteApi)
    }

    fn catalog(&self) -> Option<&dyn CatalogApi> {
        self.inner.catalog().map(|_| self as &dyn CatalogApi)
    }

    fn balances(&self) -> Option<&dyn BalanceApi> {
        self.inner.balances().map(|_| self as &dyn BalanceApi)
    }

    fn deposit_addresses(&self) -> Option<&dyn DepositAddressApi> {
        self.inner.deposit_addresses()
    }
}
