//! Payouts above a limit: a second person approves or declines them.

use paymux_core::{Error, ErrorKind, Outcome, Reference, Result};

use super::row::{PayoutRow, PayoutState};
use crate::error::Stored;
use crate::history::{Cause, HistoryLine};
use crate::ledger::Ledger;
use crate::store::{Tx, values};

/// Whether somebody approved the payout.
pub(super) fn is_approved(tx: &mut dyn Tx, reference: &Reference) -> Stored<bool> {
    Ok(tx
        .first(
            "SELECT decision FROM paymux_approvals
             WHERE reference = ?1 ORDER BY number DESC LIMIT 1",
            values![reference.as_str()],
        )?
        .map(|mut row| row.text())
        .transpose()?
        .is_some_and(|decision| decision == "approved"))
}

impl Ledger {
    /// Lets a payout be sent that waits for approval. It is sent by the next call of
    /// [`create_payout`](Self::create_payout) with the same reference and terms.
    ///
    /// # Errors
    /// `NotFound` for a reference that is not known; `Permission` when `who` asked for the payout;
    /// `Conflict` when it does not wait for approval.
    pub async fn approve_payout(&self, reference: &Reference, who: &str) -> Result<()> {
        self.decide(reference, who, None, PayoutState::Approved)
            .await
    }

    /// Declines a payout that waits for approval. Nothing is ever sent under its reference.
    ///
    /// # Errors
    /// As [`approve_payout`](Self::approve_payout), but whoever asked for a payout may decline it.
    pub async fn decline_payout(
        &self,
        reference: &Reference,
        who: &str,
        why: Option<&str>,
    ) -> Result<()> {
        self.decide(reference, who, why, PayoutState::Declined)
            .await
    }

    async fn decide(
        &self,
        reference: &Reference,
        who: &str,
        why: Option<&str>,
        decision: PayoutState,
    ) -> Result<()> {
        let who = named(who)?;
        let (reference, why, now) = (reference.clone(), why.map(str::to_owned), self.0.now());
        let decided = self.0.store.write(move |tx| {
            let Some(mut row) = PayoutRow::lock(tx, &reference)? else {
                return Err(unknown(&reference).into());
            };
            if row.state == decision {
                return Ok(());
            }
            may_decide(&row, &who, decision)?;
            let was = row.word();
            row.state = decision;
            row.save(tx, now)?;
            tx.execute(
                "INSERT INTO paymux_approvals (reference, decision, who, why, at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                values![
                    reference.as_str(),
                    decision.as_str(),
                    &who,
                    why.as_deref(),
                    now
                ],
            )?;
            let line = HistoryLine::new(now, Cause::Person)
                .between(Some(was), row.word())
                .by(&who, why.as_deref());
            row.record(tx, &line)
        });
        decided.await.map_err(Error::from)
    }
}

/// The name of a person, who has to have one.
pub(crate) fn named(who: &str) -> Result<String> {
    let who = who.trim();
    if who.is_empty() {
        return Err(Error::invalid_request(
            "the history needs to say who did this; give a name",
        ));
    }
    Ok(who.to_owned())
}

pub(crate) fn unknown(reference: &Reference) -> Error {
    Error::new(
        ErrorKind::NotFound,
        Outcome::NotSent,
        format!("the ledger knows no payout with the reference {reference}"),
    )
    .with_reference(reference.clone())
}

fn may_decide(row: &PayoutRow, who: &str, decision: PayoutState) -> Result<()> {
    if row.state != PayoutState::AwaitingApproval {
        return Err(Error::new(
            ErrorKind::Conflict,
            Outcome::NotSent,
            format!(
                "the payout {} does not wait for approval; it is {}",
                row.reference,
                row.word()
            ),
        )
        .with_reference(row.reference.clone()));
    }
    let asked_for_it = row
        .requested_by
        .as_deref()
        .is_some_and(|by| by.trim().to_lowercase() == who.to_lowercase());
    if asked_for_it && decision == PayoutState::Approved {
        return Err(Error::new(
            ErrorKind::Permission,
            Outcome::NotSent,
            format!(
                "{who} asked for the payout {}; somebody else has to approve it",
                row.reference
            ),
        )
        .with_reference(row.reference.clone()));
    }
    Ok(())
}
