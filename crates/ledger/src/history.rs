//! What happened to each invoice and payout: every line with its cause and its proof.

use chrono::{DateTime, Utc};
use paymux_core::Proof;
use serde::{Deserialize, Serialize};

use crate::error::{LedgerError, Stored};
use crate::store::{Row, Tx, values};

/// What a line of history came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The call that makes it: its intent, its answer, its failure.
    Call,
    /// A webhook.
    Webhook,
    /// A read because a webhook's proof was too weak to act upon.
    ReadBack,
    /// A read by the reconciler, or by the application.
    Poll,
    /// Recovery after a crash found out about it.
    Recovery,
    /// The process that made the call was not heard of any more.
    Lease,
    /// A person did it.
    Person,
}

impl Cause {
    const ALL: [Self; 7] = [
        Self::Call,
        Self::Webhook,
        Self::ReadBack,
        Self::Poll,
        Self::Recovery,
        Self::Lease,
        Self::Person,
    ];

    /// The cause in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Webhook => "webhook",
            Self::ReadBack => "read_back",
            Self::Poll => "poll",
            Self::Recovery => "recovery",
            Self::Lease => "lease",
            Self::Person => "person",
        }
    }
}

/// One line of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryLine {
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// What it came from.
    pub cause: Cause,
    /// How strongly that was proven; `None` where it was no webhook.
    pub proof: Option<Proof>,
    /// The state before; `None` for the first line.
    pub was: Option<String>,
    /// The state after.
    pub became: Option<String>,
    /// The person who did it.
    pub who: Option<String>,
    /// Why they did.
    pub why: Option<String>,
    /// What else there is to say: the provider, the attempt, what was wrong.
    pub detail: Option<String>,
}

impl HistoryLine {
    pub(crate) const fn new(at: DateTime<Utc>, cause: Cause) -> Self {
        Self {
            at,
            cause,
            proof: None,
            was: None,
            became: None,
            who: None,
            why: None,
            detail: None,
        }
    }

    pub(crate) const fn with_proof(mut self, proof: Option<Proof>) -> Self {
        self.proof = proof;
        self
    }

    /// Sets the states before and after.
    pub(crate) fn between(mut self, was: Option<&str>, became: &str) -> Self {
        self.was = was.map(str::to_owned);
        self.became = Some(became.to_owned());
        self
    }

    pub(crate) fn by(mut self, who: &str, why: Option<&str>) -> Self {
        self.who = Some(who.to_owned());
        self.why = why.map(str::to_owned);
        self
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntityKind {
    /// An invoice.
    Invoice,
    /// A payout.
    Payout,
    /// A permanent address that money comes to.
    Deposit,
    /// A webhook that a person took off the list of those that nobody knows what they tell of.
    Webhook,
}

impl EntityKind {
    const ALL: [Self; 4] = [Self::Invoice, Self::Payout, Self::Deposit, Self::Webhook];

    /// The kind in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Payout => "payout",
            Self::Deposit => "deposit",
            Self::Webhook => "webhook",
        }
    }

    pub(crate) fn of_word(word: &str) -> Stored<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| LedgerError::unreadable(format!("{word:?} has no history")).into())
    }
}

pub(crate) const fn proof_word(proof: Proof) -> &'static str {
    match proof {
        Proof::Signed => "signed",
        Proof::Checked => "checked",
        Proof::Weak => "weak",
    }
}

/// Adds a line to the history of an invoice or a payout, which is named by its row's own id.
pub(crate) fn record(
    tx: &mut dyn Tx,
    kind: EntityKind,
    entity: &str,
    line: &HistoryLine,
) -> Stored<()> {
    tx.send(
        "INSERT INTO paymux_history
            (entity_kind, entity, at, cause, proof, was, became, who, why, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        values![
            kind.as_str(),
            entity,
            line.at,
            line.cause.as_str(),
            line.proof.map(proof_word),
            line.was.as_deref(),
            line.became.as_deref(),
            line.who.as_deref(),
            line.why.as_deref(),
            line.detail.as_deref(),
        ],
    )
}

/// The history of a row, oldest first.
pub(crate) fn of_entity(tx: &mut dyn Tx, entity: &str) -> Stored<Vec<HistoryLine>> {
    tx.query(
        "SELECT at, cause, proof, was, became, who, why, detail FROM paymux_history
         WHERE entity = ?1 ORDER BY number",
        values![entity],
    )?
    .into_iter()
    .map(|mut row| line(&mut row))
    .collect()
}

/// The newest line of a row.
pub(crate) fn newest(tx: &mut dyn Tx, entity: &str) -> Stored<Option<HistoryLine>> {
    tx.first(
        "SELECT at, cause, proof, was, became, who, why, detail FROM paymux_history
         WHERE entity = ?1 ORDER BY number DESC LIMIT 1",
        values![entity],
    )?
    .map(|mut row| line(&mut row))
    .transpose()
}

pub(crate) fn line(row: &mut Row) -> Stored<HistoryLine> {
    let at = row.time()?;
    let cause = row.text()?;
    let cause = Cause::ALL
        .into_iter()
        .find(|known| known.as_str() == cause)
        .ok_or_else(|| LedgerError::unreadable(format!("{cause:?} is no cause")))?;
    let proof = row
        .maybe(Row::text)?
        .map(|word| {
            [Proof::Signed, Proof::Checked, Proof::Weak]
                .into_iter()
                .find(|proof| proof_word(*proof) == word)
                .ok_or_else(|| LedgerError::unreadable(format!("{word:?} is no proof")))
        })
        .transpose()?;
    Ok(HistoryLine {
        at,
        cause,
        proof,
        was: row.maybe(Row::text)?,
        became: row.maybe(Row::text)?,
        who: row.maybe(Row::text)?,
        why: row.maybe(Row::text)?,
        detail: row.maybe(Row::text)?,
    })
}
