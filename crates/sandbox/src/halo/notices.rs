//! The bodies of webhooks (webhook notification page).

use serde::Serialize;

use crate::halo::book::QrCode;
use crate::halo::orders::{Order, OrderStatus, Payment};
use crate::halo::payouts::{Payout, PayoutStatus};
use crate::halo::tokens::Token;

/// The values of `X-EventType`. The page shows `Paid` alone; the others are **ours**.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventTypes {
    /// An order is paid, or a QR-code address was paid to.
    pub paid: String,
    /// A part of an order is paid. `ToBePaid`.
    pub part_paid: String,
    /// An order timed out. `TimeOut`.
    pub timed_out: String,
    /// A payout is done. `PayoutPaid`.
    pub payout_paid: String,
    /// A payout failed. `PayoutFail`.
    pub payout_failed: String,
    /// A payout was cancelled. `PayoutCancel`.
    pub payout_cancelled: String,
}

impl Default for EventTypes {
    fn default() -> Self {
        Self {
            paid: "Paid".to_owned(),
            part_paid: "ToBePaid".to_owned(),
            timed_out: "TimeOut".to_owned(),
            payout_paid: "PayoutPaid".to_owned(),
            payout_failed: "PayoutFail".to_owned(),
            payout_cancelled: "PayoutCancel".to_owned(),
        }
    }
}

impl EventTypes {
    pub(super) fn of_order(&self, status: OrderStatus) -> &str {
        match status {
            OrderStatus::Paid => &self.paid,
            OrderStatus::ToBePaid => &self.part_paid,
            OrderStatus::TimeOut => &self.timed_out,
        }
    }

    pub(super) fn of_payout(&self, status: PayoutStatus) -> &str {
        match status {
            PayoutStatus::Fail => &self.payout_failed,
            PayoutStatus::Cancel => &self.payout_cancelled,
            _ => &self.payout_paid,
        }
    }
}

/// A payment notice. `amount` is the fiat price where the order has one, as the page's example
/// suggests, else the token amount; `amount_collected` is in whole tokens.
#[derive(Serialize)]
struct OrderNotice<'a> {
    appid: &'a str,
    trade_no: &'a str,
    out_trade_no: &'a str,
    amount_collected: String,
    amount: String,
    token_amount: String,
    chain: &'a str,
    chain_id: i64,
    r#type: &'a str,
    currency_id: i64,
    txid: &'a str,
    status: &'a str,
    time: i64,
}

pub(super) fn order(app_id: &str, order: &Order, token: &Token, time: i64) -> Vec<u8> {
    encode(&OrderNotice {
        appid: app_id,
        trade_no: &order.trade_no,
        out_trade_no: &order.out_trade_no,
        amount_collected: order.amount_collected.to_string(),
        amount: order.fiat_amount.unwrap_or(order.amount).to_string(),
        token_amount: order.amount.to_string(),
        chain: token.chain,
        chain_id: token.chain_id,
        r#type: "PAYMENT",
        currency_id: order.currency_id,
        txid: order
            .payments
            .last()
            .map_or("", |payment| payment.txid.as_str()),
        status: order.status.as_str(),
        time,
    })
}

/// A payout notice. The page shows its first members alone; the rest is **ours**.
#[derive(Serialize)]
struct PayoutNotice<'a> {
    appid: &'a str,
    trade_no: &'a str,
    chain: &'a str,
    chain_id: i64,
    contract: &'a str,
    amount: String,
    txid: &'a str,
    r#type: &'a str,
    currency_id: i64,
    status: &'a str,
    time: i64,
}

pub(super) fn payout(app_id: &str, payout: &Payout, token: &Token, time: i64) -> Vec<u8> {
    encode(&PayoutNotice {
        appid: app_id,
        trade_no: &payout.trade_no,
        chain: token.chain,
        chain_id: token.chain_id,
        contract: token.contract,
        amount: payout.amount.to_string(),
        txid: payout.txid.as_deref().unwrap_or(""),
        r#type: "PAYOUT",
        currency_id: payout.currency_id,
        status: payout.status.as_str(),
        time,
    })
}

/// A notice of a payment to a QR-code address. All of it is **ours**: a payment notice without order
/// members, with the id and address that payment-qr-code/create answered.
#[derive(Serialize)]
struct QrCodeNotice<'a> {
    appid: &'a str,
    id: i64,
    name: &'a str,
    address: &'a str,
    amount_collected: String,
    amount: String,
    chain: &'a str,
    chain_id: i64,
    r#type: &'a str,
    currency_id: i64,
    txid: &'a str,
    status: &'a str,
    time: i64,
}

pub(super) fn qr_code(
    app_id: &str,
    code: &QrCode,
    payment: &Payment,
    token: &Token,
    time: i64,
) -> Vec<u8> {
    encode(&QrCodeNotice {
        appid: app_id,
        id: code.id,
        name: &code.name,
        address: &code.address,
        amount_collected: payment.amount.to_string(),
        amount: code.amount.to_string(),
        chain: token.chain,
        chain_id: token.chain_id,
        r#type: "PAYMENT",
        currency_id: code.currency_id,
        txid: &payment.txid,
        status: OrderStatus::Paid.as_str(),
        time,
    })
}

fn encode(notice: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(notice).unwrap_or_default()
}
