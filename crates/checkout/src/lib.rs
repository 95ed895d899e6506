//! Routes for [axum] that an application mounts to take its gateways' webhooks.
//!
//! A webhook is taken as the bytes that came, proven by its provider, put into the ledger, and only
//! then answered with the word that makes its gateway stop sending. What goes wrong on the way loses
//! nothing: a gateway that is not answered sends again, and what comes twice counts once.
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::Router;
//! use paymux_checkout::webhooks;
//! use paymux_core::{NewInvoice, PaymentProvider, Providers};
//! use paymux_ledger::{HandlerError, Ledger, LedgerEvent, LedgerSettings};
//! use paymux_native_checkout::NativeCheckout;
//! use paymux_sandbox::Sandbox;
//! use tokio::net::TcpListener;
//! use tokio::sync::Notify;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In production: `NativeCheckout::builder().from_env().build()?`, and a database in a file.
//! let sandbox = Sandbox::start().await?;
//! let gateway = NativeCheckout::builder()
//!     .with_base_url(sandbox.url())
//!     .with_app_id(sandbox.halo().app_id())
//!     .with_app_key(sandbox.halo().app_key().into())
//!     .build()?;
//! let gateway: Arc<dyn PaymentProvider> = Arc::new(gateway);
//! let mut providers = Providers::new();
//! providers.add(Arc::clone(&gateway))?;
//! let ledger = Ledger::open("sqlite::memory:", LedgerSettings::new()).await?;
//!
//! // The routes stand beside the application's own.
//! let app = Router::new().nest("/payments", webhooks(ledger.clone(), providers.clone()));
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let shop = format!("http://{}", listener.local_addr()?);
//! tokio::spawn(async { axum::serve(listener, app).await });
//!
//! // What they store is taken in by a worker, in this process or another.
//! let worker = ledger.clone();
//! tokio::spawn(async move { worker.work(&providers).await });
//!
//! let request = NewInvoice::new("order-1001".parse()?, "5 USD".parse()?)
//!     .with_asset("TRX@tron-nile".parse()?)
//!     .with_callback_url(format!("{shop}/payments/webhooks/native-checkout"));
//! let invoice = ledger.create_invoice(&*gateway, &request).await?;
//! sandbox.halo().pay_rest(invoice.id.as_str())?;
//! sandbox.halo().confirm(invoice.id.as_str(), 1)?;
//!
//! let settled = Notify::new();
//! let handler = async |event: LedgerEvent| {
//!     if event.became == "settled" {
//!         settled.notify_one(); // hand over the goods
//!     }
//!     Ok::<(), HandlerError>(())
//! };
//! tokio::select! {
//!     never = ledger.deliver(&handler) => match never {},
//!     () = settled.notified() => {}
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Several gateways
//!
//! Give each a callback URL that ends in its own name: `/webhooks/native-checkout`,
//! `/webhooks/unipayment`. All of them may use `/webhooks` alone where each webhook names the account
//! that it is for, as those of HaloPay do.
//!
//! Behind a router, put the router's members among the providers here: each proves its own webhooks,
//! and a callback URL with `{provider}` leads to it. A router may stand here itself where callback
//! URLs name the router, or nobody. Router and members together leave it open who of them takes what
//! comes to `/webhooks`, so it is refused.
//!
//! # What is kept and what is told
//!
//! - Path and query are those of the request line, whatever prefix the routes are nested under: a
//!   payout may be found by them. A proxy in front must leave them, the headers and the body alone.
//! - Every header is kept, those that come twice too: a provider refuses a signature that does.
//! - No answer tells why a webhook was refused. Logs tell the provider, the kind of error and the
//!   verdict, and never a body, a header or a query.
//! - A sender that hangs up leaves nothing half done: its webhook is stored whole or not at all, and
//!   one that it sends again counts once.
//!
//! # Planned
//!
//! The page on which a payer pays, and the live status of an invoice, will be routes of this crate.

mod addressee;
mod arrival;
mod health;
mod settings;
mod webhooks;

pub use settings::WebhookSettings;
pub use webhooks::{webhooks, webhooks_with};
