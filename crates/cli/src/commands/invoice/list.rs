//! `paymux invoice list`.

use paymux::{InvoiceQuery, InvoiceSnapshot, OrderId, Page};

use crate::commands::Context;
use crate::failure::{Failure, Task};
use crate::output::json::bare;
use crate::output::text;
use crate::power::Power;

const OPERATION: &str = "search_invoices";

pub(in crate::commands) async fn run(
    context: &Context<'_>,
    query: InvoiceQuery,
) -> Result<(), Failure> {
    let provider = context.provider()?;
    let search = provider.search().ok_or_else(|| {
        provider.lacks(OPERATION, Power::Search).with_hint(
            "keep the ids that \"invoice create\" prints, and ask with \"paymux invoice get ID\"",
        )
    })?;
    let later = match &query.order_id {
        Some(order) => later_attempts(context, order).await,
        None => Vec::new(),
    };
    let page_of = async |query: &InvoiceQuery| {
        let page = search
            .search_invoices(query)
            .await
            .map_err(|error| provider.failed(&Task::Search, OPERATION, error))?;
        Ok::<_, Failure>(Page {
            items: page
                .items
                .iter()
                .map(|invoice| invoice.snapshot().clone())
                .collect(),
            page: page.page,
            pages: page.pages,
            total: page.total,
            failures: page.failures,
        })
    };
    let mut found = page_of(&query).await?;
    for order in later {
        let mut query = query.clone();
        query.order_id = Some(order);
        found = both(found, page_of(&query).await?);
    }
    let observer = context.observer();
    for invoice in &found.items {
        observer.invoice(invoice);
    }
    let bare = Page {
        items: found.items.iter().map(bare::invoice).collect(),
        page: found.page,
        pages: found.pages,
        total: found.total,
        // Told on stderr: the JSON is the list itself.
        failures: Vec::new(),
    };
    context.output.missing(&found.failures);
    context.output.result(&bare, || text::invoices(&found))?;
    observer.finish(context.output).await;
    Ok(())
}

/// What gateways know the order's later invoices by, as far as the ledger made them.
async fn later_attempts(context: &Context<'_>, order: &OrderId) -> Vec<OrderId> {
    let known = context
        .ask_ledger(async |ledger| ledger.invoices(order).await)
        .await
        .unwrap_or_default();
    let mut sent: Vec<OrderId> = known
        .into_iter()
        .map(|record| record.sent_order_id)
        .filter(|sent| sent != order)
        .collect();
    // Branches of one attempt were sent under the same id.
    sent.dedup();
    sent
}

/// The same page of two searches.
fn both(mut one: Page<InvoiceSnapshot>, other: Page<InvoiceSnapshot>) -> Page<InvoiceSnapshot> {
    one.items.extend(other.items);
    one.pages = one
        .pages
        .zip(other.pages)
        .map(|(one, other)| one.max(other));
    one.total = one.total.zip(other.total).map(|(one, other)| one + other);
    for failure in other.failures {
        if !one.failures.contains(&failure) {
            one.failures.push(failure);
        }
    }
    one
}
