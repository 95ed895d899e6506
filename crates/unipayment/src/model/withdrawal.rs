//! Payouts of v1.0: withdrawals, their fees, and batches.

use chrono::{DateTime, Utc};
use paymux_core::adapter::{lenient, words};
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::create_invoice::as_number;
use super::{NetworkCode, WithdrawalStatus, time};

/// Request for a withdrawal (`POST /v1.0/wallet/withdrawals`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateWithdrawal {
    /// The chain.
    pub network: NetworkCode,
    /// Where it goes.
    pub address: String,
    /// Symbol of what is sent.
    pub asset_type: String,
    /// Whole tokens.
    #[serde(serialize_with = "as_number")]
    pub amount: Decimal,
    /// Tag or memo that must go with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_tag: Option<String>,
    /// Where the webhooks go; else the payment app's own URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// The merchant's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether it goes out without a confirmation by mail.
    pub auto_confirm: bool,
    /// Whether the fee is taken out of `amount`; otherwise it comes on top.
    pub include_fee: bool,
}

impl CreateWithdrawal {
    /// A withdrawal whose destination receives `amount` whole tokens, sent without a mail.
    #[must_use]
    pub fn new(
        network: NetworkCode,
        asset_type: impl Into<String>,
        amount: Decimal,
        address: impl Into<String>,
    ) -> Self {
        Self {
            network,
            address: address.into(),
            asset_type: asset_type.into(),
            amount,
            dest_tag: None,
            notify_url: None,
            note: None,
            auto_confirm: true,
            include_fee: false,
        }
    }
}

/// A withdrawal, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Withdrawal {
    /// The gateway's id.
    #[serde(deserialize_with = "lenient::required")]
    pub id: String,
    /// The chain.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what is sent.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// Whole tokens.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// Where it goes.
    #[serde(default, deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// What the gateway takes, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub fee: Option<Decimal>,
    /// How far it has come.
    #[serde(deserialize_with = "lenient::required_word")]
    pub status: WithdrawalStatus,
    /// Hash of the transaction.
    #[serde(default, deserialize_with = "lenient::text")]
    pub txn_hash: Option<String>,
    /// The merchant's own words.
    #[serde(default, deserialize_with = "lenient::text")]
    pub note: Option<String>,
    /// When it was made, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
}

words! {
    /// How a fee is worked out.
    pub enum FeeType {
        /// There is none.
        Free = "Free",
        /// A share of the amount.
        Ratio = "Ratio",
        /// The same for every amount.
        Fix = "Fix",
    }
}

/// What a withdrawal of an asset costs on one network (`GET /v1.0/wallet/withdrawal-fees/{asset}`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WithdrawalFee {
    /// Symbol of the asset.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// The chain.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// How it is worked out.
    #[serde(default, deserialize_with = "lenient::word")]
    pub fee_type: Option<FeeType>,
    /// Whole tokens, or a share.
    #[serde(default, with = "decimal::exact_option")]
    pub fee: Option<Decimal>,
    /// The least that is taken, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub min_txn_fee: Option<Decimal>,
}

/// Request for a batch of payouts of one asset (`POST /v1.0/payouts`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateBatch {
    /// The chain.
    pub network: NetworkCode,
    /// Symbol of what is sent.
    pub asset_type: String,
    /// Who receives how much.
    pub items: Vec<NewBatchItem>,
}

impl CreateBatch {
    /// A batch to these receivers.
    #[must_use]
    pub fn new(
        network: NetworkCode,
        asset_type: impl Into<String>,
        items: Vec<NewBatchItem>,
    ) -> Self {
        Self {
            network,
            asset_type: asset_type.into(),
            items,
        }
    }
}

/// One receiver of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewBatchItem {
    /// Where it goes.
    pub address: String,
    /// Whole tokens.
    #[serde(serialize_with = "as_number")]
    pub amount: Decimal,
}

words! {
    /// How far a batch has come.
    pub enum BatchStatus {
        /// Asked for.
        Pending = "Pending" or "1",
        /// On its way.
        Processing = "Processing" or "6",
        /// Sent.
        Complete = "Complete" or "7",
    }
}

/// A batch of payouts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Batch {
    /// The gateway's id.
    #[serde(deserialize_with = "lenient::required")]
    pub payout_id: String,
    /// The chain.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what is sent.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// How far it has come.
    #[serde(deserialize_with = "lenient::required_word")]
    pub status: BatchStatus,
    /// When it was made, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub update_time: Option<DateTime<Utc>>,
    /// Who receives how much; not in lists.
    #[serde(default, deserialize_with = "lenient::list")]
    pub items: Vec<BatchItem>,
}

/// One receiver of a batch, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct BatchItem {
    /// Where it goes.
    #[serde(default, deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// Whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub amount: Option<Decimal>,
    /// Hash of the transaction.
    #[serde(default, deserialize_with = "lenient::text")]
    pub hash: Option<String>,
}
