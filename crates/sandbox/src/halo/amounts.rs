//! Amounts: how they are read, rounded, and kept exact.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::halo::refusal::Refusal;

/// A money member with its name, for messages. Never negative.
#[derive(Debug)]
pub(super) struct Amount {
    name: &'static str,
    value: Decimal,
}

impl Amount {
    /// Digits, possibly a point and more digits; nothing else.
    pub(super) fn parse(name: &'static str, text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::bad_parameter(format!(
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
    pub(super) fn positive(self, decimals: u32) -> Result<Decimal, Refusal> {
        if self.value.is_zero() {
            return Err(Refusal::bad_parameter(format!(
                "{} is 0 and must be above 0",
                self.name
            )));
        }
        self.zero_or_more(decimals)
    }

    /// Checks that it has no more than `decimals`; zeros at the end count.
    pub(super) fn zero_or_more(self, decimals: u32) -> Result<Decimal, Refusal> {
        if self.value.scale() > decimals {
            return Err(Refusal::bad_parameter(format!(
                "{} is {} and may have at most {decimals} decimals",
                self.name, self.value
            )));
        }
        if !is_exact(self.value, decimals) {
            return Err(Refusal::bad_parameter(format!(
                "{} is {} and too large for a token of {decimals} decimals",
                self.name, self.value
            )));
        }
        Ok(self.value)
    }
}

/// Whether a figure keeps room for all `decimals`, so that sums of such figures lose nothing.
pub(super) fn is_exact(value: Decimal, decimals: u32) -> bool {
    let mut scaled = value;
    scaled.rescale(decimals);
    scaled.scale() == decimals
}

/// Rounds up and drops zeros at the end.
pub(super) fn round_up(amount: Decimal, decimals: u32) -> Decimal {
    amount
        .round_dp_with_strategy(decimals, RoundingStrategy::ToPositiveInfinity)
        .normalize()
}
