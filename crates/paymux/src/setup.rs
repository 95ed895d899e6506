//! Building providers from settings or from the environment.
//!
//! Nothing here reads a file: an application that keeps settings in one hands them to [`Setup`] by
//! their names. What each gateway takes is told by [`provider_types`].
//!
//! ```
//! for kind in paymux::setup::provider_types() {
//!     for key in kind.settings() {
//!         println!("{}: {} ({})", kind.name(), key.name, key.variable);
//!     }
//! }
//! ```

#[cfg(feature = "native-checkout")]
mod native_checkout;
#[cfg(feature = "unipayment")]
mod unipayment;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::{Error, PaymentProvider, ProviderName, Providers, Result};

/// One setting of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingKey {
    /// Its name in settings, such as `app_id`.
    pub name: &'static str,
    /// The environment variable that holds it for the instance named like its type.
    pub variable: &'static str,
    /// Whether there is no provider without it, as long as nothing else is set. Other settings may
    /// ask for more: [`Setup::missing`] knows.
    pub required: bool,
    /// Whether it must be kept from logs and other people.
    pub secret: bool,
}

/// A kind of gateway that this build can talk to.
#[derive(Clone, Copy)]
pub struct ProviderType {
    name: &'static str,
    settings: fn() -> Vec<SettingKey>,
    /// Whether a setting is required beside the others that are set.
    is_required: fn(&Setup, &SettingKey) -> bool,
    build: fn(&Setup) -> Result<Arc<dyn PaymentProvider>>,
}

static TYPES: &[ProviderType] = &[
    #[cfg(feature = "native-checkout")]
    native_checkout::TYPE,
    #[cfg(feature = "unipayment")]
    unipayment::TYPE,
];

/// Every kind of gateway that this build can talk to: one for each gateway feature.
#[must_use]
pub fn provider_types() -> &'static [ProviderType] {
    TYPES
}

impl ProviderType {
    /// The type of this name.
    ///
    /// # Errors
    /// `Configuration` that lists the types there are.
    pub fn named(name: &str) -> Result<&'static Self> {
        TYPES.iter().find(|kind| kind.name == name).ok_or_else(|| {
            let names: Vec<&str> = TYPES.iter().map(|kind| kind.name).collect();
            Error::configuration(if names.is_empty() {
                format!("there is no provider type {name:?}: this build has no gateway; turn on a cargo feature such as native-checkout")
            } else {
                format!("there is no provider type {name:?}; use one of {}", names.join(", "))
            })
        })
    }

    /// The type's name, and by default that of its instance: `native-checkout`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What can be set.
    #[must_use]
    pub fn settings(&self) -> Vec<SettingKey> {
        (self.settings)()
    }

    /// An instance of this type under the type's own name, without settings.
    #[must_use]
    pub fn setup(&'static self) -> Setup {
        Setup::of_type(ProviderName::from_static(self.name), self)
    }
}

impl fmt::Debug for ProviderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderType")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The settings of one provider instance. `Debug` shows their names only.
///
#[cfg_attr(feature = "native-checkout", doc = "```")]
#[cfg_attr(not(feature = "native-checkout"), doc = "```text")]
/// use paymux::setup::Setup;
///
/// # fn main() -> paymux::Result<()> {
/// let setup = Setup::new("eu".parse()?, "native-checkout")?
///     .with("app_id", "my-app")?
///     .with("app_key", "my-key")?;
/// let provider = setup.build()?;
/// assert_eq!(provider.name().as_str(), "eu");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Setup {
    name: ProviderName,
    kind: &'static ProviderType,
    values: BTreeMap<&'static str, SecretString>,
}

impl Setup {
    /// An instance of a type, without settings.
    ///
    /// # Errors
    /// `Configuration` for a type that this build does not know.
    pub fn new(name: ProviderName, type_name: &str) -> Result<Self> {
        ProviderType::named(type_name).map(|kind| Self::of_type(name, kind))
    }

    const fn of_type(name: ProviderName, kind: &'static ProviderType) -> Self {
        Self {
            name,
            kind,
            values: BTreeMap::new(),
        }
    }

    /// The instance's name.
    #[must_use]
    pub const fn name(&self) -> &ProviderName {
        &self.name
    }

    /// What kind of gateway it is.
    #[must_use]
    pub const fn provider_type(&self) -> &'static ProviderType {
        self.kind
    }

    /// Sets one setting by its name.
    ///
    /// # Errors
    /// `Configuration` for a name that the type does not have; it lists those it has.
    pub fn set(&mut self, key: &str, value: impl Into<SecretString>) -> Result<()> {
        let settings = self.kind.settings();
        let known = settings.iter().find(|known| known.name == key);
        let known = known.ok_or_else(|| {
            let names: Vec<&str> = settings.iter().map(|known| known.name).collect();
            Error::configuration(format!(
                "{} has no setting {key:?}; it has {}",
                self.kind.name,
                names.join(", ")
            ))
        })?;
        self.values.insert(known.name, value.into());
        Ok(())
    }

    /// Sets one setting by its name.
    ///
    /// # Errors
    /// As for [`set`](Self::set).
    pub fn with(mut self, key: &str, value: impl Into<SecretString>) -> Result<Self> {
        self.set(key, value)?;
        Ok(self)
    }

    /// Takes over what the type's environment variables hold. An empty variable counts as not set.
    pub fn set_from_vars(&mut self, vars: impl Fn(&str) -> Option<String>) {
        for key in self.kind.settings() {
            if let Some(value) = vars(key.variable).filter(|value| !value.is_empty()) {
                self.values.insert(key.name, value.into());
            }
        }
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A setting; `None` where it is not there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&SecretString> {
        self.values.get(key)
    }

    /// The settings without which there is no provider, beside those that are set: which these are
    /// may depend on them.
    #[must_use]
    pub fn required(&self) -> Vec<SettingKey> {
        let mut settings = self.kind.settings();
        settings.retain(|key| (self.kind.is_required)(self, key));
        settings
    }

    /// The required settings that are not there, or are empty.
    #[must_use]
    pub fn missing(&self) -> Vec<SettingKey> {
        let mut settings = self.required();
        settings.retain(|key| !self.is_set(key.name));
        settings
    }

    /// Whether a setting is there and not empty.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        self.values
            .get(key)
            .is_some_and(|value| !value.expose_secret().is_empty())
    }

    /// Builds the provider. Nothing is sent.
    ///
    /// # Errors
    /// `Configuration` that names every missing setting, or what is wrong with one.
    pub fn build(&self) -> Result<Arc<dyn PaymentProvider>> {
        let missing = self.missing();
        if missing.is_empty() {
            return (self.kind.build)(self).map_err(|error| error.with_provider(self.name.clone()));
        }
        let named_like_type = self.name.as_str() == self.kind.name;
        let names: Vec<&str> = missing
            .iter()
            .map(|key| {
                if named_like_type {
                    key.variable
                } else {
                    key.name
                }
            })
            .collect();
        Err(Error::configuration(format!(
            "{} is not configured: {} {} missing",
            self.name,
            names.join(" and "),
            if names.len() == 1 { "is" } else { "are" }
        ))
        .with_provider(self.name.clone()))
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("name", &self.name)
            .field("type", &self.kind.name)
            .field("set", &self.values.keys())
            .finish()
    }
}

/// What the environment says about one kind of gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeReport {
    /// The type's name.
    pub type_name: &'static str,
    /// Whether everything that is required is there.
    pub configured: bool,
    /// The variables that are required and not set.
    pub missing: Vec<&'static str>,
}

/// What the environment says about each kind of gateway, for a start-up message or a health page.
#[must_use]
pub fn report_from_env() -> Vec<TypeReport> {
    report_from_vars(process_variable)
}

/// What variables say about each kind of gateway.
#[must_use]
pub fn report_from_vars(vars: impl Fn(&str) -> Option<String>) -> Vec<TypeReport> {
    let report = |kind: &'static ProviderType| {
        let mut setup = kind.setup();
        setup.set_from_vars(&vars);
        let missing: Vec<&str> = setup.missing().iter().map(|key| key.variable).collect();
        TypeReport {
            type_name: kind.name,
            configured: missing.is_empty(),
            missing,
        }
    };
    TYPES.iter().map(report).collect()
}

/// Builds every provider of which the environment holds a variable; there may be none.
///
/// # Errors
/// `Configuration` when a gateway's variables are there in part, or one is wrong.
pub fn providers_from_env() -> Result<Providers> {
    providers_from_vars(process_variable)
}

/// Builds every provider of which `vars` holds a variable; there may be none.
///
#[cfg_attr(feature = "native-checkout", doc = "```")]
#[cfg_attr(not(feature = "native-checkout"), doc = "```text")]
/// let only_half = |name: &str| name.ends_with("_APP_ID").then(|| "my-app".to_owned());
/// let error = paymux::setup::providers_from_vars(only_half).unwrap_err();
/// assert!(error.message().contains("PAYMUX_NATIVE_CHECKOUT_APP_KEY is missing"));
/// ```
///
/// # Errors
/// `Configuration` when a gateway's variables are there in part, or one is wrong.
pub fn providers_from_vars(vars: impl Fn(&str) -> Option<String>) -> Result<Providers> {
    let mut providers = Providers::new();
    for kind in TYPES {
        let mut setup = kind.setup();
        setup.set_from_vars(&vars);
        if !setup.is_empty() {
            providers.add(setup.build()?)?;
        }
    }
    Ok(providers)
}

fn process_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
#[cfg(feature = "native-checkout")]
mod tests;
