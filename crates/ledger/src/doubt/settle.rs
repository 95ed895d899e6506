//! A person says what became of a payout.

use paymux_core::{
    Error, ErrorKind, Outcome, PayoutId, PayoutSnapshot, PayoutStatus, ProviderName, Reference,
    Result,
};

use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::{Cause, EntityKind, HistoryLine};
use crate::ledger::Ledger;
use crate::observe::{Learnt, observe_payout};
use crate::payouts::{PayoutRow, PayoutState, bare_payout_id, expire, named, running, unknown};
use crate::store::{Tx, values};

/// What a person found out about a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settlement {
    /// It was made.
    Made {
        /// Who made it.
        provider: ProviderName,
        /// The gateway's id of it.
        id: PayoutId,
    },
    /// It was surely not made. The reference is free again: the next call sends.
    NotMade,
}

impl Ledger {
    /// Settles a payout that is in doubt, or frees the reference of one that the gateway refused.
    /// Who did it and why stays in its history. Settled once more in the same way, nothing happens.
    ///
    /// Whoever says [`Settlement::NotMade`] lets the payout be sent again: look at the gateway first.
    ///
    /// # Errors
    /// `NotFound` for a reference that is not known; `InProgress` while it is being sent; `Conflict`
    /// when it is neither in doubt nor refused, or the id belongs to another payout.
    pub async fn settle(
        &self,
        reference: &Reference,
        settlement: Settlement,
        who: &str,
        why: &str,
    ) -> Result<()> {
        let who = named(who)?;
        let why = why.trim().to_owned();
        if why.is_empty() {
            return Err(Error::invalid_request(
                "the history needs to say why this was settled; give a reason",
            ));
        }
        let (reference, now) = (reference.clone(), self.0.now());
        let settled = self.0.store.write(move |tx| {
            let Some(mut row) = PayoutRow::lock(tx, &reference)? else {
                return Err(unknown(&reference).into());
            };
            expire(tx, &mut row, now)?;
            if is_settled(&row, &settlement) {
                return Ok(());
            }
            may_be_settled(&row, &settlement)?;
            let learnt = Learnt {
                person: Some((&who, &why)),
                ..Learnt::read(now, Cause::Person)
            };
            match &settlement {
                Settlement::Made { provider, id } => made(tx, &mut row, provider, id, learnt),
                Settlement::NotMade => not_made(tx, &mut row, learnt),
            }
        });
        settled.await.map_err(Error::from)
    }
}

fn is_settled(row: &PayoutRow, settlement: &Settlement) -> bool {
    match settlement {
        Settlement::Made { provider, id } => {
            row.state == PayoutState::Made
                && row.provider == *provider
                && row.gateway_id.as_deref() == Some(&bare_payout_id(id, provider))
        }
        Settlement::NotMade => row.state == PayoutState::NotSent,
    }
}

fn may_be_settled(row: &PayoutRow, settlement: &Settlement) -> Result<()> {
    match row.state {
        PayoutState::InDoubt => Ok(()),
        PayoutState::Rejected if *settlement == Settlement::NotMade => Ok(()),
        PayoutState::Running => Err(running(row)),
        _ => Err(Error::new(
            ErrorKind::Conflict,
            Outcome::NotSent,
            format!(
                "the payout {} is not in doubt; it is {}",
                row.reference,
                row.word()
            ),
        )
        .with_reference(row.reference.clone())),
    }
}

fn made(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    provider: &ProviderName,
    id: &PayoutId,
    learnt: Learnt<'_>,
) -> Stored<()> {
    let bare = bare_payout_id(id, provider);
    if let Some(other) = row.id_is_taken(tx, provider, &bare)? {
        return Err(Error::new(
            ErrorKind::Conflict,
            Outcome::NotSent,
            format!("{provider}'s payout {bare} belongs to the payout {other}"),
        )
        .with_reference(row.reference.clone())
        .into());
    }
    // How far it has come is read from the gateway later.
    let known = PayoutSnapshot::new(provider.clone(), id.clone(), PayoutStatus::Pending);
    observe_payout(tx, row, &known, learnt).map(|_| ())
}

fn not_made(tx: &mut dyn Tx, row: &mut PayoutRow, learnt: Learnt<'_>) -> Stored<()> {
    let was = row.word();
    free_attempts(tx, row, learnt)?;
    row.state = PayoutState::NotSent;
    row.intent = None;
    row.spent_day = None;
    row.error = None;
    let mut line = HistoryLine::new(learnt.at, learnt.cause).between(Some(was), row.word());
    if let Some((who, why)) = learnt.person {
        line = line.by(who, Some(why));
    }
    row.record(tx, &line)?;
    row.event_seq += 1;
    let event = LedgerEvent {
        sequence: row.event_seq,
        reference: Some(row.reference.clone()),
        ..LedgerEvent::new(EventKind::PayoutChanged, learnt.at, was, row.word())
    };
    append(tx, EntityKind::Payout, &row.id, &event)?;
    row.save(tx, learnt.at)
}

/// The attempts of a router that were in doubt are so no more.
fn free_attempts(tx: &mut dyn Tx, row: &PayoutRow, learnt: Learnt<'_>) -> Stored<()> {
    tx.execute(
        "UPDATE paymux_attempts SET state = 'not_made', ended_at = ?2
         WHERE kind = 'payout' AND subject = ?1 AND state = 'in_doubt'",
        values![row.reference.as_str(), learnt.at],
    )?;
    Ok(())
}
