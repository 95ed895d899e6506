//! What the ledger holds.

use paymux::ledger::{
    Doubt, DriftKind, DriftReport, EntityHistory, EntityKind, HistoryLine, InvoiceRecord,
    OpenDoubt, PayoutRecord, Received, RecoveryReport, UnmatchedNotice, Worked,
};
use paymux::{OrderId, Reference, WebhookEvent};

use super::layout::{Fields, clean, table};
use super::{bold, dim, time};

/// A payout as the ledger holds it.
pub(crate) fn payout_record(record: &PayoutRecord) -> String {
    Fields::of("Payout", record.reference.as_str())
        .with("state", Some(record.state.as_str().replace('_', " ")))
        .with("status", record.payout.as_ref().map(super::payout_status))
        .with("amount", Some(record.amount.to_string()))
        .with("to", Some(clean(&record.to)))
        .with("id", record.id.as_ref().map(|id| clean(id.as_str())))
        .with("provider", Some(record.provider.to_string()))
        .with("asked by", record.requested_by.as_deref().map(clean))
        .with("error", record.error.as_deref().map(clean))
        .with("created", Some(time(record.created_at)))
        .text()
}

fn invoice_record(record: &InvoiceRecord) -> String {
    let attempt = (record.attempt > 1).then(|| {
        format!(
            "{}, sent as {}",
            record.attempt,
            clean(record.sent_order_id.as_str())
        )
    });
    Fields::of("Invoice of order", record.order_id.as_str())
        .with("attempt", attempt)
        .with("state", Some(record.state.as_str().replace('_', " ")))
        .with("status", record.invoice.as_ref().map(super::invoice_status))
        .with("price", Some(record.price.to_string()))
        .with("id", record.id.as_ref().map(|id| clean(id.as_str())))
        .with("provider", Some(record.provider.to_string()))
        .with("error", record.error.as_deref().map(clean))
        .with("created", Some(time(record.created_at)))
        .text()
}

/// Everything that happened to some invoices and payouts, or to a webhook that was dismissed.
pub(crate) fn histories(found: &[EntityHistory]) -> String {
    let one = |history: &EntityHistory| {
        let record = match (&history.invoice, &history.payout) {
            (Some(invoice), _) => Some(invoice_record(invoice)),
            (None, Some(payout)) => Some(payout_record(payout)),
            (None, None) => None,
        };
        let lines = table(
            &["AT", "CAUSE", "PROOF", "WAS", "BECAME", "WHO", "DETAIL"],
            history.lines.iter().map(row),
        );
        let parts: Vec<String> = record.into_iter().chain([lines]).collect();
        parts.join("\n\n")
    };
    found.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn row(line: &HistoryLine) -> Vec<String> {
    let word = |text: &Option<String>| text.as_deref().map(clean).unwrap_or_default();
    let told = [&line.why, &line.detail];
    let told: Vec<String> = told.into_iter().flatten().map(|text| clean(text)).collect();
    vec![
        time(line.at),
        line.cause.as_str().replace('_', " "),
        line.proof
            .map(|proof| format!("{proof:?}").to_lowercase())
            .unwrap_or_default(),
        word(&line.was),
        word(&line.became),
        word(&line.who),
        told.join("; "),
    ]
}

/// What recovery found out, and what stays in doubt.
pub(crate) fn recovery(report: &RecoveryReport, unmatched: &[UnmatchedNotice]) -> String {
    let mut parts = Vec::new();
    if !report.resolved.is_empty() {
        let rows = report.resolved.iter().map(|resolved| {
            let mut row = doubtful(&resolved.doubt);
            row.extend([clean(&resolved.id), clean(&resolved.status)]);
            row
        });
        let found = table(
            &["FOUND", "NAME", "PROVIDER", "SINCE", "ID", "STATUS"],
            rows,
        );
        parts.push(found);
    }
    if report.open.is_empty() {
        parts.push("Nothing is in doubt.".to_owned());
    } else {
        let rows = report.open.iter().map(|open| {
            let mut row = doubtful(&open.doubt);
            row.push(clean(&open.reason));
            row
        });
        parts.push(table(
            &["IN DOUBT", "NAME", "PROVIDER", "SINCE", "WHY"],
            rows,
        ));
        // An invoice in doubt needs nobody: the order's next one is made, and money that comes is told.
        let is_payout = |open: &OpenDoubt| open.doubt.kind == EntityKind::Payout;
        if report.open.iter().any(is_payout) {
            parts.push(dim(
                "Look at the gateway first. Then: paymux recover --settle REF --made ID | --not-made \
                 --who NAME --why TEXT",
            ));
        }
    }
    if !report.running.is_empty() {
        let rows = report.running.iter().map(|call| {
            let mut row = named(call.kind, call.reference.as_ref(), call.order_id.as_ref());
            row.extend([
                call.provider.to_string(),
                time(call.since),
                call.lease_until.map(time).unwrap_or_default(),
            ]);
            row
        });
        parts.push(table(
            &["RUNNING", "NAME", "PROVIDER", "SINCE", "IN DOUBT AFTER"],
            rows,
        ));
    }
    if !unmatched.is_empty() {
        let rows = unmatched.iter().map(|notice| {
            let id = notice
                .gateway_id
                .as_deref()
                .or(notice.reference.as_ref().map(Reference::as_str));
            vec![
                notice.number.to_string(),
                format!("{:?}", notice.kind).to_lowercase(),
                bold(&id.map(clean).unwrap_or_default()),
                notice.provider.to_string(),
                time(notice.received_at),
            ]
        });
        parts.push(table(
            &["UNMATCHED WEBHOOK", "OF", "ID", "PROVIDER", "RECEIVED"],
            rows,
        ));
        parts.push(dim(
            "They tell of what this ledger has not made. One goes off the list with: paymux recover \
             --dismiss NUMBER --who NAME --why TEXT",
        ));
    }
    parts.join("\n\n")
}

/// A webhook that went into the ledger.
pub(crate) fn applied(event: &WebhookEvent, received: Received, worked: Worked) -> String {
    let told = match received {
        Received::Duplicate => "It was in the ledger before.",
        _ if worked.unmatched > 0 => {
            "It is in the ledger, which knows nothing of what it tells: it is kept."
        }
        _ => "It is in the ledger.",
    };
    format!("{}\n\n{told}", super::webhook(event))
}

/// Ours against the gateways'.
pub(crate) fn drift(report: &DriftReport) -> String {
    let heading = format!(
        "{} {}, {} compared",
        bold("Made on"),
        report.day,
        report.compared
    );
    if report.is_clean() {
        return format!("{heading}: both sides say the same.");
    }
    let word = |text: Option<&str>| text.map(clean).unwrap_or_default();
    let rows = report.drifts.iter().map(|drift| {
        let name = match (&drift.order_id, &drift.reference) {
            (Some(order), _) => Some(order.as_str()),
            (None, reference) => reference.as_ref().map(|it| it.as_str()),
        };
        vec![
            drift.provider.to_string(),
            word(drift.gateway_id.as_deref()),
            word(name),
            difference(drift.kind).to_owned(),
            word(drift.ours.as_deref()),
            word(drift.theirs.as_deref()),
        ]
    });
    let table = table(
        &["PROVIDER", "ID", "NAME", "DIFFERS", "OURS", "THEIRS"],
        rows,
    );
    format!("{heading}\n\n{table}")
}

const fn difference(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::Status => "status",
        DriftKind::Amount => "amount",
        DriftKind::MissingThere => "missing there",
        DriftKind::MissingHere => "missing here",
        DriftKind::InDoubt => "in doubt",
        DriftKind::NotCompared => "not compared",
        _ => "otherwise",
    }
}

fn doubtful(doubt: &Doubt) -> Vec<String> {
    let order = doubt.sent_order_id.as_ref();
    let mut row = named(doubt.kind, doubt.reference.as_ref(), order);
    row.extend([doubt.provider.to_string(), time(doubt.since)]);
    row
}

/// What it is and its own name.
fn named(kind: EntityKind, reference: Option<&Reference>, order: Option<&OrderId>) -> Vec<String> {
    let name = reference
        .map(Reference::as_str)
        .or(order.map(OrderId::as_str));
    vec![
        kind.as_str().to_owned(),
        bold(&name.map(clean).unwrap_or_default()),
    ]
}
