//! `/currencies` and `/rates`.

use rust_decimal::Decimal;

use super::{Answer, Call, Reply};
use crate::json::Json;
use crate::unipayment::assets::{Asset, fiat_names, symbols};
use crate::unipayment::refusal::Refusal;
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::{Fields, Style};

const FIAT_DECIMALS: u32 = 2;

pub(super) fn currencies(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let fiat = fiat_names().map(|code| (code, code, true, FIAT_DECIMALS));
    let crypto = symbols().map(|coin| (coin.symbol, coin.name, false, coin.decimals));
    let style = Style::of_answer(call.generation, call.own_settings());
    let write = |(code, name, is_fiat, decimals): (&str, &str, bool, u32)| {
        let fields = Fields::new(style).text("code", code);
        match call.generation {
            Generation::OAuth => fields
                .text("name", name)
                .json("is_fiat", Json::Bool(is_fiat))
                .count("divisibility", decimals),
            Generation::Md5 | Generation::Hmac => fields
                .text("symbol", code)
                .text("name", name)
                .json("is_fiat", Json::Bool(is_fiat)),
        }
        .end()
    };
    Ok(Reply::data(Json::Array(
        fiat.chain(crypto).map(write).collect(),
    )))
}

pub(super) fn rates(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let fiat = call.id(0).to_ascii_uppercase();
    let all = symbols().map(|coin| one_rate(call, &fiat, coin));
    Ok(Reply::data(Json::Array(all.collect::<Result<_, _>>()?)))
}

pub(super) fn rate(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let fiat = call.id(0).to_ascii_uppercase();
    let symbol = call.id(1).to_ascii_uppercase();
    let coin = Asset::find(&symbol, None).ok_or_else(|| Refusal::not_found("coin", call.id(1)))?;
    Ok(Reply::data(one_rate(call, &fiat, coin)?))
}

/// The price of one coin; `from` is the coin. Buying and selling cost the same here.
fn one_rate(call: &Call<'_>, fiat: &str, coin: &Asset) -> Result<Json, Refusal> {
    let known = fiat_names().find(|name| *name == fiat);
    let known = known.ok_or_else(|| Refusal::not_found("fiat currency", fiat))?;
    let price = call.settings.rates.price(coin.symbol, known);
    let price: Decimal = price.ok_or_else(|| Refusal::not_found("rate", coin.symbol))?;
    let style = Style::of_answer(call.generation, call.own_settings());
    let fields = Fields::new(style)
        .text("from", coin.symbol)
        .text("to", known)
        .amount("rate", price);
    Ok(match call.generation {
        Generation::OAuth => fields.amount("ask", price).amount("bid", price),
        Generation::Md5 | Generation::Hmac => fields,
    }
    .end())
}
