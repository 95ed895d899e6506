//! Calls that a process has under way, or had when it died.

use chrono::{DateTime, Utc};
use paymux_core::{Error, OrderId, ProviderName, Reference, Result};
use serde::Serialize;

use crate::history::EntityKind;
use crate::invoices::InvoiceRow;
use crate::ledger::Ledger;
use crate::payouts::PayoutRow;

/// A call that some process runs. Where that process died, the call is in doubt once its lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RunningCall {
    /// What it makes.
    pub kind: EntityKind,
    /// The merchant's reference, where it is a payout.
    pub reference: Option<Reference>,
    /// The merchant's order, where it is an invoice.
    pub order_id: Option<OrderId>,
    /// Who is asked to make it.
    pub provider: ProviderName,
    /// Since when, UTC.
    pub since: DateTime<Utc>,
    /// Until when it is believed to live, UTC: a process that lives moves this on, see
    /// [`LedgerSettings::lease`](crate::LedgerSettings::lease).
    pub lease_until: Option<DateTime<Utc>>,
}

impl From<PayoutRow> for RunningCall {
    fn from(row: PayoutRow) -> Self {
        Self {
            kind: EntityKind::Payout,
            reference: Some(row.reference),
            order_id: None,
            provider: row.provider,
            since: row.updated_at,
            lease_until: row.lease_until,
        }
    }
}

impl From<InvoiceRow> for RunningCall {
    fn from(row: InvoiceRow) -> Self {
        Self {
            kind: EntityKind::Invoice,
            reference: None,
            order_id: Some(row.order_id),
            provider: row.provider,
            since: row.updated_at,
            lease_until: row.lease_until,
        }
    }
}

impl Ledger {
    /// The calls that processes run now, payouts first. One whose process died is here until its lease
    /// ends, and [in doubt](Self::in_doubt) then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running(&self) -> Result<Vec<RunningCall>> {
        let now = self.0.now();
        let look = self.0.store.read(move |tx| {
            let payouts = PayoutRow::running(tx, now)?.into_iter().map(Into::into);
            let invoices = InvoiceRow::running(tx, now)?.into_iter().map(Into::into);
            Ok(payouts.chain(invoices).collect())
        });
        look.await.map_err(Error::from)
    }
}
