//! An invoice and what payers, blocks and time do to it.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::amounts::is_exact;
use crate::error::SandboxError;
use crate::unipayment::assets::Asset;
use crate::unipayment::confirmations::ConfirmSpeed;
use crate::unipayment::settings::{Generation, UniPaymentSettings};

/// The status of an invoice (invoice-status page).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum InvoiceStatus {
    /// Waiting; a part payment leaves it here.
    New,
    /// The whole amount is there.
    Paid,
    /// It has the confirmations that `confirm_speed` asks for.
    Confirmed,
    /// The merchant is credited.
    Complete,
    /// The time was over before the whole amount was there.
    Expired,
    /// Paid, and not confirmed in time.
    Invalid,
}

impl InvoiceStatus {
    pub(super) const ALL: [Self; 6] = [
        Self::New,
        Self::Paid,
        Self::Confirmed,
        Self::Complete,
        Self::Expired,
        Self::Invalid,
    ];

    /// The gateway's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Paid => "Paid",
            Self::Confirmed => "Confirmed",
            Self::Complete => "Complete",
            Self::Expired => "Expired",
            Self::Invalid => "Invalid",
        }
    }

    /// Whether no payment is awaited any more.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Complete | Self::Expired | Self::Invalid)
    }

    /// The number in answers of 2022.
    pub fn number(self) -> u32 {
        match self {
            Self::New => 1,
            Self::Paid => 2,
            Self::Confirmed => 3,
            Self::Complete => 4,
            Self::Expired => 5,
            Self::Invalid => 6,
        }
    }

    /// The `event` of a notice (ipn-payment-notification page; that of `Invalid` is **ours**).
    pub fn event(self) -> &'static str {
        match self {
            Self::New => "invoice_created",
            Self::Paid => "invoice_paidInFull",
            Self::Confirmed => "invoice_confirmed",
            Self::Complete => "invoice_completed",
            Self::Expired => "invoice_expired",
            Self::Invalid => "invoice_invalid",
        }
    }
}

/// What is exceptional about an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ErrorStatus {
    /// Nothing.
    None,
    /// Paid after it expired.
    PaidLate,
    /// Expired with a part paid.
    PaidPartial,
    /// More was paid than asked.
    PaidOver,
    /// Completed by hand.
    Marked,
}

impl ErrorStatus {
    /// The gateway's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::PaidLate => "PaidLate",
            Self::PaidPartial => "PaidPartial",
            Self::PaidOver => "PaidOver",
            Self::Marked => "Marked",
        }
    }

    /// The number in answers of 2022.
    pub fn number(self) -> u32 {
        match self {
            Self::None => 0,
            Self::PaidLate => 1,
            Self::PaidPartial => 2,
            Self::PaidOver => 3,
            Self::Marked => 4,
        }
    }
}

/// One transfer to the address of an invoice.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Transfer {
    /// What arrived, in whole coins.
    pub amount: Decimal,
    /// The transaction, made up.
    pub hash: String,
    /// Who paid, made up.
    pub from: String,
    /// The blocks since.
    pub confirmations: u32,
}

/// How an invoice is to be paid, once that is settled.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Destination {
    /// The coin and its network.
    pub asset: Asset,
    /// Where to pay.
    pub address: String,
    /// What to pay, in whole coins.
    pub pay_amount: Decimal,
    /// The price of one coin in the price's currency.
    pub exchange_rate: Decimal,
}

/// An invoice as the gateway keeps it. Amounts paid are whole coins, times UTC.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Invoice {
    /// The gateway's id.
    pub invoice_id: String,
    /// The generation of the call that made it, which its notices follow.
    pub generation: Generation,
    /// The merchant's id; several invoices may have it.
    pub order_id: String,
    /// The price.
    pub price_amount: Decimal,
    /// The currency of the price.
    pub price_currency: &'static str,
    /// The coin that was asked for, or chosen since.
    pub pay_currency: Option<&'static str>,
    /// How to pay, once coin and network are settled.
    pub destination: Option<Destination>,
    /// What has arrived.
    pub paid_amount: Decimal,
    /// The part of it that has its confirmations.
    pub confirmed_amount: Decimal,
    /// When the confirmations are enough.
    pub confirm_speed: ConfirmSpeed,
    /// The status.
    pub status: InvoiceStatus,
    /// What is exceptional.
    pub error_status: ErrorStatus,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// When its time is over.
    pub expiration_time: DateTime<Utc>,
    /// When it was paid.
    pub paid_time: Option<DateTime<Utc>>,
    /// When it was confirmed.
    pub confirm_time: Option<DateTime<Utc>>,
    /// When it was complete.
    pub complete_time: Option<DateTime<Utc>>,
    /// `payment_method_type` of the create call, or `UNKNOWN`.
    pub payment_method_type: String,
    /// What notices bring back to the merchant.
    pub ext_args: Option<String>,
    /// Where notices go, if the call said so.
    pub notify_url: Option<String>,
    /// The transfers so far, oldest first.
    pub transactions: Vec<Transfer>,
    /// What the merchant's wallet got of it so far.
    #[serde(skip)]
    pub(super) credited: Decimal,
}

impl Invoice {
    /// What is still missing; 0 when the amount is there, none while no coin is chosen.
    pub fn remaining(&self) -> Option<Decimal> {
        let due = self.destination.as_ref()?.pay_amount;
        let missing = (due - self.paid_amount).max(Decimal::ZERO);
        Some(missing.normalize())
    }

    /// Whether the whole amount is there, confirmed or not.
    pub fn is_collected(&self) -> bool {
        self.remaining().is_some_and(|missing| missing.is_zero())
    }

    pub(super) fn collect(&mut self, transfer: Transfer) -> Result<(), SandboxError> {
        let Some(destination) = &self.destination else {
            return Err(self.impossible("no coin is chosen yet; choose one, then pay"));
        };
        let decimals = destination.asset.decimals;
        let due = destination.pay_amount;
        let sum = self.paid_amount.checked_add(transfer.amount);
        let sum = sum.filter(|sum| is_exact(*sum, decimals));
        let sum = sum.ok_or_else(|| SandboxError::TooMuch(self.invoice_id.clone()))?;
        self.paid_amount = sum.normalize();
        self.transactions.push(transfer);
        self.error_status = match self.status {
            _ if self.error_status == ErrorStatus::Marked => ErrorStatus::Marked,
            InvoiceStatus::Expired if sum >= due => ErrorStatus::PaidLate,
            InvoiceStatus::Expired => ErrorStatus::PaidPartial,
            _ if self.error_status == ErrorStatus::PaidLate => ErrorStatus::PaidLate,
            _ if sum > due => ErrorStatus::PaidOver,
            _ => ErrorStatus::None,
        };
        Ok(())
    }

    pub(super) fn confirm(&mut self, count: u32) -> Result<(), SandboxError> {
        if self.transactions.is_empty() {
            return Err(self.impossible("nothing was paid that could be confirmed; pay first"));
        }
        for transfer in &mut self.transactions {
            transfer.confirmations = transfer.confirmations.saturating_add(count);
        }
        Ok(())
    }

    /// Gives every transfer of a paid invoice the confirmations for `Complete`.
    pub(super) fn complete(&mut self, completion: u32) -> Result<(), SandboxError> {
        match self.status {
            InvoiceStatus::Paid | InvoiceStatus::Confirmed | InvoiceStatus::Invalid => {}
            _ => {
                return Err(
                    self.impossible("only one that is Paid, Confirmed or Invalid completes")
                );
            }
        }
        for transfer in &mut self.transactions {
            transfer.confirmations = transfer.confirmations.max(completion);
        }
        Ok(())
    }

    /// Moves to the next status, if it is time for that; there may be another after it.
    pub(super) fn step(&mut self, settings: &UniPaymentSettings, now: DateTime<Utc>) -> bool {
        let needed = settings.confirmations.of(self.confirm_speed);
        self.confirmed_amount = self.sum_confirmed(needed);
        let Some(due) = self.destination.as_ref().map(|to| to.pay_amount) else {
            return false;
        };
        let may_be_paid = match self.status {
            InvoiceStatus::New => true,
            InvoiceStatus::Expired => settings.late_payment_revives,
            _ => false,
        };
        let confirmed = self.confirmed_amount >= due;
        let completed = self.sum_confirmed(settings.confirmations.completion) >= due;
        self.status = match self.status {
            InvoiceStatus::New | InvoiceStatus::Expired
                if may_be_paid && self.paid_amount >= due =>
            {
                self.paid_time = Some(now);
                InvoiceStatus::Paid
            }
            InvoiceStatus::Paid if confirmed => {
                self.confirm_time = Some(now);
                InvoiceStatus::Confirmed
            }
            InvoiceStatus::Confirmed | InvoiceStatus::Invalid if completed => {
                self.complete_time = Some(now);
                InvoiceStatus::Complete
            }
            _ => return false,
        };
        true
    }

    fn sum_confirmed(&self, needed: u32) -> Decimal {
        let confirmed = self
            .transactions
            .iter()
            .filter(|transfer| transfer.confirmations >= needed);
        // A part of what `collect` found to fit.
        let sum: Decimal = confirmed.map(|transfer| transfer.amount).sum();
        sum.normalize()
    }

    /// When the clock will change it, if it will.
    pub(super) fn deadline(&self, settings: &UniPaymentSettings) -> Option<DateTime<Utc>> {
        match self.status {
            InvoiceStatus::New => Some(self.expiration_time),
            InvoiceStatus::Paid => {
                let patience = TimeDelta::from_std(settings.invalid_after).ok()?;
                self.paid_time?.checked_add_signed(patience)
            }
            _ => None,
        }
    }

    pub(super) fn expire(&mut self) -> Result<(), SandboxError> {
        if self.status != InvoiceStatus::New {
            return Err(self.impossible("only an invoice that is New can expire"));
        }
        self.status = InvoiceStatus::Expired;
        if !self.paid_amount.is_zero() {
            self.error_status = ErrorStatus::PaidPartial;
        }
        Ok(())
    }

    pub(super) fn invalidate(&mut self) -> Result<(), SandboxError> {
        if self.status != InvoiceStatus::Paid {
            return Err(self.impossible("only an invoice that is Paid can become Invalid"));
        }
        self.status = InvoiceStatus::Invalid;
        Ok(())
    }

    pub(super) fn mark(&mut self, now: DateTime<Utc>) -> Result<(), SandboxError> {
        if self.status == InvoiceStatus::Complete {
            return Err(self.impossible("it is complete already"));
        }
        self.status = InvoiceStatus::Complete;
        self.error_status = ErrorStatus::Marked;
        self.complete_time = Some(now);
        Ok(())
    }

    pub(super) fn impossible(&self, reason: &'static str) -> SandboxError {
        SandboxError::State {
            trade_no: self.invoice_id.clone(),
            state: self.status.as_str(),
            reason,
        }
    }
}
