//! The control API under `/sandbox`, the inboxes, and the page for people.

mod guard;
mod unipayment;
mod views;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{any, get, post};
use axum::{Router, body::Bytes};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::SandboxError;
use crate::faults::FaultRule;
use crate::halo::Payout;
use crate::server::Shared;

type Handled = Result<Response, ControlError>;

/// `/`, `/checkout` and everything under `/sandbox`.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let guarded = Router::new()
        .route("/sandbox/", get(page))
        .route("/sandbox/page.js", get(script))
        .route("/sandbox/page.css", get(style))
        .route("/sandbox/state", get(state))
        .route("/sandbox/orders/{trade_no}/pay", post(pay))
        .route("/sandbox/orders/{trade_no}/confirm", post(confirm))
        .route("/sandbox/orders/{trade_no}/expire", post(expire))
        .route("/sandbox/addresses/{address}/pay", post(pay_address))
        .route("/sandbox/payouts/{trade_no}/{step}", post(move_payout))
        .route(
            "/sandbox/faults",
            get(faults).post(add_faults).delete(clear_faults),
        )
        .route("/sandbox/requests", get(requests))
        .route("/sandbox/webhooks", get(webhooks))
        .merge(unipayment::router())
        .layer(from_fn(guard::refuse_strangers));
    Router::new()
        .route("/", get(async || see_other("/sandbox/")))
        .route("/sandbox", get(async || see_other("/sandbox/")))
        .route("/checkout/{id}", get(checkout))
        .route("/qrcode/{id}", get(checkout))
        .route("/sandbox/inbox/{name}", any(inbox))
        .merge(guarded)
        .with_state(shared)
}

fn see_other(place: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

/// Why a request to the control API is refused.
enum ControlError {
    Sandbox(SandboxError),
    Body(String),
    UnknownStep(String, &'static str),
}

impl From<SandboxError> for ControlError {
    fn from(error: SandboxError) -> Self {
        Self::Sandbox(error)
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let (status, reason) = match self {
            Self::Sandbox(
                error @ (SandboxError::UnknownOrder(_)
                | SandboxError::UnknownPayout(_)
                | SandboxError::UnknownRecord { .. }
                | SandboxError::UnknownAddress(_)),
            ) => (StatusCode::NOT_FOUND, error.to_string()),
            Self::Sandbox(error @ SandboxError::State { .. }) => {
                (StatusCode::CONFLICT, error.to_string())
            }
            Self::Sandbox(error) => (StatusCode::BAD_REQUEST, error.to_string()),
            Self::Body(reason) => (StatusCode::BAD_REQUEST, reason),
            Self::UnknownStep(step, known) => (
                StatusCode::NOT_FOUND,
                format!("there is no step {step:?}; there are {known}"),
            ),
        };
        (status, Json(serde_json::json!({ "error": reason }))).into_response()
    }
}

/// The members of a request; an empty body counts as `{}`.
fn members<T: DeserializeOwned>(body: &Bytes) -> Result<T, ControlError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| ControlError::Body(format!("the body cannot be taken: {error}")))
}

fn parse_amount(text: &str) -> Result<Decimal, ControlError> {
    Decimal::from_str_exact(text).map_err(|error| {
        ControlError::Body(format!(
            "amount is {text:?} and must be a decimal string such as \"1.5\": {error}"
        ))
    })
}

async fn page() -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                          connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    let mut response = asset("text/html; charset=utf-8", include_str!("page/page.html"));
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        axum::http::HeaderValue::from_static(POLICY),
    );
    response
}

async fn script() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("page/page.js"),
    )
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("page/page.css"))
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")];
    (headers, text).into_response()
}

/// The pay page of an order or invoice is its row on the sandbox's page.
async fn checkout(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Handled {
    let known = shared.halo.order(&id).is_some() || shared.unipayment.invoice(&id).is_some();
    match known {
        true => Ok(see_other(&format!("/sandbox/#{id}"))),
        false => Err(SandboxError::UnknownOrder(id).into()),
    }
}

async fn inbox(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared
        .inboxes
        .receive(&name, (&method, &uri, &headers), &body)
        .into_response()
}

async fn state(State(shared): State<Arc<Shared>>) -> Response {
    Json(views::State::of(&shared)).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    amount: Option<String>,
}

async fn pay(
    State(shared): State<Arc<Shared>>,
    Path(trade_no): Path<String>,
    body: Bytes,
) -> Handled {
    let order = match members::<Pay>(&body)?.amount {
        Some(amount) => shared.halo.pay(&trade_no, parse_amount(&amount)?)?,
        None => shared.halo.pay_rest(&trade_no)?,
    };
    Ok(Json(views::OrderView::of(&order)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayAddress {
    amount: String,
}

async fn pay_address(
    State(shared): State<Arc<Shared>>,
    Path(address): Path<String>,
    body: Bytes,
) -> Handled {
    let PayAddress { amount } = members(&body)?;
    let amount = parse_amount(&amount)?;
    match shared.halo.pay_address(&address, amount) {
        Err(SandboxError::UnknownAddress(_)) => {
            shared.unipayment.pay_address(&address, amount)?;
        }
        paid => paid?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    #[serde(default = "once")]
    count: u32,
}

fn once() -> u32 {
    1
}

async fn confirm(
    State(shared): State<Arc<Shared>>,
    Path(trade_no): Path<String>,
    body: Bytes,
) -> Handled {
    let Confirm { count } = members(&body)?;
    let order = shared.halo.confirm(&trade_no, count)?;
    Ok(Json(views::OrderView::of(&order)).into_response())
}

async fn expire(State(shared): State<Arc<Shared>>, Path(trade_no): Path<String>) -> Handled {
    let order = shared.halo.expire(&trade_no)?;
    Ok(Json(views::OrderView::of(&order)).into_response())
}

async fn move_payout(
    State(shared): State<Arc<Shared>>,
    Path((trade_no, step)): Path<(String, String)>,
) -> Handled {
    if shared.unipayment.payout(&trade_no).is_some() {
        return unipayment::move_payout(&shared, &trade_no, step);
    }
    let payout: Payout = match step.as_str() {
        "advance" => shared.halo.advance_payout(&trade_no)?,
        "fail" => shared.halo.fail_payout(&trade_no)?,
        "cancel" => shared.halo.cancel_payout(&trade_no)?,
        _ => return Err(ControlError::UnknownStep(step, "advance, fail and cancel")),
    };
    Ok(Json(payout).into_response())
}

async fn faults(State(shared): State<Arc<Shared>>) -> Response {
    Json(shared.faults.pending()).into_response()
}

/// One rule, or an array of them.
async fn add_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Handled {
    let rules: Vec<FaultRule> = if body.trim_ascii_start().starts_with(b"[") {
        members(&body)?
    } else {
        vec![members(&body)?]
    };
    for rule in rules {
        shared.faults.add(rule);
    }
    Ok((StatusCode::CREATED, Json(shared.faults.pending())).into_response())
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.faults.clear();
    StatusCode::NO_CONTENT
}

async fn requests(State(shared): State<Arc<Shared>>) -> Response {
    let requests = shared.recorder.all();
    let views: Vec<_> = requests.iter().map(views::RequestView::of).collect();
    Json(views).into_response()
}

async fn webhooks(State(shared): State<Arc<Shared>>) -> Response {
    let deliveries = shared.outbox.deliveries();
    let views: Vec<_> = deliveries.iter().map(views::WebhookView::of).collect();
    Json(views).into_response()
}
