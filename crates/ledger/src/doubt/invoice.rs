//! Finding out about an invoice.

use paymux_core::{Error, InvoiceQuery, InvoiceSnapshot, Providers, Result, SearchApi};

use super::Found;
use crate::adopt::{another_invoice, keep_invoice_apart};
use crate::history::Cause;
use crate::invoices::{InvoiceRow, bare_invoice_id};
use crate::ledger::Ledger;
use crate::observe::{Learnt, observe_invoice};

pub(super) async fn look_for(
    ledger: &Ledger,
    providers: &Providers,
    row: &InvoiceRow,
) -> Result<Found> {
    let found = match search(providers, row).await {
        Ok(found) => found,
        Err(error) => return Ok(Found::No(error.to_string())),
    };
    let mut reason = format!(
        "{} has no invoice of the order {}, as far as it tells today",
        row.provider,
        row.sent_order_id()
    );
    for snapshot in found {
        match apply(ledger, row, snapshot).await? {
            Found::No(why) => reason = why,
            found @ Found::Yes { .. } => return Ok(found),
        }
    }
    Ok(Found::No(reason))
}

/// Asks the provider itself, or whoever may speak for it where it is not configured on its own.
async fn search(providers: &Providers, row: &InvoiceRow) -> Result<Vec<InvoiceSnapshot>> {
    let own = providers.get(&row.provider);
    let speakers: Vec<&dyn SearchApi> = match &own {
        Ok(provider) => provider.search().into_iter().collect(),
        Err(_) => providers
            .iter()
            .filter_map(|provider| provider.search())
            .collect(),
    };
    if speakers.is_empty() {
        own?;
        return Err(Error::unsupported(format!(
            "{} cannot be searched; if it is paid, its webhook tells",
            row.provider
        )));
    }
    let sent = row.sent_order_id();
    let mut query = InvoiceQuery::default();
    query.order_id = Some(sent.clone());
    let mut found = Vec::new();
    for speaker in speakers {
        let page = speaker.search_invoices(&query).await?;
        found.extend(
            page.items
                .iter()
                .map(|invoice| invoice.snapshot())
                .filter(|snapshot| snapshot.order_id.as_ref() == Some(&sent))
                .cloned(),
        );
    }
    Ok(found)
}

async fn apply(ledger: &Ledger, row: &InvoiceRow, snapshot: InvoiceSnapshot) -> Result<Found> {
    let (id, now) = (row.id.clone(), ledger.0.now());
    let applied = ledger.0.store.write(move |tx| {
        let Some(mut row) = InvoiceRow::lock(tx, &id)? else {
            return Ok(Found::No("it is gone".to_owned()));
        };
        let bare = bare_invoice_id(&snapshot.id, &snapshot.provider);
        if row.id_is_taken(tx, &snapshot.provider, &bare)?.is_some() {
            return Ok(Found::No("it is another attempt's".to_owned()));
        }
        let learnt = Learnt::read(now, Cause::Recovery);
        if let Some(why) = another_invoice(&row, &snapshot) {
            keep_invoice_apart(tx, &mut row, &snapshot, learnt, &why)?;
            return Ok(Found::No(why));
        }
        observe_invoice(tx, &mut row, &snapshot, learnt)?;
        let status = row
            .snapshot
            .as_ref()
            .map_or(row.word(), |known| known.status.as_str());
        Ok(Found::Yes {
            id: bare,
            status: status.to_owned(),
        })
    });
    applied.await.map_err(Error::from)
}
