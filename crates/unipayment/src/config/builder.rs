//! Putting a provider together.

use std::fmt;
use std::sync::Arc;

use paymux_core::{Clock, Error, ErrorKind, ProviderName, Result};
use paymux_http::{Transport, TransportConfig};
use secrecy::SecretString;

use super::ConfigKey;
use crate::TYPE_NAME;
use crate::client::{Auth, Client, Tokens};
use crate::error::ErrorCodes;
use crate::generation::Generation;
use crate::provider::{PayoutSettings, UniPayment};
use crate::sign::{HmacSigner, Md5Rule, Md5Signer};

/// Puts a [`UniPayment`] together. Setters cannot fail; [`build`](Self::build) tells everything that
/// is missing or wrong.
///
/// ```
/// use paymux_unipayment::{Generation, UniPayment};
///
/// let provider = UniPayment::builder()
///     .with_generation(Generation::Md5)
///     .with_app_id("made-up-app")
///     .with_app_key("made-up-key".into())
///     .build()?;
///
/// let error = UniPayment::builder().build().unwrap_err();
/// assert!(error.message().contains("PAYMUX_UNIPAYMENT_CLIENT_SECRET"));
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct UniPaymentBuilder {
    name: ProviderName,
    auth: Option<String>,
    app_id: Option<String>,
    app_key: Option<SecretString>,
    md5_rule: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    webhook_secret: Option<SecretString>,
    webhook_keys: Vec<SecretString>,
    base_url: Option<String>,
    from_account_id: Option<String>,
    payout_reason: Option<String>,
    auto_confirm: Option<String>,
    codes: ErrorCodes,
    transport: TransportConfig,
}

impl Default for UniPaymentBuilder {
    fn default() -> Self {
        Self {
            name: ProviderName::from_static(TYPE_NAME),
            auth: None,
            app_id: None,
            app_key: None,
            md5_rule: None,
            client_id: None,
            client_secret: None,
            webhook_secret: None,
            webhook_keys: Vec::new(),
            base_url: None,
            from_account_id: None,
            payout_reason: None,
            auto_confirm: None,
            codes: ErrorCodes::new(),
            transport: TransportConfig::default(),
        }
    }
}

impl UniPaymentBuilder {
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
        for key in ConfigKey::ALL {
            if let Some(value) = variable(key.env()).filter(|value| !value.is_empty()) {
                self = self.with_config(key, value);
            }
        }
        self
    }

    /// Sets what the key stands for.
    #[must_use]
    pub fn with_config(mut self, key: ConfigKey, value: impl Into<String>) -> Self {
        let value = value.into();
        match key {
            ConfigKey::Auth => self.auth = Some(value),
            ConfigKey::AppId => self.app_id = Some(value),
            ConfigKey::AppKey => self.app_key = Some(value.into()),
            ConfigKey::Md5Rule => self.md5_rule = Some(value),
            ConfigKey::ClientId => self.client_id = Some(value),
            ConfigKey::ClientSecret => self.client_secret = Some(value.into()),
            ConfigKey::WebhookSecret => self.webhook_secret = Some(value.into()),
            ConfigKey::BaseUrl => self.base_url = Some(value),
            ConfigKey::FromAccountId => self.from_account_id = Some(value),
            ConfigKey::PayoutReason => self.payout_reason = Some(value),
            ConfigKey::AutoConfirm => self.auto_confirm = Some(value),
        }
        self
    }

    /// Sets the instance's name; `unipayment` by default.
    #[must_use]
    pub fn with_name(mut self, name: ProviderName) -> Self {
        self.name = name;
        self
    }

    /// Sets the generation of the interface; OAuth by default.
    #[must_use]
    pub fn with_generation(self, generation: Generation) -> Self {
        self.with_config(ConfigKey::Auth, generation.name())
    }

    /// Sets the payment app's id.
    #[must_use]
    pub fn with_app_id(self, app_id: impl Into<String>) -> Self {
        self.with_config(ConfigKey::AppId, app_id)
    }

    /// Sets the app's key, for [`Generation::Md5`].
    #[must_use]
    pub fn with_app_key(mut self, key: SecretString) -> Self {
        self.app_key = Some(key);
        self
    }

    /// Sets the rule of the signature, for [`Generation::Md5`].
    #[must_use]
    pub fn with_md5_rule(self, rule: Md5Rule) -> Self {
        self.with_config(ConfigKey::Md5Rule, rule.to_string())
    }

    /// Sets the open client's id, for [`Generation::Hmac`] and [`Generation::OAuth`].
    #[must_use]
    pub fn with_client_id(self, client_id: impl Into<String>) -> Self {
        self.with_config(ConfigKey::ClientId, client_id)
    }

    /// Sets the open client's secret, for [`Generation::Hmac`] and [`Generation::OAuth`].
    #[must_use]
    pub fn with_client_secret(mut self, secret: SecretString) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// Sets the secret that proves webhooks, for [`Generation::OAuth`].
    #[must_use]
    pub fn with_webhook_secret(mut self, secret: SecretString) -> Self {
        self.webhook_secret = Some(secret);
        self
    }

    /// Accepts webhooks that are signed with another app key ([`Generation::Md5`]) or webhook secret
    /// ([`Generation::OAuth`]) too, while it is being changed. May be called more than once.
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

    /// Sets the wallet's account that payouts come from, for [`Generation::OAuth`].
    #[must_use]
    pub fn with_from_account_id(self, account_id: impl Into<String>) -> Self {
        self.with_config(ConfigKey::FromAccountId, account_id)
    }

    /// Sets what payouts are for, for [`Generation::OAuth`]; one of
    /// [`PAYMENT_REASONS`](crate::model::PAYMENT_REASONS).
    #[must_use]
    pub fn with_payout_reason(self, reason: impl Into<String>) -> Self {
        self.with_config(ConfigKey::PayoutReason, reason)
    }

    /// Sets whether payouts go out without a confirmation by mail, for [`Generation::Hmac`]; they do
    /// by default.
    #[must_use]
    pub fn with_auto_confirm(self, auto_confirm: bool) -> Self {
        self.with_config(ConfigKey::AutoConfirm, auto_confirm.to_string())
    }

    /// Maps one of the gateway's codes, which are not published, to a kind of error.
    #[must_use]
    pub fn with_error_code(mut self, code: impl Into<String>, kind: ErrorKind) -> Self {
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

    /// The provider. Nothing is connected yet.
    ///
    /// # Errors
    /// `Configuration` that names everything that is missing, or says what is wrong with a value.
    pub fn build(self) -> Result<UniPayment> {
        let name = self.name.clone();
        let named = |error: Error| error.with_provider(name.clone());
        let payouts = self.payout_settings().map_err(named)?;
        let webhook_secret = self.webhook_secret.clone();
        let webhook_keys = self.webhook_keys.clone();
        let client = self.build_client()?;
        UniPayment::new(client, webhook_secret, webhook_keys, payouts).map_err(named)
    }

    /// The gateway's own calls alone.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_client(self) -> Result<Client> {
        let name = self.name.clone();
        self.client().map_err(|error| error.with_provider(name))
    }

    fn client(self) -> Result<Client> {
        let generation = self.generation()?;
        let missing = self.missing(generation);
        if !missing.is_empty() {
            return Err(Error::configuration(format!(
                "not set, and needed for {generation}: {}",
                missing.join(", ")
            )));
        }
        let app_id = self.app_id.unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'&' && byte != b'=';
        if app_id.is_empty() || !app_id.bytes().all(is_plain) {
            return Err(Error::configuration(
                "the app id is empty or holds characters that no id has; copy it from the merchant's console",
            ));
        }
        let client_id = self.client_id.unwrap_or_default();
        let client_secret = self.client_secret.unwrap_or_default();
        let (auth, secret) = match generation {
            Generation::Md5 => {
                let key = self.app_key.unwrap_or_default();
                let rule = self
                    .md5_rule
                    .as_deref()
                    .map_or(Ok(Md5Rule::default()), str::parse)?;
                (Auth::Md5(Md5Signer::new(key.clone(), rule)?), key)
            }
            Generation::Hmac => {
                let signer = HmacSigner::new(client_id, client_secret.clone())?;
                (Auth::Hmac(signer), client_secret)
            }
            Generation::OAuth => {
                let tokens = Tokens::new(client_id, client_secret.clone())?;
                (Auth::OAuth(tokens), client_secret)
            }
        };
        let base_url = self.base_url.as_deref();
        let base_url = base_url.unwrap_or_else(|| generation.default_base_url());
        let transport = Transport::new(base_url, self.name, self.transport)?;
        Ok(Client::new(transport, app_id, auth, secret, self.codes))
    }

    fn generation(&self) -> Result<Generation> {
        self.auth
            .as_deref()
            .map_or(Ok(Generation::default()), str::parse)
    }

    fn payout_settings(&self) -> Result<PayoutSettings> {
        let auto_confirm = match self.auto_confirm.as_deref() {
            None | Some("true") => true,
            Some("false") => false,
            Some(other) => {
                return Err(Error::configuration(format!(
                    "auto_confirm is {other:?}; use true or false"
                )));
            }
        };
        PayoutSettings::new(
            auto_confirm,
            self.from_account_id.clone(),
            self.payout_reason.clone(),
        )
    }

    fn missing(&self, generation: Generation) -> Vec<String> {
        let is_set = |key: ConfigKey| match key {
            ConfigKey::AppId => self.app_id.is_some(),
            ConfigKey::AppKey => self.app_key.is_some(),
            ConfigKey::ClientId => self.client_id.is_some(),
            ConfigKey::ClientSecret => self.client_secret.is_some(),
            ConfigKey::WebhookSecret => self.webhook_secret.is_some(),
            _ => true,
        };
        ConfigKey::ALL
            .into_iter()
            .filter(|key| key.is_required_by(generation) && !is_set(*key))
            .map(|key| format!("{} ({})", key.name(), key.env()))
            .collect()
    }
}

impl fmt::Debug for UniPaymentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |secret: &Option<SecretString>| secret.as_ref().map(|_| "[REDACTED]");
        f.debug_struct("UniPaymentBuilder")
            .field("name", &self.name)
            .field("auth", &self.auth)
            .field("app_id", &self.app_id)
            .field("app_key", &hidden(&self.app_key))
            .field("md5_rule", &self.md5_rule)
            .field("client_id", &self.client_id)
            .field("client_secret", &hidden(&self.client_secret))
            .field("webhook_secret", &hidden(&self.webhook_secret))
            .field("webhook_keys", &self.webhook_keys.len())
            .finish_non_exhaustive()
    }
}
