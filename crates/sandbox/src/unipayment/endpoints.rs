//! The endpoints: what all of them have in common, and which is which.

mod batches;
mod currencies;
mod invoices;
mod md5_invoices;
mod notices;
mod parties;
mod payments;
mod routes;
mod wallet;
mod withdrawals;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;

use crate::headers::{check_json_content_type, single};
use crate::json::Json;
use crate::members::Members;
use crate::settings::Settings;
use crate::signer::SignedBy;
use crate::unipayment::auth::{authenticate, tokens, unproven};
use crate::unipayment::gateway::Gateway;
use crate::unipayment::merchant::UniPayment;
use crate::unipayment::notary::AnswerProof;
use crate::unipayment::query::{PageWanted, Query};
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::{Generation, UniPaymentSettings};
use crate::unipayment::wire::{Fields, Style, envelope};

/// What a success says.
struct Reply {
    msg: &'static str,
    data: Option<Json>,
}

impl Reply {
    fn data(data: Json) -> Self {
        Self {
            msg: "",
            data: Some(data),
        }
    }

    fn said(msg: &'static str) -> Self {
        Self { msg, data: None }
    }
}

type Answer = Result<Reply, Refusal>;

type Endpoint = fn(&Call<'_>) -> Answer;

/// A call whose caller is known.
struct Call<'a> {
    gateway: &'a Gateway,
    settings: &'a Settings,
    generation: Generation,
    headers: &'a HeaderMap,
    query: Option<&'a str>,
    body: &'a [u8],
    /// What stands in the path where the route has braces.
    ids: Vec<String>,
}

impl Call<'_> {
    fn own_settings(&self) -> &UniPaymentSettings {
        &self.settings.unipayment
    }

    /// The members of the body; nulls and empty strings count as left out.
    fn members(&self) -> Result<Members, Refusal> {
        check_json_content_type(self.headers)?;
        Ok(Members::read(self.body)?.without_empty())
    }

    fn query(&self) -> Result<Query, Refusal> {
        Query::read(self.query)
    }

    /// For an endpoint without parameters.
    fn no_query(&self) -> Result<(), Refusal> {
        self.query()?.end()
    }

    fn id(&self, at: usize) -> &str {
        self.ids.get(at).map_or("", String::as_str)
    }

    /// Refuses another app's id.
    fn check_app_id(&self, given: &str) -> Result<(), Refusal> {
        if given == self.gateway.keys.app_id {
            return Ok(());
        }
        let reason = "app_id names no app of this client";
        Err(Refusal::new(RefusalKind::UnknownClient, reason))
    }
}

/// `/api/invoice`, `/v1.0` and `/connect`.
pub(crate) fn router(unipayment: UniPayment) -> Router {
    Router::new()
        .route("/api/invoice/{*endpoint}", any(handle_md5))
        .route("/v1.0/{*endpoint}", any(handle))
        .route("/connect/token", any(handle_token))
        .with_state(unipayment)
}

async fn handle(
    State(unipayment): State<UniPayment>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let gateway = &unipayment.gateway;
    let settings = gateway.settings();
    let proven = authenticate(
        gateway,
        &settings.unipayment,
        (&method, &uri, &headers),
        &body,
    );
    let found = routes::find(&method, uri.path());
    // A stranger is refused before anything else is said.
    let generation = match (&proven, &found) {
        (Ok(Some(generation)), _) => Ok(*generation),
        (Ok(None), Ok(found)) if found.is_open() && settings.unipayment.open_endpoints => {
            Ok(Generation::Hmac)
        }
        _ => Err(()),
    };
    let Ok(generation) = generation else {
        let refusal = proven.err().unwrap_or_else(unproven);
        return respond(&settings, Generation::Hmac, Err(refusal));
    };
    let answer = found.and_then(|found| {
        found.check_generation(generation)?;
        let call = Call {
            gateway,
            settings: &settings,
            generation,
            headers: &headers,
            query: uri.query(),
            body: &body,
            ids: found.ids,
        };
        (found.endpoint)(&call)
    });
    respond(&settings, generation, answer)
}

async fn handle_md5(
    State(unipayment): State<UniPayment>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let gateway = &unipayment.gateway;
    let settings = gateway.settings();
    let call = Call {
        gateway,
        settings: &settings,
        generation: Generation::Md5,
        headers: &headers,
        query: uri.query(),
        body: &body,
        ids: Vec::new(),
    };
    let endpoint: Option<Endpoint> = match uri.path() {
        "/api/invoice/create" => Some(md5_invoices::create),
        "/api/invoice/query" => Some(md5_invoices::query),
        _ => None,
    };
    let answer = match endpoint {
        None => Err(routes::unknown(uri.path())),
        Some(_) if method != Method::POST => Err(routes::wrong_method(&method, &["POST"])),
        Some(endpoint) => endpoint(&call),
    };
    let mut response = respond(&settings, Generation::Md5, answer);
    if uri.path() == "/api/invoice/create" && response.status() == StatusCode::OK {
        response.extensions_mut().insert(SignedBy {
            signer: Arc::new(AnswerProof(Arc::clone(&gateway.notary))),
            unix_seconds: gateway.clock.unix_seconds(),
        });
    }
    response
}

async fn handle_token(
    State(unipayment): State<UniPayment>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    const FORM: &str = "application/x-www-form-urlencoded";
    let gateway = &unipayment.gateway;
    let settings = gateway.settings();
    let is_form = single(&headers, CONTENT_TYPE.as_str())
        .is_ok_and(|given| given.split(';').next().map(str::trim) == Some(FORM));
    let wrong = |status, reason: String| {
        let members = [("error", "invalid_request"), ("error_description", &reason)];
        let members = members.map(|(name, text)| (name.into(), Json::String(text.into())));
        (status, Json::Object(members.into()))
    };
    let (status, answer) = if method != Method::POST {
        let reason = format!("{method} is not taken here, only POST");
        wrong(StatusCode::METHOD_NOT_ALLOWED, reason)
    } else if !is_form {
        wrong(
            StatusCode::BAD_REQUEST,
            format!("content-type must be {FORM}"),
        )
    } else {
        tokens::grant(gateway, &settings.unipayment, &body)
    };
    let mut response = write(status, &answer);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn respond(settings: &Settings, generation: Generation, answer: Answer) -> Response {
    let settings = &settings.unipayment;
    match answer {
        Ok(Reply { msg, data }) => write(StatusCode::OK, &envelope(generation, "OK", msg, data)),
        Err(refusal) => {
            let code = refusal.code(&settings.codes);
            let body = envelope(generation, code, &refusal.reason, Some(Json::Null));
            let status = match settings.http_error_statuses {
                true => refusal.http_status(),
                false => StatusCode::OK,
            };
            let mut response = write(status, &body);
            if status == StatusCode::METHOD_NOT_ALLOWED
                && let Ok(allowed) = HeaderValue::try_from(refusal.allowed)
            {
                response.headers_mut().insert(ALLOW, allowed);
            }
            response
        }
    }
}

fn write(status: StatusCode, body: &Json) -> Response {
    let mut response = Response::new(Body::from(body.to_bytes()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// One page of what a list call found.
fn page<T>(
    found: &[T],
    wanted: PageWanted,
    number_name: &str,
    write: impl Fn(&T) -> Json,
    style: Style,
) -> Json {
    let skipped = wanted.size.saturating_mul(wanted.number - 1);
    let shown = found.iter().skip(skipped).take(wanted.size);
    Fields::new(style)
        .json("models", Json::Array(shown.map(write).collect()))
        .count(number_name, wanted.number)
        .count("page_size", wanted.size)
        .count("total", found.len())
        .count("page_count", found.len().div_ceil(wanted.size))
        .end()
}
