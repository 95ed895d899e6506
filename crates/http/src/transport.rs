//! Sending requests and judging what came back.

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use paymux_core::{Clock, Error, ProviderName, Result};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument;
use url::Url;

use crate::answer::Answer;
use crate::base_url::BaseUrl;
use crate::config::TransportConfig;
use crate::failure::Failure;
use crate::request::{Effect, Request};
use crate::retry;
use crate::sign::{Header, Sign, Unsigned};

/// One gateway's HTTP: a client, its pool of connections, and the rules of retrying. Clones share
/// both.
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    base: BaseUrl,
    host: Arc<str>,
    provider: ProviderName,
    config: TransportConfig,
}

impl Transport {
    /// A transport to this gateway. Nothing is connected yet.
    ///
    /// `base_url` is scheme, host and port. Plain http is accepted for this machine only
    /// (localhost, 127.0.0.0/8, ::1), which is never reached through a proxy; for others the usual
    /// variables (`HTTPS_PROXY`, `NO_PROXY`) work.
    ///
    /// # Errors
    /// `Configuration` for another base URL, or when TLS cannot be set up.
    pub fn new(base_url: &str, provider: ProviderName, config: TransportConfig) -> Result<Self> {
        let named = |error: Error| error.with_provider(provider.clone());
        let base = BaseUrl::parse(base_url).map_err(named)?;
        let mut builder = reqwest::Client::builder()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            .pool_idle_timeout(config.idle_timeout)
            .user_agent(&config.user_agent);
        if base.is_loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|why| {
            named(
                Error::configuration("the HTTP client cannot be set up; check TLS and User-Agent")
                    .with_source(why.without_url()),
            )
        })?;
        let host = match base.url.port() {
            Some(port) => format!("{}:{port}", base.url.host_str().unwrap_or_default()),
            None => base.url.host_str().unwrap_or_default().to_owned(),
        };
        Ok(Self {
            client,
            base,
            host: host.into(),
            provider,
            config,
        })
    }

    /// The provider instance that this transport serves.
    #[must_use]
    pub const fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// The clock that requests are signed by.
    #[must_use]
    pub const fn clock(&self) -> &Arc<dyn Clock> {
        &self.config.clock
    }

    /// Sends a request, signed anew for each attempt. A call that creates something is sent once,
    /// whatever happens; one that changes nothing is tried again after a failure that may pass.
    ///
    /// # Errors
    /// Where there is no answer of status 2xx or 4xx that could be read to its end, and on 429. The
    /// outcome is as the [crate's table](crate) says.
    pub async fn send(&self, request: &Request, sign: &dyn Sign) -> Result<Answer> {
        let named = |error: Error| {
            error
                .with_provider(self.provider.clone())
                .with_operation(request.operation)
        };
        let url = request.url_on(&self.base.url).map_err(named)?;
        let mut attempt = 1;
        loop {
            // As important as anything within it: a warning has to say whose it is.
            let span = tracing::error_span!(
                "gateway_call",
                provider = self.provider.as_str(),
                operation = request.operation,
                attempt,
            );
            let failure = match self.attempt(request, &url, sign).instrument(span).await {
                Ok(answer) => return Ok(answer),
                Err(Attempt::NotMade(error)) => return Err(named(error)),
                Err(Attempt::Failed(failure)) => failure,
            };
            let wait = (request.effect == Effect::Read && failure.is_transient())
                .then(|| retry::wait(&self.config.retry, attempt, failure.retry_after()))
                .flatten();
            let Some(wait) = wait else {
                return Err(named(failure.into_error(request.effect, &self.host)));
            };
            self.config.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        request: &Request,
        url: &Url,
        sign: &dyn Sign,
    ) -> Result<Answer, Attempt> {
        let body = request
            .body
            .as_ref()
            .map_or_else(Bytes::new, |body| body.bytes.clone());
        let mut headers = sign
            .sign(&Unsigned {
                method: request.method,
                url,
                body: &body,
                now: self.config.clock.now(),
            })
            .and_then(header_map)
            .map_err(Attempt::NotMade)?;
        if let Some(body) = &request.body {
            let header = Header::plain("content-type", body.content_type);
            headers.extend(header_map(vec![header]).map_err(Attempt::NotMade)?);
        }
        let mut call = self
            .client
            .request(request.method.of_reqwest(), url.clone())
            .headers(headers);
        if let Some(body) = &request.body {
            call = call.body(body.bytes.clone());
        }
        tracing::trace!("sends");
        let started = std::time::Instant::now();
        let result = self.exchange(call).await;
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => {
                tracing::debug!(status = answer.status, latency_ms, "answered");
            }
            Err(failure) => {
                tracing::warn!(
                    status = failure.status(),
                    latency_ms,
                    kind = failure.kind_name(),
                    "failed"
                );
            }
        }
        result.map_err(Attempt::Failed)
    }

    async fn exchange(&self, call: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        let mut response = call.send().await.map_err(Failure::of_sending)?;
        let status = response.status().as_u16();
        let retry_after = retry::retry_after(response.headers(), self.config.clock.now());
        match status {
            200..=299 | 400..=499 if status != 429 => {}
            429 => return Err(Failure::RateLimited { retry_after }),
            300..=399 => return Err(Failure::Redirected(status)),
            _ => {
                return Err(Failure::ServerError {
                    status,
                    retry_after,
                });
            }
        }
        let headers = std::mem::take(response.headers_mut());
        let body = self.read(&mut response).await?;
        Ok(Answer {
            status,
            headers,
            body,
            received_at: self.config.clock.now(),
        })
    }

    async fn read(&self, response: &mut reqwest::Response) -> Result<Bytes, Failure> {
        let cap = self.config.body_cap;
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |announced| announced > cap) {
            return Err(Failure::TooLong(cap));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(Failure::of_reading)? {
            if chunk.len() > cap - body.len() {
                return Err(Failure::TooLong(cap));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// Why an attempt gave no answer.
enum Attempt {
    /// Nothing was sent, and nothing else would come of another attempt.
    NotMade(Error),
    Failed(Failure),
}

fn header_map(headers: Vec<Header>) -> Result<HeaderMap> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        // The value is not repeated: it may be a secret.
        let mut value = HeaderValue::from_str(&header.value).map_err(|_| {
            Error::configuration(format!(
                "the header {} cannot be sent: its value holds characters that no header may; check the credentials",
                header.name
            ))
        })?;
        value.set_sensitive(header.is_secret);
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Error::configuration(format!("{:?} is no header name", header.name)))?;
        map.append(name, value);
    }
    Ok(map)
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("host", &self.host)
            .field("provider", &self.provider)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
