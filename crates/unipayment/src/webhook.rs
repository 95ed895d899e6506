//! Webhooks: proof first, then reading (unipayment.readme.io, "ipn-payment-notification" of 2022;
//! help.unipayment.io, article 9758873).

pub(crate) mod event;

use std::fmt;

#[cfg(feature = "client")]
use paymux_core::WebhookClaim;
use paymux_core::adapter::Operation;
use paymux_core::{
    Error, Outcome, Proof, ProviderName, RawWebhook, Result, WebhookAnswer, WebhookEvent,
    WebhookVerdict,
};
use secrecy::SecretString;

use crate::TYPE_NAME;
use crate::model::Notice;
use crate::sign::{Md5Rule, Md5Signer, SIGNATURE_HEADER, WebhookSigner};

/// Proves webhooks that carry their own proof, and reads them: those of the first generation by the
/// `sign` in their body, those of v2 by the header `hmac-signature`. Webhooks of v1.0 have no
/// signature; the gateway has to be asked whether it sent them.
///
/// ```
/// use paymux_core::RawWebhook;
/// use paymux_unipayment::{WebhookSigner, WebhookVerifier};
///
/// let verifier = WebhookVerifier::signed("made-up-secret".into())?;
///
/// // What the gateway does:
/// let body = r#"{"ipn_type":"invoice","invoice_id":"I1","order_id":"order-1","status":"Paid"}"#;
/// let signature = WebhookSigner::new("made-up-secret".into())?.sign(body.as_bytes())?;
/// let webhook = RawWebhook::new(body).with_header("hmac-signature", signature);
///
/// let event = verifier.verify(&webhook)?;
/// assert_eq!(event.invoice().unwrap().id.as_str(), "I1");
/// assert!(verifier.verify(&RawWebhook::new(body)).is_err());
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct WebhookVerifier {
    name: ProviderName,
    app_id: Option<String>,
    keys: Keys,
}

/// What a webhook may be proven with; more than one key while keys are being changed.
#[derive(Debug, Clone)]
enum Keys {
    Md5 {
        rule: Md5Rule,
        signers: Vec<Md5Signer>,
    },
    Header(Vec<WebhookSigner>),
}

impl WebhookVerifier {
    /// Verifies webhooks of the first generation, which the merchant's key signs by this rule. MD5
    /// over joined text is a weak proof, and the rule is not documented: events have
    /// [`Proof::Weak`], so read the state back before acting on them.
    ///
    /// # Errors
    /// `Configuration` when the key is empty or has space at its ends.
    pub fn md5(app_key: SecretString, rule: Md5Rule) -> Result<Self> {
        Ok(Self::of(Keys::Md5 {
            rule,
            signers: vec![Md5Signer::new(app_key, rule)?],
        }))
    }

    /// Verifies webhooks of v2, which the webhook secret signs.
    ///
    /// # Errors
    /// `Configuration` when the secret is empty or has space at its ends.
    pub fn signed(webhook_secret: SecretString) -> Result<Self> {
        Ok(Self::of(Keys::Header(vec![WebhookSigner::new(
            webhook_secret,
        )?])))
    }

    const fn of(keys: Keys) -> Self {
        Self {
            name: ProviderName::from_static(TYPE_NAME),
            app_id: None,
            keys,
        }
    }

    /// Accepts another key or secret too, while they are being changed.
    ///
    /// # Errors
    /// `Configuration` when it is empty or has space at its ends.
    pub fn with_key(mut self, key: SecretString) -> Result<Self> {
        match &mut self.keys {
            Keys::Md5 { rule, signers } => signers.push(Md5Signer::new(key, *rule)?),
            Keys::Header(signers) => signers.push(WebhookSigner::new(key)?),
        }
        Ok(self)
    }

    /// Refuses notices that name another payment app than this. Notices of payouts and deposits name
    /// none.
    #[must_use]
    pub fn with_app_id(mut self, app_id: impl Into<String>) -> Self {
        self.app_id = Some(app_id.into());
        self
    }

    /// Sets the provider instance that events are of; `unipayment` by default.
    #[must_use]
    pub fn with_name(mut self, name: ProviderName) -> Self {
        self.name = name;
        self
    }

    /// How strongly its events are proven.
    #[must_use]
    pub const fn proof(&self) -> Proof {
        match self.keys {
            Keys::Md5 { .. } => Proof::Weak,
            Keys::Header(_) => Proof::Signed,
        }
    }

    /// Proves a webhook, then reads it. The state comes from `status`; `event` only repeats it, and
    /// not always rightly.
    ///
    /// # Errors
    /// `InvalidSignature` unless it is a POST of this payment app, with one signature that fits its
    /// body; `InvalidResponse` when it is all that and cannot be read.
    pub fn verify(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        let notice = self.verify_notice(webhook)?;
        Ok(event::of_notice(
            &self.name,
            &notice,
            self.proof(),
            webhook.body(),
        ))
    }

    /// Proves a webhook as [`WebhookVerifier::verify`] does, and gives the gateway's own notice. What
    /// the signature does not cover is left out of it: in the first generation objects and arrays.
    ///
    /// # Errors
    /// As [`WebhookVerifier::verify`].
    pub fn verify_notice(&self, webhook: &RawWebhook) -> Result<Notice> {
        Operation::new(&self.name, "verify_webhook").result(self.prove_and_read(webhook))
    }

    fn prove_and_read(&self, webhook: &RawWebhook) -> Result<Notice> {
        webhook.check_post()?;
        self.prove(webhook)?;
        let notice = read_proven(webhook.body())?;
        match (&self.app_id, &notice.shared().app_id) {
            (Some(own), Some(told)) if own != told => Err(Error::invalid_signature(
                "the body names another payment app than the one that is configured",
            )),
            _ if matches!(self.keys, Keys::Md5 { .. }) => Ok(notice.without_nested()),
            _ => Ok(notice),
        }
    }

    fn prove(&self, webhook: &RawWebhook) -> Result<()> {
        match &self.keys {
            Keys::Md5 { signers, .. } => {
                any(signers, |signer| signer.verify_notice(webhook.body()))
            }
            Keys::Header(signers) => {
                let signature = webhook
                    .single_header(SIGNATURE_HEADER)?
                    .filter(|signature| !signature.is_empty())
                    .ok_or_else(|| {
                        Error::invalid_signature(format!(
                            "the header {SIGNATURE_HEADER} is missing"
                        ))
                    })?;
                any(signers, |signer| signer.verify(webhook.body(), signature))
            }
        }
    }

    /// What to answer the gateway: `SUCCESS` with status 200, or `Fail` with 400 or 503.
    #[must_use]
    pub const fn answer(verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "SUCCESS", "Fail")
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("name", &self.name)
            .field("app_id", &self.app_id)
            .field("keys", &self.keys)
            .finish()
    }
}

/// Whether one of the keys proves it; else why the first does not.
fn any<S>(signers: &[S], proves: impl Fn(&S) -> Result<()>) -> Result<()> {
    let mut refusal = None;
    for signer in signers {
        match proves(signer) {
            Ok(()) => return Ok(()),
            Err(why) => {
                refusal.get_or_insert(why);
            }
        }
    }
    Err(refusal.unwrap_or_else(|| Error::configuration("the webhook's key is missing")))
}

/// Reads a body whose proof holds.
pub(crate) fn read_proven(body: &[u8]) -> Result<Notice> {
    Notice::read(body).map_err(|why| {
        Error::invalid_response(
            Outcome::NotSent,
            format!("the webhook is proven and cannot be read: {why}"),
        )
    })
}

/// Whether a notice names this payment app. Nothing is proven by it: the body is not believed yet.
#[cfg(feature = "client")]
pub(crate) fn claim(body: &[u8], app_id: &str) -> WebhookClaim {
    #[derive(serde::Deserialize)]
    struct Addressee {
        app_id: Option<String>,
    }
    match serde_json::from_slice(body) {
        Ok(Addressee {
            app_id: Some(told), ..
        }) if told == app_id => WebhookClaim::Own,
        Ok(Addressee {
            app_id: Some(_), ..
        }) => WebhookClaim::Foreign,
        Ok(Addressee { app_id: None }) | Err(_) => WebhookClaim::Unclear,
    }
}

/// Reads a webhook that the gateway has said it sent.
///
/// # Errors
/// As [`WebhookVerifier::verify`] after the proof.
#[cfg(feature = "client")]
pub(crate) fn read_checked(name: &ProviderName, app_id: &str, body: &[u8]) -> Result<WebhookEvent> {
    let notice = read_proven(body)?;
    match &notice.shared().app_id {
        Some(told) if told != app_id => Err(Error::invalid_signature(
            "the body names another payment app than the one that is configured",
        )),
        _ => Ok(event::of_notice(name, &notice, Proof::Checked, body)),
    }
}
