//! From a request to a webhook: every byte of it as it came, and not more than is allowed.

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use paymux_core::RawWebhook;
use tokio::time::timeout;

use crate::settings::WebhookSettings;

/// A webhook whose body was not taken.
#[derive(Debug)]
pub(crate) struct Unread {
    /// Everything but the body.
    pub(crate) head: RawWebhook,
    pub(crate) status: StatusCode,
}

/// Reads a request. `uri` is that of the request line, which a router that nests this one shortens.
pub(crate) async fn read(
    uri: &Uri,
    request: Request,
    settings: &WebhookSettings,
) -> Result<RawWebhook, Box<Unread>> {
    let (parts, body) = request.into_parts();
    match read_body(body, settings).await {
        Ok(body) => Ok(webhook(uri, &parts, body)),
        Err(status) => Err(Box::new(Unread {
            head: webhook(uri, &parts, Bytes::new()),
            status,
        })),
    }
}

async fn read_body(body: Body, settings: &WebhookSettings) -> Result<Bytes, StatusCode> {
    // What is announced as too long is not waited for.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > settings.body_limit {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut bounded = Request::new(body);
    DefaultBodyLimit::max(settings.body_limit).apply(&mut bounded);
    match timeout(settings.body_timeout, Bytes::from_request(bounded, &())).await {
        Ok(read) => read.map_err(|rejection| rejection.status()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn webhook(uri: &Uri, parts: &Parts, body: Bytes) -> RawWebhook {
    let path_and_query = uri.path_and_query().map_or("/", |whole| whole.as_str());
    let webhook = RawWebhook::new(body)
        .with_method(parts.method.as_str())
        .with_path_and_query(path_and_query);
    parts
        .headers
        .iter()
        .fold(webhook, |webhook, (name, value)| {
            webhook.with_header(name.as_str(), value.as_bytes())
        })
}
