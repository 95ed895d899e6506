//! The webhooks of a scripted gateway: JSON, the account in one header, and the proof in another.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ScriptedProvider;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::snapshot::{InvoiceSnapshot, PayoutSnapshot};
use crate::webhook::{Proof, RawWebhook, WebhookClaim, WebhookEvent, WebhookSubject};

const ACCOUNT_HEADER: &str = "X-Scripted-Account";
const PROOF_HEADER: &str = "X-Scripted-Sign";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Notice {
    Invoice(Box<InvoiceSnapshot>),
    Payout(Box<PayoutSnapshot>),
}

impl ScriptedProvider {
    pub(super) fn sign(&self, notice: &Notice) -> Result<RawWebhook> {
        let body = serde_json::to_vec(notice).map_err(unreadable)?;
        let proof = self.proof_of(&body);
        let webhook = RawWebhook::new(body).with_received_at(self.clock.now());
        let webhook = if self.names_account {
            webhook.with_header(ACCOUNT_HEADER, self.account.as_str())
        } else {
            webhook
        };
        Ok(webhook.with_header(PROOF_HEADER, proof))
    }

    pub(super) fn claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        if !self.names_account {
            return WebhookClaim::Unclear;
        }
        match webhook.single_header(ACCOUNT_HEADER) {
            Ok(Some(account)) if account == self.account => WebhookClaim::Own,
            _ => WebhookClaim::Foreign,
        }
    }

    pub(super) fn prove(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        let told = webhook.single_header(PROOF_HEADER)?.ok_or_else(|| {
            Error::invalid_signature(format!("the header {PROOF_HEADER} is missing"))
        })?;
        let account = webhook.single_header(ACCOUNT_HEADER)?;
        if self.names_account && account != Some(self.account.as_str()) {
            return Err(Error::invalid_signature(format!(
                "the header {ACCOUNT_HEADER} does not name the account {}",
                self.account
            )));
        }
        if !is_same(told, &self.proof_of(webhook.body())) {
            return Err(Error::invalid_signature(format!(
                "the header {PROOF_HEADER} does not prove this body"
            )));
        }
        let subject = match serde_json::from_slice(webhook.body()).map_err(unreadable)? {
            Notice::Invoice(mut invoice) => {
                invoice.provider = self.name.clone();
                WebhookSubject::Invoice(invoice)
            }
            Notice::Payout(mut payout) => {
                payout.provider = self.name.clone();
                WebhookSubject::Payout(payout)
            }
        };
        let reference = match &subject {
            WebhookSubject::Payout(payout) => payout.reference.clone(),
            _ => None,
        };
        let event = WebhookEvent::new(
            self.name.clone(),
            told,
            Proof::Signed,
            subject,
            webhook.body(),
        );
        Ok(event.with_reference(reference))
    }

    /// A keyed digest. It only has to tell apart what tests alter.
    fn proof_of(&self, body: &[u8]) -> String {
        let mut digest = Sha256::new();
        for part in [self.key.expose_secret().as_bytes(), b"\n", body] {
            digest.update(part);
        }
        let bytes = digest.finalize();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Compares without telling by its time where two texts differ.
fn is_same(told: &str, right: &str) -> bool {
    let pairs = told.bytes().zip(right.bytes());
    told.len() == right.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        Outcome::NotSent,
        "the notice is proven and cannot be read",
    )
    .with_source(error)
}
