//! A gateway's no, as an error.

use std::time::Duration;

use chrono::TimeDelta;
use paymux_core::{Error, ErrorKind, Outcome};
use secrecy::{ExposeSecret, SecretString};

use crate::answer::Answer;
use crate::status::kind_of_status;

/// The longest text of a gateway's that is repeated, in characters.
const LONGEST_TEXT: usize = 300;

/// A gateway's no: a code in its answer that is not success, or an HTTP status of 4xx.
///
/// ```
/// use paymux_core::ErrorKind;
/// use paymux_http::Refusal;
///
/// let error = Refusal::with_status(200)
///     .with_code("1004", None)
///     .with_message("no such order, key s3cret")
///     .into_error(&[&"s3cret".into()]);
/// assert_eq!(error.kind(), ErrorKind::Refused);
/// assert_eq!(error.message(), "the gateway refused: no such order, key [REDACTED]");
/// ```
#[derive(Debug)]
pub struct Refusal<'a> {
    status: u16,
    code: Option<String>,
    mapped: Option<ErrorKind>,
    message: &'a str,
    skew: Option<Skew>,
}

/// How far the clocks are apart, where that is too far for any signature to be accepted.
#[derive(Debug)]
struct Skew {
    ahead_by: TimeDelta,
    window: Duration,
}

impl<'a> Refusal<'a> {
    /// The no in an answer.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        Self::with_status(answer.status())
    }

    /// The no of an answer with this HTTP status.
    #[must_use]
    pub const fn with_status(status: u16) -> Self {
        Self {
            status,
            code: None,
            mapped: None,
            message: "",
            skew: None,
        }
    }

    /// Adds the gateway's code, and what kind a table says it is of. A code that no table maps is
    /// judged by the HTTP status where that says no too, and is `Refused` otherwise.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>, mapped: Option<ErrorKind>) -> Self {
        self.code = Some(code.into());
        self.mapped = mapped;
        self
    }

    /// Adds what the gateway says.
    #[must_use]
    pub const fn with_message(mut self, message: &'a str) -> Self {
        self.message = message;
        self
    }

    /// Says that the call's signature held the time, how far this machine's clock is ahead of the
    /// gateway's, and how far it may be off. Where it is off by more, a no that may be one to the
    /// signature is taken so, and the error tells by how much.
    #[must_use]
    pub fn with_clock(mut self, ahead_by: Option<TimeDelta>, window: Duration) -> Self {
        self.skew = ahead_by
            .filter(|ahead_by| {
                let off_by = ahead_by.num_seconds().unsigned_abs();
                off_by > window.as_secs()
            })
            .map(|ahead_by| Skew { ahead_by, window });
        self
    }

    /// The error: outcome `Rejected`, and none of the `secrets` in any text.
    #[must_use]
    pub fn into_error(self, secrets: &[&SecretString]) -> Error {
        let by_status = match self.status {
            400..=499 => kind_of_status(self.status),
            _ => ErrorKind::Refused,
        };
        let may_be_signature = matches!(
            by_status,
            ErrorKind::Refused | ErrorKind::InvalidRequest | ErrorKind::Permission
        );
        let kind = match (self.mapped, &self.skew) {
            (Some(kind), _) => kind,
            (None, Some(_)) if may_be_signature => ErrorKind::Authentication,
            (None, _) => by_status,
        };
        let mut error = Error::new(kind, Outcome::Rejected, self.text(secrets));
        if let Some(code) = &self.code {
            error = error.with_code(tamed(code, secrets));
        }
        if let Some(skew) = self.skew {
            error = error.with_hint(skew.hint());
        }
        error
    }

    fn text(&self, secrets: &[&SecretString]) -> String {
        let message = tamed(self.message, secrets);
        match (message.is_empty(), &self.code) {
            (false, _) => format!("the gateway refused: {message}"),
            (true, Some(_)) => "the gateway refused without a message".to_owned(),
            (true, None) => format!("the gateway refused with HTTP {}", self.status),
        }
    }
}

impl Skew {
    fn hint(&self) -> String {
        let seconds = self.ahead_by.num_seconds();
        let which = if seconds > 0 { "ahead of" } else { "behind" };
        format!(
            "this machine's clock is {} s {which} the gateway's, and signatures are valid for {} s: set the clock",
            seconds.abs(),
            self.window.as_secs()
        )
    }
}

/// A text of a gateway's on one line, cut, and without the secrets that it may repeat.
///
/// ```
/// let tamed = paymux_http::tamed("bad key\nabc", &[&"abc".into()]);
/// assert_eq!(tamed, "bad key [REDACTED]");
/// ```
#[must_use]
pub fn tamed(text: &str, secrets: &[&SecretString]) -> String {
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
        .take(LONGEST_TEXT)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(120);

    fn refused(code: Option<&str>, status: u16, message: &str, ahead: Option<i64>) -> Error {
        let refusal = Refusal::with_status(status)
            .with_message(message)
            .with_clock(ahead.map(TimeDelta::seconds), WINDOW);
        let refusal = match code {
            Some(code) => refusal.with_code(code, (code == "7").then_some(ErrorKind::NotFound)),
            None => refusal,
        };
        refusal.into_error(&[&"canary".into(), &"".into()])
    }

    #[test]
    fn kinds_come_from_the_code_then_the_status() {
        for (code, status, kind) in [
            (Some("7"), 200, ErrorKind::NotFound),
            (Some("7"), 401, ErrorKind::NotFound),
            (Some("8"), 200, ErrorKind::Refused),
            (Some("8"), 403, ErrorKind::Permission),
            (None, 404, ErrorKind::NotFound),
        ] {
            let error = refused(code, status, "no", None);
            assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Rejected));
            assert_eq!(error.code(), code);
        }
    }

    #[test]
    fn a_wrong_clock_is_told_by_how_much() {
        for (status, ahead, kind, hint) in [
            (
                200,
                Some(-300),
                ErrorKind::Authentication,
                Some("300 s behind"),
            ),
            (
                403,
                Some(121),
                ErrorKind::Authentication,
                Some("121 s ahead of"),
            ),
            (
                400,
                Some(121),
                ErrorKind::Authentication,
                Some("valid for 120 s"),
            ),
            (404, Some(121), ErrorKind::NotFound, Some("set the clock")),
            (200, Some(120), ErrorKind::Refused, None),
            (200, Some(-120), ErrorKind::Refused, None),
            (200, None, ErrorKind::Refused, None),
        ] {
            let error = refused(Some("8"), status, "no", ahead);
            assert_eq!(error.kind(), kind, "{status} {ahead:?}");
            assert_eq!(error.hint().is_some(), hint.is_some(), "{status} {ahead:?}");
            assert!(
                error
                    .hint()
                    .unwrap_or_default()
                    .contains(hint.unwrap_or_default())
            );
        }
        let mapped = refused(Some("7"), 200, "no", Some(121));
        assert_eq!(mapped.kind(), ErrorKind::NotFound);
        assert!(mapped.hint().is_some());
    }

    #[test]
    fn what_the_gateway_says_is_tamed() {
        let long = format!("key canary\n{}", "x".repeat(9999));
        let error = refused(Some("canary"), 200, &long, None);
        assert!(!format!("{error:?}").contains("canary"));
        assert!(!error.to_string().contains('\n'));
        assert!(error.to_string().len() < 400);
        assert!(refused(None, 418, "", None).message().contains("HTTP 418"));
        assert!(
            refused(Some("8"), 200, "\n", None)
                .message()
                .contains("without a message")
        );
    }
}
