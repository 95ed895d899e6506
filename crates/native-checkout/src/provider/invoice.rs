//! Orders as invoices.

use std::any::Any;

use chrono::{DateTime, Utc};
use paymux_core::{
    Asset, AssetAmount, Confirmations, Currency, Destination, Error, Invoice, InvoiceId,
    InvoiceSnapshot, Money, NewInvoice, OrderId, Outcome, ProviderName, Result, address, money,
    payment_uri,
};
use rust_decimal::Decimal;

use super::NativeCheckout;
use super::catalog::Entry;
use crate::asset::{asset_of, network_of};
use crate::model::{CreateOrder, FIAT_NAMES, Order};
use crate::status;

pub(super) const CREATE: &str = "create_invoice";
pub(super) const FETCH: &str = "fetch_invoice";

/// An order of this gateway as an invoice. `as_any` of core's trait gives it back:
///
/// ```
/// # fn f(invoice: &dyn paymux_core::Invoice) {
/// use paymux_native_checkout::NativeInvoice;
///
/// if let Some(native) = invoice.as_any().downcast_ref::<NativeInvoice>() {
///     println!("{:?}", native.order().chain_info);
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NativeInvoice {
    snapshot: InvoiceSnapshot,
    order: Order,
}

impl NativeInvoice {
    /// The gateway's whole answer.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }
}

impl Invoice for NativeInvoice {
    fn snapshot(&self) -> &InvoiceSnapshot {
        &self.snapshot
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl NativeCheckout {
    pub(super) async fn new_invoice(&self, request: &NewInvoice) -> Result<NativeInvoice> {
        request.check()?;
        let name = request.asset.as_ref().ok_or_else(|| {
            Error::unsupported(
                "this gateway does not let the payer choose what to pay with; name the asset, such as USDT@tron",
            )
        })?;
        if let Some(symbol) = name.symbol() {
            check_currency(&request.price, symbol)?;
        }
        let time_out = time_out(request, self.0.client.clock().now())?;

        let client = self.0.client.on_behalf_of(CREATE);
        // Whatever goes wrong up to here, no order was made.
        let entry = self
            .0
            .catalog
            .find(&client, name)
            .await
            .map_err(|error| error.with_outcome(Outcome::NotSent))?;
        let order = order_of(request, &entry)?.with_time_out(time_out);
        let answer = client.create_order(&order).await?;
        check_created(&answer, &order, &entry)
            .map_err(|error| error.with_id(answer.trade_no.as_str()))?;

        let mut snapshot = snapshot_of(self.0.client.name(), &answer, Some(&entry.asset));
        snapshot.order_id = Some(request.order_id.clone());
        snapshot.price = Some(request.price.clone());
        Ok(NativeInvoice {
            snapshot,
            order: answer,
        })
    }

    pub(super) async fn read_invoice(&self, id: &InvoiceId) -> Result<NativeInvoice> {
        let client = self.0.client.on_behalf_of(FETCH);
        let order = client.order(id.as_str()).await?;
        if order.trade_no != id.as_str() {
            return Err(Error::mismatch(
                Outcome::NotSent,
                "trade_no",
                id,
                &order.trade_no,
            ));
        }
        if order.status.is_none() {
            return Err(Error::invalid_response(
                Outcome::NotSent,
                "the gateway's answer has no status",
            ));
        }
        let mut snapshot = snapshot_of(self.0.client.name(), &order, None);
        snapshot.order_id = order.out_trade_no.as_deref().map(OrderId::received);
        snapshot.price = price_of(&order);
        Ok(NativeInvoice { snapshot, order })
    }
}

/// A price is in the asset itself, or in a currency that the gateway knows.
fn check_currency(price: &Money, symbol: &str) -> Result<()> {
    let code = price.currency.code();
    if code.eq_ignore_ascii_case(symbol) || FIAT_NAMES.contains(&code) {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "this gateway has no prices in {code}; use {symbol} or one of {}",
        FIAT_NAMES.join(", ")
    )))
}

/// Absolute Unix seconds, or 0 for the gateway's own time to pay.
fn time_out(request: &NewInvoice, now: DateTime<Utc>) -> Result<i64> {
    let Some(expires_in) = request.expires_in else {
        return Ok(0);
    };
    i64::try_from(expires_in.as_secs())
        .ok()
        .and_then(|seconds| now.timestamp().checked_add(seconds))
        .filter(|time_out| *time_out <= 9_999_999_999)
        .ok_or_else(|| {
            Error::invalid_request(format!(
                "{} s to pay is more than this gateway can write; give the payer less",
                expires_in.as_secs()
            ))
        })
}

fn order_of(request: &NewInvoice, entry: &Entry) -> Result<CreateOrder> {
    let (price, asset) = (&request.price, &entry.asset);
    check_currency(price, &asset.symbol)?;
    let order_id = request.order_id.as_str();
    let order = if price.currency.code().eq_ignore_ascii_case(&asset.symbol) {
        fit(price.amount, asset)?;
        CreateOrder::in_token(order_id, entry.currency_id, price.amount)
    } else {
        let fiat = price.currency.code();
        CreateOrder::in_fiat(order_id, entry.currency_id, fiat, price.amount)
    };
    Ok(order.with_callback_url(request.callback_url.clone()))
}

/// Refuses an amount with more decimals than its asset has, where the gateway tells those.
pub(super) fn fit(amount: Decimal, asset: &Asset) -> Result<()> {
    asset.decimals.map_or(Ok(()), |decimals| {
        money::fits(amount, decimals, &asset.name())
    })
}

/// Compares what was made with what was asked for. The order exists, so the outcome is unknown to
/// whoever asked for another one.
fn check_created(answer: &Order, order: &CreateOrder, entry: &Entry) -> Result<()> {
    const OUTCOME: Outcome = Outcome::Unknown;
    let asked = &entry.token;
    if !answer.token.eq_ignore_ascii_case(&asked.token) {
        return Err(Error::mismatch(
            OUTCOME,
            "token",
            &asked.token,
            &answer.token,
        ));
    }
    if !address::is_same(&answer.contract, &asked.contract) {
        return Err(Error::mismatch(
            OUTCOME,
            "contract",
            &asked.contract,
            &answer.contract,
        ));
    }
    if let (Some(asked), got) = (asked.decimal, answer.decimal)
        && got != Some(asked)
    {
        let got = got.map_or_else(|| "missing".to_owned(), |got| got.to_string());
        return Err(Error::mismatch(OUTCOME, "decimal", asked, got));
    }
    // A main coin has the same symbol on a test network, where it is worth nothing.
    if let (Some(asked), Some(got)) = (asked.chain_id, answer.chain_id)
        && asked != got
    {
        return Err(Error::mismatch(OUTCOME, "chain_id", asked, got));
    }
    if let Some(amount) = order.token_amount
        && answer.amount != amount
    {
        return Err(Error::mismatch(OUTCOME, "amount", amount, answer.amount));
    }
    if answer.amount <= Decimal::ZERO || answer.pay_address.is_empty() {
        return Err(Error::invalid_response(
            OUTCOME,
            "the gateway made an order without an amount or an address to pay",
        ));
    }
    Ok(())
}

/// `asset` is what was asked for; without it the answer's own members have to name it.
fn snapshot_of(provider: &ProviderName, order: &Order, asset: Option<&Asset>) -> InvoiceSnapshot {
    let (state, exceptions) = status::of_order(order);
    let id = InvoiceId::received(order.trade_no.as_str());
    let told = || {
        let network = network_of(&order.chain, "", order.chain_id);
        asset_of(&order.token, &order.contract, order.decimal, network)
    };
    let asset = asset.cloned().or_else(told);

    let mut snapshot = InvoiceSnapshot::new(provider.clone(), id, state);
    snapshot.exceptions = exceptions;
    snapshot.due = Some(AssetAmount {
        amount: order.amount,
        asset: asset.as_ref().map(Asset::name),
    });
    if let Some(collected) = order.amount_collected {
        snapshot.set_received(collected);
    }
    if !order.pay_address.is_empty() {
        let network = asset.as_ref().and_then(|asset| asset.network.clone());
        snapshot.destination = Some(Destination::new(order.pay_address.as_str(), network));
        snapshot.qr = Some(qr_text(order, asset.as_ref(), snapshot.remaining.as_ref()));
    }
    snapshot.checkout_url = order.entrust_url.clone();
    snapshot.created_at = unix_time(order.create_time);
    snapshot.expires_at = unix_time(order.time_expire);
    snapshot.confirmations = order.already_confirms.map(|seen| Confirmations {
        seen,
        required: order.need_confirms,
    });
    snapshot.provider_status = order.status.as_ref().map(ToString::to_string);
    snapshot
}

/// Asks for what remains, or for all of it where nothing does.
fn qr_text(order: &Order, asset: Option<&Asset>, remaining: Option<&AssetAmount>) -> String {
    let amount = remaining
        .map(|remaining| remaining.amount)
        .filter(|amount| !amount.is_zero())
        .unwrap_or(order.amount);
    asset.map_or_else(
        || order.pay_address.clone(),
        |asset| payment_uri(&order.pay_address, asset, Some(amount)),
    )
}

/// The price of an order that was read. One whose fiat name is empty was priced in its token.
fn price_of(order: &Order) -> Option<Money> {
    let (amount, code) = match order.fiat_name.as_deref()? {
        "" => (order.amount, order.token.as_str()),
        name => (order.fiat_amount?, name),
    };
    code.parse::<Currency>()
        .ok()
        .map(|currency| Money::new(amount, currency))
}

/// Unix seconds as a time; 0 stands for none.
pub(super) fn unix_time(seconds: Option<i64>) -> Option<DateTime<Utc>> {
    seconds
        .filter(|seconds| *seconds != 0)
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
}
