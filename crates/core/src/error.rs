//! One error for every gateway: what kind it is, and whether the call may have been carried out.

mod kind;
mod outcome;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::ids::{ProviderName, Reference};
pub use kind::ErrorKind;
pub use outcome::Outcome;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What every call of a provider fails with.
///
/// The two questions that matter are answered by [`Error::kind`] (what can I do?) and
/// [`Error::may_have_executed`] (did money move all the same?).
///
/// ```
/// use paymux_core::{Error, ErrorKind, Outcome};
///
/// let error = Error::new(ErrorKind::Timeout, Outcome::Unknown, "no answer within 30 s")
///     .with_operation("create_payout");
/// assert!(error.may_have_executed());
/// assert_eq!(error.to_string(), "create_payout: no answer within 30 s");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    outcome: Outcome,
    provider: Option<ProviderName>,
    operation: Option<Cow<'static, str>>,
    code: Option<String>,
    message: String,
    hint: Option<Cow<'static, str>>,
    id: Option<String>,
    reference: Option<Reference>,
    retry_after: Option<Duration>,
    source: Option<Source>,
}

impl Error {
    /// An error of this kind and outcome. The message says what was wrong and what would be right;
    /// it holds no secret.
    #[must_use]
    pub fn new(kind: ErrorKind, outcome: Outcome, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            outcome,
            provider: None,
            operation: None,
            code: None,
            message: message.into(),
            hint: None,
            id: None,
            reference: None,
            retry_after: None,
            source: None,
        }))
    }

    /// Bad input that was found before anything was sent.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, Outcome::NotSent, message)
    }

    /// A term or an operation that this provider cannot honour; nothing was sent.
    #[must_use]
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, Outcome::NotSent, message)
    }

    /// A provider that is not set up properly; nothing was sent.
    #[must_use]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, Outcome::NotSent, message)
    }

    /// A webhook or an answer whose proof is missing or wrong.
    #[must_use]
    pub fn invalid_signature(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidSignature, Outcome::NotSent, message)
    }

    /// An answer that cannot be understood, from a call with this outcome.
    #[must_use]
    pub fn invalid_response(outcome: Outcome, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidResponse, outcome, message)
    }

    /// An answer that is not what was asked for, from a call with this outcome. `what` is the member.
    ///
    /// ```
    /// use paymux_core::{Error, Outcome};
    ///
    /// let error = Error::mismatch(Outcome::Unknown, "amount", "10", "1");
    /// assert_eq!(error.message(), "the gateway's amount is 1; 10 was asked for");
    /// ```
    #[must_use]
    pub fn mismatch(
        outcome: Outcome,
        what: &str,
        asked: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Self {
        Self::new(
            ErrorKind::Mismatch,
            outcome,
            format!("the gateway's {what} is {got}; {asked} was asked for"),
        )
    }

    /// Names the provider instance that failed, unless one is named already.
    #[must_use]
    pub fn with_provider(mut self, provider: ProviderName) -> Self {
        self.0.provider.get_or_insert(provider);
        self
    }

    /// Names the operation that failed (`create_invoice`), unless one is named already.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation.get_or_insert_with(|| operation.into());
        self
    }

    /// Adds the gateway's own code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Adds what the caller can do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the gateway's id of what the call may have created.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.0.id = Some(id.into());
        self
    }

    /// Adds the merchant's reference of the payout in question.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.0.reference = Some(reference);
        self
    }

    /// Adds how long the gateway asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds the cause. Its text must hold no secret: it is shown with the error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with another outcome: for a call that was made on behalf of another one.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What became of the call.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Whether the gateway may have done what was asked although the call failed.
    /// While this is true, nobody may send the same payout again, here or elsewhere.
    #[must_use]
    pub fn may_have_executed(&self) -> bool {
        self.0.outcome == Outcome::Unknown
    }

    /// The provider instance that failed.
    #[must_use]
    pub fn provider(&self) -> Option<&ProviderName> {
        self.0.provider.as_ref()
    }

    /// The operation that failed, such as `create_invoice`.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The gateway's own code, digit for digit.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What was wrong and what would be right, without the names around it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the caller can do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The gateway's id of what the call may have created, where it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// The merchant's reference of the payout in question.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.0.reference.as_ref()
    }

    /// How long the gateway asked to wait before the next call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(provider) = &self.0.provider {
            write!(f, "{provider}: ")?;
        }
        if let Some(operation) = &self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(code) = &self.0.code {
            write!(f, " (gateway code {code})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("outcome", &self.0.outcome)
            .field("provider", &self.0.provider)
            .field("operation", &self.0.operation)
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("id", &self.0.id)
            .field("reference", &self.0.reference)
            .field("retry_after", &self.0.retry_after)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_given_stays() {
        let inner: ProviderName = "eu".parse().unwrap();
        let outer: ProviderName = "router".parse().unwrap();
        let error = Error::unsupported("no refunds")
            .with_provider(inner.clone())
            .with_operation("refund")
            .with_provider(outer)
            .with_operation("other");
        assert_eq!(error.provider(), Some(&inner));
        assert_eq!(error.to_string(), "eu: refund: no refunds");
    }

    #[test]
    fn an_error_fits_in_a_register() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
