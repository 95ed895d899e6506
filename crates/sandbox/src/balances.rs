//! The money of a merchant.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::amounts::is_exact;
use crate::error::SandboxError;

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

    pub(crate) fn checked(total: Decimal, frozen: Decimal) -> Result<Self, SandboxError> {
        if frozen < Decimal::ZERO || frozen > total {
            return Err(SandboxError::Balance { total, frozen });
        }
        Ok(Self {
            total: total.normalize(),
            frozen: frozen.normalize(),
        })
    }
}

/// The money by currency, `K` being what the gateway calls one.
#[derive(Debug)]
pub(crate) struct Balances<K>(BTreeMap<K, Balance>);

impl<K: Ord + Copy> Balances<K> {
    pub(crate) fn of_each(currencies: impl Iterator<Item = K>, total: Decimal) -> Self {
        let balance = Balance {
            total,
            frozen: Decimal::ZERO,
        };
        Self(currencies.map(|currency| (currency, balance)).collect())
    }

    pub(crate) fn all(&self) -> &BTreeMap<K, Balance> {
        &self.0
    }

    pub(crate) fn of(&self, currency: K) -> Balance {
        let none = Balance {
            total: Decimal::ZERO,
            frozen: Decimal::ZERO,
        };
        self.0.get(&currency).copied().unwrap_or(none)
    }

    pub(crate) fn set(&mut self, currency: K, balance: Balance) {
        self.0.insert(currency, balance);
    }

    /// What `currency` would hold after `amount` more came in.
    pub(crate) fn credited(
        &self,
        (currency, decimals): (K, u32),
        amount: Decimal,
        to: &str,
    ) -> Result<Balance, SandboxError> {
        let balance = self.of(currency);
        let total = balance.total.checked_add(amount);
        let total = total.filter(|total| is_exact(*total, decimals));
        let total = total.ok_or_else(|| SandboxError::TooMuch(to.to_owned()))?;
        Balance::checked(total, balance.frozen)
    }

    pub(crate) fn freeze(&mut self, currency: K, amount: Decimal) {
        let Balance { total, frozen } = self.of(currency);
        let frozen = (frozen + amount).normalize();
        self.set(currency, Balance { total, frozen });
    }

    /// Ends a hold, the money staying or going. A balance that was set by hand meanwhile never falls
    /// below zero.
    pub(crate) fn release(&mut self, currency: K, amount: Decimal, spent: bool) {
        let Balance { total, frozen } = self.of(currency);
        let less = |from: Decimal| (from - amount).max(Decimal::ZERO).normalize();
        let total = if spent { less(total) } else { total };
        let frozen = less(frozen).min(total);
        self.set(currency, Balance { total, frozen });
    }
}
