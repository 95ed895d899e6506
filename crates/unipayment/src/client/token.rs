//! Access tokens of the OAuth generation: fetched once for all who ask, renewed before they end
//! (unipayment.readme.io, "authentication", 2024).

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::adapter::read_object;
use paymux_core::{Error, ErrorKind, Outcome, Result};
use paymux_http::{
    Answer, Effect, Fetched, FetchedOnce, Method, Request, Transport, Unsigned, kind_of_status,
    tamed,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// What the documents show, for an answer that does not tell.
const USUAL_LIFETIME_SECONDS: i64 = 3600;
/// What is told beyond this cannot have been meant.
const LONGEST_LIFETIME_SECONDS: i64 = 30 * 24 * 3600;
/// How long before its end a token is renewed, at most.
const LONGEST_MARGIN_SECONDS: i64 = 60;

/// The client's access token. Whoever asks while it is being fetched waits for that one fetch, and
/// shares its failure too.
pub(crate) struct Tokens {
    client_id: String,
    client_secret: SecretString,
    /// The latest fetch whose token the gateway refused.
    refused: AtomicU64,
    token: FetchedOnce<Token>,
}

pub(super) struct Token {
    pub(super) text: SecretString,
    renew_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
    #[serde(default)]
    token_type: Option<String>,
}

/// The OAuth form of a refusal (RFC 6749, 5.2).
#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

/// The claims of the token that tell its lifetime.
#[derive(Deserialize)]
struct Claims {
    exp: i64,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nbf: Option<i64>,
}

impl Tokens {
    pub(crate) fn new(client_id: String, client_secret: SecretString) -> Result<Self> {
        for (what, text) in [
            ("client id", client_id.as_str()),
            ("client secret", client_secret.expose_secret()),
        ] {
            if text.is_empty() || text.trim() != text {
                return Err(Error::configuration(format!(
                    "the {what} is empty or has space at its ends; copy it from the merchant's console"
                )));
            }
        }
        Ok(Self {
            client_id,
            client_secret,
            refused: AtomicU64::new(0),
            token: FetchedOnce::new(),
        })
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// A token that is good for a while, and is not the one that was just `refused`.
    ///
    /// # Errors
    /// As the gateway's answer where it gives none.
    pub(super) async fn get(
        &self,
        transport: &Transport,
        operation: &'static str,
        refused: Option<u64>,
    ) -> Result<Fetched<Token>> {
        self.refused
            .fetch_max(refused.unwrap_or_default(), Ordering::AcqRel);
        let is_good = |token: &Token, fetch| {
            fetch > self.refused.load(Ordering::Acquire) && transport.clock().now() < token.renew_at
        };
        let fetch = async || self.fetch(transport, operation).await;
        self.token.get(is_good, fetch).await
    }

    async fn fetch(&self, transport: &Transport, operation: &'static str) -> Result<Token> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "client_credentials"),
                ("client_id", self.client_id.as_str()),
                ("client_secret", self.client_secret.expose_secret()),
            ])
            .finish();
        // A token more or less changes nothing, so asking again is safe.
        let request = Request::new(operation, Effect::Read, Method::Post, "/connect/token")
            .with_body("application/x-www-form-urlencoded", form);
        let asked_at = transport.clock().now();
        let unsigned = |_: &Unsigned<'_>| Ok(Vec::new());
        let answer = transport.send(&request, &unsigned).await?;
        if !answer.is_success() {
            return Err(self.denied(&answer));
        }
        let unreadable = |why: &str| {
            Error::invalid_response(
                Outcome::NotSent,
                format!("the gateway's answer to connect/token {why}"),
            )
        };
        let granted: Granted = match read_object(answer.body()) {
            Ok(granted) => granted,
            Err(_) if read_object::<Denied>(answer.body()).is_ok() => {
                return Err(self.denied(&answer));
            }
            Err(_) => {
                return Err(unreadable(
                    "has no access_token, or another form than OAuth's",
                ));
            }
        };
        let is_bearer = |kind: &str| kind.eq_ignore_ascii_case("bearer");
        if !granted.token_type.as_deref().is_none_or(is_bearer) {
            return Err(unreadable("has another token_type than Bearer"));
        }
        let value = granted.access_token;
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(unreadable("has a token that cannot stand in a header"));
        }
        let told = granted.expires_in.as_ref().and_then(whole_seconds);
        let lifetime = lifetime_seconds(told, &value);
        let margin = (lifetime / 10).min(LONGEST_MARGIN_SECONDS);
        let renew_at = asked_at + TimeDelta::seconds(lifetime - margin);
        Ok(Token {
            text: value.into(),
            renew_at,
        })
    }

    fn denied(&self, answer: &Answer) -> Error {
        let secrets = [&self.client_secret];
        let Ok(denied) = read_object::<Denied>(answer.body()) else {
            return Error::new(
                kind_of_status(answer.status()),
                Outcome::Rejected,
                format!("the gateway gives no token: HTTP {}", answer.status()),
            );
        };
        let kind = match denied.error.as_str() {
            "invalid_client" | "invalid_grant" => ErrorKind::Authentication,
            "unauthorized_client" | "access_denied" | "invalid_scope" => ErrorKind::Permission,
            _ if answer.is_success() => ErrorKind::Refused,
            _ => kind_of_status(answer.status()),
        };
        let said = denied.error_description.unwrap_or_default();
        let message = match tamed(&said, &secrets) {
            said if said.is_empty() => "the gateway gives no token".to_owned(),
            said => format!("the gateway gives no token: {said}"),
        };
        let error =
            Error::new(kind, Outcome::Rejected, message).with_code(tamed(&denied.error, &secrets));
        match kind {
            ErrorKind::Authentication => error.with_hint("check client id and client secret"),
            _ => error,
        }
    }
}

/// A number, also as text.
fn whole_seconds(value: &serde_json::Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// What the answer says, or the token itself; the shorter where both do. The token's times are taken
/// as a span, so that a clock of ours that is off changes nothing.
fn lifetime_seconds(expires_in: Option<i64>, token: &str) -> i64 {
    let is_sane = |seconds: &i64| (1..=LONGEST_LIFETIME_SECONDS).contains(seconds);
    let told = expires_in.filter(is_sane);
    let claimed = claims(token)
        .and_then(|claims| claims.exp.checked_sub(claims.iat.or(claims.nbf)?))
        .filter(is_sane);
    match (told, claimed) {
        (Some(told), Some(claimed)) => told.min(claimed),
        (Some(seconds), None) | (None, Some(seconds)) => seconds,
        (None, None) => USUAL_LIFETIME_SECONDS,
    }
}

fn claims(token: &str) -> Option<Claims> {
    let part = token.split('.').nth(1)?;
    let json = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_lifetime_is_the_shorter_sane_one() {
        let hour = jwt(r#"{"iat":1000,"exp":4600}"#);
        let nonsense = jwt(r#"{"iat":9000,"exp":1000}"#);
        for (told, token, seconds) in [
            (Some(3600), "opaque", 3600),
            (Some(60), hour.as_str(), 60),
            (Some(7200), &hour, 3600),
            (None, &hour, 3600),
            (Some(0), &jwt(r#"{"nbf":1000,"exp":1090}"#), 90),
            (Some(120), &nonsense, 120),
            (Some(-5), &nonsense, USUAL_LIFETIME_SECONDS),
            (Some(i64::MAX), "a.b.c", USUAL_LIFETIME_SECONDS),
            (None, &jwt(r#"{"exp":4600}"#), USUAL_LIFETIME_SECONDS),
        ] {
            assert_eq!(lifetime_seconds(told, token), seconds, "{told:?} {token}");
        }
    }
}
