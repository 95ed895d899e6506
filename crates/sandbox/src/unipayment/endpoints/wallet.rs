//! `/wallet/balances` and `/wallet/accounts`.

use rust_decimal::Decimal;

use super::{Answer, Call, Reply};
use crate::balances::Balance;
use crate::json::Json;
use crate::unipayment::assets::Asset;
use crate::unipayment::book::{Account, Book};
use crate::unipayment::refusal::Refusal;
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::{Fields, Style};

pub(super) fn balances(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let book = call.gateway.book();
    let all = book.balances.all().iter();
    let all = all.map(|(symbol, balance)| {
        let fields = fields(call).text("asset_type", *symbol);
        with_money(call, fields, *balance).end()
    });
    Ok(Reply::data(Json::Array(all.collect())))
}

fn fields(call: &Call<'_>) -> Fields {
    Fields::new(Style::of_answer(call.generation, call.own_settings()))
}

fn with_money(call: &Call<'_>, fields: Fields, balance: Balance) -> Fields {
    let fields = fields
        .amount("balance", balance.total)
        .amount("frozen_balance", balance.frozen);
    let fields = match call.generation {
        Generation::OAuth => fields.amount("reversed_balance", Decimal::ZERO),
        Generation::Md5 | Generation::Hmac => fields,
    };
    fields.amount("available", balance.operable())
}

/// Besides the id, the members of an account are **ours**: those of a balance.
fn write_account(call: &Call<'_>, book: &Book, account: &Account) -> Json {
    let fields = fields(call)
        .text("id", &account.id)
        .text("asset_type", account.symbol);
    with_money(call, fields, book.balances.of(account.symbol)).end()
}

pub(super) fn accounts(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let book = call.gateway.book();
    let all = book.accounts.iter();
    let all = all.map(|account| write_account(call, &book, account));
    Ok(Reply::data(Json::Array(all.collect())))
}

/// The members of the answer are **ours**: one address for each network of the account's coin.
pub(super) fn deposit_address(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let id = call.id(0);
    let mut book = call.gateway.book();
    let account = book.account(id);
    let account = account.ok_or_else(|| Refusal::not_found("account", id))?;
    let symbol = account.symbol;
    let networks = Asset::networks_of(symbol);
    let assets = networks
        .into_iter()
        .filter_map(|network| Asset::find(symbol, Some(network)));
    let all = assets.map(|asset| {
        let address = call.gateway.deposit_address(&mut book, asset);
        fields(call)
            .text("asset_type", symbol)
            .text("network", asset.network)
            .text("address", address)
            .end()
    });
    Ok(Reply::data(Json::Array(all.collect())))
}
