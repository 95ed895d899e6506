//! Settings of a router in TOML.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use paymux_core::{AssetName, Currency, Error, Money, Network, ProviderName, Result, money};
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::{BreakerChanges, Place, RouterConfig, duration};
use crate::health::{Limits, Rate};
use crate::rule::{Metadata, Rule, RuleScope};
use crate::strategy::{Cheapest, LowestLatency, Priority, Sticky, Strategy, Weighted};

/// A whole file; what belongs to others is left alone.
#[derive(Deserialize)]
struct File {
    router: Option<RouterTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouterTable {
    providers: Option<Vec<Spanned<String>>>,
    strategy: Option<Spanned<String>>,
    deadline: Option<Spanned<String>>,
    hedge_after: Option<Spanned<String>>,
    #[serde(default)]
    provider: BTreeMap<Spanned<String>, ProviderTable>,
    breaker: Option<BreakerTable>,
    #[serde(default)]
    rule: Vec<Spanned<RuleTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderTable {
    weight: Option<u32>,
    max_in_flight: Option<Spanned<u32>>,
    requests_per_second: Option<Spanned<u32>>,
    requests_per_minute: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakerTable {
    failures: Option<Spanned<u32>>,
    error_percent: Option<Spanned<u32>>,
    minimum_calls: Option<u64>,
    window: Option<Spanned<String>>,
    open_for: Option<Spanned<String>>,
    longest_open: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    name: Spanned<String>,
    asset: Option<Spanned<String>>,
    network: Option<Spanned<String>>,
    currency: Option<Spanned<String>>,
    min_price: Option<Spanned<String>>,
    max_price: Option<Spanned<String>>,
    min_amount: Option<Spanned<String>>,
    max_amount: Option<Spanned<String>>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    operation: Option<Spanned<String>>,
    providers: Option<Vec<Spanned<String>>>,
    strategy: Option<Spanned<String>>,
}

impl RouterConfig {
    /// Reads the table `router` of a TOML file; other tables are left alone. `file_name` is how the file
    /// is called in errors.
    ///
    /// Amounts are strings, times are strings like `"30s"`, `"800ms"` and `"5m"`. Strategies are
    /// `priority`, `weighted`, `cheapest`, `latency` and `sticky` (by the metadata's `customer`); all
    /// that name `cheapest` share their quotes.
    ///
    /// ```
    /// use paymux_router::RouterConfig;
    ///
    /// let config = RouterConfig::from_toml(
    ///     r#"
    /// [router]
    /// providers = ["eu", "us"]      # the order of priority; names every provider
    /// strategy = "priority"         # priority | weighted | cheapest | latency | sticky
    /// deadline = "30s"
    /// hedge_after = "800ms"
    ///
    /// [router.provider.eu]
    /// weight = 3
    /// max_in_flight = 16
    /// requests_per_second = 5       # or requests_per_minute
    ///
    /// [router.breaker]
    /// failures = 5
    /// error_percent = 50
    /// minimum_calls = 20
    /// window = "1m"
    /// open_for = "30s"
    /// longest_open = "10m"
    ///
    /// [[router.rule]]
    /// name = "tron usdt"
    /// asset = "USDT@tron"           # or network = "tron"
    /// currency = "USD"
    /// min_price = "10"
    /// max_price = "1000"
    /// metadata = { tier = "gold" }
    /// providers = ["us", "eu"]
    /// strategy = "cheapest"
    ///
    /// [[router.rule]]
    /// name = "small payouts"
    /// operation = "payouts"         # invoices | payouts; both when left out
    /// asset = "USDT@tron"
    /// max_amount = "500"
    /// "#,
    ///     "paymux.toml",
    /// )?;
    ///
    /// let error = RouterConfig::from_toml("[router]\ndeadline = 30", "paymux.toml").unwrap_err();
    /// assert!(error.to_string().starts_with("paymux.toml:2: "));
    /// # Ok::<(), paymux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Configuration` as `FILE:LINE: what is wrong; what would be right`.
    pub fn from_toml(text: &str, file_name: &str) -> Result<Self> {
        let source = Source {
            text,
            file: file_name.into(),
        };
        let file: File = toml::from_str(text).map_err(|error| source.unreadable(&error))?;
        let Some(router) = file.router else {
            return Ok(Self::default());
        };
        Reader {
            source,
            cheapest: Arc::new(Cheapest::new()),
        }
        .config(router)
    }
}

/// The text that places are counted in.
struct Source<'a> {
    text: &'a str,
    file: Arc<str>,
}

impl Source<'_> {
    fn place(&self, at: usize) -> Place {
        let before = self.text.bytes().take(at);
        Place::Line {
            file: Arc::clone(&self.file),
            line: 1 + before.filter(|byte| *byte == b'\n').count(),
        }
    }

    fn unreadable(&self, error: &toml::de::Error) -> Error {
        let at = error.span().map_or(0, |span| span.start);
        self.place(at).wrong(&error.message().replace('\n', "; "))
    }
}

struct Reader<'a> {
    source: Source<'a>,
    cheapest: Arc<dyn Strategy>,
}

impl Reader<'_> {
    fn place<T>(&self, value: &Spanned<T>) -> Place {
        self.source.place(value.span().start)
    }

    /// Reads a value whose error does not know where it stands.
    fn read<T>(
        &self,
        value: Option<&Spanned<String>>,
        read: impl Fn(&str) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some(value) = value else { return Ok(None) };
        read(value.get_ref())
            .map(Some)
            .map_err(|error| self.place(value).wrong(error.message()))
    }

    fn time(&self, value: Option<&Spanned<String>>) -> Result<Option<Duration>> {
        self.read(value, |text| {
            duration::parse(text).map_err(Error::configuration)
        })
    }

    fn config(&self, table: RouterTable) -> Result<RouterConfig> {
        let mut config = RouterConfig {
            strategy: self.strategy(table.strategy.as_ref())?,
            deadline: self.time(table.deadline.as_ref())?,
            hedge_after: self.time(table.hedge_after.as_ref())?,
            breaker: table
                .breaker
                .map(|breaker| self.breaker(&breaker))
                .transpose()?,
            ..RouterConfig::default()
        };
        if let Some(names) = &table.providers {
            let names = names
                .iter()
                .map(|name| Ok((self.name(name)?, self.place(name))));
            config.order = Some(names.collect::<Result<_>>()?);
        }
        for (name, provider) in &table.provider {
            let (place, name) = (self.place(name), self.name(name)?);
            if let Some(weight) = provider.weight {
                config.weights.push((name.clone(), place.clone(), weight));
            }
            let limits = self.limits(provider)?;
            if limits != Limits::new() {
                config.limits.push((name, place, limits));
            }
        }
        for rule in &table.rule {
            config
                .rules
                .push((self.place(&rule.get_ref().name), self.rule(rule.get_ref())?));
        }
        Ok(config)
    }

    fn name(&self, name: &Spanned<String>) -> Result<ProviderName> {
        name.get_ref()
            .parse()
            .map_err(|error: Error| self.place(name).wrong(error.message()))
    }

    fn limits(&self, provider: &ProviderTable) -> Result<Limits> {
        let mut limits = Limits::new();
        let per_second = provider.requests_per_second.as_ref();
        let per_minute = provider.requests_per_minute.as_ref();
        if let (Some(_), Some(second)) = (per_second, per_minute) {
            return Err(self.place(second).wrong(
                "requests_per_second and requests_per_minute are both there; give one of them",
            ));
        }
        limits.max_in_flight = provider
            .max_in_flight
            .as_ref()
            .map(|calls| *calls.get_ref());
        limits.rate = per_second
            .map(|calls| Rate::per_second(*calls.get_ref()))
            .or_else(|| per_minute.map(|calls| Rate::per_minute(*calls.get_ref())));
        let set = [provider.max_in_flight.as_ref(), per_second, per_minute];
        if let Some(zero) = set
            .into_iter()
            .flatten()
            .find(|calls| *calls.get_ref() == 0)
        {
            limits
                .check()
                .map_err(|error| self.place(zero).wrong(error.message()))?;
        }
        Ok(limits)
    }

    fn breaker(&self, table: &BreakerTable) -> Result<BreakerChanges> {
        if let Some(failures) = table
            .failures
            .as_ref()
            .filter(|failures| *failures.get_ref() == 0)
        {
            return Err(self
                .place(failures)
                .wrong("failures is 0; let it be at least 1"));
        }
        let percent = table.error_percent.as_ref();
        if let Some(percent) = percent.filter(|percent| !(1..=100).contains(percent.get_ref())) {
            return Err(self
                .place(percent)
                .wrong("error_percent is a percentage from 1 to 100"));
        }
        Ok(BreakerChanges {
            failures: table.failures.as_ref().map(|failures| *failures.get_ref()),
            error_percent: percent.map(|percent| *percent.get_ref()),
            minimum_calls: table.minimum_calls,
            window: self.time(table.window.as_ref())?,
            open_for: self.time(table.open_for.as_ref())?,
            longest_open: self.time(table.longest_open.as_ref())?,
        })
    }

    fn rule(&self, table: &RuleTable) -> Result<Rule> {
        let currency: Option<Currency> = self.read(table.currency.as_ref(), str::parse)?;
        let amount = |value: &Option<Spanned<String>>| self.read(value.as_ref(), money::amount_of);
        let price = |value: &Option<Spanned<String>>| self.price(value.as_ref(), currency.as_ref());
        let mut rule = Rule::named(table.name.get_ref().clone());
        rule.asset = self.read::<AssetName>(table.asset.as_ref(), str::parse)?;
        rule.network = self.read::<Network>(table.network.as_ref(), str::parse)?;
        rule.min_price = price(&table.min_price)?;
        rule.max_price = price(&table.max_price)?;
        rule.min_amount = amount(&table.min_amount)?;
        rule.max_amount = amount(&table.max_amount)?;
        let pairs = table.metadata.iter();
        rule.metadata = pairs.map(|(key, value)| Metadata::is(key, value)).collect();
        rule.scope = self.read(table.operation.as_ref(), scope)?;
        rule.strategy = self.strategy(table.strategy.as_ref())?;
        if let Some(names) = &table.providers {
            let names = names
                .iter()
                .map(|name| self.name(name).map(|name| name.to_string()));
            rule.through = Some(names.collect::<Result<_>>()?);
        }
        rule.currency = currency;
        Ok(rule)
    }

    fn price(
        &self,
        value: Option<&Spanned<String>>,
        currency: Option<&Currency>,
    ) -> Result<Option<Money>> {
        let amount: Option<Decimal> = self.read(value, money::amount_of)?;
        match (amount, currency, value) {
            (Some(amount), Some(currency), _) => Ok(Some(Money::new(amount, currency.clone()))),
            (Some(_), None, Some(value)) => Err(self
                .place(value)
                .wrong("a price needs a currency; add one, such as currency = \"USD\"")),
            _ => Ok(None),
        }
    }

    fn strategy(&self, value: Option<&Spanned<String>>) -> Result<Option<Arc<dyn Strategy>>> {
        self.read(value, |name| {
            let strategy: Arc<dyn Strategy> = match name {
                "priority" => Arc::new(Priority),
                "weighted" => Arc::new(Weighted::new()),
                "cheapest" => Arc::clone(&self.cheapest),
                "latency" => Arc::new(LowestLatency),
                "sticky" => Arc::new(Sticky::new()),
                _ => {
                    return Err(Error::configuration(format!(
                        "{name:?} is no strategy; use priority, weighted, cheapest, latency or sticky"
                    )));
                }
            };
            Ok(strategy)
        })
    }
}

fn scope(name: &str) -> Result<RuleScope> {
    match name {
        "invoices" => Ok(RuleScope::Invoices),
        "payouts" => Ok(RuleScope::Payouts),
        _ => Err(Error::configuration(format!(
            "{name:?} is no operation of a rule; use invoices or payouts, or leave it out for both"
        ))),
    }
}

#[cfg(test)]
mod tests;
