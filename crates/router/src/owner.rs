//! Ids that carry their owner: what the router gives out is `PROVIDER:ID`, and later calls find their
//! way by it.

use std::any::Any;

use paymux_core::{
    Error, ErrorKind, Invoice, InvoiceId, InvoiceSnapshot, Outcome, Payout, PayoutId,
    PayoutSnapshot, ProviderAttempt, ProviderName, Result, WebhookEvent, WebhookSubject,
};

use crate::member::Member;
use crate::router::Inner;

/// A member's invoice under an owned id. The way back to the native type leads through it.
#[derive(Debug)]
pub(crate) struct OwnedInvoice {
    snapshot: InvoiceSnapshot,
    native: Box<dyn Invoice>,
}

impl OwnedInvoice {
    pub(crate) fn new(owner: &ProviderName, native: Box<dyn Invoice>) -> Self {
        let mut snapshot = native.snapshot().clone();
        own_invoice(owner, &mut snapshot);
        Self { snapshot, native }
    }

    /// Puts the story before what the member itself tells, if it is one that routes too.
    pub(crate) fn with_story(mut self, mut story: Vec<ProviderAttempt>) -> Self {
        story.append(&mut self.snapshot.attempts);
        self.snapshot.attempts = story;
        self
    }
}

impl Invoice for OwnedInvoice {
    fn snapshot(&self) -> &InvoiceSnapshot {
        &self.snapshot
    }

    fn as_any(&self) -> &dyn Any {
        self.native.as_any()
    }
}

/// A member's payout under an owned id. The way back to the native type leads through it.
#[derive(Debug)]
pub(crate) struct OwnedPayout {
    snapshot: PayoutSnapshot,
    native: Box<dyn Payout>,
}

impl OwnedPayout {
    pub(crate) fn new(owner: &ProviderName, native: Box<dyn Payout>) -> Self {
        let mut snapshot = native.snapshot().clone();
        own_payout(owner, &mut snapshot);
        Self { snapshot, native }
    }

    /// Puts the story before what the member itself tells, if it is one that routes too.
    pub(crate) fn with_story(mut self, mut story: Vec<ProviderAttempt>) -> Self {
        story.append(&mut self.snapshot.attempts);
        self.snapshot.attempts = story;
        self
    }
}

impl Payout for OwnedPayout {
    fn snapshot(&self) -> &PayoutSnapshot {
        &self.snapshot
    }

    fn as_any(&self) -> &dyn Any {
        self.native.as_any()
    }
}

fn own_invoice(owner: &ProviderName, snapshot: &mut InvoiceSnapshot) {
    snapshot.id = snapshot.id.owned_by(owner);
    own_attempts(owner, &mut snapshot.attempts);
}

fn own_payout(owner: &ProviderName, snapshot: &mut PayoutSnapshot) {
    snapshot.id = snapshot.id.owned_by(owner);
    own_attempts(owner, &mut snapshot.attempts);
}

fn own_attempts(owner: &ProviderName, attempts: &mut [ProviderAttempt]) {
    for attempt in attempts {
        attempt.id = attempt.id.take().map(|id| format!("{owner}:{id}"));
    }
}

/// Puts the owner before the ids of what a webhook tells.
pub(crate) fn own_event(owner: &ProviderName, mut event: WebhookEvent) -> WebhookEvent {
    match &mut event.subject {
        WebhookSubject::Invoice(snapshot) => own_invoice(owner, snapshot),
        WebhookSubject::Payout(snapshot) => own_payout(owner, snapshot),
        _ => {}
    }
    event
}

/// What a log remembers of a payout, as the router gives it out: the id may stand there with its owner
/// or without.
pub(crate) fn remembered(mut snapshot: PayoutSnapshot, inner: &Inner) -> PayoutSnapshot {
    let is_owned = snapshot
        .id
        .split_owner()
        .is_some_and(|(owner, _)| inner.member(&owner).is_some());
    if !is_owned && inner.member(&snapshot.provider).is_some() {
        snapshot.id = snapshot.id.owned_by(&snapshot.provider);
    }
    snapshot
}

impl Inner {
    /// Whose invoice it is, and the id there.
    pub(crate) fn owner_of_invoice(&self, id: &InvoiceId) -> Result<(&Member, InvoiceId)> {
        self.owner("invoice", id, InvoiceId::split_owner)
    }

    /// Whose payout it is, and the id there.
    pub(crate) fn owner_of_payout(&self, id: &PayoutId) -> Result<(&Member, PayoutId)> {
        self.owner("payout", id, PayoutId::split_owner)
    }

    /// Of one provider alone the bare id is enough: that is how an application may have stored it before
    /// it had a router.
    fn owner<I: Clone>(
        &self,
        what: &str,
        id: &I,
        split: impl Fn(&I) -> Option<(ProviderName, I)>,
    ) -> Result<(&Member, I)> {
        if let Some((owner, bare)) = split(id)
            && let Some(member) = self.member(&owner)
        {
            return Ok((member, bare));
        }
        if let Some(only) = self.only() {
            return Ok((only, id.clone()));
        }
        let names: Vec<&str> = self.names().map(ProviderName::as_str).collect();
        Err(Error::new(
            ErrorKind::NotFound,
            Outcome::Rejected,
            format!(
                "the {what} id does not say whose it is; write PROVIDER:ID, where the provider is one of {}",
                names.join(", ")
            ),
        ))
    }
}

#[cfg(test)]
mod tests;
