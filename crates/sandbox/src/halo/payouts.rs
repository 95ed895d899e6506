//! A payout and its way to the chain.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::error::SandboxError;

/// The status of a payout, as payout/detail spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum PayoutStatus {
    /// `PROGRESS`: pending.
    #[serde(rename = "PROGRESS")]
    Progress,
    /// `TRANSFER`: on its way; in the documents' example, not in their list.
    #[serde(rename = "TRANSFER")]
    Transfer,
    /// `CONFIRMING-PROGRESS`: being confirmed on chain.
    #[serde(rename = "CONFIRMING-PROGRESS")]
    Confirming,
    /// `PAID`: done.
    #[serde(rename = "PAID")]
    Paid,
    /// `FAIL`: failed, the money returned.
    #[serde(rename = "FAIL")]
    Fail,
    /// `CANCEL`: cancelled, the money returned.
    #[serde(rename = "CANCEL")]
    Cancel,
}

impl PayoutStatus {
    /// The gateway's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Progress => "PROGRESS",
            Self::Transfer => "TRANSFER",
            Self::Confirming => "CONFIRMING-PROGRESS",
            Self::Paid => "PAID",
            Self::Fail => "FAIL",
            Self::Cancel => "CANCEL",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Fail | Self::Cancel)
    }

    /// The next status on the way to `PAID`.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Progress => Some(Self::Transfer),
            Self::Transfer => Some(Self::Confirming),
            Self::Confirming => Some(Self::Paid),
            Self::Paid | Self::Fail | Self::Cancel => None,
        }
    }
}

/// A payout as the gateway keeps it. Amounts are whole tokens, times Unix seconds.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Payout {
    /// The gateway's id.
    pub trade_no: String,
    /// The currency that is sent.
    pub currency_id: i64,
    /// The symbol of that currency.
    pub token: &'static str,
    /// The `token` of payout/detail: 32 characters that are no symbol.
    pub opaque_token: String,
    /// What the receiver gets, digit for digit as it was asked.
    pub amount: Decimal,
    /// The gateway's charge, on top of the amount.
    pub service_charge: Decimal,
    /// The network's fee, on top of the amount.
    pub gas: Decimal,
    /// Who gets it.
    pub target_address: String,
    /// The status.
    pub status: PayoutStatus,
    /// When it was created.
    pub created_time: i64,
    /// When the work on it began.
    pub start_time: i64,
    /// Where its notice goes, if the call said so.
    pub callback_url: Option<String>,
    /// The transaction's id, once there is one.
    pub txid: Option<String>,
}

impl Payout {
    /// Service charge and gas together.
    pub fn cost(&self) -> Decimal {
        (self.service_charge + self.gas).normalize()
    }

    /// What leaves the balance: amount and cost.
    pub fn total(&self) -> Decimal {
        self.amount + self.cost()
    }

    /// Moves it to `status`; a final one stays where it is.
    pub(super) fn move_to(&mut self, status: Option<PayoutStatus>) -> Result<(), SandboxError> {
        match status {
            Some(status) if !self.status.is_final() => {
                self.status = status;
                Ok(())
            }
            _ => Err(SandboxError::State {
                trade_no: self.trade_no.clone(),
                state: self.status.as_str(),
                reason: "the payout is over; only one that is under way can be moved",
            }),
        }
    }
}
