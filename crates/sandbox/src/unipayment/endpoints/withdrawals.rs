//! `/wallet/withdrawals` and `/wallet/withdrawal-fees`.

use rust_decimal::Decimal;

use super::invoices::known_symbol;
use super::{Answer, Call, Reply, page};
use crate::amounts::{Amount, is_exact};
use crate::json::Json;
use crate::unipayment::assets::Asset;
use crate::unipayment::book::Book;
use crate::unipayment::payouts::{Payout, PayoutKind, PayoutStatus};
use crate::unipayment::query::Query;
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::payouts::withdrawal as write;
use crate::unipayment::wire::{Fields, Style};

/// A coin of the catalogue by the `asset_type` and `network` of a call.
pub(super) fn known_asset(asset_type: &str, network: &str) -> Result<&'static Asset, Refusal> {
    let symbol = known_symbol(asset_type)?;
    Asset::find(symbol, Some(network)).ok_or_else(|| {
        Refusal::bad_parameter(format!(
            "network is {network:?} and must be one of {} for {symbol}",
            Asset::networks_of(symbol).join(", ")
        ))
    })
}

/// What an amount costs with its fee, if that is a figure and there.
pub(super) fn check_covered(
    book: &Book,
    symbol: &'static str,
    (amount, fee): (Decimal, Decimal),
    decimals: u32,
) -> Result<Decimal, Refusal> {
    let total = amount.checked_add(fee);
    let total = total.filter(|total| is_exact(*total, decimals));
    let total =
        total.ok_or_else(|| Refusal::bad_parameter(format!("amount is {amount} and too large")))?;
    let available = book.balances.of(symbol).operable();
    if total > available {
        let reason = format!("amount and fee are {total} {symbol} and {available} is available");
        return Err(Refusal::new(RefusalKind::InsufficientBalance, reason));
    }
    Ok(total)
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let network = members.text("network")?;
    let address = members.text("address")?;
    let asset = known_asset(&members.text("asset_type")?, &network)?;
    let amount = Amount::positive(members.money("amount")?, asset.decimals)?.normalize();
    members.optional_text("dest_tag")?;
    let notify_url = members.optional_url("notify_url")?;
    let note = members.optional_text("note")?;
    let auto_confirm = members.optional_boolean("auto_confirm")?.unwrap_or(false);
    let include_fee = members.optional_boolean("include_fee")?.unwrap_or(false);
    members.end()?;
    asset
        .check_address(&address)
        .map_err(|reason| Refusal::bad_parameter(format!("address {reason}")))?;
    let fee = call
        .own_settings()
        .withdrawal_fees
        .of(asset.symbol)
        .normalize();
    let amount = match include_fee {
        false => amount,
        true => amount
            .checked_sub(fee)
            .filter(|left| *left > Decimal::ZERO)
            .ok_or_else(|| {
                Refusal::bad_parameter(format!(
                    "amount is {amount} and must be above the fee of {fee} that it includes"
                ))
            })?,
    };
    let gateway = call.gateway;
    let mut book = gateway.book();
    let total = check_covered(&book, asset.symbol, (amount, fee), asset.decimals)?;
    let now = gateway.now();
    let withdrawal = Payout {
        id: gateway.randomness.uuid(),
        kind: PayoutKind::Withdrawal,
        network: Some(network),
        asset_type: asset.symbol,
        amount,
        fee,
        destination: Some(address),
        status: PayoutStatus::Pending,
        txn_hash: None,
        note,
        reference: None,
        unique_id: None,
        items: Vec::new(),
        create_time: now,
        update_time: now,
        notify_url,
        payment: None,
    };
    book.balances.freeze(asset.symbol, total);
    gateway.tell_payout(&withdrawal, None);
    let id = withdrawal.id.clone();
    book.payouts.add(id.clone(), withdrawal);
    if auto_confirm {
        gateway
            .move_payout(&mut book, &id, Some(PayoutStatus::Confirmed))
            .map_err(|error| Refusal::new(RefusalKind::WrongState, error.to_string()))?;
    }
    Ok(Reply::data(to_json(call, find(&book, &id)?)))
}

fn to_json(call: &Call<'_>, payout: &Payout) -> Json {
    write(payout, call.own_settings())
}

fn find<'a>(book: &'a Book, id: &str) -> Result<&'a Payout, Refusal> {
    let found = book.payouts.get(id);
    found
        .filter(|payout| payout.kind == PayoutKind::Withdrawal)
        .ok_or_else(|| Refusal::not_found("withdrawal", id))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let book = call.gateway.book();
    Ok(Reply::data(to_json(call, find(&book, call.id(0))?)))
}

pub(super) fn cancel(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let id = members.text("id")?;
    members.end()?;
    let mut book = call.gateway.book();
    let status = find(&book, &id)?.status;
    if !matches!(status, PayoutStatus::Pending | PayoutStatus::Confirmed) {
        let word = status.spelled(PayoutKind::Withdrawal);
        let reason =
            format!("the withdrawal is {word}; only one that is not approved yet can be cancelled");
        return Err(Refusal::new(RefusalKind::WrongState, reason));
    }
    call.gateway
        .move_payout(&mut book, &id, Some(PayoutStatus::Canceled))
        .map_err(|error| Refusal::new(RefusalKind::WrongState, error.to_string()))?;
    Ok(Reply::data(to_json(call, find(&book, &id)?)))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    list_of(PayoutKind::Withdrawal, call, |payout| to_json(call, payout))
}

/// A list of one kind, filtered as its query says.
pub(super) fn list_of(
    kind: PayoutKind,
    call: &Call<'_>,
    write: impl Fn(&Payout) -> Json,
) -> Answer {
    let mut query: Query = call.query()?;
    let network = query.take("network");
    let asset_type = query.take("asset_type");
    let status = query.take("status");
    let status = status.map(|word| known_status(kind, &word)).transpose()?;
    let (start, end) = (query.time("start")?, query.time("end")?);
    let ascending = query.ascending()?;
    let wanted = query.page()?;
    query.end()?;
    let book = call.gateway.book();
    let fits = |payout: &&Payout| {
        payout.kind == kind
            && network
                .as_ref()
                .is_none_or(|name| payout.network.as_ref() == Some(name))
            && asset_type
                .as_ref()
                .is_none_or(|name| payout.asset_type == name)
            && status.is_none_or(|status| payout.status_word() == status)
            && start.is_none_or(|start| payout.create_time >= start)
            && end.is_none_or(|end| payout.create_time <= end)
    };
    let mut found: Vec<&Payout> = book.payouts.all().iter().filter(fits).collect();
    if !ascending {
        found.reverse();
    }
    let style = Style::of_answer(call.generation, call.own_settings());
    let write = |payout: &&Payout| write(payout);
    Ok(Reply::data(page(&found, wanted, "page_no", write, style)))
}

fn known_status(kind: PayoutKind, word: &str) -> Result<&'static str, Refusal> {
    let words = PayoutStatus::ALL.map(|status| status.spelled(kind));
    let mut known = words.into_iter();
    known
        .find(|known| known.eq_ignore_ascii_case(word))
        .ok_or_else(|| {
            Refusal::bad_parameter(format!(
                "status is {word:?} and must be one of {}",
                words.join(", ")
            ))
        })
}

pub(super) fn fees(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let symbol = known_symbol(call.id(0))?;
    let fee = call.own_settings().withdrawal_fees.of(symbol);
    let style = Style::of_answer(Generation::Hmac, call.own_settings());
    let networks = Asset::networks_of(symbol).into_iter();
    let all = networks.map(|network| {
        Fields::new(style)
            .text("asset_type", symbol)
            .text("network", network)
            .text("fee_type", "Fix")
            .amount("fee", fee)
            .amount("min_txn_fee", fee)
            .end()
    });
    Ok(Reply::data(Json::Array(all.collect())))
}
