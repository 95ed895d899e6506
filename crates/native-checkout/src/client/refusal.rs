//! The gateway's no.

use chrono::TimeDelta;
use paymux_core::{Error, ErrorKind, Outcome};
use paymux_http::kind_of_status;
use secrecy::{ExposeSecret, SecretString};

use crate::error::ErrorCodes;
use crate::sign::WINDOW_SECONDS;

/// The longest message of the gateway's that is repeated, in characters.
const LONGEST_MESSAGE: usize = 300;

/// A code other than 0, or an HTTP status of 4xx.
pub(super) struct Refusal<'a> {
    pub(super) code: Option<i64>,
    pub(super) status: u16,
    pub(super) msg: &'a str,
    pub(super) clock_ahead_by: Option<TimeDelta>,
}

impl Refusal<'_> {
    /// A code that no table maps is judged by the HTTP status where that says no too. Where neither
    /// is known and the clocks are too far apart for any signature to be accepted, that is the cause.
    pub(super) fn into_error(self, codes: &ErrorCodes, redacted: impl Fn(&str) -> String) -> Error {
        let skew = self
            .clock_ahead_by
            .filter(|ahead| ahead.num_seconds().abs() > WINDOW_SECONDS);
        let mapped = self.code.and_then(|code| codes.kind(code));
        let by_status = match self.status {
            400..=499 => kind_of_status(self.status),
            _ => ErrorKind::Refused,
        };
        let kind = match (mapped, skew) {
            (Some(kind), _) => kind,
            (None, Some(_)) => ErrorKind::Authentication,
            (None, None) => by_status,
        };
        let mut error = Error::new(kind, Outcome::Rejected, self.message(redacted));
        if let Some(code) = self.code {
            error = error.with_code(code.to_string());
        }
        if let Some(ahead) = skew {
            error = error.with_hint(clock_hint(ahead));
        }
        error
    }

    fn message(&self, redacted: impl Fn(&str) -> String) -> String {
        // Redacted before it is cut: half a secret is one too.
        let msg: String = redacted(self.msg)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(LONGEST_MESSAGE)
            .collect();
        let msg = msg.trim();
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
        "this machine's clock is {} s {which} the gateway's, and signatures are valid for {WINDOW_SECONDS} s: set the clock",
        seconds.abs()
    )
}

/// A text of the gateway's without the secrets that it may repeat.
pub(super) fn redacted<'a>(text: &str, secrets: impl Iterator<Item = &'a SecretString>) -> String {
    secrets.fold(text.to_owned(), |text, secret| {
        match secret.expose_secret() {
            "" => text,
            secret => text.replace(secret, "[REDACTED]"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: Option<i64>, status: u16, msg: &str, ahead: Option<i64>) -> Error {
        let codes = ErrorCodes::new().with_code(7, ErrorKind::NotFound);
        let refusal = Refusal {
            code,
            status,
            msg,
            clock_ahead_by: ahead.map(TimeDelta::seconds),
        };
        let secret: SecretString = "canary".into();
        refusal.into_error(&codes, |text| redacted(text, [&secret].into_iter()))
    }

    #[test]
    fn kinds_come_from_the_code_then_the_status() {
        for (code, status, kind) in [
            (Some(7), 200, ErrorKind::NotFound),
            (Some(7), 401, ErrorKind::NotFound),
            (Some(8), 200, ErrorKind::Refused),
            (Some(8), 403, ErrorKind::Permission),
            (None, 404, ErrorKind::NotFound),
        ] {
            let error = refused(code, status, "no", None);
            assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Rejected));
        }
    }

    #[test]
    fn a_wrong_clock_is_told_by_how_much() {
        let error = refused(Some(8), 200, "no", Some(-300));
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.hint().unwrap().contains("300 s behind"));
        let mapped = refused(Some(7), 200, "no", Some(121));
        assert_eq!(mapped.kind(), ErrorKind::NotFound);
        assert!(mapped.hint().unwrap().contains("121 s ahead of"));
        assert_eq!(refused(Some(8), 200, "no", Some(120)).hint(), None);
    }

    #[test]
    fn what_the_gateway_says_is_tamed() {
        let error = refused(
            Some(8),
            200,
            &format!("key canary\n{}", "x".repeat(9999)),
            None,
        );
        assert!(!error.to_string().contains("canary"));
        assert!(!error.to_string().contains('\n'));
        assert!(error.to_string().len() < 400);
        assert!(refused(None, 418, "", None).message().contains("HTTP 418"));
    }
}
