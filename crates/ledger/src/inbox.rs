//! Webhooks: proven, then stored, then answered; taken in by a worker, once, in any order.

mod apply;
mod deposit;
mod incoming;
mod notice;
mod take_in;
mod together;
mod unmatched;

use paymux_core::{
    Error, ErrorKind, PaymentProvider, ProviderName, RawWebhook, Result, WebhookVerdict,
};
use serde::Serialize;

use crate::ledger::Ledger;
use crate::quarantine;

pub(crate) use apply::{asking_turn, turn};
pub(crate) use incoming::Incoming;
pub(crate) use notice::{NewNotice, unmatched_payouts, wake, wake_reference};
pub(crate) use take_in::{Seen, seen_invoice, seen_payout};
pub use unmatched::{UnmatchedCount, UnmatchedNotice};

/// What became of a webhook when it came in.
#[derive(Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// What was done with it.
    pub received: Received,
    /// Why it was not taken in at once.
    pub error: Option<Error>,
}

/// What was done with a webhook when it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Received {
    /// It is proven and on the disk; a worker takes it in.
    Stored,
    /// It is proven and was stored before.
    Duplicate,
    /// Its proof is a call to the gateway that failed just now, or it could not be read. It is on the
    /// disk, and nothing in it is believed until a worker has proven it.
    Quarantined,
    /// It is not proven. Nothing of it was stored.
    Refused,
    /// It could not be stored. Nothing of it is kept: the gateway has to send it again.
    NotStored,
}

impl Receipt {
    const fn new(received: Received) -> Self {
        Self {
            received,
            error: None,
        }
    }

    const fn failed(received: Received, error: Error) -> Self {
        Self {
            received,
            error: Some(error),
        }
    }

    /// What to answer the gateway; see
    /// [`webhook_answer`](paymux_core::PaymentProvider::webhook_answer).
    #[must_use]
    pub const fn verdict(&self) -> WebhookVerdict {
        match self.received {
            Received::Stored | Received::Duplicate | Received::Quarantined => {
                WebhookVerdict::Accepted
            }
            Received::Refused => WebhookVerdict::Refused,
            Received::NotStored => WebhookVerdict::TryAgain,
        }
    }
}

impl Ledger {
    /// Takes a webhook that came in for a provider. It is proven first; what is proven is on the disk
    /// when this returns, and only then should the gateway be told so. A worker takes it in: see
    /// [`work`](Self::work).
    ///
    /// ```
    /// use paymux_core::{PaymentProvider, RawWebhook, WebhookAnswer};
    /// use paymux_ledger::Ledger;
    ///
    /// async fn route(
    ///     ledger: &Ledger,
    ///     provider: &dyn PaymentProvider,
    ///     webhook: &RawWebhook,
    /// ) -> WebhookAnswer {
    ///     let receipt = ledger.receive(provider, webhook).await;
    ///     provider.webhook_answer(webhook, receipt.verdict())
    /// }
    /// ```
    pub async fn receive(&self, provider: &dyn PaymentProvider, webhook: &RawWebhook) -> Receipt {
        match provider.verify_webhook(webhook).await {
            Ok(event) => {
                self.store_proven(NewNotice::of(event, webhook.received_at()))
                    .await
            }
            Err(error) if is_refusal(&error) => {
                tracing::warn!(provider = %provider.name(), %error, "a webhook was refused");
                Receipt::failed(Received::Refused, error)
            }
            Err(error) => self.keep_unproven(provider.name(), webhook, error).await,
        }
    }

    async fn store_proven(&self, notice: Result<NewNotice>) -> Receipt {
        let stored = match notice {
            Ok(notice) => incoming::store(&self.0, notice).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        match stored {
            Ok(true) => {
                self.0.bells.ring_inbox();
                Receipt::new(Received::Stored)
            }
            Ok(false) => Receipt::new(Received::Duplicate),
            Err(error) => {
                tracing::error!(%error, "a webhook could not be stored; it has to be sent again");
                Receipt::failed(Received::NotStored, error)
            }
        }
    }

    async fn keep_unproven(
        &self,
        provider: &ProviderName,
        webhook: &RawWebhook,
        why: Error,
    ) -> Receipt {
        match quarantine::keep(&self.0, provider, webhook, &why).await {
            Ok(()) => {
                tracing::warn!(%provider, error = %why, "a webhook waits for its proof");
                Receipt::failed(Received::Quarantined, why)
            }
            Err(error) => {
                tracing::error!(%provider, %error, proof = %why, "a webhook could not be kept");
                Receipt::failed(Received::NotStored, error)
            }
        }
    }
}

/// Whether this says that a webhook is not genuine, rather than that nobody can tell now.
pub(crate) fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidSignature | ErrorKind::InvalidRequest | ErrorKind::Unsupported
    )
}
