//! Times as the gateway writes them: with `Z` or without a zone, with up to seven fraction digits.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use paymux_core::adapter::lenient;
use serde::Deserializer;

/// A time, UTC where no zone is told. The year 1 stands for a time that is not set; what is no time
/// is not known.
pub(super) fn utc<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(lenient::text(deserializer)?.and_then(|text| parse(&text)))
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    let time = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.with_timezone(&Utc),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .ok()?
            .and_utc(),
    };
    Some(time).filter(|time| time.year() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_as_utc() {
        for (text, expected) in [
            ("2022-02-28T06:03:48", Some("2022-02-28T06:03:48Z")),
            (
                "2022-09-14T04:57:54.5599307Z",
                Some("2022-09-14T04:57:54.559930700Z"),
            ),
            (
                "2022-09-14T05:02:54.559933",
                Some("2022-09-14T05:02:54.559933Z"),
            ),
            (
                "2025-05-02T04:13:17.1+02:00",
                Some("2025-05-02T02:13:17.1Z"),
            ),
            ("0001-01-01T00:00:00", None),
            ("0001-01-01T00:00:00Z", None),
            ("0001-01-01T08:00:00+08:00", None),
            ("2022-02-30T00:00:00", None),
            ("2022-02-28 06:03:48", None),
            ("2022-02-28", None),
            ("1646028228", None),
            ("", None),
        ] {
            let expected = expected.map(|time| time.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }
}
