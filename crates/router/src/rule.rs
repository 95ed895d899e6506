//! Which providers a request may go to.

mod metadata;
mod resolved;

use std::collections::BTreeMap;
use std::sync::Arc;

use paymux_core::{AssetName, Currency, Money, Network};
use rust_decimal::Decimal;

use crate::operation::Operation;
use crate::request::Wanted;
use crate::strategy::Strategy;

pub use metadata::Metadata;
pub(crate) use resolved::{ResolvedRule, Rules};

/// Which requests a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleScope {
    /// Invoices, and the quotes for them. Permanent addresses too.
    Invoices,
    /// Payouts.
    Payouts,
}

/// Which providers a request may go to, and in which order.
///
/// A rule matches when all of its conditions hold. Exactly one rule decides: the most specific that
/// matches. One for an asset on a network comes before one for an asset, that before one for a network,
/// that before one for none; of the same sort the one with more of the other conditions comes first,
/// then the one that was declared first. There is no falling through: when the providers of that rule
/// fail, no other rule is asked.
///
/// Conditions on price, currency and metadata only ever match invoices (and quotes, for price and
/// currency), a condition on the payout's amount only payouts.
///
/// ```
/// use paymux_router::{Cheapest, Metadata, Rule};
///
/// let rule = Rule::named("big tron payments of gold customers")
///     .for_asset("USDT@tron".parse()?)
///     .with_min_price("1000 USD".parse()?)
///     .with_metadata(Metadata::is("tier", "gold"))
///     .through(["eu", "us"])
///     .by(Cheapest::new());
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rule {
    pub(crate) name: String,
    pub(crate) asset: Option<AssetName>,
    pub(crate) network: Option<Network>,
    pub(crate) currency: Option<Currency>,
    pub(crate) min_price: Option<Money>,
    pub(crate) max_price: Option<Money>,
    pub(crate) min_amount: Option<Decimal>,
    pub(crate) max_amount: Option<Decimal>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) scope: Option<RuleScope>,
    pub(crate) through: Option<Vec<String>>,
    pub(crate) strategy: Option<Arc<dyn Strategy>>,
}

impl Rule {
    /// A rule without conditions, over all providers, in the router's own order. Its name is told in
    /// decisions and logs.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            asset: None,
            network: None,
            currency: None,
            min_price: None,
            max_price: None,
            min_amount: None,
            max_amount: None,
            metadata: Vec::new(),
            scope: None,
            through: None,
            strategy: None,
        }
    }

    /// Only for this asset: `USDT@tron`, `USDT` on any network, or a CAIP-19 name. A request matches
    /// that names the asset in the same way; a rule does not know that a CAIP-19 name and a symbol mean
    /// the same token.
    #[must_use]
    pub fn for_asset(mut self, asset: AssetName) -> Self {
        self.asset = Some(asset);
        self
    }

    /// Only for assets on this network.
    #[must_use]
    pub fn for_network(mut self, network: Network) -> Self {
        self.network = Some(network);
        self
    }

    /// Only for prices in this currency.
    #[must_use]
    pub fn for_currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// Only for prices of at least this much, in its currency.
    #[must_use]
    pub fn with_min_price(mut self, price: Money) -> Self {
        self.min_price = Some(price);
        self
    }

    /// Only for prices of at most this much, in its currency.
    #[must_use]
    pub fn with_max_price(mut self, price: Money) -> Self {
        self.max_price = Some(price);
        self
    }

    /// Only for payouts of at least this much, in whole tokens of the rule's asset.
    #[must_use]
    pub const fn with_min_amount(mut self, amount: Decimal) -> Self {
        self.min_amount = Some(amount);
        self
    }

    /// Only for payouts of at most this much, in whole tokens of the rule's asset.
    #[must_use]
    pub const fn with_max_amount(mut self, amount: Decimal) -> Self {
        self.max_amount = Some(amount);
        self
    }

    /// Only for invoices whose metadata is so. More than one such condition may be added.
    #[must_use]
    pub fn with_metadata(mut self, condition: Metadata) -> Self {
        self.metadata.push(condition);
        self
    }

    /// Only for invoices, or only for payouts.
    #[must_use]
    pub const fn only_for(mut self, scope: RuleScope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Sets the providers that it goes to, in the order of priority; without it all of them.
    #[must_use]
    pub fn through<N: Into<String>>(mut self, providers: impl IntoIterator<Item = N>) -> Self {
        self.through = Some(providers.into_iter().map(Into::into).collect());
        self
    }

    /// Sets in which order they are tried; without it the router's own strategy holds.
    #[must_use]
    pub fn by(self, strategy: impl Strategy) -> Self {
        self.by_shared(Arc::new(strategy))
    }

    /// Sets a strategy that other rules use too: a [`Cheapest`](crate::Cheapest) remembers quotes.
    #[must_use]
    pub fn by_shared(mut self, strategy: Arc<dyn Strategy>) -> Self {
        self.strategy = Some(strategy);
        self
    }

    /// More is more specific.
    pub(crate) fn specificity(&self) -> (u8, usize) {
        let network = self.network.is_some()
            || self
                .asset
                .as_ref()
                .is_some_and(|asset| asset.network().is_some());
        let sort = match (self.asset.is_some(), network) {
            (true, true) => 3,
            (true, false) => 2,
            (false, true) => 1,
            (false, false) => 0,
        };
        let others = [
            self.price_currency().is_some(),
            self.min_price.is_some() || self.max_price.is_some(),
            self.min_amount.is_some() || self.max_amount.is_some(),
            self.scope.is_some(),
        ];
        let others = others.into_iter().filter(|condition| *condition).count();
        (sort, others + self.metadata.len())
    }

    pub(crate) fn price_currency(&self) -> Option<&Currency> {
        let mut of_price = [&self.min_price, &self.max_price]
            .into_iter()
            .flatten()
            .map(|price| &price.currency);
        self.currency.as_ref().or_else(|| of_price.next())
    }

    /// Why it can never match, and what would be right.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.name.trim().is_empty() {
            return Some("has no name; give it one".to_owned());
        }
        let of_asset = self.asset.as_ref().and_then(AssetName::network);
        if let (Some(of_asset), Some(network)) = (of_asset, &self.network)
            && of_asset != network
        {
            return Some(format!(
                "is for an asset on {of_asset} and for the network {network}; name one network"
            ));
        }
        let currency = self.price_currency();
        let prices = [&self.min_price, &self.max_price];
        let mut others = prices
            .into_iter()
            .flatten()
            .filter(|price| Some(&price.currency) != currency);
        if let (Some(other), Some(currency)) = (others.next(), currency) {
            return Some(format!(
                "has prices in {currency} and in {}; a price has one currency",
                other.currency
            ));
        }
        let amount = |price: &Option<Money>| price.as_ref().map(|price| price.amount);
        for (least, most) in [
            (amount(&self.min_price), amount(&self.max_price)),
            (self.min_amount, self.max_amount),
        ] {
            if let (Some(least), Some(most)) = (least, most)
                && least > most
            {
                return Some(format!(
                    "is for at least {least} and at most {most}; the first is the smaller one"
                ));
            }
        }
        let has_amount = self.min_amount.is_some() || self.max_amount.is_some();
        if has_amount && self.asset.is_none() {
            return Some("has an amount and no asset; say of which asset".to_owned());
        }
        let for_invoices = currency.is_some() || !self.metadata.is_empty();
        let for_payouts = has_amount;
        let is_contrary = for_invoices && (for_payouts || self.scope == Some(RuleScope::Payouts))
            || for_payouts && self.scope == Some(RuleScope::Invoices);
        is_contrary.then(|| {
            "never matches: payouts have no price, currency or metadata, and invoices no amount of \
             the asset; make two rules of it"
                .to_owned()
        })
    }

    /// Whether all of its conditions hold.
    pub(crate) fn matches(&self, wanted: Wanted<'_>) -> bool {
        self.scope_matches(wanted.operation())
            && self.asset_matches(wanted.asset())
            && self.price_matches(wanted.price())
            && self.amount_matches(wanted)
            && self.metadata_matches(wanted.metadata())
    }

    fn scope_matches(&self, operation: Operation) -> bool {
        let scope = match operation {
            Operation::CreatePayout => RuleScope::Payouts,
            _ => RuleScope::Invoices,
        };
        self.scope.is_none_or(|own| own == scope)
    }

    fn asset_matches(&self, asset: Option<&AssetName>) -> bool {
        let on_network = self
            .network
            .as_ref()
            .is_none_or(|network| asset.and_then(AssetName::network) == Some(network));
        let is_asset = self
            .asset
            .as_ref()
            .is_none_or(|own| asset.is_some_and(|asset| means(own, asset)));
        on_network && is_asset
    }

    fn price_matches(&self, price: Option<&Money>) -> bool {
        let Some(currency) = self.price_currency() else {
            return true;
        };
        price.is_some_and(|price| {
            price.currency == *currency
                && self
                    .min_price
                    .as_ref()
                    .is_none_or(|least| price.amount >= least.amount)
                && self
                    .max_price
                    .as_ref()
                    .is_none_or(|most| price.amount <= most.amount)
        })
    }

    fn amount_matches(&self, wanted: Wanted<'_>) -> bool {
        if self.min_amount.is_none() && self.max_amount.is_none() {
            return true;
        }
        let Wanted::Payout(payout) = wanted else {
            return false;
        };
        self.min_amount.is_none_or(|least| payout.amount >= least)
            && self.max_amount.is_none_or(|most| payout.amount <= most)
    }

    fn metadata_matches(&self, metadata: Option<&BTreeMap<String, String>>) -> bool {
        self.metadata
            .iter()
            .all(|condition| metadata.is_some_and(|metadata| condition.holds(metadata)))
    }
}

/// Whether the name of a rule means the asset of a request.
fn means(own: &AssetName, asset: &AssetName) -> bool {
    match (own.symbol(), asset.symbol()) {
        (Some(symbol), Some(asked)) => {
            symbol.eq_ignore_ascii_case(asked)
                && own
                    .network()
                    .is_none_or(|network| asset.network() == Some(network))
        }
        (None, None) => {
            let is_evm = own
                .network()
                .is_some_and(|network| network.evm_chain_id().is_some());
            own == asset || is_evm && own.to_string().eq_ignore_ascii_case(&asset.to_string())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
