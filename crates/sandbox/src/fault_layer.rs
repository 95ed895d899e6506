//! The layer around the gateways: records every call, strikes as the script says, signs last.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::connection::ConnectionControl;
use crate::faults::{RequestFault, When};
use crate::json::Json;
use crate::recording::{RecordPlace, RequestOutcome};
use crate::server::Shared;
use crate::signer::SignedBy;

/// A request body is read no further than this.
const REQUEST_LIMIT: usize = 1 << 20;
const HUGEST: usize = 256 << 20;

/// Runs a call in a task of its own, so that a client that gives up does not undo the work.
pub(crate) async fn intercept(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<ConnectionControl>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, REQUEST_LIMIT).await {
        Ok(body) => body,
        Err(error) => {
            tracing::debug!(%error, "a request body did not arrive whole");
            let hint = format!("the body did not arrive whole or is above {REQUEST_LIMIT} bytes\n");
            return (StatusCode::PAYLOAD_TOO_LARGE, hint).into_response();
        }
    };
    let fault = shared
        .faults
        .for_request(parts.method.as_str(), parts.uri.path());
    let place = shared.recorder.note(
        (&parts.method, &parts.uri, &parts.headers),
        body.clone(),
        shared.clock.now(),
        fault.clone(),
    );
    let most = shared.live_settings.now().records_kept;
    shared.recorder.keep_at_most(most);
    let call = Call {
        shared,
        connection,
        place,
    };
    let request = Request::from_parts(parts, Body::from(body));
    match tokio::spawn(call.answer(request, next, fault)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a call could not be answered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A call that is in the record and has no outcome there yet.
struct Call {
    shared: Arc<Shared>,
    connection: ConnectionControl,
    place: RecordPlace,
}

impl Call {
    async fn answer(self, request: Request, next: Next, fault: Option<RequestFault>) -> Response {
        match &fault {
            Some(RequestFault::Delay {
                when: When::BeforeWork,
                millis,
            }) => self.pause(*millis).await,
            Some(RequestFault::Status {
                when: When::BeforeWork,
                ..
            }) => return self.answered(scripted_status(fault.as_ref()), false, None),
            Some(RequestFault::Cut {
                when: When::BeforeWork,
            }) => return self.cut(false),
            _ => {}
        }
        let (parts, body) = next.run(request).await.into_parts();
        // The gateways answer from memory, so their bodies are whole and small.
        let mut body = to_bytes(body, HUGEST).await.unwrap_or_default();
        let code = envelope_code(&body);
        match &fault {
            Some(RequestFault::Delay {
                when: When::AfterWork,
                millis,
            }) => self.pause(*millis).await,
            Some(RequestFault::Status { .. }) => {
                return self.answered(scripted_status(fault.as_ref()), true, code);
            }
            Some(RequestFault::Cut { .. }) => return self.cut(true),
            Some(RequestFault::CutMidBody) => self.connection.end_after_body_bytes(body.len() / 2),
            Some(RequestFault::StaleConnection) => self.connection.reset_on_next_request(),
            Some(other) => body = altered_body(other, body),
            None => {}
        }
        let mut response = Response::from_parts(parts, Body::empty());
        body = sign(&mut response, body, fault.as_ref());
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
        self.answered(response, true, code)
    }

    async fn pause(&self, millis: u64) {
        let pause = Duration::from_millis(millis);
        self.shared.shutdown.sleep(pause).await;
    }

    fn answered(&self, response: Response, worked: bool, code: Option<String>) -> Response {
        let outcome = RequestOutcome::Answered {
            status: response.status().as_u16(),
            worked,
            code: code.as_ref().and_then(|code| code.parse().ok()),
        };
        self.shared.recorder.conclude(self.place, outcome);
        self.shared.recorder.note_code(self.place, code);
        response
    }

    /// The answer it gives is never written.
    fn cut(&self, worked: bool) -> Response {
        self.connection.reset();
        let outcome = RequestOutcome::Cut { worked };
        self.shared.recorder.conclude(self.place, outcome);
        StatusCode::OK.into_response()
    }
}

fn scripted_status(fault: Option<&RequestFault>) -> Response {
    let Some(RequestFault::Status {
        status,
        headers,
        body,
        ..
    }) = fault
    else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let status = StatusCode::from_u16(*status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.clone()).into_response();
    if body.starts_with('{') {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
    }
    for (name, value) in headers {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                response.headers_mut().insert(name, value);
            }
            _ => tracing::warn!(name, "a scripted header cannot be sent"),
        }
    }
    response
}

fn altered_body(fault: &RequestFault, body: Bytes) -> Bytes {
    match fault {
        RequestFault::MalformedJson => {
            let mut bytes = body.to_vec();
            bytes.pop();
            bytes.extend_from_slice(b",]");
            bytes.into()
        }
        RequestFault::HugeBody { bytes } => {
            let mut padded = body.to_vec();
            let length = (*bytes).min(HUGEST).max(padded.len());
            padded.resize(length, b' ');
            padded.into()
        }
        RequestFault::ReplaceMember { member, value } => {
            let value = Json::parse(value.to_string().as_bytes()).unwrap_or(Json::Null);
            edited(member, Some(value), body)
        }
        RequestFault::RemoveMember { member } => edited(member, None, body),
        _ => body,
    }
}

fn edited(member: &str, value: Option<Json>, body: Bytes) -> Bytes {
    match Json::parse(&body) {
        Ok(mut json) => {
            if !json.edit(member, value) {
                tracing::warn!(member, "the answer has no such member to edit");
            }
            json.to_bytes().into()
        }
        Err(_) => body,
    }
}

/// Adds the gateway's proof, in headers or in the body, and gives the body.
fn sign(response: &mut Response, body: Bytes, fault: Option<&RequestFault>) -> Bytes {
    let Some(SignedBy {
        signer,
        unix_seconds,
    }) = response.extensions_mut().remove::<SignedBy>()
    else {
        return body;
    };
    let (body, headers) = match fault {
        Some(RequestFault::WrongSignature) => {
            let body = signer.spoiled(body.into());
            let headers = signer.wrong_headers(&body, unix_seconds);
            (body, headers)
        }
        Some(
            RequestFault::ReplaceMember { member, .. } | RequestFault::RemoveMember { member },
        ) if !signer.is_signature(member) => {
            let body = signer.sealed(body.into());
            let headers = signer.headers(&body, unix_seconds);
            (body, headers)
        }
        _ => {
            let headers = signer.headers(&body, unix_seconds);
            (body.into(), headers)
        }
    };
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    body.into()
}

/// The `code` of an envelope as text: `0`, `OK`.
fn envelope_code(body: &[u8]) -> Option<String> {
    let Ok(Json::Object(members)) = Json::parse(body) else {
        return None;
    };
    let (_, code) = members.into_iter().find(|(name, _)| name == "code")?;
    match code {
        Json::String(text) => Some(text),
        Json::Number(digits) => Some(digits.get().to_owned()),
        _ => None,
    }
}
