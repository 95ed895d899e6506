//! The router over the configured instances, with what the command has to know of it.

use std::sync::Arc;

use paymux::router::{Operation, OperationHealth, RouteFailure, Router};
use paymux::setup::Setup;
use paymux::{Error, PaymentProvider, ProviderName};

/// The name that stands for all providers together.
pub(crate) static ROUTER: ProviderName = ProviderName::from_static("router");

/// A router, with the settings of its members.
#[derive(Debug)]
pub(crate) struct Routed {
    router: Router,
    setups: Vec<Setup>,
}

impl Routed {
    pub(crate) const fn new(router: Router, setups: Vec<Setup>) -> Self {
        Self { router, setups }
    }

    pub(crate) const fn provider(&self) -> &Router {
        &self.router
    }

    /// The settings of one member.
    pub(crate) fn setup(&self, name: &ProviderName) -> Option<&Setup> {
        self.setups.iter().find(|setup| setup.name() == name)
    }

    /// One member.
    pub(crate) fn member(&self, name: &ProviderName) -> Option<&dyn PaymentProvider> {
        self.router
            .providers()
            .find(|member| member.name() == name)
            .map(Arc::as_ref)
    }

    /// The members' names, in the order in which they are tried.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.router
            .providers()
            .map(|member| member.name().as_str())
            .collect()
    }

    /// The owner's name and the gateway's own id, of an id that the router gave out.
    pub(crate) fn split<'a>(&self, id: &'a str) -> Option<(&ProviderName, &'a str)> {
        let (owner, bare) = id.split_once(':')?;
        let setup = self.setups.iter().find(|it| it.name().as_str() == owner)?;
        Some((setup.name(), bare))
    }

    /// What became of each member when a quote was asked for; an answer does not tell where it is from.
    pub(crate) fn story_of_quote(&self) -> Vec<String> {
        let health = self.router.health().into_iter();
        health
            .zip(self.router.providers())
            .map(|(health, member)| {
                let has_quotes = member.quotes().is_some();
                let became = quoted(has_quotes, health.operation(Operation::Quote));
                format!("{} {became}", health.provider)
            })
            .collect()
    }
}

const fn quoted(has_quotes: bool, health: Option<&OperationHealth>) -> &'static str {
    match health {
        _ if !has_quotes => "was left out: it has no quotes",
        None => "was not asked",
        // Only a call that did what was asked has a time.
        Some(health) if health.latency.is_some() => "answered",
        Some(_) => "failed",
    }
}

/// What a provider itself advises after an error. What the router adds is about a program's attempt
/// log, of which a person at a shell has none.
pub(crate) fn advice_of_provider(error: &Error) -> Option<&str> {
    let Some(routed) =
        std::error::Error::source(error).and_then(|it| it.downcast_ref::<RouteFailure>())
    else {
        return error.hint();
    };
    std::error::Error::source(routed)?
        .downcast_ref::<Error>()?
        .hint()
}
