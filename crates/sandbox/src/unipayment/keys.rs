//! The merchant's ids and secrets.

use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};

use crate::error::SandboxError;
use crate::lock::lock;
use crate::randomness::Randomness;

/// What a merchant of UniPayment is given, for all generations at once.
#[derive(Debug, Clone)]
pub struct UniPaymentCredentials {
    /// The payment app, `app_id` in bodies.
    pub app_id: String,
    /// The app's key, which the first generation signs with.
    pub app_key: SecretString,
    /// The client of v1.0 and OAuth.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The secret of `hmac-signature`.
    pub webhook_secret: SecretString,
}

/// The credentials of the one merchant that this gateway knows.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) app_id: String,
    pub(super) app_key: SecretString,
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    webhook_secret: Mutex<SecretString>,
}

impl Keys {
    pub(super) fn made_up(randomness: &Randomness) -> UniPaymentCredentials {
        let secret = |what: &str| {
            SecretString::from(format!("sandbox-{what}-{}", randomness.alphanumeric(32)))
        };
        UniPaymentCredentials {
            app_id: randomness.uuid(),
            app_key: secret("app"),
            client_id: randomness.uuid(),
            client_secret: secret("client"),
            webhook_secret: secret("webhook"),
        }
    }

    /// # Errors
    /// When an id cannot travel in a header, or a secret is empty.
    pub(super) fn new(credentials: UniPaymentCredentials) -> Result<Self, SandboxError> {
        let UniPaymentCredentials {
            app_id,
            app_key,
            client_id,
            client_secret,
            webhook_secret,
        } = credentials;
        for id in [&app_id, &client_id] {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
                return Err(SandboxError::UniPaymentCredentials(id.clone()));
            }
        }
        for secret in [&app_key, &client_secret, &webhook_secret] {
            if secret.expose_secret().is_empty() {
                return Err(SandboxError::UniPaymentCredentials(client_id));
            }
        }
        Ok(Self {
            app_id,
            app_key,
            client_id,
            client_secret,
            webhook_secret: Mutex::new(webhook_secret),
        })
    }

    pub(super) fn webhook_secret(&self) -> SecretString {
        lock(&self.webhook_secret).clone()
    }

    pub(super) fn set_webhook_secret(&self, secret: SecretString) {
        *lock(&self.webhook_secret) = secret;
    }
}
