//! The router over every instance that is configured.

use std::sync::Arc;

use paymux::attempts::AttemptLog;
use paymux::router::Router;
use paymux::setup::{Setup, provider_types};
use paymux::{Error, Result};

use super::{Instances, built, listed, missing_names};
use crate::chosen::Chosen;
use crate::routed::{ROUTER, Routed};

impl Instances {
    /// Builds the router over every instance that is configured, as the config file wants it.
    ///
    /// # Errors
    /// `Configuration` when nothing is configured, an instance is set up wrongly, or what the config
    /// file says does not fit the instances there are.
    pub(crate) fn router(&self) -> Result<Chosen> {
        self.router_with(None)
    }

    /// As [`router`](Self::router); each attempt is told to a log.
    ///
    /// # Errors
    /// As [`router`](Self::router).
    pub(super) fn router_with(&self, log: Option<Arc<dyn AttemptLog>>) -> Result<Chosen> {
        let setups = self.by_priority();
        if setups.is_empty() {
            return Err(match self.left_out().as_slice() {
                [] => self.nothing_configured(),
                lacks => Error::configuration(format!(
                    "the router has no provider: {}",
                    lacks.join("; ")
                )),
            });
        }
        let mut builder = Router::builder()
            .with_name(ROUTER.clone())
            .with_config(self.router.clone());
        if let Some(log) = log {
            builder = builder.with_attempt_log(log);
        }
        for setup in &setups {
            builder = builder.with_provider(built(setup)?);
        }
        let router = builder.build().map_err(|error| {
            match self.left_out().as_slice() {
                [] => error,
                // The file may name one of them.
                lacks => error.with_hint(lacks.join("; ")),
            }
        })?;
        let setups = setups.into_iter().cloned().collect();
        Ok(Chosen::router(Routed::new(router, setups)))
    }

    /// The instances that were begun and cannot be used, each with what it lacks.
    pub(crate) fn left_out(&self) -> Vec<String> {
        self.setups
            .iter()
            .filter(|setup| !setup.is_empty())
            .filter_map(|setup| {
                let missing = missing_names(setup);
                (!missing.is_empty())
                    .then(|| format!("{} lacks {}", setup.name(), listed(&missing)))
            })
            .collect()
    }

    /// The configured instances, in the order in which the router tries them unless it is told
    /// otherwise: those named like their type in the order of the types, then the others by name.
    fn by_priority(&self) -> Vec<&Setup> {
        let place = |setup: &Setup| {
            let is_named_so =
                |kind: &str| setup.name().as_str() == kind && setup.provider_type().name() == kind;
            provider_types()
                .iter()
                .position(|kind| is_named_so(kind.name()))
                .unwrap_or(usize::MAX)
        };
        let mut setups: Vec<&Setup> = self.configured().collect();
        setups.sort_by_key(|setup| (place(setup), setup.name()));
        setups
    }

    /// The error of an id that does not say whose it is, though only its owner knows it.
    pub(super) fn whose(&self, id: &str) -> Error {
        let setups = self.by_priority();
        if setups.is_empty() {
            return self.nothing_configured();
        }
        let names: Vec<&str> = setups.iter().map(|it| it.name().as_str()).collect();
        Error::invalid_request(format!(
            "the id {id} does not say whose it is, and the ledger does not know it; write PROVIDER:ID, where PROVIDER is one of {}",
            names.join(", ")
        ))
        .with_provider(ROUTER.clone())
        .with_id(id)
    }
}
