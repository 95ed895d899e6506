//! Finding out about a payout.

use paymux_core::{Error, PayoutId, PayoutSnapshot, ProviderName, Providers, Result};

use super::Found;
use crate::adopt::{another_payout, keep_payout_apart};
use crate::history::Cause;
use crate::ledger::Ledger;
use crate::observe::{Learnt, observe_payout};
use crate::payouts::{PayoutRow, bare_payout_id};
use crate::store::values;
use crate::work::speaker::fetch_payout;

/// Where a payout may be found.
struct Trace {
    provider: ProviderName,
    id: PayoutId,
}

pub(super) async fn look_for(
    ledger: &Ledger,
    providers: &Providers,
    row: &PayoutRow,
) -> Result<Found> {
    let traces = traces(ledger, row).await?;
    let mut reason = "no id of it is known; its webhook or a person has to tell".to_owned();
    for trace in traces {
        let snapshot = match fetch_payout(providers, &trace.provider, trace.id.as_str()).await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                reason = error.to_string();
                continue;
            }
        };
        // An id in an error may be of something else.
        match apply(ledger, row, snapshot).await? {
            Found::No(why) => reason = why,
            found @ Found::Yes { .. } => return Ok(found),
        }
    }
    Ok(Found::No(reason))
}

/// The ids that may be this payout's: one that its failed call told, and those of webhooks that
/// carry its reference.
async fn traces(ledger: &Ledger, row: &PayoutRow) -> Result<Vec<Trace>> {
    let mut traces: Vec<Trace> = row
        .gateway_id
        .iter()
        .chain(row.error.iter().filter_map(|error| error.id.as_ref()))
        .map(|id| Trace {
            provider: row.provider.clone(),
            id: PayoutId::received(id.as_str()).without_owner(&row.provider),
        })
        .collect();
    let reference = row.reference.clone();
    let told = ledger.0.store.read(move |tx| {
        tx.query(
            "SELECT provider, gateway_id FROM paymux_inbox
             WHERE reference = ?1 AND kind = 'payout' AND gateway_id IS NOT NULL
             ORDER BY number LIMIT 20",
            values![reference.as_str()],
        )?
        .into_iter()
        .map(|mut row| {
            Ok(Trace {
                provider: row.parsed()?,
                id: PayoutId::received(row.text()?),
            })
        })
        .collect()
    });
    let told: Vec<Trace> = told.await.map_err(Error::from)?;
    traces.extend(told);
    Ok(traces)
}

async fn apply(ledger: &Ledger, row: &PayoutRow, snapshot: PayoutSnapshot) -> Result<Found> {
    let (reference, now) = (row.reference.clone(), ledger.0.now());
    let applied = ledger.0.store.write(move |tx| {
        let Some(mut row) = PayoutRow::lock(tx, &reference)? else {
            return Ok(Found::No("it is gone".to_owned()));
        };
        let bare = bare_payout_id(&snapshot.id, &snapshot.provider);
        if let Some(other) = row.id_is_taken(tx, &snapshot.provider, &bare)? {
            return Ok(Found::No(format!("{bare} belongs to the payout {other}")));
        }
        let learnt = Learnt::read(now, Cause::Recovery);
        if let Some(why) = another_payout(tx, &row, &snapshot)? {
            keep_payout_apart(tx, &mut row, &snapshot, learnt, &why)?;
            return Ok(Found::No(why));
        }
        observe_payout(tx, &mut row, &snapshot, learnt)?;
        Ok(Found::Yes {
            id: bare,
            status: row.word().to_owned(),
        })
    });
    applied.await.map_err(Error::from)
}
