//! A webhook is taken in and marked so in one transaction, both or neither.

use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::Proof;
use paymux_core::transition::Observed;

use super::deposit;
use super::notice::{Notice, Subject};
use crate::adopt::{another_invoice, another_payout, keep_invoice_apart, keep_payout_apart};
use crate::error::{LedgerError, Stored};
use crate::history::Cause;
use crate::invoices::InvoiceRow;
use crate::observe::{Learnt, observe_invoice, observe_payout};
use crate::payouts::PayoutRow;
use crate::store::Tx;
use crate::work::jittered;

/// How long after its last look an unmatched webhook is looked at again.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LONGEST_LOOK: Duration = Duration::from_secs(6 * 60 * 60);

/// What became of a webhook that a worker took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Applied,
    Unmatched,
    Failed,
    /// Another worker has it, or had it.
    Lost,
}

/// A state of a row that a read was made under. When the row has moved on since, the read tells how
/// things were, not how they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) event_seq: u64,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Seen {
    /// How a read that was made under this state counts now.
    pub(crate) fn observed(self, now: Self) -> Observed {
        if self == now {
            Observed::Read
        } else {
            Observed::Notice
        }
    }
}

pub(crate) const fn seen_invoice(row: &InvoiceRow) -> Seen {
    Seen {
        event_seq: row.event_seq,
        updated_at: row.updated_at,
    }
}

pub(crate) const fn seen_payout(row: &PayoutRow) -> Seen {
    Seen {
        event_seq: row.event_seq,
        updated_at: row.updated_at,
    }
}

/// What the gateway answered when it was asked because of a webhook.
pub(super) struct Reading {
    pub(super) subject: Subject,
    /// The row's state before it was asked.
    pub(super) known: Seen,
}

impl Reading {
    fn learnt(&self, now: DateTime<Utc>, proof: Proof, row: Seen) -> Learnt<'static> {
        Learnt {
            observed: self.known.observed(row),
            proof: Some(proof),
            ..Learnt::read(now, Cause::ReadBack)
        }
    }
}

/// Takes in what a webhook tells, or what the gateway answered because of it. The row that it is about
/// is locked before the webhook's own, in this order everywhere.
pub(super) fn take_in(
    tx: &mut dyn Tx,
    notice: &Notice,
    worker: &str,
    now: DateTime<Utc>,
    reading: Option<&Reading>,
) -> Stored<Taken> {
    let subject = reading.map_or(&notice.subject, |reading| &reading.subject);
    let learnt = |row: Seen| {
        reading.map_or_else(
            || Learnt::notice(now, notice.proof),
            |reading| reading.learnt(now, notice.proof, row),
        )
    };
    match subject {
        Subject::Invoice(seen) => {
            let order = seen.order_id.as_ref();
            let row = InvoiceRow::lock_told(tx, &seen.provider, &seen.id, order)?;
            let Some(mut row) = row else {
                return unmatched(tx, notice, worker, now);
            };
            let learnt = learnt(seen_invoice(&row));
            if let Some(why) = another_invoice(&row, seen) {
                keep_invoice_apart(tx, &mut row, seen, learnt, &why)?;
                return unmatched(tx, notice, worker, now);
            }
            if !notice.done(tx, worker, now)? {
                return Ok(Taken::Lost);
            }
            observe_invoice(tx, &mut row, seen, learnt)?;
            Ok(Taken::Applied)
        }
        Subject::Payout(seen) => {
            let reference = notice.reference.as_ref().or(seen.reference.as_ref());
            let row = PayoutRow::lock_told(tx, &seen.provider, &seen.id, reference)?;
            let Some(mut row) = row else {
                return unmatched(tx, notice, worker, now);
            };
            let learnt = learnt(seen_payout(&row));
            if let Some(why) = another_payout(tx, &row, seen)? {
                keep_payout_apart(tx, &mut row, seen, learnt, &why)?;
                return unmatched(tx, notice, worker, now);
            }
            if !notice.done(tx, worker, now)? {
                return Ok(Taken::Lost);
            }
            observe_payout(tx, &mut row, seen, learnt)?;
            Ok(Taken::Applied)
        }
        Subject::Deposit(seen) => {
            if !notice.done(tx, worker, now)? {
                return Ok(Taken::Lost);
            }
            deposit::tell(tx, notice, seen, now)?;
            Ok(Taken::Applied)
        }
        Subject::Other => unmatched(tx, notice, worker, now),
        Subject::Unreadable(why) => Err(LedgerError::unreadable(why).into()),
    }
}

/// Nobody knows what it tells of. The longer it has waited the less often it is looked at.
pub(super) fn unmatched(
    tx: &mut dyn Tx,
    notice: &Notice,
    worker: &str,
    now: DateTime<Utc>,
) -> Stored<Taken> {
    let age = (now - notice.received_at).to_std().unwrap_or_default();
    let next_look = now + jittered((age / 2).clamp(FIRST_LOOK, LONGEST_LOOK));
    notice.set_unmatched(tx, worker, next_look)?;
    Ok(Taken::Unmatched)
}
