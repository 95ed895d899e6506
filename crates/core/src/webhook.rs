//! What a gateway tells on its own: bytes in, a proven event out.

mod raw;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{ProviderName, Reference};
use crate::snapshot::{DepositSnapshot, InvoiceSnapshot, PayoutSnapshot};
pub use raw::RawWebhook;

/// How strongly a webhook is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// By a signature that only the gateway can make.
    Signed,
    /// By asking the gateway whether it sent this.
    Checked,
    /// By a signature that is not strong enough on its own: read the state back before acting.
    Weak,
}

impl Proof {
    /// How much it is worth, to compare: more is better.
    #[must_use]
    pub const fn strength(self) -> u8 {
        match self {
            Self::Signed => 2,
            Self::Checked => 1,
            Self::Weak => 0,
        }
    }
}

/// What a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookKind {
    /// An invoice.
    Invoice,
    /// A payout.
    Payout,
    /// Money that came to a permanent address.
    Deposit,
    /// Something that paymux has no name for; the raw body has it.
    Other,
}

/// The state that a webhook tells. It may be partial.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookSubject {
    /// An invoice.
    Invoice(Box<InvoiceSnapshot>),
    /// A payout.
    Payout(Box<PayoutSnapshot>),
    /// Money that came to a permanent address.
    Deposit(Box<DepositSnapshot>),
    /// Something that paymux has no name for.
    Other,
}

/// A webhook that was proven and then read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The provider instance that proved it.
    pub provider: ProviderName,
    /// Stable over redeliveries: apply an event with a key that was applied before only once.
    pub dedup_key: String,
    /// How strongly it is proven.
    pub proof: Proof,
    /// The merchant's reference that correlation found, for a payout whose id may be unknown.
    pub reference: Option<Reference>,
    /// What it tells.
    pub subject: WebhookSubject,
    /// The body, byte for byte.
    pub raw_body: Vec<u8>,
}

impl WebhookEvent {
    /// A proven event.
    #[must_use]
    pub fn new(
        provider: ProviderName,
        dedup_key: impl Into<String>,
        proof: Proof,
        subject: WebhookSubject,
        raw_body: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            provider,
            dedup_key: dedup_key.into(),
            proof,
            reference: None,
            subject,
            raw_body: raw_body.into(),
        }
    }

    /// Sets the reference that correlation found.
    #[must_use]
    pub fn with_reference(mut self, reference: Option<Reference>) -> Self {
        self.reference = reference;
        self
    }

    /// A dedup key for a webhook of which nothing but its body is known: `other:` and the body's
    /// SHA-256 in hex.
    #[must_use]
    pub fn dedup_key_of_body(body: &[u8]) -> String {
        format!("other:{}", hex::encode(Sha256::digest(body)))
    }

    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> WebhookKind {
        match self.subject {
            WebhookSubject::Invoice(_) => WebhookKind::Invoice,
            WebhookSubject::Payout(_) => WebhookKind::Payout,
            WebhookSubject::Deposit(_) => WebhookKind::Deposit,
            WebhookSubject::Other => WebhookKind::Other,
        }
    }

    /// The invoice it tells of.
    #[must_use]
    pub fn invoice(&self) -> Option<&InvoiceSnapshot> {
        match &self.subject {
            WebhookSubject::Invoice(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// The payout it tells of.
    #[must_use]
    pub fn payout(&self) -> Option<&PayoutSnapshot> {
        match &self.subject {
            WebhookSubject::Payout(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// The deposit it tells of.
    #[must_use]
    pub fn deposit(&self) -> Option<&DepositSnapshot> {
        match &self.subject {
            WebhookSubject::Deposit(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// Whether its proof is too weak to act upon: fetch the state from the gateway first.
    #[must_use]
    pub fn needs_read_back(&self) -> bool {
        self.proof == Proof::Weak
    }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("provider", &self.provider)
            .field("dedup_key", &self.dedup_key)
            .field("proof", &self.proof)
            .field("reference", &self.reference)
            .field("subject", &self.subject)
            .field("body_bytes", &self.raw_body.len())
            .finish()
    }
}

/// Whether a webhook is addressed to a provider's account. It proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookClaim {
    /// It names the provider's own account.
    Own,
    /// It names another account, or is not of this gateway at all.
    Foreign,
    /// It names no account, or the provider does not look.
    Unclear,
}

/// What became of a webhook, for the gateway's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookVerdict {
    /// Proven and stored; also a duplicate, one out of order, or one of an unknown invoice.
    Accepted,
    /// Not proven.
    Refused,
    /// It cannot be stored or checked now: the gateway should send it again.
    TryAgain,
}

/// What to answer the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// HTTP status.
    pub status: u16,
    /// Body, plain text.
    pub body: &'static str,
}

impl WebhookAnswer {
    /// An answer with the status that fits the verdict: 200, 400 or 503.
    #[must_use]
    pub const fn new(
        verdict: WebhookVerdict,
        accepted: &'static str,
        refused: &'static str,
    ) -> Self {
        match verdict {
            WebhookVerdict::Accepted => Self {
                status: 200,
                body: accepted,
            },
            WebhookVerdict::Refused => Self {
                status: 400,
                body: refused,
            },
            WebhookVerdict::TryAgain => Self {
                status: 503,
                body: refused,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_body_has_the_same_key() {
        // printf abc | sha256sum
        assert_eq!(
            WebhookEvent::dedup_key_of_body(b"abc"),
            "other:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
