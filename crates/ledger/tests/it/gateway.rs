//! A gateway that answers to order and counts what reached it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, Capabilities, Error, ErrorKind, Invoice, InvoiceId, InvoiceQuery, InvoiceSnapshot,
    InvoiceStatus, NewInvoice, NewPayout, Outcome, Page, PaymentProvider, Payout, PayoutApi,
    PayoutId, PayoutSnapshot, PayoutStatus, Proof, ProviderName, RawWebhook, Result, SearchApi,
    WebhookAnswer, WebhookEvent, WebhookVerdict,
};
use tokio::sync::Semaphore;

/// What the next call to make something does; without one it is made.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Fails without making anything.
    Fail(ErrorKind, Outcome),
    /// Makes it and fails with outcome `Unknown` all the same.
    MakeAndLose,
    /// The same, and the error tells the id.
    MakeAndTellId,
    /// Makes it and never answers.
    MakeAndHang,
    /// Makes nothing, and fails with outcome `Unknown` and this id.
    LoseWithId(&'static str),
    /// Waits for a permit, then makes it.
    Hold(Arc<Semaphore>),
    /// Makes it under this id.
    As(&'static str),
}

#[derive(Debug)]
pub(crate) struct Gateway {
    name: ProviderName,
    capabilities: Capabilities,
    state: Mutex<State>,
}

/// What a call does, as its step says.
#[derive(Debug, Default)]
struct Plan {
    id: Option<&'static str>,
    loss: Option<Loss>,
}

impl Plan {
    const fn losing(loss: Loss) -> Self {
        Self {
            id: None,
            loss: Some(loss),
        }
    }
}

#[derive(Debug)]
enum Loss {
    Silent,
    TellingId,
    Hanging,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Step>,
    calls: usize,
    last_invoice: usize,
    last_payout: usize,
    word: Option<String>,
    payouts: Vec<PayoutSnapshot>,
    invoices: Vec<InvoiceSnapshot>,
}

impl Gateway {
    pub(crate) fn new() -> Self {
        Self::named("eu")
    }

    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            name: ProviderName::from_static(name),
            capabilities: Capabilities::new(Proof::Signed),
            state: Mutex::default(),
        }
    }

    pub(crate) fn then(self, step: Step) -> Self {
        self.state().script.push_back(step);
        self
    }

    /// Lets what it tells of a payout be this long.
    pub(crate) fn answering_with_a_word_of(self, length: usize) -> Self {
        self.state().word = Some("x".repeat(length));
        self
    }

    pub(crate) fn next(&self, step: Step) {
        self.state().script.push_back(step);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How often it was asked to make something.
    pub(crate) fn calls(&self) -> usize {
        self.state().calls
    }

    pub(crate) fn payouts(&self) -> Vec<PayoutSnapshot> {
        self.state().payouts.clone()
    }

    pub(crate) fn invoices(&self) -> Vec<InvoiceSnapshot> {
        self.state().invoices.clone()
    }

    /// Changes the status of everything that was made.
    pub(crate) fn set_invoices(&self, status: InvoiceStatus) {
        for invoice in &mut self.state().invoices {
            invoice.status = status;
        }
    }

    async fn follow(&self) -> Result<Plan> {
        let step = {
            let mut state = self.state();
            state.calls += 1;
            state.script.pop_front()
        };
        match step {
            None => Ok(Plan::default()),
            Some(Step::As(id)) => Ok(Plan {
                id: Some(id),
                ..Plan::default()
            }),
            Some(Step::MakeAndLose) => Ok(Plan::losing(Loss::Silent)),
            Some(Step::MakeAndTellId) => Ok(Plan::losing(Loss::TellingId)),
            Some(Step::MakeAndHang) => Ok(Plan::losing(Loss::Hanging)),
            Some(Step::LoseWithId(id)) => Err(self.lost().with_id(id)),
            Some(Step::Fail(kind, outcome)) => {
                Err(Error::new(kind, outcome, "as scripted").with_provider(self.name.clone()))
            }
            Some(Step::Hold(permits)) => {
                permits.acquire().await.unwrap().forget();
                Ok(Plan::default())
            }
        }
    }

    /// An id that nothing else has, unless the step says which.
    fn new_id(&self, plan: &Plan, letter: char) -> String {
        let mut state = self.state();
        let last = if letter == 'T' {
            &mut state.last_invoice
        } else {
            &mut state.last_payout
        };
        *last += 1;
        plan.id
            .map_or_else(|| format!("{letter}{last}"), str::to_owned)
    }

    /// What the caller gets to hear of what was made.
    async fn answer<T>(&self, plan: &Plan, id: &str, made: T) -> Result<T> {
        match plan.loss {
            None => Ok(made),
            Some(Loss::Silent) => Err(self.lost()),
            Some(Loss::TellingId) => Err(self.lost().with_id(id)),
            Some(Loss::Hanging) => std::future::pending().await,
        }
    }

    fn lost(&self) -> Error {
        Error::new(ErrorKind::Timeout, Outcome::Unknown, "the answer was lost")
            .with_provider(self.name.clone())
    }
}

#[async_trait]
impl PaymentProvider for Gateway {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let plan = self.follow().await?;
        let id = self.new_id(&plan, 'T');
        let mut made = InvoiceSnapshot::new(
            self.name.clone(),
            InvoiceId::received(id.as_str()),
            InvoiceStatus::Pending,
        );
        made.order_id = Some(request.order_id.clone());
        made.price = Some(request.price.clone());
        made.due = request
            .asset
            .clone()
            .map(|asset| AssetAmount::new(request.price.amount, asset));
        self.state().invoices.push(made.clone());
        self.answer(&plan, &id, Box::new(made) as Box<dyn Invoice>)
            .await
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        let found = self.invoices().into_iter().find(|made| made.id == *id);
        found.map_or_else(
            || {
                Err(Error::new(
                    ErrorKind::NotFound,
                    Outcome::Rejected,
                    "no such invoice",
                ))
            },
            |made| Ok(Box::new(made) as Box<dyn Invoice>),
        )
    }

    async fn verify_webhook(&self, _: &RawWebhook) -> Result<WebhookEvent> {
        Err(Error::invalid_signature("this gateway sends no webhooks"))
    }

    fn webhook_answer(&self, _: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "ok", "fail")
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        Some(self)
    }

    fn search(&self) -> Option<&dyn SearchApi> {
        Some(self)
    }
}

#[async_trait]
impl PayoutApi for Gateway {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let plan = self.follow().await?;
        let id = self.new_id(&plan, 'P');
        let mut made = PayoutSnapshot::new(
            self.name.clone(),
            PayoutId::received(id.as_str()),
            PayoutStatus::Pending,
        );
        made.amount = Some(request.asset_amount());
        made.provider_status = self.state().word.clone();
        self.state().payouts.push(made.clone());
        self.answer(&plan, &id, Box::new(made) as Box<dyn Payout>)
            .await
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        let found = Self::payouts(self).into_iter().find(|made| made.id == *id);
        found.map_or_else(
            || {
                Err(Error::new(
                    ErrorKind::NotFound,
                    Outcome::Rejected,
                    "no such payout",
                ))
            },
            |made| Ok(Box::new(made) as Box<dyn Payout>),
        )
    }

    async fn payout_fee(&self, _: &NewPayout) -> Result<Option<AssetAmount>> {
        Ok(None)
    }
}

#[async_trait]
impl SearchApi for Gateway {
    async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn Invoice>>> {
        let items = self
            .invoices()
            .into_iter()
            .filter(|made| query.order_id.is_none() || made.order_id == query.order_id)
            .map(|made| Box::new(made) as Box<dyn Invoice>)
            .collect();
        Ok(Page {
            items,
            page: Some(1),
            pages: Some(1),
            total: None,
            failures: Vec::new(),
        })
    }
}
