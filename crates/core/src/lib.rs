//! The traits, statuses, exact money, errors and webhook types that every gateway behind paymux
//! shares. No I/O, no HTTP, no runtime.
//!
//! An application asks a [`PaymentProvider`] for an invoice and shows it; the gateway's webhooks are
//! proven by the same provider; and whatever is learnt, by asking or by being told, goes through
//! [one transition function](transition):
//!
//! ```
//! use paymux_core::{NewInvoice, OrderId, PaymentProvider, RawWebhook, Result};
//! use paymux_core::transition::Observed;
//!
//! async fn sell(provider: &dyn PaymentProvider, webhook: RawWebhook) -> Result<bool> {
//!     let request = NewInvoice::new(OrderId::new("order-1001")?, "5 USD".parse()?)
//!         .with_asset("TRX@tron".parse()?);
//!     let mut invoice = provider.create_invoice(&request).await?.snapshot().clone();
//!
//!     let event = provider.verify_webhook(&webhook).await?; // proof first, then reading
//!     if let Some(told) = event.invoice().filter(|told| told.id == invoice.id) {
//!         invoice.observe(told, Observed::Notice);
//!     }
//!     Ok(paymux_core::FulfilmentPolicy::default().allows(&invoice))
//! }
//! ```
//!
//! | module or type | what it is for |
//! |---|---|
//! | [`PaymentProvider`], [`Invoice`], [`Payout`], [`powers`] | what a gateway does |
//! | [`NewInvoice`], [`NewPayout`] | what an application asks for |
//! | [`InvoiceSnapshot`], [`PayoutSnapshot`] | what is known: stored, printed, merged |
//! | [`InvoiceStatus`], [`PaymentExceptions`], [`transition`] | states and their legal moves |
//! | [`Money`], [`Asset`], [`Network`], [`decimal`], [`address`] | exact money and where it lives |
//! | [`attempts`] | who was tried, and the log that keeps a payout from being sent twice |
//! | [`Error`], [`ErrorKind`], [`Outcome`] | what went wrong, and whether money may have moved |
//! | [`callback_url`] | finding a payout again where the gateway keeps no reference |
//! | [`RawWebhook`], [`WebhookEvent`] | what gateways tell on their own |
//! | [`adapter`] | for those who write adapters: reading answers, settings, codes |
//!
//! | feature | adds |
//! |---|---|
//! | `mock` | mockall doubles of the traits, for tests of code that takes payments |
//! | `conformance` | the laws that every provider passes |
//! | `scripted` | an in-memory gateway that follows a script, for tests of code that takes payments or routes them |
//! | `tokio` | `TokioClock` |

pub mod adapter;
pub mod address;
mod asset;
pub mod attempts;
pub mod callback_url;
mod capability;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod decimal;
mod error;
mod fulfilment;
mod ids;
#[cfg(feature = "mock")]
pub mod mock;
pub mod money;
mod network;
mod payment_uri;
pub mod powers;
mod provider;
mod providers;
mod request;
#[cfg(feature = "scripted")]
pub mod scripted;
mod snapshot;
mod status;
pub mod transition;
mod wait;
mod webhook;

pub use asset::{Asset, AssetName, Currency};
#[doc(inline)]
pub use attempts::{AttemptLog, MemoryAttemptLog, ProviderAttempt};
pub use capability::{Capabilities, Correlation, ExpiryLimits, Hints, Idempotency};
#[cfg(feature = "tokio")]
pub use clock::TokioClock;
pub use clock::{Clock, ManualClock, Sleep};
pub use error::{Error, ErrorKind, Outcome, Result};
pub use fulfilment::{FulfilmentPolicy, PaymentTolerance};
pub use ids::{InvoiceId, OrderId, PayoutId, ProviderName, Reference};
pub use money::{AssetAmount, Money};
pub use network::{AddressForm, Network};
pub use payment_uri::payment_uri;
#[doc(inline)]
pub use powers::{
    Balance, BalanceApi, CatalogApi, CatalogAsset, CatalogScope, DepositAddress, DepositAddressApi,
    Listing, Page, PartialFailure, PayoutApi, Quote, QuoteApi, SearchApi,
};
pub use provider::{Invoice, PaymentProvider, Payout};
pub use providers::Providers;
pub use request::{InvoiceQuery, NewDepositAddress, NewInvoice, NewPayout};
pub use snapshot::{
    Confirmations, DepositSnapshot, DepositStatus, Destination, InvoiceSnapshot, PayoutSnapshot,
    SNAPSHOT_VERSION, TransactionRef,
};
pub use status::{InvoiceStatus, PaymentException, PaymentExceptions, PayoutStatus};
pub use wait::{PaymentProviderExt, WaitError, WaitOptions, WaitTarget, payout_changes};
pub use webhook::{
    Proof, RawWebhook, WebhookAnswer, WebhookClaim, WebhookEvent, WebhookKind, WebhookSubject,
    WebhookVerdict,
};
