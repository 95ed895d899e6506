//! Delivery of webhooks: in order, on the retry schedule, with a log of every attempt.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;

use crate::capped_log::CappedLog;
use crate::clock::Clock;
use crate::error::SandboxError;
use crate::faults::{Faults, WebhookFault};
use crate::lock::lock;
use crate::settings::{DeliveredBy, LiveSettings};
use crate::shutdown::Shutdown;
use crate::signer::Signer;

/// The answer of a receiver is read no further than this.
const ANSWER_LIMIT: usize = 4096;

/// A notice and every attempt to deliver it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// The order, payout or QR code it is about, by the gateway's id.
    pub about: String,
    /// The status it tells, as its body spells it.
    pub event: String,
    /// Where it goes.
    pub url: String,
    /// The body of the first attempt. Later ones have the same, but for
    /// [`UniPaymentSettings::notify_id_kept`](crate::UniPaymentSettings::notify_id_kept).
    pub body: Vec<u8>,
    /// The attempts so far, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// Where the delivery stands.
    pub state: DeliveryState,
}

impl WebhookDelivery {
    /// The headers of the newest attempt.
    pub fn headers(&self) -> &[(String, String)] {
        self.attempts
            .last()
            .map_or(&[], |attempt| attempt.headers.as_slice())
    }
}

/// One attempt to deliver a notice. `Debug` leaves out the headers, which hold a signature.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// When it was made, by the gateway's clock in UTC.
    pub at: DateTime<Utc>,
    /// The gateway's own headers.
    pub headers: Vec<(String, String)>,
    /// The HTTP status of the answer, if one came.
    pub status: Option<u16>,
    /// What went wrong, unless the answer was taken as delivered.
    pub error: Option<String>,
}

impl fmt::Debug for DeliveryAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliveryAttempt")
            .field("at", &self.at)
            .field("status", &self.status)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryState {
    /// It was not delivered yet, and will be tried (again).
    Pending,
    /// A receiver took it.
    Delivered,
    /// The schedule is over and nobody took it.
    GivenUp,
    /// A fault of the script lost it.
    Lost,
}

/// A notice as a gateway hands it over.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) about: String,
    pub(crate) event: String,
    pub(crate) event_header: Option<(&'static str, String)>,
    pub(crate) url: String,
    pub(crate) body: Vec<u8>,
    pub(crate) signer: Arc<dyn Signer>,
}

#[derive(Debug, Clone)]
struct Job {
    notice: Arc<Notice>,
    /// Where it stands in the log.
    entry: u64,
    fault: Option<WebhookFault>,
}

/// The notices about one order or payout, which go out in the order in which things happened.
#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Job>,
    overtaken: Vec<Job>,
    running: bool,
}

/// Delivers what the gateways hand over.
#[derive(Debug)]
pub(crate) struct Outbox {
    client: reqwest::Client,
    runtime: Handle,
    clock: Clock,
    settings: Arc<LiveSettings>,
    faults: Arc<Faults>,
    shutdown: Shutdown,
    lanes: Mutex<HashMap<String, Lane>>,
    log: Mutex<CappedLog<WebhookDelivery>>,
}

impl Outbox {
    pub(crate) fn new(
        runtime: Handle,
        clock: Clock,
        settings: Arc<LiveSettings>,
        faults: Arc<Faults>,
        shutdown: Shutdown,
    ) -> Result<Self, SandboxError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            // A connection that a receiver closed meanwhile would look like a failed attempt.
            .pool_max_idle_per_host(0)
            .user_agent("paymux-sandbox")
            .build()
            .map_err(SandboxError::WebhookClient)?;
        Ok(Self {
            client,
            runtime,
            clock,
            settings,
            faults,
            shutdown,
            lanes: Mutex::default(),
            log: Mutex::default(),
        })
    }

    pub(crate) fn deliveries(&self) -> Vec<WebhookDelivery> {
        lock(&self.log).iter().cloned().collect()
    }

    /// Queues a notice. Notices about one thing make their first attempts one after the other; a
    /// repeated attempt may come after a newer notice.
    pub(crate) fn send(self: &Arc<Self>, notice: Notice) {
        let fault = self.faults.for_notice(&notice.event);
        let lost = fault == Some(WebhookFault::Lost);
        let entry = self.open_entry(&notice, lost);
        if lost {
            return;
        }
        let about = notice.about.clone();
        let job = Job {
            notice: Arc::new(notice),
            entry,
            fault,
        };
        if let Some(WebhookFault::Delayed { millis }) = job.fault {
            let outbox = Arc::clone(self);
            self.runtime.spawn(async move {
                if outbox.shutdown.sleep(Duration::from_millis(millis)).await {
                    outbox.deliver(job).await;
                }
            });
            return;
        }
        let mut lanes = lock(&self.lanes);
        let lane = lanes.entry(about.clone()).or_default();
        if job.fault == Some(WebhookFault::Overtaken) {
            lane.overtaken.push(job);
            return;
        }
        lane.queue.push_back(job);
        lane.queue.extend(lane.overtaken.drain(..));
        if !lane.running {
            lane.running = true;
            let outbox = Arc::clone(self);
            self.runtime
                .spawn(async move { outbox.work_lane(about).await });
        }
    }

    fn open_entry(&self, notice: &Notice, lost: bool) -> u64 {
        let most = self.settings.now().records_kept;
        let mut log = lock(&self.log);
        let entry = log.push(WebhookDelivery {
            about: notice.about.clone(),
            event: notice.event.clone(),
            url: notice.url.clone(),
            body: notice.body.clone(),
            attempts: Vec::new(),
            state: if lost {
                DeliveryState::Lost
            } else {
                DeliveryState::Pending
            },
        });
        log.shed(most);
        entry
    }

    async fn work_lane(self: Arc<Self>, about: String) {
        while let Some(job) = self.next_in_lane(&about) {
            tokio::select! {
                () = self.deliver(job) => {}
                () = self.shutdown.begun() => return,
            }
        }
    }

    fn next_in_lane(&self, about: &str) -> Option<Job> {
        let mut lanes = lock(&self.lanes);
        let lane = lanes.get_mut(about)?;
        let job = lane.queue.pop_front();
        if job.is_none() {
            lane.running = false;
            if lane.overtaken.is_empty() {
                lanes.remove(about);
            }
        }
        job
    }

    /// Makes the first attempt, and leaves the others to a task of their own.
    async fn deliver(self: &Arc<Self>, job: Job) {
        let body = &job.notice.body;
        let mut taken = self.attempt(&job, body.clone()).await;
        if job.fault == Some(WebhookFault::Doubled) {
            taken |= self.attempt(&job, body.clone()).await;
        }
        if taken {
            self.conclude(&job, DeliveryState::Delivered);
            return;
        }
        let outbox = Arc::clone(self);
        self.runtime.spawn(async move { outbox.repeat(job).await });
    }

    async fn repeat(self: Arc<Self>, job: Job) {
        let mut round = 0;
        loop {
            let pause = {
                let settings = self.settings.now();
                let pause = settings.retry_intervals.get(round).copied();
                pause.map(|pause| pause / settings.time_scale.max(1))
            };
            let Some(pause) = pause else {
                return self.conclude(&job, DeliveryState::GivenUp);
            };
            if !self.shutdown.sleep(pause).await {
                return;
            }
            let body = job.notice.signer.repeated(&job.notice.body);
            if self.attempt(&job, body).await {
                return self.conclude(&job, DeliveryState::Delivered);
            }
            round += 1;
        }
    }

    fn conclude(&self, job: &Job, state: DeliveryState) {
        if let Some(entry) = lock(&self.log).get_mut(job.entry) {
            entry.state = state;
        }
    }

    /// One attempt, signed afresh; true when the receiver took it.
    async fn attempt(&self, job: &Job, mut body: Vec<u8>) -> bool {
        let notice = &job.notice;
        let fault = self.faults.for_attempt(&notice.event);
        let at = self.clock.now();
        let mut headers = match &fault {
            Some(WebhookFault::WrongSignature) => {
                body = notice.signer.spoiled(body);
                notice.signer.wrong_headers(&body, at.timestamp())
            }
            Some(WebhookFault::OldTimestamp { seconds }) => notice
                .signer
                .headers(&body, at.timestamp().saturating_sub(*seconds)),
            _ => notice.signer.headers(&body, at.timestamp()),
        };
        headers.extend(notice.event_header.clone());
        if fault == Some(WebhookFault::AlteredByte) {
            alter_a_digit(&mut body);
        }
        let settings = self.settings.now();
        let posted = self
            .post(&notice.url, &headers, body, settings.webhook_timeout)
            .await;
        let (status, error) = match posted {
            Ok((status, answer)) => (
                Some(status),
                refusal(status, &answer, &settings.delivered_by),
            ),
            Err(error) => (None, Some(error)),
        };
        let taken = error.is_none();
        let attempt = DeliveryAttempt {
            at,
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            status,
            error,
        };
        if let Some(entry) = lock(&self.log).get_mut(job.entry) {
            entry.attempts.push(attempt);
        }
        taken
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<(u16, Vec<u8>), String> {
        let mut request = self
            .client
            .post(url)
            .timeout(timeout)
            .header("content-type", "application/json")
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| causes(&error))?;
        let status = response.status().as_u16();
        let mut answer = Vec::new();
        while answer.len() < ANSWER_LIMIT {
            match response.chunk().await.map_err(|error| causes(&error))? {
                Some(chunk) => answer.extend_from_slice(&chunk),
                None => break,
            }
        }
        Ok((status, answer))
    }
}

/// Why an answer does not count as delivered.
fn refusal(status: u16, answer: &[u8], delivered_by: &DeliveredBy) -> Option<String> {
    match delivered_by {
        DeliveredBy::AnySuccess if (200..300).contains(&status) => None,
        DeliveredBy::AnySuccess => Some(format!("answered HTTP {status}, expected 200 to 299")),
        DeliveredBy::Body(expected)
            if status == 200 && answer.trim_ascii() == expected.trim().as_bytes() =>
        {
            None
        }
        DeliveredBy::Body(expected) => Some(format!(
            "answered HTTP {status}, expected 200 with the body {expected:?}"
        )),
    }
}

/// Changes the last digit, so that the body stays JSON and says something else.
fn alter_a_digit(body: &mut [u8]) {
    if let Some(digit) = body.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
