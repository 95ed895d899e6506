//! The provider that a command works with.

use std::ops::Deref;
use std::sync::Arc;

use paymux::setup::Setup;
use paymux::unipayment::ConfigKey;
use paymux::{Error, PaymentProvider};

use crate::failure::{Failure, Task};
use crate::generation;
use crate::power::Power;
use crate::setup::{listed, place_named};

/// A provider, with the settings that it was built from: errors can say which of them matter.
#[derive(Debug)]
pub(crate) struct Chosen {
    provider: Arc<dyn PaymentProvider>,
    setup: Setup,
}

impl Chosen {
    pub(crate) const fn new(provider: Arc<dyn PaymentProvider>, setup: Setup) -> Self {
        Self { provider, setup }
    }

    pub(crate) const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// A failure of this provider while it was doing something.
    pub(crate) fn failed(&self, task: &Task, operation: &'static str, error: Error) -> Failure {
        let error = error
            .with_provider(self.name().clone())
            .with_operation(operation);
        Failure::of_provider(task, error, &self.setup)
    }

    /// The failure of a power that the provider does not have.
    pub(crate) fn lacks(&self, operation: &'static str, power: Power) -> Failure {
        self.failed(&Task::Other, operation, self.lack_of(power))
    }

    /// The error of a power that the provider does not have; says which generation of it does.
    pub(crate) fn lack_of(&self, power: Power) -> Error {
        let lack = format!("{} {}", self.name(), power.lack());
        let Some(own) = generation::of(&self.setup) else {
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
        match place_named(&self.setup, ConfigKey::Auth.name()) {
            Some(place) => error.with_hint(format!("{place} chooses the generation")),
            None => error,
        }
    }
}

impl Deref for Chosen {
    type Target = dyn PaymentProvider;

    fn deref(&self) -> &Self::Target {
        self.provider.as_ref()
    }
}
