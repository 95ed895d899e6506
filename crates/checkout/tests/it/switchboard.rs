//! Several providers behind one, as a router is.

use std::sync::Arc;

use async_trait::async_trait;
use paymux_core::{
    Capabilities, Error, Invoice, InvoiceId, NewInvoice, PaymentProvider, ProviderName, RawWebhook,
    Result, WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict,
};

/// Hands everything to the member that a webhook is for, and invoices to the member that an id names.
#[derive(Debug)]
pub(crate) struct Switchboard {
    name: ProviderName,
    members: Vec<Arc<dyn PaymentProvider>>,
}

impl Switchboard {
    pub(crate) fn new(name: &'static str, members: Vec<Arc<dyn PaymentProvider>>) -> Self {
        Self {
            name: ProviderName::from_static(name),
            members,
        }
    }

    fn sender(&self, webhook: &RawWebhook) -> Option<&Arc<dyn PaymentProvider>> {
        let mut members = self.members.iter();
        members.find(|member| member.webhook_claim(webhook) == WebhookClaim::Own)
    }
}

#[async_trait]
impl PaymentProvider for Switchboard {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        self.members[0].capabilities()
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        self.members[0].create_invoice(request).await
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        for member in &self.members {
            let bare = id.without_owner(member.name());
            if bare != *id {
                return member.fetch_invoice(&bare).await;
            }
        }
        Err(Error::invalid_request("the id names no member"))
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        match self.sender(webhook) {
            Some(member) => member.verify_webhook(webhook).await,
            None => Err(Error::invalid_signature("it is for none of the members")),
        }
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        match self.sender(webhook) {
            Some(_) => WebhookClaim::Own,
            None => WebhookClaim::Foreign,
        }
    }

    fn webhook_answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        match self.sender(webhook) {
            Some(member) => member.webhook_answer(webhook, verdict),
            None => WebhookAnswer::new(verdict, "success", "fail"),
        }
    }
}
