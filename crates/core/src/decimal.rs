//! Decimal amounts, exactly as their digits stand on the wire.
//!
//! A JSON number is read from its own token and never passes through a float, so `10.860` stays
//! `10.860` and `18446744073709551616` stays itself. More digits than [`Decimal`] can hold are an
//! error, never rounded. The result is the same whether or not another crate of the build turns on
//! `serde_json/arbitrary_precision`.
//!
//! These serde modules work inside plain structs. Inside `flatten`, `untagged` or internally tagged
//! enums they fail loudly, since serde has no raw token to give there.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::value::RawValue;

/// Why a text is not an amount that can be taken exactly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// Not digits with at most one decimal point (and, in JSON, an exponent).
    #[error("{0:?} is not a decimal number; write digits and at most one point, such as 16.55")]
    Malformed(String),
    /// Well-formed, with more digits than fit without rounding.
    #[error("{0:?} has more digits than can be kept exactly (28 significant digits)")]
    TooLong(String),
}

/// Reads digits with at most one decimal point and an optional exponent, exactly.
///
/// # Errors
/// [`DecimalError`] when the text is something else, or would have to be rounded.
///
/// ```
/// use paymux_core::decimal::parse;
/// assert_eq!(parse("10.860").unwrap().to_string(), "10.860");
/// assert_eq!(parse("1e-7").unwrap().to_string(), "0.0000001");
/// assert!(parse("1_0").is_err());
/// assert!(parse("0.12345678901234567890123456789").is_err());
/// ```
pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
    let malformed = || DecimalError::Malformed(text.chars().take(64).collect());
    let too_long = || DecimalError::TooLong(text.chars().take(64).collect());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        return Err(malformed());
    }
    match exponent {
        None => Decimal::from_str_exact(mantissa).map_err(|_| too_long()),
        Some(exponent) => {
            if !digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) {
                return Err(malformed());
            }
            Decimal::from_scientific(text).map_err(|_| too_long())
        }
    }
}

/// Plain digits: no exponent, no trailing zeros after the point, no negative zero.
///
/// ```
/// use paymux_core::decimal::{parse, plain};
/// assert_eq!(plain(parse("5.500").unwrap()), "5.5");
/// assert_eq!(plain(parse("100").unwrap()), "100");
/// assert_eq!(plain(parse("-0.00").unwrap()), "0");
/// ```
#[must_use]
pub fn plain(amount: Decimal) -> String {
    if amount.is_zero() {
        return "0".to_owned();
    }
    amount.normalize().to_string()
}

/// The text of a JSON token that is a string or a number.
fn token_text<E: serde::de::Error>(raw: &RawValue) -> Result<Option<String>, E> {
    let token = raw.get();
    match token.as_bytes().first() {
        Some(b'"') => serde_json::from_str(token).map(Some).map_err(E::custom),
        Some(b'-' | b'0'..=b'9') => Ok(Some(token.to_owned())),
        Some(b'n') => Ok(None),
        _ => Err(E::custom("an amount must be a JSON string or number")),
    }
}

/// `#[serde(with = "paymux_core::decimal::exact")]`: reads a JSON number or string exactly; writes a
/// string of plain digits.
pub mod exact {
    use super::{Decimal, Deserialize, Deserializer, RawValue, Serializer};

    /// Writes the amount as a string of plain digits.
    ///
    /// # Errors
    /// Only what the serializer itself fails with.
    pub fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::plain(*amount))
    }

    /// Reads a JSON number or string.
    ///
    /// # Errors
    /// When the token is neither, is malformed, or cannot be kept exactly.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = super::token_text::<D::Error>(&raw)?
            .ok_or_else(|| serde::de::Error::custom("an amount is null"))?;
        super::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Like [`exact`] for an `Option`: `null`, the empty string and (with `#[serde(default)]`) an absent
/// member are `None`.
pub mod exact_option {
    use super::{Decimal, Deserialize, Deserializer, RawValue, Serializer};

    /// Writes the amount as a string of plain digits, or null.
    ///
    /// # Errors
    /// Only what the serializer itself fails with.
    pub fn serialize<S: Serializer>(
        amount: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => serializer.serialize_str(&super::plain(*amount)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a JSON number, string or null.
    ///
    /// # Errors
    /// When the token is something else, is malformed, or cannot be kept exactly.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match super::token_text::<D::Error>(&raw)? {
            Some(text) if !text.is_empty() => super::parse(&text)
                .map(Some)
                .map_err(serde::de::Error::custom),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize;

    use super::*;

    #[derive(Deserialize, Serialize)]
    struct Holder {
        #[serde(with = "exact")]
        value: Decimal,
        #[serde(with = "exact_option", default)]
        maybe: Option<Decimal>,
    }

    fn read(token: &str) -> Result<Decimal, serde_json::Error> {
        serde_json::from_str::<Holder>(&format!("{{\"value\":{token}}}")).map(|holder| holder.value)
    }

    #[test]
    fn digits_are_kept() {
        for token in [
            "10.86",
            "10.860",
            "0.1",
            "18446744073709551616",
            "9007199254740993.0",
            "123456789012345678.123456789",
        ] {
            assert_eq!(read(token).unwrap().to_string(), token);
            assert_eq!(read(&format!("\"{token}\"")).unwrap().to_string(), token);
        }
        assert_eq!(read("1e-7").unwrap().to_string(), "0.0000001");
        assert_eq!(read("\"\\u0031.5\"").unwrap().to_string(), "1.5");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for token in [
            "null",
            "true",
            "[1]",
            "{}",
            "\"\"",
            "\"1_0\"",
            "\"+1\"",
            "\" 1\"",
            "\"1.\"",
            "\".5\"",
            "\"1,5\"",
            "\"NaN\"",
            "\"0x10\"",
            "\"1e\"",
            "\"1.2.3\"",
            "\"--1\"",
            "0.12345678901234567890123456789",
            "1e40",
            "1e-40",
            "99999999999999999999999999999999",
        ] {
            assert!(read(token).is_err(), "{token} was taken");
        }
    }

    #[test]
    fn options_take_null_empty_and_absent() {
        for json in [
            r#"{"value":1}"#,
            r#"{"value":1,"maybe":null}"#,
            r#"{"value":1,"maybe":""}"#,
        ] {
            let holder: Holder = serde_json::from_str(json).unwrap();
            assert_eq!(holder.maybe, None, "{json}");
        }
        let holder: Holder = serde_json::from_str(r#"{"value":1,"maybe":"0.50"}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&holder).unwrap(),
            r#"{"value":"1","maybe":"0.5"}"#
        );
    }

    proptest! {
        #[test]
        fn every_decimal_survives(mantissa in -(1i128 << 95)..(1i128 << 95), scale in 0u32..=28) {
            let amount = Decimal::from_i128_with_scale(mantissa, scale);
            let text = amount.to_string();
            prop_assert_eq!(parse(&text).unwrap(), amount);
            prop_assert_eq!(parse(&text).unwrap().to_string(), text);
            prop_assert_eq!(parse(&plain(amount)).unwrap(), amount);
        }

        #[test]
        fn no_text_panics_and_what_is_taken_is_not_changed(text in "\\PC{0,40}") {
            if let Ok(amount) = parse(&text)
                && !text.contains(['e', 'E'])
            {
                let canonical = text.trim_start_matches('-').trim_start_matches('0');
                let back = amount.abs().to_string();
                prop_assert_eq!(back.trim_start_matches('0'), canonical);
            }
        }

        #[test]
        fn number_like_text_is_taken_exactly_or_refused(text in "-?[0-9]{1,35}(\\.[0-9]{1,35})?") {
            if let Ok(amount) = parse(&text) {
                let digits = |text: &str| text.trim_start_matches(['-', '0']).to_owned();
                prop_assert_eq!(digits(&amount.to_string()), digits(&text));
            }
        }
    }
}
