//! One provider among those of a router.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, Outcome, PaymentProvider, ProviderName, Result};

use crate::deadline::Deadline;
use crate::health::{Gate, Health, Permit, Refusal};
use crate::operation::Operation;

/// A call of a provider's power; `None` where it lacks the power.
pub(crate) type Call<'a, T> = Option<Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>>;

/// One provider among those of a router.
pub(crate) struct Member {
    pub(crate) name: ProviderName,
    pub(crate) provider: Arc<dyn PaymentProvider>,
    pub(crate) weight: u32,
    pub(crate) health: Health,
}

/// The name says which one; how a provider shows itself is its own affair.
impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.name).finish()
    }
}

impl Member {
    pub(crate) fn enter(
        &self,
        operation: Operation,
        gate: Gate,
        now: DateTime<Utc>,
    ) -> Result<Permit<'_>, Refusal> {
        self.health.enter(operation, gate, now)
    }

    /// Makes one call under a permit, for as long as it may take, and writes down how it went. A call
    /// that is late fails with `Timeout` and this outcome.
    pub(crate) async fn call<T>(
        &self,
        permit: Permit<'_>,
        time: Duration,
        outcome_if_late: Outcome,
        deadline: &mut Deadline<'_>,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let operation = permit.operation();
        let time = time.min(deadline.remaining());
        let result = deadline
            .limit(time, call)
            .await
            .unwrap_or_else(|| Err(late(time, outcome_if_late)))
            .map_err(|error| self.named(operation, error));
        permit.finish(&result, deadline.clock().now());
        result
    }

    /// Asks something that changes nothing and that all the time left may be spent on.
    pub(crate) async fn ask<T>(
        &self,
        operation: Operation,
        gate: Gate,
        deadline: &mut Deadline<'_>,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let now = deadline.clock().now();
        let permit = self
            .enter(operation, gate, now)
            .map_err(|refusal| self.named(operation, refusal.error(now)))?;
        let time = deadline.remaining();
        self.call(permit, time, Outcome::NotSent, deadline, call)
            .await
    }

    /// Names provider and operation in an error, and whose id it holds.
    fn named(&self, operation: Operation, error: Error) -> Error {
        let owned = error.id().map(|id| format!("{}:{id}", self.name));
        let error = match owned {
            Some(id) => error.with_id(id),
            None => error,
        };
        error
            .with_provider(self.name.clone())
            .with_operation(operation.as_str())
    }
}

fn late(time: Duration, outcome: Outcome) -> Error {
    Error::new(
        ErrorKind::Timeout,
        outcome,
        format!("no answer within {time:?}"),
    )
}
