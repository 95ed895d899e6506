//! Proven notices as core's events.

use paymux_core::{
    AssetAmount, DepositSnapshot, Destination, InvoiceId, InvoiceSnapshot, OrderId, PayoutId,
    PayoutSnapshot, Proof, ProviderName, Reference, TransactionRef, WebhookEvent, WebhookSubject,
    decimal,
};
use rust_decimal::Decimal;

use crate::asset::network_of;
use crate::model::{DepositNotice, Notice, NoticeMembers, PaymentNotice, PayoutNotice};
use crate::status;

pub(super) fn of_notice(
    provider: &ProviderName,
    notice: &Notice,
    reference: Option<Reference>,
    body: &[u8],
) -> WebhookEvent {
    let (dedup_key, subject) = match notice {
        Notice::Payment(notice) => (
            format!(
                "invoice:{}:{}:{}",
                notice.trade_no,
                notice.status,
                digits(notice.amount_collected)
            ),
            WebhookSubject::Invoice(Box::new(invoice(provider, notice))),
        ),
        Notice::Payout(notice) => (
            format!("payout:{}:{}", notice.trade_no, notice.status),
            WebhookSubject::Payout(Box::new(payout(provider, notice, reference.clone()))),
        ),
        Notice::Deposit(notice) => (
            deposit_key(notice),
            WebhookSubject::Deposit(Box::new(deposit(provider, notice))),
        ),
        Notice::Other(_) => (WebhookEvent::dedup_key_of_body(body), WebhookSubject::Other),
    };
    let reference =
        reference.filter(|_| !matches!(notice, Notice::Payment(_) | Notice::Deposit(_)));
    WebhookEvent::new(provider.clone(), dedup_key, Proof::Signed, subject, body)
        .with_reference(reference)
}

fn digits(amount: Option<Decimal>) -> String {
    amount.map(decimal::plain).unwrap_or_default()
}

fn transactions(shared: &NoticeMembers) -> Vec<TransactionRef> {
    shared.txid.iter().map(TransactionRef::new).collect()
}

fn invoice(provider: &ProviderName, notice: &PaymentNotice) -> InvoiceSnapshot {
    let (state, exceptions) = status::of_payment_notice(notice);
    let id = InvoiceId::received(notice.trade_no.as_str());
    let mut snapshot = InvoiceSnapshot::new(provider.clone(), id, state);
    snapshot.exceptions = exceptions;
    snapshot.order_id = notice.out_trade_no.as_deref().map(OrderId::received);
    snapshot.transactions = transactions(&notice.shared);
    snapshot.provider_status = Some(notice.status.to_string());
    snapshot
}

fn payout(
    provider: &ProviderName,
    notice: &PayoutNotice,
    reference: Option<Reference>,
) -> PayoutSnapshot {
    let id = PayoutId::received(notice.trade_no.as_str());
    let mut snapshot = PayoutSnapshot::new(provider.clone(), id, status::of_payout(&notice.status));
    snapshot.reference = reference;
    snapshot.amount = notice.amount.map(AssetAmount::of_unknown);
    snapshot.transactions = transactions(&notice.shared);
    snapshot.provider_status = Some(notice.status.to_string());
    snapshot
}

fn deposit(provider: &ProviderName, notice: &DepositNotice) -> DepositSnapshot {
    let shared = &notice.shared;
    let mut snapshot = DepositSnapshot::new(
        provider.clone(),
        status::of_deposit(notice.status.as_deref()),
    );
    snapshot.id = notice.trade_no.clone();
    snapshot.amount = notice.amount.map(AssetAmount::of_unknown);
    snapshot.destination = notice
        .address
        .as_deref()
        .map(|address| Destination::new(address, network_of(&shared.chain, "", shared.chain_id)));
    snapshot.transactions = transactions(shared);
    snapshot.provider_status = notice.status.clone();
    snapshot
}

/// One payment has one transaction, which may pay two addresses; an address may be paid twice.
fn deposit_key(notice: &DepositNotice) -> String {
    let payment = notice
        .trade_no
        .as_deref()
        .or(notice.shared.txid.as_deref())
        .unwrap_or_default();
    format!(
        "deposit:{payment}:{}:{}:{}",
        notice.address.as_deref().unwrap_or_default(),
        digits(notice.amount),
        notice.status.as_deref().unwrap_or_default()
    )
}
