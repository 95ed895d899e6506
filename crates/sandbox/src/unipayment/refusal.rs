//! How the gateway says no.

use axum::http::StatusCode;

use crate::members::MemberError;

/// The `code` of each kind of refusal. The documents say that it is a string and list none, so all
/// of these are **ours** and can be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UniPaymentCodes {
    /// A signature is missing, malformed or wrong. `INVALID_SIGNATURE`, HTTP 401.
    pub bad_signature: String,
    /// The timestamp is malformed or too far off. `INVALID_TIMESTAMP`, HTTP 401.
    pub stale_timestamp: String,
    /// The nonce was used before. `REPEATED_NONCE`, HTTP 401.
    pub repeated_nonce: String,
    /// The client or app is not known. `UNKNOWN_CLIENT`, HTTP 401.
    pub unknown_client: String,
    /// The access token is missing, unknown or over. `INVALID_TOKEN`, HTTP 401.
    pub bad_token: String,
    /// The endpoint belongs to another generation. `WRONG_AUTHORIZATION`, HTTP 403.
    pub wrong_generation: String,
    /// No record or endpoint of this name. `NOT_FOUND`, HTTP 404.
    pub not_found: String,
    /// The endpoint takes another method. `METHOD_NOT_ALLOWED`, HTTP 405.
    pub wrong_method: String,
    /// A member or parameter cannot be taken. `INVALID_PARAMETER`, HTTP 400.
    pub bad_parameter: String,
    /// The balance does not cover amount and fee. `INSUFFICIENT_BALANCE`, HTTP 400.
    pub insufficient_balance: String,
    /// The record is in a state in which this cannot happen. `INVALID_STATE`, HTTP 409.
    pub wrong_state: String,
    /// The notice was never sent by this gateway. `INVALID_IPN`, HTTP 400.
    pub unknown_notice: String,
}

impl Default for UniPaymentCodes {
    fn default() -> Self {
        Self {
            bad_signature: "INVALID_SIGNATURE".to_owned(),
            stale_timestamp: "INVALID_TIMESTAMP".to_owned(),
            repeated_nonce: "REPEATED_NONCE".to_owned(),
            unknown_client: "UNKNOWN_CLIENT".to_owned(),
            bad_token: "INVALID_TOKEN".to_owned(),
            wrong_generation: "WRONG_AUTHORIZATION".to_owned(),
            not_found: "NOT_FOUND".to_owned(),
            wrong_method: "METHOD_NOT_ALLOWED".to_owned(),
            bad_parameter: "INVALID_PARAMETER".to_owned(),
            insufficient_balance: "INSUFFICIENT_BALANCE".to_owned(),
            wrong_state: "INVALID_STATE".to_owned(),
            unknown_notice: "INVALID_IPN".to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalKind {
    BadSignature,
    StaleTimestamp,
    RepeatedNonce,
    UnknownClient,
    BadToken,
    WrongGeneration,
    NotFound,
    WrongMethod,
    BadParameter,
    InsufficientBalance,
    WrongState,
    UnknownNotice,
}

/// A no with its reason. The reason never holds a key or an expected signature.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: RefusalKind,
    pub(super) reason: String,
    /// The methods that would be right.
    pub(super) allowed: String,
}

impl Refusal {
    pub(super) fn new(kind: RefusalKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            allowed: String::new(),
        }
    }

    pub(super) fn allowing(mut self, methods: String) -> Self {
        self.allowed = methods;
        self
    }

    pub(super) fn bad_parameter(reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::BadParameter, reason)
    }

    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::new(
            RefusalKind::NotFound,
            format!("no {what} has the id {id:?}"),
        )
    }

    pub(super) fn code<'a>(&self, codes: &'a UniPaymentCodes) -> &'a str {
        match self.kind {
            RefusalKind::BadSignature => &codes.bad_signature,
            RefusalKind::StaleTimestamp => &codes.stale_timestamp,
            RefusalKind::RepeatedNonce => &codes.repeated_nonce,
            RefusalKind::UnknownClient => &codes.unknown_client,
            RefusalKind::BadToken => &codes.bad_token,
            RefusalKind::WrongGeneration => &codes.wrong_generation,
            RefusalKind::NotFound => &codes.not_found,
            RefusalKind::WrongMethod => &codes.wrong_method,
            RefusalKind::BadParameter => &codes.bad_parameter,
            RefusalKind::InsufficientBalance => &codes.insufficient_balance,
            RefusalKind::WrongState => &codes.wrong_state,
            RefusalKind::UnknownNotice => &codes.unknown_notice,
        }
    }

    pub(super) fn http_status(&self) -> StatusCode {
        match self.kind {
            RefusalKind::BadSignature
            | RefusalKind::StaleTimestamp
            | RefusalKind::RepeatedNonce
            | RefusalKind::UnknownClient
            | RefusalKind::BadToken => StatusCode::UNAUTHORIZED,
            RefusalKind::WrongGeneration => StatusCode::FORBIDDEN,
            RefusalKind::NotFound => StatusCode::NOT_FOUND,
            RefusalKind::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            RefusalKind::BadParameter
            | RefusalKind::InsufficientBalance
            | RefusalKind::UnknownNotice => StatusCode::BAD_REQUEST,
            RefusalKind::WrongState => StatusCode::CONFLICT,
        }
    }
}

impl From<MemberError> for Refusal {
    fn from(error: MemberError) -> Self {
        Self::bad_parameter(error.0)
    }
}
