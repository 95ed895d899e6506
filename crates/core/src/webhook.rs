//! What a gateway tells on its own: bytes in, a proven event out.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ids::{ProviderName, Reference};
use crate::snapshot::{DepositSnapshot, InvoiceSnapshot, PayoutSnapshot};

/// A webhook exactly as it came over the wire. Nothing in it is believed yet.
///
/// ```
/// use paymux_core::RawWebhook;
///
/// let webhook = RawWebhook::new(b"{}".to_vec())
///     .with_path_and_query("/webhooks/native-checkout?paymux_ref=ref-1")
///     .with_header("X-Sign", "ab12");
/// assert_eq!(webhook.single_header("x-sign").unwrap(), Some("ab12"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawWebhook {
    method: String,
    path_and_query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    received_at: DateTime<Utc>,
}

impl RawWebhook {
    /// A webhook with this body, posted to `/` just now.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST".to_owned(),
            path_and_query: "/".to_owned(),
            headers: Vec::new(),
            body: body.into(),
            received_at: Utc::now(),
        }
    }

    /// Sets the HTTP method.
    #[must_use]
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// Sets path and query, as they stood in the request line.
    #[must_use]
    pub fn with_path_and_query(mut self, path_and_query: impl Into<String>) -> Self {
        self.path_and_query = path_and_query.into();
        self
    }

    /// Adds a header. The same name may be added twice: verification sees that.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets when it was received, UTC. Time windows are checked against this.
    #[must_use]
    pub const fn with_received_at(mut self, received_at: DateTime<Utc>) -> Self {
        self.received_at = received_at;
        self
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Path and query, as they stood in the request line.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The query, still encoded; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.path_and_query
            .split_once('?')
            .map_or("", |(_, query)| query)
    }

    /// Every header, in the order of arrival.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// When it was received, UTC.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// The value of a header that proof depends on; names are compared in any case.
    ///
    /// # Errors
    /// `InvalidSignature` when it is there more than once, or is not visible ASCII.
    pub fn single_header(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Error::invalid_signature(format!(
                "the header {name} is there more than once; a gateway sends it once"
            )));
        }
        std::str::from_utf8(value)
            .ok()
            .filter(|text| text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)))
            .map(Some)
            .ok_or_else(|| {
                Error::invalid_signature(format!("the header {name} is not plain ASCII"))
            })
    }
}

impl fmt::Debug for RawWebhook {
    /// The body and the headers' values may hold a payer's data: only their sizes and names show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        f.debug_struct("RawWebhook")
            .field("method", &self.method)
            .field("path", &path)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish()
    }
}

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
    use crate::ErrorKind;

    #[test]
    fn a_doubled_header_is_refused_in_any_spelling() {
        let webhook = RawWebhook::new("{}")
            .with_header("X-Sign", "aa")
            .with_header("x-sign", "aa");
        let error = webhook.single_header("X-SIGN").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature);
        assert_eq!(webhook.single_header("X-Appid").unwrap(), None);
        let binary = RawWebhook::new("").with_header("X-Sign", vec![0xff, 0x00]);
        assert!(binary.single_header("x-sign").is_err());
    }

    #[test]
    fn debug_shows_no_payload() {
        let webhook = RawWebhook::new("{\"payer\":\"jane@example.org\"}")
            .with_path_and_query("/hook?paymux_ref=secret-ref")
            .with_header("Authorization", "Bearer abc");
        let shown = format!("{webhook:?}");
        for hidden in ["jane", "secret-ref", "abc"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert_eq!(webhook.query(), "paymux_ref=secret-ref");
    }
}
