//! The ledger as an [`AttemptLog`]: what a router tells of each attempt, durably and for every
//! process on the database.
//!
//! Inside [`Ledger::create_payout`] the attempts of a router are part of that call's intent. Anywhere
//! else an attempt at a payout is an intent of its own, under the same rules.

mod invoice;
mod payout;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use paymux_core::attempts::{
    Attempt, AttemptEnd, AttemptId, AttemptLog, AttemptedRequest, Permission,
};
use paymux_core::{Error, ProviderName, Reference, Result};

use crate::error::Stored;
use crate::intent::new_number;
use crate::ledger::Ledger;
use crate::store::{Tx, values};
use crate::stored_error::StoredError;

impl Ledger {
    /// The log for a router that works on this ledger: at most one attempt under a payout's reference
    /// runs, is in doubt or was made, across all processes.
    #[must_use]
    pub fn attempt_log(&self) -> Arc<dyn AttemptLog> {
        Arc::new(LedgerAttemptLog {
            ledger: self.clone(),
            running: Mutex::default(),
        })
    }
}

/// The attempts that run in this process, by their numbers in the table.
#[derive(Debug)]
struct LedgerAttemptLog {
    ledger: Ledger,
    running: Mutex<HashMap<i64, Running>>,
}

/// An attempt that was granted and has not ended.
#[derive(Debug, Clone)]
struct Running {
    intent: i64,
    /// The payout's reference; nothing for an invoice.
    reference: Option<Reference>,
    /// Whether it is part of a call of the ledger's own.
    joined: bool,
}

impl LedgerAttemptLog {
    fn running(&self) -> MutexGuard<'_, HashMap<i64, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn granted(&self, number: i64, attempt: Running) -> Permission {
        self.running().insert(number, attempt);
        Permission::Granted(AttemptId::new(number.unsigned_abs()))
    }

    fn take(&self, id: AttemptId) -> Option<(i64, Running)> {
        let number = i64::try_from(id.get()).ok()?;
        let attempt = self.running().remove(&number)?;
        Some((number, attempt))
    }
}

#[async_trait]
impl AttemptLog for LedgerAttemptLog {
    async fn before(&self, attempt: Attempt<'_>) -> Result<Permission> {
        let number = new_number();
        match attempt.request {
            AttemptedRequest::Payout(request) => {
                payout::before(self, number, attempt.provider, request).await
            }
            AttemptedRequest::Invoice(request) => {
                invoice::before(self, number, attempt.provider, request).await
            }
            // A kind of request that this version does not know.
            _ => Err(Error::unsupported(
                "the ledger does not know what is attempted here",
            )),
        }
    }

    async fn after(&self, id: AttemptId, end: AttemptEnd<'_>) -> Result<()> {
        let Some((number, attempt)) = self.take(id) else {
            return Ok(());
        };
        match &attempt.reference {
            Some(reference) => payout::after(self, number, &attempt, reference, end).await,
            None => invoice::after(self, number, end).await,
        }
    }

    fn abandoned(&self, id: AttemptId) {
        let Some((number, attempt)) = self.take(id) else {
            return;
        };
        match attempt.reference.clone() {
            Some(reference) => payout::abandoned(self, number, &attempt, reference),
            None => invoice::abandoned(self, number),
        }
    }
}

/// An attempt as it is written down.
struct Entry<'a> {
    number: i64,
    kind: &'static str,
    subject: &'a str,
    intent: i64,
    joined: bool,
    provider: &'a ProviderName,
    now: DateTime<Utc>,
}

impl Entry<'_> {
    fn insert(&self, tx: &mut dyn Tx) -> Stored<()> {
        tx.execute(
            "INSERT INTO paymux_attempts
                (id, kind, subject, intent, joined, provider, state, started_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'running', ?7) ON CONFLICT (id) DO NOTHING",
            values![
                self.number,
                self.kind,
                self.subject,
                self.intent,
                self.joined,
                self.provider.as_str(),
                self.now,
            ],
        )?;
        Ok(())
    }
}

/// How an attempt is remembered.
#[derive(Debug, Clone)]
struct AttemptState {
    word: &'static str,
    gateway_id: Option<String>,
    error: Option<StoredError>,
}

impl AttemptState {
    const fn in_doubt() -> Self {
        Self {
            word: "in_doubt",
            gateway_id: None,
            error: None,
        }
    }

    fn of(end: AttemptEnd<'_>) -> Self {
        match end {
            AttemptEnd::InvoiceMade(snapshot) => Self {
                word: "made",
                gateway_id: Some(crate::invoices::bare_invoice_id(
                    &snapshot.id,
                    &snapshot.provider,
                )),
                error: None,
            },
            AttemptEnd::PayoutMade(snapshot) => Self {
                word: "made",
                gateway_id: Some(crate::payouts::bare_payout_id(
                    &snapshot.id,
                    &snapshot.provider,
                )),
                error: None,
            },
            AttemptEnd::Failed(error) => Self {
                word: if error.may_have_executed() {
                    "in_doubt"
                } else {
                    "failed"
                },
                gateway_id: error.id().map(str::to_owned),
                error: Some(StoredError::of(error)),
            },
        }
    }

    /// Writes how an attempt ended, unless that is known already.
    fn write(&self, tx: &mut dyn Tx, number: i64, now: DateTime<Utc>) -> Stored<()> {
        let error = self.error.as_ref().map(crate::store::to_json).transpose()?;
        tx.execute(
            "UPDATE paymux_attempts SET state = ?2, gateway_id = ?3, error = ?4, ended_at = ?5
             WHERE id = ?1 AND state IN ('running', 'in_doubt')",
            values![
                number,
                self.word,
                self.gateway_id.as_deref(),
                error.as_deref(),
                now
            ],
        )?;
        Ok(())
    }
}
