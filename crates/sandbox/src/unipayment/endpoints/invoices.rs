//! `/invoices`, and what all generations share of making one.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Answer, Call, Reply, page};
use crate::amounts::Amount;
use crate::json::Json;
use crate::members::Members;
use crate::unipayment::assets::{Asset, CATALOGUE, fiat_names};
use crate::unipayment::confirmations::ConfirmSpeed;
use crate::unipayment::invoices::{ErrorStatus, Invoice, InvoiceStatus};
use crate::unipayment::refusal::Refusal;
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::Style;
use crate::unipayment::wire::invoices::invoice as write;

const LONGEST_DESCRIPTION: usize = 256;
const METHOD_TYPES: [&str; 4] = ["UNKNOWN", "CRYPTO", "CARD", "SKRILL"];

/// The members of a create call that all generations have.
pub(super) struct Wanted {
    pub(super) order_id: String,
    pub(super) price_amount: Decimal,
    pub(super) price_currency: &'static str,
    pub(super) pay_currency: Option<&'static str>,
    pub(super) network: Option<String>,
    pub(super) notify_url: Option<String>,
    pub(super) ext_args: Option<String>,
    pub(super) confirm_speed: ConfirmSpeed,
}

impl Wanted {
    pub(super) fn read(call: &Call<'_>, members: &mut Members) -> Result<Self, Refusal> {
        call.check_app_id(&members.text("app_id")?)?;
        let price_amount = members.money("price_amount")?;
        let price_amount = Amount::positive(price_amount, call.settings.fiat_decimals)?;
        let price_currency = known_fiat(&members.text("price_currency")?)?;
        let pay_currency = members.optional_text("pay_currency")?;
        let pay_currency = pay_currency.as_deref().map(known_symbol).transpose()?;
        let order_id = members.text("order_id")?;
        let notify_url = members.optional_url("notify_url")?;
        members.optional_url("redirect_url")?;
        members.optional_text("title")?;
        check_description(members.optional_text("description")?)?;
        members.optional_text("lang")?;
        Ok(Self {
            order_id,
            price_amount: price_amount.normalize(),
            price_currency,
            pay_currency,
            network: members.optional_text("network")?,
            notify_url,
            ext_args: members.optional_text("ext_args")?,
            confirm_speed: confirm_speed(members.optional_text("confirm_speed")?)?,
        })
    }

    /// The coin that the invoice has from the start, if it has one.
    fn asset(&self, call: &Call<'_>) -> Result<Option<&'static Asset>, Refusal> {
        let Some(symbol) = self.pay_currency else {
            return match &self.network {
                None => Ok(None),
                Some(_) => Err(Refusal::bad_parameter(
                    "network goes with pay_currency, which is missing",
                )),
            };
        };
        let asset = Asset::find(symbol, self.network.as_deref()).ok_or_else(|| {
            Refusal::bad_parameter(format!(
                "network is {:?} and must be one of {} for {symbol}",
                self.network.as_deref().unwrap_or(""),
                Asset::networks_of(symbol).join(", ")
            ))
        })?;
        let at_once = match call.generation {
            Generation::Md5 => true,
            Generation::Hmac | Generation::OAuth => {
                self.network.is_some() && call.own_settings().assign_at_create
            }
        };
        Ok(at_once.then_some(asset))
    }

    /// Makes the invoice, puts it into the book and tells the merchant.
    pub(super) fn make(
        self,
        call: &Call<'_>,
        invoice_id: String,
        payment_method_type: String,
    ) -> Result<Invoice, Refusal> {
        let gateway = call.gateway;
        let asset = self.asset(call)?;
        let destination = match asset {
            None => None,
            Some(asset) => {
                let price = (self.price_amount, self.price_currency);
                let destination = gateway.destination(price, asset);
                Some(destination.ok_or_else(|| {
                    Refusal::bad_parameter(format!(
                        "price_amount is {} {}, which cannot be said in {}",
                        self.price_amount, self.price_currency, asset.symbol
                    ))
                })?)
            }
        };
        let create_time = gateway.now();
        let lifetime = call.own_settings().lifetime_of(call.generation);
        let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX);
        let invoice = Invoice {
            invoice_id,
            generation: call.generation,
            order_id: self.order_id,
            price_amount: self.price_amount,
            price_currency: self.price_currency,
            pay_currency: self.pay_currency,
            destination,
            paid_amount: Decimal::ZERO,
            confirmed_amount: Decimal::ZERO,
            confirm_speed: self.confirm_speed,
            status: InvoiceStatus::New,
            error_status: ErrorStatus::None,
            create_time,
            expiration_time: create_time
                .checked_add_signed(lifetime)
                .unwrap_or(create_time),
            paid_time: None,
            confirm_time: None,
            complete_time: None,
            payment_method_type,
            ext_args: self.ext_args,
            notify_url: self.notify_url,
            transactions: Vec::new(),
            credited: Decimal::ZERO,
        };
        let mut book = gateway.book();
        if let Some(to) = &invoice.destination {
            book.by_address
                .insert(to.address.clone(), invoice.invoice_id.clone());
        }
        book.watch(&invoice.invoice_id, Some(invoice.expiration_time));
        book.invoices
            .add(invoice.invoice_id.clone(), invoice.clone());
        gateway.tell_invoice(&invoice);
        drop(book);
        gateway.woken.notify_one();
        Ok(invoice)
    }
}

fn known_fiat(given: &str) -> Result<&'static str, Refusal> {
    fiat_names().find(|name| *name == given).ok_or_else(|| {
        let names: Vec<&str> = fiat_names().collect();
        Refusal::bad_parameter(format!(
            "price_currency is {given:?} and must be one of {}",
            names.join(", ")
        ))
    })
}

pub(super) fn known_symbol(given: &str) -> Result<&'static str, Refusal> {
    let found = CATALOGUE.iter().find(|asset| asset.symbol == given);
    found.map(|asset| asset.symbol).ok_or_else(|| {
        Refusal::bad_parameter(format!(
            "{given:?} is no coin of this gateway; /v1.0/currencies has those there are"
        ))
    })
}

fn confirm_speed(given: Option<String>) -> Result<ConfirmSpeed, Refusal> {
    let Some(word) = given else {
        return Ok(ConfirmSpeed::Medium);
    };
    ConfirmSpeed::parse(&word).ok_or_else(|| {
        Refusal::bad_parameter(format!(
            "confirm_speed is {word:?} and must be Low, Medium or High"
        ))
    })
}

fn check_description(given: Option<String>) -> Result<(), Refusal> {
    let letters = given.map_or(0, |text| text.chars().count());
    if letters <= LONGEST_DESCRIPTION {
        return Ok(());
    }
    Err(Refusal::bad_parameter(format!(
        "description has {letters} characters and may have {LONGEST_DESCRIPTION}"
    )))
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let wanted = Wanted::read(call, &mut members)?;
    let method_type = if call.generation == Generation::OAuth {
        members.optional_boolean("host_to_host_mode")?;
        members.optional_object("host_to_host_data")?;
        members.optional_object("buyer_info")?;
        payment_method_type(members.optional_text("payment_method_type")?)?
    } else {
        "UNKNOWN"
    };
    members.end()?;
    let invoice_id = call.gateway.randomness.base58(22);
    let invoice = wanted.make(call, invoice_id, method_type.to_owned())?;
    Ok(Reply::data(to_json(call, &invoice, false)))
}

fn payment_method_type(given: Option<String>) -> Result<&'static str, Refusal> {
    let word = given.as_deref().unwrap_or("UNKNOWN");
    let mut known = METHOD_TYPES.into_iter();
    known
        .find(|known| known.eq_ignore_ascii_case(word))
        .ok_or_else(|| {
            Refusal::bad_parameter(format!(
                "payment_method_type is {word:?} and must be one of {}",
                METHOD_TYPES.join(", ")
            ))
        })
}

/// The pay page of an invoice.
pub(super) fn page_url(call: &Call<'_>, invoice_id: &str) -> String {
    match &call.own_settings().invoice_base_url {
        Some(base) => format!("{}/{invoice_id}", base.trim_end_matches('/')),
        None => format!("{}/checkout/{invoice_id}", call.gateway.base_url),
    }
}

fn to_json(call: &Call<'_>, invoice: &Invoice, with_transactions: bool) -> Json {
    let app_id = &call.gateway.keys.app_id;
    let page = page_url(call, &invoice.invoice_id);
    write(
        call.generation,
        (app_id, page),
        invoice,
        with_transactions,
        call.own_settings(),
    )
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let id = call.id(0);
    let book = call.gateway.book();
    let invoice = book.invoices.get(id);
    let invoice = invoice.ok_or_else(|| Refusal::not_found("invoice", id))?;
    Ok(Reply::data(to_json(call, invoice, true)))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let mut query = call.query()?;
    if let Some(app_id) = query.take("app_id") {
        call.check_app_id(&app_id)?;
    }
    let invoice_id = query.take("invoice_id");
    let order_id = query.take("order_id");
    let status = query
        .take("status")
        .map(|word| known_status(&word))
        .transpose()?;
    let (start, end) = (query.time("start")?, query.time("end")?);
    let ascending = query.ascending()?;
    let wanted = query.page()?;
    query.end()?;
    let book = call.gateway.book();
    let fits = |invoice: &&Invoice| {
        invoice_id
            .as_ref()
            .is_none_or(|id| *id == invoice.invoice_id)
            && order_id.as_ref().is_none_or(|id| *id == invoice.order_id)
            && status.is_none_or(|status| status == invoice.status)
            && start.is_none_or(|start| invoice.create_time >= start)
            && end.is_none_or(|end| invoice.create_time <= end)
    };
    let mut found: Vec<&Invoice> = book.invoices.all().iter().filter(fits).collect();
    if !ascending {
        found.reverse();
    }
    let style = Style::of_answer(call.generation, call.own_settings());
    let write = |invoice: &&Invoice| to_json(call, invoice, false);
    Ok(Reply::data(page(&found, wanted, "page_no", write, style)))
}

/// A status by its name in any case.
fn known_status(word: &str) -> Result<InvoiceStatus, Refusal> {
    let mut all = InvoiceStatus::ALL.into_iter();
    all.find(|status| status.as_str().eq_ignore_ascii_case(word))
        .ok_or_else(|| {
            let names = InvoiceStatus::ALL.map(InvoiceStatus::as_str);
            Refusal::bad_parameter(format!(
                "status is {word:?} and must be one of {}",
                names.join(", ")
            ))
        })
}
