//! UniPayment, simulated in its three generations.

mod assets;
mod auth;
mod book;
mod confirmations;
mod deposits;
mod endpoints;
mod gateway;
mod invoices;
mod keys;
mod md5_rule;
mod merchant;
mod notary;
mod notices;
mod parties;
mod passing_time;
mod payers;
mod payouts;
mod query;
mod refusal;
mod settings;
mod telling;
mod wire;

pub use assets::Asset;
pub use confirmations::{ConfirmSpeed, SpeedConfirmations};
pub use deposits::{Deposit, DepositStatus};
pub(crate) use endpoints::router;
pub use invoices::{Destination, ErrorStatus, Invoice, InvoiceStatus, Transfer};
pub use keys::UniPaymentCredentials;
pub use md5_rule::{HexCase, KeyJoin, Md5Rule, TypeMember};
pub use merchant::UniPayment;
pub use payouts::{BatchItem, Payout, PayoutKind, PayoutStatus};
pub use refusal::UniPaymentCodes;
pub use settings::{EnumSpelling, Generation, MoneySpelling, UniPaymentSettings};
