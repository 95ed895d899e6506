//! One call: signing, sending, proving the answer, opening the envelope.

use std::time::Duration;

use paymux_core::adapter::lenient::required_string;
use paymux_core::adapter::{read_list, read_object};
use paymux_core::{Error, Result};
use paymux_http::{Answer, Effect, Header, Method, Refusal, Request, Unsigned};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Client;
use crate::sign::{APP_ID_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, WINDOW_SECONDS};

const SIGNATURE_WINDOW: Duration = Duration::from_secs(WINDOW_SECONDS.unsigned_abs());

/// Where a call goes and what it does there.
pub(super) struct Endpoint {
    pub(super) operation: &'static str,
    pub(super) path: &'static str,
    pub(super) effect: Effect,
}

/// A request without members: an empty object, which is signed like any other.
#[derive(Serialize)]
struct Nothing {}

/// `{"code": 0, "msg": "success", "data": …}`
#[derive(Deserialize)]
struct Envelope<'a> {
    code: i64,
    #[serde(default)]
    msg: Option<String>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// What is left of an answer whose other members cannot be read.
#[derive(Deserialize)]
struct TradeNo {
    #[serde(deserialize_with = "required_string")]
    trade_no: String,
}

impl Client {
    /// Sends it and reads `data` of a success, which is an object. `otp` is a secret of this call that
    /// must not come back in an error.
    pub(super) async fn call<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        body: &B,
        otp: Option<&SecretString>,
    ) -> Result<T> {
        self.exchange(endpoint, body, otp, |data| read_object(data))
            .await
    }

    /// Sends a request without members and reads `data` of a success, which is a list.
    pub(super) async fn list<T: DeserializeOwned>(&self, endpoint: &Endpoint) -> Result<Vec<T>> {
        self.exchange(endpoint, &Nothing {}, None, |data| read_list(data))
            .await
    }

    async fn exchange<B: Serialize + Sync, T>(
        &self,
        endpoint: &Endpoint,
        body: &B,
        otp: Option<&SecretString>,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T> {
        let operation = self.operation.unwrap_or(endpoint.operation);
        let named = |error| self.named(error, operation);
        let body = serde_json::to_vec(body).map_err(|why| {
            named(Error::invalid_request("the request cannot be written as JSON").with_source(why))
        })?;
        let request = Request::new(operation, endpoint.effect, Method::Post, endpoint.path)
            .with_body("application/json", body);
        let answer = self
            .shared
            .transport
            .send(&request, &|unsigned: &Unsigned<'_>| self.headers(unsigned))
            .await
            .map_err(named)?;
        self.prove(&answer)
            .map_err(|error| error.with_outcome(endpoint.effect.unanswered()))
            .and_then(|()| self.open(endpoint, &answer, otp, read))
            .map_err(named)
    }

    fn headers(&self, unsigned: &Unsigned<'_>) -> Result<Vec<Header>> {
        let signed = self.shared.signer.sign(unsigned.body, unsigned.now)?;
        Ok(vec![
            Header::plain("x-appid", signed.app_id),
            Header::plain("x-timestamp", signed.timestamp),
            Header::secret("x-sign", signed.sign),
        ])
    }

    /// An answer may be signed like a request; the documents require it of the hosted checkout and
    /// are silent on these endpoints. Whether its time is near ours is not checked: TLS keeps an old
    /// answer from coming back, and a slow clock must not turn a paid payout into a failure.
    fn prove(&self, answer: &Answer) -> Result<()> {
        let is_signed = [APP_ID_HEADER, TIMESTAMP_HEADER, SIGN_HEADER]
            .into_iter()
            .any(|name| answer.has_header(name));
        if !is_signed {
            return Ok(());
        }
        self.shared
            .keys
            .prove(
                answer.single_header(APP_ID_HEADER)?,
                answer.single_header(TIMESTAMP_HEADER)?,
                answer.single_header(SIGN_HEADER)?,
                answer.body(),
            )
            .map(|_signed_at| ())
            .map_err(|error| {
                Error::invalid_signature(format!(
                    "the signature of the gateway's answer is wrong: {}",
                    error.message()
                ))
            })
    }

    fn open<T>(
        &self,
        endpoint: &Endpoint,
        answer: &Answer,
        otp: Option<&SecretString>,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T> {
        let unreadable = |what: String| Error::invalid_response(endpoint.effect.unanswered(), what);
        let refusal = |code: Option<i64>, msg: &str| {
            let secrets: Vec<&SecretString> = self.shared.keys.iter().chain(otp).collect();
            let refusal = Refusal::of(answer)
                .with_message(msg)
                .with_clock(answer.clock_ahead_by(), SIGNATURE_WINDOW);
            let refusal = match code {
                Some(code) => refusal.with_code(code.to_string(), self.shared.codes.kind(code)),
                None => refusal,
            };
            refusal.into_error(&secrets)
        };
        let envelope: Envelope<'_> = match read_object(answer.body()) {
            Ok(envelope) => envelope,
            Err(_) if !answer.is_success() => return Err(refusal(None, "")),
            Err(why) if answer.body().trim_ascii_start().starts_with(b"{") => {
                return Err(unreadable(format!(
                    "the answer is not {{code, msg, data}}: {why}"
                )));
            }
            Err(_) => return Err(unreadable(answer.describe_body())),
        };
        if envelope.code != 0 {
            let msg = envelope.msg.unwrap_or_default();
            return Err(refusal(Some(envelope.code), &msg));
        }
        // HTTP 4xx is a no, whatever the envelope says; its "success" would only confuse.
        if !answer.is_success() {
            return Err(refusal(None, ""));
        }
        let data = envelope
            .data
            .ok_or_else(|| unreadable("the answer says success and has no data".to_owned()))?;
        read(data.get().as_bytes()).map_err(|why| {
            let error = unreadable(format!(
                "the answer says success and its data cannot be read: {why}"
            ));
            match read_object::<TradeNo>(data.get().as_bytes()) {
                Ok(known) => error.with_id(known.trade_no),
                Err(_) => error,
            }
        })
    }
}
