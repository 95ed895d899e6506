//! HTTP statuses as kinds of errors.

use paymux_core::ErrorKind;

/// What an HTTP status of 4xx means where the gateway's own code says nothing better.
///
/// ```
/// use paymux_core::ErrorKind;
/// assert_eq!(paymux_http::kind_of_status(401), ErrorKind::Authentication);
/// assert_eq!(paymux_http::kind_of_status(418), ErrorKind::Refused);
/// ```
#[must_use]
pub const fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        400 | 411 | 413 | 414 | 415 | 422 => ErrorKind::InvalidRequest,
        401 | 407 => ErrorKind::Authentication,
        403 | 451 => ErrorKind::Permission,
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        408 => ErrorKind::Timeout,
        423 | 425 => ErrorKind::InProgress,
        429 => ErrorKind::RateLimited,
        _ => ErrorKind::Refused,
    }
}
