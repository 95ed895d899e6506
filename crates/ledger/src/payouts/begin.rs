//! The first step of a payout: its intent is written down, or the answer is known already.

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, NewPayout, Outcome, PayoutSnapshot, ProviderName};

use super::approval::is_approved;
use super::doubt::expire;
use super::row::{PayoutRow, PayoutState};
use crate::error::{LedgerError, Stored};
use crate::history::{Cause, HistoryLine};
use crate::limits::{ApprovalNeeded, PayoutLimits};
use crate::observe::day_of;
use crate::store::Tx;
use crate::terms::{PayoutRequest, describe, fingerprint};

/// A payout that somebody asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) request: NewPayout,
    pub(crate) provider: ProviderName,
    pub(crate) requested_by: Option<String>,
    /// The number of this call.
    pub(crate) intent: i64,
    pub(crate) now: DateTime<Utc>,
    pub(crate) lease_until: DateTime<Utc>,
    /// Whether what a gateway refused may be sent again: so for an attempt log used alone.
    pub(crate) repeats_rejected: bool,
}

/// What the ledger says to it.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It may be sent, once.
    Run,
    Made(Box<PayoutSnapshot>),
    /// Somebody else sends it now.
    Running(Error),
    Refused(Error),
}

/// Writes the intent, unless the answer is known. Done again with the same `intent` it says the same.
pub(crate) fn begin(tx: &mut dyn Tx, asked: &Asked, limits: &PayoutLimits) -> Stored<Begun> {
    let reference = &asked.request.reference;
    // The common case first: a reference that is new costs one statement to find out.
    let mut row = PayoutRow::new(
        reference.clone(),
        asked.provider.clone(),
        PayoutRequest::of(&asked.request),
        asked.now,
    )?;
    let exceeded = limits.exceeded(tx, &row.request.terms, day_of(asked.now))?;
    start(&mut row, asked, exceeded.is_some());
    if row.insert(tx)? {
        let mut line = HistoryLine::new(asked.now, Cause::Call)
            .between(None, row.word())
            .with_detail(exceeded.clone().unwrap_or_else(|| at(asked)));
        if let Some(who) = &asked.requested_by {
            line = line.by(who, None);
        }
        row.record(tx, &line)?;
        return Ok(match exceeded {
            Some(reason) => Begun::Refused(ApprovalNeeded::error(reference, &reason)),
            None => Begun::Run,
        });
    }
    let row = PayoutRow::lock(tx, reference)?
        .ok_or_else(|| LedgerError::unreadable(format!("the payout {reference} is gone")))?;
    repeated(tx, row, asked, exceeded)
}

fn at(asked: &Asked) -> String {
    format!("at {}", asked.provider)
}

/// What a reference that is there already is answered with.
fn repeated(
    tx: &mut dyn Tx,
    mut row: PayoutRow,
    asked: &Asked,
    exceeded: Option<String>,
) -> Stored<Begun> {
    let terms = PayoutRequest::of(&asked.request).terms;
    if row.terms != fingerprint(&terms)? {
        return Ok(Begun::Refused(conflict(&row)));
    }
    if row.state == PayoutState::Running && row.intent != Some(asked.intent) {
        expire(tx, &mut row, asked.now)?;
    }
    Ok(match row.state {
        // This very call: its commit was not known to have happened.
        PayoutState::Running if row.intent == Some(asked.intent) => Begun::Run,
        PayoutState::Running => Begun::Running(running(&row)),
        PayoutState::Made => Begun::Made(Box::new(made(&row)?)),
        PayoutState::InDoubt => Begun::Refused(in_doubt(&row)),
        PayoutState::Declined => Begun::Refused(declined(&row)),
        PayoutState::Rejected if !asked.repeats_rejected => Begun::Refused(rejected(&row)),
        PayoutState::AwaitingApproval => {
            let reason =
                exceeded.unwrap_or_else(|| "it was above a limit when it was asked for".into());
            Begun::Refused(ApprovalNeeded::error(&row.reference, &reason))
        }
        PayoutState::NotSent | PayoutState::Rejected | PayoutState::Approved => {
            again(tx, row, asked, exceeded)?
        }
    })
}

/// Sends once more what was surely not sent.
fn again(
    tx: &mut dyn Tx,
    mut row: PayoutRow,
    asked: &Asked,
    exceeded: Option<String>,
) -> Stored<Begun> {
    let was = row.word();
    let exceeded = match exceeded {
        Some(reason) if !is_approved(tx, &row.reference)? => Some(reason),
        _ => None,
    };
    start(&mut row, asked, exceeded.is_some());
    row.save(tx, asked.now)?;
    let mut line = HistoryLine::new(asked.now, Cause::Call)
        .between(Some(was), row.word())
        .with_detail(exceeded.clone().unwrap_or_else(|| at(asked)));
    if let Some(who) = &asked.requested_by {
        line = line.by(who, None);
    }
    row.record(tx, &line)?;
    Ok(match exceeded {
        Some(reason) => Begun::Refused(ApprovalNeeded::error(&row.reference, &reason)),
        None => Begun::Run,
    })
}

fn start(row: &mut PayoutRow, asked: &Asked, waits: bool) {
    row.requested_by.clone_from(&asked.requested_by);
    if waits {
        row.state = PayoutState::AwaitingApproval;
        return;
    }
    row.state = PayoutState::Running;
    row.provider = asked.provider.clone();
    row.intent = Some(asked.intent);
    row.lease_until = Some(asked.lease_until);
    row.spent_day = Some(day_of(asked.now));
    row.delegated = false;
    row.error = None;
}

fn made(row: &PayoutRow) -> Stored<PayoutSnapshot> {
    row.snapshot.clone().ok_or_else(|| {
        LedgerError::unreadable(format!("nothing is known of the payout {}", row.reference)).into()
    })
}

pub(crate) fn conflict(row: &PayoutRow) -> Error {
    Error::new(
        ErrorKind::Conflict,
        Outcome::NotSent,
        describe(&row.reference, &row.request.terms),
    )
    .with_hint("a payout of its own needs a reference of its own")
    .with_reference(row.reference.clone())
}

pub(crate) fn running(row: &PayoutRow) -> Error {
    Error::new(
        ErrorKind::InProgress,
        Outcome::Unknown,
        format!(
            "the payout {} is being sent by {} now",
            row.reference, row.provider
        ),
    )
    .with_provider(row.provider.clone())
    .with_hint("wait for the first call to end and call again: it is answered with the same result")
    .with_reference(row.reference.clone())
}

pub(crate) fn in_doubt(row: &PayoutRow) -> Error {
    let error = Error::new(
        ErrorKind::Conflict,
        Outcome::Unknown,
        format!(
            "{} may have sent the payout {} before; nothing was sent now",
            row.provider, row.reference
        ),
    )
    .with_provider(row.provider.clone())
    .with_hint("recover it, wait for its webhook, or look it up at the gateway and settle it")
    .with_reference(row.reference.clone());
    let id = row
        .gateway_id
        .clone()
        .or_else(|| row.error.as_ref().and_then(|error| error.id.clone()));
    match id {
        Some(id) => error.with_id(id),
        None => error,
    }
}

fn rejected(row: &PayoutRow) -> Error {
    match &row.error {
        Some(error) => error.restore(),
        None => Error::new(
            ErrorKind::Refused,
            Outcome::Rejected,
            format!("{} refused the payout {}", row.provider, row.reference),
        ),
    }
    .with_reference(row.reference.clone())
}

fn declined(row: &PayoutRow) -> Error {
    Error::new(
        ErrorKind::Permission,
        Outcome::NotSent,
        format!(
            "the payout {} was declined by a second person; nothing was sent",
            row.reference
        ),
    )
    .with_reference(row.reference.clone())
}
