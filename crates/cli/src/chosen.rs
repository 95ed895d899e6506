//! The provider that a command works with.

use std::ops::Deref;
use std::sync::Arc;

use paymux::ledger::LedgerError;
use paymux::setup::Setup;
use paymux::unipayment::ConfigKey;
use paymux::{Error, PaymentProvider};

use crate::failure::{Failure, Task};
use crate::generation;
use crate::power::Power;
use crate::routed::Routed;
use crate::setup::{listed, place_named};

/// A provider, with the settings that it was built from: errors can say which of them matter.
#[derive(Debug)]
pub(crate) struct Chosen(Kind);

#[derive(Debug)]
enum Kind {
    /// One instance.
    Instance {
        provider: Arc<dyn PaymentProvider>,
        setup: Setup,
    },
    /// Several as one.
    Router(Routed),
}

impl Chosen {
    pub(crate) const fn instance(provider: Arc<dyn PaymentProvider>, setup: Setup) -> Self {
        Self(Kind::Instance { provider, setup })
    }

    pub(crate) const fn router(routed: Routed) -> Self {
        Self(Kind::Router(routed))
    }

    /// The router, where it is one.
    pub(crate) const fn routed(&self) -> Option<&Routed> {
        match &self.0 {
            Kind::Instance { .. } => None,
            Kind::Router(routed) => Some(routed),
        }
    }

    /// The settings, where it is one instance.
    pub(crate) const fn setup(&self) -> Option<&Setup> {
        match &self.0 {
            Kind::Instance { setup, .. } => Some(setup),
            Kind::Router(_) => None,
        }
    }

    /// Where an error comes from: of several providers the one that it names.
    pub(crate) fn source_of(&self, error: &Error) -> &dyn PaymentProvider {
        self.routed()
            .zip(error.provider())
            .and_then(|(routed, name)| routed.member(name))
            .unwrap_or(&**self)
    }

    /// A failure of this provider while it was doing something.
    pub(crate) fn failed(&self, task: &Task, operation: &'static str, error: Error) -> Failure {
        let error = self.named(operation, error);
        let setup = match &self.0 {
            Kind::Instance { setup, .. } => Some(setup),
            Kind::Router(routed) => error.provider().and_then(|name| routed.setup(name)),
        };
        Failure::of_provider(task, error, setup)
    }

    /// The error with the names of whose it is and of what was being done, where they are not there.
    pub(crate) fn named(&self, operation: &'static str, error: Error) -> Error {
        if is_of_ledger(&error) {
            return error.with_operation(operation);
        }
        let owner = self
            .routed()
            .zip(error.id())
            .and_then(|(routed, id)| routed.split(id))
            .map_or_else(|| self.name(), |(owner, _)| owner)
            .clone();
        error.with_provider(owner).with_operation(operation)
    }

    /// The failure of a power that the provider does not have.
    pub(crate) fn lacks(&self, operation: &'static str, power: Power) -> Failure {
        self.failed(&Task::Other, operation, self.lack_of(power))
    }

    /// The error of a power that the provider does not have; says which generation of it does.
    pub(crate) fn lack_of(&self, power: Power) -> Error {
        let setup = match &self.0 {
            Kind::Instance { setup, .. } => setup,
            Kind::Router(routed) => {
                let names = routed.names().into_iter();
                let lacks: Vec<String> = names.map(|it| format!("{it} {}", power.lack())).collect();
                return Error::unsupported(format!(
                    "no provider of the router can do this: {}",
                    lacks.join("; ")
                ));
            }
        };
        let lack = format!("{} {}", self.name(), power.lack());
        let Some(own) = generation::of(setup) else {
            return Error::unsupported(lack);
        };
        let others = generation::names_with(power);
        let verb = match others.as_slice() {
            [] => return Error::unsupported(format!("{lack} in any of its generations")),
            [_] => "does",
            _ => "do",
        };
        let message = format!("{lack} in its generation {own}; {} {verb}", listed(&others));
        let error = Error::unsupported(message);
        match place_named(setup, ConfigKey::Auth.name()) {
            Some(place) => error.with_hint(format!("{place} chooses the generation")),
            None => error,
        }
    }
}

/// Whether the database failed, and no provider.
fn is_of_ledger(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<LedgerError>())
}

impl Deref for Chosen {
    type Target = dyn PaymentProvider;

    fn deref(&self) -> &Self::Target {
        match &self.0 {
            Kind::Instance { provider, .. } => provider.as_ref(),
            Kind::Router(routed) => routed.provider(),
        }
    }
}
