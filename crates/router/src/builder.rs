//! Putting a router together.

mod checks;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use paymux_core::{
    AttemptLog, Clock, Error, MemoryAttemptLog, PaymentProvider, ProviderName, Providers, Result,
};

use self::checks::{check_breaker, in_order, known, places, resolved};
use crate::capabilities::of_all;
use crate::config::{Place, RouterConfig};
use crate::health::{BreakerSettings, Health, Limits};
use crate::member::Member;
use crate::router::{Inner, Router};
use crate::rule::{ResolvedRule, Rule, Rules};
use crate::strategy::{Priority, Strategy};

const NAME: ProviderName = ProviderName::from_static("router");
const DEADLINE: Duration = Duration::from_secs(60);
/// The name of the rule that holds where no other matches.
const DEFAULT_RULE: &str = "default";

/// Puts a [`Router`] together. What is wrong is told by [`build`](Self::build).
///
/// ```
/// # fn f(eu: std::sync::Arc<dyn paymux_core::PaymentProvider>, us: std::sync::Arc<dyn paymux_core::PaymentProvider>)
/// # -> paymux_core::Result<paymux_router::Router> {
/// use paymux_router::{Cheapest, Limits, Rate, Router, Rule};
///
/// Router::builder()
///     .with_provider(eu) // the first has the highest priority
///     .with_provider(us)
///     .with_limits("eu".parse()?, Limits::new().with_max_in_flight(16).with_rate(Rate::per_second(5)))
///     .with_rule(Rule::named("tron").for_network("tron".parse()?).by(Cheapest::new()))
///     .build()
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct RouterBuilder {
    name: ProviderName,
    providers: Vec<Arc<dyn PaymentProvider>>,
    limits: Vec<(ProviderName, Place, Limits)>,
    weights: Vec<(ProviderName, Place, u32)>,
    breaker: BreakerSettings,
    breakers: Vec<(ProviderName, BreakerSettings)>,
    rules: Vec<(Place, Rule)>,
    strategy: Arc<dyn Strategy>,
    order: Option<Vec<(ProviderName, Place)>>,
    log: Option<Arc<dyn AttemptLog>>,
    clock: Option<Arc<dyn Clock>>,
    deadline: Duration,
    hedge_after: Option<Duration>,
}

impl RouterBuilder {
    pub(crate) fn new() -> Self {
        Self {
            name: NAME,
            providers: Vec::new(),
            limits: Vec::new(),
            weights: Vec::new(),
            breaker: BreakerSettings::default(),
            breakers: Vec::new(),
            rules: Vec::new(),
            strategy: Arc::new(Priority),
            order: None,
            log: None,
            clock: None,
            deadline: DEADLINE,
            hedge_after: None,
        }
    }

    /// Sets the router's own name; `router` by default.
    pub fn with_name(mut self, name: ProviderName) -> Self {
        self.name = name;
        self
    }

    /// Adds a provider, of lower priority than those before.
    pub fn with_provider(mut self, provider: Arc<dyn PaymentProvider>) -> Self {
        self.providers.push(provider);
        self
    }

    /// Adds all of these, in the order of their names.
    pub fn with_providers(mut self, providers: &Providers) -> Self {
        self.providers.extend(providers.iter().map(Arc::clone));
        self
    }

    /// Sets how many calls a provider gets; without it any number.
    pub fn with_limits(mut self, provider: ProviderName, limits: Limits) -> Self {
        self.limits.push((provider, Place::Code, limits));
        self
    }

    /// Sets a provider's weight for [`Weighted`](crate::Weighted); 1 by default.
    pub fn with_weight(mut self, provider: ProviderName, weight: u32) -> Self {
        self.weights.push((provider, Place::Code, weight));
        self
    }

    /// Sets when circuits open and for how long, for all providers.
    pub const fn with_breaker(mut self, settings: BreakerSettings) -> Self {
        self.breaker = settings;
        self
    }

    /// Sets when the circuits of one provider open and for how long.
    pub fn with_breaker_for(mut self, provider: ProviderName, settings: BreakerSettings) -> Self {
        self.breakers.push((provider, settings));
        self
    }

    /// Adds a rule. Which one decides follows from how specific they are; see [`Rule`].
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push((Place::Code, rule));
        self
    }

    /// Sets the order in which providers are tried where no rule says otherwise; [`Priority`] by
    /// default.
    pub fn with_strategy(mut self, strategy: impl Strategy) -> Self {
        self.strategy = Arc::new(strategy);
        self
    }

    /// Sets the log that keeps a payout from being sent twice; [`MemoryAttemptLog`] by default, which
    /// holds for as long as the process lives.
    pub fn with_attempt_log(mut self, log: Arc<dyn AttemptLog>) -> Self {
        self.log = Some(log);
        self
    }

    /// Sets the clock; `TokioClock` by default with the feature `tokio`, and needed without it.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets how long a call may take in all, whoever is tried; a minute by default. See
    /// [`Router::within`] for a single call.
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Asks a second time when an invoice or payout is read and there is no answer after this time; the
    /// first answer counts. Off by default. What creates something is never asked twice.
    pub const fn with_hedge_after(mut self, time: Duration) -> Self {
        self.hedge_after = Some(time);
        self
    }

    /// Takes settings from a file. They hold instead of those set so far; its rules are added.
    pub fn with_config(mut self, config: RouterConfig) -> Self {
        if let Some(order) = config.order {
            self.order = Some(order);
        }
        if let Some(strategy) = config.strategy {
            self.strategy = strategy;
        }
        if let Some(deadline) = config.deadline {
            self.deadline = deadline;
        }
        if let Some(hedge_after) = config.hedge_after {
            self.hedge_after = Some(hedge_after);
        }
        if let Some(breaker) = config.breaker {
            self.breaker = breaker.over(self.breaker);
        }
        self.limits.extend(config.limits);
        self.weights.extend(config.weights);
        self.rules.extend(config.rules);
        self
    }

    /// Builds it.
    ///
    /// # Errors
    /// `Configuration` that says what is wrong: no provider or no clock, a name that is there twice, a
    /// setting or a rule for a provider that is not there, a rule that can never match, a limit that
    /// lets nothing through. What came from a file is told with its line.
    pub fn build(self) -> Result<Router> {
        let clock = self.clock.map_or_else(default_clock, Ok)?;
        if self.deadline.is_zero() {
            return Err(Error::configuration(
                "the deadline is 0; give a call some time, such as 30 seconds",
            ));
        }
        check_breaker(&self.breaker)?;
        let providers = in_order(self.providers, self.order)?;
        let places = places(&providers, &self.name)?;
        let known = |name: &ProviderName, place: &Place| known(&places, name, place);

        let mut limits: HashMap<ProviderName, Limits> = HashMap::new();
        for (name, place, own) in self.limits {
            known(&name, &place)?;
            own.check().map_err(|error| place.wrong(error.message()))?;
            limits.insert(name, own);
        }
        let mut weights: HashMap<ProviderName, u32> = HashMap::new();
        for (name, place, weight) in self.weights {
            known(&name, &place)?;
            weights.insert(name, weight);
        }
        let mut breakers: HashMap<ProviderName, BreakerSettings> = HashMap::new();
        for (name, settings) in self.breakers {
            known(&name, &Place::Code)?;
            check_breaker(&settings)?;
            breakers.insert(name, settings);
        }

        let members: Vec<Arc<Member>> = providers
            .into_iter()
            .map(|provider| {
                let name = provider.name().clone();
                let breaker = breakers.get(&name).copied().unwrap_or(self.breaker);
                Arc::new(Member {
                    weight: weights.get(&name).copied().unwrap_or(1),
                    health: Health::new(breaker, limits.get(&name).copied().unwrap_or_default()),
                    name,
                    provider,
                })
            })
            .collect();

        let mut special: Vec<ResolvedRule> = Vec::with_capacity(self.rules.len());
        for (place, rule) in self.rules {
            let is_taken =
                rule.name == DEFAULT_RULE || special.iter().any(|other| other.name == rule.name);
            if is_taken {
                return Err(place.wrong(&format!(
                    "there are two rules named {:?}; give each a name of its own",
                    rule.name
                )));
            }
            special.push(resolved(rule, &place, &members, &places, &self.strategy)?);
        }
        let default = ResolvedRule {
            name: DEFAULT_RULE.to_owned(),
            conditions: None,
            members: members.clone(),
            strategy: self.strategy,
        };
        let capabilities = of_all(members.iter().map(|member| &*member.provider));
        let inner = Inner {
            name: self.name,
            members,
            places,
            rules: Rules::new(special, default),
            log: self
                .log
                .unwrap_or_else(|| Arc::new(MemoryAttemptLog::new())),
            clock,
            hedge_after: self.hedge_after,
            capabilities,
        };
        Ok(Router::new(inner, self.deadline))
    }
}

#[cfg(feature = "tokio")]
#[expect(clippy::unnecessary_wraps, reason = "without tokio there is none")]
fn default_clock() -> Result<Arc<dyn Clock>> {
    Ok(Arc::new(paymux_core::TokioClock))
}

#[cfg(not(feature = "tokio"))]
fn default_clock() -> Result<Arc<dyn Clock>> {
    Err(Error::configuration(
        "the router has no clock; give it one, or turn on the feature tokio",
    ))
}

#[cfg(test)]
mod tests;
