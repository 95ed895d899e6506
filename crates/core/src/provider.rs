//! The traits that every gateway stands behind.

use std::any::Any;
use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::capability::Capabilities;
use crate::error::Result;
use crate::fulfilment::FulfilmentPolicy;
use crate::ids::{InvoiceId, OrderId, PayoutId, ProviderName, Reference};
use crate::money::{AssetAmount, Money};
use crate::powers::{BalanceApi, CatalogApi, DepositAddressApi, PayoutApi, QuoteApi, SearchApi};
use crate::request::NewInvoice;
use crate::snapshot::{
    Confirmations, Destination, InvoiceSnapshot, PayoutSnapshot, TransactionRef,
};
use crate::status::{InvoiceStatus, PaymentExceptions, PayoutStatus};
use crate::webhook::{RawWebhook, WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict};

/// A payment gateway, or several that look like one.
///
/// Applications hold an `Arc<dyn PaymentProvider>`. What every gateway can do is required; what only
/// some can do is a power, found by asking for it: `provider.payouts()` is `None` where there are no
/// payouts, so that a missing power is met when a program starts and not when money should move.
///
/// Conveniences are in [`PaymentProviderExt`](crate::PaymentProviderExt).
#[async_trait]
pub trait PaymentProvider: Debug + Send + Sync + 'static {
    /// The instance's name. One gateway may be there twice under two names.
    fn name(&self) -> &ProviderName;

    /// What the presence of powers cannot say.
    fn capabilities(&self) -> &Capabilities;

    /// Makes an invoice.
    ///
    /// Terms are honoured or refused with `Unsupported`; what comes back is compared with what was
    /// asked for. Calling twice with one order id does what
    /// [`Capabilities::idempotency`](crate::Capabilities) says.
    ///
    /// # Errors
    /// Look at [`Error::outcome`](crate::Error::outcome): with `Unknown` the invoice may exist. An
    /// answer that differs from the request in amount, asset or order is a `Mismatch`.
    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>>;

    /// Reads an invoice as it is now.
    ///
    /// # Errors
    /// `NotFound` for an id the gateway does not know (or `Refused` with its code, where that is not
    /// documented).
    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>>;

    /// Proves a webhook and only then reads it. Makes no catalogue call.
    ///
    /// # Errors
    /// `InvalidSignature` when proof is missing or wrong, too old or too new; `Unavailable` when the
    /// proof is a call to the gateway and that call fails; `InvalidResponse` when it is proven and
    /// cannot be read.
    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent>;

    /// Whether a webhook names this provider's account. No key is tried and nothing is proven: it is
    /// how one of several providers is found where a webhook's route does not say.
    fn webhook_claim(&self, _webhook: &RawWebhook) -> WebhookClaim {
        WebhookClaim::Unclear
    }

    /// What to answer the gateway for this webhook.
    fn webhook_answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer;

    /// Sending money out.
    fn payouts(&self) -> Option<&dyn PayoutApi> {
        None
    }

    /// Finding invoices by order or status.
    fn search(&self) -> Option<&dyn SearchApi> {
        None
    }

    /// What a price is in an asset.
    fn quotes(&self) -> Option<&dyn QuoteApi> {
        None
    }

    /// Which assets there are.
    fn catalog(&self) -> Option<&dyn CatalogApi> {
        None
    }

    /// What the merchant's account holds.
    fn balances(&self) -> Option<&dyn BalanceApi> {
        None
    }

    /// Permanent addresses.
    fn deposit_addresses(&self) -> Option<&dyn DepositAddressApi> {
        None
    }
}

const _OBJECT_SAFE: fn(&dyn PaymentProvider) = |_| {};

/// An invoice as a gateway gives it, seen the same way for every gateway.
///
/// Getters read the snapshot. `None` means that the gateway did not tell, never zero.
pub trait Invoice: Debug + Send + Sync {
    /// Everything that is known, in the form that is stored and printed.
    fn snapshot(&self) -> &InvoiceSnapshot;

    /// The way back to the adapter's own type, with every member of the gateway's answer.
    fn as_any(&self) -> &dyn Any;

    /// The gateway's id.
    fn id(&self) -> &InvoiceId {
        &self.snapshot().id
    }

    /// The merchant's order.
    fn order_id(&self) -> Option<&OrderId> {
        self.snapshot().order_id.as_ref()
    }

    /// How far it has come.
    fn status(&self) -> InvoiceStatus {
        self.snapshot().status
    }

    /// What is odd about the payment.
    fn exceptions(&self) -> &PaymentExceptions {
        &self.snapshot().exceptions
    }

    /// What the merchant asks for.
    fn price(&self) -> Option<&Money> {
        self.snapshot().price.as_ref()
    }

    /// What the payer has to send.
    fn due(&self) -> Option<&AssetAmount> {
        self.snapshot().due.as_ref()
    }

    /// What arrived so far.
    fn received(&self) -> Option<&AssetAmount> {
        self.snapshot().received.as_ref()
    }

    /// What is still to come.
    fn remaining(&self) -> Option<&AssetAmount> {
        self.snapshot().remaining.as_ref()
    }

    /// What arrived beyond what was due.
    fn excess(&self) -> Option<&AssetAmount> {
        self.snapshot().excess.as_ref()
    }

    /// Where the payer sends it.
    fn destination(&self) -> Option<&Destination> {
        self.snapshot().destination.as_ref()
    }

    /// The gateway's own page for the payer.
    fn checkout_url(&self) -> Option<&str> {
        self.snapshot().checkout_url.as_deref()
    }

    /// The text to show as a QR code.
    fn qr(&self) -> Option<&str> {
        self.snapshot().qr.as_deref()
    }

    /// When it was made, UTC.
    fn created_at(&self) -> Option<DateTime<Utc>> {
        self.snapshot().created_at
    }

    /// When the time to pay runs out, UTC.
    fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.snapshot().expires_at
    }

    /// How deep the payment lies in the chain.
    fn confirmations(&self) -> Option<Confirmations> {
        self.snapshot().confirmations
    }

    /// The transactions that paid it.
    fn transactions(&self) -> &[TransactionRef] {
        &self.snapshot().transactions
    }

    /// Whether to hand over the goods: [`FulfilmentPolicy::default`] applied to the snapshot.
    fn should_fulfil(&self) -> bool {
        FulfilmentPolicy::default().allows(self.snapshot())
    }
}

/// A payout as a gateway gives it, seen the same way for every gateway.
pub trait Payout: Debug + Send + Sync {
    /// Everything that is known, in the form that is stored and printed.
    fn snapshot(&self) -> &PayoutSnapshot;

    /// The way back to the adapter's own type, with every member of the gateway's answer.
    fn as_any(&self) -> &dyn Any;

    /// The gateway's id.
    fn id(&self) -> &PayoutId {
        &self.snapshot().id
    }

    /// The merchant's reference, where it is known.
    fn reference(&self) -> Option<&Reference> {
        self.snapshot().reference.as_ref()
    }

    /// How far it has come.
    fn status(&self) -> PayoutStatus {
        self.snapshot().status
    }

    /// What the destination receives.
    fn amount(&self) -> Option<&AssetAmount> {
        self.snapshot().amount.as_ref()
    }

    /// What the gateway takes for it.
    fn fee(&self) -> Option<&AssetAmount> {
        self.snapshot().fee.as_ref()
    }

    /// Where the money goes.
    fn destination(&self) -> Option<&Destination> {
        self.snapshot().destination.as_ref()
    }

    /// When it was made, UTC.
    fn created_at(&self) -> Option<DateTime<Utc>> {
        self.snapshot().created_at
    }

    /// The transactions that carry it.
    fn transactions(&self) -> &[TransactionRef] {
        &self.snapshot().transactions
    }
}

/// A snapshot is an invoice too: for what was stored, and for doubles in tests.
impl Invoice for InvoiceSnapshot {
    fn snapshot(&self) -> &InvoiceSnapshot {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A snapshot is a payout too: for what was stored, and for doubles in tests.
impl Payout for PayoutSnapshot {
    fn snapshot(&self) -> &PayoutSnapshot {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
