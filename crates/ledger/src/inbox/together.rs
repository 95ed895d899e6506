//! Many webhooks in one transaction, in few round trips.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use paymux_core::ProviderName;

use super::notice::{Notice, Subject};
use super::take_in::Taken;
use crate::adopt::{another_invoice, another_payout};
use crate::error::Stored;
use crate::invoices::{InvoiceRow, bare_invoice_id};
use crate::observe::{Learnt, observe_invoice, observe_payout};
use crate::payouts::{PayoutRow, bare_payout_id};
use crate::store::Tx;

/// A provider and its own id of an invoice or payout.
type Key = (ProviderName, String);

/// Who has a webhook.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder<'w> {
    /// This transaction, which has it locked.
    Transaction,
    /// A worker, by its name, as long as nobody else has taken it.
    Worker(&'w str),
}

/// Takes in what webhooks tell, those of one invoice or payout in the order given. Nothing for each
/// that has to be taken in alone.
///
/// Every invoice is locked, then every payout, each in the order of their ids; then the webhooks that
/// a worker has; then what waits to be delivered, in the order of the rows' own ids. So two workers
/// never wait for each other.
pub(super) fn take_in_together(
    tx: &mut dyn Tx,
    notices: &[Notice],
    holder: Holder<'_>,
    now: DateTime<Utc>,
) -> Stored<Vec<Option<Taken>>> {
    let mut rows = Rows::lock(tx, notices)?;
    let mut ends: Vec<Option<Taken>> = Vec::with_capacity(notices.len());
    let mut found: Vec<(String, usize, &Notice)> = Vec::with_capacity(notices.len());
    for (index, notice) in notices.iter().enumerate() {
        let entity = rows.entity(notice);
        // What may be another one than was asked for is looked at alone.
        let entity = match entity {
            Some(entity) if !rows.is_another(tx, notice)? => Some(entity),
            _ => None,
        };
        ends.push(entity.map(|entity| {
            found.push((entity.to_owned(), index, notice));
            Taken::Lost
        }));
    }
    let told: Vec<&Notice> = found.iter().map(|(_, _, notice)| *notice).collect();
    let done = match holder {
        Holder::Transaction => vec![true; told.len()],
        Holder::Worker(worker) => Notice::done_each(tx, &told, worker, now)?,
    };
    InvoiceRow::look_for_newer(tx, &mut rows.invoices.values_mut().collect::<Vec<_>>())?;
    let mut ours: Vec<_> = found
        .into_iter()
        .zip(done)
        .filter_map(|(found, done)| done.then_some(found))
        .collect();
    ours.sort_by(|(one, first, _), (other, second, _)| (one, first).cmp(&(other, second)));
    for (_, index, notice) in ours {
        if matches!(holder, Holder::Transaction) {
            notice.done_here(tx, now)?;
        }
        rows.observe(tx, notice, now)?;
        if let Some(end) = ends.get_mut(index) {
            *end = Some(Taken::Applied);
        }
    }
    Ok(ends)
}

/// The rows that webhooks tell of, locked.
struct Rows {
    invoices: HashMap<Key, InvoiceRow>,
    payouts: HashMap<Key, PayoutRow>,
}

impl Rows {
    fn lock(tx: &mut dyn Tx, notices: &[Notice]) -> Stored<Self> {
        let keys = |key_of: fn(&Notice) -> Option<Key>| -> Vec<Key> {
            let keys: BTreeSet<Key> = notices.iter().filter_map(key_of).collect();
            keys.into_iter().collect()
        };
        let (invoices, payouts) = (keys(invoice_key), keys(payout_key));
        Ok(Self {
            invoices: found(InvoiceRow::lock_known(tx, &invoices)?, invoices),
            payouts: found(PayoutRow::lock_known(tx, &payouts)?, payouts),
        })
    }

    /// The row's own id.
    fn entity(&self, notice: &Notice) -> Option<&str> {
        let invoice = invoice_key(notice).and_then(|key| self.invoices.get(&key));
        let payout = payout_key(notice).and_then(|key| self.payouts.get(&key));
        invoice
            .map(|row| row.id.as_str())
            .or(payout.map(|row| row.id.as_str()))
    }

    /// Whether it tells of another invoice or payout than the one whose id it has was asked for.
    fn is_another(&self, tx: &mut dyn Tx, notice: &Notice) -> Stored<bool> {
        Ok(match &notice.subject {
            Subject::Invoice(seen) => invoice_key(notice)
                .and_then(|key| self.invoices.get(&key))
                .is_some_and(|row| another_invoice(row, seen).is_some()),
            Subject::Payout(seen) => {
                match payout_key(notice).and_then(|key| self.payouts.get(&key)) {
                    Some(row) => another_payout(tx, row, seen)?.is_some(),
                    None => false,
                }
            }
            _ => false,
        })
    }

    fn observe(&mut self, tx: &mut dyn Tx, notice: &Notice, now: DateTime<Utc>) -> Stored<()> {
        let learnt = Learnt::notice(now, notice.proof);
        match &notice.subject {
            Subject::Invoice(seen) => {
                let row = invoice_key(notice).and_then(|key| self.invoices.get_mut(&key));
                if let Some(row) = row {
                    observe_invoice(tx, row, seen, learnt)?;
                }
            }
            Subject::Payout(seen) => {
                let row = payout_key(notice).and_then(|key| self.payouts.get_mut(&key));
                if let Some(row) = row {
                    observe_payout(tx, row, seen, learnt)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn found<R>(rows: Vec<Option<R>>, keys: Vec<Key>) -> HashMap<Key, R> {
    keys.into_iter()
        .zip(rows)
        .filter_map(|(key, row)| Some((key, row?)))
        .collect()
}

fn invoice_key(notice: &Notice) -> Option<Key> {
    let Subject::Invoice(seen) = &notice.subject else {
        return None;
    };
    let bare = bare_invoice_id(&seen.id, &seen.provider);
    Some((seen.provider.clone(), bare))
}

fn payout_key(notice: &Notice) -> Option<Key> {
    let Subject::Payout(seen) = &notice.subject else {
        return None;
    };
    let bare = bare_payout_id(&seen.id, &seen.provider);
    Some((seen.provider.clone(), bare))
}
