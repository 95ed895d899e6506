//! Receivers of webhooks inside the sandbox's own server.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::lock::lock;
use crate::recording::{header_pairs, without_secrets};
use crate::shutdown::Shutdown;

/// How long [`Inbox::next`] waits, so that a test whose webhook is missing fails and does not hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// A webhook as it arrived. `Debug` leaves out the signature and shows the body as text.
#[derive(Clone)]
#[non_exhaustive]
pub struct ReceivedWebhook {
    /// The HTTP method.
    pub method: String,
    /// The path with the query, as in the request line.
    pub path_and_query: String,
    /// The headers in the order of arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it was there, in UTC.
    pub received_at: DateTime<Utc>,
}

impl fmt::Debug for ReceivedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedWebhook")
            .field("method", &self.method)
            .field("path_and_query", &self.path_and_query)
            .field("headers", &without_secrets(&self.headers))
            .field("body", &String::from_utf8_lossy(&self.body))
            .field("received_at", &self.received_at)
            .finish()
    }
}

impl ReceivedWebhook {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A named receiver of webhooks, for tests that want to see what a gateway sends.
///
/// Cloning gives another handle on the same receiver. It answers 200 `success` unless told otherwise
/// by [`answer_with`](Self::answer_with).
#[derive(Debug, Clone)]
pub struct Inbox {
    url: String,
    mailbox: Arc<Mailbox>,
    shutdown: Shutdown,
}

#[derive(Debug)]
struct Mailbox {
    waiting: Mutex<VecDeque<ReceivedWebhook>>,
    arrived: Notify,
    answer: Mutex<(StatusCode, String)>,
}

impl Inbox {
    /// Where it listens. A query string may be appended.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The next webhook, waiting up to ten seconds; `None` if none came or the sandbox stopped.
    pub async fn next(&self) -> Option<ReceivedWebhook> {
        self.next_within(PATIENCE).await
    }

    /// The next webhook, waiting no longer than `patience`.
    pub async fn next_within(&self, patience: Duration) -> Option<ReceivedWebhook> {
        tokio::select! {
            webhook = self.arrival() => Some(webhook),
            () = tokio::time::sleep(patience) => self.try_next(),
            () = self.shutdown.begun() => self.try_next(),
        }
    }

    async fn arrival(&self) -> ReceivedWebhook {
        loop {
            let arrived = self.mailbox.arrived.notified();
            if let Some(webhook) = self.try_next() {
                return webhook;
            }
            arrived.await;
        }
    }

    /// The next webhook if one is there already.
    pub fn try_next(&self) -> Option<ReceivedWebhook> {
        let mut waiting = lock(&self.mailbox.waiting);
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            self.mailbox.arrived.notify_one();
        }
        next
    }

    /// Answers all later webhooks with this HTTP status and body. A status outside 200 to 599 counts
    /// as 500.
    pub fn answer_with(&self, status: u16, body: impl Into<String>) {
        let status = StatusCode::from_u16(status)
            .ok()
            .filter(|status| (200..600).contains(&status.as_u16()))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *lock(&self.mailbox.answer) = (status, body.into());
    }
}

/// All inboxes by name.
#[derive(Debug, Default)]
pub(crate) struct Inboxes {
    by_name: Mutex<HashMap<String, Arc<Mailbox>>>,
}

impl Inboxes {
    pub(crate) fn open(&self, base_url: &str, name: &str, shutdown: Shutdown) -> Inbox {
        let mut by_name = lock(&self.by_name);
        let mailbox = by_name.entry(name.to_owned()).or_insert_with(|| {
            Arc::new(Mailbox {
                waiting: Mutex::default(),
                arrived: Notify::new(),
                answer: Mutex::new((StatusCode::OK, "success".to_owned())),
            })
        });
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        Inbox {
            url: format!("{base_url}/sandbox/inbox/{}", name.replace('+', "%20")),
            mailbox: Arc::clone(mailbox),
            shutdown,
        }
    }

    /// Takes a webhook in and says what to answer.
    pub(crate) fn receive(
        &self,
        name: &str,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
        body: &Bytes,
    ) -> (StatusCode, String) {
        let Some(mailbox) = lock(&self.by_name).get(name).map(Arc::clone) else {
            let hint = format!("no inbox has the name {name:?}; Sandbox::inbox opens one\n");
            return (StatusCode::NOT_FOUND, hint);
        };
        let path_and_query = uri.path_and_query().map_or("/", |whole| whole.as_str());
        lock(&mailbox.waiting).push_back(ReceivedWebhook {
            method: method.to_string(),
            path_and_query: path_and_query.to_owned(),
            headers: header_pairs(headers),
            body: body.to_vec(),
            received_at: Utc::now(),
        });
        mailbox.arrived.notify_one();
        let (status, body) = &*lock(&mailbox.answer);
        (*status, body.clone())
    }
}
