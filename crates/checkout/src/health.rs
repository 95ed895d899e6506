//! Whether the receiver can do its work.

use std::future::Future;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use paymux_core::Result;
use tokio::time::timeout;

/// Answers whether a read of the ledger succeeds in time.
pub(crate) async fn health<T>(read: impl Future<Output = Result<T>>, limit: Duration) -> Response {
    let healthy = match timeout(limit, read).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "the ledger cannot be read");
            false
        }
        Err(_) => {
            tracing::error!(?limit, "the ledger does not answer");
            false
        }
    };
    let (status, body) = if healthy {
        (StatusCode::OK, r#"{"status":"ok"}"#)
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"unavailable"}"#,
        )
    };
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ledger_that_hangs_is_not_waited_for() {
        let hangs = std::future::pending::<Result<()>>();
        let answer = health(hangs, Duration::from_millis(1)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
