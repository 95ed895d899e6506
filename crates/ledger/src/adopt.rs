//! Whether what a gateway has is what was asked for: compared before a gateway's id becomes an
//! invoice's or a payout's own. What is another one is never taken for it.

mod difference;
mod invoice;
mod payout;

use paymux_core::{Error, ErrorKind, Outcome, ProviderName};

use crate::error::Stored;
use crate::history::HistoryLine;
use crate::observe::Learnt;
use crate::store::{Tx, values};
use crate::stored_error::StoredError;

pub(crate) use invoice::{another_invoice, keep_invoice_apart};
pub(crate) use payout::{another_payout, keep_payout_apart};

/// The line of history that says what differs.
fn line_of(learnt: Learnt<'_>, detail: &str) -> HistoryLine {
    let line = HistoryLine::new(learnt.at, learnt.cause)
        .with_proof(learnt.proof)
        .with_detail(detail);
    match learnt.person {
        Some((who, why)) => line.by(who, Some(why)),
        None => line,
    }
}

/// Whether the history of a row says so already: the same notice may be looked at many times.
fn was_said(tx: &mut dyn Tx, entity: &str, detail: &str) -> Stored<bool> {
    Ok(tx
        .first(
            "SELECT 1 FROM paymux_history WHERE entity = ?1 AND detail = ?2 LIMIT 1",
            values![entity, detail],
        )?
        .is_some())
}

/// The difference as what stands in the way. The id that the call's own error told stays.
fn error_of(provider: &ProviderName, detail: &str, before: Option<&StoredError>) -> StoredError {
    let error = Error::new(ErrorKind::Mismatch, Outcome::Unknown, detail.to_owned())
        .with_provider(provider.clone());
    let error = match before.and_then(|before| before.id.clone()) {
        Some(id) => error.with_id(id),
        None => error,
    };
    StoredError::of(&error)
}
