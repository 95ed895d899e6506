//! An order and what payers, blocks and time do to it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::amounts::is_exact;
use crate::error::SandboxError;
use crate::settings::Settings;

/// The status of an order, as order/detail and the payment notice spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum OrderStatus {
    /// `TO-BE-PAID`: unpaid, partly paid, or paid and not yet confirmed.
    #[serde(rename = "TO-BE-PAID")]
    ToBePaid,
    /// `PAID`.
    #[serde(rename = "PAID")]
    Paid,
    /// `TIME-OUT`: the time was over before the whole amount was there.
    #[serde(rename = "TIME-OUT")]
    TimeOut,
}

impl OrderStatus {
    /// The gateway's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToBePaid => "TO-BE-PAID",
            Self::Paid => "PAID",
            Self::TimeOut => "TIME-OUT",
        }
    }
}

/// One transfer to the pay address of an order or QR code.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Payment {
    /// What arrived, in whole tokens.
    pub amount: Decimal,
    /// The transaction's id: 64 hexadecimal digits, made up.
    pub txid: String,
    /// When it arrived, in UTC.
    pub at: DateTime<Utc>,
}

/// An order as the gateway keeps it. Amounts are whole tokens, times Unix seconds.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Order {
    /// The gateway's id.
    pub trade_no: String,
    /// The merchant's id.
    pub out_trade_no: String,
    /// The currency to pay in.
    pub currency_id: i64,
    /// The symbol of that currency.
    pub token: &'static str,
    /// Its decimals.
    pub decimals: u32,
    /// The fiat currency of the price, where it was priced in fiat.
    pub fiat_name: Option<String>,
    /// The fiat price, digit for digit as it was sent.
    pub fiat_amount: Option<Decimal>,
    /// What is to be paid.
    pub amount: Decimal,
    /// What has arrived.
    pub amount_collected: Decimal,
    /// Where it is to be paid.
    pub pay_address: String,
    /// The status.
    pub status: OrderStatus,
    /// When its time is over.
    pub time_expire: i64,
    /// When it was created.
    pub create_time: i64,
    /// Confirmations it needs.
    pub need_confirms: u32,
    /// Confirmations of the newest payment.
    pub already_confirms: u32,
    /// Where its notices go, if the call said so.
    pub callback_url: Option<String>,
    /// The transfers so far, oldest first.
    pub payments: Vec<Payment>,
}

/// Whether a change is told to the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Told {
    Yes,
    No,
}

impl From<bool> for Told {
    fn from(told: bool) -> Self {
        if told { Self::Yes } else { Self::No }
    }
}

impl Order {
    /// What is still missing; 0 when the amount is there.
    pub fn remaining(&self) -> Decimal {
        (self.amount - self.amount_collected)
            .max(Decimal::ZERO)
            .normalize()
    }

    /// Whether the whole amount is there, confirmed or not.
    pub fn is_collected(&self) -> bool {
        self.amount_collected >= self.amount
    }

    pub(super) fn collect(
        &mut self,
        payment: Payment,
        settings: &Settings,
    ) -> Result<Told, SandboxError> {
        let sum = self.amount_collected.checked_add(payment.amount);
        let sum = sum.filter(|sum| is_exact(*sum, self.decimals));
        let sum = sum.ok_or_else(|| SandboxError::TooMuch(self.trade_no.clone()))?;
        self.amount_collected = sum.normalize();
        self.payments.push(payment);
        if self.status == OrderStatus::Paid {
            return Ok(settings.notify_after_final.into());
        }
        self.already_confirms = 0;
        let completed = self.complete_if_ready(settings);
        Ok(match self.status {
            OrderStatus::Paid => completed,
            OrderStatus::ToBePaid => (!self.is_collected()).into(),
            OrderStatus::TimeOut => settings.notify_after_final.into(),
        })
    }

    pub(super) fn confirm(
        &mut self,
        count: u32,
        settings: &Settings,
    ) -> Result<Told, SandboxError> {
        if self.payments.is_empty() {
            return Err(self.impossible("nothing was paid that could be confirmed; pay first"));
        }
        self.already_confirms = self.already_confirms.saturating_add(count);
        Ok(self.complete_if_ready(settings))
    }

    /// Confirmations that a new block brings, up to those needed.
    pub(super) fn confirm_by_block(&mut self, settings: &Settings) -> Told {
        if self.payments.is_empty() || self.already_confirms >= self.need_confirms {
            return Told::No;
        }
        self.already_confirms += 1;
        self.complete_if_ready(settings)
    }

    fn complete_if_ready(&mut self, settings: &Settings) -> Told {
        let may_complete = match self.status {
            OrderStatus::ToBePaid => true,
            OrderStatus::TimeOut => settings.late_payment_completes,
            OrderStatus::Paid => false,
        };
        let confirmed = settings.paid_at_sight || self.already_confirms >= self.need_confirms;
        if may_complete && confirmed && self.is_collected() {
            self.status = OrderStatus::Paid;
            return Told::Yes;
        }
        Told::No
    }

    /// Whether the clock can still make it time out: an order that is fully paid waits for its
    /// confirmations however long they take.
    pub(super) fn can_expire(&self) -> bool {
        self.status == OrderStatus::ToBePaid && !self.is_collected()
    }

    pub(super) fn expire(&mut self) -> Result<Told, SandboxError> {
        if !self.can_expire() {
            return Err(self.impossible(
                "only an order that is TO-BE-PAID, with part of the amount missing, can time out",
            ));
        }
        self.status = OrderStatus::TimeOut;
        Ok(Told::Yes)
    }

    pub(super) fn impossible(&self, reason: &'static str) -> SandboxError {
        SandboxError::State {
            trade_no: self.trade_no.clone(),
            state: self.status.as_str(),
            reason,
        }
    }
}
