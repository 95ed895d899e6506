//! The gateway as core's [`PaymentProvider`]: mapping, and nothing else.

mod asset;
mod invoice;
mod payout;
mod powers;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use paymux_core::adapter::{Operation, Settings};
use paymux_core::{
    BalanceApi, Capabilities, CatalogApi, Correlation, Hints, Invoice, InvoiceId, NewInvoice,
    PaymentProvider, PayoutApi, Proof, ProviderName, QuoteApi, RawWebhook, Result, SearchApi,
    WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict, callback_url,
};
use secrecy::SecretString;

use crate::client::Client;
use crate::config::{ConfigKey, UniPaymentBuilder};
use crate::generation::Generation;
use crate::webhook::{self, WebhookVerifier};
pub use invoice::UniPaymentInvoice;
use payout::PayoutSettings;
pub use payout::{PayoutAnswer, UniPaymentPayout};

const VERIFY: &str = "verify_webhook";

/// UniPayment, in the generation that is configured. Clones share one pool of connections and one
/// access token.
///
/// | power | `md5` | `hmac` | `oauth` |
/// |---|---|---|---|
/// | search | by order | yes | yes |
/// | quotes, catalogue, balances | | yes | yes |
/// | payouts | | withdrawals | payments |
#[derive(Clone)]
pub struct UniPayment(Arc<Inner>);

/// Powers are its, and not the provider's own: there `search` and `balances` are the methods that give
/// them.
struct Inner {
    client: Client,
    /// None where the gateway is asked instead.
    verifier: Option<WebhookVerifier>,
    capabilities: Capabilities,
    payouts: PayoutSettings,
}

impl UniPayment {
    /// Starts putting one together.
    #[must_use]
    pub fn builder() -> UniPaymentBuilder {
        UniPaymentBuilder::new()
    }

    pub(crate) fn new(
        client: Client,
        settings: Settings<ConfigKey>,
        webhook_keys: Vec<SecretString>,
    ) -> Result<Self> {
        let generation = client.generation();
        let webhook_secret = settings.secret(ConfigKey::WebhookSecret).cloned();
        let verifier = match (generation, client.md5_signer(), webhook_secret) {
            (Generation::Md5, Some(signer), _) => {
                let key = client.secret().clone();
                Some(WebhookVerifier::md5(key, signer.rule())?)
            }
            (Generation::OAuth, _, Some(secret)) => Some(WebhookVerifier::signed(secret)?),
            _ => None,
        };
        let verifier = verifier
            .map(|verifier| {
                let named = verifier
                    .with_name(client.name().clone())
                    .with_app_id(client.app_id());
                webhook_keys
                    .into_iter()
                    .try_fold(named, WebhookVerifier::with_key)
            })
            .transpose()?;
        Ok(Self(Arc::new(Inner {
            capabilities: capabilities(generation),
            client,
            verifier,
            payouts: PayoutSettings::new(settings)?,
        })))
    }

    /// The gateway's own calls.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// What proves its webhooks; `None` with `hmac`, where the gateway is asked.
    #[must_use]
    pub fn webhook_verifier(&self) -> Option<&WebhookVerifier> {
        self.0.verifier.as_ref()
    }

    fn has_wallet(&self) -> bool {
        self.0.client.generation() != Generation::Md5
    }
}

impl Inner {
    fn operation(&self, name: &'static str) -> Operation<'_> {
        Operation::new(self.client.name(), name)
    }

    async fn proven_event(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        if let Some(verifier) = &self.verifier {
            return verifier.verify(webhook);
        }
        webhook.check_post()?;
        let client = self.client.on_behalf_of(VERIFY);
        client.check_webhook(webhook.body()).await?;
        let mut event = webhook::read_checked(client.name(), client.app_id(), webhook.body())?;
        if event.payout().is_some() && event.reference.is_none() {
            event.reference = callback_url::reference_in(webhook.query(), [client.secret()]);
        }
        Ok(event)
    }
}

fn capabilities(generation: Generation) -> Capabilities {
    let (proof, correlation) = match generation {
        Generation::Md5 => (Proof::Weak, Correlation::None),
        Generation::Hmac => (Proof::Checked, Correlation::CallbackUrl),
        Generation::OAuth => (Proof::Signed, Correlation::Reference),
    };
    // The request of the first generation is known from an example alone, which has these not.
    let has_more_members = generation != Generation::Md5;
    let mut capabilities = Capabilities::new(proof);
    capabilities.payout_correlation = correlation;
    capabilities.hints = Hints {
        description: has_more_members,
        return_url: true,
        metadata: has_more_members,
    };
    capabilities
}

#[async_trait]
impl PaymentProvider for UniPayment {
    fn name(&self) -> &ProviderName {
        self.0.client.name()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let operation = self.0.operation(invoice::CREATE);
        operation.invoice(self.0.new_invoice(request).await)
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        let operation = self.0.operation(invoice::FETCH);
        operation.invoice(self.0.read_invoice(id).await)
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        let operation = self.0.operation(VERIFY);
        operation.result(self.0.proven_event(webhook).await)
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        webhook::claim(webhook.body(), self.0.client.app_id())
    }

    fn webhook_answer(&self, _webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookVerifier::answer(verdict)
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        self.has_wallet().then_some(&*self.0 as &dyn PayoutApi)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        Some(&*self.0)
    }

    fn quotes(&self) -> Option<&dyn QuoteApi> {
        self.has_wallet().then_some(&*self.0 as &dyn QuoteApi)
    }

    fn catalog(&self) -> Option<&dyn CatalogApi> {
        self.has_wallet().then_some(&*self.0 as &dyn CatalogApi)
    }

    fn balances(&self) -> Option<&dyn BalanceApi> {
        self.has_wallet().then_some(&*self.0 as &dyn BalanceApi)
    }
}

impl fmt::Debug for UniPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniPayment")
            .field("name", self.name())
            .field("client", &self.0.client)
            .finish_non_exhaustive()
    }
}
