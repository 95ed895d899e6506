//! Who calls: `X-Appid`, `X-Timestamp`, `X-Sign` (common rules and signature pages).

#[cfg(test)]
mod tests;

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::error::SandboxError;
use crate::halo::refusal::{Refusal, RefusalKind};
use crate::headers::single;
use crate::settings::Settings;
use crate::signer::Signer;

const APP_ID: &str = "X-Appid";
const TIMESTAMP: &str = "X-Timestamp";
const SIGNATURE: &str = "X-Sign";

/// The account of the one app that this gateway knows.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) app_id: String,
    pub(super) app_key: SecretString,
}

impl Credentials {
    /// # Errors
    /// When they cannot travel in headers, or the key is empty.
    pub(super) fn new(app_id: String, app_key: SecretString) -> Result<Self, SandboxError> {
        let plain = app_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fits = plain && (1..=64).contains(&app_id.len());
        if !fits || app_key.expose_secret().is_empty() {
            return Err(SandboxError::Credentials(app_id));
        }
        Ok(Self { app_id, app_key })
    }

    /// HMAC-SHA256 over the raw body and the digits of the timestamp. `None` cannot be: HMAC takes
    /// keys of any length.
    fn mac(&self, body: &[u8], timestamp: &str) -> Option<Hmac<Sha256>> {
        let key = self.app_key.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(body);
        mac.update(timestamp.as_bytes());
        Some(mac)
    }

    /// Checks who calls, when, and that the body is theirs, in this order.
    pub(super) fn authenticate(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: i64,
        settings: &Settings,
    ) -> Result<(), Refusal> {
        let app_id = single(headers, APP_ID)
            .map_err(|reason| Refusal::new(RefusalKind::UnknownApp, reason))?;
        if app_id != self.app_id {
            let reason = format!("{APP_ID} names no app of this gateway");
            return Err(Refusal::new(RefusalKind::UnknownApp, reason));
        }
        let timestamp = single(headers, TIMESTAMP)
            .map_err(|reason| Refusal::new(RefusalKind::StaleTimestamp, reason))?;
        check_timestamp(timestamp, now, settings)
            .map_err(|reason| Refusal::new(RefusalKind::StaleTimestamp, reason))?;
        self.check_signature(headers, body, timestamp)
            .map_err(|reason| Refusal::new(RefusalKind::BadSignature, reason))
    }

    fn check_signature(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        timestamp: &str,
    ) -> Result<(), String> {
        let given = single(headers, SIGNATURE)?;
        let is_lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let malformed = || format!("{SIGNATURE} must be 64 lowercase hexadecimal digits");
        if given.len() != 64 || !given.bytes().all(is_lower_hex) {
            return Err(malformed());
        }
        let given = hex::decode(given).map_err(|_| malformed())?;
        let right = self
            .mac(body, timestamp)
            .is_some_and(|mac| mac.verify_slice(&given).is_ok());
        if right {
            return Ok(());
        }
        Err(format!(
            "{SIGNATURE} is wrong: it must be the HMAC-SHA256, keyed with the appKey, of the raw \
             body as sent, directly followed by the digits of {TIMESTAMP}"
        ))
    }
}

impl Signer for Credentials {
    fn headers(&self, body: &[u8], unix_seconds: i64) -> Vec<(&'static str, String)> {
        let timestamp = unix_seconds.to_string();
        let signature = self
            .mac(body, &timestamp)
            .map(|mac| hex::encode(mac.finalize().into_bytes()))
            .unwrap_or_default();
        vec![
            (APP_ID, self.app_id.clone()),
            (TIMESTAMP, timestamp),
            (SIGNATURE, signature),
        ]
    }

    fn signature_header(&self) -> &'static str {
        SIGNATURE
    }
}

fn check_timestamp(timestamp: &str, now: i64, settings: &Settings) -> Result<(), String> {
    if timestamp.len() != 10 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "{TIMESTAMP} must be Unix seconds, ten digits, such as {now}"
        ));
    }
    let seconds: i64 = timestamp
        .parse()
        .map_err(|_| format!("{TIMESTAMP} must be Unix seconds, ten digits"))?;
    let (past, ahead) = (
        settings.timestamp_past.as_secs(),
        settings.timestamp_ahead.as_secs(),
    );
    let distance = now.abs_diff(seconds);
    let limit = if seconds <= now { past } else { ahead };
    if distance > limit {
        let side = if seconds <= now { "old" } else { "ahead" };
        return Err(format!(
            "{TIMESTAMP} is {distance} s {side}; at most {past} s past and {ahead} s ahead are \
             taken, and it is {now} here"
        ));
    }
    Ok(())
}
