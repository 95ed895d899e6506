//! The gateway as core's [`PaymentProvider`]: mapping, and nothing else.

mod catalog;
mod invoice;
mod payout;
mod powers;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::adapter::Operation;
use paymux_core::{
    BalanceApi, Capabilities, CatalogApi, Correlation, DepositAddressApi, ExpiryLimits, Invoice,
    InvoiceId, NewInvoice, PaymentProvider, PayoutApi, Proof, ProviderName, QuoteApi, RawWebhook,
    Result, WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict,
};

use crate::client::Client;
use crate::config::NativeCheckoutBuilder;
use crate::sign::Keys;
use crate::webhook::WebhookVerifier;
use catalog::Catalog;
pub use invoice::NativeInvoice;
pub use payout::{NativePayout, PayoutAnswer};

/// The time to pay that the gateway gives when none is asked for (Native Checkout API,
/// `order/create`).
const DEFAULT_EXPIRY: Duration = Duration::from_secs(30 * 60);

/// HaloPay Native Checkout. Clones share one pool of connections and one list of tokens.
///
/// Its powers are payouts, quotes, the catalogue, balances and deposit addresses. There is no search:
/// the gateway has no look-up by order.
#[derive(Clone)]
pub struct NativeCheckout(Arc<Inner>);

struct Inner {
    client: Client,
    verifier: WebhookVerifier,
    capabilities: Capabilities,
    catalog: Catalog,
}

impl NativeCheckout {
    /// Starts putting one together.
    #[must_use]
    pub fn builder() -> NativeCheckoutBuilder {
        NativeCheckoutBuilder::new()
    }

    pub(crate) fn new(client: Client, keys: Keys, catalog_lifetime: Duration) -> Self {
        let mut capabilities = Capabilities::new(Proof::Signed);
        capabilities.asset_required = true;
        capabilities.payout_correlation = Correlation::CallbackUrl;
        capabilities.expiry = Some(ExpiryLimits {
            default: DEFAULT_EXPIRY,
        });
        Self(Arc::new(Inner {
            verifier: WebhookVerifier::of_keys(client.name().clone(), keys),
            client,
            capabilities,
            catalog: Catalog::new(catalog_lifetime),
        }))
    }

    /// The gateway's own nine calls.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// What proves its webhooks.
    #[must_use]
    pub fn webhook_verifier(&self) -> &WebhookVerifier {
        &self.0.verifier
    }
}

impl Inner {
    fn operation(&self, name: &'static str) -> Operation<'_> {
        Operation::new(self.client.name(), name)
    }
}

#[async_trait]
impl PaymentProvider for NativeCheckout {
    fn name(&self) -> &ProviderName {
        self.0.client.name()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let operation = self.0.operation(invoice::CREATE);
        operation.invoice(self.new_invoice(request).await)
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        let operation = self.0.operation(invoice::FETCH);
        operation.invoice(self.read_invoice(id).await)
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        self.0.verifier.verify(webhook)
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        self.0.verifier.claim(webhook)
    }

    fn webhook_answer(&self, _webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookVerifier::answer(verdict)
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        Some(self)
    }

    fn quotes(&self) -> Option<&dyn QuoteApi> {
        Some(self)
    }

    fn catalog(&self) -> Option<&dyn CatalogApi> {
        Some(self)
    }

    fn balances(&self) -> Option<&dyn BalanceApi> {
        Some(&*self.0)
    }

    fn deposit_addresses(&self) -> Option<&dyn DepositAddressApi> {
        Some(self)
    }
}

impl fmt::Debug for NativeCheckout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeCheckout")
            .field("name", self.name())
            .field("client", &self.0.client)
            .finish_non_exhaustive()
    }
}
