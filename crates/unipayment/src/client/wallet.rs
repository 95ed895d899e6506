//! What v1.0 and v2 have alike: rates, currencies, balances, and what concerns webhooks.

use paymux_core::{Error, ErrorKind, Outcome, Result};
use paymux_http::{Effect, Request};
use serde::Deserialize;

use super::Client;
use super::call::{Endpoint, object};
use crate::generation::Generation;
use crate::model::{Answer, CurrencyInfo, Rate, WalletBalance};

const LATER: &str = "hmac or oauth";

impl Client {
    /// `GET /v1.0/rates/{fiat}`: what one of each crypto asset costs in a currency.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn rates(&self, fiat: &str) -> Result<Vec<Rate>> {
        const CALL: Endpoint = Endpoint::get("rates", "/v1.0/rates");
        self.check_later(&CALL)?;
        let request = self.request(&CALL).with_path_segment(fiat);
        self.call(&CALL, request, Answer::list).await
    }

    /// `GET /v1.0/rates/{fiat}/{crypto}`: what one of a crypto asset costs in a currency.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn rate(&self, fiat: &str, crypto: &str) -> Result<Rate> {
        const CALL: Endpoint = Endpoint::get("rate", "/v1.0/rates");
        self.check_later(&CALL)?;
        let request = self.request(&CALL);
        let request = request.with_path_segment(fiat).with_path_segment(crypto);
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/currencies`: currencies and crypto assets, without their networks.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn currencies(&self) -> Result<Vec<CurrencyInfo>> {
        const CALL: Endpoint = Endpoint::get("currencies", "/v1.0/currencies");
        self.check_later(&CALL)?;
        self.call(&CALL, self.request(&CALL), Answer::list).await
    }

    /// `GET /v1.0/wallet/balances`: what the wallet holds of each asset.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn balances(&self) -> Result<Vec<WalletBalance>> {
        const CALL: Endpoint = Endpoint::get("balances", "/v1.0/wallet/balances");
        self.check_later(&CALL)?;
        self.call(&CALL, self.request(&CALL), Answer::list).await
    }

    /// `GET /v1.0/ips`: the addresses that webhooks come from.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn webhook_addresses(&self) -> Result<Vec<String>> {
        const CALL: Endpoint = Endpoint::get("webhook_addresses", "/v1.0/ips");
        self.check_later(&CALL)?;
        self.call(&CALL, self.request(&CALL), Answer::list).await
    }

    /// `POST /v1.0/ipn`: asks the gateway whether it sent a webhook with exactly this body.
    ///
    /// # Errors
    /// `InvalidSignature` when it says no; `Unavailable` when it does not say, because there is no
    /// answer, or one about something else than the webhook (credentials, too many calls).
    pub async fn check_webhook(&self, body: &[u8]) -> Result<()> {
        const CALL: Endpoint = Endpoint::create("check_webhook", "/v1.0/ipn");
        self.check_later(&CALL)?;
        let call = CALL.with_effect(Effect::Read);
        let request: Request = self
            .request(&call)
            .with_body("application/json", body.to_vec());
        match self.answer(&call, request).await {
            Ok(answer) if is_verified(&answer) => Ok(()),
            Ok(_) => Err(not_sent_by_gateway().with_provider(self.name().clone())),
            Err(error) if is_about_webhook(&error) => {
                let mut refusal = not_sent_by_gateway();
                if let Some(code) = error.code() {
                    refusal = refusal.with_code(code);
                }
                Err(refusal.with_provider(self.name().clone()))
            }
            Err(error) => {
                let mut unavailable = Error::new(
                    ErrorKind::Unavailable,
                    Outcome::NotSent,
                    format!(
                        "the gateway cannot be asked about the webhook: {}",
                        error.message()
                    ),
                )
                .with_provider(self.name().clone());
                if let Some(hint) = error.hint() {
                    unavailable = unavailable.with_hint(hint.to_owned());
                }
                if let Some(wait) = error.retry_after() {
                    unavailable = unavailable.with_retry_after(wait);
                }
                Err(unavailable.with_source(error))
            }
        }
    }

    fn check_later(&self, endpoint: &Endpoint) -> Result<()> {
        match self.generation() {
            Generation::Md5 => self.other_generation(endpoint.operation, LATER),
            Generation::Hmac | Generation::OAuth => Ok(()),
        }
    }
}

/// One of the gateway's own clients reads a verdict of its own within `data`.
fn is_verified(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Verdict {
        #[serde(default)]
        code: Option<String>,
    }
    let Some(data) = answer.data_json() else {
        return true;
    };
    match serde_json::from_str::<Verdict>(data) {
        Ok(verdict) => verdict.code.is_none_or(|code| code == "OK"),
        Err(_) => !data.starts_with('{') && data != "false",
    }
}

/// Whether a refusal is about the webhook, and not about who asks or how often. Only the gateway's
/// envelope can say so: a bare HTTP 4xx may be a proxy's, or an endpoint's that has moved.
fn is_about_webhook(error: &Error) -> bool {
    error.outcome() == Outcome::Rejected
        && error.code().is_some()
        && !error.kind().is_transient()
        && !matches!(
            error.kind(),
            ErrorKind::Authentication | ErrorKind::Permission
        )
}

fn not_sent_by_gateway() -> Error {
    Error::invalid_signature("the gateway says that it did not send this webhook")
}
