//! A gateway that tells what becomes of its invoices and payouts, by webhook and when it is asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, Capabilities, DepositSnapshot, Error, ErrorKind, Invoice, InvoiceId, InvoiceQuery,
    InvoiceSnapshot, InvoiceStatus, NewInvoice, NewPayout, Outcome, Page, PaymentProvider, Payout,
    PayoutApi, PayoutId, PayoutSnapshot, PayoutStatus, Proof, ProviderName, RawWebhook, Reference,
    Result, SearchApi, WebhookAnswer, WebhookEvent, WebhookSubject, WebhookVerdict,
};
use serde::{Deserialize, Serialize};

/// What it does not sign is forged.
const SIGNATURE: &str = "genuine";

#[derive(Debug)]
pub(crate) struct Teller {
    name: ProviderName,
    capabilities: Capabilities,
    proof: Proof,
    /// Whether it cannot be reached: to prove a webhook, or to be asked.
    pub(crate) down: AtomicBool,
    /// Whether it lists its invoices.
    pub(crate) lists: AtomicBool,
    /// Whether its answers to the creation of payouts are lost.
    pub(crate) loses_payouts: AtomicBool,
    reads: AtomicUsize,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    invoices: HashMap<InvoiceId, InvoiceSnapshot>,
    payouts: HashMap<PayoutId, PayoutSnapshot>,
}

#[derive(Serialize, Deserialize)]
struct Told {
    key: String,
    reference: Option<Reference>,
    invoice: Option<InvoiceSnapshot>,
    payout: Option<PayoutSnapshot>,
    #[serde(default)]
    deposit: Option<DepositSnapshot>,
}

impl Teller {
    pub(crate) fn new() -> Self {
        Self::proving(Proof::Signed)
    }

    pub(crate) fn proving(proof: Proof) -> Self {
        Self::named("eu", proof)
    }

    pub(crate) fn named(name: &'static str, proof: Proof) -> Self {
        Self {
            name: ProviderName::from_static(name),
            capabilities: Capabilities::new(proof),
            proof,
            down: AtomicBool::new(false),
            lists: AtomicBool::new(false),
            loses_payouts: AtomicBool::new(false),
            reads: AtomicUsize::new(0),
            books: Mutex::default(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// How often it was asked for something that it made.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// Changes the state of an invoice; it tells nobody.
    pub(crate) fn set_invoice(&self, id: &str, status: InvoiceStatus) -> InvoiceSnapshot {
        let id = InvoiceId::received(id);
        let mut books = self.books();
        let made = books
            .invoices
            .entry(id.clone())
            .or_insert_with(|| InvoiceSnapshot::new(self.name.clone(), id, status));
        made.status = status;
        made.clone()
    }

    /// Changes an invoice in another way.
    pub(crate) fn change_invoice(&self, id: &str, change: impl FnOnce(&mut InvoiceSnapshot)) {
        change(
            self.books()
                .invoices
                .get_mut(&InvoiceId::received(id))
                .unwrap(),
        );
    }

    /// Changes the state of a payout; it tells nobody.
    pub(crate) fn set_payout(&self, id: &str, status: PayoutStatus) -> PayoutSnapshot {
        let mut books = self.books();
        let made = books.payouts.get_mut(&PayoutId::received(id)).unwrap();
        made.status = status;
        made.clone()
    }

    /// Changes a payout in another way.
    pub(crate) fn change_payout(&self, id: &str, change: impl FnOnce(&mut PayoutSnapshot)) {
        change(
            self.books()
                .payouts
                .get_mut(&PayoutId::received(id))
                .unwrap(),
        );
    }

    pub(crate) fn forget_invoice(&self, id: &str) {
        self.books().invoices.remove(&InvoiceId::received(id));
    }

    /// The webhook that tells of an invoice in this state. It knows of nothing but that.
    pub(crate) fn notice(&self, id: &str, status: InvoiceStatus) -> RawWebhook {
        let told = InvoiceSnapshot::new(self.name.clone(), InvoiceId::received(id), status);
        self.notice_of(&told)
    }

    /// The webhook that tells this of an invoice.
    pub(crate) fn notice_of(&self, told: &InvoiceSnapshot) -> RawWebhook {
        let key = format!("{}/{}/{:?}", told.id, told.status, told.exceptions);
        self.notice_as(told, &key)
    }

    /// The webhook that tells this of an invoice, under a key of its own.
    pub(crate) fn notice_as(&self, told: &InvoiceSnapshot, key: &str) -> RawWebhook {
        sign(&Told {
            key: key.to_owned(),
            reference: None,
            invoice: Some(told.clone()),
            payout: None,
            deposit: None,
        })
    }

    /// The webhook that tells of a payout, as correlation finds it.
    pub(crate) fn payout_notice(
        &self,
        id: &str,
        status: PayoutStatus,
        reference: Option<&str>,
    ) -> RawWebhook {
        let told = PayoutSnapshot::new(self.name.clone(), PayoutId::received(id), status);
        self.payout_notice_of(&told, reference)
    }

    /// The webhook that tells this of a payout, as correlation finds it.
    pub(crate) fn payout_notice_of(
        &self,
        told: &PayoutSnapshot,
        reference: Option<&str>,
    ) -> RawWebhook {
        sign(&Told {
            key: format!("{}/{}", told.id, told.status),
            reference: reference.map(Reference::received),
            invoice: None,
            payout: Some(told.clone()),
            deposit: None,
        })
    }

    /// The webhook that tells this of a deposit, under a key of its own.
    pub(crate) fn deposit_notice(&self, told: &DepositSnapshot, key: &str) -> RawWebhook {
        sign(&Told {
            key: key.to_owned(),
            reference: None,
            invoice: None,
            payout: None,
            deposit: Some(told.clone()),
        })
    }

    fn asked(&self) -> Result<()> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::new(
                ErrorKind::Unavailable,
                Outcome::NotSent,
                "the gateway is down",
            ));
        }
        Ok(())
    }
}

fn sign(told: &Told) -> RawWebhook {
    RawWebhook::new(serde_json::to_vec(told).unwrap())
        .with_path_and_query("/webhooks/eu?x=1")
        .with_header("x-sign", SIGNATURE)
}

/// The same webhook with a signature that somebody else made.
pub(crate) fn forged(webhook: &RawWebhook) -> RawWebhook {
    RawWebhook::new(webhook.body()).with_header("x-sign", "made up")
}

fn unknown() -> Error {
    Error::new(
        ErrorKind::NotFound,
        Outcome::Rejected,
        "there is no such thing",
    )
}

#[async_trait]
impl PaymentProvider for Teller {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let mut books = self.books();
        let id = InvoiceId::received(format!("T{}", books.invoices.len() + 1));
        let mut made = InvoiceSnapshot::new(self.name.clone(), id.clone(), InvoiceStatus::Pending);
        made.order_id = Some(request.order_id.clone());
        made.price = Some(request.price.clone());
        made.due = request
            .asset
            .clone()
            .map(|asset| AssetAmount::new(request.price.amount, asset));
        books.invoices.insert(id, made.clone());
        Ok(Box::new(made))
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        self.asked()?;
        let found = self.books().invoices.get(id).cloned();
        Ok(Box::new(found.ok_or_else(unknown)?))
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        if webhook.single_header("x-sign")? != Some(SIGNATURE) {
            return Err(Error::invalid_signature("x-sign is not the gateway's"));
        }
        if self.proof == Proof::Checked {
            self.asked()?;
        }
        let told: Told = serde_json::from_slice(webhook.body()).map_err(|error| {
            Error::new(
                ErrorKind::InvalidResponse,
                Outcome::NotSent,
                error.to_string(),
            )
        })?;
        let subject = match (told.invoice, told.payout, told.deposit) {
            (Some(invoice), ..) => WebhookSubject::Invoice(Box::new(invoice)),
            (_, Some(payout), _) => WebhookSubject::Payout(Box::new(payout)),
            (_, _, Some(deposit)) => WebhookSubject::Deposit(Box::new(deposit)),
            (None, None, None) => WebhookSubject::Other,
        };
        let event = WebhookEvent::new(
            self.name.clone(),
            told.key,
            self.proof,
            subject,
            webhook.body(),
        );
        Ok(event.with_reference(told.reference))
    }

    fn webhook_answer(&self, _: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "ok", "fail")
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        Some(self)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        self.lists
            .load(Ordering::SeqCst)
            .then_some(self as &dyn SearchApi)
    }
}

#[async_trait]
impl PayoutApi for Teller {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let mut books = self.books();
        let id = PayoutId::received(format!("P{}", books.payouts.len() + 1));
        let mut made = PayoutSnapshot::new(self.name.clone(), id.clone(), PayoutStatus::Pending);
        made.amount = Some(request.asset_amount());
        books.payouts.insert(id, made.clone());
        if self.loses_payouts.load(Ordering::SeqCst) {
            return Err(Error::new(
                ErrorKind::Timeout,
                Outcome::Unknown,
                "the answer was lost",
            ));
        }
        Ok(Box::new(made))
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        self.asked()?;
        let found = self.books().payouts.get(id).cloned();
        Ok(Box::new(found.ok_or_else(unknown)?))
    }

    async fn payout_fee(&self, _: &NewPayout) -> Result<Option<AssetAmount>> {
        Ok(None)
    }
}

#[async_trait]
impl SearchApi for Teller {
    async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn Invoice>>> {
        self.asked()?;
        let mut all: Vec<InvoiceSnapshot> = self.books().invoices.values().cloned().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let page = query.page.unwrap_or(1);
        let pages = u32::try_from(all.len().div_ceil(2)).unwrap();
        let items = all
            .into_iter()
            .skip(usize::try_from(page - 1).unwrap() * 2)
            .take(2)
            .map(|made| Box::new(made) as Box<dyn Invoice>)
            .collect();
        Ok(Page {
            items,
            page: Some(page),
            pages: Some(pages),
            total: None,
            failures: Vec::new(),
        })
    }
}
