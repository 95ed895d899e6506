//! Access tokens: `/connect/token` and `Authorization: Bearer` (authentication page, 2024).

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::json::Json;
use crate::lock::lock;
use crate::unipayment::gateway::Gateway;
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::UniPaymentSettings;

/// What `/connect/token` answers, which is no envelope.
pub(in crate::unipayment) fn grant(
    gateway: &Gateway,
    settings: &UniPaymentSettings,
    form: &[u8],
) -> (StatusCode, Json) {
    match check_form(gateway, form) {
        Ok(()) => (StatusCode::OK, issue(gateway, settings)),
        Err((error, reason)) => {
            let members = [("error", error), ("error_description", reason.as_str())];
            let members = members.map(|(name, text)| (name.into(), Json::String(text.into())));
            (StatusCode::BAD_REQUEST, Json::Object(members.into()))
        }
    }
}

fn check_form(gateway: &Gateway, form: &[u8]) -> Result<(), (&'static str, String)> {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(form) {
        if parameters.iter().any(|(known, _)| *known == name) {
            return Err(("invalid_request", format!("{name} is there twice")));
        }
        parameters.push((name.into_owned(), value.into_owned()));
    }
    let given = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        let value = found.map(|(_, value)| value.as_str());
        value.ok_or_else(|| ("invalid_request", format!("{name} is missing")))
    };
    if given("grant_type")? != "client_credentials" {
        let reason = "grant_type must be client_credentials".to_owned();
        return Err(("unsupported_grant_type", reason));
    }
    let secret = gateway.keys.client_secret.expose_secret().as_bytes();
    let right_id = given("client_id")? == gateway.keys.client_id;
    let right_secret = bool::from(given("client_secret")?.as_bytes().ct_eq(secret));
    if !(right_id && right_secret) {
        let reason = "client_id and client_secret are not those of a client here".to_owned();
        return Err(("invalid_client", reason));
    }
    Ok(())
}

/// A token in the form of a JWT. Its signature is made up: nobody but this gateway checks it.
fn issue(gateway: &Gateway, settings: &UniPaymentSettings) -> Json {
    let now = gateway.clock.unix_seconds();
    let lifetime = i64::try_from(settings.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let ends = now.saturating_add(lifetime);
    let randomness = &gateway.randomness;
    let header = format!(
        r#"{{"alg":"RS256","kid":"{}","typ":"at+jwt"}}"#,
        randomness.hex::<16>().to_uppercase()
    );
    let claims = format!(
        r#"{{"nbf":{now},"exp":{ends},"iss":"{}","aud":"common-api","client_id":"{}","client_auth_type":"open","jti":"{}","iat":{now},"scope":["common"]}}"#,
        gateway.base_url,
        gateway.keys.client_id,
        randomness.hex::<16>().to_uppercase(),
    );
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let signature = encode(randomness.alphanumeric(256));
    let token = format!("{}.{}.{signature}", encode(header), encode(claims));
    let mut tokens = lock(&gateway.callers.tokens);
    tokens.retain(|_, end| *end > now);
    tokens.insert(token.clone(), ends);
    let text = |name: &str, value: String| (name.to_owned(), Json::String(value));
    Json::Object(vec![
        text("access_token", token),
        ("expires_in".to_owned(), Json::number(lifetime.to_string())),
        text("token_type", "Bearer".to_owned()),
        text("scope", "common".to_owned()),
    ])
}

pub(super) fn check(gateway: &Gateway, token: &str) -> Result<(), Refusal> {
    let ends = lock(&gateway.callers.tokens).get(token).copied();
    let reason = match ends {
        Some(ends) if ends > gateway.clock.unix_seconds() => return Ok(()),
        Some(_) => "the access token is over; ask /connect/token for another",
        None => "the access token is not known here, or not any more; ask /connect/token for one",
    };
    Err(Refusal::new(RefusalKind::BadToken, reason))
}
