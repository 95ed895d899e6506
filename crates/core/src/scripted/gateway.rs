//! How a call runs: what is refused at once, the act, the work, and what is made.

use std::future::pending;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use super::ScriptedProvider;
use super::act::Course;
use super::books::{Books, Work};
use super::script::{Call, Operation};
use crate::asset::{Asset, AssetName};
use crate::error::{Error, Result};
use crate::ids::InvoiceId;
use crate::money::{AssetAmount, Money};
use crate::powers::{CatalogAsset, find_asset};
use crate::request::NewInvoice;
use crate::snapshot::{Destination, InvoiceSnapshot};
use crate::status::{InvoiceStatus, PaymentException};

/// The time to pay where none is asked for.
const USUAL_EXPIRY: Duration = Duration::from_secs(30 * 60);

/// Decimals of an asset that tells none.
const USUAL_DECIMALS: u32 = 8;

/// The assets of a gateway that was told nothing else.
pub(super) fn usual_assets() -> Vec<CatalogAsset> {
    let usual = [
        (
            "USDT",
            "tron",
            Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            6,
        ),
        ("TRX", "tron", None, 6),
        (
            "USDT",
            "ethereum",
            Some("0xdAC17F958D2ee523a2206206994597C13D831ec7"),
            6,
        ),
        ("ETH", "ethereum", None, 18),
        ("BTC", "bitcoin", None, 8),
    ];
    numbered(
        usual
            .into_iter()
            .filter_map(|(symbol, network, contract, decimals)| {
                let asset = Asset::new(symbol).ok()?;
                Some(
                    asset
                        .with_network(network.parse().ok())
                        .with_contract(contract.map(str::to_owned))
                        .with_decimals(Some(decimals)),
                )
            }),
    )
}

pub(super) fn numbered(assets: impl IntoIterator<Item = Asset>) -> Vec<CatalogAsset> {
    (1u32..)
        .zip(assets)
        .map(|(number, asset)| CatalogAsset::new(asset, number.to_string()))
        .collect()
}

/// Enters a payment, and what it makes of the invoice.
pub(super) fn receive(invoice: &mut InvoiceSnapshot, amount: Decimal) {
    let before = invoice.received.as_ref().map(|received| received.amount);
    invoice.set_received(before.unwrap_or_default() + amount);
    let is_positive =
        |amount: &Option<AssetAmount>| amount.as_ref().is_some_and(|a| a.amount > Decimal::ZERO);
    if is_positive(&invoice.remaining) {
        invoice.exceptions.insert(PaymentException::Underpaid);
        return;
    }
    invoice.exceptions.remove(PaymentException::Underpaid);
    if is_positive(&invoice.excess) {
        invoice.exceptions.insert(PaymentException::Overpaid);
    }
    if invoice.status == InvoiceStatus::Pending {
        invoice.status = InvoiceStatus::Processing;
    }
}

impl ScriptedProvider {
    pub(super) async fn new_invoice(&self, request: &NewInvoice) -> Result<InvoiceSnapshot> {
        request.check()?;
        let asset = match &request.asset {
            Some(name) => Some((name, find_asset(&self.catalog, name)?)),
            None if self.capabilities.asset_required => {
                return Err(Error::invalid_request(
                    "this gateway does not let the payer choose; name an asset",
                ));
            }
            None => None,
        };
        let due = asset
            .map(|(name, entry)| self.in_asset(&request.price, name, &entry.asset))
            .transpose()?;
        let call = Call::CreateInvoice(request);
        let prepare = |number: u64, at: DateTime<Utc>| {
            let id = InvoiceId::received(format!("{}-invoice-{number}", self.name));
            let mut invoice = InvoiceSnapshot::new(self.name.clone(), id, InvoiceStatus::Pending);
            invoice.order_id = Some(request.order_id.clone());
            invoice.price = Some(request.price.clone());
            invoice.checkout_url = Some(format!("https://{}.example/{}", self.name, invoice.id));
            invoice.created_at = Some(at);
            invoice.expires_at = Some(later(at, request.expires_in.unwrap_or(USUAL_EXPIRY)));
            if let (Some((_, entry)), Some(due)) = (asset, due.clone()) {
                invoice.due = Some(due);
                invoice.set_received(Decimal::ZERO);
                let address = format!("{}-address-{number}", self.name);
                invoice.destination = Some(Destination::new(address, entry.asset.network.clone()));
            }
            Work::Invoice(Box::new(invoice))
        };
        self.make(&call, prepare, |books, id| {
            books
                .invoice(&InvoiceId::received(id))
                .map(|made| made.clone())
        })
        .await
    }

    /// What a price is in an asset, rounded up to the asset's decimals.
    pub(super) fn in_asset(
        &self,
        price: &Money,
        name: &AssetName,
        asset: &Asset,
    ) -> Result<AssetAmount> {
        let rate = self.rate(price, name);
        let decimals = asset.decimals.unwrap_or(USUAL_DECIMALS);
        let amount = price.amount.checked_mul(rate).ok_or_else(|| {
            Error::invalid_request(format!("{price} times {rate} is too large to be exact"))
        })?;
        let amount = amount.round_dp_with_strategy(decimals, RoundingStrategy::ToPositiveInfinity);
        Ok(AssetAmount::new(amount, name.clone()))
    }

    pub(super) fn rate(&self, price: &Money, asset: &AssetName) -> Decimal {
        let key = (price.currency.clone(), asset.clone());
        let books = self.books();
        books.rates.get(&key).copied().unwrap_or(Decimal::ONE)
    }

    /// A call that makes something. `prepare` gets a number of its own and the time at which it will
    /// be made; `look` reads it from the books when the answer is written.
    pub(super) async fn make<T>(
        &self,
        call: &Call<'_>,
        prepare: impl FnOnce(u64, DateTime<Utc>) -> Work + Send,
        look: impl FnOnce(&mut Books, &str) -> Result<T> + Send,
    ) -> Result<T> {
        let act = self.script_lock().next(call);
        self.wait(act.connecting).await;
        let sent = act.is_carried_out().then(|| {
            let due = later(self.clock.now(), act.working);
            let mut books = self.books();
            let number = books.number();
            let work = prepare(number, due);
            let id = work.id().to_owned();
            books.take(due, work);
            id
        });
        self.wait(act.working).await;
        if let Some(id) = &sent {
            self.books_now().carry_out(id);
        }
        self.wait(act.answering).await;
        if let Some(error) = act.error(true, sent.as_deref()) {
            return Err(error);
        }
        match sent.filter(|_| act.course == Course::Answered) {
            Some(id) => look(&mut self.books_now(), &id),
            None => pending().await,
        }
    }

    /// A call that only reads. What it tells is what the books hold when the answer is written.
    pub(super) async fn read<T>(
        &self,
        call: &Call<'_>,
        look: impl FnOnce(&mut Books) -> Result<T> + Send,
    ) -> Result<T> {
        let act = self.script_lock().next(call);
        self.wait(act.connecting).await;
        self.wait(act.working).await;
        self.wait(act.answering).await;
        match act.error(false, None) {
            Some(error) => Err(error),
            None if act.course == Course::Hangs => pending().await,
            None => look(&mut self.books_now()),
        }
    }

    async fn wait(&self, delay: Duration) {
        if !delay.is_zero() {
            self.clock.sleep(delay).await;
        }
    }

    /// Names provider and operation in an error.
    pub(super) fn named<'a>(&'a self, operation: Operation) -> impl Fn(Error) -> Error + 'a {
        move |error| {
            error
                .with_provider(self.name.clone())
                .with_operation(operation.as_str())
        }
    }
}

fn later(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(time)
        .ok()
        .and_then(|time| now.checked_add_signed(time))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
