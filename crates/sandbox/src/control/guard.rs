//! Keeps web pages elsewhere from driving the control API through a visitor's browser.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Response};

/// Lets through what names this machine by a loopback name (a name that a stranger's DNS points here
/// is none) and does not come from another site.
pub(super) async fn refuse_strangers(request: Request, next: Next) -> Response {
    match check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(reason) => {
            let body = Json(serde_json::json!({ "error": reason }));
            (StatusCode::FORBIDDEN, body).into_response()
        }
    }
}

fn check(headers: &HeaderMap) -> Result<(), &'static str> {
    const HOST_NEEDED: &str =
        "the control API answers only where Host is localhost or a loopback address";
    let host = single(headers, HOST.as_str()).ok_or(HOST_NEEDED)?;
    if !is_loopback(host) {
        return Err(HOST_NEEDED);
    }
    if !headers.contains_key(ORIGIN) {
        return Ok(());
    }
    let own = single(headers, ORIGIN.as_str())
        .and_then(|origin| origin.strip_prefix("http://"))
        .is_some_and(|origin| origin.eq_ignore_ascii_case(host));
    if own {
        Ok(())
    } else {
        Err("the control API takes no requests from pages of another origin")
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(bracketed) => match bracketed.split_once(']') {
            Some((address, _port)) => address,
            None => return false,
        },
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
