//! Access tokens of the third generation (unipayment.readme.io, "authentication", 2024).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{CLIENT_ID, CLIENT_SECRET};
use crate::wire_server::{WireAnswer, WireRequest, form_pairs};

/// How long a token lives, in seconds.
pub const LIFETIME_SECONDS: i64 = 3600;

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    given: Vec<String>,
    /// Those before this place are no longer good.
    good_from: usize,
}

impl Tokens {
    pub(super) fn given(&self) -> Vec<String> {
        self.given.clone()
    }

    pub(super) fn expire(&mut self) {
        self.good_from = self.given.len();
    }

    /// A grant, or what is undocumented about the request for it.
    pub(super) fn grant(&mut self, request: &WireRequest) -> Result<String, String> {
        if request.method != "POST" {
            return Err(format!("the method is {}, not POST", request.method));
        }
        if request.header("content-type") != Some("application/x-www-form-urlencoded") {
            return Err("content-type is not that of a form, once".to_owned());
        }
        if carries(request, "authorization") {
            return Err("the request for a token has Authorization".to_owned());
        }
        let form = String::from_utf8_lossy(&request.body);
        let expected = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        if form_pairs(&form) != expected {
            return Err("the form is not grant_type, client_id and client_secret".to_owned());
        }
        let token = self.issue();
        let grant = json!({
            "access_token": token,
            "expires_in": LIFETIME_SECONDS,
            "token_type": "Bearer",
            "scope": "common",
        });
        Ok(grant.to_string())
    }

    /// A JWT with the documented claims. What would be its signature is made up.
    fn issue(&mut self) -> String {
        let number = self.given.len() + 1;
        let begins = 1_722_412_388;
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = part(json!({"alg": "RS256", "typ": "at+jwt"}));
        let claims = part(json!({
            "nbf": begins,
            "exp": begins + LIFETIME_SECONDS,
            "iss": "https://api.example",
            "aud": "common-api",
            "client_id": CLIENT_ID,
            "client_auth_type": "open",
            "jti": format!("TOKEN-{number}"),
            "iat": begins,
            "scope": ["common"],
        }));
        let token = format!("{header}.{claims}.bWFkZS11cC1zaWduYXR1cmUt{number}");
        self.given.push(token.clone());
        token
    }

    /// What is wrong with the proof of a call: undocumented, or a token that is not good any more.
    pub(super) fn refusal(&self, request: &WireRequest) -> Option<WireAnswer> {
        let Some(authorization) = request.header("authorization") else {
            return Some(super::complaint("Authorization is not there, once"));
        };
        let Some(token) = authorization.strip_prefix("Bearer ") else {
            return Some(super::complaint("Authorization is no Bearer token"));
        };
        let Some(place) = self.given.iter().position(|given| given == token) else {
            return Some(super::complaint("the token was never given out"));
        };
        (place < self.good_from).then(expired)
    }
}

/// The answer to a token that is over. The documents do not show it; this is OAuth's own form
/// (RFC 6750, 3.1).
#[must_use]
pub fn expired() -> WireAnswer {
    WireAnswer::new(401, "").with_header("WWW-Authenticate", r#"Bearer error="invalid_token""#)
}

pub(super) fn carries(request: &WireRequest, name: &str) -> bool {
    request
        .headers
        .iter()
        .any(|(own, _)| own.eq_ignore_ascii_case(name))
}
