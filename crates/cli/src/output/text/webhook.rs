//! What a proven webhook tells.

use paymux::{DepositSnapshot, WebhookEvent};

use super::layout::{Fields, clean};
use super::{amount, destination, invoice, payout, transactions};

pub(crate) fn webhook(event: &WebhookEvent) -> String {
    let proof = format!("{:?}", event.proof).to_lowercase();
    let proven = Fields::of("Proven", &proof)
        .with("but", weakness(event))
        .with("dedup key", Some(clean(&event.dedup_key)))
        .with(
            "reference",
            event.reference.as_ref().map(|it| clean(it.as_str())),
        )
        .text();
    let subject = event
        .invoice()
        .map(invoice)
        .or_else(|| event.payout().map(payout))
        .or_else(|| event.deposit().map(deposit));
    match subject {
        Some(subject) => format!("{proven}\n\n{subject}"),
        None => format!("{proven}\n\nit is about something that paymux has no name for"),
    }
}

/// What to do about a weak proof.
fn weakness(event: &WebhookEvent) -> Option<String> {
    event.needs_read_back().then(|| {
        let advice = "it could be forged: ask the gateway before acting on it";
        match event.invoice() {
            Some(invoice) => format!(
                "{advice}, with \"paymux invoice get {}\"",
                clean(invoice.id.as_str())
            ),
            None => advice.to_owned(),
        }
    })
}

fn deposit(deposit: &DepositSnapshot) -> String {
    let status = format!("{:?}", deposit.status).to_lowercase();
    Fields::of("Deposit", deposit.id.as_deref().unwrap_or("without id"))
        .with("status", Some(status))
        .with("amount", deposit.amount.as_ref().map(amount))
        .with("to", deposit.destination.as_ref().map(destination))
        .with("transactions", transactions(&deposit.transactions))
        .with("provider", Some(deposit.provider.to_string()))
        .text()
}
