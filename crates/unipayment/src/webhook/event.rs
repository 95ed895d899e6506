//! Proven notices as core's events.

use paymux_core::{Proof, ProviderName, WebhookEvent, WebhookSubject, decimal};
use rust_decimal::Decimal;

use crate::model::{Invoice, Notice};
use crate::snapshot;

/// A notice that comes again may have another id and time, so neither is part of its key.
pub(crate) fn of_notice(
    provider: &ProviderName,
    notice: &Notice,
    proof: Proof,
    body: &[u8],
) -> WebhookEvent {
    let (dedup_key, subject) = match notice {
        Notice::Invoice(notice) => (
            invoice_key(&notice.invoice),
            WebhookSubject::Invoice(Box::new(snapshot::of_invoice(provider, &notice.invoice))),
        ),
        Notice::Withdrawal(notice, _) => (
            format!("payout:{}:{}", notice.withdrawal_id, notice.status),
            WebhookSubject::Payout(Box::new(snapshot::of_withdrawal(provider, notice))),
        ),
        Notice::Payment(notice, _) => (
            format!("payout:{}:{}", notice.payment_id, notice.status),
            WebhookSubject::Payout(Box::new(snapshot::of_payment(provider, notice))),
        ),
        Notice::Deposit(notice, _) => (
            format!("deposit:{}:{}", notice.deposit_id, notice.status),
            WebhookSubject::Deposit(Box::new(snapshot::of_deposit(provider, notice))),
        ),
        Notice::Other(_) => (WebhookEvent::dedup_key_of_body(body), WebhookSubject::Other),
    };
    let reference = match &subject {
        WebhookSubject::Payout(payout) => payout.reference.clone(),
        _ => None,
    };
    WebhookEvent::new(provider.clone(), dedup_key, proof, subject, body).with_reference(reference)
}

fn invoice_key(invoice: &Invoice) -> String {
    let digits = |amount: Option<Decimal>| amount.map(decimal::plain).unwrap_or_default();
    format!(
        "invoice:{}:{}:{}:{}:{}:{}",
        invoice.invoice_id,
        invoice.status.as_ref().map_or("", |status| status.as_str()),
        invoice
            .error_status
            .as_ref()
            .map_or("", |status| status.as_str()),
        digits(invoice.paid_amount),
        digits(invoice.confirmed_amount),
        digits(invoice.refunded_price_amount)
    )
}
