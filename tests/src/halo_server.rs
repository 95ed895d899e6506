//! HaloPay's nine endpoints with the documented bodies, on raw TCP.

mod documented;
mod signature;

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;

use crate::wire_server::{Documents, WireAnswer, WireRequest, WireServer};

pub use documented::{
    ACCOUNT_BALANCE, APP_TOKEN_LIST, EXCHANGE_RATES, JST, ORDER_CREATE, ORDER_DETAIL,
    PAYOUT_CREATE, PAYOUT_DETAIL, QR_CODE_CREATE, TOKEN_LIST, TRX, USDT,
};
pub use signature::sign;

/// The app id of the documents' webhook example.
pub const APP_ID: &str = "ad4cyr8dpfs9j2u1";
/// A made-up app key.
pub const APP_KEY: &str = "fixture-app-key-6b1f2c";

/// HaloPay as its documents show it.
pub type HaloServer = WireServer<HaloDocuments>;

/// What HaloPay's documents say of requests and answers.
#[derive(Debug, Default)]
pub struct HaloDocuments {
    signs_answers: AtomicBool,
}

impl HaloServer {
    /// Starts on a free port of 127.0.0.1. Its answers are not signed.
    pub async fn start() -> Self {
        Self::serving(HaloDocuments::default()).await
    }

    /// From now on answers carry `X-Appid`, `X-Timestamp` and `X-Sign`.
    #[must_use]
    pub fn signing_answers(self) -> Self {
        let documents = self.documents();
        documents.signs_answers.store(true, Ordering::Relaxed);
        self
    }
}

impl Documents for HaloDocuments {
    fn answer(&self, request: &WireRequest) -> Result<String, WireAnswer> {
        if let Some(complaint) = complaint(request) {
            return Err(WireAnswer::new(400, complaint));
        }
        let path = &request.target;
        documented::body(path).ok_or_else(|| WireAnswer::new(404, format!("there is no {path}")))
    }

    fn proven(&self, body: String, is_right: bool) -> WireAnswer {
        if is_right && !self.signs_answers.load(Ordering::Relaxed) {
            return WireAnswer::new(200, body);
        }
        let timestamp = Utc::now().timestamp().to_string();
        let key = if is_right { APP_KEY } else { "another key" };
        let signature = sign(key, body.as_bytes(), &timestamp);
        WireAnswer::new(200, body)
            .with_header("X-Appid", APP_ID)
            .with_header("X-Timestamp", timestamp)
            .with_header("X-Sign", signature)
    }
}

/// What is undocumented about a request; `None` when all is as the common rules and the signature
/// pages ask.
fn complaint(request: &WireRequest) -> Option<String> {
    if request.method != "POST" {
        return Some(format!("the method is {}, not POST", request.method));
    }
    if request.header("content-type") != Some("application/json") {
        return Some("content-type is not application/json, once".to_owned());
    }
    if request.header("x-appid") != Some(APP_ID) {
        return Some("X-Appid is not the app id, once".to_owned());
    }
    let timestamp = request.header("x-timestamp").unwrap_or_default();
    let is_ten_digits = timestamp.len() == 10 && timestamp.bytes().all(|b| b.is_ascii_digit());
    let age = Utc::now().timestamp() - timestamp.parse::<i64>().unwrap_or_default();
    if !is_ten_digits || age.abs() > 120 {
        return Some(format!(
            "X-Timestamp {timestamp:?} is not ten digits of now"
        ));
    }
    if request.header("x-sign") != Some(&sign(APP_KEY, &request.body, timestamp)) {
        return Some("X-Sign is not the signature of these bytes".to_owned());
    }
    None
}
