//! UniPayment for paymux: the three generations of its interface behind one provider, with typed
//! calls, its signatures and proven webhooks.
//!
//! `UniPayment` is a [`PaymentProvider`](paymux_core::PaymentProvider); the [`Generation`] that it
//! speaks is a setting. Here it makes an invoice on the sandbox, which speaks the gateway's protocol on
//! a local socket, and reads it back once it is paid:
//!
#![cfg_attr(feature = "client", doc = "```")]
#![cfg_attr(not(feature = "client"), doc = "```ignore")]
//! use paymux_core::{InvoiceStatus, NewInvoice, PaymentProvider};
//! use paymux_sandbox::Sandbox;
//! use paymux_unipayment::{Generation, UniPayment};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let gateway = sandbox.unipayment();
//!
//! // In production: `UniPayment::builder().from_env().build()?`.
//! let provider = UniPayment::builder()
//!     .with_generation(Generation::OAuth)
//!     .with_base_url(sandbox.url())
//!     .with_app_id(gateway.app_id())
//!     .with_client_id(gateway.client_id())
//!     .with_client_secret(gateway.client_secret().into())
//!     .with_webhook_secret(gateway.webhook_secret().into())
//!     .build()?;
//!
//! let request = NewInvoice::new("order-1001".parse()?, "5 USD".parse()?)
//!     .with_asset("USDT@tron".parse()?);
//! let created = provider.create_invoice(&request).await?;
//! println!("send {} to {}", created.due().unwrap(), created.qr().unwrap());
//!
//! gateway.pay_rest(created.id().as_str())?;
//! gateway.complete(created.id().as_str())?;
//! let invoice = provider.fetch_invoice(created.id()).await?;
//! assert_eq!(invoice.status(), InvoiceStatus::Settled);
//! # Ok(())
//! # }
//! ```
//!
//! # The three generations
//!
//! | generation | requests are proven by | webhooks are proven by | here |
//! |---|---|---|---|
//! | MD5 (early 2022) | `sign` in the body | `sign` in the body | [`Md5Signer`], [`Md5Rule`] |
//! | v1.0 Hmac (2022 on) | the header `Authorization: Hmac` | asking the gateway | [`HmacSigner`] |
//! | v2 OAuth (2024 on) | a bearer token | the header `hmac-signature` | [`WebhookSigner`] |
//!
//! [`model`] has the gateway's own types for all three, and [`WebhookVerifier`] proves and reads what
//! the gateway tells on its own:
//!
//! ```
//! use paymux_core::{InvoiceStatus, RawWebhook};
//! use paymux_unipayment::{Md5Rule, Md5Signer, WebhookVerifier};
//!
//! let key = || "made-up-key".into();
//! let rule = Md5Rule::default();
//! let verifier = WebhookVerifier::md5(key(), rule)?.with_app_id("app-1");
//!
//! // What a gateway of the first generation posts:
//! let body = Md5Signer::new(key(), rule)?.signed_object(
//!     r#"{"app_id":"app-1","invoice_id":"I1","order_id":"order-1001","price_amount":10.86,
//!         "price_currency":"USD","network":"NETWORK_TRX","address":"TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy",
//!         "pay_currency":"USDT","pay_amount":10.86,"paid_amount":4.0,"status":"New","sign_type":"MD5"}"#,
//! )?;
//!
//! let event = verifier.verify(&RawWebhook::new(body))?; // proof first, then reading
//! let invoice = event.invoice().unwrap();
//! assert_eq!(invoice.status, InvoiceStatus::Pending);
//! assert_eq!(invoice.remaining.as_ref().unwrap().to_string(), "6.86 USDT@tron");
//! assert!(event.needs_read_back()); // MD5 is a weak proof: ask the gateway before acting
//! # Ok::<(), paymux_core::Error>(())
//! ```
//!
//! # The gateway's terms
//!
//! | what | how it is here |
//! |---|---|
//! | how the MD5 `sign` is built | not documented: a setting, see [`Md5Rule`] |
//! | money | JSON numbers or strings, digit for digit |
//! | times without a zone | UTC; the year 1 is a time that is not set |
//! | statuses as words or numbers | both |
//! | `pay_amount` 0, or no address | the payer has not chosen yet: nothing is due, which is not zero |
//! | underpaid, overpaid, late | by `error_status` and by what the amounts say |
//! | `event` of a notice | not looked at: the status counts |
//! | a notice that comes again | has the same key: id, status and amounts, never `notify_id` |
//! | networks | an open list: [`NetworkCode`](model::NetworkCode) |
//! | asset of an invoice | a symbol and a network; without it the payer chooses |
//! | time to pay | set for the whole payment app: asking for another is `Unsupported` |
//! | metadata | as JSON in `ext_args`; not in the first generation |
//! | catalogue and balances | by symbol: the gateway does not tell the networks |
//! | quotes | worked out from the rate, rounded up to 8 digits and marked as estimated |
//! | payouts of v1.0 | withdrawals; the fee comes on top; the reference is in the note |
//! | payouts of v2 | payments to `payment-method:ID` or `account:ID`; account and reason are settings |
//! | error codes | not published: judged by the HTTP status, unless [mapped](ErrorCodes) |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `client` (default) | `UniPayment` and `Client`; without it the crate signs, proves and reads, and needs no HTTP and no runtime |
//! | `rustls` (default), `rustls-no-provider`, `native-tls` | TLS, as `paymux-http` has it |

#[cfg(feature = "client")]
mod client;
mod config;
mod error;
mod generation;
pub mod model;
#[cfg(feature = "client")]
mod provider;
mod sign;
mod snapshot;
mod status;
mod webhook;

#[cfg(feature = "client")]
pub use client::Client;
pub use config::ConfigKey;
#[cfg(feature = "client")]
pub use config::UniPaymentBuilder;
pub use error::ErrorCodes;
pub use generation::Generation;
#[cfg(feature = "client")]
pub use paymux_http::{RetryConfig, TransportConfig};
#[cfg(feature = "client")]
pub use provider::{PayoutAnswer, UniPayment, UniPaymentInvoice, UniPaymentPayout};
pub use sign::{
    HexCase, HmacSigner, KeyJoin, Md5Rule, Md5Signer, SIGNATURE_HEADER, TypeMember, WebhookSigner,
};
pub use webhook::WebhookVerifier;

/// The name of this adapter: in configuration files, and of an instance that is given no other.
pub const TYPE_NAME: &str = "unipayment";
