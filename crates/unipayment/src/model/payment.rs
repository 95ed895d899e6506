//! Payouts of v2: payments.

use chrono::{DateTime, Utc};
use paymux_core::adapter::lenient;
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::create_invoice::as_number;
use super::{NetworkCode, PaymentStatus, TransferMethod, time};

/// What a payment may be for.
pub const PAYMENT_REASONS: [&str; 8] = [
    "Investments",
    "InternalTransfer",
    "InvoiceForServicesOrGoods",
    "OperatingExpense",
    "StaffCosts",
    "SettlingClientFunds",
    "SettlingTradingCounterpartyFunds",
    "Other",
];

/// Request for a payment (`POST /v1.0/payments`). It goes to a payment method or to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreatePayment {
    /// The wallet's account that it comes from.
    pub from_account_id: String,
    /// Symbol of what is sent.
    pub asset_type: String,
    /// Whole units.
    #[serde(serialize_with = "as_number")]
    pub amount: Decimal,
    /// What it is for, one of [`PAYMENT_REASONS`].
    pub reason: String,
    /// A beneficiary's payment method that it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// Another customer's account that it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_account_id: Option<String>,
    /// Words for the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The merchant's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The merchant's id of it. What the gateway does with a repeated one is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
}

impl CreatePayment {
    /// A payment of whole units, without destination yet.
    #[must_use]
    pub fn new(
        from_account_id: impl Into<String>,
        asset_type: impl Into<String>,
        amount: Decimal,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            from_account_id: from_account_id.into(),
            asset_type: asset_type.into(),
            amount,
            reason: reason.into(),
            payment_method_id: None,
            to_account_id: None,
            reference: None,
            note: None,
            unique_id: None,
        }
    }
}

/// A payment, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Payment {
    /// The gateway's id.
    #[serde(deserialize_with = "lenient::required")]
    pub id: String,
    /// The merchant, as a customer of the gateway.
    #[serde(default, deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    /// How it is sent.
    #[serde(default, deserialize_with = "lenient::word")]
    pub transfer_method: Option<TransferMethod>,
    /// The chain, or the bank's way of sending.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what is sent.
    #[serde(default, deserialize_with = "lenient::text")]
    pub asset_type: Option<String>,
    /// The wallet's account that it comes from.
    #[serde(default, deserialize_with = "lenient::text")]
    pub from_account_id: Option<String>,
    /// Where it goes: JSON as it stands, of a shape that is not documented.
    #[serde(default, deserialize_with = "lenient::json")]
    pub destination: Option<String>,
    /// Whole units.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// What the gateway takes, in whole units.
    #[serde(default, with = "decimal::exact_option")]
    pub fee: Option<Decimal>,
    /// Amount and fee.
    #[serde(default, with = "decimal::exact_option")]
    pub total_amount: Option<Decimal>,
    /// Words for the receiver.
    #[serde(default, deserialize_with = "lenient::text")]
    pub reference: Option<String>,
    /// What it is for.
    #[serde(default, deserialize_with = "lenient::text")]
    pub reason: Option<String>,
    /// The merchant's own words.
    #[serde(default, deserialize_with = "lenient::text")]
    pub note: Option<String>,
    /// How far it has come.
    #[serde(deserialize_with = "lenient::required_word")]
    pub status: PaymentStatus,
    /// When it was made, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, UTC.
    #[serde(default, deserialize_with = "time::utc")]
    pub update_time: Option<DateTime<Utc>>,
}
