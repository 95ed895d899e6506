//! `/payments`: how the OAuth generation pays out.

use rust_decimal::Decimal;

use super::withdrawals::{check_covered, list_of};
use super::{Answer, Call, Reply};
use crate::json::Json;
use crate::unipayment::assets::{Asset, holding};
use crate::unipayment::book::Book;
use crate::unipayment::payouts::{PaymentDetails, Payout, PayoutKind, PayoutStatus};
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::payouts::payment as write;
use crate::unipayment::wire::{Fields, Style};

const REASONS: [&str; 8] = [
    "Investments",
    "InternalTransfer",
    "InvoiceForServicesOrGoods",
    "OperatingExpense",
    "StaffCosts",
    "SettlingClientFunds",
    "SettlingTradingCounterpartyFunds",
    "Other",
];

/// Where a payment goes.
struct Destination {
    id: String,
    network: Option<String>,
    transfer_method: &'static str,
    described: Json,
}

impl Destination {
    fn of(
        book: &Book,
        payment_method_id: Option<String>,
        to_account_id: Option<String>,
    ) -> Result<Self, Refusal> {
        match (payment_method_id, to_account_id) {
            (Some(id), None) => {
                let method = book.parties.method(&id);
                let method = method.ok_or_else(|| {
                    Refusal::bad_parameter(format!("no payment method has the id {id:?}"))
                })?;
                let network = method.text("network").map(str::to_owned);
                let is_bank = network
                    .as_ref()
                    .is_some_and(|name| name.starts_with("BANK_"));
                Ok(Self {
                    described: method.to_json(),
                    network,
                    transfer_method: if is_bank { "BANK" } else { "CRYPTO" },
                    id,
                })
            }
            (None, Some(id)) => Ok(Self {
                described: Json::Object(vec![("account_id".to_owned(), Json::String(id.clone()))]),
                network: None,
                transfer_method: "INTERNAL",
                id,
            }),
            (None, None) => Err(Refusal::bad_parameter(
                "the destination is missing; send payment_method_id or to_account_id",
            )),
            (Some(_), Some(_)) => Err(Refusal::bad_parameter(
                "the destination is there twice; send payment_method_id or to_account_id",
            )),
        }
    }
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let from_account_id = members.text("from_account_id")?;
    let (symbol, decimals) = known_holding(&members.text("asset_type")?)?;
    let reason = members.text("reason")?;
    let payment_method_id = members.optional_text("payment_method_id")?;
    let to_account_id = members.optional_text("to_account_id")?;
    let reference = members.optional_text("reference")?;
    let note = members.optional_text("note")?;
    let unique_id = members.optional_text("unique_id")?;
    let amount = members.money("amount")?;
    members.end()?;
    if !REASONS.contains(&reason.as_str()) {
        return Err(Refusal::bad_parameter(format!(
            "reason is {reason:?} and must be one of {}",
            REASONS.join(", ")
        )));
    }
    let gateway = call.gateway;
    let mut book = gateway.book();
    check_account(&book, &from_account_id, symbol, to_account_id.as_deref())?;
    check_unique(call, &book, unique_id.as_deref())?;
    let to = Destination::of(&book, payment_method_id, to_account_id)?;
    let on_chain = to.network.as_deref();
    let asset = on_chain.and_then(|network| Asset::find(symbol, Some(network)));
    let amount = amount.positive(asset.map_or(decimals, |asset| asset.decimals))?;
    let amount = amount.normalize();
    let fee = fee_of(call, symbol);
    let total = check_covered(&book, symbol, (amount, fee), decimals)?;
    let now = gateway.now();
    let payment = Payout {
        id: gateway.randomness.uuid(),
        kind: PayoutKind::Payment,
        network: to.network,
        asset_type: symbol,
        amount,
        fee,
        destination: Some(to.id),
        status: PayoutStatus::Pending,
        txn_hash: None,
        note,
        reference,
        unique_id,
        items: Vec::new(),
        create_time: now,
        update_time: now,
        notify_url: None,
        payment: Some(PaymentDetails {
            from_account_id,
            reason,
            transfer_method: to.transfer_method,
            transfer_destination: to.described,
        }),
    };
    book.balances.freeze(symbol, total);
    gateway.tell_payout(&payment, book.global_notify_url.as_deref());
    let answer = to_json(call, &payment);
    book.payouts.add(payment.id.clone(), payment);
    Ok(Reply::data(answer))
}

fn known_holding(asset_type: &str) -> Result<(&'static str, u32), Refusal> {
    holding(asset_type).ok_or_else(|| {
        Refusal::bad_parameter(format!(
            "asset_type is {asset_type:?}, which no account of the wallet holds; /v1.0/wallet/accounts \
             has those there are"
        ))
    })
}

fn check_account(book: &Book, from: &str, symbol: &str, to: Option<&str>) -> Result<(), Refusal> {
    let account = book.account(from).ok_or_else(|| {
        Refusal::bad_parameter(format!("from_account_id names no account: {from:?}"))
    })?;
    if account.symbol != symbol {
        return Err(Refusal::bad_parameter(format!(
            "from_account_id is an account of {} and asset_type is {symbol}",
            account.symbol
        )));
    }
    if to.is_some_and(|to| book.account(to).is_some()) {
        let reason = "to_account_id is an account of this wallet; name somebody else's";
        return Err(Refusal::bad_parameter(reason));
    }
    Ok(())
}

fn check_unique(call: &Call<'_>, book: &Book, unique_id: Option<&str>) -> Result<(), Refusal> {
    if call.own_settings().allow_repeated_unique_id {
        return Ok(());
    }
    let mut payouts = book.payouts.all().iter();
    let same = |payout: &&Payout| unique_id.is_some() && payout.unique_id.as_deref() == unique_id;
    match payouts.find(same) {
        None => Ok(()),
        Some(known) => Err(Refusal::bad_parameter(format!(
            "unique_id already has the payment {}; use another",
            known.id
        ))),
    }
}

fn fee_of(call: &Call<'_>, symbol: &str) -> Decimal {
    call.own_settings().payment_fees.of(symbol).normalize()
}

fn to_json(call: &Call<'_>, payment: &Payout) -> Json {
    write(&call.gateway.customer_id, payment, call.own_settings())
}

fn find<'a>(book: &'a Book, id: &str) -> Result<&'a Payout, Refusal> {
    let found = book.payouts.get(id);
    found
        .filter(|payout| payout.kind == PayoutKind::Payment)
        .ok_or_else(|| Refusal::not_found("payment", id))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let book = call.gateway.book();
    Ok(Reply::data(to_json(call, find(&book, call.id(0))?)))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    list_of(PayoutKind::Payment, call, |payment| to_json(call, payment))
}

pub(super) fn cancel(call: &Call<'_>) -> Answer {
    let from = [PayoutStatus::Pending, PayoutStatus::Confirmed];
    change(call, &from, PayoutStatus::Canceled)
}

pub(super) fn confirm(call: &Call<'_>) -> Answer {
    change(call, &[PayoutStatus::Pending], PayoutStatus::Confirmed)
}

fn change(call: &Call<'_>, from: &[PayoutStatus], to: PayoutStatus) -> Answer {
    call.no_query()?;
    if !call.body.is_empty() {
        let mut members = call.members()?;
        members.optional_text("note")?;
        members.end()?;
    }
    let id = call.id(0);
    let mut book = call.gateway.book();
    let status = find(&book, id)?.status;
    if !from.contains(&status) {
        let reason = format!(
            "the payment is {} and must be {} for this",
            status.spelled(PayoutKind::Payment),
            from.iter()
                .map(|status| status.spelled(PayoutKind::Payment))
                .collect::<Vec<_>>()
                .join(" or ")
        );
        return Err(Refusal::new(RefusalKind::WrongState, reason));
    }
    call.gateway
        .move_payout(&mut book, id, Some(to))
        .map_err(|error| Refusal::new(RefusalKind::WrongState, error.to_string()))?;
    Ok(Reply::data(to_json(call, find(&book, id)?)))
}

pub(super) fn fee(call: &Call<'_>) -> Answer {
    let mut query = call.query()?;
    let asset_type = query.take("asset_type");
    query.end()?;
    let asset_type = asset_type.ok_or_else(|| Refusal::bad_parameter("asset_type is missing"))?;
    let (symbol, _) = known_holding(&asset_type)?;
    let fee = fee_of(call, symbol);
    let style = Style::of_answer(Generation::OAuth, call.own_settings());
    let data = Fields::new(style)
        .text("fee_type", "Fix")
        .amount("fee_rate", Decimal::ZERO)
        .amount("flat_rate", fee)
        .amount("min_txn_fee", fee)
        .amount("max_txn_fee", fee)
        .end();
    Ok(Reply::data(data))
}
