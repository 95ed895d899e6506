//! `Authorization: Hmac` of v1.0 (unipayment.readme.io, "authentication", 2022 and 2023).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use paymux_core::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::check_secret;

/// All but the unreserved characters of RFC 3986. An escape that is there already is encoded again.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Signs requests of v1.0.
///
/// ```
/// use paymux_unipayment::HmacSigner;
///
/// let signer = HmacSigner::new("client-1", "made-up-secret".into())?;
/// let authorization = signer.authorization(
///     "GET",
///     "https://api.unipayment.io/v1.0/currencies",
///     b"",
///     "0123456789abcdef0123456789abcdef",
///     "2023-11-14T22:13:20Z".parse().unwrap(),
/// )?;
/// assert!(authorization.starts_with("Hmac client-1:"));
/// assert!(authorization.ends_with(":0123456789abcdef0123456789abcdef:1700000000"));
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct HmacSigner {
    client_id: String,
    secret: SecretString,
}

impl HmacSigner {
    /// A signer with an open client's id and secret.
    ///
    /// # Errors
    /// `Configuration` when either is empty, or the id cannot stand in the header.
    pub fn new(client_id: impl Into<String>, client_secret: SecretString) -> Result<Self> {
        let client_id = client_id.into();
        if !is_header_part(&client_id) {
            return Err(Error::configuration(
                "the client id is empty or holds characters that cannot stand in a header; copy it from the merchant's console",
            ));
        }
        check_secret("the client secret", &client_secret)?;
        Ok(Self {
            client_id,
            secret: client_secret,
        })
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The value of the header `Authorization` for this very request: method in upper case, the
    /// absolute URL with its query exactly as it is sent, and the bytes of the body (empty for none).
    /// A nonce is used once; the gateway's own clients use 32 hex digits.
    ///
    /// # Errors
    /// `InvalidRequest` for a method that is not upper case, a URL that is not absolute or not ASCII,
    /// or a nonce that is empty or cannot stand in the header; `Configuration` for a time before
    /// 1970.
    pub fn authorization(
        &self,
        method: &str,
        url: &str,
        body: &[u8],
        nonce: &str,
        at: DateTime<Utc>,
    ) -> Result<String> {
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Error::invalid_request(format!(
                "{method:?} is no HTTP method in upper case"
            )));
        }
        let absolute = url.starts_with("https://") || url.starts_with("http://");
        if !absolute || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid_request(
                "the URL to sign is not absolute, or holds what must be percent-encoded",
            ));
        }
        if !is_header_part(nonce) {
            return Err(Error::invalid_request(
                "the nonce is empty or holds ':' or what cannot stand in a header; use 32 hex digits",
            ));
        }
        let seconds = at.timestamp();
        if seconds < 0 {
            return Err(Error::configuration(
                "the clock shows a time before 1970; set it",
            ));
        }
        let body_hash = if body.is_empty() {
            String::new()
        } else {
            STANDARD.encode(Md5::digest(body))
        };
        let uri = url.to_ascii_lowercase();
        let uri = utf8_percent_encode(&uri, RESERVED);
        let text = format!("{}{method}{uri}{seconds}{nonce}{body_hash}", self.client_id);
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .map_err(|_| {
                Error::configuration("the client secret has a length that HMAC cannot take")
            })?;
        mac.update(text.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        Ok(format!(
            "Hmac {}:{signature}:{nonce}:{seconds}",
            self.client_id
        ))
    }
}

impl fmt::Debug for HmacSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacSigner")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The parts of the header are told apart by colons.
fn is_header_part(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b':')
}
