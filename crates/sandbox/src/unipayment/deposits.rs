//! Money that comes into the merchant's wallet without an invoice.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::error::SandboxError;
use crate::unipayment::assets::Asset;

/// The status of a deposit (ipn-deposit page).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DepositStatus {
    /// Seen.
    Confirming,
    /// Confirmed.
    Confirmed,
    /// In the wallet.
    Credited,
}

impl DepositStatus {
    /// The gateway's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirming => "CONFIRMING",
            Self::Confirmed => "CONFIRMED",
            Self::Credited => "CREDITED",
        }
    }

    /// The `event` of a notice.
    pub fn event(self) -> &'static str {
        match self {
            Self::Confirming => "deposit_created",
            Self::Confirmed => "deposit_confirmed",
            Self::Credited => "deposit_credited",
        }
    }
}

/// A deposit as the gateway keeps it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Deposit {
    /// The gateway's id.
    pub deposit_id: String,
    /// The coin and its network.
    pub asset: Asset,
    /// What arrived, in whole coins.
    pub amount: Decimal,
    /// Who sent it, made up.
    pub from: String,
    /// The wallet's address.
    pub to: String,
    /// The transaction, made up.
    pub hash: String,
    /// The status.
    pub status: DepositStatus,
    /// When it was seen, in UTC.
    pub create_time: DateTime<Utc>,
    /// When its status last changed, in UTC.
    pub update_time: DateTime<Utc>,
}

impl Deposit {
    pub(super) fn advance(&mut self, now: DateTime<Utc>) -> Result<(), SandboxError> {
        self.status = match self.status {
            DepositStatus::Confirming => DepositStatus::Confirmed,
            DepositStatus::Confirmed => DepositStatus::Credited,
            DepositStatus::Credited => {
                return Err(SandboxError::State {
                    trade_no: self.deposit_id.clone(),
                    state: self.status.as_str(),
                    reason: "the deposit is in the wallet; nothing more happens to it",
                });
            }
        };
        self.update_time = now;
        Ok(())
    }
}
