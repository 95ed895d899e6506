//! When to ask next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::InvoiceStatus;

use super::settings::PollSettings;
use crate::invoices::InvoiceRow;
use crate::payouts::PayoutRow;
use crate::work::jittered;

/// How long after the time to pay ran out the gateway is asked whether it says so.
const AFTER_EXPIRY: Duration = Duration::from_secs(15);
/// How soon a question that was not answered is asked again, at the earliest.
const AFTER_FAILURE: Duration = Duration::from_secs(15);

/// What the schedule depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    stage: Stage,
    /// When the time to pay runs out, or the invoice was made where that is not known.
    expires: Option<DateTime<Utc>>,
    made: DateTime<Utc>,
    /// Questions since something changed.
    pub(super) polls: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was paid yet.
    Waiting,
    /// Money is on its way, or nobody knows.
    Moving,
    /// Too late to pay; money may come all the same.
    Closed,
    /// Nothing more will happen.
    Over,
}

impl Facts {
    pub(super) fn of_invoice(row: &InvoiceRow, changed: bool) -> Self {
        let known = row.snapshot.as_ref();
        let stage = match known.map(|known| known.status) {
            Some(InvoiceStatus::Settled) => Stage::Over,
            Some(InvoiceStatus::Expired | InvoiceStatus::Canceled | InvoiceStatus::Invalid) => {
                Stage::Closed
            }
            Some(InvoiceStatus::Processing | InvoiceStatus::Confirmed) => Stage::Moving,
            _ => Stage::Waiting,
        };
        let expires = known.and_then(|known| known.expires_at).or_else(|| {
            let time = Duration::from_secs(row.request.terms.expires_in?);
            Some(row.created_at + time)
        });
        Self {
            stage,
            expires,
            made: row.created_at,
            polls: if changed { 0 } else { row.polls },
        }
    }

    pub(super) fn of_payout(row: &PayoutRow, changed: bool) -> Self {
        let is_final = row
            .snapshot
            .as_ref()
            .is_some_and(|known| known.status.is_final());
        Self {
            stage: if is_final { Stage::Over } else { Stage::Moving },
            expires: None,
            made: row.created_at,
            polls: if changed { 0 } else { row.polls },
        }
    }
}

/// When to ask next; never again where nothing more can be learnt.
pub(super) fn next_poll(
    facts: Facts,
    settings: &PollSettings,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let longest = match facts.stage {
        Stage::Over => return None,
        Stage::Waiting | Stage::Moving => settings.longest,
        Stage::Closed => settings.longest_closed,
    };
    let next = now + jittered(interval(settings.first, longest, facts.polls));
    let watched_until = facts.expires.unwrap_or(facts.made).max(facts.made) + settings.monitoring;
    match facts.stage {
        Stage::Over => None,
        Stage::Moving => Some(next),
        // The last look is at the end of the time that it is watched.
        Stage::Waiting | Stage::Closed if now >= watched_until => None,
        Stage::Closed => Some(next.min(watched_until)),
        Stage::Waiting => {
            let expiry = facts
                .expires
                .map(|expires| expires + AFTER_EXPIRY)
                .filter(|look| *look > now);
            Some(
                expiry
                    .map_or(next, |look| next.min(look))
                    .min(watched_until),
            )
        }
    }
}

/// When to ask again after a question that was not answered.
pub(super) fn after_failure(
    settings: &PollSettings,
    polls: u32,
    told_to_wait: Option<Duration>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let first = settings.first.min(AFTER_FAILURE);
    let wait = interval(first, settings.longest, polls)
        .max(told_to_wait.unwrap_or_default().min(settings.longest));
    now + jittered(wait)
}

/// Half as long again with each question that brought nothing new.
fn interval(first: Duration, longest: Duration, polls: u32) -> Duration {
    let mut interval = first;
    for _ in 0..polls {
        if interval >= longest {
            break;
        }
        interval = interval.saturating_mul(3) / 2;
    }
    interval.min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(seconds: u64) -> DateTime<Utc> {
        "2026-03-17T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::from_secs(seconds)
    }

    fn facts(stage: Stage, polls: u32) -> Facts {
        Facts {
            stage,
            expires: Some(at(1800)),
            made: at(0),
            polls,
        }
    }

    fn between(found: Option<DateTime<Utc>>, from: u64, to: u64) {
        let found = found.unwrap();
        assert!(found >= at(from) && found <= at(to), "{found}");
    }

    #[test]
    fn intervals_grow_by_half_up_to_the_longest() {
        let grown = |polls| interval(Duration::from_secs(60), 15 * HOUR / 60, polls).as_secs();
        assert_eq!([grown(0), grown(1), grown(2)], [60, 90, 135]);
        assert_eq!(grown(1_000_000), 900);
    }

    #[test]
    fn what_waits_is_asked_for_when_its_time_ran_out() {
        let settings = PollSettings::new();
        between(
            next_poll(facts(Stage::Waiting, 0), &settings, at(0)),
            54,
            66,
        );
        let before = next_poll(facts(Stage::Waiting, 6), &settings, at(1700));
        assert_eq!(before, Some(at(1815)));
        between(
            next_poll(facts(Stage::Waiting, 6), &settings, at(1820)),
            2400,
            2600,
        );
    }

    #[test]
    fn what_is_closed_is_watched_to_the_end_of_its_time_and_then_left() {
        let settings = PollSettings::new();
        let end = 1800 + 7 * 24 * 3600;
        between(
            next_poll(facts(Stage::Closed, 40), &settings, at(2000)),
            20_000,
            26_000,
        );
        assert_eq!(
            next_poll(facts(Stage::Closed, 40), &settings, at(end - 60)),
            Some(at(end))
        );
        assert_eq!(
            next_poll(facts(Stage::Closed, 40), &settings, at(end)),
            None
        );
        assert_eq!(
            next_poll(facts(Stage::Waiting, 40), &settings, at(end)),
            None
        );
    }

    #[test]
    fn money_on_its_way_is_followed_to_its_end() {
        let settings = PollSettings::new();
        assert!(next_poll(facts(Stage::Moving, 40), &settings, at(30 * 24 * 3600)).is_some());
        assert_eq!(next_poll(facts(Stage::Over, 0), &settings, at(0)), None);
    }

    #[test]
    fn a_gateway_that_asks_to_wait_is_waited_for() {
        let settings = PollSettings::new();
        let next = after_failure(&settings, 0, Some(Duration::from_secs(300)), at(0));
        between(Some(next), 270, 330);
        between(Some(after_failure(&settings, 0, None, at(0))), 13, 17);
    }
}
