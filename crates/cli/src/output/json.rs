//! JSON on stdout: exactly one value, on one line unless a person looks at it.

pub(crate) mod bare;
pub(crate) mod lines;
pub(crate) mod record;

use std::io::{self, IsTerminal};

use paymux::{DepositSnapshot, InvoiceSnapshot, PayoutSnapshot, Proof, WebhookEvent, WebhookKind};
use serde::Serialize;

use crate::failure::Failure;

/// The text of a value.
///
/// # Errors
/// When it cannot be written as JSON.
pub(crate) fn value(value: &impl Serialize) -> Result<String, Failure> {
    let text = if io::stdout().is_terminal() {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    text.map_err(|error| Failure::other(format!("cannot write the result as JSON: {error}")))
}

/// A proven webhook. Of `invoice`, `payout` and `deposit` at most one is not null.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WebhookJson {
    provider: String,
    kind: WebhookKind,
    dedup_key: String,
    proof: Proof,
    reference: Option<String>,
    invoice: Option<InvoiceSnapshot>,
    payout: Option<PayoutSnapshot>,
    deposit: Option<DepositSnapshot>,
}

impl From<&WebhookEvent> for WebhookJson {
    fn from(event: &WebhookEvent) -> Self {
        Self {
            provider: event.provider.to_string(),
            kind: event.kind(),
            dedup_key: event.dedup_key.clone(),
            proof: event.proof,
            reference: event.reference.as_ref().map(ToString::to_string),
            invoice: event.invoice().map(bare::invoice),
            payout: event.payout().map(bare::payout),
            deposit: event.deposit().cloned(),
        }
    }
}
