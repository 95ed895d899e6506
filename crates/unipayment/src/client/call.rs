//! One call: authenticating, sending, opening the envelope.

use std::time::Duration;

use paymux_core::adapter::read_object;
use paymux_core::{Error, Outcome, Result};
use paymux_http::{
    Answer as HttpAnswer, Effect, Fetched, Header, Method, Refusal, Request, Unsigned,
};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::token::Token;
use super::{Auth, Client};
use crate::model::Answer;
use crate::sign::HmacSigner;

const JSON: &str = "application/json";

/// How far the gateway lets the time of a signature be off. It is not documented.
const SIGNATURE_WINDOW: Duration = Duration::from_secs(300);

/// Where a call goes and what it does there.
#[derive(Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) effect: Effect,
}

impl Endpoint {
    pub(super) const fn get(operation: &'static str, path: &'static str) -> Self {
        Self {
            operation,
            method: Method::Get,
            path,
            effect: Effect::Read,
        }
    }

    pub(super) const fn create(operation: &'static str, path: &'static str) -> Self {
        Self {
            method: Method::Post,
            effect: Effect::Create,
            ..Self::get(operation, path)
        }
    }

    /// A call that is made once: what it changes may not be told from its answer's absence.
    pub(super) const fn change(
        operation: &'static str,
        method: Method,
        path: &'static str,
    ) -> Self {
        Self {
            method,
            ..Self::create(operation, path)
        }
    }

    pub(super) const fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}

/// Where answers to what was created tell its id.
#[derive(Deserialize)]
struct AnyId {
    invoice_id: Option<String>,
    payment_id: Option<String>,
    payout_id: Option<String>,
    id: Option<String>,
}

impl AnyId {
    fn known(self) -> Option<String> {
        self.invoice_id
            .or(self.payment_id)
            .or(self.payout_id)
            .or(self.id)
            .filter(|id| !id.is_empty())
    }
}

impl Client {
    /// The endpoint as a request, under the operation on whose behalf it is called.
    pub(super) fn request(&self, endpoint: &Endpoint) -> Request {
        let operation = self.operation.unwrap_or(endpoint.operation);
        Request::new(operation, endpoint.effect, endpoint.method, endpoint.path)
    }

    /// The endpoint as a request with a body.
    pub(super) fn request_with<B: Serialize + ?Sized>(
        &self,
        endpoint: &Endpoint,
        body: &B,
    ) -> Result<Request> {
        let json = serde_json::to_vec(body).map_err(|why| {
            let error = Error::invalid_request("the request cannot be written as JSON");
            self.named(error.with_source(why), endpoint)
        })?;
        Ok(self.request(endpoint).with_body(JSON, json))
    }

    pub(super) fn request_with_json(&self, endpoint: &Endpoint, json: String) -> Request {
        self.request(endpoint).with_body(JSON, json)
    }

    /// Sends it and reads `data` of a success.
    pub(super) async fn call<T>(
        &self,
        endpoint: &Endpoint,
        request: Request,
        read: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T> {
        let answer = self.answer(endpoint, request).await?;
        self.read(endpoint, &answer, read)
    }

    pub(super) fn read<T>(
        &self,
        endpoint: &Endpoint,
        answer: &Answer,
        read: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T> {
        read(answer).map_err(|why| {
            let error = Error::invalid_response(
                endpoint.effect.unanswered(),
                format!("the answer says OK and its data cannot be read: {why}"),
            );
            self.named(with_id(error, answer), endpoint)
        })
    }

    /// Sends it and gives the envelope of a success.
    pub(super) async fn answer(&self, endpoint: &Endpoint, request: Request) -> Result<Answer> {
        self.exchange(endpoint, &request)
            .await
            .and_then(|(answer, token)| {
                self.open(endpoint, &answer, token.as_ref().map(|token| &*token.value))
            })
            .map_err(|error| self.named(error, endpoint))
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        request: &Request,
    ) -> Result<(HttpAnswer, Option<Fetched<Token>>)> {
        let transport = &self.shared.transport;
        match &self.shared.auth {
            Auth::Md5(_) => {
                // The proof is in the body.
                let sign = |_: &Unsigned<'_>| Ok(Vec::new());
                Ok((transport.send(request, &sign).await?, None))
            }
            Auth::Hmac(signer) => {
                let sign = |unsigned: &Unsigned<'_>| hmac_headers(signer, unsigned);
                Ok((transport.send(request, &sign).await?, None))
            }
            Auth::OAuth(tokens) => {
                let operation = self.operation.unwrap_or(endpoint.operation);
                // Whatever goes wrong with the token, nothing else was sent.
                let without_token = |error: Error| match endpoint.effect {
                    Effect::Create => error.with_outcome(Outcome::NotSent),
                    Effect::Read => error,
                };
                let token = tokens.get(transport, operation, None).await;
                let token = token.map_err(without_token)?;
                let answer = transport
                    .send(request, &|_: &Unsigned<'_>| bearer(&token.value))
                    .await?;
                if !is_token_refused(&answer, endpoint.effect) {
                    return Ok((answer, Some(token)));
                }
                // The gateway said no before it looked at the call, so that may be made once more.
                let token = tokens.get(transport, operation, Some(token.fetch)).await;
                let token = token.map_err(without_token)?;
                let answer = transport
                    .send(request, &|_: &Unsigned<'_>| bearer(&token.value))
                    .await?;
                Ok((answer, Some(token)))
            }
        }
    }

    fn open(
        &self,
        endpoint: &Endpoint,
        answer: &HttpAnswer,
        token: Option<&Token>,
    ) -> Result<Answer> {
        let secrets: Vec<&SecretString> = [&self.shared.secret]
            .into_iter()
            .chain(token.map(|token| &token.text))
            .collect();
        let refusal = |code: Option<&str>, msg: &str| {
            let ahead_by = match self.shared.auth {
                Auth::Hmac(_) => answer.clock_ahead_by(),
                Auth::Md5(_) | Auth::OAuth(_) => None,
            };
            let refusal = Refusal::of(answer)
                .with_message(msg)
                .with_clock(ahead_by, SIGNATURE_WINDOW);
            let refusal = match code {
                Some(code) => refusal.with_code(code, self.shared.codes.kind(code)),
                None => refusal,
            };
            refusal.into_error(&secrets)
        };
        let unreadable = |what: String| Error::invalid_response(endpoint.effect.unanswered(), what);
        let envelope = match Answer::read(answer.body()) {
            Ok(envelope) => envelope,
            Err(_) if !answer.is_success() => return Err(refusal(None, &said(answer.body()))),
            Err(why) if answer.body().trim_ascii_start().starts_with(b"{") => {
                return Err(unreadable(format!(
                    "the answer is not {{code, msg, data}}: {why}"
                )));
            }
            Err(_) => return Err(unreadable(answer.describe_body())),
        };
        let msg = envelope.msg.as_deref().unwrap_or_default();
        if !envelope.is_ok() {
            return Err(refusal(Some(&envelope.code), msg));
        }
        // HTTP 4xx is a no, whatever the envelope says; its "OK" would only confuse.
        if !answer.is_success() {
            return Err(refusal(None, ""));
        }
        Ok(envelope)
    }

    pub(super) fn named(&self, error: Error, endpoint: &Endpoint) -> Error {
        error
            .with_provider(self.name().clone())
            .with_operation(self.operation.unwrap_or(endpoint.operation))
    }

    /// A call that this generation does not have.
    pub(super) fn other_generation<T>(&self, operation: &'static str, right: &str) -> Result<T> {
        let generation = self.generation();
        Err(Error::unsupported(format!(
            "UniPayment's generation {generation} has no such call; set auth to {right}"
        ))
        .with_provider(self.name().clone())
        .with_operation(self.operation.unwrap_or(operation)))
    }
}

/// Reads `data` that is an object.
pub(super) fn object<T: DeserializeOwned>(answer: &Answer) -> Result<T, String> {
    answer.data()
}

/// The id of what was made, where an answer that is no good otherwise tells it.
fn with_id(error: Error, answer: &Answer) -> Error {
    match answer.data::<AnyId>().ok().and_then(AnyId::known) {
        Some(id) => error.with_id(id),
        None => error,
    }
}

fn hmac_headers(signer: &HmacSigner, unsigned: &Unsigned<'_>) -> Result<Vec<Header>> {
    let nonce = hex::encode(rand::rng().random::<[u8; 16]>());
    let authorization = signer.authorization(
        unsigned.method.as_str(),
        unsigned.url.as_str(),
        unsigned.body,
        &nonce,
        unsigned.now,
    )?;
    Ok(vec![Header::secret("authorization", authorization)])
}

fn bearer(token: &Token) -> Result<Vec<Header>> {
    let value = format!("Bearer {}", token.text.expose_secret());
    Ok(vec![Header::secret("authorization", value)])
}

/// Whether a call may be made once more with a new token: after a 401 that names the token, in the
/// header that HTTP has for it, in its text, or by saying nothing at all, since the token is the only
/// proof of these calls.
fn is_token_refused(answer: &HttpAnswer, effect: Effect) -> bool {
    if answer.status() != 401 {
        return false;
    }
    let in_header = answer
        .single_header("www-authenticate")
        .is_ok_and(|header| header.is_some_and(names_token));
    let body = answer.body().trim_ascii();
    // A call that changes nothing may be asked again whatever the 401 is about.
    effect == Effect::Read
        || in_header
        || body.is_empty()
        || names_token(&String::from_utf8_lossy(body))
}

fn names_token(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("token") || text.starts_with("bearer")
}

/// What a refusal without the envelope says.
fn said(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        msg: Option<String>,
        #[serde(default)]
        error: Option<String>,
    }
    read_object::<Said>(body)
        .ok()
        .and_then(|said| said.msg.or(said.error))
        .unwrap_or_default()
}
