//! `paymux demo`: an invoice is paid and a payout arrives, on an embedded sandbox over real sockets.

mod narrator;
mod shop;

use std::sync::Arc;

use paymux::setup::{ProviderType, Setup};
use paymux::{
    Error, FulfilmentPolicy, InvoiceSnapshot, InvoiceStatus, NewInvoice, NewPayout, OrderId,
    PaymentException, PaymentProvider, PayoutSnapshot, PayoutStatus, ProviderName, Reference,
};
use paymux_sandbox::{Sandbox, SandboxError, Settings};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::json::WebhookJson;
use crate::output::{Output, qr, text};
use narrator::Narrator;
use shop::Shop;

/// The gateway that the embedded sandbox simulates.
const GATEWAY: &str = "native-checkout";

/// Where the payout goes: a well-formed address, known to nobody on the sandbox.
const RECEIVER: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// Two, so that a payment can be seen on its way.
const CONFIRMATIONS: u32 = 2;

/// What the demo prints at its end.
#[derive(Debug, Serialize)]
struct DemoJson {
    invoice: InvoiceSnapshot,
    payout: PayoutSnapshot,
    webhooks: Vec<WebhookJson>,
    statuses: Vec<InvoiceStatus>,
}

pub(super) async fn run(output: &Output, asked: Option<&ProviderName>) -> Result<(), Failure> {
    if let Some(name) = asked.filter(|name| name.as_str() != GATEWAY) {
        return Err(Error::configuration(format!(
            "the demo has no provider {name}; it runs on {GATEWAY}"
        ))
        .into());
    }
    let settings = Settings {
        confirmations_required: CONFIRMATIONS,
        ..Settings::default()
    };
    let sandbox = Sandbox::builder()
        .settings(settings)
        .start()
        .await
        .map_err(|error| of_sandbox(&error))?;
    let narrator = Narrator::new(!output.is_json());
    narrator.block(&format!(
        "A gateway is simulated on {}. Everything below goes over real sockets,\nand no money moves.",
        sandbox.address()
    ));
    let provider = provider_of(&sandbox)?;
    let mut shop = Shop::open(provider, sandbox.inbox("demo"), narrator);

    let invoice = sell(&sandbox, &mut shop).await?;
    let payout = pay_out(&sandbox, &mut shop).await?;

    let told = DemoJson {
        invoice,
        payout,
        webhooks: shop.webhooks.iter().map(WebhookJson::from).collect(),
        statuses: shop.statuses,
    };
    sandbox.stop().await;
    output.result(&told, || summary(&told))
}

fn provider_of(sandbox: &Sandbox) -> Result<Arc<dyn PaymentProvider>, Failure> {
    let name = ProviderName::from_static(GATEWAY);
    let kind = ProviderType::named(GATEWAY)?;
    let provider = Setup::new(name, kind.name())?
        .with("app_id", sandbox.halo().app_id())?
        .with("app_key", sandbox.halo().app_key())?
        .with("base_url", sandbox.url())?
        .build()?;
    Ok(provider)
}

/// An invoice, from its creation until the goods can be handed over.
async fn sell(sandbox: &Sandbox, shop: &mut Shop) -> Result<InvoiceSnapshot, Failure> {
    let halo = sandbox.halo();
    shop.narrator.title("An invoice");
    let request = NewInvoice::new(OrderId::new("demo-order-1")?, "5 USD".parse()?)
        .with_asset("TRX@tron-nile".parse()?)
        .with_callback_url(shop.inbox.url());
    let mut invoice = shop.create_invoice(&request).await?;
    shop.narrator.block(&text::invoice(&invoice));
    if let Some(code) = invoice
        .qr
        .as_deref()
        .and_then(|content| qr::code(content, qr::stdout_has_colour()))
    {
        shop.narrator.block(&code);
    }
    let due = invoice.due.as_ref().map(|due| due.amount);
    let due = due.ok_or_else(|| went_wrong("the invoice does not say what is due"))?;
    let trade_no = invoice.id.as_str().to_owned();

    shop.narrator.title("The payer sends half of it");
    let half = (due / Decimal::TWO).round_dp(6);
    halo.pay(&trade_no, half)
        .map_err(|error| of_sandbox(&error))?;
    shop.hear_of_invoice(&mut invoice).await?;
    shop.look_at(&mut invoice).await?;
    if !invoice.exceptions.contains(PaymentException::Underpaid) {
        return Err(went_wrong("half was paid and the invoice is not underpaid"));
    }

    shop.narrator.title("The payer sends the rest");
    halo.pay_rest(&trade_no)
        .map_err(|error| of_sandbox(&error))?;
    shop.look_at(&mut invoice).await?;

    shop.narrator.title("The chain confirms it");
    for _ in 0..CONFIRMATIONS {
        halo.confirm(&trade_no, 1)
            .map_err(|error| of_sandbox(&error))?;
        shop.look_at(&mut invoice).await?;
    }
    shop.hear_of_invoice(&mut invoice).await?;

    if invoice.status != InvoiceStatus::Settled || !FulfilmentPolicy::default().allows(&invoice) {
        return Err(went_wrong(&format!(
            "the invoice was paid in full and is {}",
            invoice.status
        )));
    }
    shop.narrator
        .line(&text::good("paid in full: hand over the goods"));
    Ok(invoice)
}

/// A payout, from its creation until it has arrived.
async fn pay_out(sandbox: &Sandbox, shop: &mut Shop) -> Result<PayoutSnapshot, Failure> {
    let halo = sandbox.halo();
    shop.narrator.title("A payout");
    let reference = Reference::new("demo-payout-1")?;
    let request = NewPayout::new(
        reference.clone(),
        Decimal::new(5, 1),
        "USDT@tron-nile".parse()?,
        RECEIVER,
    )
    .with_callback_url(shop.inbox.url());
    let mut payout = shop.create_payout(&request).await?;
    shop.narrator.block(&text::payout(&payout));

    shop.narrator.title("The gateway sends it");
    let trade_no = payout.id.as_str().to_owned();
    for _ in 0..3 {
        halo.advance_payout(&trade_no)
            .map_err(|error| of_sandbox(&error))?;
        shop.look_at_payout(&mut payout).await?;
    }
    let found_by = shop.hear_of_payout(&mut payout).await?;
    if found_by.as_ref() != Some(&reference) {
        return Err(went_wrong(
            "the payout's webhook does not name its reference",
        ));
    }
    if payout.status != PayoutStatus::Completed {
        return Err(went_wrong(&format!(
            "the payout was sent and is {}",
            payout.status
        )));
    }
    shop.narrator.line(&text::good("the receiver has it"));
    Ok(payout)
}

fn summary(told: &DemoJson) -> String {
    let course: Vec<&str> = told.statuses.iter().map(|status| status.as_str()).collect();
    format!(
        "\n{}\n  invoice   {} for {}\n  payout    {} to {RECEIVER}, {}\n  webhooks  {}, each proven before it was read\n\n\
         Next: \"paymux sandbox\" keeps such a gateway running for your own program.",
        text::bold("That was it"),
        course.join(" > "),
        told.invoice
            .price
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        told.payout
            .amount
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        told.payout.status,
        told.webhooks.len(),
    )
}

fn of_sandbox(error: &SandboxError) -> Failure {
    Failure::other(format!("the embedded sandbox failed: {error}"))
}

fn went_wrong(what: &str) -> Failure {
    Failure::other(format!("the demo did not go as it should: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiver_has_the_form_of_its_network() {
        let nile = "tron-nile".parse().unwrap();
        assert!(paymux::address::check(RECEIVER, &nile).is_ok());
    }
}
