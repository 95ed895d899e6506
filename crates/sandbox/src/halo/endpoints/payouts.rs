//! payout/create, payout/detail.

use rust_decimal::Decimal;
use secrecy::ExposeSecret;

use super::{Answer, enabled_token, success};
use crate::addresses::tron::check_address;
use crate::amounts::round_up;
use crate::halo::gateway::Gateway;
use crate::halo::payouts::{Payout, PayoutStatus};
use crate::halo::refusal::{Refusal, RefusalKind};
use crate::halo::tokens::Token;
use crate::halo::wire::{CreatedPayout, PayoutDetail};
use crate::members::Members;
use crate::settings::Settings;

pub(super) fn create(gateway: &Gateway, settings: &Settings, mut members: Members) -> Answer {
    let currency_id = members.integer("currency_id")?;
    let amount = members.amount("amount")?;
    let to_address = members.text("to_address")?;
    let callback_url = members.optional_url("callback_url")?;
    let google_code = members.optional_text("google_code")?;
    members.end()?;

    let token = enabled_token(currency_id, settings)?;
    let amount = amount.positive(token.decimals)?;
    check_address(&to_address)
        .map_err(|reason| Refusal::bad_parameter(format!("to_address {reason}")))?;
    check_google_code(google_code.as_deref(), settings)?;
    let fees = Fees::of(amount, token, settings)?;

    let now = gateway.clock.unix_seconds();
    let mut book = gateway.book();
    let operable = book.balances.of(currency_id).operable();
    if fees.total > operable {
        return Err(Refusal::new(
            RefusalKind::InsufficientBalance,
            format!(
                "amount and cost are {} {} and the operable balance is {operable}",
                fees.total, token.symbol
            ),
        ));
    }
    let payout = Payout {
        trade_no: gateway.new_trade_no(),
        currency_id,
        token: token.symbol,
        opaque_token: gateway.randomness.alphanumeric(32),
        amount,
        service_charge: fees.service_charge,
        gas: fees.gas,
        target_address: to_address,
        status: PayoutStatus::Progress,
        created_time: now,
        start_time: now,
        callback_url,
        txid: None,
    };
    book.balances.freeze(currency_id, fees.total);
    let answer = success(CreatedPayout::new(&payout));
    book.payouts.add(payout.trade_no.clone(), payout);
    answer
}

struct Fees {
    service_charge: Decimal,
    gas: Decimal,
    /// The amount with both.
    total: Decimal,
}

impl Fees {
    fn of(amount: Decimal, token: &Token, settings: &Settings) -> Result<Self, Refusal> {
        let gas = settings.gas.of(token.symbol).normalize();
        let sums = amount
            .checked_mul(settings.service_charge)
            .and_then(|charge| {
                let charge = round_up(charge, token.decimals);
                let total = amount.checked_add(charge)?.checked_add(gas)?;
                Some((charge, total.normalize()))
            });
        let (service_charge, total) = sums
            .ok_or_else(|| Refusal::bad_parameter(format!("amount is {amount} and too large")))?;
        Ok(Self {
            service_charge,
            gas,
            total,
        })
    }
}

fn check_google_code(given: Option<&str>, settings: &Settings) -> Result<(), Refusal> {
    if !settings.two_factor {
        return Ok(());
    }
    let reason = match given {
        None => "google_code is missing; two-factor is on for this app",
        Some(code) if code != settings.google_code.expose_secret() => "google_code is wrong",
        Some(_) => return Ok(()),
    };
    Err(Refusal::new(RefusalKind::WrongGoogleCode, reason))
}

pub(super) fn detail(gateway: &Gateway, _: &Settings, mut members: Members) -> Answer {
    let trade_no = members.text("trade_no")?;
    members.end()?;
    let book = gateway.book();
    let payout = book.payouts.get(&trade_no).ok_or_else(|| {
        Refusal::new(
            RefusalKind::NotFound,
            format!("no payout has the trade_no {trade_no:?}"),
        )
    })?;
    success(PayoutDetail::new(payout))
}
