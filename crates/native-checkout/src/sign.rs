//! `X-Appid`, `X-Timestamp`, `X-Sign`: how requests, answers and webhooks are signed
//! (docs.pay.halochat.io, "Signature").
//!
//! `X-Sign` is the lower-case hex HMAC-SHA256 under the app key over the raw body followed directly
//! by the digits of `X-Timestamp`. The tables of the documents write the key as if it were part of
//! the message; their code samples show that it is the key.

use std::fmt;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use paymux_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Name of the header with the APPID.
pub const APP_ID_HEADER: &str = "X-Appid";
/// Name of the header with the Unix time in seconds, ten digits.
pub const TIMESTAMP_HEADER: &str = "X-Timestamp";
/// Name of the header with the signature.
pub const SIGN_HEADER: &str = "X-Sign";

/// How long a signature is valid, in seconds. The documents say two minutes; that this holds for
/// times ahead too, both ends included, is a choice made here.
pub(crate) const WINDOW_SECONDS: i64 = 120;

type HmacSha256 = Hmac<Sha256>;

/// Signs as a merchant's application does.
///
/// ```
/// use paymux_native_checkout::Signer;
///
/// let signer = Signer::new("madeupappid00001", "halo-made-up-app-key-0123456789abcdef".into())?;
/// let signed = signer.sign(b"{}", "2023-11-14T22:13:22Z".parse().unwrap())?;
/// assert_eq!(signed.timestamp, "1700000002");
/// assert!(signed.sign.starts_with("af533ad9f194"));
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Signer {
    app_id: String,
    key: SecretString,
}

impl Signer {
    /// A signer with an application's APPID and app key.
    ///
    /// # Errors
    /// `Configuration` when either is empty, or the APPID cannot stand in a header.
    pub fn new(app_id: impl Into<String>, app_key: SecretString) -> Result<Self> {
        let app_id = app_id.into();
        check_app_id(&app_id)?;
        check_key(&app_key)?;
        Ok(Self {
            app_id,
            key: app_key,
        })
    }

    /// The APPID.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// The three headers for this very body at this time.
    ///
    /// # Errors
    /// `Configuration` for a time whose Unix seconds do not have ten digits (before 2001-09-09 or
    /// after 2286-11-20): the clock is wrong.
    pub fn sign(&self, body: &[u8], at: DateTime<Utc>) -> Result<SignedHeaders> {
        let seconds = at.timestamp();
        if !(1_000_000_000..=9_999_999_999).contains(&seconds) {
            return Err(Error::configuration(format!(
                "the clock shows {}, which cannot be signed; set it",
                at.format("%Y-%m-%d")
            )));
        }
        let timestamp = seconds.to_string();
        let sign = hex::encode(
            mac(&self.key, &[body, timestamp.as_bytes()])?
                .finalize()
                .into_bytes(),
        );
        Ok(SignedHeaders {
            app_id: self.app_id.clone(),
            timestamp,
            sign,
        })
    }

    #[cfg(feature = "client")]
    pub(crate) const fn key(&self) -> &SecretString {
        &self.key
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// Values of the three headers.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `X-Appid`.
    pub app_id: String,
    /// `X-Timestamp`: Unix seconds, ten digits.
    pub timestamp: String,
    /// `X-Sign`: 64 lower-case hex digits.
    pub sign: String,
}

impl fmt::Debug for SignedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedHeaders")
            .field("app_id", &self.app_id)
            .field("timestamp", &self.timestamp)
            .field("sign", &"[REDACTED]")
            .finish()
    }
}

/// The keys that a signature from the gateway may be made with: the app key, and others while keys
/// are being changed.
#[derive(Clone)]
pub(crate) struct Keys {
    app_id: String,
    keys: Vec<SecretString>,
}

impl Keys {
    pub(crate) fn new(app_id: String, keys: Vec<SecretString>) -> Result<Self> {
        check_app_id(&app_id)?;
        if keys.is_empty() {
            return Err(Error::configuration("the app key is missing"));
        }
        keys.iter().try_for_each(check_key)?;
        Ok(Self { app_id, keys })
    }

    pub(crate) fn app_id(&self) -> &str {
        &self.app_id
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SecretString> {
        self.keys.iter()
    }

    /// Proves the three headers over a body and gives the signed time.
    ///
    /// # Errors
    /// `InvalidSignature` that says which header is wrong, never what would be right.
    pub(crate) fn prove(
        &self,
        app_id: Option<&str>,
        timestamp: Option<&str>,
        sign: Option<&str>,
        body: &[u8],
    ) -> Result<i64> {
        let app_id = present(APP_ID_HEADER, app_id)?;
        let timestamp = present(TIMESTAMP_HEADER, timestamp)?;
        let sign = present(SIGN_HEADER, sign)?;
        if app_id != self.app_id {
            return Err(Error::invalid_signature(
                "X-Appid names another application than the one that is configured",
            ));
        }
        let seconds = unix_seconds(timestamp)?;
        let signature = signature_bytes(sign)?;
        for key in &self.keys {
            let proven = mac(key, &[body, timestamp.as_bytes()])?
                .verify_slice(&signature)
                .is_ok();
            if proven {
                return Ok(seconds);
            }
        }
        Err(Error::invalid_signature(
            "X-Sign does not fit the body and X-Timestamp under the app key",
        ))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("app_id", &self.app_id)
            .field("keys", &self.keys.len())
            .finish()
    }
}

/// Whether a signed time lies within two minutes of another, both ends included.
///
/// # Errors
/// `InvalidSignature` that says by how much it does not.
pub(crate) fn check_window(signed: i64, now: DateTime<Utc>) -> Result<()> {
    let age = now.timestamp() - signed;
    if (-WINDOW_SECONDS..=WINDOW_SECONDS).contains(&age) {
        return Ok(());
    }
    let (by, which) = if age > 0 {
        (age, "old")
    } else {
        (-age, "ahead of this machine's clock")
    };
    Err(Error::invalid_signature(format!(
        "X-Timestamp is {by} s {which}; {WINDOW_SECONDS} s are accepted"
    )))
}

/// HMAC-SHA256 under a key over parts that follow each other directly.
pub(crate) fn mac(key: &SecretString, parts: &[&[u8]]) -> Result<HmacSha256> {
    let mut mac = HmacSha256::new_from_slice(key.expose_secret().as_bytes())
        .map_err(|_| Error::configuration("the app key has a length that HMAC cannot take"))?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac)
}

fn present<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Error::invalid_signature(format!("the header {name} is missing")))
}

fn unix_seconds(text: &str) -> Result<i64> {
    let ten_digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    ten_digits
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| Error::invalid_signature("X-Timestamp is not ten digits of Unix seconds"))
}

fn signature_bytes(text: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let lower_hex = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if lower_hex && hex::decode_to_slice(text, &mut bytes).is_ok() {
        Ok(bytes)
    } else {
        Err(Error::invalid_signature(
            "X-Sign is not 64 lower-case hex digits",
        ))
    }
}

fn check_app_id(app_id: &str) -> Result<()> {
    if !app_id.is_empty() && app_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(Error::configuration(
            "the APPID is empty or holds characters that cannot stand in a header; copy it from the AppManage page",
        ))
    }
}

fn check_key(key: &SecretString) -> Result<()> {
    let text = key.expose_secret();
    if text.is_empty() || text.trim() != text {
        Err(Error::configuration(
            "the app key is empty or has space at its ends; copy it from the AppManage page",
        ))
    } else {
        Ok(())
    }
}
