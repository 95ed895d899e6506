//! Times as people write them: `30s`, `800ms`, `5m`.

use std::time::Duration;

/// Reads a time; the error says what would be right.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("{text:?} is no time; write a number and ms, s, m or h, such as \"30s\"");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    let time = number.checked_mul(milliseconds).map(Duration::from_millis);
    time.filter(|time| !time.is_zero()).ok_or_else(|| {
        format!("{text:?} is no time to work with; it is more than 0 and not for ever")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_with_a_unit() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("800ms", 800),
            ("5m", 300_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "30",
            "s",
            "3 s",
            "-3s",
            "1.5s",
            "3d",
            "é",
            "99999999999999999999s",
        ] {
            assert!(
                parse(text).unwrap_err().contains("such as \"30s\""),
                "{text:?}"
            );
        }
        for text in ["0s", "18446744073709551615h"] {
            assert!(parse(text).unwrap_err().contains("more than 0"), "{text:?}");
        }
    }
}
