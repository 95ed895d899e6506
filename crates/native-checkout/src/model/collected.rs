//! What was collected, as answers and webhooks tell it.

use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The empty string is nothing, null is not told. An order's answer shows `""` at its creation and
/// `"0"` later.
pub(super) fn collected<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    if raw.get() == "\"\"" {
        return Ok(Some(Decimal::ZERO));
    }
    decimal::exact_option::deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
        .map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_not_told_are_not_the_same() {
        for (json, expected) in [
            (r#""""#, Some(Some("0"))),
            (r#""0""#, Some(Some("0"))),
            (r#""1.50""#, Some(Some("1.50"))),
            ("1.50", Some(Some("1.50"))),
            ("null", Some(None)),
            (r#""1,5""#, None),
            ("{}", None),
        ] {
            let found = collected(&mut serde_json::Deserializer::from_str(json)).ok();
            let found = found.map(|amount| amount.map(|amount| amount.to_string()));
            let expected = expected.map(|text| text.map(str::to_owned));
            assert_eq!(found, expected, "{json}");
        }
    }
}
