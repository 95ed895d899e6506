//! Webhooks: proof first, then reading (docs.pay.halochat.io, "Webhook notification").

mod event;

use std::fmt;

use paymux_core::adapter::Operation;
use paymux_core::{
    Error, Outcome, ProviderName, RawWebhook, Result, WebhookAnswer, WebhookClaim, WebhookEvent,
    WebhookVerdict, callback_url,
};
use secrecy::SecretString;

use crate::TYPE_NAME;
use crate::model::Notice;
use crate::sign::{APP_ID_HEADER, Keys, SIGN_HEADER, TIMESTAMP_HEADER, check_window};

/// Proves the gateway's webhooks and reads them. Needs no HTTP client, so that a service that only
/// takes webhooks can leave the feature `client` out.
///
/// ```
/// use paymux_core::RawWebhook;
/// use paymux_native_checkout::{Signer, WebhookVerifier};
///
/// let key = || "made-up-app-key".into();
/// let verifier = WebhookVerifier::new("app-1", key())?;
///
/// // What the gateway does:
/// let now = chrono::Utc::now();
/// let body = r#"{"appid":"app-1","trade_no":"T1","out_trade_no":"order-1","type":"PAYMENT","status":"PAID"}"#;
/// let signed = Signer::new("app-1", key())?.sign(body.as_bytes(), now)?;
/// let webhook = RawWebhook::new(body)
///     .with_header("X-Appid", signed.app_id)
///     .with_header("X-Timestamp", signed.timestamp)
///     .with_header("X-Sign", signed.sign);
///
/// let event = verifier.verify(&webhook)?;
/// assert_eq!(event.invoice().unwrap().id.as_str(), "T1");
/// assert!(verifier.verify(&RawWebhook::new(body)).is_err());
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct WebhookVerifier {
    name: ProviderName,
    keys: Keys,
}

impl WebhookVerifier {
    /// Verifies what is signed for this APPID with this app key.
    ///
    /// # Errors
    /// `Configuration` when either is empty, or the APPID cannot stand in a header.
    pub fn new(app_id: impl Into<String>, app_key: SecretString) -> Result<Self> {
        Ok(Self {
            name: ProviderName::from_static(TYPE_NAME),
            keys: Keys::new(app_id.into(), vec![app_key])?,
        })
    }

    /// Accepts another key too, while keys are being changed.
    ///
    /// # Errors
    /// `Configuration` when it is empty.
    pub fn with_key(mut self, key: SecretString) -> Result<Self> {
        let keys = self.keys.iter().cloned().chain([key]).collect();
        self.keys = Keys::new(self.keys.app_id().to_owned(), keys)?;
        Ok(self)
    }

    /// Sets the provider instance that events are of; `native-checkout` by default.
    #[must_use]
    pub fn with_name(mut self, name: ProviderName) -> Self {
        self.name = name;
        self
    }

    #[cfg(feature = "client")]
    pub(crate) const fn of_keys(name: ProviderName, keys: Keys) -> Self {
        Self { name, keys }
    }

    /// Proves a webhook, then reads it. The state comes from the signed body; `X-EventType` is not
    /// signed and not looked at.
    ///
    /// # Errors
    /// `InvalidSignature` unless it is a POST with each of `X-Appid`, `X-Timestamp` and `X-Sign`
    /// once, of this application, received within two minutes of its time, and rightly signed;
    /// `InvalidResponse` when it is all that and cannot be read.
    pub fn verify(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        let notice = self.verify_notice(webhook)?;
        let reference = callback_url::reference_in(webhook.query(), self.keys.iter());
        Ok(event::of_notice(
            &self.name,
            &notice,
            reference,
            webhook.body(),
        ))
    }

    /// Proves a webhook as [`WebhookVerifier::verify`] does, and gives the gateway's own notice.
    ///
    /// # Errors
    /// As [`WebhookVerifier::verify`].
    pub fn verify_notice(&self, webhook: &RawWebhook) -> Result<Notice> {
        Operation::new(&self.name, "verify_webhook").result(self.prove_and_read(webhook))
    }

    fn prove_and_read(&self, webhook: &RawWebhook) -> Result<Notice> {
        webhook.check_post()?;
        let app_id = webhook.single_header(APP_ID_HEADER)?;
        let timestamp = webhook.single_header(TIMESTAMP_HEADER)?;
        let sign = webhook.single_header(SIGN_HEADER)?;
        let signed_at = self.keys.prove(app_id, timestamp, sign, webhook.body())?;
        check_window(signed_at, webhook.received_at())?;
        let notice = Notice::read(webhook.body()).map_err(|why| {
            Error::invalid_response(
                Outcome::NotSent,
                format!("the webhook is rightly signed and cannot be read: {why}"),
            )
        })?;
        match &notice.shared().app_id {
            Some(app_id) if app_id != self.keys.app_id() => Err(Error::invalid_signature(
                "the body names another application than the one that is configured",
            )),
            _ => Ok(notice),
        }
    }

    /// Whether a webhook names this application in its `X-Appid`. Nothing is proven by it.
    #[must_use]
    pub fn claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        match webhook.single_header(APP_ID_HEADER) {
            Ok(Some(app_id)) if app_id == self.keys.app_id() => WebhookClaim::Own,
            Ok(_) => WebhookClaim::Foreign,
            Err(_) => WebhookClaim::Unclear,
        }
    }

    /// What to answer the gateway: its documents do not say, so `success` with status 200, and
    /// `fail` with 400 or 503.
    #[must_use]
    pub const fn answer(verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "success", "fail")
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("name", &self.name)
            .field("keys", &self.keys)
            .finish()
    }
}
