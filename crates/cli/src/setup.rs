//! Which provider instances there are, from the config file and the environment, and which one is
//! meant.

mod config_file;
mod ledger_table;
mod payout_limits;
mod retention;
mod router;

use std::path::Path;
use std::sync::Arc;

use paymux::attempts::AttemptLog;
use paymux::ledger::Ledger;
use paymux::router::RouterConfig;
use paymux::setup::{SettingKey, Setup, provider_types};
use paymux::{Error, PaymentProvider, ProviderName, Providers, Result};

use crate::chosen::Chosen;
use crate::routed::ROUTER;

pub(crate) use ledger_table::LedgerTable;

/// Every instance: those of the config file, and one for each other type, set up or not.
#[derive(Debug)]
pub(crate) struct Instances {
    setups: Vec<Setup>,
    /// What the config file says about the router over them.
    router: RouterConfig,
    /// What the config file says about the ledger.
    pub(crate) ledger: LedgerTable,
    /// What a person should know about the config file.
    pub(crate) warnings: Vec<String>,
}

impl Instances {
    /// Reads the config file, where one is named, and the environment over it.
    ///
    /// # Errors
    /// `Configuration` for a file that cannot be read or holds what does not belong there.
    pub(crate) fn load(config: Option<&Path>) -> Result<Self> {
        Self::load_with(config, |name| std::env::var(name).ok())
    }

    fn load_with(config: Option<&Path>, vars: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let file = config
            .map(config_file::read)
            .transpose()?
            .unwrap_or_default();
        let mut setups = file.setups;
        for kind in provider_types() {
            let own = setups
                .iter_mut()
                .find(|setup| setup.name().as_str() == kind.name());
            match own {
                Some(setup) if setup.provider_type().name() == kind.name() => {
                    setup.set_from_vars(&vars);
                }
                Some(_) => {}
                None => {
                    let mut setup = kind.setup();
                    setup.set_from_vars(&vars);
                    let is_of_type = |other: &Setup| other.provider_type().name() == kind.name();
                    if !setup.is_empty() || !setups.iter().any(is_of_type) {
                        setups.push(setup);
                    }
                }
            }
        }
        setups.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(Self {
            setups,
            router: file.router,
            ledger: file.ledger,
            warnings: file.warnings,
        })
    }

    /// Every instance in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Setup> {
        self.setups.iter()
    }

    /// The instance of this name.
    ///
    /// # Errors
    /// `Configuration` that lists those there are.
    pub(crate) fn named(&self, name: &ProviderName) -> Result<&Setup> {
        self.setups
            .iter()
            .find(|setup| setup.name() == name)
            .ok_or_else(|| {
                let mut configured: Vec<&str> =
                    self.configured().map(|it| it.name().as_str()).collect();
                if configured.len() > 1 {
                    configured.push(ROUTER.as_str());
                }
                let all: Vec<&str> = self.iter().map(|it| it.name().as_str()).collect();
                Error::configuration(if configured.is_empty() {
                    format!(
                        "there is no provider {name}, and none is configured; there can be {}",
                        all.join(", ")
                    )
                } else {
                    format!(
                        "there is no provider {name}; there is {}",
                        configured.join(", ")
                    )
                })
            })
    }

    /// Whether the router is meant: by its name, or because several are configured and none is named.
    pub(crate) fn is_router(&self, name: Option<&ProviderName>) -> bool {
        name.map_or_else(|| self.has_several(), |name| *name == ROUTER)
    }

    /// Whether more than one is configured.
    pub(crate) fn has_several(&self) -> bool {
        self.configured().nth(1).is_some()
    }

    /// Builds the provider that is meant: the named one, else the only one that is configured, else the
    /// router over all of them.
    ///
    /// # Errors
    /// `Configuration` that says what is missing or which names there are.
    pub(crate) fn choose(&self, name: Option<&ProviderName>) -> Result<Chosen> {
        self.choose_with(name, None)
    }

    /// As [`choose`](Self::choose); where it is the router, each attempt is told to the ledger.
    ///
    /// # Errors
    /// As [`choose`](Self::choose).
    pub(crate) fn choose_on(&self, name: Option<&ProviderName>, ledger: &Ledger) -> Result<Chosen> {
        self.choose_with(name, Some(ledger.attempt_log()))
    }

    fn choose_with(
        &self,
        name: Option<&ProviderName>,
        log: Option<Arc<dyn AttemptLog>>,
    ) -> Result<Chosen> {
        if self.is_router(name) {
            return self.router_with(log);
        }
        if let Some(name) = name {
            return chosen(self.named(name)?);
        }
        match self.configured().next() {
            Some(only) => chosen(only),
            None => match self.setups.iter().find(|setup| !setup.is_empty()) {
                Some(begun) => chosen(begun),
                None => Err(self.nothing_configured()),
            },
        }
    }

    /// Builds the provider that an id argument means, and gives the id as that one takes it:
    /// `PROVIDER:ID` where PROVIDER is an instance, else the whole text is the id. The router takes the
    /// first form only, and takes it whole.
    ///
    /// # Errors
    /// As [`choose`](Self::choose); `InvalidRequest` when `--provider` names another one, or the router
    /// cannot know whose id it is.
    pub(crate) fn choose_for_id<'a>(
        &self,
        name: Option<&ProviderName>,
        id: &'a str,
    ) -> Result<(Chosen, &'a str)> {
        let prefixed = self.split_owner(id);
        match (prefixed, name) {
            (Some((owner, "")), _) => Err(Error::invalid_request(format!(
                "{id:?} names a provider and no id; write {owner}:ID"
            ))),
            (Some((owner, _)), Some(name)) if *name == ROUTER => {
                built(self.named(owner)?)?;
                Ok((self.router()?, id))
            }
            (Some((owner, _)), Some(name)) if owner != name => {
                Err(Error::invalid_request(format!(
                    "the id {id} is one of {owner}, and --provider says {name}; leave one of them out"
                )))
            }
            (Some((owner, rest)), _) => Ok((chosen(self.named(owner)?)?, rest)),
            (None, name) if self.is_router(name) => Err(self.whose(id)),
            (None, name) => Ok((self.choose(name)?, id)),
        }
    }

    /// Whether an id says whose it is only where somebody else knows it.
    pub(crate) fn is_ownerless(&self, name: Option<&ProviderName>, id: &str) -> bool {
        self.split_owner(id).is_none() && self.is_router(name)
    }

    /// The owner's name and the gateway's own id, of an id that has its owner before it.
    pub(crate) fn split_owner<'a>(&self, id: &'a str) -> Option<(&ProviderName, &'a str)> {
        let (prefix, bare) = id.split_once(':')?;
        let setup = self.setups.iter().find(|it| it.name().as_str() == prefix)?;
        Some((setup.name(), bare))
    }

    /// Every configured instance, for what the ledger asks of them; only the named one where one is
    /// named.
    ///
    /// # Errors
    /// `Configuration` where one of them is set up wrongly or there is none of the name.
    pub(crate) fn providers(&self, name: Option<&ProviderName>) -> Result<Providers> {
        let mut providers = Providers::new();
        match name.filter(|name| **name != ROUTER) {
            Some(name) => providers.add(built(self.named(name)?)?)?,
            None => {
                for setup in self.configured() {
                    providers.add(built(setup)?)?;
                }
            }
        }
        Ok(providers)
    }

    fn configured(&self) -> impl Iterator<Item = &Setup> {
        self.setups
            .iter()
            .filter(|setup| setup.missing().is_empty())
    }

    fn nothing_configured(&self) -> Error {
        let wants: Vec<String> = self
            .iter()
            .map(|setup| format!("{} ({})", listed(&missing_names(setup)), setup.name()))
            .collect();
        Error::configuration(format!(
            "no provider is configured; set {}",
            wants.join(" or ")
        ))
        .with_hint(
            "\"paymux demo\" needs no account; \"paymux sandbox\" prints credentials to try with",
        )
    }
}

/// Where each missing setting of an instance would be set.
pub(crate) fn missing_names(setup: &Setup) -> Vec<String> {
    places(setup, &setup.missing())
}

/// Where the settings come from without which an instance does nothing.
pub(crate) fn required_names(setup: &Setup) -> Vec<String> {
    places(setup, &setup.required())
}

/// Where one setting of an instance is set: its variable, or its place in the config file.
pub(crate) fn place_named(setup: &Setup, name: &str) -> Option<String> {
    let mut settings = setup.provider_type().settings();
    settings.retain(|key| key.name == name);
    places(setup, &settings).pop()
}

fn places(setup: &Setup, keys: &[SettingKey]) -> Vec<String> {
    let in_environment = setup.name().as_str() == setup.provider_type().name();
    let place = |key: &SettingKey| {
        if in_environment {
            key.variable.to_owned()
        } else {
            format!("providers.{}.{}", setup.name(), key.name)
        }
    };
    keys.iter().map(place).collect()
}

fn chosen(setup: &Setup) -> Result<Chosen> {
    Ok(Chosen::instance(built(setup)?, setup.clone()))
}

fn built(setup: &Setup) -> Result<Arc<dyn PaymentProvider>> {
    setup.build().map_err(|error| {
        if error.hint().is_some() {
            return error;
        }
        let seen = "\"paymux providers\" shows what is missing";
        error.with_hint(match required_names(setup).as_slice() {
            [] => seen.to_owned(),
            places => format!("{} comes from {}; {seen}", setup.name(), listed(places)),
        })
    })
}

/// `A, B and C`.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests;
