//! A person says what became of a payout.

use paymux_core::{
    Error, ErrorKind, Outcome, PayoutId, PayoutSnapshot, PayoutStatus, ProviderName, Providers,
    Reference, Result,
};

use crate::adopt::{another_payout, keep_payout_apart};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append};
use crate::history::{Cause, EntityKind, HistoryLine};
use crate::inbox;
use crate::ledger::Ledger;
use crate::observe::{Learnt, observe_payout};
use crate::payouts::{PayoutRow, PayoutState, bare_payout_id, expire, named, running, unknown};
use crate::store::{Tx, values};
use crate::work::speaker;

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

/// What a person says, and what the gateway says of it where it was asked.
struct Word {
    settlement: Settlement,
    read: Option<PayoutSnapshot>,
    who: String,
    why: String,
}

impl Ledger {
    /// Settles a payout that is in doubt, or frees the reference of one that the gateway refused.
    /// Who did it and why stays in its history. Settled once more in the same way, nothing happens.
    ///
    /// Whoever says [`Settlement::NotMade`] lets the payout be sent again: look at the gateway first.
    /// Whoever says [`Settlement::Made`] is taken at their word, unless a webhook that came tells of
    /// another amount, asset or destination under that id; where the gateway can be asked, use
    /// [`settle_checked`](Self::settle_checked). What the gateway tells later is compared too, and
    /// puts the payout back in doubt where it is another one, unless its history said so before.
    ///
    /// # Errors
    /// `NotFound` for a reference that is not known; `InProgress` while it is being sent; `Conflict`
    /// when it is neither in doubt nor refused, the id belongs to another payout, or is of a payout
    /// with other terms.
    pub async fn settle(
        &self,
        reference: &Reference,
        settlement: Settlement,
        who: &str,
        why: &str,
    ) -> Result<()> {
        self.settle_by(reference, Word::new(settlement, who, why)?)
            .await
    }

    /// Like [`settle`](Self::settle), and a payout that is said to be made is read at its gateway
    /// first: another amount, asset or destination than was asked for is refused, stays in doubt, and
    /// is written into the history. [`Settlement::NotMade`] asks no gateway.
    ///
    /// ```
    /// use paymux_core::{PayoutId, ProviderName, Providers, Reference, Result};
    /// use paymux_ledger::{Ledger, Settlement};
    ///
    /// /// Ann has found it in the gateway's list of payouts.
    /// async fn found(
    ///     ledger: &Ledger,
    ///     providers: &Providers,
    ///     reference: &Reference,
    ///     (provider, id): (ProviderName, PayoutId),
    /// ) -> Result<()> {
    ///     let made = Settlement::Made { provider, id };
    ///     ledger.settle_checked(providers, reference, made, "ann", "seen in the list of payouts").await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`settle`](Self::settle), and what the gateway fails with when it is asked; nothing is settled
    /// then.
    pub async fn settle_checked(
        &self,
        providers: &Providers,
        reference: &Reference,
        settlement: Settlement,
        who: &str,
        why: &str,
    ) -> Result<()> {
        let mut word = Word::new(settlement, who, why)?;
        if let Settlement::Made { provider, id } = &word.settlement {
            let bare = bare_payout_id(id, provider);
            let read = speaker::fetch_payout(providers, provider, &bare);
            word.read = Some(speaker::in_time(&self.0, read).await?);
        }
        self.settle_by(reference, word).await
    }

    async fn settle_by(&self, reference: &Reference, word: Word) -> Result<()> {
        let (asked, now) = (reference.clone(), self.0.now());
        let refused = self.0.store.write(move |tx| {
            let Some(mut row) = PayoutRow::lock(tx, &asked)? else {
                return Err(unknown(&asked).into());
            };
            expire(tx, &mut row, now)?;
            if is_settled(&row, &word.settlement) {
                return Ok(None);
            }
            may_be_settled(&row, &word.settlement)?;
            let learnt = Learnt {
                person: Some((&word.who, &word.why)),
                ..Learnt::read(now, Cause::Person)
            };
            match &word.settlement {
                Settlement::Made { provider, id } => {
                    made(tx, &mut row, provider, id, word.read.as_ref(), learnt)
                }
                Settlement::NotMade => not_made(tx, &mut row, learnt).map(|()| None),
            }
        });
        match refused.await? {
            None => Ok(()),
            // Written into the history all the same.
            Some(why) => Err(Error::new(ErrorKind::Conflict, Outcome::NotSent, why)
                .with_reference(reference.clone())),
        }
    }
}

impl Word {
    fn new(settlement: Settlement, who: &str, why: &str) -> Result<Self> {
        let who = named(who)?;
        let why = why.trim().to_owned();
        if why.is_empty() {
            return Err(Error::invalid_request(
                "the history needs to say why this was settled; give a reason",
            ));
        }
        Ok(Self {
            settlement,
            read: None,
            who,
            why,
        })
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

/// Takes the payout with this id for this row's, or says why it is another one.
fn made(
    tx: &mut dyn Tx,
    row: &mut PayoutRow,
    provider: &ProviderName,
    id: &PayoutId,
    read: Option<&PayoutSnapshot>,
    learnt: Learnt<'_>,
) -> Stored<Option<String>> {
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
    let told = inbox::unmatched_payouts(tx, provider, &bare)?;
    for seen in read.into_iter().chain(&told) {
        if let Some(why) = another_payout(tx, row, seen)? {
            keep_payout_apart(tx, row, seen, learnt, &why)?;
            return Ok(Some(why));
        }
    }
    // Where it was not read, how far it has come is read from the gateway later.
    let known = read.cloned().unwrap_or_else(|| {
        PayoutSnapshot::new(provider.clone(), id.clone(), PayoutStatus::Pending)
    });
    observe_payout(tx, row, &known, learnt)?;
    inbox::wake(tx, provider, &bare, learnt.at)?;
    Ok(None)
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

/// The attempts of a router that were in doubt are so no more, nor is one that was believed to have
/// made what turned out to be another payout.
fn free_attempts(tx: &mut dyn Tx, row: &PayoutRow, learnt: Learnt<'_>) -> Stored<()> {
    tx.execute(
        "UPDATE paymux_attempts SET state = 'not_made', ended_at = ?2
         WHERE kind = 'payout' AND subject = ?1 AND state IN ('in_doubt', 'made')",
        values![row.reference.as_str(), learnt.at],
    )?;
    Ok(())
}
