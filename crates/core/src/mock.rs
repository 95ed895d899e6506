//! mockall doubles of the traits, for tests of code that takes payments.
//!
//! ```
//! use paymux_core::mock::MockProvider;
//! use paymux_core::{InvoiceId, InvoiceSnapshot, InvoiceStatus, PaymentProvider};
//!
//! let mut provider = MockProvider::named("shop");
//! let name = provider.name().clone();
//! provider.invoices.expect_fetch_invoice().times(1).returning(move |id| {
//!     Ok(Box::new(InvoiceSnapshot::new(name.clone(), id.clone(), InvoiceStatus::Settled)))
//! });
//!
//! let id = InvoiceId::received("T1");
//! let invoice = futures_util::FutureExt::now_or_never(provider.fetch_invoice(&id)).unwrap();
//! assert_eq!(invoice.unwrap().status(), InvoiceStatus::Settled);
//! assert!(provider.payouts().is_none());
//! ```
#![allow(missing_docs, clippy::indexing_slicing, clippy::ref_option_ref)]

use async_trait::async_trait;
use mockall::mock;

use crate::{
    AssetAmount, AssetName, Balance, BalanceApi, Capabilities, CatalogApi, CatalogAsset,
    CatalogScope, DepositAddress, DepositAddressApi, Invoice, InvoiceId, InvoiceQuery, Listing,
    Money, NewDepositAddress, NewInvoice, NewPayout, Page, PaymentProvider, Payout, PayoutApi,
    PayoutId, Proof, ProviderName, Quote, QuoteApi, RawWebhook, Result, SearchApi, WebhookAnswer,
    WebhookClaim, WebhookEvent, WebhookVerdict,
};

mock! {
    /// What every provider can do; the calls of [`PaymentProvider`] that reach a gateway.
    #[derive(Debug)]
    pub Invoices {
        pub fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>>;
        pub fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>>;
        pub fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent>;
        pub fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim;
    }
}

mock! {
    #[derive(Debug)]
    pub PayoutApi {}

    #[async_trait]
    impl PayoutApi for PayoutApi {
        async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>>;
        async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>>;
        async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>>;
    }
}

mock! {
    #[derive(Debug)]
    pub SearchApi {}

    #[async_trait]
    impl SearchApi for SearchApi {
        async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn Invoice>>>;
    }
}

mock! {
    #[derive(Debug)]
    pub QuoteApi {}

    #[async_trait]
    impl QuoteApi for QuoteApi {
        async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote>;
    }
}

mock! {
    #[derive(Debug)]
    pub CatalogApi {}

    #[async_trait]
    impl CatalogApi for CatalogApi {
        async fn assets(&self, scope: CatalogScope) -> Result<Listing<CatalogAsset>>;
    }
}

mock! {
    /// A [`BalanceApi`]; expectations are set on `balances_of`.
    #[derive(Debug)]
    pub BalanceApi {
        pub fn balances_of(&self, asset: Option<AssetName>) -> Result<Listing<Balance>>;
    }
}

#[async_trait]
impl BalanceApi for MockBalanceApi {
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>> {
        self.balances_of(asset.cloned())
    }
}

mock! {
    #[derive(Debug)]
    pub DepositAddressApi {}

    #[async_trait]
    impl DepositAddressApi for DepositAddressApi {
        async fn create_deposit_address(
            &self,
            request: &NewDepositAddress,
        ) -> Result<DepositAddress>;
    }
}

/// A provider made of doubles: expectations are set on its parts, and a power is there when its
/// double is.
#[derive(Debug)]
pub struct MockProvider {
    /// The instance's name.
    pub name: ProviderName,
    /// What the presence of powers cannot say.
    pub capabilities: Capabilities,
    /// What every provider can do.
    pub invoices: MockInvoices,
    /// Sending money out.
    pub payouts: Option<MockPayoutApi>,
    /// Finding invoices.
    pub search: Option<MockSearchApi>,
    /// What a price is in an asset.
    pub quotes: Option<MockQuoteApi>,
    /// Which assets there are.
    pub catalog: Option<MockCatalogApi>,
    /// What the account holds.
    pub balances: Option<MockBalanceApi>,
    /// Permanent addresses.
    pub deposit_addresses: Option<MockDepositAddressApi>,
}

impl MockProvider {
    /// A provider of this name without powers and without expectations.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self {
            name: ProviderName::from_static(name),
            capabilities: Capabilities::new(Proof::Signed),
            invoices: MockInvoices::new(),
            payouts: None,
            search: None,
            quotes: None,
            catalog: None,
            balances: None,
            deposit_addresses: None,
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentProvider for MockProvider {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        self.invoices.create_invoice(request)
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        self.invoices.fetch_invoice(id)
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        self.invoices.verify_webhook(webhook)
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        self.invoices.webhook_claim(webhook)
    }

    fn webhook_answer(&self, _webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "ok", "fail")
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        self.payouts.as_ref().map(|power| power as &dyn PayoutApi)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        self.search.as_ref().map(|power| power as &dyn SearchApi)
    }

    fn quotes(&self) -> Option<&dyn QuoteApi> {
        self.quotes.as_ref().map(|power| power as &dyn QuoteApi)
    }

    fn catalog(&self) -> Option<&dyn CatalogApi> {
        self.catalog.as_ref().map(|power| power as &dyn CatalogApi)
    }

    fn balances(&self) -> Option<&dyn BalanceApi> {
        self.balances.as_ref().map(|power| power as &dyn BalanceApi)
    }

    fn deposit_addresses(&self) -> Option<&dyn DepositAddressApi> {
        self.deposit_addresses
            .as_ref()
            .map(|power| power as &dyn DepositAddressApi)
    }
}
