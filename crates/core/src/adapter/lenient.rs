//! Reading members that a gateway's documents are loose about, as `deserialize_with` of serde.
//!
//! What carries no money may be missing, null or of another type. Amounts are never among what is let
//! pass: read them with [`decimal`](crate::decimal), and lists that hold them with [`list`].
//!
//! ```
//! use paymux_core::adapter::lenient;
//!
//! #[derive(serde::Deserialize)]
//! struct Token {
//!     #[serde(deserialize_with = "lenient::required")]
//!     id: String,
//!     #[serde(default, deserialize_with = "lenient::text")]
//!     name: Option<String>,
//!     #[serde(default, deserialize_with = "lenient::maybe")]
//!     decimals: Option<u32>,
//! }
//!
//! let token: Token = serde_json::from_str(r#"{"id":75,"name":null,"decimals":"6"}"#)?;
//! assert_eq!((token.id.as_str(), token.name, token.decimals), ("75", None, Some(6)));
//! # Ok::<(), serde_json::Error>(())
//! ```

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What [`required`] says of a text that is there and empty.
pub(super) const EMPTY: &str = "a member that must not be empty is empty";

/// A text, or a number or boolean as it stands; the empty string and everything else are `None`.
///
/// # Errors
/// Only those of JSON itself.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(as_it_stands(&raw).filter(|text| !text.is_empty()))
}

/// As [`text`], with the empty string for `None`.
///
/// # Errors
/// As [`text`].
pub fn text_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer).map(Option::unwrap_or_default)
}

/// A text without which an answer is of no use, such as an id; or a number or boolean as it stands.
///
/// # Errors
/// When it is empty, or is null, an object or an array.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    not_empty(as_it_stands(&raw).ok_or_else(|| D::Error::custom("a member must be a text"))?)
}

/// As [`required`], of a member that is documented as a string and must be one.
///
/// # Errors
/// When it is empty or no string.
pub fn required_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    not_empty(String::deserialize(deserializer)?)
}

/// A word of an open set, or the number that stands for it; see [`words!`](macro@super::words). The empty
/// string and everything that is no text are `None`.
///
/// # Errors
/// As [`text`].
pub fn word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(text(deserializer)?.map(T::from))
}

/// A word of an open set that has to be there, such as the status of a payout.
///
/// # Errors
/// As [`required`].
pub fn required_word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    required(deserializer).map(T::from)
}

/// Anything that can be read as `T`, also from within a string; `None` for everything else. Never for
/// an amount.
///
/// # Errors
/// Only those of JSON itself.
pub fn maybe<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
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

/// A list that may carry money, such as an invoice's transactions. Null is the empty one; an element
/// that cannot be read makes the whole answer unreadable, since an amount must not vanish unnoticed.
///
/// # Errors
/// When it is no list, or one of its elements cannot be read.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An object or array as JSON text, exactly as it stands; `None` for everything else.
///
/// # Errors
/// Only those of JSON itself.
pub fn json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let nested = raw.get().starts_with(['{', '[']);
    Ok(nested.then(|| raw.get().to_owned()))
}

fn as_it_stands(raw: &RawValue) -> Option<String> {
    let token = raw.get();
    match token.as_bytes().first() {
        Some(b'-' | b'0'..=b'9' | b't' | b'f') => Some(token.to_owned()),
        _ => serde_json::from_str(token).ok(),
    }
}

fn not_empty<E: Error>(text: String) -> Result<String, E> {
    if text.trim().is_empty() {
        return Err(E::custom(EMPTY));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    /// What one of the readers makes of a JSON token.
    fn read<'a, T>(
        reader: fn(
            &mut serde_json::Deserializer<serde_json::de::StrRead<'a>>,
        ) -> Result<T, serde_json::Error>,
        token: &'a str,
    ) -> Result<T, serde_json::Error> {
        reader(&mut serde_json::Deserializer::from_str(token))
    }

    #[test]
    fn texts_are_taken_as_they_stand() {
        for (token, expected) in [
            (r#""T1""#, Some("T1")),
            (r#""\u0054 1""#, Some("T 1")),
            ("10.860", Some("10.860")),
            ("-1e2", Some("-1e2")),
            ("true", Some("true")),
            ("false", Some("false")),
            (r#""""#, None),
            ("null", None),
            (r#"{"a":1}"#, None),
            ("[1]", None),
        ] {
            let found = read(|from| text(from), token).unwrap();
            assert_eq!(found.as_deref(), expected, "{token}");
            let found = read(|from| text_or_empty(from), token).unwrap();
            assert_eq!(found, expected.unwrap_or_default(), "{token}");
        }
    }

    #[test]
    fn what_is_required_must_be_there() {
        for (token, is_text, is_string) in [
            (r#""T1""#, true, true),
            ("17", true, false),
            ("true", true, false),
            (r#""""#, false, false),
            (r#"" ""#, false, false),
            ("null", false, false),
            ("{}", false, false),
            ("[]", false, false),
        ] {
            assert_eq!(
                read(|from| required(from), token).is_ok(),
                is_text,
                "{token}"
            );
            let string = read(|from| required_string(from), token);
            assert_eq!(string.is_ok(), is_string, "{token}");
            let word = read(|from| required_word::<_, String>(from), token);
            assert_eq!(word.is_ok(), is_text, "{token}");
        }
        let why = read(|from| required(from), r#""""#).unwrap_err();
        assert!(why.to_string().starts_with(EMPTY), "{why}");
        let why = read(|from| required(from), "null").unwrap_err();
        assert!(!why.to_string().starts_with(EMPTY), "{why}");
    }

    #[test]
    fn numbers_may_stand_in_strings() {
        for (token, expected) in [
            ("6", Some(6)),
            (r#""6""#, Some(6)),
            (r#""""#, None),
            (r#""six""#, None),
            ("-6", None),
            ("6.5", None),
            ("null", None),
            ("{}", None),
        ] {
            assert_eq!(
                read(|from| maybe::<_, u32>(from), token).unwrap(),
                expected,
                "{token}"
            );
        }
    }

    #[test]
    fn a_list_has_all_its_elements_or_none() {
        #[derive(Deserialize)]
        struct Sent {
            #[serde(default, with = "crate::decimal::exact_option")]
            amount: Option<Decimal>,
        }
        for (token, amounts) in [
            ("[]", Some(vec![])),
            ("null", Some(vec![])),
            (
                r#"[{"amount":"1.5"},{"amount":null},{}]"#,
                Some(vec![Some("1.5"), None, None]),
            ),
            (r#"[{"amount":"1.5"},{"amount":"1,5"}]"#, None),
            (r#"[{"amount":"1.5"},{"amount":{}}]"#, None),
            (r#"[{"amount":"1.5"},null]"#, None),
            ("{}", None),
            (r#""""#, None),
            ("0", None),
        ] {
            let found = read(|from| list::<_, Sent>(from), token);
            let found = found.ok().map(|list| {
                let amounts = list.into_iter().map(|sent| sent.amount);
                amounts.collect::<Vec<_>>()
            });
            let amounts = amounts.map(|amounts| {
                let amounts = amounts.into_iter();
                amounts
                    .map(|text| text.map(|text| text.parse().unwrap()))
                    .collect()
            });
            assert_eq!(found, amounts, "{token}");
        }
    }

    #[test]
    fn nested_json_is_kept_byte_for_byte() {
        for (token, expected) in [
            (r#"{"a" : 1.50}"#, Some(r#"{"a" : 1.50}"#)),
            ("[ ]", Some("[ ]")),
            (r#""{}""#, None),
            ("null", None),
        ] {
            let found = read(|from| json(from), token).unwrap();
            assert_eq!(found.as_deref(), expected, "{token}");
        }
    }
}
