//! The same provider for the same customer.

use std::cmp::Reverse;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::{Candidate, Priority, Strategy};
use crate::request::RouteRequest;

/// The same provider for the same customer, told by a pair of the invoice's metadata.
///
/// Each customer's order of providers follows from a hash of customer and name (rendezvous hashing): it
/// is the same in every process, and when a provider comes or goes, only those customers move that it
/// takes or leaves. Requests without the pair, and payouts, go by another strategy.
///
/// ```
/// use paymux_router::{LowestLatency, Sticky};
///
/// let strategy = Sticky::by("account").otherwise(LowestLatency);
/// ```
#[derive(Debug)]
pub struct Sticky {
    key: String,
    otherwise: Box<dyn Strategy>,
}

impl Sticky {
    /// By the pair named `customer`.
    #[must_use]
    pub fn new() -> Self {
        Self::by("customer")
    }

    /// By the pair of this name.
    #[must_use]
    pub fn by(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            otherwise: Box::new(Priority),
        }
    }

    /// Sets what holds for requests without the pair; the order of priority by default.
    #[must_use]
    pub fn otherwise(mut self, strategy: impl Strategy) -> Self {
        self.otherwise = Box::new(strategy);
        self
    }
}

impl Default for Sticky {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Strategy for Sticky {
    fn name(&self) -> &str {
        "sticky"
    }

    async fn order<'a>(
        &self,
        request: &RouteRequest<'_>,
        mut candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        let customer = request
            .wanted()
            .metadata()
            .and_then(|metadata| metadata.get(&self.key));
        let Some(customer) = customer else {
            return self.otherwise.order(request, candidates).await;
        };
        candidates
            .sort_by_cached_key(|candidate| Reverse(score(customer, candidate.name().as_str())));
        candidates
    }
}

/// How strongly a customer is drawn to a provider. A zero byte stands between them: no name has one.
fn score(customer: &str, provider: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(provider)
        .chain_update([0])
        .chain_update(customer)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(customer: &str, names: &[&'static str]) -> Vec<&'static str> {
        let mut names = names.to_vec();
        names.sort_by_cached_key(|name| Reverse(score(customer, name)));
        names
    }

    const NAMES: [&str; 5] = ["eu", "us", "asia", "backup", "native-checkout"];

    proptest! {
        #[test]
        fn whoever_leaves_takes_only_its_own_customers(customer in ".{0,20}", gone in 0usize..5) {
            let before = order(&customer, &NAMES);
            let rest: Vec<&str> = NAMES.into_iter().filter(|name| *name != NAMES[gone]).collect();
            let after = order(&customer, &rest);
            let expected: Vec<&str> =
                before.into_iter().filter(|name| *name != NAMES[gone]).collect();
            prop_assert_eq!(after, expected);
        }
    }

    #[test]
    fn the_order_is_the_same_in_every_process_and_version() {
        assert_eq!(
            order("customer-7", &NAMES),
            order(
                "customer-7",
                &["native-checkout", "backup", "asia", "us", "eu"]
            )
        );
        let digest = score("customer-7", "eu");
        assert_eq!(digest, <[u8; 32]>::from(Sha256::digest(b"eu\0customer-7")));
    }

    #[test]
    fn customers_are_spread_over_all() {
        let mut first = std::collections::BTreeMap::new();
        for customer in 0..1_000 {
            let order = order(&format!("customer-{customer}"), &NAMES);
            *first.entry(order[0]).or_insert(0) += 1;
        }
        assert_eq!(first.len(), NAMES.len());
        assert!(
            first.values().all(|count| (100..300).contains(count)),
            "{first:?}"
        );
    }
}
