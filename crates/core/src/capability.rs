//! What the presence of a power cannot say.

use std::time::Duration;

use serde::Serialize;

use crate::webhook::Proof;

/// What a provider can and cannot do, beside the powers that it has.
///
/// Whether there are payouts, search, quotes and so on is told by the provider's own methods: the
/// presence of a power is its only flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// How strongly its webhooks are proven.
    pub webhook_proof: Proof,
    /// Whether the caller must name the asset, or the payer may choose it.
    pub asset_required: bool,
    /// What the gateway does when the same order id is sent twice.
    pub idempotency: Idempotency,
    /// How a payout is found again when the answer to its creation was lost.
    pub payout_correlation: Correlation,
    /// Which hints of a new invoice are honoured.
    pub hints: Hints,
    /// How long the payer can be given; `None` where the gateway sets no limit that is known.
    pub expiry: Option<ExpiryLimits>,
}

impl Capabilities {
    /// The least that any gateway can do, with webhooks of this proof.
    #[must_use]
    pub const fn new(webhook_proof: Proof) -> Self {
        Self {
            webhook_proof,
            asset_required: false,
            idempotency: Idempotency::Undocumented,
            payout_correlation: Correlation::None,
            hints: Hints {
                description: false,
                return_url: false,
                metadata: false,
            },
            expiry: None,
        }
    }
}

/// What a gateway does when the same order id is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Idempotency {
    /// Its documents do not say.
    Undocumented,
    /// It makes a second invoice.
    None,
    /// It refuses the repeat.
    Refused,
    /// It gives back the first one.
    Replayed,
}

/// How a payout is found again when the answer to its creation was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Correlation {
    /// Not at all.
    None,
    /// By the reference in the callback URL; so only for a payout that was given a callback URL.
    CallbackUrl,
    /// By the reference, which the gateway keeps and tells.
    Reference,
}

/// Which hints of a new invoice are honoured; others are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hints {
    /// The payer is shown the description.
    pub description: bool,
    /// The payer's browser is sent to the return URL.
    pub return_url: bool,
    /// The pairs are kept with the invoice.
    pub metadata: bool,
}

/// How long the payer can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExpiryLimits {
    /// The gateway's own time to pay, when none is asked for.
    #[serde(serialize_with = "seconds")]
    pub default: Duration,
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}
