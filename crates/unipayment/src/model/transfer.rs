//! Notices of money that moves without an invoice: withdrawals of v1.0, payments and deposits of v2.

use chrono::{DateTime, Utc};
use paymux_core::adapter::{lenient, words};
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{NetworkCode, time};

/// A notice of a withdrawal (unipayment.readme.io, "ipn-withdrawal-notification" of 2023). Its
/// `event` contradicts its `status` in the documents' own example; the status counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WithdrawalNotice {
    /// The gateway's id.
    #[serde(deserialize_with = "lenient::required")]
    pub withdrawal_id: String,
    /// The chain.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what is sent.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// Where it goes.
    #[serde(default, deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// Whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub amount: Option<Decimal>,
    /// What the gateway takes, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub fee: Option<Decimal>,
    /// Hash of the transaction.
    #[serde(default, deserialize_with = "lenient::text")]
    pub txn_hash: Option<String>,
    /// How far it has come.
    #[serde(deserialize_with = "lenient::required_word")]
    pub status: WithdrawalStatus,
    /// When it was made, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub update_time: Option<DateTime<Utc>>,
}

/// A notice of a payment, v2's payout (unipayment.readme.io, "ipn-withdrawal-notification" of 2024).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PaymentNotice {
    /// The gateway's id.
    #[serde(deserialize_with = "lenient::required")]
    pub payment_id: String,
    /// The chain, or the bank's way of sending.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what is sent.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// Whole units.
    #[serde(default, with = "decimal::exact_option")]
    pub amount: Option<Decimal>,
    /// What the gateway takes, in whole units.
    #[serde(default, with = "decimal::exact_option")]
    pub fee: Option<Decimal>,
    /// How far it has come.
    #[serde(deserialize_with = "lenient::required_word")]
    pub status: PaymentStatus,
    /// How it is sent.
    #[serde(default, deserialize_with = "lenient::word")]
    pub transfer_method: Option<TransferMethod>,
    /// Where it goes.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub transfer_destination: Option<TransferDestination>,
    /// More about it: JSON as it stands, of a shape that is not documented.
    #[serde(default, deserialize_with = "lenient::json")]
    pub detail: Option<String>,
    /// The merchant's own words.
    #[serde(default, deserialize_with = "lenient::text")]
    pub note: Option<String>,
    /// When it was made, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub update_time: Option<DateTime<Utc>>,
}

/// Where a payment goes. Of a payment on a chain the documents show none; `address` is what such a
/// member is called elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TransferDestination {
    /// The chain, or the bank's way of sending.
    #[serde(deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Address on a chain.
    #[serde(deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// Account at a bank.
    #[serde(deserialize_with = "lenient::text")]
    pub account_number: Option<String>,
    /// The bank's routing number.
    #[serde(deserialize_with = "lenient::text")]
    pub routing_number: Option<String>,
    /// Account at a bank.
    #[serde(deserialize_with = "lenient::text")]
    pub iban: Option<String>,
    /// The bank.
    #[serde(deserialize_with = "lenient::text")]
    pub bic: Option<String>,
    /// Words for the receiver.
    #[serde(deserialize_with = "lenient::text")]
    pub reference: Option<String>,
}

/// A notice of money that came to one of the merchant's own accounts (unipayment.readme.io,
/// "ipn-deposit").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DepositNotice {
    /// The gateway's id.
    #[serde(deserialize_with = "lenient::required")]
    pub deposit_id: String,
    /// The chain, or the bank's way of sending.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what arrived.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// Whole units.
    #[serde(default, with = "decimal::exact_option")]
    pub amount: Option<Decimal>,
    /// What the gateway takes, in whole units.
    #[serde(default, with = "decimal::exact_option")]
    pub fee: Option<Decimal>,
    /// How it was sent.
    #[serde(default, deserialize_with = "lenient::word")]
    pub transfer_method: Option<TransferMethod>,
    /// Who sent it where.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub detail: Option<DepositDetail>,
    /// How far it has come.
    #[serde(deserialize_with = "lenient::required_word")]
    pub status: DepositStatus,
    /// When it was made, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub update_time: Option<DateTime<Utc>>,
}

/// Who sent a deposit where: the first three members on a chain, the others at a bank.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DepositDetail {
    /// Sender on a chain.
    #[serde(deserialize_with = "lenient::text")]
    pub from: Option<String>,
    /// Receiver on a chain.
    #[serde(deserialize_with = "lenient::text")]
    pub to: Option<String>,
    /// Hash of the transaction.
    #[serde(deserialize_with = "lenient::text")]
    pub hash: Option<String>,
    /// Sender.
    #[serde(deserialize_with = "lenient::text")]
    pub sender_name: Option<String>,
    /// Sender's account.
    #[serde(deserialize_with = "lenient::text")]
    pub sender_account_number: Option<String>,
    /// Sender's account.
    #[serde(deserialize_with = "lenient::text")]
    pub sender_iban: Option<String>,
    /// Receiver.
    #[serde(deserialize_with = "lenient::text")]
    pub beneficiary_name: Option<String>,
    /// Receiver's account.
    #[serde(deserialize_with = "lenient::text")]
    pub beneficiary_account_number: Option<String>,
    /// Receiver's account.
    #[serde(deserialize_with = "lenient::text")]
    pub beneficiary_iban: Option<String>,
    /// Words of the sender.
    #[serde(deserialize_with = "lenient::text")]
    pub reference: Option<String>,
    /// The bank's id of the transfer.
    #[serde(deserialize_with = "lenient::text")]
    pub remote_transaction_id: Option<String>,
}

words! {
    /// How far a withdrawal has come. Notices say `Apply` and `Failed` where answers say `Pending`
    /// and `Fail`.
    pub enum WithdrawalStatus {
        /// Asked for, in an answer.
        Pending = "Pending" or "1",
        /// Called off.
        Cancel = "Cancel" or "2",
        /// Confirmed by the merchant.
        Confirm = "Confirm" or "3",
        /// Refused by the gateway.
        Reject = "Reject" or "4",
        /// Approved by the gateway.
        Approve = "Approve" or "5",
        /// Sent.
        Success = "Success" or "6",
        /// It did not happen, in an answer.
        Fail = "Fail" or "7",
        /// Asked for, in a notice.
        Apply = "Apply",
        /// It did not happen, in a notice.
        Failed = "Failed",
    }
}

words! {
    /// How far a payment has come.
    pub enum PaymentStatus {
        /// Asked for.
        Pending = "PENDING",
        /// Called off.
        Canceled = "CANCELED",
        /// Confirmed by the merchant.
        Confirmed = "CONFIRMED",
        /// Refused by the gateway.
        Rejected = "REJECTED",
        /// Approved by the gateway.
        Approved = "APPROVED",
        /// Sent.
        Completed = "COMPLETED",
        /// It did not happen.
        Failed = "FAILED",
    }
}

words! {
    /// How far a deposit has come.
    pub enum DepositStatus {
        /// Seen.
        Confirming = "CONFIRMING" or "1",
        /// Confirmed.
        Confirmed = "CONFIRMED" or "3",
        /// Credited to the merchant.
        Credited = "CREDITED" or "4",
    }
}

words! {
    /// How money is sent.
    pub enum TransferMethod {
        /// By a bank.
        Bank = "BANK",
        /// On a chain.
        Crypto = "CRYPTO",
        /// Within the gateway.
        Internal = "INTERNAL",
    }
}
