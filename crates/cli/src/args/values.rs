//! Values that need more than a plain parse.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

/// Reads a time span such as `30m`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.trim_end_matches(|c: char| !c.is_ascii_digit()).len());
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "" if digits => {
            return Err(format!(
                "it has no unit; write {text}s, {text}m, {text}h or {text}d"
            ));
        }
        _ => return Err("write a whole number and one of s, m, h, d, such as 30m".to_owned()),
    };
    if !digits {
        return Err("write a whole number and one of s, m, h, d, such as 30m".to_owned());
    }
    match number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds))
    {
        Some(0) => Err("it is no time at all; the least is 1s".to_owned()),
        Some(seconds) if seconds <= 366 * 24 * 60 * 60 => Ok(Duration::from_secs(seconds)),
        _ => Err("it is too long; the most is 366d".to_owned()),
    }
}

/// Reads an RFC 3339 time in any zone.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| "write an RFC 3339 time, such as 2026-03-17T09:36:36Z".to_owned())
}

/// Reads a day.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| "write a day as year, month and day, such as 2026-03-17".to_owned())
}

/// Reads path and query; of a whole URL only they are kept.
pub(super) fn path_and_query(text: &str) -> Result<String, String> {
    let rest = match text.split_once("://") {
        Some(("http" | "https", rest)) => rest
            .find(['/', '?'])
            .map_or("/", |start| rest.split_at(start).1),
        _ => text,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Err("it holds space or control characters; write it as in the request line".to_owned())
    } else if rest.starts_with('/') {
        Ok(rest.to_owned())
    } else if rest.starts_with('?') {
        Ok(format!("/{rest}"))
    } else {
        Err("write a path such as /webhooks/halo?paymux_ref=ref-1".to_owned())
    }
}

/// A header of a captured request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "write a name, a colon and the value, such as \"X-Sign: ab12\"".to_owned();
        let (name, value) = text.split_once(':').ok_or_else(form)?;
        let is_token = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_token {
            return Err(form());
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.trim_matches([' ', '\t', '\r', '\n']).to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_unit() {
        assert_eq!(time("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(time("30m").unwrap(), Duration::from_secs(1800));
        assert_eq!(time("2h").unwrap(), Duration::from_secs(7200));
        assert_eq!(time("366d").unwrap(), Duration::from_secs(366 * 86_400));
        assert_eq!(
            time("30").unwrap_err(),
            "it has no unit; write 30s, 30m, 30h or 30d"
        );
        for bad in [
            "",
            "m",
            "-5m",
            "1.5h",
            "5 m",
            "5M",
            "0s",
            "367d",
            "99999999999999999999s",
            "ü",
        ] {
            assert!(time(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn of_a_url_path_and_query_are_kept() {
        for (text, kept) in [
            ("/hook?a=b", "/hook?a=b"),
            ("?a=b", "/?a=b"),
            ("https://shop.example/hook?a=b#top", "/hook?a=b"),
            ("http://shop.example:8080", "/"),
            ("http://shop.example?a=b/c", "/?a=b/c"),
        ] {
            assert_eq!(path_and_query(text).unwrap(), kept);
        }
        assert!(path_and_query("hook").is_err());
        assert!(path_and_query("/a b").is_err());
    }

    #[test]
    fn headers_have_a_name_and_a_value() {
        let header: Header = "x-sign:  ab:12 ".parse().unwrap();
        assert_eq!(
            (header.name.as_str(), header.value.as_str()),
            ("x-sign", "ab:12")
        );
        for bad in ["x-sign", ": v", "x sign: v", "ü: v"] {
            assert!(bad.parse::<Header>().is_err(), "{bad:?}");
        }
    }
}
