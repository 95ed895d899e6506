//! Reading JSON answers, with errors that name the member and show nothing of the content.

use serde::Deserialize;
use serde_json::error::Category;
use serde_path_to_error::Path;

use super::lenient;

/// Reads a JSON object. Serde alone would also take an array for a struct, member by member in the
/// order they are written down.
///
/// ```
/// use paymux_core::adapter::read_object;
/// use paymux_core::decimal;
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Payout {
///     id: String,
///     #[serde(with = "decimal::exact")]
///     amount: rust_decimal::Decimal,
/// }
///
/// let payout: Payout = read_object(br#"{"id":"P1","amount":16.550}"#)?;
/// assert_eq!(payout.amount.to_string(), "16.550");
///
/// let why = read_object::<Payout>(br#"{"id":"P1","amount":"canary"}"#).unwrap_err();
/// assert!(why.contains("`amount`") && !why.contains("canary"), "{why}");
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// Text that says which member is missing or wrong and holds nothing of the content.
pub fn read_object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    read(json, b'{', "object")
}

/// Reads a JSON array, every element of it.
///
/// # Errors
/// As [`read_object`].
pub fn read_list<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<Vec<T>, String> {
    read(json, b'[', "array")
}

fn read<'a, T: Deserialize<'a>>(json: &'a [u8], opens_with: u8, what: &str) -> Result<T, String> {
    // Checked once for all: serde would check every text on its own.
    let text = std::str::from_utf8(json).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|why| explain(why.inner(), Some(why.path())))?;
    deserializer.end().map_err(|why| explain(&why, None))?;
    match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(byte) if *byte == opens_with => Ok(value),
        _ => Err(format!("it is no JSON {what}")),
    }
}

/// Why JSON could not be read, without a word of its content: what serde says of a missing member
/// names only the adapter's own. [`read_object`] and [`read_list`] name the member as well.
#[must_use]
pub fn reading_error(why: &serde_json::Error) -> String {
    explain(why, None)
}

/// A path leads through members that the adapter knows, whatever else the content has: it is shown
/// only where the content is JSON.
fn explain(why: &serde_json::Error, path: Option<&Path>) -> String {
    let text = why.to_string();
    let place = format!("line {} column {}", why.line(), why.column());
    let member = path
        .filter(|path| path.iter().len() > 0)
        .map(|path| format!("`{path}`"));
    match why.classify() {
        Category::Data if text.starts_with("missing field") => {
            let missing = text.split(" at line").next().unwrap_or(&text);
            match member {
                Some(member) => format!("{missing} in {member}"),
                None => missing.to_owned(),
            }
        }
        Category::Data => {
            let place = match member {
                Some(member) => format!("{member}, {place}"),
                None => place,
            };
            if text.starts_with(lenient::EMPTY) {
                format!("{} ({place})", lenient::EMPTY)
            } else {
                format!("a member is repeated or has another type than documented ({place})")
            }
        }
        _ => format!("it is no complete JSON ({place})"),
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Held {
        #[serde(deserialize_with = "lenient::required")]
        asset: String,
        #[serde(with = "crate::decimal::exact")]
        amount: Decimal,
    }

    #[derive(Debug, Deserialize)]
    struct Wallet {
        #[serde(default, deserialize_with = "lenient::list")]
        held: Vec<Held>,
    }

    #[derive(Debug, Deserialize)]
    struct Envelope<'a> {
        code: i64,
        #[serde(borrow, default)]
        data: Option<&'a RawValue>,
    }

    #[test]
    fn objects_and_lists_are_not_taken_for_each_other() {
        let json = br#" {"asset":"TRX","amount":"1.50"} "#;
        let held: Held = read_object(json).unwrap();
        assert_eq!(
            (held.asset.as_str(), held.amount.to_string().as_str()),
            ("TRX", "1.50")
        );
        for json in [&br#"["TRX","1"]"#[..], b"null", b"7", b"", b"{", b"{}x"] {
            assert!(read_object::<Held>(json).is_err(), "{json:?}");
        }
        assert_eq!(
            read_object::<Held>(br#"["TRX","1"]"#).unwrap_err(),
            "it is no JSON object"
        );
        assert_eq!(read_list::<Held>(b"[]").unwrap().len(), 0);
        for json in [
            &br#"{"asset":"TRX","amount":"1"}"#[..],
            b"null",
            b"[",
            b"[]x",
        ] {
            assert!(read_list::<Held>(json).is_err(), "{json:?}");
        }
        assert_eq!(
            read_object::<Held>(b"{\"asset\":\"\xff\"}").unwrap_err(),
            "it is not UTF-8"
        );
    }

    #[test]
    fn content_can_be_borrowed() {
        let json = br#"{"code":0,"data": {"amount" : 1.50}}"#;
        let envelope: Envelope<'_> = read_object(json).unwrap();
        assert_eq!(envelope.code, 0);
        assert_eq!(envelope.data.unwrap().get(), r#"{"amount" : 1.50}"#);
    }

    #[test]
    fn lists_are_read_whole() {
        let json = br#"{"held":[{"asset":"A","amount":1},{"asset":"B","amount":"2"}]}"#;
        let wallet: Wallet = read_object(json).unwrap();
        assert_eq!(wallet.held.len(), 2);
        assert_eq!(read_object::<Wallet>(b"{}").unwrap().held.len(), 0);
    }

    #[test]
    fn the_member_is_named_and_its_content_is_not() {
        for (json, says) in [
            (
                r#"{"held":[{"asset":"A","amount":"1"},{"asset":"B"}]}"#,
                "missing field `amount` in `held[1]`",
            ),
            (
                r#"{"held":[{"asset":"A","amount":"1"},{"asset":"B","amount":"canary"}]}"#,
                "a member is repeated or has another type than documented (`held[1].amount`, line 1",
            ),
            (
                r#"{"held":[{"asset":"A","amount":0.12345678901234567890123456789}]}"#,
                "a member is repeated or has another type than documented (`held[0].amount`, line 1",
            ),
            (
                r#"{"held":[{"asset":" ","amount":1}]}"#,
                "a member that must not be empty is empty (`held[0].asset`, line 1",
            ),
            (
                r#"{"held":[],"held":[]}"#,
                "a member is repeated or has another type than documented (line 1",
            ),
            (
                r#"{"held":"canary"}"#,
                "a member is repeated or has another type than documented (`held`, line 1",
            ),
            (r#"{"canary":nul}"#, "it is no complete JSON (line 1"),
        ] {
            let why = read_object::<Wallet>(json.as_bytes()).unwrap_err();
            let (why, _column) = why.split_once(" column").unwrap_or((&why, ""));
            assert_eq!(why, says, "{json}");
        }
        let why = read_list::<Held>(br#"[{"asset":"A","amount":null}]"#).unwrap_err();
        assert!(why.contains("`[0].amount`"), "{why}");
    }

    #[test]
    fn an_error_of_serde_alone_is_told_without_its_content() {
        let why = serde_json::from_str::<Held>(r#"{"asset":"A","amount":"canary"}"#).unwrap_err();
        assert!(why.to_string().contains("canary"));
        assert_eq!(
            reading_error(&why),
            "a member is repeated or has another type than documented (line 1 column 31)"
        );
    }
}
