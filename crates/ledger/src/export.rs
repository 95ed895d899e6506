//! Everything out: as JSON Lines or CSV, a page at a time.

mod csv;

use std::io::Write;

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, Outcome, Result};
use serde::Serialize;

use crate::error::Stored;
use crate::history::{EntityKind, HistoryLine, line};
use crate::invoices::InvoiceRow;
use crate::ledger::Ledger;
use crate::payouts::PayoutRow;
use crate::records::{InvoiceRecord, PayoutRecord};
use crate::store::{Tx, values};

/// What to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportSubject {
    /// Every attempt at an invoice.
    Invoices,
    /// Every payout.
    Payouts,
    /// Every line of every history.
    History,
}

/// How to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// One JSON object a line, with everything that is known.
    JsonLines,
    /// Comma-separated values (RFC 4180) with a head line; one flat line each.
    Csv,
}

/// What to export, how, and of which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// What.
    pub subject: ExportSubject,
    /// How.
    pub format: ExportFormat,
    /// Only what was made (of a history: what happened) at this time or later, UTC.
    pub since: Option<DateTime<Utc>>,
    /// Only what was made (of a history: what happened) before this time, UTC.
    pub until: Option<DateTime<Utc>>,
}

impl Export {
    /// Everything of a kind.
    #[must_use]
    pub const fn new(subject: ExportSubject, format: ExportFormat) -> Self {
        Self {
            subject,
            format,
            since: None,
            until: None,
        }
    }

    /// Only what was made at this time or later.
    #[must_use]
    pub const fn since(mut self, time: DateTime<Utc>) -> Self {
        self.since = Some(time);
        self
    }

    /// Only what was made before this time.
    #[must_use]
    pub const fn until(mut self, time: DateTime<Utc>) -> Self {
        self.until = Some(time);
        self
    }
}

/// A line of history with what it is about.
#[derive(Debug, Serialize)]
pub(crate) struct HistoryEntry {
    pub(crate) kind: EntityKind,
    /// The payout's reference, the invoice's order, or `webhook:` and the number of a webhook.
    pub(crate) subject: String,
    #[serde(flatten)]
    pub(crate) line: HistoryLine,
}

/// Reads the records after the one named, each with its own name.
type Page<T> = fn(&mut dyn Tx, &Range, &str) -> Stored<Vec<(String, T)>>;

const PAGE: u32 = 500;

impl Ledger {
    /// Writes what is held, oldest first, a page at a time: it may be larger than memory. Amounts are
    /// written digit for digit. How many there were is returned.
    ///
    /// What changes while it runs is shown as it is when its page is read.
    ///
    /// # Errors
    /// When the database fails, or `Unavailable` with the writer's error as its source.
    pub async fn export(&self, export: &Export, out: &mut (dyn Write + Send)) -> Result<u64> {
        match export.subject {
            ExportSubject::Invoices => self.pages(export, out, invoices, csv::invoice).await,
            ExportSubject::Payouts => self.pages(export, out, payouts, csv::payout).await,
            ExportSubject::History => self.pages(export, out, history, csv::history).await,
        }
    }

    async fn pages<T: Serialize + Send + 'static>(
        &self,
        export: &Export,
        out: &mut (dyn Write + Send),
        page: Page<T>,
        flat: fn(&T) -> Vec<String>,
    ) -> Result<u64> {
        if export.format == ExportFormat::Csv {
            csv::write(out, csv::head(export.subject)).map_err(cannot_write)?;
        }
        let range = Range::of(export);
        let mut after = String::new();
        let mut count = 0;
        loop {
            let from = after.clone();
            let records = self.0.store.read(move |tx| page(tx, &range, &from)).await?;
            let Some((last, _)) = records.last() else {
                return Ok(count);
            };
            after.clone_from(last);
            for (_, record) in &records {
                match export.format {
                    ExportFormat::JsonLines => json_line(out, record)?,
                    ExportFormat::Csv => csv::write(out, flat(record)).map_err(cannot_write)?,
                }
                count += 1;
            }
        }
    }
}

fn json_line<T: Serialize>(out: &mut (dyn Write + Send), record: &T) -> Result<()> {
    let mut line = serde_json::to_vec(record).map_err(|error| cannot_write(error.into()))?;
    line.push(b'\n');
    out.write_all(&line).map_err(cannot_write)
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        Outcome::NotSent,
        format!("the export cannot be written ({error})"),
    )
    .with_source(error)
}

/// Of which time, in microseconds.
#[derive(Clone, Copy)]
struct Range {
    since: i64,
    until: i64,
}

impl Range {
    fn of(export: &Export) -> Self {
        let micros =
            |time: Option<DateTime<Utc>>, other| time.map_or(other, |time| time.timestamp_micros());
        Self {
            since: micros(export.since, i64::MIN),
            until: micros(export.until, i64::MAX),
        }
    }
}

fn invoices(tx: &mut dyn Tx, range: &Range, after: &str) -> Stored<Vec<(String, InvoiceRecord)>> {
    let rows = InvoiceRow::created_between(tx, range.since, range.until, after, PAGE)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.clone(), InvoiceRecord::of(row)))
        .collect())
}

fn payouts(tx: &mut dyn Tx, range: &Range, after: &str) -> Stored<Vec<(String, PayoutRecord)>> {
    let rows = PayoutRow::created_between(tx, range.since, range.until, after, PAGE)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.clone(), PayoutRecord::of(row)))
        .collect())
}

fn history(tx: &mut dyn Tx, range: &Range, after: &str) -> Stored<Vec<(String, HistoryEntry)>> {
    let after: i64 = after.parse().unwrap_or_default();
    tx.query(
        "SELECT h.number, h.entity_kind, COALESCE(p.reference, i.order_id, h.entity),
                h.at, h.cause, h.proof, h.was, h.became, h.who, h.why, h.detail
         FROM paymux_history h
         LEFT JOIN paymux_payouts p ON p.id = h.entity
         LEFT JOIN paymux_invoices i ON i.id = h.entity
         WHERE h.number > ?1 AND h.at >= ?2 AND h.at < ?3 ORDER BY h.number LIMIT ?4",
        values![after, range.since, range.until, PAGE],
    )?
    .into_iter()
    .map(|mut row| {
        let number = row.int()?.to_string();
        let entry = HistoryEntry {
            kind: EntityKind::of_word(&row.text()?)?,
            subject: row.text()?,
            line: line(&mut row)?,
        };
        Ok((number, entry))
    })
    .collect()
}
