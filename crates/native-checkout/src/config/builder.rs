//! Putting a provider together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use paymux_core::adapter::Settings;
use paymux_core::{Clock, ErrorKind, ProviderName, Result};
use paymux_http::{Transport, TransportConfig};
use secrecy::SecretString;

use super::{ConfigKey, DEFAULT_BASE_URL};
use crate::TYPE_NAME;
use crate::client::Client;
use crate::error::ErrorCodes;
use crate::provider::NativeCheckout;
use crate::sign::{Keys, Signer};

const CATALOG_LIFETIME: Duration = Duration::from_secs(600);

/// Puts a [`NativeCheckout`] together. Setters cannot fail; [`build`](Self::build) tells everything
/// that is missing or wrong.
///
/// ```
/// use paymux_native_checkout::NativeCheckout;
///
/// let provider = NativeCheckout::builder()
///     .with_app_id("made-up-app")
///     .with_app_key("made-up-key".into())
///     .build()?;
///
/// let error = NativeCheckout::builder().build().unwrap_err();
/// assert!(error.message().contains("PAYMUX_NATIVE_CHECKOUT_APP_KEY"));
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct NativeCheckoutBuilder {
    name: ProviderName,
    settings: Settings<ConfigKey>,
    webhook_keys: Vec<SecretString>,
    codes: ErrorCodes,
    transport: TransportConfig,
    catalog_lifetime: Duration,
}

impl Default for NativeCheckoutBuilder {
    fn default() -> Self {
        Self {
            name: ProviderName::from_static(TYPE_NAME),
            settings: Settings::default(),
            webhook_keys: Vec::new(),
            codes: ErrorCodes::new(),
            transport: TransportConfig::default(),
            catalog_lifetime: CATALOG_LIFETIME,
        }
    }
}

impl NativeCheckoutBuilder {
    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes from the environment what it has; see [`ConfigKey`] for the names. A variable that is
    /// not set or empty changes nothing.
    #[must_use]
    pub fn from_env(self) -> Self {
        self.from_vars(|name| std::env::var(name).ok())
    }

    /// Takes from a look-up of variables what it has, as [`from_env`](Self::from_env) does.
    #[must_use]
    pub fn from_vars(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        self.settings.read_vars(variable);
        self
    }

    /// Sets what the key stands for.
    #[must_use]
    pub fn with_config(mut self, key: ConfigKey, value: impl Into<String>) -> Self {
        self.settings.set(key, value.into());
        self
    }

    /// Sets the instance's name; `native-checkout` by default.
    #[must_use]
    pub fn with_name(mut self, name: ProviderName) -> Self {
        self.name = name;
        self
    }

    /// Sets the application's APPID.
    #[must_use]
    pub fn with_app_id(self, app_id: impl Into<String>) -> Self {
        self.with_config(ConfigKey::AppId, app_id)
    }

    /// Sets the application's key, which signs requests and proves webhooks.
    #[must_use]
    pub fn with_app_key(mut self, key: SecretString) -> Self {
        self.settings.set(ConfigKey::AppKey, key);
        self
    }

    /// Accepts webhooks and answers that are signed with another key too, while keys are being
    /// changed. May be called more than once.
    #[must_use]
    pub fn with_webhook_key(mut self, key: SecretString) -> Self {
        self.webhook_keys.push(key);
        self
    }

    /// Sets scheme, host and port of the gateway.
    #[must_use]
    pub fn with_base_url(self, url: impl Into<String>) -> Self {
        self.with_config(ConfigKey::BaseUrl, url)
    }

    /// Maps one of the gateway's codes, whose meanings are not published, to a kind of error.
    #[must_use]
    pub fn with_error_code(mut self, code: i64, kind: ErrorKind) -> Self {
        self.codes = self.codes.with_code(code, kind);
        self
    }

    /// Sets timeouts, retries and the like, and the clock with them.
    #[must_use]
    pub fn with_transport(mut self, config: TransportConfig) -> Self {
        self.transport = config;
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.transport = self.transport.with_clock(clock);
        self
    }

    /// Sets how long the list of tokens is kept; 10 minutes by default. A token that is not in it
    /// makes it be read again at once.
    #[must_use]
    pub const fn with_catalog_lifetime(mut self, lifetime: Duration) -> Self {
        self.catalog_lifetime = lifetime;
        self
    }

    /// The provider. Nothing is connected yet.
    ///
    /// # Errors
    /// `Configuration` that names everything that is missing, or says what is wrong with a value.
    pub fn build(self) -> Result<NativeCheckout> {
        let lifetime = self.catalog_lifetime;
        let (client, keys) = self.parts()?;
        Ok(NativeCheckout::new(client, keys, lifetime))
    }

    /// The gateway's own nine calls alone.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_client(self) -> Result<Client> {
        self.parts().map(|(client, _)| client)
    }

    fn parts(self) -> Result<(Client, Keys)> {
        let name = self.name.clone();
        self.checked_parts()
            .map_err(|error| error.with_provider(name))
    }

    fn checked_parts(self) -> Result<(Client, Keys)> {
        let settings = &self.settings;
        let required = ConfigKey::ALL.into_iter().filter(|key| key.is_required());
        settings.require(required, "")?;
        let app_id = settings.text(ConfigKey::AppId).unwrap_or_default();
        let app_key = settings
            .secret(ConfigKey::AppKey)
            .cloned()
            .unwrap_or_default();
        let signer = Signer::new(app_id, app_key.clone())?;
        let all_keys = [app_key].into_iter().chain(self.webhook_keys);
        let keys = Keys::new(app_id.to_owned(), all_keys.collect())?;
        let base_url = settings
            .text(ConfigKey::BaseUrl)
            .unwrap_or(DEFAULT_BASE_URL);
        let transport = Transport::new(base_url, self.name, self.transport)?;
        let client = Client::new(transport, signer, keys.clone(), self.codes);
        Ok((client, keys))
    }
}

impl fmt::Debug for NativeCheckoutBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeCheckoutBuilder")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .field("webhook_keys", &self.webhook_keys.len())
            .field("catalog_lifetime", &self.catalog_lifetime)
            .finish_non_exhaustive()
    }
}
