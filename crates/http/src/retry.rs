//! How long to wait before a call that changes nothing is made again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::RngExt;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::answer::http_date;
use crate::config::RetryConfig;

/// How long the gateway asks to wait: seconds, or a date that lies ahead.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let wait = http_date(text)? - now;
    Some(wait.to_std().unwrap_or(Duration::ZERO))
}

/// The wait before the attempt after this one (counted from 1); `None` when it is not to be made.
pub(crate) fn wait(
    config: &RetryConfig,
    attempt: u32,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    if attempt >= config.attempts {
        return None;
    }
    match retry_after {
        Some(asked) if asked > config.longest_retry_after => None,
        Some(asked) => Some(asked),
        None => Some(rand::rng().random_range(Duration::ZERO..=longest(config, attempt))),
    }
}

fn longest(config: &RetryConfig, attempt: u32) -> Duration {
    let doubled = 2u32.saturating_pow(attempt.saturating_sub(1));
    config.base.saturating_mul(doubled).min(config.cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers, "1994-11-06T08:49:07Z".parse().unwrap())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-3", "99999999999999999999999"] {
            assert_eq!(asked(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let config = RetryConfig::default().with_attempts(u32::MAX);
        let seconds: Vec<u128> = (1..=7).map(|n| longest(&config, n).as_millis()).collect();
        assert_eq!(seconds, [200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(longest(&config, u32::MAX), config.cap);
        for attempt in 1..50 {
            assert!(wait(&config, attempt, None).unwrap() <= longest(&config, attempt));
        }
    }

    #[test]
    fn a_long_wait_and_the_last_attempt_end_it() {
        let config = RetryConfig::default();
        assert_eq!(wait(&config, 3, None), None);
        assert_eq!(wait(&config, 1, Some(Duration::from_secs(31))), None);
        assert_eq!(
            wait(&config, 1, Some(Duration::from_secs(30))),
            Some(Duration::from_secs(30))
        );
        assert_eq!(wait(&RetryConfig::never(), 1, None), None);
    }
}
