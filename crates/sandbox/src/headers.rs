//! Headers of requests, read strictly.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use crate::members::MemberError;

/// `application/json`, possibly with `charset=utf-8`.
pub(crate) fn check_json_content_type(headers: &HeaderMap) -> Result<(), MemberError> {
    let given = single(headers, CONTENT_TYPE.as_str()).map_err(MemberError)?;
    let mut parts = given.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let rest_is_utf8 = parts.all(|parameter| {
        parameter.eq_ignore_ascii_case("charset=utf-8")
            || parameter.eq_ignore_ascii_case("charset=\"utf-8\"")
    });
    if is_json && rest_is_utf8 {
        return Ok(());
    }
    Err(MemberError(format!(
        "content-type is {given:?} and must be application/json in UTF-8"
    )))
}

/// The value of a header that must be there exactly once.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(format!("{name} is missing"))?;
    if values.next().is_some() {
        return Err(format!("{name} is there twice; send it once"));
    }
    value
        .to_str()
        .map_err(|_| format!("{name} holds characters other than visible ASCII"))
}
