//! The laws that every provider passes: adapters, wrappers, and those of third parties.
//!
//! Implement [`Harness`] for the provider over whatever stands in for its gateway, then run each law
//! as a test of its own, or [`check_all`]. Core has no runtime: a law is a future, and the harness
//! does the waiting.
//!
//! A law that a provider's own capabilities rule out passes: payouts are only asked of a provider
//! that has them.

mod invoices;
mod payouts;
mod powers;
mod secrecy;
mod webhooks;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use rust_decimal::Decimal;

use crate::error::Error;
use crate::ids::ProviderName;
use crate::provider::PaymentProvider;
use crate::request::{NewInvoice, NewPayout};
use crate::snapshot::InvoiceSnapshot;
use crate::webhook::RawWebhook;

pub use invoices::{
    amounts_are_exact, bad_requests_send_nothing, create_and_fetch_agree, overpaid_is_told,
    statuses_move_legally, unknown_ids_are_not_found, unknown_words_are_kept,
};
pub use payouts::{payouts_are_made_once_and_followed, wrong_destinations_are_refused};
pub use powers::{assets_answer_to_their_names, balances_add_up, quotes_are_positive};
pub use secrecy::{secrets_are_never_shown, wrong_keys_are_refused};
pub use webhooks::{
    altered_webhooks_are_refused, doubled_headers_change_nothing, old_webhooks_are_refused,
    webhooks_are_proven_and_repeatable, webhooks_of_others_are_refused,
};

/// A provider, its gateway's stand-in, and somebody who pays.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The provider to be judged.
    fn provider(&self) -> &dyn PaymentProvider;

    /// Whether answers may name this provider as theirs: its own name, and the names of those that it
    /// speaks for.
    fn owns(&self, name: &ProviderName) -> bool {
        name == self.provider().name()
    }

    /// The same provider with a wrong key: the gateway does not know it.
    fn impostor(&self) -> &dyn PaymentProvider;

    /// Every secret that either was set up with. None may ever be shown.
    fn canaries(&self) -> Vec<String>;

    /// A request that the gateway takes, for another order each time, whose webhooks reach
    /// [`Harness::next_webhook`].
    fn new_invoice(&self) -> NewInvoice;

    /// A payout that the gateway takes, under another reference each time; `None` without payouts.
    fn new_payout(&self) -> Option<NewPayout>;

    /// Pays this much, in whole tokens, to the invoice's destination. The gateway sees it at once.
    async fn pay(&self, invoice: &InvoiceSnapshot, amount: Decimal);

    /// Lets confirmations come in until the gateway counts the invoice as settled.
    async fn confirm(&self, invoice: &InvoiceSnapshot);

    /// Lets the payout run to its end.
    async fn complete_payout(&self, id: &crate::PayoutId);

    /// How many payouts the gateway was asked for so far, refused ones too; `None` where the stand-in
    /// does not count.
    async fn payouts_at_gateway(&self) -> Option<usize>;

    /// The next webhook that the gateway sent, in the order of sending; waits for it a while.
    async fn next_webhook(&self) -> Option<RawWebhook>;

    /// Makes the gateway use a word for the status of this invoice that nobody knows, the next time
    /// it is read; `None` where the stand-in cannot.
    async fn say_unknown_word(&self, invoice: &InvoiceSnapshot) -> Option<String>;

    /// How old a webhook may be; `None` where its proof does not cover the time.
    fn webhook_window(&self) -> Option<Duration>;
}

/// Which law was broken, and how.
#[derive(Debug)]
pub struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

impl From<Error> for Violation {
    fn from(error: Error) -> Self {
        Self(format!(
            "a call failed that should not: {error} ({error:?})"
        ))
    }
}

/// What a law ends with.
pub type Verdict = Result<(), Violation>;

/// Runs every law, one after the other.
///
/// # Errors
/// The first law that was broken.
pub async fn check_all(harness: &dyn Harness) -> Verdict {
    create_and_fetch_agree(harness).await?;
    unknown_ids_are_not_found(harness).await?;
    bad_requests_send_nothing(harness).await?;
    amounts_are_exact(harness).await?;
    statuses_move_legally(harness).await?;
    overpaid_is_told(harness).await?;
    unknown_words_are_kept(harness).await?;
    webhooks_are_proven_and_repeatable(harness).await?;
    altered_webhooks_are_refused(harness).await?;
    webhooks_of_others_are_refused(harness).await?;
    old_webhooks_are_refused(harness).await?;
    doubled_headers_change_nothing(harness).await?;
    wrong_keys_are_refused(harness).await?;
    secrets_are_never_shown(harness).await?;
    payouts_are_made_once_and_followed(harness).await?;
    wrong_destinations_are_refused(harness).await?;
    assets_answer_to_their_names(harness).await?;
    quotes_are_positive(harness).await?;
    balances_add_up(harness).await
}

fn law(holds: bool, broken: impl FnOnce() -> String) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Violation(broken()))
    }
}

fn known<T>(member: Option<T>, what: &str) -> Result<T, Violation> {
    member.ok_or_else(|| Violation(format!("{what} is not told")))
}
