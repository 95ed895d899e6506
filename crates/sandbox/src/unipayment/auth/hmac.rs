//! `Authorization: Hmac clientId:signature:nonce:timestamp` (authentication page, 2022 and 2023).

use axum::http::{HeaderMap, Method, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::headers::single;
use crate::unipayment::gateway::Gateway;
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::UniPaymentSettings;

/// What the URL encoders of the SDKs' languages leave alone besides letters, digits and `-_.`.
const LEFT_ALONE: [&str; 4] = ["", "~", "!*()", "~!*'()"];
const LONGEST_NONCE: usize = 128;

pub(super) fn check(
    gateway: &Gateway,
    settings: &UniPaymentSettings,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
    body: &[u8],
    parameter: &str,
) -> Result<(), Refusal> {
    let proof = Proof::read(parameter)?;
    if proof.client_id != gateway.keys.client_id {
        let reason = "the clientId in Authorization names no client of this gateway";
        return Err(Refusal::new(RefusalKind::UnknownClient, reason));
    }
    let now = gateway.clock.unix_seconds();
    let tolerance = i64::try_from(settings.timestamp_tolerance.as_secs()).unwrap_or(i64::MAX);
    proof.check_timestamp(now, tolerance)?;
    let host = single(headers, "Host")
        .map_err(|reason| Refusal::new(RefusalKind::BadSignature, reason))?;
    let path = uri.path_and_query().map_or("/", |whole| whole.as_str());
    let url = format!("http://{host}{path}");
    proof.check_signature(&gateway.keys.client_secret, method.as_str(), &url, body)?;
    if !gateway.callers.take_nonce(proof.nonce, now, tolerance) {
        let reason = "the nonce in Authorization was used before; make a new one for each call";
        return Err(Refusal::new(RefusalKind::RepeatedNonce, reason));
    }
    Ok(())
}

struct Proof<'a> {
    client_id: &'a str,
    signature: Vec<u8>,
    nonce: &'a str,
    timestamp: &'a str,
}

impl<'a> Proof<'a> {
    fn read(parameter: &'a str) -> Result<Self, Refusal> {
        let wrong = |what: &str| {
            let reason = format!(
                "{what}; Authorization must be \"Hmac clientId:signature:nonce:timestamp\" with a \
                 signature of 32 bytes in padded base64"
            );
            Refusal::new(RefusalKind::BadSignature, reason)
        };
        let parts: Vec<&str> = parameter.split(':').collect();
        let &[client_id, signature, nonce, timestamp] = parts.as_slice() else {
            return Err(wrong("Authorization has not four parts divided by colons"));
        };
        let signature = STANDARD
            .decode(signature)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or_else(|| wrong("the signature in Authorization is not base64 of 32 bytes"))?;
        if nonce.is_empty() || nonce.len() > LONGEST_NONCE {
            return Err(wrong("the nonce in Authorization is empty or too long"));
        }
        Ok(Self {
            client_id,
            signature,
            nonce,
            timestamp,
        })
    }

    fn check_timestamp(&self, now: i64, tolerance: i64) -> Result<(), Refusal> {
        let stale = |reason: String| Refusal::new(RefusalKind::StaleTimestamp, reason);
        let digits = self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = self.timestamp.parse::<i64>().ok();
        let seconds = seconds.filter(|_| digits && self.timestamp.len() == 10);
        let Some(seconds) = seconds else {
            return Err(stale(format!(
                "the timestamp in Authorization must be Unix seconds, ten digits, such as {now}"
            )));
        };
        let off = now.abs_diff(seconds);
        if off > tolerance.unsigned_abs() {
            return Err(stale(format!(
                "the timestamp in Authorization is off by {off} s; at most {tolerance} s are taken, \
                 and it is {now} here"
            )));
        }
        Ok(())
    }

    fn check_signature(
        &self,
        secret: &SecretString,
        method: &str,
        url: &str,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let body_part = match body {
            [] => String::new(),
            _ => STANDARD.encode(Md5::digest(body)),
        };
        let url = url.to_lowercase();
        let right = LEFT_ALONE.iter().any(|left_alone| {
            let text = format!(
                "{}{method}{}{}{}{body_part}",
                self.client_id,
                percent_encode(&url, left_alone),
                self.timestamp,
                self.nonce,
            );
            // HMAC takes keys of any length.
            Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).is_ok_and(
                |mut mac| {
                    mac.update(text.as_bytes());
                    mac.verify_slice(&self.signature).is_ok()
                },
            )
        });
        if right {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalKind::BadSignature,
            format!(
                "the signature in Authorization is wrong: it must be base64(HMAC-SHA256(clientSecret, \
                 clientId + {method} + urlencode({url}) + timestamp + nonce + base64(MD5(body)))), \
                 the URL in lower case and its escapes in upper case, the last part empty without a \
                 body"
            ),
        ))
    }
}

fn percent_encode(text: &str, left_alone: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        let letter = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-_.".contains(letter) || left_alone.contains(letter) {
            encoded.push(letter);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::Value;

    use super::Proof;

    fn vectors() -> Value {
        let all = include_str!("../../../tests/fixtures/unipayment_hmac_vectors.json");
        serde_json::from_str(all).unwrap()
    }

    fn is_right(vector: &Value, authorization: &str) -> bool {
        let text = |name: &str| vector[name].as_str().unwrap();
        let parameter = authorization.strip_prefix("Hmac ").unwrap();
        let Ok(proof) = Proof::read(parameter) else {
            return false;
        };
        let secret = SecretString::from(text("client_secret"));
        let body = vector["body"].as_str().unwrap_or("").as_bytes();
        let checked = proof.check_signature(&secret, text("method"), text("url"), body);
        checked.is_ok()
    }

    #[test]
    fn the_signatures_of_the_vectors_are_right() {
        for vector in vectors()["positive"].as_array().unwrap() {
            let authorization = vector["authorization"].as_str().unwrap();
            assert!(is_right(vector, authorization), "{vector}");
        }
    }

    #[test]
    fn the_wrong_readings_of_the_vectors_are_wrong() {
        let all = vectors();
        let positive = all["positive"].as_array().unwrap();
        for vector in all["negative"].as_array().unwrap() {
            let base = positive.iter().find(|base| base["name"] == vector["base"]);
            let base = base.unwrap();
            let right = base["signature"].as_str().unwrap();
            let wrong = vector["signature"].as_str().unwrap();
            let authorization = base["authorization"].as_str().unwrap();
            assert!(
                !is_right(base, &authorization.replace(right, wrong)),
                "{vector}"
            );
        }
    }

    #[test]
    fn a_timestamp_may_be_off_by_the_tolerance_to_both_sides() {
        let now = 1_700_000_000;
        let signature = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        for (timestamp, taken) in [
            ("1699999700", true),
            ("1699999699", false),
            ("1700000300", true),
            ("1700000301", false),
            ("+700000000", false),
            ("1700000000000", false),
        ] {
            let parameter = format!("client:{signature}:nonce:{timestamp}");
            let proof = Proof::read(&parameter).unwrap();
            assert_eq!(
                proof.check_timestamp(now, 300).is_ok(),
                taken,
                "{timestamp}"
            );
        }
    }
}
