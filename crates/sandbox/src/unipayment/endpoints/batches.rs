//! `/payouts`: many receivers in one call.

use rust_decimal::Decimal;

use super::withdrawals::{check_covered, known_asset, list_of};
use super::{Answer, Call, Reply};
use crate::amounts::Amount;
use crate::unipayment::payouts::{BatchItem, Payout, PayoutKind, PayoutStatus};
use crate::unipayment::refusal::Refusal;
use crate::unipayment::wire::payouts::batch as write;

/// The documents name no fee, and there is none.
pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let network = members.text("network")?;
    let asset = known_asset(&members.text("asset_type")?, &network)?;
    let mut items = Vec::new();
    let mut sum = Decimal::ZERO;
    for mut item in members.objects("items")? {
        let address = item.text("address")?;
        let amount = Amount::positive(item.money("amount")?, asset.decimals)?.normalize();
        item.end()?;
        asset.check_address(&address).map_err(|reason| {
            Refusal::bad_parameter(format!("the address of item {} {reason}", items.len() + 1))
        })?;
        sum = sum
            .checked_add(amount)
            .ok_or_else(|| Refusal::bad_parameter("the amounts of the items are too large"))?;
        items.push(BatchItem {
            address,
            amount,
            hash: None,
        });
    }
    members.end()?;
    let gateway = call.gateway;
    let mut book = gateway.book();
    let total = check_covered(&book, asset.symbol, (sum, Decimal::ZERO), asset.decimals)?;
    let now = gateway.now();
    let batch = Payout {
        id: gateway.randomness.uuid(),
        kind: PayoutKind::Batch,
        network: Some(network),
        asset_type: asset.symbol,
        amount: sum.normalize(),
        fee: Decimal::ZERO,
        destination: None,
        status: PayoutStatus::Pending,
        txn_hash: None,
        note: None,
        reference: None,
        unique_id: None,
        items,
        create_time: now,
        update_time: now,
        notify_url: None,
        payment: None,
    };
    book.balances.freeze(asset.symbol, total);
    let answer = write(&batch, true, call.own_settings());
    book.payouts.add(batch.id.clone(), batch);
    Ok(Reply::data(answer))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let id = call.id(0);
    let book = call.gateway.book();
    let found = book.payouts.get(id);
    let batch = found.filter(|payout| payout.kind == PayoutKind::Batch);
    let batch = batch.ok_or_else(|| Refusal::not_found("payout", id))?;
    Ok(Reply::data(write(batch, true, call.own_settings())))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    list_of(PayoutKind::Batch, call, |batch| {
        write(batch, false, call.own_settings())
    })
}
