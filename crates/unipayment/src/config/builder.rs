//! Putting a provider together.

use std::fmt::{self, Display};
use std::sync::Arc;

use paymux_core::adapter::Settings;
use paymux_core::{Clock, Error, ErrorKind, ProviderName, Result};
use paymux_http::{Transport, TransportConfig};
use secrecy::SecretString;

use super::ConfigKey;
use crate::TYPE_NAME;
use crate::client::{Auth, Client, Tokens};
use crate::error::ErrorCodes;
use crate::generation::Generation;
use crate::provider::UniPayment;
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
    settings: Settings<ConfigKey>,
    webhook_keys: Vec<SecretString>,
    codes: ErrorCodes,
    transport: TransportConfig,
}

impl Default for UniPaymentBuilder {
    fn default() -> Self {
        Self {
            name: ProviderName::from_static(TYPE_NAME),
            settings: Settings::default(),
            webhook_keys: Vec::new(),
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
        self.settings.read_vars(variable);
        self
    }

    /// Sets what the key stands for.
    #[must_use]
    pub fn with_config(mut self, key: ConfigKey, value: impl Into<String>) -> Self {
        self.settings.set(key, value.into());
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
        self.settings.set(ConfigKey::AppKey, key);
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
        self.settings.set(ConfigKey::ClientSecret, secret);
        self
    }

    /// Sets the secret that proves webhooks, for [`Generation::OAuth`].
    #[must_use]
    pub fn with_webhook_secret(mut self, secret: SecretString) -> Self {
        self.settings.set(ConfigKey::WebhookSecret, secret);
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
    pub fn with_error_code(mut self, code: impl Display, kind: ErrorKind) -> Self {
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
        let (settings, webhook_keys) = (self.settings.clone(), self.webhook_keys.clone());
        let client = self.build_client()?;
        UniPayment::new(client, settings, webhook_keys).map_err(|error| error.with_provider(name))
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
        let settings = &self.settings;
        let text = |key| settings.text(key).unwrap_or_default().to_owned();
        let secret = |key| settings.secret(key).cloned().unwrap_or_default();

        let generation: Generation = settings.parsed(ConfigKey::Auth)?.unwrap_or_default();
        let required = ConfigKey::ALL
            .into_iter()
            .filter(|key| key.is_required_by(generation));
        settings.require(required, generation.name())?;
        let app_id = text(ConfigKey::AppId);
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'&' && byte != b'=';
        if app_id.is_empty() || !app_id.bytes().all(is_plain) {
            return Err(Error::configuration(
                "the app id is empty or holds characters that no id has; copy it from the merchant's console",
            ));
        }
        let (auth, secret) = match generation {
            Generation::Md5 => {
                let key = secret(ConfigKey::AppKey);
                let rule: Md5Rule = settings.parsed(ConfigKey::Md5Rule)?.unwrap_or_default();
                (Auth::Md5(Md5Signer::new(key.clone(), rule)?), key)
            }
            Generation::Hmac => {
                let secret = secret(ConfigKey::ClientSecret);
                let signer = HmacSigner::new(text(ConfigKey::ClientId), secret.clone())?;
                (Auth::Hmac(signer), secret)
            }
            Generation::OAuth => {
                let secret = secret(ConfigKey::ClientSecret);
                let tokens = Tokens::new(text(ConfigKey::ClientId), secret.clone())?;
                (Auth::OAuth(tokens), secret)
            }
        };
        let base_url = settings
            .text(ConfigKey::BaseUrl)
            .unwrap_or_else(|| generation.default_base_url());
        let transport = Transport::new(base_url, self.name, self.transport)?;
        Ok(Client::new(transport, app_id, auth, secret, self.codes))
    }
}

impl fmt::Debug for UniPaymentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniPaymentBuilder")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .field("webhook_keys", &self.webhook_keys.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_is_told_with_its_setting_and_variable() {
        let whole = || {
            UniPayment::builder()
                .with_app_id("app")
                .with_app_key("key".into())
                .with_client_id("client")
                .with_client_secret("secret".into())
                .with_webhook_secret("secret".into())
        };
        for (key, value, says) in [
            (
                ConfigKey::Auth,
                "md6",
                r#"auth (PAYMUX_UNIPAYMENT_AUTH): "md6" is no way to authenticate; use md5, hmac or oauth"#,
            ),
            (
                ConfigKey::AutoConfirm,
                "yes",
                r#"auto_confirm (PAYMUX_UNIPAYMENT_AUTO_CONFIRM) is "yes"; use true or false"#,
            ),
        ] {
            let error = whole().with_config(key, value).build().unwrap_err();
            assert_eq!(error.message(), says);
        }
        let md5 = whole().with_generation(Generation::Md5);
        let error = md5
            .with_config(ConfigKey::Md5Rule, "sorted")
            .build()
            .unwrap_err();
        assert!(
            error
                .message()
                .starts_with("md5_rule (PAYMUX_UNIPAYMENT_MD5_RULE): "),
            "{error}"
        );
    }
}
