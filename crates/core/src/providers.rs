//! The providers an application has set up, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::ids::ProviderName;
use crate::provider::PaymentProvider;

/// Providers by name. One gateway may be there twice, under two names.
#[derive(Debug, Clone, Default)]
pub struct Providers(BTreeMap<ProviderName, Arc<dyn PaymentProvider>>);

impl Providers {
    /// No providers yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a provider under its own name.
    ///
    /// # Errors
    /// `Configuration` when the name is taken.
    pub fn add(&mut self, provider: Arc<dyn PaymentProvider>) -> Result<()> {
        let name = provider.name().clone();
        if self.0.contains_key(&name) {
            return Err(Error::configuration(format!(
                "there are two providers named {name}; give one of them another name"
            )));
        }
        self.0.insert(name, provider);
        Ok(())
    }

    /// The provider of this name.
    ///
    /// # Errors
    /// `Configuration` that lists the names there are.
    pub fn get(&self, name: &ProviderName) -> Result<&Arc<dyn PaymentProvider>> {
        self.0.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.0.keys().map(ProviderName::as_str).collect();
            Error::configuration(if names.is_empty() {
                format!("no provider {name} is configured; none is")
            } else {
                format!(
                    "no provider {name} is configured; there is {}",
                    names.join(", ")
                )
            })
        })
    }

    /// The provider, where there is exactly one.
    #[must_use]
    pub fn only(&self) -> Option<&Arc<dyn PaymentProvider>> {
        let mut all = self.0.values();
        match (all.next(), all.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Every provider, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn PaymentProvider>> {
        self.0.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
