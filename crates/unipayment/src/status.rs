//! The gateway's words for states as core's statuses (unipayment.readme.io, "invoice-status").

use paymux_core::{
    DepositStatus as CoreDeposit, InvoiceStatus as CoreInvoice, PaymentException,
    PaymentExceptions, PayoutStatus as CorePayout,
};
use rust_decimal::Decimal;

use crate::model::{
    DepositStatus, ErrorStatus, Invoice, InvoiceStatus, PaymentStatus, WithdrawalStatus,
};

/// The state of an invoice, and what is odd about its payment: by the gateway's own word and by what
/// the amounts say. An invoice that was just made may have no status, and waits for money.
pub(crate) fn of_invoice(invoice: &Invoice) -> (CoreInvoice, PaymentExceptions) {
    let word = invoice.status.as_ref().unwrap_or(&InvoiceStatus::New);
    let status = match word {
        InvoiceStatus::New => CoreInvoice::Pending,
        InvoiceStatus::Paid => CoreInvoice::Processing,
        InvoiceStatus::Confirmed => CoreInvoice::Confirmed,
        InvoiceStatus::Complete => CoreInvoice::Settled,
        InvoiceStatus::Expired => CoreInvoice::Expired,
        InvoiceStatus::Invalid => CoreInvoice::Invalid,
        InvoiceStatus::Other(_) => CoreInvoice::Unknown,
    };
    let exceptions = by_word(invoice.error_status.as_ref())
        .into_iter()
        .chain(by_amounts(invoice, status))
        .collect();
    (status, exceptions)
}

const fn by_word(word: Option<&ErrorStatus>) -> Option<PaymentException> {
    match word {
        Some(ErrorStatus::PaidLate) => Some(PaymentException::Late),
        Some(ErrorStatus::PaidPartial) => Some(PaymentException::Underpaid),
        Some(ErrorStatus::PaidOver) => Some(PaymentException::Overpaid),
        Some(ErrorStatus::Marked) => Some(PaymentException::Marked),
        Some(ErrorStatus::None | ErrorStatus::Other(_)) | None => None,
    }
}

fn by_amounts(invoice: &Invoice, status: CoreInvoice) -> Vec<PaymentException> {
    let paid = invoice.paid_amount.unwrap_or_default();
    if paid <= Decimal::ZERO {
        return Vec::new();
    }
    let mut found = Vec::new();
    match invoice.chosen_amount() {
        Some(due) if paid < due => found.push(PaymentException::Underpaid),
        Some(due) => {
            if paid > due {
                found.push(PaymentException::Overpaid);
            }
            if status == CoreInvoice::Expired {
                found.push(PaymentException::Late);
            }
        }
        // The gateway waits on, so what arrived was not all.
        None if status == CoreInvoice::Pending => found.push(PaymentException::Underpaid),
        None => {}
    }
    found
}

pub(crate) const fn of_withdrawal(status: &WithdrawalStatus) -> CorePayout {
    match status {
        WithdrawalStatus::Pending | WithdrawalStatus::Apply => CorePayout::Pending,
        WithdrawalStatus::Confirm | WithdrawalStatus::Approve => CorePayout::Processing,
        WithdrawalStatus::Success => CorePayout::Completed,
        WithdrawalStatus::Reject | WithdrawalStatus::Fail | WithdrawalStatus::Failed => {
            CorePayout::Failed
        }
        WithdrawalStatus::Cancel => CorePayout::Canceled,
        WithdrawalStatus::Other(_) => CorePayout::Unknown,
    }
}

pub(crate) const fn of_payment(status: &PaymentStatus) -> CorePayout {
    match status {
        PaymentStatus::Pending => CorePayout::Pending,
        PaymentStatus::Confirmed | PaymentStatus::Approved => CorePayout::Processing,
        PaymentStatus::Completed => CorePayout::Completed,
        PaymentStatus::Rejected | PaymentStatus::Failed => CorePayout::Failed,
        PaymentStatus::Canceled => CorePayout::Canceled,
        PaymentStatus::Other(_) => CorePayout::Unknown,
    }
}

pub(crate) const fn of_deposit(status: &DepositStatus) -> CoreDeposit {
    match status {
        DepositStatus::Confirming => CoreDeposit::Confirming,
        DepositStatus::Confirmed => CoreDeposit::Confirmed,
        DepositStatus::Credited => CoreDeposit::Credited,
        DepositStatus::Other(_) => CoreDeposit::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(status: &str, error: &str, paid: &str, due: &str) -> Invoice {
        let address = if due == "0" { "null" } else { "\"T1\"" };
        serde_json::from_str(&format!(
            r#"{{"invoice_id":"I1","status":"{status}","error_status":"{error}","paid_amount":{paid},"pay_amount":{due},"address":{address}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn invoices_are_in_the_state_that_words_and_amounts_say() {
        use CoreInvoice::{Confirmed, Expired, Invalid, Pending, Processing, Settled, Unknown};
        use PaymentException::{Late, Marked, Overpaid, Underpaid};

        for (status, error, paid, due, expected, exceptions) in [
            ("New", "None", "0.0", "0", Pending, vec![]),
            ("New", "None", "0.0", "10", Pending, vec![]),
            ("New", "None", "9.99", "10", Pending, vec![Underpaid]),
            ("New", "None", "5", "0", Pending, vec![Underpaid]),
            ("New", "None", "10.00", "10", Pending, vec![]),
            ("1", "0", "0", "10", Pending, vec![]),
            ("Paid", "None", "10", "10.0", Processing, vec![]),
            ("Paid", "PaidOver", "11", "10", Processing, vec![Overpaid]),
            ("Paid", "None", "11", "10", Processing, vec![Overpaid]),
            ("Paid", "None", "9", "10", Processing, vec![Underpaid]),
            ("Paid", "None", "5", "0", Processing, vec![]),
            ("Confirmed", "None", "10", "10", Confirmed, vec![]),
            ("Complete", "None", "10", "10", Settled, vec![]),
            ("Complete", "Marked", "0", "10", Settled, vec![Marked]),
            ("Complete", "PaidLate", "10", "10", Settled, vec![Late]),
            ("4", "3", "10", "10", Settled, vec![Overpaid]),
            ("Expired", "None", "0", "10", Expired, vec![]),
            (
                "Expired",
                "PaidPartial",
                "4",
                "10",
                Expired,
                vec![Underpaid],
            ),
            ("Expired", "None", "10", "10", Expired, vec![Late]),
            ("Expired", "None", "12", "10", Expired, vec![Late, Overpaid]),
            ("Invalid", "None", "10", "10", Invalid, vec![]),
            ("Frozen", "Odd", "0", "10", Unknown, vec![]),
            ("7", "9", "0", "10", Unknown, vec![]),
        ] {
            let case = format!("{status} {error} {paid} of {due}");
            let (state, found) = of_invoice(&invoice(status, error, paid, due));
            assert_eq!(state, expected, "{case}");
            assert_eq!(found, exceptions.into_iter().collect(), "{case}");
        }
        let unset: Invoice = serde_json::from_str(r#"{"invoice_id":"I1"}"#).unwrap();
        assert_eq!(of_invoice(&unset), (Pending, PaymentExceptions::none()));
    }

    #[test]
    fn payouts_and_deposits_are_in_the_state_that_the_word_says() {
        use CorePayout::{Canceled, Completed, Failed, Pending, Processing, Unknown};

        for (word, expected) in [
            ("Pending", Pending),
            ("Apply", Pending),
            ("Confirm", Processing),
            ("Approve", Processing),
            ("Success", Completed),
            ("Reject", Failed),
            ("Fail", Failed),
            ("Failed", Failed),
            ("Cancel", Canceled),
            ("6", Completed),
            ("Lost", Unknown),
        ] {
            let status = WithdrawalStatus::from(word.to_owned());
            assert_eq!(of_withdrawal(&status), expected, "{word}");
        }
        for (word, expected) in [
            ("PENDING", Pending),
            ("CONFIRMED", Processing),
            ("APPROVED", Processing),
            ("COMPLETED", Completed),
            ("REJECTED", Failed),
            ("FAILED", Failed),
            ("CANCELED", Canceled),
            ("LOST", Unknown),
        ] {
            let status = PaymentStatus::from(word.to_owned());
            assert_eq!(of_payment(&status), expected, "{word}");
        }
        for (word, expected) in [
            ("CONFIRMING", CoreDeposit::Confirming),
            ("CONFIRMED", CoreDeposit::Confirmed),
            ("CREDITED", CoreDeposit::Credited),
            ("LOST", CoreDeposit::Unknown),
        ] {
            let status = DepositStatus::from(word.to_owned());
            assert_eq!(of_deposit(&status), expected, "{word}");
        }
    }
}
