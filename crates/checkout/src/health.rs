//! Whether the receiver can do its work.

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use paymux_core::{Error, Result};
use paymux_ledger::LedgerError;
use tokio::time::timeout;

/// Answers whether the ledger does its work, as a check of it says in time. The reason is a word for a
/// machine: what the error says is for the logs.
pub(crate) async fn health(check: impl Future<Output = Result<()>>, limit: Duration) -> Response {
    let reason = match timeout(limit, check).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::error!(%error, "the ledger cannot be written");
            Some(word_for(&error))
        }
        Err(_) => {
            tracing::error!(?limit, "the ledger does not answer");
            Some("timeout")
        }
    };
    let (status, body) = match reason {
        None => (StatusCode::OK, r#"{"status":"ok"}"#.to_owned()),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!(r#"{{"status":"unavailable","reason":"{reason}"}}"#),
        ),
    };
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn word_for(error: &Error) -> &'static str {
    error
        .source()
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .map_or("other", |error| error.kind().as_str())
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_ledger_that_hangs_is_not_waited_for() {
        let hangs = std::future::pending::<Result<()>>();
        let answer = health(hangs, Duration::from_millis(1)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = to_bytes(answer.into_body(), 1024).await.unwrap();
        assert_eq!(body, r#"{"status":"unavailable","reason":"timeout"}"#);
    }

    #[tokio::test]
    async fn what_an_error_says_is_for_the_logs() {
        let error = Error::configuration("user canary has the password canary");
        let answer = health(std::future::ready(Err(error)), Duration::from_secs(1)).await;
        let body = to_bytes(answer.into_body(), 1024).await.unwrap();
        assert_eq!(body, r#"{"status":"unavailable","reason":"other"}"#);
    }
}
