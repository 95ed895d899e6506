//! Amounts: how they are read, rounded, and kept exact.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::error::SandboxError;
use crate::members::MemberError;

/// A money member with its name, for messages. Never negative.
#[derive(Debug)]
pub(crate) struct Amount {
    name: &'static str,
    value: Decimal,
}

impl Amount {
    /// Digits, possibly a point and more digits; nothing else.
    pub(crate) fn parse(name: &'static str, text: &str) -> Result<Self, MemberError> {
        let wrong = || {
            MemberError(format!(
                "{name} is {text:?} and must be a plain decimal such as \"1.5\", without sign, \
                 exponent or blanks, with at most 28 digits"
            ))
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if !digits(whole) || !digits(fraction) || padded {
            return Err(wrong());
        }
        let value = Decimal::from_str_exact(text).map_err(|_| wrong())?;
        Ok(Self { name, value })
    }

    /// Checks that it is above zero and has no more than `decimals`; zeros at the end count.
    pub(crate) fn positive(self, decimals: u32) -> Result<Decimal, MemberError> {
        if self.value.is_zero() {
            return Err(MemberError(format!(
                "{} is 0 and must be above 0",
                self.name
            )));
        }
        self.zero_or_more(decimals)
    }

    /// Checks that it has no more than `decimals`; zeros at the end count.
    pub(crate) fn zero_or_more(self, decimals: u32) -> Result<Decimal, MemberError> {
        if self.value.scale() > decimals {
            return Err(MemberError(format!(
                "{} is {} and may have at most {decimals} decimals",
                self.name, self.value
            )));
        }
        if !is_exact(self.value, decimals) {
            return Err(MemberError(format!(
                "{} is {} and too large for a token of {decimals} decimals",
                self.name, self.value
            )));
        }
        Ok(self.value)
    }
}

/// Whether a figure keeps room for all `decimals`, so that sums of such figures lose nothing.
pub(crate) fn is_exact(value: Decimal, decimals: u32) -> bool {
    let mut scaled = value;
    scaled.rescale(decimals);
    scaled.scale() == decimals
}

/// Rounds up and drops zeros at the end.
pub(crate) fn round_up(amount: Decimal, decimals: u32) -> Decimal {
    amount
        .round_dp_with_strategy(decimals, RoundingStrategy::ToPositiveInfinity)
        .normalize()
}

/// Whether a payer could send this much of a token.
pub(crate) fn check_sendable(amount: Decimal, decimals: u32) -> Result<(), SandboxError> {
    if amount <= Decimal::ZERO || amount.normalize().scale() > decimals {
        return Err(SandboxError::Amount { amount, decimals });
    }
    Ok(())
}
