//! Shares by weight.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Candidate, Strategy};
use crate::request::RouteRequest;

/// How many places are drawn. Whoever comes after so many failures comes in the order of priority:
/// drawing every place would take longer than linear time.
const DRAWS: usize = 8;

/// Each provider gets its share of the requests: one of weight 3 is first three times as often as one
/// of weight 1. The places after the first are drawn alike, so that the load of one that fails is
/// shared too. One of weight 0 is only tried when all others have failed.
///
/// Weights are set with [`RouterBuilder::with_weight`](crate::RouterBuilder::with_weight).
#[derive(Debug)]
pub struct Weighted(Mutex<StdRng>);

impl Weighted {
    /// Draws anew in each process.
    #[must_use]
    pub fn new() -> Self {
        Self(Mutex::new(rand::make_rng()))
    }

    /// Draws the same each time, for tests.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    fn draw(&self, below: u64) -> u64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .random_range(0..below)
    }
}

impl Default for Weighted {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Strategy for Weighted {
    fn name(&self) -> &str {
        "weighted"
    }

    async fn order<'a>(
        &self,
        _request: &RouteRequest<'_>,
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        shuffle(candidates, Candidate::weight, |below| self.draw(below))
    }
}

/// The first places drawn by weight, the rest as they came, those without weight last.
fn shuffle<T>(
    items: Vec<T>,
    weight: impl Fn(&T) -> u32,
    mut draw: impl FnMut(u64) -> u64,
) -> Vec<T> {
    let mut ordered = Vec::with_capacity(items.len());
    let (weighted, weightless): (Vec<T>, Vec<T>) =
        items.into_iter().partition(|item| weight(item) > 0);
    let mut left: Vec<Option<T>> = weighted.into_iter().map(Some).collect();
    let mut total: u64 = left
        .iter()
        .flatten()
        .map(|item| u64::from(weight(item)))
        .sum();
    for _ in 0..DRAWS.min(left.len()) {
        let mut ticket = draw(total);
        let drawn = left.iter_mut().find_map(|place| {
            let own = u64::from(weight(place.as_ref()?));
            if ticket < own {
                return place.take();
            }
            ticket -= own;
            None
        });
        let Some(drawn) = drawn else { break };
        total -= u64::from(weight(&drawn));
        ordered.push(drawn);
    }
    ordered.extend(left.into_iter().flatten());
    ordered.extend(weightless);
    ordered
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everybody_is_there_once_and_those_without_weight_are_last(
            weights in proptest::collection::vec(0u32..9, 0..40),
            seed in any::<u64>(),
        ) {
            let source = Weighted::seeded(seed);
            let items: Vec<(usize, u32)> = weights.iter().copied().enumerate().collect();
            let ordered = shuffle(items.clone(), |item| item.1, |below| source.draw(below));
            let mut sorted = ordered.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, items);
            let is_backup = |item: &&(usize, u32)| item.1 == 0;
            let backups = ordered.iter().filter(is_backup).count();
            let at_the_end = ordered.iter().rev().take_while(is_backup).count();
            prop_assert_eq!(at_the_end, backups);
        }
    }

    #[test]
    fn shares_are_those_of_the_weights() {
        // Every ticket once: each is first exactly as often as its weight.
        let mut first = [0u32; 3];
        for ticket in 0..6 {
            let items = vec![(0usize, 1u32), (1, 2), (2, 3)];
            let mut tickets = vec![0, 0, ticket];
            let ordered = shuffle(items, |item| item.1, |_| tickets.pop().unwrap());
            first[ordered[0].0] += 1;
        }
        assert_eq!(first, [1, 2, 3]);
    }

    #[test]
    fn a_seed_makes_it_repeatable() {
        let draws =
            |source: Weighted| -> Vec<u64> { (0..50).map(|_| source.draw(1_000)).collect() };
        assert_eq!(draws(Weighted::seeded(7)), draws(Weighted::seeded(7)));
        assert_ne!(draws(Weighted::seeded(7)), draws(Weighted::seeded(8)));
    }
}
