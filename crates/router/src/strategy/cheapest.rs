//! The cheapest first.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use paymux_core::{AssetName, Currency, Money, NewPayout, ProviderName};
use rust_decimal::Decimal;

use super::{Candidate, Strategy};
use crate::deadline::between;
use crate::request::{RouteRequest, Wanted};

/// The part of a strategy's time that its questions may take: their answers still have to be used.
const QUESTIONS: (u32, u32) = (4, 5);

/// The provider first where the payer pays least, or where a payout costs least.
///
/// For an invoice with a named asset each candidate with quotes is asked what the price is in it; its
/// own fees are in there as far as the gateway puts them in. A quote is used again while it is young
/// ([`with_max_age`](Self::with_max_age)), worked out for the price in question. When a source fails or
/// is late, its last quote counts up to a second limit ([`with_stale_for`](Self::with_stale_for)). For a
/// payout each candidate is asked for its fee, each time: fees hang on amount and destination.
///
/// Those without a price come last, in the order of priority. So a request without an asset, and one of
/// which nobody knows the price, goes by priority.
#[derive(Debug)]
pub struct Cheapest {
    max_age: Duration,
    stale_for: Duration,
    quotes: Mutex<HashMap<Key, Known>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    provider: ProviderName,
    currency: Currency,
    asset: AssetName,
}

/// What a source said last.
#[derive(Debug, Clone, Copy)]
struct Known {
    price: Decimal,
    amount: Decimal,
    at: DateTime<Utc>,
}

impl Known {
    /// What another price would be at the same rate.
    fn scaled_to(self, price: Decimal) -> Option<Decimal> {
        if price == self.price {
            return Some(self.amount);
        }
        self.amount.checked_mul(price)?.checked_div(self.price)
    }
}

impl Cheapest {
    /// Quotes are used again for 30 seconds, and for 5 minutes where their source is down.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_age: Duration::from_secs(30),
            stale_for: Duration::from_secs(300),
            quotes: Mutex::default(),
        }
    }

    /// Sets how long a quote is used without asking again; zero asks each time.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Sets how old a quote may be that is used because its source does not answer.
    #[must_use]
    pub const fn with_stale_for(mut self, age: Duration) -> Self {
        self.stale_for = age;
        self
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Known>> {
        self.quotes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a price, if it is no older than this.
    fn remembered(
        &self,
        key: &Key,
        price: Decimal,
        now: DateTime<Utc>,
        age: Duration,
    ) -> Option<Decimal> {
        let known = self.known().get(key).copied()?;
        let is_young = now >= known.at && between(known.at, now) <= age;
        is_young.then(|| known.scaled_to(price)).flatten()
    }

    async fn price_at(
        &self,
        candidate: &Candidate<'_>,
        price: &Money,
        asset: &AssetName,
        request: &RouteRequest<'_>,
    ) -> Option<Decimal> {
        let key = Key {
            provider: candidate.name().clone(),
            currency: price.currency.clone(),
            asset: asset.clone(),
        };
        let now = request.clock().now();
        if !self.max_age.is_zero()
            && let Some(young) = self.remembered(&key, price.amount, now, self.max_age)
        {
            return Some(young);
        }
        let quote = candidate
            .quote(price, asset, questions(request.time()))
            .await;
        let told = quote.ok().filter(|quote| {
            quote.price == *price
                && quote.amount.amount > Decimal::ZERO
                && quote.amount.asset.as_ref().is_none_or(|own| own == asset)
        });
        let Some(quote) = told else {
            return self.remembered(&key, price.amount, now, self.stale_for);
        };
        let known = Known {
            price: price.amount,
            amount: quote.amount.amount,
            at: now,
        };
        self.known().insert(key, known);
        Some(known.amount)
    }
}

impl Default for Cheapest {
    fn default() -> Self {
        Self::new()
    }
}

fn questions(time: Duration) -> Duration {
    let (part, whole) = QUESTIONS;
    time / whole * part
}

/// What a payout costs in what is sent; a fee in something else cannot be compared.
async fn fee_at(
    candidate: &Candidate<'_>,
    payout: &NewPayout,
    request: &RouteRequest<'_>,
) -> Option<Decimal> {
    let time = questions(request.time());
    let fee = candidate.payout_fee(payout, time).await.ok()??;
    let is_comparable = fee
        .asset
        .as_ref()
        .is_none_or(|asset| *asset == payout.asset);
    is_comparable.then_some(fee.amount)
}

#[async_trait]
impl Strategy for Cheapest {
    fn name(&self) -> &str {
        "cheapest"
    }

    async fn order<'a>(
        &self,
        request: &RouteRequest<'_>,
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        let wanted = request.wanted();
        let costs: Vec<Option<Decimal>> = match (wanted, wanted.price(), wanted.asset()) {
            _ if candidates.len() < 2 => return candidates,
            (Wanted::Payout(payout), ..) => {
                join_all(
                    candidates
                        .iter()
                        .map(|candidate| fee_at(candidate, payout, request)),
                )
                .await
            }
            (_, Some(price), Some(asset)) => {
                let prices = candidates
                    .iter()
                    .map(|candidate| self.price_at(candidate, price, asset, request));
                join_all(prices).await
            }
            _ => return candidates,
        };
        let mut priced: Vec<_> = costs.into_iter().zip(candidates).collect();
        priced.sort_by_key(|(cost, _)| (cost.is_none(), *cost));
        priced.into_iter().map(|(_, candidate)| candidate).collect()
    }
}
