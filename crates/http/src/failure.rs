//! What a failed attempt means: its kind, and whether the gateway may have acted all the same.

use std::time::Duration;

use paymux_core::{Error, ErrorKind, Outcome};

use crate::request::Effect;

/// An attempt without an answer that an adapter could read.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection was made: DNS, connecting, a proxy's tunnel or the TLS handshake failed.
    NotConnected(reqwest::Error),
    /// The request could not even be put together.
    Unsendable(reqwest::Error),
    /// No answer came in time, after a connection was there.
    TimedOut(reqwest::Error),
    /// The connection broke before the answer was complete.
    Cut(reqwest::Error),
    /// The answer is longer than this many bytes.
    TooLong(usize),
    /// The gateway sends elsewhere, which nobody follows: signed requests go where they were meant to.
    Redirected(u16),
    /// The gateway, or what stands before it, is out of order.
    ServerError {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// Too many requests.
    RateLimited { retry_after: Option<Duration> },
}

impl Failure {
    pub(crate) fn of_sending(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            Self::NotConnected(error)
        } else if error.is_builder() {
            Self::Unsendable(error)
        } else if error.is_timeout() {
            Self::TimedOut(error)
        } else {
            Self::Cut(error)
        }
    }

    pub(crate) fn of_reading(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() {
            Self::TimedOut(error)
        } else {
            Self::Cut(error)
        }
    }

    /// Whether a call that changes nothing may do better when it is made again.
    pub(crate) const fn is_transient(&self) -> bool {
        !matches!(
            self,
            Self::Unsendable(_) | Self::TooLong(_) | Self::Redirected(_)
        )
    }

    pub(crate) const fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected(status) | Self::ServerError { status, .. } => Some(*status),
            Self::RateLimited { .. } => Some(429),
            _ => None,
        }
    }

    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ServerError { retry_after, .. } | Self::RateLimited { retry_after } => {
                *retry_after
            }
            _ => None,
        }
    }

    pub(crate) const fn kind_name(&self) -> &'static str {
        self.kind().as_str()
    }

    const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotConnected(_) | Self::Cut(_) | Self::ServerError { .. } => {
                ErrorKind::Unavailable
            }
            Self::Unsendable(_) => ErrorKind::InvalidRequest,
            Self::TimedOut(_) => ErrorKind::Timeout,
            Self::TooLong(_) | Self::Redirected(_) => ErrorKind::InvalidResponse,
            Self::RateLimited { .. } => ErrorKind::RateLimited,
        }
    }

    const fn outcome(&self, effect: Effect) -> Outcome {
        match self {
            Self::NotConnected(_) | Self::Unsendable(_) => Outcome::NotSent,
            Self::RateLimited { .. } => Outcome::Rejected,
            Self::TimedOut(_)
            | Self::Cut(_)
            | Self::TooLong(_)
            | Self::Redirected(_)
            | Self::ServerError { .. } => effect.unanswered(),
        }
    }

    fn message(&self, host: &str) -> String {
        match self {
            Self::NotConnected(_) => format!("could not connect to {host}"),
            Self::Unsendable(_) => "the request cannot be written as HTTP".to_owned(),
            Self::TimedOut(_) => format!("{host} did not answer in time"),
            Self::Cut(_) => format!("{host} cut the connection before its answer was complete"),
            Self::TooLong(cap) => format!("the answer is longer than {cap} bytes"),
            Self::Redirected(status) => format!(
                "{host} answered with a redirect (HTTP {status}), which is not followed; check the base URL"
            ),
            Self::ServerError { status, .. } => format!("{host} is out of order (HTTP {status})"),
            Self::RateLimited { .. } => format!("{host} was asked too often (HTTP 429)"),
        }
    }

    pub(crate) fn into_error(self, effect: Effect, host: &str) -> Error {
        let mut error = Error::new(self.kind(), self.outcome(effect), self.message(host));
        if let Some(wait) = self.retry_after() {
            error = error.with_retry_after(wait);
        }
        match self {
            Self::NotConnected(source)
            | Self::Unsendable(source)
            | Self::TimedOut(source)
            | Self::Cut(source) => error.with_source(source),
            _ => error,
        }
    }
}
