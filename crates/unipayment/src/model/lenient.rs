//! Reading members that the documents are loose about. A text, a number and a boolean with the same
//! characters read the same, since the MD5 signature does not tell them apart.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What [`required`] says of a text that is there and empty.
pub(super) const EMPTY: &str = "a member that must not be empty is empty";

/// A text, or a number or boolean as it stands; the empty string and everything else are `None`.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(text_of(&raw))
}

fn text_of(raw: &RawValue) -> Option<String> {
    let token = raw.get();
    let text = match token.as_bytes().first() {
        Some(b'-' | b'0'..=b'9' | b't' | b'f') => token.to_owned(),
        _ => serde_json::from_str::<String>(token).unwrap_or_default(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// A text without which an answer is of no use, such as an id: it must not be empty.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer)?
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| serde::de::Error::custom(EMPTY))
}

/// A word of an open set, or the number that stands for it.
pub(super) fn word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(text(deserializer)?.map(T::from))
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

/// A list; null and what is no such list are the empty one.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// An object or array as JSON text, exactly as it stands; `None` for everything else.
pub(super) fn json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let nested = raw.get().starts_with(['{', '[']);
    Ok(nested.then(|| raw.get().to_owned()))
}
