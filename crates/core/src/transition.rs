//! The one place where the state of a payment changes.
//!
//! States are ranked: `Pending` < `Expired` < `Canceled` < `Processing` < `Confirmed` < `Invalid` <
//! `Settled`. A *notice* (a webhook, which may be late or doubled) only ever moves an invoice up;
//! so any notices, in any order and however often, end in the same state. A *read* (the answer to a
//! query made just now) may also fall back where chains do: `Processing` to `Pending`, `Expired` or
//! `Canceled`. Whatever else a read says is a contradiction: nothing changes, and it is reported.
//!
//! Whoever was expired or canceled and is paid all the same is `Late`, in whichever order that is
//! learnt. A word that nobody knows changes nothing but the provider's word.

use crate::attempts::ProviderAttempt;
use crate::money::AssetAmount;
use crate::snapshot::{Destination, InvoiceSnapshot, PayoutSnapshot, TransactionRef};
use crate::status::{InvoiceStatus, PaymentException, PaymentExceptions, PayoutStatus};

/// How something was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// By a query made just now: it tells how things are.
    Read,
    /// By a webhook, which may be late, doubled or out of order: it tells how things were.
    Notice,
}

/// What an observation did to what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The status or the exceptions changed.
    Moved,
    /// The state stays; other members may have been filled in.
    Unchanged,
    /// A notice from before: the state stays, members that were not known were filled in.
    Stale,
    /// The gateway says what cannot be. The state stays, and a person should look.
    Contradiction,
}

const fn rank(status: InvoiceStatus) -> u8 {
    match status {
        InvoiceStatus::Unknown => 0,
        InvoiceStatus::Pending => 1,
        InvoiceStatus::Expired => 2,
        InvoiceStatus::Canceled => 3,
        InvoiceStatus::Processing => 4,
        InvoiceStatus::Confirmed => 5,
        InvoiceStatus::Invalid => 6,
        InvoiceStatus::Settled => 7,
    }
}

const fn is_closed_unpaid(status: InvoiceStatus) -> bool {
    matches!(status, InvoiceStatus::Expired | InvoiceStatus::Canceled)
}

/// Money was seen, enough of it.
const fn is_paid(status: InvoiceStatus) -> bool {
    rank(status) >= rank(InvoiceStatus::Processing)
}

/// Whether an invoice may go from one status to another.
///
/// ```
/// use paymux_core::InvoiceStatus::*;
/// use paymux_core::transition::{Observed, may_move};
/// assert!(may_move(Pending, Settled, Observed::Notice));
/// assert!(may_move(Processing, Pending, Observed::Read));
/// assert!(!may_move(Processing, Pending, Observed::Notice));
/// assert!(!may_move(Settled, Invalid, Observed::Read));
/// ```
#[must_use]
pub const fn may_move(from: InvoiceStatus, to: InvoiceStatus, observed: Observed) -> bool {
    if matches!(to, InvoiceStatus::Unknown) {
        return false;
    }
    let falls_back = matches!(observed, Observed::Read)
        && matches!(from, InvoiceStatus::Processing)
        && matches!(
            to,
            InvoiceStatus::Pending | InvoiceStatus::Expired | InvoiceStatus::Canceled
        );
    rank(to) > rank(from) || falls_back
}

/// Whether a payout may go from one status to another. A final status stays.
#[must_use]
pub const fn may_payout_move(from: PayoutStatus, to: PayoutStatus) -> bool {
    payout_rank(to) > payout_rank(from)
}

const fn payout_rank(status: PayoutStatus) -> u8 {
    match status {
        PayoutStatus::Unknown => 0,
        PayoutStatus::Pending => 1,
        PayoutStatus::Processing => 2,
        PayoutStatus::Confirming => 3,
        PayoutStatus::Completed | PayoutStatus::Failed | PayoutStatus::Canceled => 4,
    }
}

impl InvoiceSnapshot {
    /// Takes in what was learnt of the same invoice: the state by the rules of [`transition`](self),
    /// every other member without ever clearing one that is known.
    ///
    /// ```
    /// use paymux_core::transition::{Change, Observed};
    /// use paymux_core::{InvoiceId, InvoiceSnapshot, InvoiceStatus};
    ///
    /// let seen = |status| {
    ///     InvoiceSnapshot::new("shop".parse().unwrap(), InvoiceId::received("T1"), status)
    /// };
    /// let mut invoice = seen(InvoiceStatus::Expired);
    /// assert_eq!(invoice.observe(&seen(InvoiceStatus::Settled), Observed::Notice), Change::Moved);
    /// assert_eq!(invoice.observe(&seen(InvoiceStatus::Pending), Observed::Notice), Change::Stale);
    /// assert_eq!(invoice.status, InvoiceStatus::Settled);
    /// assert!(invoice.exceptions.contains(paymux_core::PaymentException::Late));
    /// ```
    pub fn observe(&mut self, seen: &Self, observed: Observed) -> Change {
        if seen.status == InvoiceStatus::Unknown {
            fill_invoice(self, seen);
            take(&mut self.provider_status, &seen.provider_status, true);
            return Change::Unchanged;
        }
        let before = (self.status, self.exceptions.clone());
        let was = self.status;
        let change = if seen.status == was || may_move(was, seen.status, observed) {
            self.status = seen.status;
            self.exceptions = joined_exceptions(&before.1, was, seen, observed);
            update_invoice(self, seen, observed);
            None
        } else if observed == Observed::Notice {
            self.exceptions = stale_exceptions(&before.1, was, seen);
            fill_invoice(self, seen);
            Some(Change::Stale)
        } else {
            fill_invoice(self, seen);
            Some(Change::Contradiction)
        };
        if before != (self.status, self.exceptions.clone()) {
            Change::Moved
        } else {
            change.unwrap_or(Change::Unchanged)
        }
    }
}

/// The exceptions after an observation at the same status or a legal move.
fn joined_exceptions(
    known: &PaymentExceptions,
    was: InvoiceStatus,
    seen: &InvoiceSnapshot,
    observed: Observed,
) -> PaymentExceptions {
    let keeps = |exception| match (exception, observed) {
        (PaymentException::Late | PaymentException::Marked, _) => true,
        (_, Observed::Read) => false,
        // A notice may leave out what an earlier one told; only being paid ends being underpaid.
        (PaymentException::Underpaid, Observed::Notice) => {
            was == seen.status || !is_paid(seen.status)
        }
        (PaymentException::Overpaid, Observed::Notice) => true,
    };
    let mut exceptions: PaymentExceptions = known
        .iter()
        .filter(|exception| keeps(*exception))
        .chain(seen.exceptions.iter())
        .collect();
    if is_closed_unpaid(was) && is_paid(seen.status) {
        exceptions.insert(PaymentException::Late);
    }
    exceptions
}

/// The exceptions after a notice from before: it may still tell of something that stays true.
fn stale_exceptions(
    known: &PaymentExceptions,
    status: InvoiceStatus,
    seen: &InvoiceSnapshot,
) -> PaymentExceptions {
    let mut exceptions = known.clone();
    for exception in seen.exceptions.iter() {
        if exception != PaymentException::Underpaid || !is_paid(status) {
            exceptions.insert(exception);
        }
    }
    if is_closed_unpaid(seen.status) && is_paid(status) {
        exceptions.insert(PaymentException::Late);
    }
    exceptions
}

impl PayoutSnapshot {
    /// Takes in what was learnt of the same payout. A final status stays: another final word is a
    /// contradiction that a person must look at before anything is sent again.
    pub fn observe(&mut self, seen: &Self, observed: Observed) -> Change {
        let (change, newer) = if seen.status == PayoutStatus::Unknown {
            take(&mut self.provider_status, &seen.provider_status, true);
            (Change::Unchanged, false)
        } else if seen.status == self.status {
            (Change::Unchanged, true)
        } else if may_payout_move(self.status, seen.status) {
            self.status = seen.status;
            (Change::Moved, true)
        } else if observed == Observed::Notice && !seen.status.is_final() {
            (Change::Stale, false)
        } else {
            (Change::Contradiction, false)
        };
        merge_payout(self, seen, newer);
        change
    }
}

/// Sets what is known now; where the observation is older, only what was not known before.
fn take<T: Clone>(known: &mut Option<T>, seen: &Option<T>, newer: bool) {
    if seen.is_some() && (newer || known.is_none()) {
        known.clone_from(seen);
    }
}

/// Like [`take`], and an amount never loses the name of its asset.
fn take_amount(known: &mut Option<AssetAmount>, seen: &Option<AssetAmount>, newer: bool) {
    let asset = known.as_ref().and_then(|amount| amount.asset.clone());
    take(known, seen, newer);
    if let Some(amount) = known
        && amount.asset.is_none()
    {
        amount.asset = asset.or_else(|| seen.as_ref().and_then(|seen| seen.asset.clone()));
    }
}

/// Like [`take`], and an address never loses its network or memo to a gateway that tells less.
fn take_destination(known: &mut Option<Destination>, seen: &Option<Destination>, newer: bool) {
    let before = known.clone();
    take(known, seen, newer);
    let others = [before.as_ref(), seen.as_ref()];
    let Some(known) = known else { return };
    for other in others.into_iter().flatten() {
        if other.address == known.address {
            take(&mut known.network, &other.network, false);
            take(&mut known.memo, &other.memo, false);
        }
    }
}

fn fill_invoice(known: &mut InvoiceSnapshot, seen: &InvoiceSnapshot) {
    merge_invoice(known, seen, false);
    if known.received.is_none() {
        take_received(known, seen);
    }
    take(&mut known.confirmations, &seen.confirmations, false);
}

fn update_invoice(known: &mut InvoiceSnapshot, seen: &InvoiceSnapshot, observed: Observed) {
    merge_invoice(known, seen, true);
    let grows = |old: Option<&AssetAmount>, new: Option<&AssetAmount>| match (old, new) {
        (Some(old), Some(new)) => new.amount >= old.amount,
        _ => true,
    };
    if observed == Observed::Read || grows(known.received.as_ref(), seen.received.as_ref()) {
        take_received(known, seen);
    }
    let deeper = match (&known.confirmations, &seen.confirmations) {
        (Some(old), Some(new)) => new.seen >= old.seen,
        _ => true,
    };
    take(
        &mut known.confirmations,
        &seen.confirmations,
        observed == Observed::Read || deeper,
    );
    take(&mut known.provider_status, &seen.provider_status, true);
}

/// What arrived, what remains and what is too much belong together.
fn take_received(known: &mut InvoiceSnapshot, seen: &InvoiceSnapshot) {
    take_amount(&mut known.received, &seen.received, true);
    take_amount(&mut known.remaining, &seen.remaining, true);
    take_amount(&mut known.excess, &seen.excess, true);
}

fn merge_invoice(known: &mut InvoiceSnapshot, seen: &InvoiceSnapshot, newer: bool) {
    take(&mut known.order_id, &seen.order_id, newer);
    take(&mut known.price, &seen.price, newer);
    take_amount(&mut known.due, &seen.due, newer);
    take_destination(&mut known.destination, &seen.destination, newer);
    take(&mut known.checkout_url, &seen.checkout_url, newer);
    take(&mut known.qr, &seen.qr, newer);
    take(&mut known.created_at, &seen.created_at, newer);
    take(&mut known.expires_at, &seen.expires_at, newer);
    take(&mut known.refunded, &seen.refunded, newer);
    take(&mut known.provider_status, &seen.provider_status, false);
    merge_transactions(&mut known.transactions, &seen.transactions, newer);
    take_attempts(&mut known.attempts, &seen.attempts);
}

fn merge_payout(known: &mut PayoutSnapshot, seen: &PayoutSnapshot, newer: bool) {
    take(&mut known.reference, &seen.reference, newer);
    take_amount(&mut known.amount, &seen.amount, newer);
    take_amount(&mut known.fee, &seen.fee, newer);
    take_destination(&mut known.destination, &seen.destination, newer);
    take(&mut known.created_at, &seen.created_at, newer);
    take(&mut known.provider_status, &seen.provider_status, newer);
    merge_transactions(&mut known.transactions, &seen.transactions, newer);
    take_attempts(&mut known.attempts, &seen.attempts);
}

/// Only the answer to the creation tells who was tried.
fn take_attempts(known: &mut Vec<ProviderAttempt>, seen: &[ProviderAttempt]) {
    if known.is_empty() {
        known.extend_from_slice(seen);
    }
}

fn merge_transactions(known: &mut Vec<TransactionRef>, seen: &[TransactionRef], newer: bool) {
    for transaction in seen {
        match known.iter_mut().find(|old| old.hash == transaction.hash) {
            Some(old) => {
                take(&mut old.amount, &transaction.amount, newer);
                take(&mut old.confirmations, &transaction.confirmations, newer);
            }
            None => known.push(transaction.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
