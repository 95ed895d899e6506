//! What the ledger holds, under the gateways' own ids.

use paymux::ledger::{Doubt, EntityHistory, InvoiceRecord, PayoutRecord, RecoveryReport};

use super::bare;

/// A payout of the ledger.
pub(crate) fn payout(mut record: PayoutRecord) -> PayoutRecord {
    record.payout = record.payout.as_ref().map(bare::payout);
    record
}

/// An invoice of the ledger.
pub(crate) fn invoice(mut record: InvoiceRecord) -> InvoiceRecord {
    record.invoice = record.invoice.as_ref().map(bare::invoice);
    record
}

/// What recovery did.
pub(crate) fn recovery(mut report: RecoveryReport) -> RecoveryReport {
    let resolved = report.resolved.iter_mut().map(|it| &mut it.doubt);
    let open = report.open.iter_mut().map(|it| &mut it.doubt);
    resolved.chain(open).for_each(doubt);
    report
}

fn doubt(doubt: &mut Doubt) {
    if let Some(id) = &doubt.id {
        doubt.id = Some(bare::without_owner(id, doubt.provider.as_str()).to_owned());
    }
}

/// An invoice or a payout of the ledger, with its history.
pub(crate) fn history(mut history: EntityHistory) -> EntityHistory {
    history.invoice = history.invoice.map(invoice);
    history.payout = history.payout.map(payout);
    history
}
