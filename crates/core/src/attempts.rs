//! Who was tried, and the log that keeps a payout from being sent twice.
//!
//! Whoever sends through several providers asks an [`AttemptLog`] before each attempt and tells it
//! afterwards. The log is the memory between calls: [`MemoryAttemptLog`] holds it within one process.

mod memory;

use std::borrow::Cow;
use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::ProviderName;
use crate::request::{NewInvoice, NewPayout};
use crate::snapshot::{InvoiceSnapshot, PayoutSnapshot};

pub use memory::{InDoubt, MemoryAttemptLog, Resolution};

/// One try at making something at one provider.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// Where.
    pub provider: &'a ProviderName,
    /// What.
    pub request: AttemptedRequest<'a>,
}

/// What an attempt tries to make.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum AttemptedRequest<'a> {
    /// An invoice.
    Invoice(&'a NewInvoice),
    /// A payout.
    Payout(&'a NewPayout),
}

impl<'a> Attempt<'a> {
    /// A try at making an invoice.
    #[must_use]
    pub const fn invoice(provider: &'a ProviderName, request: &'a NewInvoice) -> Self {
        Self {
            provider,
            request: AttemptedRequest::Invoice(request),
        }
    }

    /// A try at sending a payout.
    #[must_use]
    pub const fn payout(provider: &'a ProviderName, request: &'a NewPayout) -> Self {
        Self {
            provider,
            request: AttemptedRequest::Payout(request),
        }
    }
}

/// A log's own number of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(u64);

impl AttemptId {
    /// A number that the log gives out.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// What a log says before an attempt.
#[derive(Debug)]
pub enum Permission {
    /// It may be made, once, under this number.
    Granted(AttemptId),
    /// The same payout was made before; this is what is known of it. Nothing may be sent.
    AlreadyMade(Box<PayoutSnapshot>),
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub enum AttemptEnd<'a> {
    /// The gateway made the invoice.
    InvoiceMade(&'a InvoiceSnapshot),
    /// The gateway took the payout.
    PayoutMade(&'a PayoutSnapshot),
    /// It failed. [`Error::outcome`] says whether it may have been carried out all the same.
    Failed(&'a Error),
}

/// What is remembered of attempts, so that one payout reference is paid at most once.
///
/// Whoever sends calls [`before`](Self::before), sends only with [`Permission::Granted`], and then
/// calls exactly one of [`after`](Self::after) and [`abandoned`](Self::abandoned). Only where an `after`
/// is cut off before it returns, `abandoned` follows it: whichever the log takes first holds. An attempt
/// that was granted and of which no end is known is in doubt: it may have been carried out.
#[async_trait]
pub trait AttemptLog: Debug + Send + Sync + 'static {
    /// Writes down that this is about to be sent, as durably as the log can.
    ///
    /// # Errors
    /// When it must not be sent: `InProgress` or `Conflict` with outcome `Unknown` while another
    /// attempt under the same reference runs or is in doubt; `Conflict` with `NotSent` when another,
    /// different payout has the reference. And when the log cannot write: then nothing may be sent.
    async fn before(&self, attempt: Attempt<'_>) -> Result<Permission>;

    /// Writes down how it ended.
    ///
    /// # Errors
    /// When the log cannot write. The attempt then stays in doubt.
    async fn after(&self, id: AttemptId, end: AttemptEnd<'_>) -> Result<()>;

    /// The caller went away while the attempt ran: nobody will tell how it ended. A log that keeps
    /// what `before` wrote has nothing to do here. Called from `Drop`: it must not block.
    fn abandoned(&self, id: AttemptId);
}

/// What became of one provider when a request could have gone to several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptVerdict {
    /// It could not be considered; the reason says why.
    Excluded,
    /// It would have been next.
    NotTried,
    /// It was tried and failed.
    Failed,
    /// It did what was asked.
    Made,
}

/// One provider in the story of a request that could have gone to several: excluded, not needed,
/// tried in vain, or the one that did it. In the order in which they were considered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderAttempt {
    /// The provider.
    pub provider: ProviderName,
    /// What became of it.
    pub verdict: AttemptVerdict,
    /// Why it was excluded, or what it failed with.
    pub reason: Option<Cow<'static, str>>,
    /// What kind of failure.
    pub kind: Option<ErrorKind>,
    /// Whether the failed attempt may have been carried out all the same.
    pub outcome: Option<Outcome>,
    /// The gateway's id of what was made, or may have been: money that arrives there belongs to the
    /// same order.
    pub id: Option<String>,
}

impl ProviderAttempt {
    const fn new(provider: ProviderName, verdict: AttemptVerdict) -> Self {
        Self {
            provider,
            verdict,
            reason: None,
            kind: None,
            outcome: None,
            id: None,
        }
    }

    /// A provider that could not be considered, and why.
    #[must_use]
    pub fn excluded(provider: ProviderName, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::new(provider, AttemptVerdict::Excluded)
        }
    }

    /// A provider that would have been next.
    #[must_use]
    pub const fn not_tried(provider: ProviderName) -> Self {
        Self::new(provider, AttemptVerdict::NotTried)
    }

    /// A provider that was tried and failed.
    #[must_use]
    pub fn failed(provider: ProviderName, error: &Error) -> Self {
        Self {
            reason: Some(error.message().to_owned().into()),
            kind: Some(error.kind()),
            outcome: Some(error.outcome()),
            id: error.id().map(str::to_owned),
            ..Self::new(provider, AttemptVerdict::Failed)
        }
    }

    /// The provider that did it, and its id of what it made.
    #[must_use]
    pub fn made(provider: ProviderName, id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::new(provider, AttemptVerdict::Made)
        }
    }

    /// Whether something may exist there although the attempt failed.
    #[must_use]
    pub fn may_have_executed(&self) -> bool {
        self.outcome == Some(Outcome::Unknown)
    }
}
