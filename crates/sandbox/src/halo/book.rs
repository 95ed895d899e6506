//! What the gateway remembers.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde::Serialize;

use crate::balances::Balances;
use crate::halo::orders::{Order, Payment};
use crate::halo::payouts::Payout;
use crate::halo::tokens::CATALOGUE;
use crate::register::Register;

/// A permanent address (Native Checkout API, payment-qr-code/create).
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct QrCode {
    /// The gateway's id.
    pub id: i64,
    /// The merchant's name for it.
    pub name: String,
    /// The currency to pay in.
    pub currency_id: i64,
    /// The amount the merchant asked for in whole tokens; 0 leaves it to the payer.
    pub amount: Decimal,
    /// The address.
    pub address: String,
    /// The transfers so far, oldest first.
    pub payments: Vec<Payment>,
}

/// Everything that calls and payers change.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) orders: Register<Order>,
    pub(super) payouts: Register<Payout>,
    /// By address.
    pub(super) qr_codes: Register<QrCode>,
    /// The newest `trade_no` of each `out_trade_no`.
    pub(super) by_out_trade_no: HashMap<String, String>,
    /// The `trade_no` that each pay address belongs to.
    pub(super) by_address: HashMap<String, String>,
    pub(super) balances: Balances<i64>,
    /// When orders time out, soonest first.
    pub(super) deadlines: BTreeSet<(i64, String)>,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            orders: Register::default(),
            payouts: Register::default(),
            qr_codes: Register::default(),
            by_out_trade_no: HashMap::new(),
            by_address: HashMap::new(),
            balances: Balances::of_each(
                CATALOGUE.iter().map(|token| token.currency_id),
                Decimal::ONE_THOUSAND,
            ),
            deadlines: BTreeSet::new(),
        }
    }
}
