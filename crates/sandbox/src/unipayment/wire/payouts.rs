//! Withdrawals, batches and payments in answers.

use super::{Fields, Style, zoneless};
use crate::json::Json;
use crate::unipayment::payouts::{BatchItem, Payout};
use crate::unipayment::settings::{Generation, UniPaymentSettings};

pub(in crate::unipayment) fn withdrawal(payout: &Payout, settings: &UniPaymentSettings) -> Json {
    Fields::new(Style::of_answer(Generation::Hmac, settings))
        .text("id", &payout.id)
        .optional("network", payout.network.as_deref())
        .text("asset_type", payout.asset_type)
        .amount("amount", payout.amount)
        .optional("address", payout.destination.as_deref())
        .amount("fee", payout.fee)
        .word("status", status(payout))
        .optional("txn_hash", payout.txn_hash.as_deref())
        .optional("note", payout.note.as_deref())
        .time("create_time", payout.create_time)
        .end()
}

/// A batch; with its items where one was asked for.
pub(in crate::unipayment) fn batch(
    payout: &Payout,
    with_items: bool,
    settings: &UniPaymentSettings,
) -> Json {
    let style = Style::of_answer(Generation::Hmac, settings);
    let mut fields = Fields::new(style)
        .text("payout_id", &payout.id)
        .optional("network", payout.network.as_deref())
        .text("asset_type", payout.asset_type)
        .word("status", status(payout))
        .time("create_time", payout.create_time)
        .time("update_time", payout.update_time);
    if with_items {
        let one = |item: &BatchItem| {
            Fields::new(style)
                .text("address", &item.address)
                .amount("amount", item.amount)
                .optional("hash", item.hash.as_deref())
                .end()
        };
        let items = payout.items.iter().map(one).collect();
        fields = fields.json("items", Json::Array(items));
    }
    fields.end()
}

pub(in crate::unipayment) fn payment(
    customer_id: &str,
    payout: &Payout,
    settings: &UniPaymentSettings,
) -> Json {
    let details = payout.payment.as_ref();
    Fields::new(Style::of_answer(Generation::OAuth, settings))
        .text("id", &payout.id)
        .text("customer_id", customer_id)
        .optional("transfer_method", details.map(|more| more.transfer_method))
        .optional("network", payout.network.as_deref())
        .text("asset_type", payout.asset_type)
        .optional(
            "from_account_id",
            details.map(|more| more.from_account_id.as_str()),
        )
        .json(
            "destination",
            details.map_or(Json::Null, |more| more.transfer_destination.clone()),
        )
        .amount("amount", payout.amount)
        .amount("fee", payout.fee)
        .amount("total_amount", payout.total())
        .optional("reference", payout.reference.as_deref())
        .optional("reason", details.map(|more| more.reason.as_str()))
        .optional("note", payout.note.as_deref())
        .text("status", payout.status_word())
        .text("create_time", zoneless(payout.create_time))
        .text("update_time", zoneless(payout.update_time))
        .end()
}

fn status(payout: &Payout) -> (&'static str, u32) {
    (payout.status_word(), payout.status.number(payout.kind))
}
