//! What the ledger holds, under the gateways' own ids.

use paymux::ledger::{EntityHistory, InvoiceRecord, PayoutRecord};

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

/// An invoice or a payout of the ledger, with its history.
pub(crate) fn history(mut history: EntityHistory) -> EntityHistory {
    history.invoice = history.invoice.map(invoice);
    history.payout = history.payout.map(payout);
    history
}
