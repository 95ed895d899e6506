//! What can go wrong when a test or a person works the sandbox.

use std::io;
use std::net::SocketAddr;

use rust_decimal::Decimal;

/// An error of the sandbox itself, never of the gateway it simulates: those go over the wire.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The listening address could not be taken.
    #[error(
        "cannot listen on {address}: {source}; choose another address, or port 0 for any free port"
    )]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The HTTP client that delivers webhooks could not be built.
    #[error("cannot build the HTTP client that delivers webhooks")]
    WebhookClient(#[source] reqwest::Error),
    /// Credentials given to the builder cannot travel in HTTP headers.
    #[error("the app id {0:?} must be 1 to 64 ASCII letters and digits, and the app key not empty")]
    Credentials(String),
    /// No order has this trade number.
    #[error("no order has the trade_no {0:?}; `orders` lists those there are")]
    UnknownOrder(String),
    /// No payout has this trade number.
    #[error("no payout has the trade_no {0:?}; `payouts` lists those there are")]
    UnknownPayout(String),
    /// The address belongs to no order and no payment QR code.
    #[error("the address {0:?} belongs to no order and no payment QR code of this sandbox")]
    UnknownAddress(String),
    /// The catalogue has no such currency.
    #[error("no currency has the id {0}; the catalogue has 46, 75, 76, 175 and 176")]
    UnknownCurrency(i64),
    /// UniPayment has no such record.
    #[error("UniPayment has no {kind} with the id {id:?}")]
    UnknownRecord {
        /// Invoice, payout or deposit.
        kind: &'static str,
        /// The id given.
        id: String,
    },
    /// UniPayment credentials given to the builder cannot be used.
    #[error(
        "UniPayment credentials around {0:?} cannot be used: ids are 1 to 64 ASCII letters, digits and \
         hyphens, secrets are not empty"
    )]
    UniPaymentCredentials(String),
    /// UniPayment knows no such coin, or not on this network.
    #[error("UniPayment has no {symbol} on {network}; it has {known}")]
    UnknownAsset {
        /// The symbol given.
        symbol: String,
        /// The network given.
        network: String,
        /// What there is.
        known: String,
    },
    /// An amount that no payer could send.
    #[error("the amount {amount} is not above 0 with at most {decimals} decimals")]
    Amount {
        /// The amount given, in whole tokens.
        amount: Decimal,
        /// The decimals of the token.
        decimals: u32,
    },
    /// The sum does not fit a decimal of 96 bits.
    #[error("the amounts of {0} add up to more than a decimal of 96 bits can hold")]
    TooMuch(String),
    /// A balance below zero, or with more frozen than there is.
    #[error("a balance of {total} with {frozen} frozen is impossible: 0 <= frozen <= total")]
    Balance {
        /// The balance that would result, in whole tokens.
        total: Decimal,
        /// The frozen part that would result, in whole tokens.
        frozen: Decimal,
    },
    /// A rate that is not above zero, or for a token or fiat currency that is not known.
    #[error("a rate must be above 0 for a token of the catalogue and a documented fiat name: {0}")]
    Rate(String),
    /// The order or payout is in a state in which this cannot happen.
    #[error("{trade_no} is {state}: {reason}")]
    State {
        /// The order or payout.
        trade_no: String,
        /// Its status on the wire.
        state: &'static str,
        /// Why the step is impossible and what would be possible.
        reason: &'static str,
    },
}
