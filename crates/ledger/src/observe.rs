//! The one way in which what a gateway tells changes what is stored: core's transition function, a
//! line of history, and at most one event, in one transaction.

mod by_app;
mod doubtful;
mod invoice;
mod payout;

use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::Proof;
use paymux_core::transition::Observed;

use crate::error::Stored;
use crate::history::{Cause, HistoryLine, newest};
use crate::store::Tx;

pub(crate) use invoice::observe_invoice;
pub(crate) use payout::{day_of, observe_payout};

/// How something was learnt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learnt<'a> {
    pub(crate) at: DateTime<Utc>,
    pub(crate) cause: Cause,
    pub(crate) observed: Observed,
    /// How strongly, where it was a webhook.
    pub(crate) proof: Option<Proof>,
    /// Who says so and why, where it was a person.
    pub(crate) person: Option<(&'a str, &'a str)>,
}

impl Learnt<'static> {
    /// By a query made just now.
    pub(crate) const fn read(at: DateTime<Utc>, cause: Cause) -> Self {
        Self {
            at,
            cause,
            observed: Observed::Read,
            proof: None,
            person: None,
        }
    }

    /// By a webhook.
    pub(crate) const fn notice(at: DateTime<Utc>, proof: Proof) -> Self {
        Self {
            at,
            cause: Cause::Webhook,
            observed: Observed::Notice,
            proof: Some(proof),
            person: None,
        }
    }
}

impl Learnt<'_> {
    fn line(self) -> HistoryLine {
        let line = HistoryLine::new(self.at, self.cause).with_proof(self.proof);
        match self.person {
            Some((who, why)) => line.by(who, Some(why)),
            None => line,
        }
    }
}

/// When the reconciler first asks for what was just made.
const FIRST_POLL: Duration = Duration::from_secs(60);

pub(crate) fn first_poll(now: DateTime<Utc>) -> DateTime<Utc> {
    now + FIRST_POLL
}

/// Whether the same contradiction was told last: each poll would tell it again.
fn was_told(tx: &mut dyn Tx, entity: &str, detail: &str) -> Stored<bool> {
    Ok(newest(tx, entity)?.is_some_and(|line| line.detail.as_deref() == Some(detail)))
}
