//! HaloPay Native Checkout for paymux: nine typed calls, HMAC signatures, proven webhooks.
//!
//! [`NativeCheckout`] is a [`PaymentProvider`](paymux_core::PaymentProvider) with the powers payouts,
//! quotes, catalogue, balances and deposit addresses. Here it makes an invoice on the sandbox, which
//! speaks the gateway's protocol on a local socket, and is told of the payment:
//!
#![cfg_attr(feature = "client", doc = "```")]
#![cfg_attr(not(feature = "client"), doc = "```ignore")]
//! use paymux_core::transition::Observed;
//! use paymux_core::{InvoiceStatus, NewInvoice, PaymentProvider, RawWebhook};
//! use paymux_native_checkout::NativeCheckout;
//! use paymux_sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let shop = sandbox.inbox("shop");
//!
//! // In production: `NativeCheckout::builder().from_env().build()?`.
//! let provider = NativeCheckout::builder()
//!     .with_base_url(sandbox.url())
//!     .with_app_id(sandbox.halo().app_id())
//!     .with_app_key(sandbox.halo().app_key().into())
//!     .build()?;
//!
//! let request = NewInvoice::new("order-1001".parse()?, "5 USD".parse()?)
//!     .with_asset("TRX@tron-nile".parse()?)
//!     .with_callback_url(shop.url());
//! let created = provider.create_invoice(&request).await?;
//! println!("send {} to {}", created.due().unwrap(), created.qr().unwrap());
//!
//! // The payer pays, and the gateway posts a webhook.
//! sandbox.halo().pay_rest(created.id().as_str())?;
//! sandbox.halo().confirm(created.id().as_str(), 1)?;
//! let received = shop.next().await.unwrap();
//! let mut webhook = RawWebhook::new(received.body).with_received_at(received.received_at);
//! for (name, value) in received.headers {
//!     webhook = webhook.with_header(name, value);
//! }
//!
//! let event = provider.verify_webhook(&webhook).await?; // proof first, then reading
//! let mut invoice = created.snapshot().clone();
//! invoice.observe(event.invoice().unwrap(), Observed::Notice);
//! assert_eq!(invoice.status, InvoiceStatus::Settled);
//! # Ok(())
//! # }
//! ```
//!
//! # The gateway's terms
//!
//! | what | how it is here |
//! |---|---|
//! | asset of an invoice | required: the gateway does not let the payer choose |
//! | price | in the asset itself, or in one of [`FIAT_NAMES`](model::FIAT_NAMES) |
//! | description, return URL, metadata | dropped: there is no member for them |
//! | payout reference | in the callback URL, with a tag under the app key; a payout without callback URL is found by its id alone |
//! | memo of a payout | `Unsupported` |
//! | order found by the merchant's id | not possible: the gateway has no such call |
//! | error codes | not published, so `Refused` with the code, unless [mapped](NativeCheckoutBuilder::with_error_code) |
//! | status `Confirmed` | never told: `PAID` is `Settled` once it has its confirmations |
//! | answers' signature | verified where there is one |
//! | webhook window | two minutes either way, both ends included |
//!
//! [`Client`] has the gateway's own calls with every documented member, [`model`] their types. Both
//! kinds of errors say whether the gateway may have acted: see
//! [`Outcome`](paymux_core::Outcome).
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `client` (default) | [`NativeCheckout`] and [`Client`]; without it the crate signs ([`Signer`]), proves ([`WebhookVerifier`]) and reads, and needs no HTTP and no runtime |
//! | `rustls` (default), `rustls-no-provider`, `native-tls` | TLS, as `paymux-http` has it |

mod asset;
#[cfg(feature = "client")]
mod client;
mod config;
mod error;
pub mod model;
#[cfg(feature = "client")]
mod provider;
mod sign;
mod status;
mod webhook;

#[cfg(feature = "client")]
pub use client::Client;
#[cfg(feature = "client")]
pub use config::NativeCheckoutBuilder;
pub use config::{ConfigKey, DEFAULT_BASE_URL};
pub use error::ErrorCodes;
#[cfg(feature = "client")]
pub use paymux_http::{RetryConfig, TransportConfig};
#[cfg(feature = "client")]
pub use provider::{NativeCheckout, NativeInvoice, NativePayout, PayoutAnswer};
pub use sign::{APP_ID_HEADER, SIGN_HEADER, SignedHeaders, Signer, TIMESTAMP_HEADER};
pub use webhook::WebhookVerifier;

/// The name of this adapter: in configuration files, and of an instance that is given no other.
pub const TYPE_NAME: &str = "native-checkout";
