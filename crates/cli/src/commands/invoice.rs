//! `paymux invoice create`, `get` and `list`.

use paymux::{InvoiceId, InvoiceQuery, InvoiceStatus, NewInvoice, OrderId, Page};

use super::{Context, lacks};
use crate::args::InvoiceCreate;
use crate::failure::{Failure, Task};
use crate::interruption::unless_interrupted;
use crate::output::{qr, text};

pub(super) async fn create(context: &Context<'_>, asked: InvoiceCreate) -> Result<(), Failure> {
    let mut request = NewInvoice::new(asked.order_id, asked.price);
    request.asset = asked.asset;
    request.expires_in = asked.expires_in;
    request.callback_url = asked.callback_url;
    request.check()?;
    let provider = context.provider()?;
    let created = unless_interrupted(provider.create_invoice(&request))
        .await
        .unwrap_or_else(|| Err(super::interrupted_while("create_invoice")))
        .map_err(|error| {
            let error = error
                .with_provider(provider.name().clone())
                .with_operation("create_invoice");
            Failure::while_doing(&Task::CreateInvoice, error)
        })?;
    let invoice = created.snapshot();
    context.output.result(invoice, || {
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

pub(super) async fn get(context: &Context<'_>, id: &str) -> Result<(), Failure> {
    let (provider, id) = context.provider_of(id)?;
    let id = InvoiceId::new(id)?;
    let invoice = provider.fetch_invoice(&id).await.map_err(|error| {
        let error = error
            .with_provider(provider.name().clone())
            .with_operation("fetch_invoice");
        Failure::while_doing(&Task::Read { id: id.to_string() }, error)
    })?;
    let invoice = invoice.snapshot();
    context.output.result(invoice, || text::invoice(invoice))
}

pub(super) async fn list(
    context: &Context<'_>,
    order_id: Option<OrderId>,
    status: Option<InvoiceStatus>,
    page: Option<u32>,
) -> Result<(), Failure> {
    let provider = context.provider()?;
    let search =
        provider.search().ok_or_else(|| {
            lacks(provider.as_ref(), "search_invoices", "cannot search for invoices").with_hint(
            "keep the ids that \"invoice create\" prints, and ask with \"paymux invoice get ID\"",
        )
        })?;
    let mut query = InvoiceQuery::default();
    query.order_id = order_id;
    query.status = status;
    query.page = page;
    let found = search.search_invoices(&query).await.map_err(|error| {
        error
            .with_provider(provider.name().clone())
            .with_operation("search_invoices")
    })?;
    let found = Page {
        items: found
            .items
            .iter()
            .map(|invoice| invoice.snapshot().clone())
            .collect(),
        page: found.page,
        pages: found.pages,
        total: found.total,
    };
    context.output.result(&found, || text::invoices(&found))
}
