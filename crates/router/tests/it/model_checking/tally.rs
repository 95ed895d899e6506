//! How often what is to be checked happened at all: a checker that never saw it proves nothing.

use std::ops::AddAssign;

use paymux_core::Outcome;
use paymux_core::attempts::AttemptVerdict;

use super::journal::{Answer, Event};
use super::run::World;
use super::told::{Grant, Told};

/// How often each kind of trouble was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Payouts that one gateway did not get, and another made.
    payouts_that_went_elsewhere: u32,
    /// Payouts whose caller was told that they may have been sent.
    payouts_in_doubt: u32,
    /// Payouts that were asked for once more, and only told.
    payouts_told_again: u32,
    /// Doubts that turned out to be unfounded, after which the payout was sent.
    doubts_settled: u32,
    /// Invoices that were made although another one may exist elsewhere.
    invoices_with_another_left_behind: u32,
    /// Attempts whose caller went away, or whose end the log did not take in time.
    abandoned_attempts: u32,
    /// Providers that were left out because of their circuit, or of their limits.
    left_out_for_their_circuit: u32,
    left_out_for_their_limits: u32,
}

impl Tally {
    pub(crate) fn of(world: &World) -> Result<Self, String> {
        let events = world.journal.events();
        let mut tally = Self::default();
        for (_, event) in &events {
            match event {
                Event::LogKnows(_) => tally.payouts_told_again += 1,
                Event::SettledAsNotMade(_) => tally.doubts_settled += 1,
                Event::Abandoned(_) => tally.abandoned_attempts += 1,
                _ => {}
            }
        }
        for (_, story, grants) in Told::read(&events)?.calls() {
            if let Some((_, answer)) = &story.answer {
                tally.hear(story.about.is_some(), &grants, answer);
            }
        }
        Ok(tally)
    }

    fn hear(&mut self, is_payout: bool, grants: &[&Grant], answer: &Answer) {
        let attempts = match answer {
            Answer::Made { attempts, .. } => attempts.as_slice(),
            Answer::Failed { attempts, .. } => attempts.as_deref().unwrap_or_default(),
        };
        let is_made = attempts
            .iter()
            .any(|attempt| attempt.verdict == AttemptVerdict::Made);
        let outcome = match answer {
            Answer::Made { .. } => None,
            Answer::Failed { outcome, .. } => Some(*outcome),
        };
        self.payouts_that_went_elsewhere += u32::from(is_payout && is_made && grants.len() > 1);
        self.payouts_in_doubt += u32::from(is_payout && outcome == Some(Outcome::Unknown));
        let may_exist = grants.iter().filter(|grant| grant.may_exist()).count();
        self.invoices_with_another_left_behind += u32::from(!is_payout && is_made && may_exist > 1);
        for attempt in attempts {
            let because = |word| {
                let reason = attempt.reason.as_deref();
                let is_left_out = attempt.verdict == AttemptVerdict::Excluded;
                u32::from(is_left_out && reason.is_some_and(|reason| reason.contains(word)))
            };
            self.left_out_for_their_circuit += because("circuit");
            self.left_out_for_their_limits += because("limit");
        }
    }

    /// Whether everything was seen at least once.
    pub(crate) fn is_full(&self) -> bool {
        let Self {
            payouts_that_went_elsewhere,
            payouts_in_doubt,
            payouts_told_again,
            doubts_settled,
            invoices_with_another_left_behind,
            abandoned_attempts,
            left_out_for_their_circuit,
            left_out_for_their_limits,
        } = *self;
        [
            payouts_that_went_elsewhere,
            payouts_in_doubt,
            payouts_told_again,
            doubts_settled,
            invoices_with_another_left_behind,
            abandoned_attempts,
            left_out_for_their_circuit,
            left_out_for_their_limits,
        ]
        .iter()
        .all(|count| *count > 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.payouts_that_went_elsewhere += other.payouts_that_went_elsewhere;
        self.payouts_in_doubt += other.payouts_in_doubt;
        self.payouts_told_again += other.payouts_told_again;
        self.doubts_settled += other.doubts_settled;
        self.invoices_with_another_left_behind += other.invoices_with_another_left_behind;
        self.abandoned_attempts += other.abandoned_attempts;
        self.left_out_for_their_circuit += other.left_out_for_their_circuit;
        self.left_out_for_their_limits += other.left_out_for_their_limits;
    }
}
