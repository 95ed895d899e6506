//! The gateway's invoices, withdrawals, payments and deposits as core's snapshots.

use paymux_core::{
    Asset, AssetAmount, AssetName, Confirmations, DepositSnapshot, Destination, InvoiceId,
    InvoiceSnapshot, Money, OrderId, PayoutId, PayoutSnapshot, ProviderName, Reference,
    TransactionRef, payment_uri,
};
use rust_decimal::Decimal;

use crate::model::{
    DepositNotice, Invoice, InvoiceStatus, NetworkCode, PaymentNotice, Transaction,
    WithdrawalNotice,
};
use crate::status;

/// Until the payer has chosen how to pay, nothing is due yet, which is another thing than zero.
pub(crate) fn of_invoice(provider: &ProviderName, invoice: &Invoice) -> InvoiceSnapshot {
    let (state, exceptions) = status::of_invoice(invoice);
    let id = InvoiceId::received(invoice.invoice_id.as_str());
    let mut snapshot = InvoiceSnapshot::new(provider.clone(), id, state);
    snapshot.exceptions = exceptions;
    snapshot.order_id = invoice.order_id.as_deref().map(OrderId::received);
    snapshot.price = in_price_currency(invoice, invoice.price_amount);
    snapshot.refunded = in_price_currency(invoice, invoice.refunded_price_amount);
    snapshot.due = invoice.chosen_amount().map(|amount| {
        asset_amount(
            amount,
            invoice.pay_currency.as_deref(),
            invoice.network.as_ref(),
        )
    });
    if let Some(paid) = invoice.paid_amount {
        snapshot.set_received(paid);
    }
    if let (Some(due), Some(address)) = (invoice.chosen_amount(), &invoice.address) {
        let network = invoice.network.as_ref().and_then(NetworkCode::network);
        snapshot.destination = Some(Destination::new(address.as_str(), network));
        let open = snapshot
            .remaining
            .as_ref()
            .map(|remaining| remaining.amount)
            .filter(|amount| !amount.is_zero());
        snapshot.qr = Some(qr_text(invoice, address, open.unwrap_or(due)));
    }
    snapshot.checkout_url = invoice.pay_link().map(str::to_owned);
    snapshot.created_at = invoice.create_time;
    snapshot.expires_at = invoice.expiration_time;
    snapshot.confirmations = confirmations(&invoice.transactions);
    snapshot.transactions = invoice
        .transactions
        .iter()
        .filter_map(transaction)
        .collect();
    snapshot.provider_status = invoice
        .status
        .as_ref()
        .map(InvoiceStatus::as_str)
        .map(str::to_owned);
    snapshot
}

pub(crate) fn of_withdrawal(
    provider: &ProviderName,
    withdrawal: &WithdrawalNotice,
) -> PayoutSnapshot {
    let id = PayoutId::received(withdrawal.withdrawal_id.as_str());
    let state = status::of_withdrawal(&withdrawal.status);
    let mut snapshot = PayoutSnapshot::new(provider.clone(), id, state);
    let network = withdrawal.network.as_ref();
    let of_asset = |amount| asset_amount(amount, withdrawal.asset_type.as_deref(), network);
    snapshot.amount = withdrawal.amount.map(of_asset);
    snapshot.fee = withdrawal.fee.map(of_asset);
    snapshot.destination = destination(withdrawal.address.as_deref(), network);
    snapshot.created_at = withdrawal.create_time;
    snapshot.transactions = withdrawal
        .txn_hash
        .iter()
        .map(TransactionRef::new)
        .collect();
    snapshot.provider_status = Some(withdrawal.status.to_string());
    snapshot
}

/// A payment to a bank has no destination here: the receiver's account stays in the notice.
pub(crate) fn of_payment(provider: &ProviderName, payment: &PaymentNotice) -> PayoutSnapshot {
    let id = PayoutId::received(payment.payment_id.as_str());
    let state = status::of_payment(&payment.status);
    let mut snapshot = PayoutSnapshot::new(provider.clone(), id, state);
    snapshot.reference = payment.note.as_deref().map(Reference::received);
    let network = payment.network.as_ref();
    let of_asset = |amount| asset_amount(amount, payment.asset_type.as_deref(), network);
    snapshot.amount = payment.amount.map(of_asset);
    snapshot.fee = payment.fee.map(of_asset);
    snapshot.destination = payment
        .transfer_destination
        .as_ref()
        .and_then(|to| destination(to.address.as_deref(), to.network.as_ref().or(network)));
    snapshot.created_at = payment.create_time;
    snapshot.provider_status = Some(payment.status.to_string());
    snapshot
}

pub(crate) fn of_deposit(provider: &ProviderName, deposit: &DepositNotice) -> DepositSnapshot {
    let state = status::of_deposit(&deposit.status);
    let mut snapshot = DepositSnapshot::new(provider.clone(), state);
    let network = deposit.network.as_ref();
    snapshot.id = Some(deposit.deposit_id.clone());
    snapshot.amount = deposit
        .amount
        .map(|amount| asset_amount(amount, deposit.asset_type.as_deref(), network));
    if let Some(detail) = &deposit.detail {
        let to = detail
            .to
            .as_deref()
            .or(detail.beneficiary_iban.as_deref())
            .or(detail.beneficiary_account_number.as_deref());
        snapshot.destination = destination(to, network);
        snapshot.transactions = detail.hash.iter().map(TransactionRef::new).collect();
    }
    snapshot.provider_status = Some(deposit.status.to_string());
    snapshot
}

fn in_price_currency(invoice: &Invoice, amount: Option<Decimal>) -> Option<Money> {
    let currency = invoice.price_currency.as_deref()?.parse().ok()?;
    Some(Money::new(amount?, currency))
}

/// A symbol that cannot be named leaves the amount without its asset.
fn asset_amount(
    amount: Decimal,
    symbol: Option<&str>,
    network: Option<&NetworkCode>,
) -> AssetAmount {
    let network = network.and_then(NetworkCode::network);
    symbol
        .and_then(|symbol| AssetName::new(symbol, network).ok())
        .map_or_else(
            || AssetAmount::of_unknown(amount),
            |asset| AssetAmount::new(amount, asset),
        )
}

fn destination(address: Option<&str>, network: Option<&NetworkCode>) -> Option<Destination> {
    address.map(|address| Destination::new(address, network.and_then(NetworkCode::network)))
}

fn qr_text(invoice: &Invoice, address: &str, amount: Decimal) -> String {
    let network = invoice.network.as_ref().and_then(NetworkCode::network);
    invoice
        .pay_currency
        .as_deref()
        .and_then(|symbol| Asset::new(symbol).ok())
        .map_or_else(
            || address.to_owned(),
            |asset| payment_uri(address, &asset.with_network(network), Some(amount)),
        )
}

fn transaction(transaction: &Transaction) -> Option<TransactionRef> {
    let mut reference = TransactionRef::new(transaction.hash.as_deref()?);
    reference.amount = transaction.amount;
    reference.confirmations = transaction.confirmation_count;
    Some(reference)
}

/// An invoice lies as deep as its shallowest transaction. How deep it has to lie is not told.
fn confirmations(transactions: &[Transaction]) -> Option<Confirmations> {
    let seen: Option<Vec<u64>> = transactions
        .iter()
        .map(|transaction| transaction.confirmation_count)
        .collect();
    Some(Confirmations {
        seen: seen?.into_iter().min()?,
        required: None,
    })
}
