//! Durable payments: nothing lost, nothing twice, across crashes and machines.
//!
//! An application embeds a [`Ledger`]: a SQLite file by default, a PostgreSQL when it runs on several
//! machines. The ledger writes down what is about to be done before it is done, and what became of it
//! after it; so a payout's reference is paid at most once, an order has one live invoice, and whatever
//! a crash leaves in doubt is found.
//!
//! ```
//! use paymux_core::{NewInvoice, NewPayout, PaymentProvider, Providers, Result};
//! use paymux_ledger::{Ledger, LedgerSettings};
//!
//! async fn run(providers: &Providers, provider: &dyn PaymentProvider) -> Result<()> {
//!     let ledger = Ledger::open("sqlite:///var/lib/shop/payments.db", LedgerSettings::new()).await?;
//!     // At start-up: what did the last crash leave in doubt?
//!     for doubt in ledger.recover(providers).await?.open {
//!         eprintln!("{} needs a person: {}", doubt.doubt.provider, doubt.reason);
//!     }
//!
//!     // However often this runs, the order has one invoice ...
//!     let invoice = NewInvoice::new("order-1001".parse()?, "5 USD".parse()?);
//!     let invoice = ledger.create_invoice(provider, &invoice).await?;
//!
//!     // ... and the reference is paid once.
//!     let payout = NewPayout::new(
//!         "refund-1001".parse()?, "4.99".parse().unwrap(), "USDT@tron".parse()?, "TDestination");
//!     let payout = ledger.create_payout(provider, &payout).await?;
//!     println!("{} is {}, {} is {}", invoice.id, invoice.status, payout.id, payout.status);
//!     Ok(())
//! }
//! ```
//!
//! | what | where |
//! |---|---|
//! | an order's invoice, and the next attempt when it is over | [`Ledger::create_invoice`] |
//! | a payout, once | [`Ledger::create_payout`]; limits and approval: [`PayoutLimits`] |
//! | a router's attempts, seen and held to the same rules | [`Ledger::attempt_log`] |
//! | after a crash | [`Ledger::in_doubt`], [`Ledger::recover`], [`Ledger::settle`] |
//! | what the application read at a gateway itself | [`Ledger::observe_invoice`], [`Ledger::observe_payout`] |
//! | webhooks in, proven and then stored | [`Ledger::receive`] |
//! | applying them, polling, expiry, late money | [`Ledger::work`] |
//! | webhooks that nobody knows what they tell of | [`Ledger::unmatched`], [`Ledger::dismiss`] |
//! | events out, once for each change of state | [`Ledger::deliver`], [`LedgerEvent`] |
//! | whether the database does its work, for a health route | [`Ledger::check`] |
//! | what is old enough goes, where that is wished | [`RetentionSettings`], [`Ledger::prune`] |
//! | what happened to a payment, and everything out | [`Ledger::history`], [`Ledger::export`] |
//!
//! # What is promised
//!
//! An intent is on the disk before its provider is called, and its result before its caller is told;
//! where the database does not take the result, it is kept and written as soon as it does. A call
//! whose future is dropped, or whose process dies, is in doubt and never made again by itself. Where
//! the database fails before the call, nothing was sent, and the error says what to do. Amounts are
//! stored digit for digit, and no table holds a secret.
//!
//! Every process on a database should have the same settings and nearly the same time: a call of
//! another process is given up when it was not heard of for [`LedgerSettings::lease`].
//!
//! | feature | adds |
//! |---|---|
//! | `sqlite` (default) | SQLite, compiled in |
//! | `postgres` | PostgreSQL |
//! | `postgres-tls` | TLS to PostgreSQL, certificates checked against the platform's store |
//! | `forward` | events sent on to a URL, as Standard Webhooks |

#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(
        dead_code,
        unused,
        reason = "without an engine there is nothing to run"
    )
)]

mod adopt;
mod attempts;
mod check;
mod doubt;
mod drift;
mod error;
mod events;
mod export;
#[cfg(feature = "forward")]
mod forward;
mod history;
mod inbox;
mod intent;
mod invoices;
mod keeper;
mod ledger;
mod limits;
mod observe;
mod outbox;
mod payouts;
mod quarantine;
mod reconcile;
mod records;
mod retention;
mod settings;
mod store;
mod stored_error;
mod terms;
mod work;

pub use doubt::{Doubt, OpenDoubt, RecoveryReport, Resolved, RunningCall, Settlement};
pub use drift::{Drift, DriftKind, DriftReport};
pub use error::{LedgerError, LedgerErrorKind};
pub use events::{EventKind, LedgerEvent};
pub use export::{Export, ExportFormat, ExportSubject};
#[cfg(feature = "forward")]
pub use forward::Forwarder;
pub use history::{Cause, EntityKind, HistoryLine};
pub use inbox::{Receipt, Received, UnmatchedCount, UnmatchedNotice};
pub use invoices::InvoiceState;
pub use ledger::Ledger;
pub use limits::{ApprovalNeeded, PayoutLimit, PayoutLimits};
pub use outbox::{DeadLetter, Delivered, DeliverySettings, EventHandler, HandlerError};
pub use payouts::{PayoutOptions, PayoutState};
pub use quarantine::{QuarantineBounds, QuarantinedNotice};
pub use reconcile::PollSettings;
pub use records::{EntityHistory, InvoiceRecord, PayoutRecord};
pub use retention::{Pruned, RetentionSettings};
pub use settings::LedgerSettings;
pub use work::{WorkSettings, Worked};
