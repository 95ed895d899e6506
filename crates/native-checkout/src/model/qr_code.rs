//! `payment-qr-code/create`.

use paymux_core::adapter::lenient;
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Request of `payment-qr-code/create`: a permanent address. It is made under the APPID of the
/// QR-code application, and payments to it call that application's own URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateQrCode {
    /// The merchant's name for it.
    pub name: String,
    /// The gateway's id of the token.
    pub currency_id: u64,
    /// What the payer is asked for, in whole tokens; 0 for any amount.
    #[serde(with = "decimal::exact")]
    pub amount: Decimal,
}

impl CreateQrCode {
    /// A permanent address for any amount of a token.
    #[must_use]
    pub fn new(name: impl Into<String>, currency_id: u64) -> Self {
        Self {
            name: name.into(),
            currency_id,
            amount: Decimal::ZERO,
        }
    }

    /// Sets what the payer is asked for, in whole tokens.
    #[must_use]
    pub const fn with_amount(mut self, amount: Decimal) -> Self {
        self.amount = amount;
        self
    }
}

/// Answer of `payment-qr-code/create`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct QrCode {
    /// The gateway's id of it.
    pub id: u64,
    /// The address.
    #[serde(deserialize_with = "lenient::required_string")]
    pub address: String,
}
