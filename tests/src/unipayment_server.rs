//! UniPayment's three generations with the documented bodies, on raw TCP.
//!
//! The documents' own signatures are made with keys that are not published, so where a body carries
//! one it is replaced by the right one under [`APP_KEY`].

mod documented;
mod json_members;
mod shapes;
mod signatures;
mod spelling;
mod tokens;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard};

use chrono::Utc;

use crate::wire_server::{Documents, WireAnswer, WireRequest, WireServer};

pub use documented::{
    IPN_VERIFIED, MD5_CREATED, MD5_DRAFT, MD5_NOTICE, MD5_PAGE, MD5_REQUEST, PAYMENT, V1_CREATED,
    V1_CREATED_2022, V1_NOTICE, V1_NOTICE_2022, V1_NOTICE_EXPIRED, V1_NOTICE_WITHDRAWAL,
    V1_REQUEST, V2_CREATED, V2_NOTICE_BANK_DEPOSIT, V2_NOTICE_DEPOSIT, V2_NOTICE_PAYMENT,
    WITHDRAWAL,
};
pub use json_members::{Member, members, token_of};
pub use signatures::{Md5Convention, hmac_authorization, webhook_signature};
pub use spelling::{Money, Spelling, respelled};
pub use tokens::{LIFETIME_SECONDS, expired};

/// A made-up app key, which the first generation signs with.
pub const APP_KEY: &str = "fixture-app-key-1c9e02";
/// A made-up client id.
pub const CLIENT_ID: &str = "11111111-2222-4333-8444-555555555555";
/// A made-up client secret, with characters that a form has to encode.
pub const CLIENT_SECRET: &str = "fixture+client/secret=5f7a&81";
/// A made-up webhook secret.
pub const WEBHOOK_SECRET: &str = "fixture-webhook-secret-93d4e0";

/// The path of `connect/token`.
pub const TOKEN: &str = "/connect/token";
/// The path of the first generation's `invoice/create`.
pub const MD5_CREATE: &str = "/api/invoice/create";
/// The path of the first generation's query.
pub const MD5_QUERY: &str = "/api/invoice/query";
/// The call that makes an invoice, from v1.0 on.
pub const CREATE: &str = "POST /v1.0/invoices";
/// The call that checks a webhook.
pub const CHECK: &str = "POST /v1.0/ipn";
/// The call that makes a withdrawal.
pub const WITHDRAW: &str = "POST /v1.0/wallet/withdrawals";
/// The call that makes a payment.
pub const PAY: &str = "POST /v1.0/payments";

/// How far the time of a signature may be off, in seconds. It is not documented.
const TOLERANCE_SECONDS: i64 = 300;

/// A generation of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// `sign` in the body.
    Md5,
    /// `Authorization: Hmac`.
    Hmac,
    /// `Authorization: Bearer`.
    OAuth,
}

impl Era {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::Md5, Self::Hmac, Self::OAuth];

    /// The payment app of the documents' answers.
    #[must_use]
    pub const fn app_id(self) -> &'static str {
        match self {
            Self::Md5 => "94273135-a935-4753-937b-c293987d44c8",
            Self::Hmac => "de5076a5-71aa-4a4a-a35f-bdb424af5658",
            Self::OAuth => "a22a62d1-3b64-4cb5-9336-9c45afd91e6e",
        }
    }
}

/// UniPayment as its documents show it.
pub type UniPaymentServer = WireServer<UniPaymentDocuments>;

/// What UniPayment's documents say of requests and answers of one generation.
#[derive(Debug)]
pub struct UniPaymentDocuments {
    era: Era,
    convention: Md5Convention,
    spelling: Mutex<Spelling>,
    nonces: Mutex<HashSet<String>>,
    tokens: Mutex<tokens::Tokens>,
}

impl UniPaymentServer {
    /// Starts on a free port of 127.0.0.1, as one generation.
    pub async fn start(era: Era) -> Self {
        Self::with_convention(era, Md5Convention::default()).await
    }

    /// Starts with this convention of the first generation's signature.
    pub async fn with_convention(era: Era, convention: Md5Convention) -> Self {
        Self::serving(UniPaymentDocuments {
            era,
            convention,
            spelling: Mutex::default(),
            nonces: Mutex::default(),
            tokens: Mutex::default(),
        })
        .await
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no thread panics with it")
}

impl UniPaymentDocuments {
    /// From now on answers are spelt like this.
    pub fn spell(&self, spelling: Spelling) {
        *locked(&self.spelling) = spelling;
    }

    /// Every access token that was given out, oldest first.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        locked(&self.tokens).given()
    }

    /// Ends every token that was given out so far.
    pub fn expire_tokens(&self) {
        locked(&self.tokens).expire();
    }

    /// What is wrong with the proof of a request.
    fn unproven(&self, request: &WireRequest) -> Option<WireAnswer> {
        match self.era {
            Era::Md5 if tokens::carries(request, "authorization") => {
                Some(complaint("the first generation has no Authorization"))
            }
            Era::Md5 => self.wrong_sign(request).map(complaint),
            Era::Hmac => self.wrong_authorization(request).map(complaint),
            Era::OAuth => locked(&self.tokens).refusal(request),
        }
    }

    fn wrong_sign(&self, request: &WireRequest) -> Option<&'static str> {
        let body = std::str::from_utf8(&request.body).unwrap_or("{}");
        let right = self.convention.sign(APP_KEY, body);
        if token_of(body, "sign") != Some(&format!("\"{right}\"")) {
            return Some("sign does not fit these members");
        }
        let kind = token_of(body, "sign_type");
        (!matches!(kind, None | Some("\"MD5\""))).then_some("sign_type is not MD5")
    }

    fn wrong_authorization(&self, request: &WireRequest) -> Option<&'static str> {
        let given = request.header("authorization").unwrap_or_default();
        let parts: Vec<&str> = given.split(':').collect();
        let [_, _, nonce, timestamp] = parts.as_slice() else {
            return Some("Authorization has not four parts, or is not there once");
        };
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if nonce.len() != 32 || !nonce.bytes().all(is_hex) {
            return Some("the nonce is not 32 hex digits");
        }
        let age = Utc::now().timestamp() - timestamp.parse::<i64>().unwrap_or_default();
        if timestamp.len() != 10 || age.abs() > TOLERANCE_SECONDS {
            return Some("the timestamp is not ten digits of now");
        }
        let host = request.header("host").unwrap_or_default();
        let url = format!("http://{host}{}", request.target);
        let right = hmac_authorization(
            (CLIENT_ID, CLIENT_SECRET),
            (&request.method, &url, &request.body),
            nonce,
            timestamp,
        );
        if given != right {
            return Some("Authorization does not fit this request");
        }
        (!locked(&self.nonces).insert((*nonce).to_owned())).then_some("the nonce was used before")
    }
}

impl Documents for UniPaymentDocuments {
    fn answer(&self, request: &WireRequest) -> Result<String, WireAnswer> {
        if self.era == Era::OAuth && request.path() == TOKEN {
            return locked(&self.tokens).grant(request).map_err(complaint);
        }
        if let Some(what) = shapes::complaint(self.era, request) {
            return Err(complaint(what));
        }
        if let Some(refusal) = self.unproven(request) {
            return Err(refusal);
        }
        let is_invoice = request.path().contains("invoice");
        let body = documented::body(self.era, request)
            .ok_or_else(|| complaint("the documents show no answer"))?;
        Ok(if is_invoice {
            locked(&self.spelling).apply(&body)
        } else {
            body
        })
    }

    /// Only the first generation signs its answers, and of those not the answers to queries.
    fn proven(&self, body: String, is_right: bool) -> WireAnswer {
        let key = if is_right { APP_KEY } else { "another key" };
        let signed = data_of(&body)
            .map(|data| (data, resigned(self.convention, key, data)))
            .map(|(data, signed)| body.replacen(data, &signed, 1));
        WireAnswer::new(200, signed.unwrap_or(body))
    }
}

/// `data` of an envelope, as it stands.
#[must_use]
pub fn data_of(envelope: &str) -> Option<&str> {
    token_of(envelope, "data").filter(|data| data.starts_with('{'))
}

/// An object with the right value in its `sign`, where it has that.
#[must_use]
pub fn resigned(convention: Md5Convention, key: &str, object: &str) -> String {
    match token_of(object, "sign") {
        Some(old) => {
            let new = convention.sign(key, object);
            object.replacen(old, &format!("\"{new}\""), 1)
        }
        None => object.to_owned(),
    }
}

/// The refusal of what no document allows.
fn complaint(what: impl Into<String>) -> WireAnswer {
    let envelope = serde_json::json!({"code": "UNDOCUMENTED", "msg": what.into()});
    WireAnswer::new(400, envelope.to_string())
}
