//! The quickest first.

use std::time::Duration;

use async_trait::async_trait;

use super::{Candidate, Strategy};
use crate::request::RouteRequest;

/// The provider first that answered quickest lately: by the average time of its calls that did what was
/// asked, in the breaker's window.
///
/// One that was not called in the window is tried first, so that a provider which was slow once is not
/// judged by it for ever. One of whose calls none did what was asked is tried last.
#[derive(Debug, Clone, Copy, Default)]
pub struct LowestLatency;

#[async_trait]
impl Strategy for LowestLatency {
    fn name(&self) -> &str {
        "latency"
    }

    async fn order<'a>(
        &self,
        _request: &RouteRequest<'_>,
        mut candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        candidates.sort_by_cached_key(|candidate| {
            let (calls, _) = candidate.calls_and_failures();
            rank(calls, candidate.latency())
        });
        candidates
    }
}

/// What candidates are sorted by; those of the same rank stay in the order of priority.
fn rank(calls: u64, latency: Option<Duration>) -> Duration {
    match latency {
        Some(latency) => latency,
        None if calls == 0 => Duration::ZERO,
        None => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_come_first_and_the_failing_last() {
        let known = |milliseconds| Some(Duration::from_millis(milliseconds));
        let mut providers = [
            ("failing", 3, None),
            ("slow", 4, known(900)),
            ("quick", 9, known(80)),
            ("new", 0, None),
            ("idle", 0, None),
        ];
        providers.sort_by_key(|(_, calls, latency)| rank(*calls, *latency));
        let names = providers.map(|(name, ..)| name);
        assert_eq!(names, ["new", "idle", "quick", "slow", "failing"]);
    }
}
