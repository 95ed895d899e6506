//! `payout/create` and `payout/detail`.

use std::fmt;

use paymux_core::adapter::{lenient, words};
use paymux_core::decimal;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

/// Request of `payout/create`. There is no member for a reference of the merchant's.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreatePayout {
    /// The gateway's id of the token.
    pub currency_id: u64,
    /// What the destination is to receive, in whole tokens.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// The destination.
    pub to_address: String,
    /// Where the webhooks of this payout go; else the application's own URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// One-time code, where the application asks for a second factor.
    #[serde(serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    pub google_code: Option<SecretString>,
}

/// The one place where the code is written out: the body that is sent.
fn exposed<S: Serializer>(code: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    match code {
        Some(code) => serializer.serialize_str(code.expose_secret()),
        None => serializer.serialize_none(),
    }
}

impl CreatePayout {
    /// A payout of whole tokens to an address.
    #[must_use]
    pub fn new(currency_id: u64, amount: Decimal, to_address: impl Into<String>) -> Self {
        Self {
            currency_id,
            amount,
            to_address: to_address.into(),
            callback_url: None,
            google_code: None,
        }
    }

    /// Sets where the webhooks go.
    #[must_use]
    pub fn with_callback_url(mut self, url: Option<String>) -> Self {
        self.callback_url = url;
        self
    }

    /// Sets the one-time code.
    #[must_use]
    pub fn with_google_code(mut self, code: Option<SecretString>) -> Self {
        self.google_code = code;
        self
    }
}

impl fmt::Debug for CreatePayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePayout")
            .field("currency_id", &self.currency_id)
            .field("amount", &self.amount)
            .field("to_address", &self.to_address)
            .field("callback_url", &self.callback_url)
            .field(
                "google_code",
                &self.google_code.as_ref().map(|_| "[REDACTED]"),
            )
            .finish()
    }
}

/// Answer of `payout/create`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CreatedPayout {
    /// The gateway's id of the payout.
    #[serde(deserialize_with = "lenient::required_string")]
    pub trade_no: String,
    /// What the payout costs on top, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub cost: Option<Decimal>,
    /// What the destination receives, in whole tokens.
    #[serde(with = "decimal::exact")]
    pub actual_receipt: Decimal,
    /// Documented without a meaning.
    #[serde(default, with = "decimal::exact_option")]
    pub estimated_transfer: Option<Decimal>,
}

/// Answer of `payout/detail`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PayoutDetail {
    /// The gateway's id of the payout.
    #[serde(deserialize_with = "lenient::required_string")]
    pub trade_no: String,
    /// The gateway's own charge, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub service_charge: Option<Decimal>,
    /// What the chain takes, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub gas: Option<Decimal>,
    /// What the destination receives, in whole tokens.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
    /// How far it has come.
    pub status: PayoutStatus,
    /// The destination.
    #[serde(default, deserialize_with = "lenient::text")]
    pub target_address: Option<String>,
    /// When it was started, Unix seconds.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub start_time: Option<i64>,
    /// When it was made, Unix seconds.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub created_time: Option<i64>,
    /// Documented as the currency; the example shows an opaque text, so it is no symbol.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub token: String,
}

words! {
    /// How far a payout has come.
    pub enum PayoutStatus {
        /// Taken by the gateway.
        Progress = "PROGRESS",
        /// Being sent: in the documents' example, not in their list.
        Transfer = "TRANSFER",
        /// On chain, waiting for confirmations.
        ConfirmingProgress = "CONFIRMING-PROGRESS",
        /// The destination has the money.
        Paid = "PAID",
        /// It did not happen.
        Fail = "FAIL",
        /// Called off.
        Cancel = "CANCEL",
    }
}
