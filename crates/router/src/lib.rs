//! Several payment gateways behind one [`PaymentProvider`](paymux_core::PaymentProvider): choosing by
//! asset, price and health, failing over, breaking circuits.
//!
//! The [`Router`] is a provider itself, so an application goes from one gateway to many without a
//! changed line. It knows no gateway: it is built from any providers, the same gateway several times
//! with different accounts included.
//!
//! ```
//! use std::sync::Arc;
//! use paymux_core::scripted::{Act, Operation, ScriptedProvider};
//! use paymux_core::{ErrorKind, Invoice, NewInvoice, OrderId, PaymentProvider, TokioClock};
//! use paymux_router::{LowestLatency, Router, Rule};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> paymux_core::Result<()> {
//! // Two gateways; in an application these are adapters, such as HaloPay and UniPayment.
//! let eu = ScriptedProvider::new("eu".parse()?, Arc::new(TokioClock));
//! let us = ScriptedProvider::new("us".parse()?, Arc::new(TokioClock));
//! eu.script(Operation::CreateInvoice, [Act::not_sent(ErrorKind::Unavailable)]);
//!
//! let router = Router::builder()
//!     .with_provider(Arc::new(eu)) // the first has the highest priority
//!     .with_provider(Arc::new(us))
//!     .with_rule(Rule::named("ethereum").for_network("ethereum".parse()?).by(LowestLatency))
//!     .build()?;
//!
//! // From here on it is a gateway like any other.
//! let gateway: Arc<dyn PaymentProvider> = Arc::new(router);
//! let request = NewInvoice::new(OrderId::new("order-1001")?, "5 USD".parse()?)
//!     .with_asset("USDT@tron".parse()?)
//!     .with_callback_url("https://shop.example/webhooks/{provider}");
//! let invoice = gateway.create_invoice(&request).await?;
//!
//! assert!(invoice.id().as_str().starts_with("us:")); // later calls find their way by the id
//! assert_eq!(invoice.snapshot().provider.as_str(), "us");
//! let story = &invoice.snapshot().attempts;
//! assert_eq!(story[0].provider.as_str(), "eu"); // tried first, in vain
//! assert_eq!(story[0].kind, Some(ErrorKind::Unavailable));
//! assert!(gateway.fetch_invoice(invoice.id()).await.is_ok());
//! # Ok(()) }
//! ```
//!
//! # What happens to a call
//!
//! **Making an invoice.** The most specific [`Rule`] that matches names the providers; those that cannot
//! do it, that an operator took out, whose circuit is open or whose [`Limits`] are reached are left out;
//! a [`Strategy`] puts the others in order. They are tried one after the other, each with its share of
//! the time, until one makes it. An invoice that may have been made elsewhere meanwhile is remembered in
//! the `attempts` of the answer, so that a late payment to it finds its order.
//!
//! **Sending a payout** goes the same way, but the next provider is tried only when surely nothing was
//! sent. After an unknown outcome the router stops, says who may have paid, and refuses to send that
//! reference again: it asks an [`AttemptLog`](paymux_core::AttemptLog) before every attempt. The one
//! that holds by default forgets when the process ends; give the router a durable one where payouts
//! matter. The rule of failing over stands in one place, the file `failover.rs`:
//!
//! | outcome | invoice | payout |
//! |---|---|---|
//! | `NotSent` | the next provider, unless it was made before | the next provider, unless it was made before |
//! | `Rejected` | the next provider, where the reason surely lies with this one | stop |
//! | `Unknown` | the next provider; what may exist is remembered | stop |
//!
//! **Reading** goes to the owner: ids have the form `PROVIDER:ID`. With a single provider the bare id
//! works too. Neither an open circuit nor an operator's word keeps a read from the owner, for nobody else
//! knows the answer. Search, balances and the catalogue ask all at once and tell beside the merged list
//! who failed.
//!
//! **A webhook** belongs to the provider that its route names (`/webhooks/eu`, or the last segment of any
//! path). Write `{provider}` in a request's callback URL and each provider gets a route of its own.
//! Where the route names nobody, the account in the notice decides who tries a key; a webhook that two
//! would accept is refused.
//!
//! **Time.** A call ends within the router's deadline, a minute by default, or the caller's own
//! ([`Router::within`]). While several providers are left, each gets at most its share, so that one that
//! hangs leaves time for the others.
//!
//! **Why** a request went where it went is told by [`Router::explain_invoice`], by the `attempts` of
//! every answer, by the [`RouteFailure`] in every error, and in the logs.
//!
//! Worked examples of all of this are in the repository's `docs/routing.md`.
//!
//! # Where to find what
//!
//! | type | what it is for |
//! |---|---|
//! | [`Router`], [`RouterBuilder`], [`RouterConfig`] | putting one together, by code or from a TOML file |
//! | [`Rule`], [`Metadata`], [`RuleScope`] | which providers a request may go to |
//! | [`Strategy`] and [`Priority`], [`Weighted`], [`Cheapest`], [`LowestLatency`], [`Sticky`] | in which order they are tried |
//! | [`Candidate`], [`RouteRequest`], [`Wanted`] | what a strategy of your own works with |
//! | [`Limits`], [`Rate`], [`BreakerSettings`] | how many calls a provider gets, and when it gets none |
//! | [`ProviderHealth`], [`Forced`] | how providers are doing, and an operator's word on it |
//! | [`RouteDecision`], [`RouteFailure`] | why a request went where it went |
//!
//! | feature | adds |
//! |---|---|
//! | `tokio` (default) | `TokioClock` where no clock is given |
//! | `toml` (default) | [`RouterConfig::from_toml`] |

mod attempt;
mod builder;
mod capabilities;
mod config;
mod deadline;
mod decision;
mod failover;
mod gather;
mod health;
mod hedge;
mod invoices;
mod member;
mod operation;
mod owner;
mod payouts;
mod quotes;
mod request;
mod route;
mod router;
mod rule;
mod strategy;
#[cfg(test)]
mod testing;
mod webhooks;

pub use builder::RouterBuilder;
pub use config::RouterConfig;
pub use decision::{RouteDecision, RouteFailure};
pub use health::{
    BreakerSettings, BreakerState, Forced, Limits, OperationHealth, ProviderHealth, Rate,
};
pub use operation::Operation;
pub use request::{RouteRequest, Wanted};
pub use router::Router;
pub use rule::{Metadata, Rule, RuleScope};
pub use strategy::{Candidate, Cheapest, LowestLatency, Priority, Sticky, Strategy, Weighted};
