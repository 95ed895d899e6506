//! The bodies of webhooks.

use chrono::{DateTime, Utc};

use super::wire::invoices::{Payable, transactions};
use super::wire::{Fields, Style, precise, zoneless};
use crate::json::Json;
use crate::unipayment::deposits::Deposit;
use crate::unipayment::invoices::{Invoice, InvoiceStatus};
use crate::unipayment::payouts::{Payout, PayoutKind};
use crate::unipayment::settings::{Generation, UniPaymentSettings};

/// What every notice ends in.
pub(super) struct Stamp {
    pub(super) id: String,
    pub(super) time: DateTime<Utc>,
}

/// A notice of an invoice (ipn-payment-notification page, by year). The first generation's `sign` is
/// still empty.
pub(super) fn invoice(
    app_id: &str,
    invoice: &Invoice,
    stamp: &Stamp,
    settings: &UniPaymentSettings,
) -> Json {
    let generation = invoice.generation;
    let style = Style::of_notice(generation, settings);
    let to = Payable::of(invoice);
    let mut fields = Fields::new(style);
    if generation != Generation::Md5 {
        fields = fields
            .text("ipn_type", "invoice")
            .text("event", invoice.status.event());
    }
    fields = fields.text("app_id", app_id);
    if generation == Generation::OAuth {
        fields = fields.text("payment_method_type", ipn_spelling(invoice));
    }
    fields = fields
        .text("invoice_id", &invoice.invoice_id)
        .text("order_id", &invoice.order_id)
        .amount("price_amount", invoice.price_amount)
        .text("price_currency", invoice.price_currency)
        .optional("network", to.network)
        .optional("address", to.address)
        .optional("pay_currency", invoice.pay_currency)
        .amount("pay_amount", to.pay_amount)
        .amount("exchange_rate", to.exchange_rate)
        .amount("paid_amount", invoice.paid_amount)
        .amount("confirmed_amount", invoice.confirmed_amount);
    if generation != Generation::Md5 {
        fields = fields.amount("refunded_price_amount", 0.into());
    }
    // The notice of an expired invoice shows these two without a zone.
    let written = match (generation, invoice.status) {
        (Generation::Hmac, InvoiceStatus::Expired) => zoneless,
        _ => precise,
    };
    fields = fields
        .text("create_time", written(invoice.create_time))
        .text("expiration_time", written(invoice.expiration_time))
        .text("status", invoice.status.as_str())
        .text("error_status", invoice.error_status.as_str());
    if generation != Generation::Md5 {
        fields = fields.optional("ext_args", invoice.ext_args.as_deref());
    }
    let transfers = match invoice.transactions.as_slice() {
        [] => Json::Null,
        _ => transactions(invoice, style, settings),
    };
    fields = match generation {
        Generation::OAuth => fields.json("channel", Json::Null),
        Generation::Md5 | Generation::Hmac => fields.json("transactions", transfers),
    };
    fields = fields.text("notify_id", &stamp.id);
    if generation == Generation::Md5 {
        fields = fields.text("sign", "").text("sign_type", "MD5");
    }
    fields.text("notify_time", precise(stamp.time)).end()
}

/// `UNKNOWN` in answers is `Unknown` in notices.
fn ipn_spelling(invoice: &Invoice) -> String {
    let mut letters = invoice.payment_method_type.chars();
    let first = letters.next().into_iter();
    first
        .chain(letters.map(|letter| letter.to_ascii_lowercase()))
        .collect()
}

/// A notice of a withdrawal or payment (ipn-withdrawal-notification page, 2023 and 2024). A batch has
/// none.
pub(super) fn payout(
    payout: &Payout,
    stamp: &Stamp,
    settings: &UniPaymentSettings,
) -> Option<Json> {
    match payout.kind {
        PayoutKind::Withdrawal => Some(withdrawal(payout, stamp, settings)),
        PayoutKind::Payment => Some(payment(payout, stamp, settings)),
        PayoutKind::Batch => None,
    }
}

fn withdrawal(payout: &Payout, stamp: &Stamp, settings: &UniPaymentSettings) -> Json {
    let (status, event) = payout.status.withdrawal_notice();
    Fields::new(Style::of_notice(Generation::Hmac, settings))
        .text("ipn_type", "withdrawal")
        .text("event", event)
        .text("withdrawal_id", &payout.id)
        .optional("network", payout.network.as_deref())
        .text("asset_type", payout.asset_type)
        .optional("address", payout.destination.as_deref())
        .amount("amount", payout.amount)
        .amount("fee", payout.fee)
        .optional("txn_hash", payout.txn_hash.as_deref())
        .text("status", status)
        .text("create_time", zoneless(payout.create_time))
        .text("update_time", precise(payout.update_time))
        .text("notify_id", &stamp.id)
        .text("notify_time", precise(stamp.time))
        .end()
}

fn payment(payout: &Payout, stamp: &Stamp, settings: &UniPaymentSettings) -> Json {
    let details = payout.payment.as_ref();
    Fields::new(Style::of_notice(Generation::OAuth, settings))
        .text("ipn_type", "payment")
        .text("event", payout.status.payment_event())
        .text("payment_id", &payout.id)
        .optional("network", payout.network.as_deref())
        .text("asset_type", payout.asset_type)
        .amount("amount", payout.amount)
        .amount("fee", payout.fee)
        .text("status", payout.status_word())
        .optional("transfer_method", details.map(|more| more.transfer_method))
        .json(
            "transfer_destination",
            details.map_or(Json::Null, |more| more.transfer_destination.clone()),
        )
        .json("detail", Json::Null)
        .optional("note", payout.note.as_deref())
        .text("create_time", precise(payout.create_time))
        .text("update_time", precise(payout.update_time))
        .text("notify_id", &stamp.id)
        .text("notify_time", precise(stamp.time))
        .end()
}

/// A notice of a deposit (ipn-deposit page).
pub(super) fn deposit(deposit: &Deposit, stamp: &Stamp, settings: &UniPaymentSettings) -> Json {
    let style = Style::of_notice(Generation::OAuth, settings);
    let detail = Fields::new(style)
        .text("network", deposit.asset.network)
        .text("asset_type", deposit.asset.symbol)
        .amount("amount", deposit.amount)
        .text("from", &deposit.from)
        .text("to", &deposit.to)
        .text("hash", &deposit.hash)
        .end();
    Fields::new(style)
        .text("ipn_type", "deposit")
        .text("event", deposit.status.event())
        .text("deposit_id", &deposit.deposit_id)
        .text("network", deposit.asset.network)
        .text("asset_type", deposit.asset.symbol)
        .amount("amount", deposit.amount)
        .amount("fee", 0.into())
        .text("transfer_method", "CRYPTO")
        .json("detail", detail)
        .text("status", deposit.status.as_str())
        .text("create_time", precise(deposit.create_time))
        .text("update_time", precise(deposit.update_time))
        .text("notify_id", &stamp.id)
        .text("notify_time", precise(stamp.time))
        .end()
}
