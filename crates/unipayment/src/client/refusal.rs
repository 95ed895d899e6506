//! The gateway's no.

use chrono::TimeDelta;
use paymux_core::{Error, ErrorKind, Outcome};
use paymux_http::kind_of_status;
use secrecy::{ExposeSecret, SecretString};

use crate::error::ErrorCodes;

/// The longest message of the gateway's that is repeated, in characters.
const LONGEST_MESSAGE: usize = 300;

/// How far the gateway lets the time of a signature be off, in seconds. It is not documented.
const TOLERANCE_SECONDS: i64 = 300;

/// A code other than `OK`, or an HTTP status of 4xx.
pub(super) struct Refusal<'a> {
    pub(super) code: Option<&'a str>,
    pub(super) status: u16,
    pub(super) msg: &'a str,
    /// For calls whose signature holds the time.
    pub(super) clock_ahead_by: Option<TimeDelta>,
}

impl Refusal<'_> {
    /// A code that no table maps is judged by the HTTP status where that says no too. Where that may be
    /// a no to the signature, and the clocks are too far apart for one to be accepted, it is taken so.
    pub(super) fn into_error(self, codes: &ErrorCodes, secrets: &[&SecretString]) -> Error {
        let skew = self
            .clock_ahead_by
            .filter(|ahead| ahead.num_seconds().abs() > TOLERANCE_SECONDS);
        let mapped = self.code.and_then(|code| codes.kind(code));
        let by_status = match self.status {
            400..=499 => kind_of_status(self.status),
            _ => ErrorKind::Refused,
        };
        let kind = match (mapped, skew, by_status) {
            (Some(kind), _, _) => kind,
            (
                None,
                Some(_),
                ErrorKind::Refused | ErrorKind::InvalidRequest | ErrorKind::Permission,
            ) => ErrorKind::Authentication,
            (None, _, by_status) => by_status,
        };
        let mut error = Error::new(kind, Outcome::Rejected, self.message(secrets));
        if let Some(code) = self.code {
            error = error.with_code(tamed(code, secrets));
        }
        if let Some(ahead) = skew {
            error = error.with_hint(clock_hint(ahead));
        }
        error
    }

    fn message(&self, secrets: &[&SecretString]) -> String {
        let msg = tamed(self.msg, secrets);
        match (msg.is_empty(), self.code) {
            (false, _) => format!("the gateway refused: {msg}"),
            (true, Some(_)) => "the gateway refused without a message".to_owned(),
            (true, None) => format!("the gateway refused with HTTP {}", self.status),
        }
    }
}

fn clock_hint(ahead: TimeDelta) -> String {
    let seconds = ahead.num_seconds();
    let which = if seconds > 0 { "ahead of" } else { "behind" };
    format!(
        "this machine's clock is {} s {which} the gateway's, and signatures hold the time: set the clock",
        seconds.abs()
    )
}

/// A text of the gateway's on one line, cut, and without the secrets that it may repeat.
pub(super) fn tamed(text: &str, secrets: &[&SecretString]) -> String {
    // Redacted before it is cut: half a secret is one too.
    let redacted = secrets.iter().fold(text.to_owned(), |text, secret| {
        match secret.expose_secret() {
            "" => text,
            secret => text.replace(secret, "[REDACTED]"),
        }
    });
    let line: String = redacted
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_MESSAGE)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: Option<&str>, status: u16, msg: &str, ahead: Option<i64>) -> Error {
        let codes = ErrorCodes::new().with_code("GONE", ErrorKind::NotFound);
        let refusal = Refusal {
            code,
            status,
            msg,
            clock_ahead_by: ahead.map(TimeDelta::seconds),
        };
        refusal.into_error(&codes, &[&"canary".into()])
    }

    #[test]
    fn kinds_come_from_the_code_then_the_status() {
        for (code, status, kind) in [
            (Some("GONE"), 200, ErrorKind::NotFound),
            (Some("GONE"), 401, ErrorKind::NotFound),
            (Some("OTHER"), 200, ErrorKind::Refused),
            (Some("OTHER"), 403, ErrorKind::Permission),
            (None, 404, ErrorKind::NotFound),
        ] {
            let error = refused(code, status, "no", None);
            assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Rejected));
            assert_eq!(error.code(), code);
        }
    }

    #[test]
    fn a_wrong_clock_is_told_by_how_much() {
        let error = refused(Some("OTHER"), 200, "no", Some(-301));
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.hint().unwrap().contains("301 s behind"));
        assert_eq!(refused(Some("OTHER"), 200, "no", Some(300)).hint(), None);
        let elsewhere = refused(Some("OTHER"), 404, "no", Some(9999));
        assert_eq!(elsewhere.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn what_the_gateway_says_is_tamed() {
        let long = format!("key canary\n{}", "x".repeat(9999));
        let error = refused(Some("canary"), 200, &long, None);
        assert!(!error.to_string().contains("canary"));
        assert!(!error.to_string().contains('\n'));
        assert!(error.to_string().len() < 400);
        assert!(refused(None, 418, "", None).message().contains("HTTP 418"));
    }
}
