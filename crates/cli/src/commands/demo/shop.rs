//! A shop as an application would be: it knows the provider, its own inbox, and what it was told.

use std::sync::Arc;

use paymux::transition::Observed;
use paymux::{
    InvoiceSnapshot, InvoiceStatus, NewInvoice, NewPayout, PaymentProvider, PayoutApi,
    PayoutSnapshot, RawWebhook, Reference, WebhookEvent,
};
use paymux_sandbox::Inbox;

use super::narrator::Narrator;
use super::went_wrong;
use crate::failure::Failure;
use crate::output::text;

#[derive(Debug)]
pub(super) struct Shop {
    provider: Arc<dyn PaymentProvider>,
    pub(super) inbox: Inbox,
    pub(super) narrator: Narrator,
    /// Every webhook that was proven, in the order of arrival.
    pub(super) webhooks: Vec<WebhookEvent>,
    /// The course of the invoice.
    pub(super) statuses: Vec<InvoiceStatus>,
}

impl Shop {
    pub(super) fn open(
        provider: Arc<dyn PaymentProvider>,
        inbox: Inbox,
        narrator: Narrator,
    ) -> Self {
        Self {
            provider,
            inbox,
            narrator,
            webhooks: Vec::new(),
            statuses: Vec::new(),
        }
    }

    pub(super) async fn create_invoice(
        &mut self,
        request: &NewInvoice,
    ) -> Result<InvoiceSnapshot, Failure> {
        let invoice = self
            .provider
            .create_invoice(request)
            .await?
            .snapshot()
            .clone();
        self.statuses.push(invoice.status);
        self.narrator.pause().await;
        Ok(invoice)
    }

    pub(super) async fn create_payout(
        &mut self,
        request: &NewPayout,
    ) -> Result<PayoutSnapshot, Failure> {
        let payout = self
            .payouts()?
            .create_payout(request)
            .await?
            .snapshot()
            .clone();
        self.narrator.pause().await;
        Ok(payout)
    }

    fn payouts(&self) -> Result<&dyn PayoutApi, Failure> {
        self.provider
            .payouts()
            .ok_or_else(|| went_wrong("the provider sends no payouts"))
    }

    /// Waits for the next webhook and proves it.
    async fn next_webhook(&mut self) -> Result<WebhookEvent, Failure> {
        let received = self
            .inbox
            .next()
            .await
            .ok_or_else(|| went_wrong("no webhook came"))?;
        let mut webhook = RawWebhook::new(received.body)
            .with_method(received.method)
            .with_path_and_query(received.path_and_query)
            .with_received_at(received.received_at);
        for (name, value) in received.headers {
            webhook = webhook.with_header(name, value);
        }
        let event = self.provider.verify_webhook(&webhook).await?;
        self.webhooks.push(event.clone());
        Ok(event)
    }

    /// Takes in what the next webhook tells of the invoice.
    pub(super) async fn hear_of_invoice(
        &mut self,
        invoice: &mut InvoiceSnapshot,
    ) -> Result<(), Failure> {
        let event = self.next_webhook().await?;
        let told = event
            .invoice()
            .filter(|told| told.id == invoice.id)
            .ok_or_else(|| went_wrong("a webhook is about something else than the invoice"))?;
        invoice.observe(told, Observed::Notice);
        let heard = format!("webhook, signature proven: {}", text::invoice_status(told));
        self.narrator.line(&heard);
        self.note_status(invoice).await;
        Ok(())
    }

    /// Asks the gateway how the invoice is.
    pub(super) async fn look_at(&mut self, invoice: &mut InvoiceSnapshot) -> Result<(), Failure> {
        let seen = self
            .provider
            .fetch_invoice(&invoice.id)
            .await?
            .snapshot()
            .clone();
        invoice.observe(&seen, Observed::Read);
        let mut line = format!("invoice get: {}", text::invoice_status(invoice));
        if let (Some(received), Some(due)) = (&invoice.received, &invoice.due) {
            let received = paymux::decimal::plain(received.amount);
            line.push_str(&format!(", received {received} of {due}"));
        }
        if let Some(confirmations) = invoice.confirmations {
            let required = confirmations.required.unwrap_or_default();
            line.push_str(&format!(
                ", {} of {required} confirmations",
                confirmations.seen
            ));
        }
        self.narrator.line(&line);
        self.note_status(invoice).await;
        Ok(())
    }

    async fn note_status(&mut self, invoice: &InvoiceSnapshot) {
        if self.statuses.last() != Some(&invoice.status) {
            self.statuses.push(invoice.status);
        }
        self.narrator.pause().await;
    }

    /// Takes in what the next webhook tells of the payout; gives the reference that it names.
    pub(super) async fn hear_of_payout(
        &mut self,
        payout: &mut PayoutSnapshot,
    ) -> Result<Option<Reference>, Failure> {
        let event = self.next_webhook().await?;
        let told = event
            .payout()
            .filter(|told| told.id == payout.id)
            .ok_or_else(|| went_wrong("a webhook is about something else than the payout"))?;
        payout.observe(told, Observed::Notice);
        let of = event
            .reference
            .as_ref()
            .map_or("nobody knows what", Reference::as_str);
        self.narrator.line(&format!(
            "webhook, signature proven: {} of {of}",
            text::payout_status(told)
        ));
        self.narrator.pause().await;
        Ok(event.reference)
    }

    /// Asks the gateway how the payout is.
    pub(super) async fn look_at_payout(
        &mut self,
        payout: &mut PayoutSnapshot,
    ) -> Result<(), Failure> {
        let seen = self
            .payouts()?
            .fetch_payout(&payout.id)
            .await?
            .snapshot()
            .clone();
        payout.observe(&seen, Observed::Read);
        self.narrator
            .line(&format!("payout get: {}", text::payout_status(payout)));
        self.narrator.pause().await;
        Ok(())
    }
}
