//! `paymux demo`: an invoice is paid and a payout arrives, on an embedded sandbox over real sockets.

mod gateway;
mod narrator;
mod shop;

use paymux::{
    Error, FulfilmentPolicy, InvoiceSnapshot, InvoiceStatus, NewInvoice, OrderId, PaymentException,
    PayoutSnapshot, PayoutStatus, ProviderName, Reference,
};
use paymux_sandbox::{Sandbox, SandboxError, Settings};
use rust_decimal::Decimal;
use serde::Serialize;

use super::simulated::{HALO, UNIPAYMENT};
use crate::chosen::Chosen;
use crate::failure::Failure;
use crate::generation;
use crate::output::json::WebhookJson;
use crate::output::{Output, qr, text};
use crate::power::Power;
use gateway::{Gateway, Halo, UniPayment};
use narrator::Narrator;
use shop::Shop;

/// Two, so that a payment can be seen on its way.
const CONFIRMATIONS: u32 = 2;

/// More blocks than any invoice needs, and more steps than any payout has.
const PATIENCE: usize = 8;

/// What the demo prints at its end.
#[derive(Debug, Serialize)]
struct DemoJson {
    invoice: InvoiceSnapshot,
    /// Null where the gateway sends none.
    payout: Option<PayoutSnapshot>,
    webhooks: Vec<WebhookJson>,
    statuses: Vec<InvoiceStatus>,
}

pub(super) async fn run(output: &Output, asked: Option<&ProviderName>) -> Result<(), Failure> {
    let name = asked.map_or(HALO, ProviderName::as_str);
    // Before anything is started: it may not be one there is.
    let generation = match name {
        HALO => None,
        UNIPAYMENT => Some(generation::of_environment()?),
        _ => {
            return Err(Error::configuration(format!(
                "the demo has no provider {name}; it runs on {HALO} and {UNIPAYMENT}"
            ))
            .into());
        }
    };
    let settings = Settings {
        confirmations_required: CONFIRMATIONS,
        ..Settings::default()
    };
    let sandbox = Sandbox::builder()
        .settings(settings)
        .start()
        .await
        .map_err(|error| of_sandbox(&error))?;
    let inbox = sandbox.inbox("demo");
    let gateway: Box<dyn Gateway> = match generation {
        None => Box::new(Halo(&sandbox)),
        Some(generation) => Box::new(UniPayment::open(&sandbox, generation, inbox.url())),
    };

    let narrator = Narrator::new(!output.is_json());
    let speaking = generation.map_or_else(String::new, |it| format!(" in its generation {it}"));
    narrator.block(&format!(
        "{name}{speaking} is simulated on {}. Everything below goes over real sockets,\nand no money moves.",
        sandbox.address()
    ));
    let setup = gateway.setup()?;
    let provider = Chosen::instance(setup.build()?, setup);
    let mut shop = Shop::open(provider, &sandbox, inbox, narrator);
    let invoice = sell(gateway.as_ref(), &mut shop).await?;
    let payout = pay_out(gateway.as_ref(), &mut shop).await?;
    let no_payout = shop.provider.lack_of(Power::Payouts);

    let told = DemoJson {
        invoice,
        payout,
        webhooks: shop.webhooks.iter().map(WebhookJson::from).collect(),
        statuses: shop.statuses,
    };
    drop(gateway);
    sandbox.stop().await;
    output.result(&told, || summary(&told, &no_payout))
}

/// An invoice, from its creation until the goods can be handed over.
async fn sell(gateway: &dyn Gateway, shop: &mut Shop<'_>) -> Result<InvoiceSnapshot, Failure> {
    shop.narrator.title("An invoice");
    let request = NewInvoice::new(OrderId::new("demo-order-1")?, "5 USD".parse()?)
        .with_asset(gateway.asset().parse()?)
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
    shop.hear_of_invoice(&mut invoice).await?;
    let due = invoice.due.as_ref().map(|due| due.amount);
    let due = due.ok_or_else(|| went_wrong("the invoice does not say what is due"))?;
    let id = invoice.id.as_str().to_owned();

    shop.narrator.title("The payer sends half of it");
    let half = (due / Decimal::TWO).round_dp(6);
    gateway.pay(&id, half).map_err(|error| of_sandbox(&error))?;
    shop.follow_invoice(&mut invoice).await?;
    if !invoice.exceptions.contains(PaymentException::Underpaid) {
        return Err(went_wrong("half was paid and the invoice is not underpaid"));
    }

    shop.narrator.title("The payer sends the rest");
    gateway.pay_rest(&id).map_err(|error| of_sandbox(&error))?;
    shop.follow_invoice(&mut invoice).await?;

    shop.narrator.title("The chain confirms it");
    for _ in 0..PATIENCE {
        if invoice.status.is_final() {
            break;
        }
        gateway.confirm(&id).map_err(|error| of_sandbox(&error))?;
        shop.follow_invoice(&mut invoice).await?;
    }
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

/// A payout, from its creation until it has arrived; `None` where the gateway sends none.
async fn pay_out(
    gateway: &dyn Gateway,
    shop: &mut Shop<'_>,
) -> Result<Option<PayoutSnapshot>, Failure> {
    shop.narrator.title("A payout");
    if !Power::Payouts.is_there(&*shop.provider) {
        let lack = shop.provider.lack_of(Power::Payouts);
        shop.narrator.line(lack.message());
        return Ok(None);
    }
    let reference = Reference::new("demo-payout-1")?;
    let request = gateway.payout(reference.clone(), shop.inbox.url())?;
    let mut payout = shop.create_payout(&request).await?;
    shop.narrator.block(&text::payout(&payout));

    shop.narrator.title("The gateway sends it");
    let mut found_by = shop.hear_of_payout(&mut payout).await?;
    for _ in 0..PATIENCE {
        if payout.status.is_final() {
            break;
        }
        gateway
            .advance(payout.id.as_str())
            .map_err(|error| of_sandbox(&error))?;
        let named = shop.hear_of_payout(&mut payout).await?;
        found_by = found_by.or(named);
        shop.look_at_payout(&mut payout).await?;
    }
    if found_by.as_ref() != Some(&reference) {
        return Err(went_wrong(
            "the payout's webhook does not lead to its reference",
        ));
    }
    if payout.status != PayoutStatus::Completed {
        return Err(went_wrong(&format!(
            "the payout was sent and is {}",
            payout.status
        )));
    }
    shop.narrator.line(&text::good("the receiver has it"));
    Ok(Some(payout))
}

fn summary(told: &DemoJson, no_payout: &Error) -> String {
    let course: Vec<&str> = told.statuses.iter().map(|status| status.as_str()).collect();
    let payout = match &told.payout {
        None => format!("none: {}", no_payout.message()),
        Some(payout) => format!(
            "{} to {}, {}",
            payout
                .amount
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            payout
                .destination
                .as_ref()
                .map_or("", |to| to.address.as_str()),
            payout.status
        ),
    };
    format!(
        "\n{}\n  invoice   {} for {}\n  payout    {payout}\n  webhooks  {}, each proven before it was read\n\n\
         Next: \"paymux sandbox\" keeps such a gateway running for your own program.",
        text::bold("That was it"),
        course.join(" > "),
        told.invoice
            .price
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        told.webhooks.len(),
    )
}

fn of_sandbox(error: &SandboxError) -> Failure {
    Failure::other(format!("the embedded sandbox failed: {error}"))
}

fn went_wrong(what: &str) -> Failure {
    Failure::other(format!("the demo did not go as it should: {what}"))
}
