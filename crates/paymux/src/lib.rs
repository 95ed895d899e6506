//! Take and send crypto payments through any gateway behind one set of traits.
//!
//! An application holds an `Arc<dyn PaymentProvider>` and never names a gateway again: which one it
//! talks to is one cargo feature and a few environment variables.
//!
#![cfg_attr(feature = "native-checkout", doc = "```no_run")]
#![cfg_attr(not(feature = "native-checkout"), doc = "```text")]
//! use std::sync::Arc;
//! use paymux::{Error, NewInvoice, OrderId, PaymentProvider, RawWebhook, Result};
//!
//! // PAYMUX_NATIVE_CHECKOUT_APP_ID and PAYMUX_NATIVE_CHECKOUT_APP_KEY are set.
//! fn gateway() -> Result<Arc<dyn PaymentProvider>> {
//!     let providers = paymux::setup::providers_from_env()?;
//!     providers.only().cloned().ok_or_else(|| Error::configuration("set up one gateway"))
//! }
//!
//! async fn sell(gateway: &dyn PaymentProvider) -> Result<()> {
//!     let request = NewInvoice::new(OrderId::new("order-1001")?, "5 USD".parse()?)
//!         .with_asset("TRX@tron".parse()?);
//!     let invoice = gateway.create_invoice(&request).await?;
//!     println!("pay {:?} to {:?}", invoice.due(), invoice.destination());
//!     Ok(())
//! }
//!
//! async fn on_webhook(gateway: &dyn PaymentProvider, webhook: &RawWebhook) -> Result<()> {
//!     let event = gateway.verify_webhook(webhook).await?; // proven first, then read
//!     println!("{} is {:?}", event.dedup_key, event.invoice().map(|invoice| invoice.status));
//!     Ok(())
//! }
//! ```
//!
//! Everything of `paymux-core` stands at the root of this crate; each gateway is a module, and
//! [`setup`] builds providers from the environment or from an application's own settings.
//!
//! # Features
//!
//! Nothing is on by default. Choose gateways, and how TLS is done.
//!
//! | feature | adds |
//! |---|---|
//! | `native-checkout` | `native_checkout`: HaloPay Native Checkout |
//! | `unipayment` | `unipayment`: UniPayment, three generations of its API |
//! | `router` | `router`: several gateways behind one provider, with failover |
//! | `ledger` | `ledger`: payments kept in a SQLite file, so that nothing is lost or paid twice |
//! | `ledger-postgres` | `ledger` on PostgreSQL, for an application that runs on several machines |
//! | `ledger-forward` | sends the ledger's events on to a URL as Standard Webhooks; choose its database and a TLS too |
//! | `checkout` | `checkout`: routes for axum that take webhooks into a ledger; choose its database too |
//! | `rustls` | TLS by rustls with its default cryptography provider; the usual choice |
//! | `rustls-no-provider` | TLS by rustls; the application installs the cryptography provider |
//! | `native-tls` | TLS by the operating system |
//! | `tokio` | `TokioClock`, for waiting until an invoice is paid |
//! | `scripted` | an in-memory gateway that follows a script, for tests of code that takes payments |
//! | `mock` | mockall doubles of the traits, for tests of code that takes payments |
//! | `conformance` | the laws that every provider passes, for adapters of your own |
//! | `full` | all of the above but `rustls-no-provider` and `native-tls` |
//!
//! # What each gateway can do
//!
//! | | `native-checkout` | `unipayment`: `md5` | `hmac` | `oauth` |
//! |---|---|---|---|---|
//! | webhooks are proven | by a signature | weakly, by MD5: read back | by asking the gateway | by a signature |
//! | payouts | yes, found again by the callback URL | no | yes | yes |
//! | search | no | by order | yes | yes |
//! | quotes | yes | no | yes | yes |
//! | catalogue of assets | yes | no | yes | yes |
//! | balances | yes | no | yes | yes |
//! | permanent addresses | yes | no | no | no |
//!
//! A power that a gateway lacks is `None` when it is asked for
//! ([`PaymentProvider::search`] here), so a program finds out when it starts.

pub use paymux_core::*;

pub mod setup;

#[cfg(feature = "checkout")]
#[doc(inline)]
pub use paymux_checkout as checkout;
#[cfg(any(
    feature = "ledger",
    feature = "ledger-postgres",
    feature = "ledger-forward",
    feature = "checkout"
))]
#[doc(inline)]
pub use paymux_ledger as ledger;
#[cfg(feature = "native-checkout")]
#[doc(inline)]
pub use paymux_native_checkout as native_checkout;
#[cfg(feature = "router")]
#[doc(inline)]
pub use paymux_router as router;
#[cfg(feature = "unipayment")]
#[doc(inline)]
pub use paymux_unipayment as unipayment;
