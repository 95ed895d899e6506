//! The nine endpoints: what all of them have in common, and which is which.

mod currencies;
mod orders;
mod payouts;
mod qr_codes;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;

use crate::halo::gateway::Gateway;
use crate::halo::payers::Halo;
use crate::halo::refusal::{Refusal, RefusalKind};
use crate::halo::tokens::Token;
use crate::halo::wire;
use crate::headers::check_json_content_type;
use crate::members::Members;
use crate::settings::Settings;
use crate::signer::SignedBy;

/// What an endpoint answers: the whole envelope, or why not.
type Answer = Result<Vec<u8>, Refusal>;

type Endpoint = fn(&Gateway, &Settings, Members) -> Answer;

const ENDPOINTS: [(&str, Endpoint); 9] = [
    ("/api/order/create", orders::create),
    ("/api/order/detail", orders::detail),
    ("/api/order/exchange-rates", orders::exchange_rates),
    ("/api/currency/app-token-list", currencies::app_token_list),
    ("/api/currency/token-list", currencies::token_list),
    ("/api/payout/create", payouts::create),
    ("/api/payout/detail", payouts::detail),
    ("/api/account/balance", currencies::balance),
    ("/api/payment-qr-code/create", qr_codes::create),
];

/// Everything under `/api`.
pub(crate) fn router(halo: Halo) -> Router {
    Router::new()
        .route("/api/{*endpoint}", any(handle))
        .with_state(halo)
}

async fn handle(
    State(halo): State<Halo>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let gateway = &halo.gateway;
    let settings = gateway.settings();
    let endpoint = ENDPOINTS.iter().find(|(path, _)| *path == uri.path());
    let (status, body) = match endpoint {
        None => {
            let reason = format!("this gateway has no endpoint {}", uri.path());
            let refusal = Refusal::new(RefusalKind::NotFound, reason);
            (StatusCode::NOT_FOUND, refusal.to_body(&settings.codes))
        }
        Some(_) if method != Method::POST => {
            let refusal = Refusal::bad_parameter(format!("{method} is not taken here, only POST"));
            (
                StatusCode::METHOD_NOT_ALLOWED,
                refusal.to_body(&settings.codes),
            )
        }
        Some((_, endpoint)) => {
            let answer = take_call(gateway, &settings, &headers, &body, *endpoint);
            let answer = answer.unwrap_or_else(|refusal| refusal.to_body(&settings.codes));
            (StatusCode::OK, answer)
        }
    };
    respond(gateway, &settings, status, body)
}

fn take_call(
    gateway: &Gateway,
    settings: &Settings,
    headers: &HeaderMap,
    body: &[u8],
    endpoint: Endpoint,
) -> Answer {
    let now = gateway.clock.unix_seconds();
    gateway
        .credentials
        .authenticate(headers, body, now, settings)?;
    check_json_content_type(headers)?;
    endpoint(gateway, settings, Members::read(body)?)
}

fn respond(gateway: &Gateway, settings: &Settings, status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    if settings.sign_responses {
        response.extensions_mut().insert(SignedBy {
            signer: Arc::clone(&gateway.credentials) as _,
            unix_seconds: gateway.clock.unix_seconds(),
        });
    }
    response
}

fn success(data: impl serde::Serialize) -> Answer {
    Ok(wire::envelope(0, "success", Some(data)))
}

/// A currency of the catalogue that is enabled for the app.
fn enabled_token(currency_id: i64, settings: &Settings) -> Result<&'static Token, Refusal> {
    let token = Token::find(currency_id).ok_or_else(|| {
        Refusal::bad_parameter(format!(
            "no currency has the currency_id {currency_id}; currency/token-list has them all"
        ))
    })?;
    if settings.disabled_currencies.contains(&currency_id) {
        return Err(Refusal::new(
            RefusalKind::TokenNotEnabled,
            format!(
                "currency_id {currency_id} is not enabled for this app; currency/app-token-list \
                 has those that are"
            ),
        ));
    }
    Ok(token)
}
