//! What is known of an invoice, a payout or a deposit: owned, serialisable, the same for every
//! gateway.
//!
//! The JSON form is what the `paymux` command prints and what ledgers store. A member that is not
//! known is null; a `version` member appears when the form changes (its absence means 1).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::attempts::ProviderAttempt;
use crate::decimal;
use crate::ids::{InvoiceId, OrderId, PayoutId, ProviderName, Reference};
use crate::money::{AssetAmount, Money};
use crate::network::Network;
use crate::status::{InvoiceStatus, PaymentExceptions, PayoutStatus};

/// The version of the JSON form that this crate writes.
pub const SNAPSHOT_VERSION: u16 = 1;

const fn first_version() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_first_version(version: &u16) -> bool {
    *version == 1
}

/// Where money goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The address, as the gateway or the merchant wrote it.
    pub address: String,
    /// The chain of the address, where it is known.
    pub network: Option<Network>,
    /// Memo, tag or comment that must go with the payment, where the chain has one.
    pub memo: Option<String>,
}

impl Destination {
    /// An address on a network, without memo.
    #[must_use]
    pub fn new(address: impl Into<String>, network: Option<Network>) -> Self {
        Self {
            address: address.into(),
            network,
            memo: None,
        }
    }

    /// Sets the memo, tag or comment.
    #[must_use]
    pub fn with_memo(mut self, memo: Option<String>) -> Self {
        self.memo = memo;
        self
    }
}

/// How deep a payment lies in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmations {
    /// Confirmations seen so far.
    pub seen: u64,
    /// Confirmations that the gateway waits for, where it tells.
    pub required: Option<u64>,
}

/// A transaction on a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionRef {
    /// Its hash or id, as the gateway writes it.
    pub hash: String,
    /// Whole tokens, where told.
    #[serde(with = "decimal::exact_option", default)]
    pub amount: Option<Decimal>,
    /// Confirmations seen so far, where told.
    pub confirmations: Option<u64>,
}

impl TransactionRef {
    /// A transaction of which only the hash is known.
    #[must_use]
    pub fn new(hash: impl Into<String>) -> Self {
        Self {
            hash: hash.into(),
            amount: None,
            confirmations: None,
        }
    }
}

/// What is known of an invoice. Only provider, id and status are sure: a webhook may tell no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InvoiceSnapshot {
    /// Version of the JSON form.
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    pub version: u16,
    /// The provider instance that owns the invoice.
    pub provider: ProviderName,
    /// The gateway's id.
    pub id: InvoiceId,
    /// The merchant's order.
    pub order_id: Option<OrderId>,
    /// How far it has come.
    pub status: InvoiceStatus,
    /// What is odd about the payment.
    #[serde(default)]
    pub exceptions: PaymentExceptions,
    /// What the merchant asks for.
    pub price: Option<Money>,
    /// What the payer has to send, in whole tokens.
    pub due: Option<AssetAmount>,
    /// What arrived so far.
    pub received: Option<AssetAmount>,
    /// What is still to come: due less received, never below zero.
    pub remaining: Option<AssetAmount>,
    /// What arrived beyond what was due.
    pub excess: Option<AssetAmount>,
    /// Where the payer sends it.
    pub destination: Option<Destination>,
    /// The gateway's own page for the payer.
    pub checkout_url: Option<String>,
    /// The text to show as a QR code.
    pub qr: Option<String>,
    /// When it was made, UTC.
    pub created_at: Option<DateTime<Utc>>,
    /// When the time to pay runs out, UTC.
    pub expires_at: Option<DateTime<Utc>>,
    /// How deep the payment lies in the chain.
    pub confirmations: Option<Confirmations>,
    /// The transactions that paid it, as far as the gateway tells them.
    #[serde(default)]
    pub transactions: Vec<TransactionRef>,
    /// What was given back, in the currency of the price.
    pub refunded: Option<Money>,
    /// The gateway's own word for the status.
    pub provider_status: Option<String>,
    /// Which providers were considered when it was made, where there were several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<ProviderAttempt>,
}

impl InvoiceSnapshot {
    /// A snapshot that knows only what is sure; set the other members on it.
    #[must_use]
    pub fn new(provider: ProviderName, id: InvoiceId, status: InvoiceStatus) -> Self {
        Self {
            version: SNAPSHOT_VERSION,
            provider,
            id,
            order_id: None,
            status,
            exceptions: PaymentExceptions::none(),
            price: None,
            due: None,
            received: None,
            remaining: None,
            excess: None,
            destination: None,
            checkout_url: None,
            qr: None,
            created_at: None,
            expires_at: None,
            confirmations: None,
            transactions: Vec::new(),
            refunded: None,
            provider_status: None,
            attempts: Vec::new(),
        }
    }

    /// Sets what arrived, and from it and from `due` what remains and what is too much.
    pub fn set_received(&mut self, amount: Decimal) {
        let Some(due) = &self.due else {
            self.received = Some(AssetAmount::of_unknown(amount));
            return;
        };
        let of_due = |amount: Decimal| {
            Some(AssetAmount {
                amount,
                asset: due.asset.clone(),
            })
        };
        let open = due.amount - amount;
        self.received = of_due(amount);
        self.remaining = of_due(open.max(Decimal::ZERO));
        self.excess = of_due((-open).max(Decimal::ZERO));
    }
}

/// What is known of a payout. Only provider, id and status are sure: a webhook may tell no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PayoutSnapshot {
    /// Version of the JSON form.
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    pub version: u16,
    /// The provider instance that carries it out.
    pub provider: ProviderName,
    /// The gateway's id.
    pub id: PayoutId,
    /// The merchant's reference, where it is known.
    pub reference: Option<Reference>,
    /// How far it has come.
    pub status: PayoutStatus,
    /// What the destination receives, in whole tokens.
    pub amount: Option<AssetAmount>,
    /// What the gateway takes for it.
    pub fee: Option<AssetAmount>,
    /// Where the money goes.
    pub destination: Option<Destination>,
    /// When it was made, UTC.
    pub created_at: Option<DateTime<Utc>>,
    /// The transactions that carry it, as far as the gateway tells them.
    #[serde(default)]
    pub transactions: Vec<TransactionRef>,
    /// The gateway's own word for the status.
    pub provider_status: Option<String>,
    /// Which providers were considered when it was sent, where there were several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<ProviderAttempt>,
}

impl PayoutSnapshot {
    /// A snapshot that knows only what is sure; set the other members on it.
    #[must_use]
    pub fn new(provider: ProviderName, id: PayoutId, status: PayoutStatus) -> Self {
        Self {
            version: SNAPSHOT_VERSION,
            provider,
            id,
            reference: None,
            status,
            amount: None,
            fee: None,
            destination: None,
            created_at: None,
            transactions: Vec::new(),
            provider_status: None,
            attempts: Vec::new(),
        }
    }
}

/// How far a deposit (money sent to a permanent address, without an invoice) has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DepositStatus {
    /// Seen on chain.
    Confirming,
    /// Confirmed as often as the gateway asks for.
    Confirmed,
    /// Credited to the merchant.
    Credited,
    /// A word that this version does not know. Wait.
    Unknown,
}

/// What is known of money that came to a permanent address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DepositSnapshot {
    /// Version of the JSON form.
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    pub version: u16,
    /// The provider instance that received it.
    pub provider: ProviderName,
    /// The gateway's id of the deposit, where it has one.
    pub id: Option<String>,
    /// How far it has come.
    pub status: DepositStatus,
    /// What arrived, in whole tokens.
    pub amount: Option<AssetAmount>,
    /// Where it arrived.
    pub destination: Option<Destination>,
    /// The transactions that carried it.
    #[serde(default)]
    pub transactions: Vec<TransactionRef>,
    /// The gateway's own word for the status.
    pub provider_status: Option<String>,
}

impl DepositSnapshot {
    /// A snapshot that knows only what is sure; set the other members on it.
    #[must_use]
    pub fn new(provider: ProviderName, status: DepositStatus) -> Self {
        Self {
            version: SNAPSHOT_VERSION,
            provider,
            id: None,
            status,
            amount: None,
            destination: None,
            transactions: Vec::new(),
            provider_status: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_member_is_null_and_the_form_is_stable() {
        let snapshot = InvoiceSnapshot::new(
            "native-checkout".parse().unwrap(),
            InvoiceId::received("T1"),
            InvoiceStatus::Pending,
        );
        let json = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"provider":"native-checkout","id":"T1","order_id":null,"status":"pending","#,
                r#""exceptions":[],"price":null,"due":null,"received":null,"remaining":null,"#,
                r#""excess":null,"destination":null,"checkout_url":null,"qr":null,"#,
                r#""created_at":null,"expires_at":null,"confirmations":null,"transactions":[],"#,
                r#""refunded":null,"provider_status":null}"#
            )
        );
        assert_eq!(
            serde_json::from_str::<InvoiceSnapshot>(&json).unwrap(),
            snapshot
        );
    }

    #[test]
    fn what_remains_follows_from_what_arrived() {
        let mut snapshot = InvoiceSnapshot::new(
            "p".parse().unwrap(),
            InvoiceId::received("T1"),
            InvoiceStatus::Pending,
        );
        snapshot.due = Some(AssetAmount::new(
            "1.54".parse().unwrap(),
            "TRX@tron".parse().unwrap(),
        ));
        snapshot.set_received("1.55".parse().unwrap());
        assert_eq!(snapshot.remaining.as_ref().unwrap().amount, Decimal::ZERO);
        assert_eq!(
            snapshot.excess.as_ref().unwrap().to_string(),
            "0.01 TRX@tron"
        );
        snapshot.set_received("1".parse().unwrap());
        assert_eq!(snapshot.remaining.unwrap().to_string(), "0.54 TRX@tron");
        assert_eq!(snapshot.excess.unwrap().amount, Decimal::ZERO);
    }
}
