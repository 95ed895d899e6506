//! Invoices in answers, member by member in the order of the examples.

use rust_decimal::Decimal;

use super::{Fields, Style};
use crate::json::Json;
use crate::unipayment::invoices::{Invoice, Transfer};
use crate::unipayment::settings::{Generation, UniPaymentSettings};

/// The address members, which are null or zero until a coin is chosen.
pub(in crate::unipayment) struct Payable<'a> {
    pub(in crate::unipayment) network: Option<&'a str>,
    pub(in crate::unipayment) address: Option<&'a str>,
    pub(in crate::unipayment) pay_amount: Decimal,
    pub(in crate::unipayment) exchange_rate: Decimal,
}

impl<'a> Payable<'a> {
    pub(in crate::unipayment) fn of(invoice: &'a Invoice) -> Self {
        let to = invoice.destination.as_ref();
        Self {
            network: to.map(|to| to.asset.network),
            address: to.map(|to| to.address.as_str()),
            pay_amount: to.map_or(Decimal::ZERO, |to| to.pay_amount),
            exchange_rate: to.map_or(Decimal::ZERO, |to| to.exchange_rate),
        }
    }
}

/// `data` of the first generation's create, its `sign` still empty.
pub(in crate::unipayment) fn md5_created(
    invoice: &Invoice,
    (cashier_url, qrcode_url): (String, String),
    settings: &UniPaymentSettings,
) -> Json {
    let to = Payable::of(invoice);
    Fields::new(Style::of_md5_create(settings))
        .text("invoice_id", &invoice.invoice_id)
        .amount("price_amount", invoice.price_amount)
        .text("price_currency", invoice.price_currency)
        .optional("network", to.network)
        .optional("address", to.address)
        .amount("pay_amount", to.pay_amount)
        .optional("pay_currency", invoice.pay_currency)
        .time("expiration_time", invoice.expiration_time)
        .text("cashier_url", cashier_url)
        .text("qrcode_url", qrcode_url)
        .text("sing_type", "MD5")
        .text("sign", "")
        .end()
}

/// One model of the first generation's query.
pub(in crate::unipayment) fn md5_model(
    app_id: &str,
    invoice: &Invoice,
    settings: &UniPaymentSettings,
) -> Json {
    let to = Payable::of(invoice);
    Fields::new(Style::of_answer(Generation::Md5, settings))
        .text("app_id", app_id)
        .text("invoice_id", &invoice.invoice_id)
        .text("order_id", &invoice.order_id)
        .amount("price_amount", invoice.price_amount)
        .text("price_currency", invoice.price_currency)
        .optional("network", to.network)
        .optional("address", to.address)
        .optional("pay_currency", invoice.pay_currency)
        .amount("pay_amount", to.pay_amount)
        .amount("exchange_rate", to.exchange_rate)
        .amount("paid_amount", invoice.paid_amount)
        .amount("confirmed_amount", invoice.confirmed_amount)
        .time("create_time", invoice.create_time)
        .optional_time("paid_time", invoice.paid_time)
        .optional_time("confirm_time", invoice.confirm_time)
        .optional_time("complete_time", invoice.complete_time)
        .time("expiration_time", invoice.expiration_time)
        .json(
            "confirm_speed",
            Json::String(invoice.confirm_speed.as_str().to_owned()),
        )
        .json("status", Json::String(invoice.status.as_str().to_owned()))
        .json(
            "error_status",
            Json::String(invoice.error_status.as_str().to_owned()),
        )
        .end()
}

/// An invoice of the later generations; with its transactions where one was asked for.
pub(in crate::unipayment) fn invoice(
    generation: Generation,
    (app_id, invoice_url): (&str, String),
    invoice: &Invoice,
    with_transactions: bool,
    settings: &UniPaymentSettings,
) -> Json {
    let style = Style::of_answer(generation, settings);
    let to = Payable::of(invoice);
    let mut fields = Fields::new(style).text("app_id", app_id);
    if generation == Generation::OAuth {
        fields = fields.text("payment_method_type", &invoice.payment_method_type);
    }
    fields = fields
        .text("invoice_id", &invoice.invoice_id)
        .text("order_id", &invoice.order_id)
        .amount("price_amount", invoice.price_amount)
        .text("price_currency", invoice.price_currency)
        .optional("network", to.network)
        .optional("address", to.address)
        .amount("pay_amount", to.pay_amount)
        .optional("pay_currency", invoice.pay_currency)
        .amount("exchange_rate", to.exchange_rate)
        .amount("paid_amount", invoice.paid_amount);
    if generation == Generation::OAuth {
        fields = fields.amount("refunded_price_amount", Decimal::ZERO);
    }
    let speed = invoice.confirm_speed;
    fields = fields
        .time("create_time", invoice.create_time)
        .time("expiration_time", invoice.expiration_time)
        .word("confirm_speed", (speed.as_str(), speed.number()))
        .word("status", (invoice.status.as_str(), invoice.status.number()))
        .word(
            "error_status",
            (invoice.error_status.as_str(), invoice.error_status.number()),
        )
        .text("invoice_url", invoice_url);
    if with_transactions {
        fields = fields.json("transactions", transactions(invoice, style, settings));
    }
    fields.end()
}

/// The transfers to an invoice; an array even where there is none.
pub(in crate::unipayment) fn transactions(
    invoice: &Invoice,
    style: Style,
    settings: &UniPaymentSettings,
) -> Json {
    let Some(to) = &invoice.destination else {
        return Json::Array(Vec::new());
    };
    let needed = settings.confirmations.of(invoice.confirm_speed);
    let one = |transfer: &Transfer| {
        Fields::new(style)
            .text("hash", &transfer.hash)
            .text("network", to.asset.network)
            .text("symbol", to.asset.symbol)
            .text("from", &transfer.from)
            .text("to", &to.address)
            .amount("amount", transfer.amount)
            .count("confirmation_count", transfer.confirmations)
            .json("is_confirmed", Json::Bool(transfer.confirmations >= needed))
            .end()
    };
    Json::Array(invoice.transactions.iter().map(one).collect())
}
