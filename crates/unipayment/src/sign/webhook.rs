//! The header `hmac-signature` of v2 webhooks (help.unipayment.io, articles 8847836 and 9758873).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use paymux_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::check_secret;

/// Name of the header with a v2 webhook's signature.
pub const SIGNATURE_HEADER: &str = "hmac-signature";

/// Signs and verifies bodies of v2 webhooks: padded base64 of the HMAC-SHA256 under the webhook
/// secret over the raw body. No time is signed, so an old webhook that comes again is rightly signed.
///
/// ```
/// use paymux_unipayment::WebhookSigner;
///
/// let signer = WebhookSigner::new("made-up-secret".into())?;
/// let signature = signer.sign(b"{}")?;
/// signer.verify(b"{}", &signature)?;
/// assert!(signer.verify(b"{ }", &signature).is_err());
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct WebhookSigner {
    secret: SecretString,
}

impl WebhookSigner {
    /// A signer with the webhook secret. Its text is the key as it stands, also where it looks like
    /// base64.
    ///
    /// # Errors
    /// `Configuration` when it is empty or has space at its ends.
    pub fn new(secret: SecretString) -> Result<Self> {
        check_secret("the webhook secret", &secret)?;
        Ok(Self { secret })
    }

    /// The value of the header for this very body.
    ///
    /// # Errors
    /// `Configuration` for a secret that HMAC cannot take.
    pub fn sign(&self, body: &[u8]) -> Result<String> {
        Ok(STANDARD.encode(self.mac(body)?.finalize().into_bytes()))
    }

    /// Proves the value of the header over a body.
    ///
    /// # Errors
    /// `InvalidSignature` when it is not the padded base64 of 32 bytes, or does not fit.
    pub fn verify(&self, body: &[u8], signature: &str) -> Result<()> {
        let bytes = STANDARD
            .decode(signature)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or_else(|| {
                Error::invalid_signature(format!(
                    "{SIGNATURE_HEADER} is not the padded base64 of 32 bytes"
                ))
            })?;
        self.mac(body)?.verify_slice(&bytes).map_err(|_| {
            Error::invalid_signature(format!(
                "{SIGNATURE_HEADER} does not fit the body under the webhook secret"
            ))
        })
    }

    fn mac(&self, body: &[u8]) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .map_err(|_| {
                Error::configuration("the webhook secret has a length that HMAC cannot take")
            })?;
        mac.update(body);
        Ok(mac)
    }
}

impl fmt::Debug for WebhookSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSigner").finish_non_exhaustive()
    }
}
