//! An error as it is stored, so that the same request can be answered with it again.

use std::time::Duration;

use paymux_core::{Error, ErrorKind, Outcome, ProviderName};
use serde::{Deserialize, Serialize};

/// What is kept of an error: everything but its cause. No error holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredError {
    pub(crate) kind: ErrorKind,
    outcome: Outcome,
    provider: Option<ProviderName>,
    operation: Option<String>,
    code: Option<String>,
    pub(crate) message: String,
    hint: Option<String>,
    pub(crate) id: Option<String>,
    retry_after_ms: Option<u64>,
}

impl StoredError {
    pub(crate) fn of(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            outcome: error.outcome(),
            provider: error.provider().cloned(),
            operation: error.operation().map(str::to_owned),
            code: error.code().map(str::to_owned),
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
            id: error.id().map(str::to_owned),
            retry_after_ms: error
                .retry_after()
                .and_then(|wait| u64::try_from(wait.as_millis()).ok()),
        }
    }

    /// The same without the id, which belongs to something else.
    pub(crate) fn without_id(mut self) -> Self {
        self.id = None;
        self
    }

    /// The error once more.
    pub(crate) fn restore(&self) -> Error {
        let mut error = Error::new(self.kind, self.outcome, self.message.clone());
        if let Some(provider) = &self.provider {
            error = error.with_provider(provider.clone());
        }
        if let Some(operation) = &self.operation {
            error = error.with_operation(operation.clone());
        }
        if let Some(code) = &self.code {
            error = error.with_code(code.clone());
        }
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.clone());
        }
        if let Some(id) = &self.id {
            error = error.with_id(id.clone());
        }
        if let Some(wait) = self.retry_after_ms {
            error = error.with_retry_after(Duration::from_millis(wait));
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_back_as_it_was() {
        let error = Error::new(ErrorKind::RateLimited, Outcome::Rejected, "slow down")
            .with_provider("eu".parse().unwrap())
            .with_operation("create_payout")
            .with_code("429")
            .with_hint("wait")
            .with_id("P1")
            .with_retry_after(Duration::from_secs(3));
        let json = serde_json::to_string(&StoredError::of(&error)).unwrap();
        let stored: StoredError = serde_json::from_str(&json).unwrap();
        assert_eq!(format!("{:?}", stored.restore()), format!("{error:?}"));
        assert_eq!(stored.restore().hint(), Some("wait"));
    }
}
