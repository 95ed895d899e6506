//! What the gateway remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde::Serialize;

use crate::error::SandboxError;
use crate::halo::amounts::is_exact;
use crate::halo::orders::{Order, Payment};
use crate::halo::payouts::Payout;
use crate::halo::tokens::CATALOGUE;

/// The money of one currency, in whole tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Balance {
    /// All there is.
    pub total: Decimal,
    /// The part that payouts under way, or the gateway, hold back.
    pub frozen: Decimal,
}

impl Balance {
    /// The part that payouts can use.
    pub fn operable(&self) -> Decimal {
        (self.total - self.frozen).normalize()
    }

    pub(super) fn checked(total: Decimal, frozen: Decimal) -> Result<Self, SandboxError> {
        if frozen < Decimal::ZERO || frozen > total {
            return Err(SandboxError::Balance { total, frozen });
        }
        Ok(Self {
            total: total.normalize(),
            frozen: frozen.normalize(),
        })
    }
}

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

/// Records in the order of their creation, found by id.
#[derive(Debug)]
pub(super) struct Register<T> {
    records: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T> Register<T> {
    pub(super) fn add(&mut self, id: String, record: T) {
        self.places.insert(id, self.records.len());
        self.records.push(record);
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.records.get(*self.places.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.records.get_mut(*self.places.get(id)?)
    }

    pub(super) fn all(&self) -> &[T] {
        &self.records
    }

    pub(super) fn all_mut(&mut self) -> &mut [T] {
        &mut self.records
    }
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
    pub(super) balances: BTreeMap<i64, Balance>,
    /// When orders time out, soonest first.
    pub(super) deadlines: BTreeSet<(i64, String)>,
}

impl Default for Book {
    fn default() -> Self {
        let balance = Balance {
            total: Decimal::ONE_THOUSAND,
            frozen: Decimal::ZERO,
        };
        Self {
            orders: Register::default(),
            payouts: Register::default(),
            qr_codes: Register::default(),
            by_out_trade_no: HashMap::new(),
            by_address: HashMap::new(),
            balances: CATALOGUE
                .iter()
                .map(|token| (token.currency_id, balance))
                .collect(),
            deadlines: BTreeSet::new(),
        }
    }
}

impl Book {
    pub(super) fn balance(&self, currency_id: i64) -> Balance {
        let none = Balance {
            total: Decimal::ZERO,
            frozen: Decimal::ZERO,
        };
        self.balances.get(&currency_id).copied().unwrap_or(none)
    }

    /// What `currency_id` would hold after `amount` more came in.
    pub(super) fn credited(
        &self,
        (currency_id, decimals): (i64, u32),
        amount: Decimal,
        to: &str,
    ) -> Result<Balance, SandboxError> {
        let balance = self.balance(currency_id);
        let total = balance.total.checked_add(amount);
        let total = total.filter(|total| is_exact(*total, decimals));
        let total = total.ok_or_else(|| SandboxError::TooMuch(to.to_owned()))?;
        Balance::checked(total, balance.frozen)
    }

    pub(super) fn freeze(&mut self, currency_id: i64, amount: Decimal) {
        let Balance { total, frozen } = self.balance(currency_id);
        let frozen = (frozen + amount).normalize();
        self.balances.insert(currency_id, Balance { total, frozen });
    }

    /// Ends a hold, the money staying or going. A balance that was set by hand meanwhile never falls
    /// below zero.
    pub(super) fn release(&mut self, currency_id: i64, amount: Decimal, spent: bool) {
        let Balance { total, frozen } = self.balance(currency_id);
        let less = |from: Decimal| (from - amount).max(Decimal::ZERO).normalize();
        let total = if spent { less(total) } else { total };
        let frozen = less(frozen).min(total);
        self.balances.insert(currency_id, Balance { total, frozen });
    }
}
