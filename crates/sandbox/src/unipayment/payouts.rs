//! What leaves the merchant's wallet: withdrawals, batches of payouts, payments.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::error::SandboxError;
use crate::json::Json;

/// Which of the gateway's three ways of paying out it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutKind {
    /// `/wallet/withdrawals` (Hmac).
    Withdrawal,
    /// `/payouts`, a batch (Hmac).
    Batch,
    /// `/payments` (OAuth).
    Payment,
}

/// Where money on its way out stands. [`spelled`](Self::spelled) gives the gateway's words, which
/// differ between the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Asked for.
    Pending,
    /// Confirmed by the merchant.
    Confirmed,
    /// Approved by the gateway, and on its way.
    Approved,
    /// Done.
    Completed,
    /// Refused by the gateway, the money returned.
    Rejected,
    /// Failed, the money returned.
    Failed,
    /// Cancelled, the money returned.
    Canceled,
}

impl PayoutStatus {
    pub(super) const ALL: [Self; 7] = [
        Self::Pending,
        Self::Confirmed,
        Self::Approved,
        Self::Completed,
        Self::Rejected,
        Self::Failed,
        Self::Canceled,
    ];

    /// The word of answers. A batch knows three alone.
    pub fn spelled(self, kind: PayoutKind) -> &'static str {
        match (kind, self) {
            (PayoutKind::Withdrawal, Self::Pending) => "Pending",
            (PayoutKind::Withdrawal, Self::Confirmed) => "Confirm",
            (PayoutKind::Withdrawal, Self::Approved) => "Approve",
            (PayoutKind::Withdrawal, Self::Completed) => "Success",
            (PayoutKind::Withdrawal, Self::Rejected) => "Reject",
            (PayoutKind::Withdrawal, Self::Failed) => "Fail",
            (PayoutKind::Withdrawal, Self::Canceled) => "Cancel",
            (PayoutKind::Batch, Self::Completed) => "Complete",
            (PayoutKind::Batch, Self::Approved) => "Processing",
            (PayoutKind::Batch, _) => "Pending",
            (PayoutKind::Payment, Self::Pending) => "PENDING",
            (PayoutKind::Payment, Self::Confirmed) => "CONFIRMED",
            (PayoutKind::Payment, Self::Approved) => "APPROVED",
            (PayoutKind::Payment, Self::Completed) => "COMPLETED",
            (PayoutKind::Payment, Self::Rejected) => "REJECTED",
            (PayoutKind::Payment, Self::Failed) => "FAILED",
            (PayoutKind::Payment, Self::Canceled) => "CANCELED",
        }
    }

    /// The number in answers of 2022, of withdrawals and batches.
    pub(super) fn number(self, kind: PayoutKind) -> u32 {
        match (kind, self) {
            (PayoutKind::Batch, Self::Completed) => 7,
            (PayoutKind::Batch, Self::Approved) => 6,
            (PayoutKind::Batch, _) | (_, Self::Pending) => 1,
            (_, Self::Canceled) => 2,
            (_, Self::Confirmed) => 3,
            (_, Self::Rejected) => 4,
            (_, Self::Approved) => 5,
            (_, Self::Completed) => 6,
            (_, Self::Failed) => 7,
        }
    }

    /// The word of a withdrawal's notice, which is not always that of answers, and the event's.
    pub(super) fn withdrawal_notice(self) -> (&'static str, &'static str) {
        match self {
            Self::Pending => ("Apply", "withdrawal_apply"),
            Self::Confirmed => ("Confirm", "withdrawal_confirm"),
            Self::Approved => ("Approve", "withdrawal_approve"),
            Self::Completed => ("Success", "withdrawal_success"),
            Self::Rejected => ("Reject", "withdrawal_reject"),
            Self::Failed => ("Failed", "withdrawal_fail"),
            Self::Canceled => ("Cancel", "withdrawal_cancel"),
        }
    }

    /// The event of a payment's notice; `payment_cancelled` has two l where the status has one.
    pub(super) fn payment_event(self) -> &'static str {
        match self {
            Self::Pending => "payment_initiated",
            Self::Confirmed => "payment_confirmed",
            Self::Approved => "payment_approved",
            Self::Completed => "payment_completed",
            Self::Rejected => "payment_rejected",
            Self::Failed => "payment_failed",
            Self::Canceled => "payment_cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Rejected | Self::Failed | Self::Canceled
        )
    }

    /// The next status on the way to completion.
    fn next(self, kind: PayoutKind) -> Option<Self> {
        match self {
            Self::Pending if kind == PayoutKind::Batch => Some(Self::Approved),
            Self::Pending => Some(Self::Confirmed),
            Self::Confirmed => Some(Self::Approved),
            Self::Approved => Some(Self::Completed),
            _ => None,
        }
    }
}

/// One receiver of a batch.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct BatchItem {
    /// Who gets it.
    pub address: String,
    /// What, in whole coins.
    pub amount: Decimal,
    /// The transaction, once there is one.
    pub hash: Option<String>,
}

/// Money that leaves the wallet, as the gateway keeps it. Amounts are whole coins, times UTC.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Payout {
    /// The gateway's id.
    pub id: String,
    /// Which of its ways it is.
    pub kind: PayoutKind,
    /// The network; a payment to an account has none.
    pub network: Option<String>,
    /// The symbol of what is sent.
    pub asset_type: &'static str,
    /// What the receiver gets; of a batch, all of them.
    pub amount: Decimal,
    /// The fee, on top of the amount.
    pub fee: Decimal,
    /// The address of a withdrawal; the payment method or account of a payment.
    pub destination: Option<String>,
    /// The status.
    pub status: PayoutStatus,
    /// The transaction, once there is one.
    pub txn_hash: Option<String>,
    /// The merchant's remark.
    pub note: Option<String>,
    /// The merchant's reference of a payment.
    pub reference: Option<String>,
    /// The merchant's own id of a payment.
    pub unique_id: Option<String>,
    /// The receivers of a batch.
    pub items: Vec<BatchItem>,
    /// When it was asked for.
    pub create_time: DateTime<Utc>,
    /// When its status last changed.
    pub update_time: DateTime<Utc>,
    /// Where its notices go, if the call said so.
    pub notify_url: Option<String>,
    /// What a payment has besides.
    #[serde(skip)]
    pub(super) payment: Option<PaymentDetails>,
}

/// What a payment has and other payouts have not.
#[derive(Debug, Clone)]
pub(super) struct PaymentDetails {
    pub(super) from_account_id: String,
    pub(super) reason: String,
    /// `BANK`, `CRYPTO` or `INTERNAL`.
    pub(super) transfer_method: &'static str,
    /// The payment method as the merchant described it.
    pub(super) transfer_destination: Json,
}

impl Payout {
    /// What leaves the wallet: amount and fee.
    pub fn total(&self) -> Decimal {
        self.amount + self.fee
    }

    /// The word of answers.
    pub fn status_word(&self) -> &'static str {
        self.status.spelled(self.kind)
    }

    /// Whether it can only be completed.
    pub(super) fn has_no_such_end(&self) -> bool {
        self.kind == PayoutKind::Batch
    }

    pub(super) fn next_status(&self) -> Option<PayoutStatus> {
        self.status.next(self.kind)
    }

    /// Moves it to `status`; a final one stays where it is.
    pub(super) fn move_to(
        &mut self,
        status: Option<PayoutStatus>,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        match status {
            Some(status) if !self.status.is_final() => {
                self.status = status;
                self.update_time = now;
                Ok(())
            }
            _ => Err(SandboxError::State {
                trade_no: self.id.clone(),
                state: self.status_word(),
                reason: "the payout is over; only one that is under way can be moved",
            }),
        }
    }
}
