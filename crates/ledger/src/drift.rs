//! Ours against the gateway's: what both sides say of a day's invoices and payouts.

mod ours;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use paymux_core::{
    Error, ErrorKind, InvoiceQuery, InvoiceSnapshot, OrderId, ProviderName, Providers, Reference,
    Result,
};
use serde::Serialize;

use crate::ledger::{Inner, Ledger};
use crate::reconcile::pause_until_budget;
use crate::work::speaker;
use ours::Ours;

/// How many pages of a gateway's list are read, at most.
const MOST_PAGES: u32 = 1000;
/// How many of ours are read from the database at a time.
const BATCH: u32 = 500;

/// What both sides say of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DriftReport {
    /// The day, UTC: what was made on it here.
    pub day: NaiveDate,
    /// How many invoices and payouts of ours were compared.
    pub compared: u64,
    /// What differs.
    pub drifts: Vec<Drift>,
}

impl DriftReport {
    /// Whether both sides say the same of everything.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.drifts.is_empty()
    }
}

/// An invoice or a payout of which the two sides say different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Drift {
    /// Whose it is.
    pub provider: ProviderName,
    /// The gateway's id, where it is known.
    pub gateway_id: Option<String>,
    /// The merchant's order, where it is an invoice.
    pub order_id: Option<OrderId>,
    /// The merchant's reference, where it is a payout.
    pub reference: Option<Reference>,
    /// What differs.
    pub kind: DriftKind,
    /// What the ledger says.
    pub ours: Option<String>,
    /// What the gateway says.
    pub theirs: Option<String>,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DriftKind {
    /// The status.
    Status,
    /// What arrived, or what was sent.
    Amount,
    /// The gateway does not know it.
    MissingThere,
    /// The ledger does not know it.
    MissingHere,
    /// Nobody knows whether it was made: see [`Ledger::in_doubt`](crate::Ledger::in_doubt).
    InDoubt,
    /// The gateway could not be asked.
    NotCompared,
}

impl Ledger {
    /// Compares what was made on a day (UTC) with what the gateways say of it now. Where a provider
    /// lists its invoices, those that the ledger does not know are found too; payouts, and invoices
    /// that are not on the list, are asked for one by one. Calls count against the
    /// [budget](crate::PollSettings::with_calls_per_minute) and wait for it. Nothing is changed.
    ///
    /// # Errors
    /// Where the database fails. A gateway that fails is part of the report.
    pub async fn drift(&self, providers: &Providers, day: NaiveDate) -> Result<DriftReport> {
        let inner = &*self.0;
        let (from, to) = (start_of(day), start_of(day + Days::new(1)));
        let mut report = DriftReport {
            day,
            compared: 0,
            drifts: Vec::new(),
        };
        let listed = list_all(inner, providers, from, to, &mut report).await?;
        let mut after = String::new();
        loop {
            let last = after.clone();
            let batch = inner
                .store
                .read(move |tx| ours::made_between(tx, from, to, &last, BATCH))
                .await?;
            let Some(last) = batch.last() else { break };
            after.clone_from(&last.cursor);
            for ours in batch {
                report.compared += 1;
                compare(inner, providers, &listed, ours, &mut report).await?;
            }
        }
        strangers(inner, listed, &mut report).await?;
        report.drifts.sort_by(|a, b| {
            (&a.provider, a.kind, &a.gateway_id).cmp(&(&b.provider, b.kind, &b.gateway_id))
        });
        Ok(report)
    }
}

/// What gateways list of a day, by owner and bare id.
type Listed = BTreeMap<(ProviderName, String), InvoiceSnapshot>;

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

async fn list_all(
    inner: &Inner,
    providers: &Providers,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    report: &mut DriftReport,
) -> Result<Listed> {
    let mut listed = Listed::new();
    for provider in providers.iter() {
        let Some(search) = provider.search() else {
            continue;
        };
        for number in 1..=MOST_PAGES {
            pause_until_budget(inner, provider.name()).await?;
            let mut query = InvoiceQuery::default();
            query.page = Some(number);
            let page = match search.search_invoices(&query).await {
                Ok(page) => page,
                Err(error) => {
                    report
                        .drifts
                        .push(not_listed(provider.name(), &error.to_string()));
                    break;
                }
            };
            for failure in &page.failures {
                report
                    .drifts
                    .push(not_listed(&failure.provider, &failure.message));
            }
            let is_last = page.items.is_empty() || page.pages.is_none_or(|pages| number >= pages);
            for item in page.items {
                let item = item.snapshot();
                let of_the_day = item.created_at.is_some_and(|at| at >= from && at < to);
                if of_the_day {
                    let bare = crate::invoices::bare_invoice_id(&item.id, &item.provider);
                    listed.insert((item.provider.clone(), bare), item.clone());
                }
            }
            if is_last {
                break;
            }
        }
    }
    Ok(listed)
}

fn not_listed(provider: &ProviderName, why: &str) -> Drift {
    Drift {
        provider: provider.clone(),
        gateway_id: None,
        order_id: None,
        reference: None,
        kind: DriftKind::NotCompared,
        ours: None,
        theirs: Some(why.to_owned()),
    }
}

async fn compare(
    inner: &Inner,
    providers: &Providers,
    listed: &Listed,
    ours: Ours,
    report: &mut DriftReport,
) -> Result<()> {
    let Some(bare) = ours.gateway_id.clone() else {
        report
            .drifts
            .push(ours.drift(DriftKind::InDoubt, Some(ours.word.clone()), None));
        return Ok(());
    };
    let theirs = if ours.is_invoice() {
        match listed.get(&(ours.provider.clone(), bare.clone())) {
            Some(item) => Ok((item.status.to_string(), amount_of_invoice(item))),
            None => {
                pause_until_budget(inner, &ours.provider).await?;
                speaker::fetch_invoice(providers, &ours.provider, &bare)
                    .await
                    .map(|read| (read.status.to_string(), amount_of_invoice(&read)))
            }
        }
    } else {
        pause_until_budget(inner, &ours.provider).await?;
        speaker::fetch_payout(providers, &ours.provider, &bare)
            .await
            .map(|read| {
                let amount = read.amount.as_ref().map(|amount| amount.amount);
                (read.status.to_string(), amount)
            })
    };
    match theirs {
        Ok((status, amount)) => {
            if status != ours.word {
                report.drifts.push(ours.drift(
                    DriftKind::Status,
                    Some(ours.word.clone()),
                    Some(status),
                ));
            }
            if let (Some(amount), Some(known)) = (amount, ours.amount)
                && amount != known
            {
                report.drifts.push(ours.drift(
                    DriftKind::Amount,
                    Some(paymux_core::decimal::plain(known)),
                    Some(paymux_core::decimal::plain(amount)),
                ));
            }
        }
        Err(error) => report.drifts.push(unanswered(&ours, &error)),
    }
    Ok(())
}

fn amount_of_invoice(seen: &InvoiceSnapshot) -> Option<rust_decimal::Decimal> {
    seen.received.as_ref().map(|received| received.amount)
}

fn unanswered(ours: &Ours, error: &Error) -> Drift {
    let kind = match error.kind() {
        ErrorKind::NotFound => DriftKind::MissingThere,
        _ => DriftKind::NotCompared,
    };
    ours.drift(kind, Some(ours.word.clone()), Some(error.to_string()))
}

/// What the gateways list of the day and the ledger does not know, whenever it was made here.
async fn strangers(inner: &Inner, listed: Listed, report: &mut DriftReport) -> Result<()> {
    for ((provider, bare), item) in listed {
        let (name, id) = (provider.clone(), bare.clone());
        let known = inner
            .store
            .read(move |tx| ours::knows_invoice(tx, &name, &id))
            .await?;
        if !known {
            report.drifts.push(Drift {
                provider,
                gateway_id: Some(bare),
                order_id: item.order_id.clone(),
                reference: None,
                kind: DriftKind::MissingHere,
                ours: None,
                theirs: Some(item.status.to_string()),
            });
        }
    }
    Ok(())
}
