//! order/create, order/detail, order/exchange-rates.

use rust_decimal::Decimal;

use super::{Answer, enabled_token, success};
use crate::addresses::tron::address_of;
use crate::amounts::{Amount, is_exact};
use crate::halo::gateway::Gateway;
use crate::halo::orders::{Order, OrderStatus};
use crate::halo::refusal::{Refusal, RefusalKind};
use crate::halo::tokens::Token;
use crate::halo::wire::{CreatedOrder, ExchangeRate, OrderDetail};
use crate::members::Members;
use crate::rates::FIAT_NAMES;
use crate::settings::Settings;

pub(super) fn create(gateway: &Gateway, settings: &Settings, mut members: Members) -> Answer {
    let out_trade_no = members.text("out_trade_no")?;
    let currency_id = members.integer("currency_id")?;
    let fiat_name = members.optional_text("fiat_name")?;
    let fiat_amount = members.optional_amount("fiat_amount")?;
    let token_amount = members.optional_amount("token_amount")?;
    let callback_url = members.optional_url("callback_url")?;
    let time_out = members.optional_integer("time_out")?;
    members.end()?;

    let token = enabled_token(currency_id, settings)?;
    let price = Price::from_members(fiat_name, fiat_amount, token_amount, token, settings)?;
    let create_time = gateway.clock.unix_seconds();
    let time_expire = expiry(time_out, create_time, settings)?;

    let mut book = gateway.book();
    if !settings.allow_repeated_order
        && let Some(known) = book.by_out_trade_no.get(&out_trade_no)
    {
        return Err(Refusal::new(
            RefusalKind::RepeatedOrder,
            format!("out_trade_no {out_trade_no:?} already has the order {known}; use another"),
        ));
    }
    let order = Order {
        trade_no: gateway.new_trade_no(),
        out_trade_no,
        currency_id,
        token: token.symbol,
        decimals: token.decimals,
        fiat_name: price.fiat_name,
        fiat_amount: price.fiat_amount,
        amount: price.amount,
        amount_collected: Decimal::ZERO,
        pay_address: address_of(gateway.randomness.account()),
        status: OrderStatus::ToBePaid,
        time_expire,
        create_time,
        need_confirms: settings.confirmations_required,
        already_confirms: 0,
        callback_url,
        payments: Vec::new(),
    };
    let answer = success(CreatedOrder::new(
        &order,
        token,
        checkout_url(gateway, settings, &order),
    ));
    let trade_no = order.trade_no.clone();
    book.by_out_trade_no
        .insert(order.out_trade_no.clone(), trade_no.clone());
    book.by_address
        .insert(order.pay_address.clone(), trade_no.clone());
    book.deadlines.insert((time_expire, trade_no.clone()));
    book.orders.add(trade_no, order);
    drop(book);
    gateway.woken.notify_one();
    answer
}

fn checkout_url(gateway: &Gateway, settings: &Settings, order: &Order) -> String {
    match &settings.checkout_base_url {
        Some(base) => format!("{}/{}", base.trim_end_matches('/'), order.trade_no),
        None => format!("{}/checkout/{}", gateway.base_url, order.trade_no),
    }
}

struct Price {
    fiat_name: Option<String>,
    fiat_amount: Option<Decimal>,
    amount: Decimal,
}

impl Price {
    fn from_members(
        fiat_name: Option<String>,
        fiat_amount: Option<Amount>,
        token_amount: Option<Amount>,
        token: &Token,
        settings: &Settings,
    ) -> Result<Self, Refusal> {
        match (fiat_name, fiat_amount, token_amount) {
            (None, None, Some(amount)) => Ok(Self {
                fiat_name: None,
                fiat_amount: None,
                amount: amount.positive(token.decimals)?,
            }),
            (Some(fiat_name), Some(fiat_amount), None) => {
                let fiat_amount = fiat_amount.positive(settings.fiat_decimals)?;
                let (amount, _) = convert(fiat_amount, &fiat_name, token, settings)?;
                Ok(Self {
                    fiat_name: Some(fiat_name),
                    fiat_amount: Some(fiat_amount),
                    amount,
                })
            }
            (None, None, None) => Err(Refusal::bad_parameter(
                "the price is missing; send token_amount, or fiat_name and fiat_amount",
            )),
            (_, _, Some(_)) => Err(Refusal::bad_parameter(
                "the price is there twice; send token_amount, or fiat_name and fiat_amount",
            )),
            (None, Some(_), None) => Err(Refusal::bad_parameter(
                "fiat_name is missing; it goes with fiat_amount",
            )),
            (Some(_), None, None) => Err(Refusal::bad_parameter(
                "fiat_amount is missing; it goes with fiat_name",
            )),
        }
    }
}

/// The token amount, rounded up, and the price of one token.
fn convert(
    fiat_amount: Decimal,
    fiat_name: &str,
    token: &Token,
    settings: &Settings,
) -> Result<(Decimal, Decimal), Refusal> {
    if !FIAT_NAMES.contains(&fiat_name) {
        return Err(Refusal::bad_parameter(format!(
            "fiat_name is {fiat_name:?} and must be one of {}",
            FIAT_NAMES.join(", ")
        )));
    }
    let price = settings.rates.price(token.symbol, fiat_name);
    let amount = settings
        .rates
        .to_token(fiat_amount, (token.symbol, token.decimals), fiat_name);
    match (amount, price) {
        (Some(amount), Some(price)) if is_exact(amount, token.decimals) => Ok((amount, price)),
        _ => Err(Refusal::bad_parameter(format!(
            "fiat_amount is {fiat_amount} {fiat_name}, which cannot be said in {}",
            token.symbol
        ))),
    }
}

fn expiry(time_out: Option<i64>, now: i64, settings: &Settings) -> Result<i64, Refusal> {
    let time_out = match time_out {
        None | Some(0) => {
            let lifetime = i64::try_from(settings.order_lifetime.as_secs()).unwrap_or(i64::MAX);
            return Ok(now.saturating_add(lifetime));
        }
        Some(time_out) => time_out,
    };
    if !(1_000_000_000..=9_999_999_999).contains(&time_out) {
        return Err(Refusal::bad_parameter(format!(
            "time_out is {time_out} and must be the absolute time of expiry in Unix seconds, ten \
             digits, or 0 for the default; it is {now} here"
        )));
    }
    if time_out <= now {
        return Err(Refusal::bad_parameter(format!(
            "time_out is {time_out}, which is past; it is {now} here"
        )));
    }
    Ok(time_out)
}

pub(super) fn detail(gateway: &Gateway, _: &Settings, mut members: Members) -> Answer {
    let trade_no = members.text("trade_no")?;
    members.end()?;
    let book = gateway.book();
    let found = book
        .orders
        .get(&trade_no)
        .and_then(|order| Some((order, Token::find(order.currency_id)?)));
    let Some((order, token)) = found else {
        return Err(Refusal::new(
            RefusalKind::NotFound,
            format!("no order has the trade_no {trade_no:?}"),
        ));
    };
    success(OrderDetail::new(order, token))
}

/// `amount` is what the fiat amount is in tokens and `exchange_rate` the fiat price of one token:
/// the documents leave the direction open.
pub(super) fn exchange_rates(_: &Gateway, settings: &Settings, mut members: Members) -> Answer {
    let currency_id = members.integer("currency_id")?;
    let fiat_name = members.text("fiat_name")?;
    let fiat_amount = members.amount("fiat_amount")?;
    members.end()?;
    let token = enabled_token(currency_id, settings)?;
    let fiat_amount = fiat_amount.positive(settings.fiat_decimals)?;
    let (amount, price) = convert(fiat_amount, &fiat_name, token, settings)?;
    success(ExchangeRate {
        amount: amount.to_string(),
        exchange_rate: price.normalize().to_string(),
    })
}
