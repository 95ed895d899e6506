//! How the gateway says no.

use crate::halo::wire;
use crate::members::MemberError;

/// The `code` of each kind of refusal. The documents name an error-code page whose text is not
/// known, so all of these are **ours** and can be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusalCodes {
    /// `X-Sign` is missing, doubled, malformed or wrong. 1001.
    pub bad_signature: i64,
    /// `X-Timestamp` is missing, doubled, malformed or outside the window. 1002.
    pub stale_timestamp: i64,
    /// `X-Appid` is missing, doubled or unknown. 1003.
    pub unknown_app: i64,
    /// No order, payout or endpoint of this name. 1004.
    pub not_found: i64,
    /// The `out_trade_no` was used before. 1005.
    pub repeated_order: i64,
    /// The body or one of its members cannot be taken. 1006.
    pub bad_parameter: i64,
    /// The operable balance does not cover amount and cost. 1007.
    pub insufficient_balance: i64,
    /// The token is in the catalogue and not enabled for the app. 1008.
    pub token_not_enabled: i64,
    /// `google_code` is missing or wrong. 1009.
    pub wrong_google_code: i64,
}

impl Default for RefusalCodes {
    fn default() -> Self {
        Self {
            bad_signature: 1001,
            stale_timestamp: 1002,
            unknown_app: 1003,
            not_found: 1004,
            repeated_order: 1005,
            bad_parameter: 1006,
            insufficient_balance: 1007,
            token_not_enabled: 1008,
            wrong_google_code: 1009,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalKind {
    BadSignature,
    StaleTimestamp,
    UnknownApp,
    NotFound,
    RepeatedOrder,
    BadParameter,
    InsufficientBalance,
    TokenNotEnabled,
    WrongGoogleCode,
}

/// A no with its reason. The reason never holds a key or an expected signature.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: RefusalKind,
    reason: String,
}

impl Refusal {
    pub(super) fn new(kind: RefusalKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }

    pub(super) fn bad_parameter(reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::BadParameter, reason)
    }

    /// The envelope that says so.
    pub(super) fn to_body(&self, codes: &RefusalCodes) -> Vec<u8> {
        let code = match self.kind {
            RefusalKind::BadSignature => codes.bad_signature,
            RefusalKind::StaleTimestamp => codes.stale_timestamp,
            RefusalKind::UnknownApp => codes.unknown_app,
            RefusalKind::NotFound => codes.not_found,
            RefusalKind::RepeatedOrder => codes.repeated_order,
            RefusalKind::BadParameter => codes.bad_parameter,
            RefusalKind::InsufficientBalance => codes.insufficient_balance,
            RefusalKind::TokenNotEnabled => codes.token_not_enabled,
            RefusalKind::WrongGoogleCode => codes.wrong_google_code,
        };
        wire::envelope::<()>(code, &self.reason, None)
    }
}

impl From<MemberError> for Refusal {
    fn from(error: MemberError) -> Self {
        Self::bad_parameter(error.0)
    }
}
