//! `paymux invoice create` and `get`.

pub(super) mod list;

use paymux::ledger::{EntityKind, InvoiceState, Ledger};
use paymux::{Error, InvoiceId, NewInvoice, OrderId, ProviderName};

use super::Context;
use crate::args::InvoiceCreate;
use crate::failure::{Failure, Task};
use crate::interruption::unless_interrupted;
use crate::output::json::bare;
use crate::output::{qr, text};
use crate::power::Power;

const CREATE: &str = "create_invoice";
const FETCH: &str = "fetch_invoice";

const KEPT: &str =
    "The order has this invoice already, as the ledger knows it; nothing was sent now.";

pub(super) async fn create(context: &Context<'_>, asked: InvoiceCreate) -> Result<(), Failure> {
    let mut request = NewInvoice::new(asked.order_id, asked.price);
    request.asset = asked.asset;
    request.expires_in = asked.expires_in;
    request.callback_url = asked.callback_url;
    request.check()?;
    let ledger = context.ledger().await?;
    let before = made_before(&ledger, &request.order_id).await?;
    let provider = context.provider_on(&ledger)?;
    let failed = |error: Error| {
        let task = Task::CreateInvoice {
            order_id: request.order_id.clone(),
            can_search: Power::Search.is_there(provider.source_of(&error)),
        };
        provider.failed(&task, CREATE, error)
    };
    let invoice = unless_interrupted(ledger.create_invoice(&*provider, &request))
        .await
        .unwrap_or_else(|| Err(super::interrupted()))
        .map_err(failed)?;
    let invoice = &invoice;
    let bare = bare::invoice(invoice);
    if before.contains(&(invoice.provider.clone(), bare.id.clone())) {
        context.output.note(KEPT);
    } else {
        context.tell_route(CREATE, &invoice.attempts);
    }
    context.output.result(&bare, || {
        let code = invoice
            .qr
            .as_deref()
            .and_then(|content| qr::code(content, qr::stdout_has_colour()));
        match code {
            Some(code) => format!("{}\n\n{code}", text::invoice(invoice)),
            None => text::invoice(invoice),
        }
    })
}

/// The invoices that the order has had so far.
async fn made_before(
    ledger: &Ledger,
    order: &OrderId,
) -> Result<Vec<(ProviderName, InvoiceId)>, Failure> {
    let known = ledger.invoices(order).await?.into_iter();
    Ok(known
        .filter(|record| record.state == InvoiceState::Made)
        .filter_map(|record| Some((record.provider, record.id?)))
        .collect())
}

pub(super) async fn get(context: &Context<'_>, id: &str) -> Result<(), Failure> {
    let (provider, id) = context.provider_of(EntityKind::Invoice, id).await?;
    let id = InvoiceId::new(id)?;
    let task = Task::Read { id: id.to_string() };
    let invoice = provider
        .fetch_invoice(&id)
        .await
        .map_err(|error| provider.failed(&task, FETCH, error))?;
    let invoice = invoice.snapshot();
    let observer = context.observer();
    observer.invoice(invoice);
    context
        .output
        .result(&bare::invoice(invoice), || text::invoice(invoice))?;
    observer.finish(context.output).await;
    Ok(())
}
