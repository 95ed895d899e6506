//! A shop as an application would be: it knows the provider, its own inbox, and what it was told.

use paymux::transition::Observed;
use paymux::{
    InvoiceSnapshot, InvoiceStatus, NewInvoice, NewPayout, PayoutApi, PayoutSnapshot, Proof,
    RawWebhook, Reference, WebhookEvent,
};
use paymux_sandbox::{Inbox, Sandbox};

use super::narrator::Narrator;
use super::went_wrong;
use crate::chosen::Chosen;
use crate::failure::Failure;
use crate::output::text;

#[derive(Debug)]
pub(super) struct Shop<'a> {
    pub(super) provider: Chosen,
    /// Tells how many webhooks are on their way, so that none is waited for in vain.
    sandbox: &'a Sandbox,
    pub(super) inbox: Inbox,
    pub(super) narrator: Narrator,
    /// Every webhook that was proven, in the order of arrival.
    pub(super) webhooks: Vec<WebhookEvent>,
    /// The course of the invoice.
    pub(super) statuses: Vec<InvoiceStatus>,
}

impl<'a> Shop<'a> {
    pub(super) fn open(
        provider: Chosen,
        sandbox: &'a Sandbox,
        inbox: Inbox,
        narrator: Narrator,
    ) -> Self {
        Self {
            provider,
            sandbox,
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

    /// The next of the webhooks that were sent so far, proven; `None` when all were heard.
    async fn next_webhook(&mut self) -> Result<Option<WebhookEvent>, Failure> {
        if self.webhooks.len() >= self.sandbox.deliveries().len() {
            return Ok(None);
        }
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
        Ok(Some(event))
    }

    /// Takes in what webhooks tell of the invoice, then asks the gateway how it is.
    pub(super) async fn follow_invoice(
        &mut self,
        invoice: &mut InvoiceSnapshot,
    ) -> Result<(), Failure> {
        if self.hear_of_invoice(invoice).await? {
            return Ok(());
        }
        self.look_at(invoice).await
    }

    /// Takes in what webhooks tell of the invoice. One that is weakly proven only says that it is time
    /// to ask; whether that was done last.
    pub(super) async fn hear_of_invoice(
        &mut self,
        invoice: &mut InvoiceSnapshot,
    ) -> Result<bool, Failure> {
        let mut asked = false;
        while let Some(event) = self.next_webhook().await? {
            let told = event
                .invoice()
                .filter(|told| told.id == invoice.id)
                .ok_or_else(|| went_wrong("a webhook is about something else than the invoice"))?;
            let status = text::invoice_status(told);
            self.narrator.line(&format!("{}: {status}", heard(&event)));
            asked = event.needs_read_back();
            if asked {
                self.look_at(invoice).await?;
            } else {
                invoice.observe(told, Observed::Notice);
                self.note_status(invoice).await;
            }
        }
        Ok(asked)
    }

    /// Asks the gateway how the invoice is.
    async fn look_at(&mut self, invoice: &mut InvoiceSnapshot) -> Result<(), Failure> {
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
            line.push_str(&format!(", {}", text::confirmations(confirmations)));
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

    /// Takes in what webhooks tell of the payout; gives the reference that they name.
    pub(super) async fn hear_of_payout(
        &mut self,
        payout: &mut PayoutSnapshot,
    ) -> Result<Option<Reference>, Failure> {
        let mut found = None;
        while let Some(event) = self.next_webhook().await? {
            let told = event
                .payout()
                .filter(|told| told.id == payout.id)
                .ok_or_else(|| went_wrong("a webhook is about something else than the payout"))?;
            payout.observe(told, Observed::Notice);
            let mut line = format!("{}: {}", heard(&event), text::payout_status(told));
            if let Some(reference) = &event.reference {
                line.push_str(&format!(" of {reference}"));
            }
            self.narrator.line(&line);
            self.narrator.pause().await;
            found = found.or(event.reference);
        }
        Ok(found)
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

/// How a webhook was proven.
fn heard(event: &WebhookEvent) -> &'static str {
    match event.proof {
        Proof::Signed => "webhook, signature proven",
        Proof::Checked => "webhook, the gateway says it sent it",
        _ => "webhook, weakly proven, so the gateway is asked",
    }
}
