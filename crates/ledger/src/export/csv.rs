//! Flat lines of comma-separated values.

use std::io::{Result, Write};

use chrono::{DateTime, Utc};
use paymux_core::{AssetAmount, decimal};

use super::{ExportSubject, HistoryEntry};
use crate::records::{InvoiceRecord, PayoutRecord};

/// The names of the columns.
pub(super) fn head(subject: ExportSubject) -> Vec<String> {
    let names: &[&str] = match subject {
        ExportSubject::Invoices => &[
            "order_id",
            "attempt",
            "provider",
            "id",
            "state",
            "status",
            "exceptions",
            "price",
            "currency",
            "due",
            "due_asset",
            "received",
            "received_asset",
            "created_at",
            "updated_at",
            "expires_at",
            "error",
        ],
        ExportSubject::Payouts => &[
            "reference",
            "provider",
            "id",
            "state",
            "status",
            "amount",
            "asset",
            "to",
            "memo",
            "fee",
            "fee_asset",
            "requested_by",
            "created_at",
            "updated_at",
            "error",
        ],
        ExportSubject::History => &[
            "at", "kind", "subject", "cause", "proof", "was", "became", "who", "why", "detail",
        ],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn invoice(record: &InvoiceRecord) -> Vec<String> {
    let known = record.invoice.as_ref();
    let exceptions: Vec<&str> = known
        .iter()
        .flat_map(|known| known.exceptions.iter())
        .map(|exception| exception.as_str())
        .collect();
    let (due, due_asset) = amount(known.and_then(|known| known.due.as_ref()));
    let (received, received_asset) = amount(known.and_then(|known| known.received.as_ref()));
    vec![
        record.order_id.to_string(),
        record.attempt.to_string(),
        record.provider.to_string(),
        text(record.id.as_ref()),
        record.state.as_str().to_owned(),
        text(known.map(|known| known.status)),
        exceptions.join(" "),
        decimal::plain(record.price.amount),
        record.price.currency.to_string(),
        due,
        due_asset,
        received,
        received_asset,
        time(Some(record.created_at)),
        time(Some(record.updated_at)),
        time(known.and_then(|known| known.expires_at)),
        text(record.error.as_ref()),
    ]
}

pub(super) fn payout(record: &PayoutRecord) -> Vec<String> {
    let known = record.payout.as_ref();
    let (asked, asset) = amount(Some(&record.amount));
    let (fee, fee_asset) = amount(known.and_then(|known| known.fee.as_ref()));
    vec![
        record.reference.to_string(),
        record.provider.to_string(),
        text(record.id.as_ref()),
        record.state.as_str().to_owned(),
        text(known.map(|known| known.status)),
        asked,
        asset,
        record.to.clone(),
        text(record.memo.as_ref()),
        fee,
        fee_asset,
        text(record.requested_by.as_ref()),
        time(Some(record.created_at)),
        time(Some(record.updated_at)),
        text(record.error.as_ref()),
    ]
}

pub(super) fn history(entry: &HistoryEntry) -> Vec<String> {
    let line = &entry.line;
    vec![
        time(Some(line.at)),
        entry.kind.as_str().to_owned(),
        entry.subject.clone(),
        line.cause.as_str().to_owned(),
        line.proof.map_or(String::new(), |proof| {
            crate::history::proof_word(proof).to_owned()
        }),
        text(line.was.as_ref()),
        text(line.became.as_ref()),
        text(line.who.as_ref()),
        text(line.why.as_ref()),
        text(line.detail.as_ref()),
    ]
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn time(time: Option<DateTime<Utc>>) -> String {
    text(time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
}

fn amount(amount: Option<&AssetAmount>) -> (String, String) {
    amount.map_or_else(Default::default, |known| {
        (decimal::plain(known.amount), text(known.asset.as_ref()))
    })
}

/// Writes a line. A value with a comma, a quote or a line end stands in quotes.
pub(super) fn write(out: &mut (dyn Write + Send), values: Vec<String>) -> Result<()> {
    let quoted: Vec<String> = values.into_iter().map(quoted).collect();
    out.write_all(quoted.join(",").as_bytes())?;
    out.write_all(b"\r\n")
}

fn quoted(value: String) -> String {
    if value.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}
