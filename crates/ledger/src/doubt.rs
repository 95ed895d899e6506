//! What a crash or a lost answer left in doubt: listing it, finding out, and settling it.

mod invoice;
mod payout;
mod running;
mod settle;

use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{Error, OrderId, ProviderName, Providers, Reference, Result};
use serde::Serialize;

use crate::history::EntityKind;
use crate::invoices::{self, InvoiceRow};
use crate::ledger::Ledger;
use crate::payouts::{self, PayoutRow, PayoutState};

pub use running::RunningCall;
pub use settle::Settlement;

const PAGE: u32 = 500;

/// An invoice that may exist is looked for this long.
const INVOICES_FOR: TimeDelta = TimeDelta::days(30);

/// An invoice or a payout of which nobody knows whether it exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Doubt {
    /// Which of the two.
    pub kind: EntityKind,
    /// The merchant's reference, where it is a payout.
    pub reference: Option<Reference>,
    /// The merchant's order, where it is an invoice.
    pub order_id: Option<OrderId>,
    /// The order id as the gateway may know it, where it is an invoice.
    pub sent_order_id: Option<OrderId>,
    /// Who may have made it.
    pub provider: ProviderName,
    /// The gateway's id, where the failed call told one.
    pub id: Option<String>,
    /// Since when, UTC.
    pub since: DateTime<Utc>,
    /// What its call failed with, where that is known.
    pub why: Option<String>,
}

impl Doubt {
    fn of_payout(row: &PayoutRow) -> Self {
        let error = row.error.as_ref();
        Self {
            kind: EntityKind::Payout,
            reference: Some(row.reference.clone()),
            order_id: None,
            sent_order_id: None,
            provider: row.provider.clone(),
            id: row
                .gateway_id
                .clone()
                .or_else(|| error.and_then(|error| error.id.clone())),
            since: row.updated_at,
            why: error.map(|error| error.message.clone()),
        }
    }

    fn of_invoice(row: &InvoiceRow) -> Self {
        Self {
            kind: EntityKind::Invoice,
            reference: None,
            order_id: Some(row.order_id.clone()),
            sent_order_id: Some(row.sent_order_id()),
            provider: row.provider.clone(),
            id: None,
            since: row.updated_at,
            why: row.error.as_ref().map(|error| error.message.clone()),
        }
    }
}

/// What recovery did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecoveryReport {
    /// What is known now.
    pub resolved: Vec<Resolved>,
    /// What a person has to settle, or time has to show.
    pub open: Vec<OpenDoubt>,
    /// Calls that count as under way: each ends by itself, or is in doubt once its lease ends.
    pub running: Vec<RunningCall>,
}

/// A doubt that ended: the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Resolved {
    /// What was in doubt.
    pub doubt: Doubt,
    /// The gateway's id.
    pub id: String,
    /// The status that the gateway tells.
    pub status: String,
}

/// A doubt that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenDoubt {
    /// What is in doubt.
    pub doubt: Doubt,
    /// Why nothing could be found out.
    pub reason: String,
}

/// What became of one doubt.
enum Found {
    Yes { id: String, status: String },
    No(String),
}

impl Ledger {
    /// What is in doubt now: payouts that may have been sent, in the order of their references, then
    /// invoices of the last 30 days that may exist.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn in_doubt(&self) -> Result<Vec<Doubt>> {
        let payouts = self.doubtful_payouts().await?;
        let invoices = self.doubtful_invoices().await?;
        Ok(payouts
            .iter()
            .map(Doubt::of_payout)
            .chain(invoices.iter().map(Doubt::of_invoice))
            .collect())
    }

    /// Finds out what can be found out: a payout whose id is known, from its failed call or from a
    /// webhook that waits, is read at its gateway; an invoice is looked for by its order id. What the
    /// gateway does not have stays in doubt: that it knows nothing today proves nothing.
    ///
    /// Call it when the application starts, and again when something stays open. It sends nothing.
    ///
    /// # Errors
    /// When the database fails. A gateway that fails leaves its part open.
    pub async fn recover(&self, providers: &Providers) -> Result<RecoveryReport> {
        let mut report = RecoveryReport::default();
        for row in self.doubtful_payouts().await? {
            let found = payout::look_for(self, providers, &row).await?;
            report.add(Doubt::of_payout(&row), found);
        }
        for row in self.doubtful_invoices().await? {
            let found = invoice::look_for(self, providers, &row).await?;
            report.add(Doubt::of_invoice(&row), found);
        }
        report.running = self.running().await?;
        Ok(report)
    }

    /// Gives up the calls of processes that were not heard of in time.
    pub(crate) async fn give_up_expired(&self) -> Result<()> {
        let now = self.0.now();
        let sweep = self.0.store.write(move |tx| {
            for reference in PayoutRow::expired(tx, now)? {
                if let Some(mut row) = PayoutRow::lock(tx, &reference)? {
                    payouts::expire(tx, &mut row, now)?;
                }
            }
            for id in InvoiceRow::expired(tx, now)? {
                if let Some(mut row) = InvoiceRow::lock(tx, &id)? {
                    invoices::expire(tx, &mut row, now)?;
                }
            }
            Ok(())
        });
        sweep.await.map_err(Error::from)
    }

    async fn has_expired(&self) -> Result<bool> {
        let now = self.0.now();
        let look = self.0.store.read(move |tx| {
            Ok(!PayoutRow::expired(tx, now)?.is_empty()
                || !InvoiceRow::expired(tx, now)?.is_empty())
        });
        look.await.map_err(Error::from)
    }

    async fn doubtful_payouts(&self) -> Result<Vec<PayoutRow>> {
        // A read-only database may still be looked at.
        if self.has_expired().await? {
            self.give_up_expired().await?;
        }
        let mut found: Vec<PayoutRow> = Vec::new();
        loop {
            let after = found
                .last()
                .map(|row| row.reference.as_str().to_owned())
                .unwrap_or_default();
            let page = self
                .0
                .store
                .read(move |tx| PayoutRow::in_state(tx, PayoutState::InDoubt, &after, PAGE))
                .await?;
            if page.is_empty() {
                return Ok(found);
            }
            found.extend(page);
        }
    }

    async fn doubtful_invoices(&self) -> Result<Vec<InvoiceRow>> {
        let since = self.0.now() - INVOICES_FOR;
        let mut found: Vec<InvoiceRow> = Vec::new();
        loop {
            let after = found.last().map(|row| row.id.clone()).unwrap_or_default();
            let page = self
                .0
                .store
                .read(move |tx| InvoiceRow::in_doubt(tx, since, &after, PAGE))
                .await?;
            if page.is_empty() {
                return Ok(found);
            }
            found.extend(page);
        }
    }
}

impl RecoveryReport {
    fn add(&mut self, doubt: Doubt, found: Found) {
        match found {
            Found::Yes { id, status } => self.resolved.push(Resolved { doubt, id, status }),
            Found::No(reason) => self.open.push(OpenDoubt { doubt, reason }),
        }
    }
}
