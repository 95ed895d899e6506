//! Events sent on to a URL, signed as Standard Webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use paymux_core::{Error, ProviderName, Result};
use paymux_http::{Effect, Header, Method, Request, Transport, TransportConfig, Unsigned};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::Serialize;
use sha2::Sha256;
use url::Url;

use crate::events::{EventKind, LedgerEvent};
use crate::outbox::{EventHandler, HandlerError};

const PREFIX: &str = "whsec_";
/// What the specification asks of a key.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Sends each event on to a URL, as [Standard Webhooks](https://www.standardwebhooks.com) asks for:
/// the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, and a body of `type`,
/// `timestamp` and `data`, which is the event. Hand it to [`Ledger::deliver`](crate::Ledger::deliver);
/// whatever is not answered with a status of 200 to 299 comes again.
///
/// ```
/// use paymux_http::TransportConfig;
/// use paymux_ledger::Forwarder;
///
/// let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
/// let forwarder = Forwarder::new(
///     "https://shop.example/hooks/paymux", secret, TransportConfig::default())?;
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Forwarder {
    transport: Transport,
    request: Request,
    keys: Vec<Key>,
}

/// The bytes of a secret.
type Key = SecretSlice<u8>;

/// The body that is sent.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: EventKind,
    timestamp: chrono::DateTime<chrono::Utc>,
    data: &'a LedgerEvent,
}

impl Forwarder {
    /// A forwarder to this URL. The secret is `whsec_` and the Base64 of 24 to 64 bytes. Plain http
    /// is accepted for this machine only.
    ///
    /// # Errors
    /// `Configuration` for another URL or secret.
    pub fn new(url: &str, secret: SecretString, config: TransportConfig) -> Result<Self> {
        // The URL may hold a token: it is not repeated.
        let url = Url::parse(url).map_err(|why| {
            Error::configuration(format!(
                "the URL to forward events to is none ({why}); write it like \
                 https://shop.example/hooks/paymux"
            ))
        })?;
        let transport =
            Transport::new(&origin(&url), ProviderName::from_static("forward"), config)?;
        Ok(Self {
            transport,
            request: request(&url)?,
            keys: vec![key(&secret)?],
        })
    }

    /// Adds a secret that events are signed with too: the receiver takes whichever it knows, so that
    /// secrets can be changed without a gap.
    ///
    /// # Errors
    /// `Configuration` for a text that is no such secret.
    pub fn with_secret(mut self, secret: SecretString) -> Result<Self> {
        self.keys.push(key(&secret)?);
        Ok(self)
    }

    fn signatures(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
        let signatures: Vec<String> = self
            .keys
            .iter()
            .map(|key| signature(key, id, timestamp, body))
            .collect::<Result<_>>()?;
        Ok(signatures.join(" "))
    }
}

fn signature(key: &Key, id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret())
        .map_err(|_| Error::configuration("the secret to sign events with has no usable length"))?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", BASE64.encode(mac.finalize().into_bytes())))
}

fn key(secret: &SecretString) -> Result<Key> {
    let wrong = || {
        Error::configuration(
            "the secret to sign events with is not whsec_ and the Base64 of 24 to 64 bytes",
        )
        .with_hint("make one with: echo whsec_$(openssl rand -base64 32)")
    };
    let text = secret.expose_secret().trim();
    let bytes = text
        .strip_prefix(PREFIX)
        .and_then(|text| BASE64.decode(text).ok())
        .map(Key::from);
    bytes
        .filter(|bytes| KEY_BYTES.contains(&bytes.expose_secret().len()))
        .ok_or_else(wrong)
}

/// Scheme, host and port; user and password too, so that they are refused and not left out.
fn origin(url: &Url) -> String {
    let mut origin = url.clone();
    origin.set_path("");
    origin.set_query(None);
    origin.set_fragment(None);
    origin.into()
}

fn request(url: &Url) -> Result<Request> {
    let path = url.path();
    let path = path.strip_prefix('/').unwrap_or(path);
    // Each part is appended after a slash of its own.
    let root = if path.is_empty() { "/" } else { "" };
    let mut request = Request::new("forward_event", Effect::Create, Method::Post, root);
    let decoded = |text: &str| -> Result<String> {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| Error::configuration("the path to forward events to is not UTF-8"))
    };
    // To many receivers the slash at the end is another resource, or a redirect that is not followed.
    let segments = path.strip_suffix('/').unwrap_or(path);
    if segments.len() < path.len() {
        request = request.with_trailing_slash();
    }
    for segment in segments.split('/').filter(|_| !path.is_empty()) {
        if segment.is_empty() {
            return Err(Error::configuration(
                "the URL to forward events to has an empty part in its path; leave out doubled \
                 slashes",
            ));
        }
        request = request.with_path_segment(decoded(segment)?);
    }
    for (name, value) in url.query_pairs() {
        request = request.with_query(name, value);
    }
    Ok(request)
}

#[async_trait::async_trait]
impl EventHandler for Forwarder {
    async fn handle(&self, event: &LedgerEvent) -> std::result::Result<(), HandlerError> {
        let body = serde_json::to_vec(&Body {
            kind: event.kind,
            timestamp: event.at,
            data: event,
        })?;
        let sign = |unsigned: &Unsigned<'_>| -> Result<Vec<Header>> {
            let timestamp = unsigned.now.timestamp();
            Ok(vec![
                Header::plain("webhook-id", event.id.clone()),
                Header::plain("webhook-timestamp", timestamp.to_string()),
                Header::secret(
                    "webhook-signature",
                    self.signatures(&event.id, timestamp, unsigned.body)?,
                ),
            ])
        };
        let request = self.request.clone().with_body("application/json", body);
        let answer = self.transport.send(&request, &sign).await?;
        if answer.is_success() {
            Ok(())
        } else {
            Err(format!("answered with status {}", answer.status()).into())
        }
    }
}
