//! Reading members that the documents are loose about. Amounts are never among what is let pass: one
//! that cannot be taken exactly is an error.

use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text; what is no text is the empty one.
pub(super) fn or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer).map(Option::unwrap_or_default)
}

/// A text, or a number in its own digits; the empty string and everything else are `None`.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let token = raw.get();
    let text = match token.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => token.to_owned(),
        _ => serde_json::from_str::<String>(token).unwrap_or_default(),
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// What [`required`] says of a text that is there and empty.
pub(super) const EMPTY: &str = "a member that must not be empty is empty";

/// A text without which an answer is of no use, such as an id: it must not be empty.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(serde::de::Error::custom(EMPTY));
    }
    Ok(text)
}

/// Anything that can be read as `T`, also from within a string; `None` for everything else.
pub(super) fn maybe<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let quoted = || serde_json::from_str::<String>(raw.get()).ok();
    Ok(serde_json::from_str(raw.get())
        .ok()
        .or_else(|| serde_json::from_str(&quoted()?).ok()))
}

/// What was collected: the empty string is nothing, null is not told. An order's answer shows `""`
/// at its creation and `"0"` later.
pub(super) fn collected<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    if raw.get() == "\"\"" {
        return Ok(Some(Decimal::ZERO));
    }
    serde_json::from_str::<Amount>(raw.get())
        .map(|amount| amount.0)
        .map_err(serde::de::Error::custom)
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Amount(#[serde(with = "decimal::exact_option")] Option<Decimal>);
