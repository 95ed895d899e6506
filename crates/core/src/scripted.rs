//! An in-memory gateway that follows a script, for tests of code that takes payments or routes them.
//!
//! [`ScriptedProvider`] is a whole gateway: it makes invoices and payouts, keeps its own books of
//! them, and tells of them in webhooks that it can prove. What goes wrong is written in a script of
//! [`Act`]s, one for each call. Afterwards the books say what really happened, whatever the calls
//! returned:
//!
//! ```
//! use std::sync::Arc;
//! use futures_util::FutureExt;
//! use paymux_core::scripted::{Act, Operation, ScriptedProvider};
//! use paymux_core::{ManualClock, NewPayout, PaymentProvider};
//!
//! # fn main() -> paymux_core::Result<()> {
//! let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
//! let gateway = ScriptedProvider::new("eu".parse()?, Arc::new(clock));
//! // The first payout is carried out and its answer is lost; the next ones are answered.
//! gateway.script(Operation::CreatePayout, [Act::lost_answer()]);
//!
//! let to = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";
//! let request = NewPayout::new("refund-1".parse()?, 12.into(), "USDT@tron".parse()?, to);
//! let payouts = gateway.payouts().expect("it has payouts unless they are switched off");
//! let error = payouts.create_payout(&request).now_or_never().unwrap().unwrap_err();
//!
//! assert!(error.may_have_executed());
//! assert_eq!(gateway.sent_payouts().len(), 1); // it has: whoever sends again pays twice
//! # Ok(()) }
//! ```
//!
//! It is as careless as a gateway can be: the same order id makes a second invoice, and the same
//! reference is paid again. Time is only the [`Clock`]'s that it was given.

mod act;
mod books;
mod gateway;
mod notices;
mod powers;
mod script;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::asset::{Asset, AssetName, Currency};
use crate::capability::{Capabilities, Correlation, Idempotency};
use crate::clock::Clock;
use crate::error::Result;
use crate::ids::{InvoiceId, PayoutId, ProviderName};
use crate::powers::{
    Balance, BalanceApi, CatalogApi, CatalogAsset, DepositAddress, DepositAddressApi, PayoutApi,
    QuoteApi, SearchApi,
};
use crate::provider::{Invoice, PaymentProvider};
use crate::request::NewInvoice;
use crate::snapshot::{InvoiceSnapshot, PayoutSnapshot};
use crate::webhook::{
    Proof, RawWebhook, WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict,
};

pub use act::Act;
use books::Books;
pub use script::{Call, Operation, Power};
use script::{Chooser, Script};

/// A gateway in memory that follows a script. Clones are the same gateway: keep one to look into its
/// books, and give the other to the code under test.
///
/// Without a script it does what it is asked. It has every power, five assets, a rate of 1 between
/// any price and any asset, a million of each asset as its balance, and tells no fee beforehand; the
/// `with_*` and `set_*` methods change that.
#[derive(Clone)]
pub struct ScriptedProvider {
    name: ProviderName,
    capabilities: Capabilities,
    catalog: Arc<Vec<CatalogAsset>>,
    without: BTreeSet<Power>,
    account: String,
    key: SecretString,
    names_account: bool,
    clock: Arc<dyn Clock>,
    script: Arc<Mutex<Script>>,
    books: Arc<Mutex<Books>>,
}

impl ScriptedProvider {
    /// A gateway of this name that does what it is asked.
    #[must_use]
    pub fn new(name: ProviderName, clock: Arc<dyn Clock>) -> Self {
        let mut capabilities = Capabilities::new(Proof::Signed);
        capabilities.idempotency = Idempotency::None;
        capabilities.payout_correlation = Correlation::Reference;
        Self {
            account: name.to_string(),
            key: format!("key of {name}").into(),
            name,
            capabilities,
            catalog: Arc::new(gateway::usual_assets()),
            without: BTreeSet::new(),
            names_account: true,
            clock,
            script: Arc::default(),
            books: Arc::default(),
        }
    }

    /// Changes what [`PaymentProvider::capabilities`] tells. Where the asset is required, an invoice
    /// without one is refused before it is sent.
    #[must_use]
    pub fn with_capabilities(mut self, change: impl FnOnce(&mut Capabilities)) -> Self {
        change(&mut self.capabilities);
        self
    }

    /// Sets the assets that it has; any other is `Unsupported` before anything is sent.
    #[must_use]
    pub fn with_assets(mut self, assets: impl IntoIterator<Item = Asset>) -> Self {
        self.catalog = Arc::new(gateway::numbered(assets));
        self
    }

    /// Switches a power off.
    #[must_use]
    pub fn without(mut self, power: Power) -> Self {
        self.without.insert(power);
        self
    }

    /// Sets the account that its webhooks name; its own name by default. The key that proves them is
    /// the account's unless another is set afterwards.
    #[must_use]
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self.key = format!("key of {}", self.account).into();
        self
    }

    /// Sets the key that proves its webhooks.
    #[must_use]
    pub fn with_key(mut self, key: SecretString) -> Self {
        self.key = key;
        self
    }

    /// Its webhooks name no account: a claim is always `Unclear`.
    #[must_use]
    pub const fn with_unnamed_webhooks(mut self) -> Self {
        self.names_account = false;
        self
    }

    /// Sets who chooses the act of a call for which none is written: a generator with a seed, or a
    /// rule that looks at the call. It is asked in the order in which calls are made, and must not ask
    /// this gateway for anything.
    #[must_use]
    pub fn with_acts<F>(self, choose: F) -> Self
    where
        F: FnMut(&Call<'_>) -> Act + Send + 'static,
    {
        self.script_lock().chooser = Some(Chooser(Box::new(choose)));
        self
    }

    /// Writes the acts of the next calls of this operation, after those that are written already.
    pub fn script(&self, operation: Operation, acts: impl IntoIterator<Item = Act>) {
        self.script_lock().write(operation, acts);
    }

    /// Sets the act of every call of this operation for which none is written; it goes before what
    /// [`with_acts`](Self::with_acts) chooses.
    pub fn always(&self, operation: Operation, act: Act) {
        self.script_lock().always(operation, act);
    }

    /// Sets what one unit of a currency is in an asset, in whole tokens, from now on.
    pub fn set_rate(&self, currency: Currency, asset: AssetName, rate: Decimal) {
        self.books().rates.insert((currency, asset), rate);
    }

    /// Sets the fee that it tells beforehand, in whole tokens of the asset that is sent.
    pub fn set_payout_fee(&self, fee: Option<Decimal>) {
        self.books().fee = fee;
    }

    /// Sets what the account holds of each asset. Payouts do not change it.
    pub fn set_balances(&self, balances: Vec<Balance>) {
        self.books().balances = Some(balances);
    }

    /// Every invoice that it made, in the order of making, as it is now.
    #[must_use]
    pub fn made_invoices(&self) -> Vec<InvoiceSnapshot> {
        self.books_now().invoices.clone()
    }

    /// Every payout that it took, in the order of taking, as it is now. Whatever became of the
    /// answers: this is the money that leaves.
    #[must_use]
    pub fn sent_payouts(&self) -> Vec<PayoutSnapshot> {
        self.books_now().payouts.clone()
    }

    /// Every permanent address that it made, in the order of making.
    #[must_use]
    pub fn made_addresses(&self) -> Vec<DepositAddress> {
        self.books_now().addresses.clone()
    }

    /// How many calls of this operation there were, whatever became of them. A request that is
    /// refused for what it is, before an act is chosen, is no call.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> usize {
        self.script_lock().calls(operation)
    }

    /// A payer pays this much, in whole tokens, and the gateway sees it at once.
    ///
    /// # Errors
    /// `NotFound` for an invoice that it did not make.
    pub fn pay(&self, id: &InvoiceId, amount: Decimal) -> Result<InvoiceSnapshot> {
        self.change_invoice(id, |invoice| gateway::receive(invoice, amount))
    }

    /// The payment is confirmed and credited: the invoice is settled.
    ///
    /// # Errors
    /// `NotFound` for an invoice that it did not make.
    pub fn settle(&self, id: &InvoiceId) -> Result<InvoiceSnapshot> {
        self.change_invoice(id, |invoice| {
            invoice.status = crate::InvoiceStatus::Settled;
        })
    }

    /// Changes an invoice in the books in any way, and gives it as it is then.
    ///
    /// # Errors
    /// `NotFound` for an invoice that it did not make.
    pub fn change_invoice(
        &self,
        id: &InvoiceId,
        change: impl FnOnce(&mut InvoiceSnapshot),
    ) -> Result<InvoiceSnapshot> {
        let mut books = self.books_now();
        let invoice = books.invoice(id)?;
        change(invoice);
        Ok(invoice.clone())
    }

    /// The payout arrives.
    ///
    /// # Errors
    /// `NotFound` for a payout that it did not take.
    pub fn complete_payout(&self, id: &PayoutId) -> Result<PayoutSnapshot> {
        self.change_payout(id, |payout| payout.status = crate::PayoutStatus::Completed)
    }

    /// Changes a payout in the books in any way, and gives it as it is then.
    ///
    /// # Errors
    /// `NotFound` for a payout that it did not take.
    pub fn change_payout(
        &self,
        id: &PayoutId,
        change: impl FnOnce(&mut PayoutSnapshot),
    ) -> Result<PayoutSnapshot> {
        let mut books = self.books_now();
        let payout = books.payout(id)?;
        change(payout);
        Ok(payout.clone())
    }

    /// The webhook that it sends of an invoice as it is now, posted to `/`.
    ///
    /// # Errors
    /// `NotFound` for an invoice that it did not make.
    pub fn notice_of(&self, id: &InvoiceId) -> Result<RawWebhook> {
        let invoice = self.books_now().invoice(id)?.clone();
        self.sign(&notices::Notice::Invoice(Box::new(invoice)))
    }

    /// The webhook that it sends of a payout as it is now, posted to `/`.
    ///
    /// # Errors
    /// `NotFound` for a payout that it did not take.
    pub fn notice_of_payout(&self, id: &PayoutId) -> Result<RawWebhook> {
        let payout = self.books_now().payout(id)?.clone();
        self.sign(&notices::Notice::Payout(Box::new(payout)))
    }

    fn has(&self, power: Power) -> bool {
        !self.without.contains(&power)
    }

    fn script_lock(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The books after everything was carried out whose time has come.
    fn books_now(&self) -> MutexGuard<'_, Books> {
        let now = self.clock.now();
        let mut books = self.books();
        books.carry_out_due(now);
        books
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentProvider for ScriptedProvider {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let made = self.new_invoice(request).await;
        made.map(|invoice| Box::new(invoice) as Box<dyn Invoice>)
            .map_err(self.named(Operation::CreateInvoice))
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        let read = self
            .read(&Call::FetchInvoice(id), |books| {
                books.invoice(id).map(|invoice| invoice.clone())
            })
            .await;
        read.map(|invoice| Box::new(invoice) as Box<dyn Invoice>)
            .map_err(self.named(Operation::FetchInvoice))
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        self.read(&Call::VerifyWebhook(webhook), |_| self.prove(webhook))
            .await
            .map_err(self.named(Operation::VerifyWebhook))
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        self.claim(webhook)
    }

    fn webhook_answer(&self, _webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "noted", "refused")
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        self.has(Power::Payouts).then_some(self)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        self.has(Power::Search).then_some(self)
    }

    fn quotes(&self) -> Option<&dyn QuoteApi> {
        self.has(Power::Quotes).then_some(self)
    }

    fn catalog(&self) -> Option<&dyn CatalogApi> {
        self.has(Power::Catalog).then_some(self)
    }

    fn balances(&self) -> Option<&dyn BalanceApi> {
        self.has(Power::Balances).then_some(self)
    }

    fn deposit_addresses(&self) -> Option<&dyn DepositAddressApi> {
        self.has(Power::DepositAddresses).then_some(self)
    }
}

impl fmt::Debug for ScriptedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedProvider")
            .field("name", &self.name)
            .field("account", &self.account)
            .field("without", &self.without)
            .finish_non_exhaustive()
    }
}
