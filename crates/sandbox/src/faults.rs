//! The script of faults: which calls and webhooks go wrong, how, and how often.

use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::lock::lock;

/// The point at which a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Before the gateway did anything: the call has no effect.
    BeforeWork,
    /// After the gateway did the work: the call has its effect, whatever the client sees.
    AfterWork,
}

/// What goes wrong with a call to a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestFault {
    /// The answer is right but late. The work goes on even if the client gives up waiting.
    Delay {
        /// Whether the pause comes before or after the work.
        when: When,
        /// The length of the pause in milliseconds.
        millis: u64,
    },
    /// Another HTTP answer in place of the gateway's, unsigned.
    Status {
        /// Whether the work is done nevertheless.
        when: When,
        /// The HTTP status, 200 to 599; any other counts as 500.
        status: u16,
        /// More headers, such as `Retry-After` or `Location`.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body, sent as it is.
        #[serde(default)]
        body: String,
    },
    /// The TCP connection is reset without a byte of an answer.
    Cut {
        /// Whether the work is done nevertheless.
        when: When,
    },
    /// The work is done; the answer announces its full length and ends in the middle.
    CutMidBody,
    /// The work is done; the body is not JSON. Its signature is right.
    MalformedJson,
    /// The work is done; the signature of the answer is wrong, where answers have one.
    WrongSignature,
    /// The work is done; one member of the answer has another value. Its signature is right.
    ReplaceMember {
        /// The member's place, dotted: `data.amount`, `data.0.token`.
        member: String,
        /// What stands there instead.
        value: serde_json::Value,
    },
    /// The work is done; one member of the answer is missing. Its signature is right.
    RemoveMember {
        /// The member's place, dotted: `data.trade_no`.
        member: String,
    },
    /// The work is done; blanks follow the JSON until the body has this many bytes (at most 256 MiB).
    HugeBody {
        /// The length of the body.
        bytes: usize,
    },
    /// The answer is right, and the connection looks alive after it; the next request sent on it is
    /// met by a reset and never read.
    StaleConnection,
}

impl RequestFault {
    /// The status alone, with an empty body.
    pub fn status(when: When, status: u16) -> Self {
        Self::Status {
            when,
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// HTTP 429 before the work, with `Retry-After` in seconds.
    pub fn too_many_requests(retry_after: u64) -> Self {
        Self::Status {
            when: When::BeforeWork,
            status: 429,
            headers: vec![("Retry-After".to_owned(), retry_after.to_string())],
            body: String::new(),
        }
    }

    /// A pause of this length, cut to whole milliseconds.
    pub fn delay(when: When, length: Duration) -> Self {
        Self::Delay {
            when,
            millis: u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What goes wrong with a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WebhookFault {
    /// The notice is never sent, nor tried again.
    Lost,
    /// The first attempt is made twice.
    Doubled,
    /// The notice waits while later notices about the same order pass it.
    Delayed {
        /// How long it waits, in milliseconds.
        millis: u64,
    },
    /// The notice waits until the next one about the same order was sent.
    Overtaken,
    /// One attempt has a wrong signature. Where the gateway signs nothing and is asked instead
    /// (UniPayment v1.0), the notice is one that it never made.
    WrongSignature,
    /// One attempt has one byte of its body altered after signing.
    AlteredByte,
    /// One attempt is signed rightly, but at a time in the past. Without effect where no time is
    /// signed, as at UniPayment.
    OldTimestamp {
        /// How far in the past.
        seconds: i64,
    },
}

impl WebhookFault {
    /// Whether it concerns the notice as a whole, or one attempt to deliver it.
    fn is_about_notice(&self) -> bool {
        matches!(
            self,
            Self::Lost | Self::Doubled | Self::Delayed { .. } | Self::Overtaken
        )
    }
}

/// One line of the script.
///
/// A rule strikes once unless told otherwise. Rules are asked in the order in which they were added,
/// and the first that strikes is the only one for that call, so three rules for one path are three
/// calls that go wrong in turn.
///
/// ```
/// use paymux_sandbox::{FaultRule, RequestFault, WebhookFault, When};
///
/// let second_payout_is_cut =
///     FaultRule::request("/api/payout/create", RequestFault::Cut { when: When::AfterWork }).skip(1);
/// let paid_notices_come_twice = FaultRule::webhook(WebhookFault::Doubled).for_event("PAID").always();
/// # assert_ne!(second_payout_is_cut, paid_notices_come_twice);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RuleMembers", into = "RuleMembers")]
pub struct FaultRule {
    target: Target,
    skip: u32,
    times: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Request(String, RequestFault),
    Webhook(Option<String>, WebhookFault),
}

impl FaultRule {
    /// A fault of calls to `path`, such as `/api/payout/create`; a path that ends in `*` stands for
    /// every path with that beginning. A method and a blank may stand before it, as in
    /// `POST /v1.0/invoices`; otherwise any method counts.
    pub fn request(path: impl Into<String>, fault: RequestFault) -> Self {
        Self::once(Target::Request(path.into(), fault))
    }

    /// A fault of webhooks.
    pub fn webhook(fault: WebhookFault) -> Self {
        Self::once(Target::Webhook(None, fault))
    }

    fn once(target: Target) -> Self {
        Self {
            target,
            skip: 0,
            times: Some(1),
        }
    }

    /// Limits a webhook rule to notices of one status, such as `PAID`, `TIME-OUT` or `Confirmed`. Changes nothing
    /// about a request rule.
    #[must_use]
    pub fn for_event(mut self, status: impl Into<String>) -> Self {
        if let Target::Webhook(only, _) = &mut self.target {
            *only = Some(status.into());
        }
        self
    }

    /// Lets the first `calls` pass.
    #[must_use]
    pub fn skip(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    /// Strikes `times` times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Strikes until the script is cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Whether the rule strikes now, counting down what has to be counted.
    fn strikes(&mut self) -> bool {
        if self.times == Some(0) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }
}

/// The form of a rule in the control API.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleMembers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestFault>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook: Option<WebhookFault>,
    #[serde(default)]
    skip: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(default)]
    always: bool,
}

impl TryFrom<RuleMembers> for FaultRule {
    type Error = &'static str;

    fn try_from(members: RuleMembers) -> Result<Self, Self::Error> {
        let target = match (
            members.path,
            members.request,
            members.event,
            members.webhook,
        ) {
            (Some(path), Some(fault), None, None) => Target::Request(path, fault),
            (None, None, event, Some(fault)) => Target::Webhook(event, fault),
            _ => {
                return Err(
                    "a rule has either path and request, or webhook and possibly event: \
                     {\"path\": \"/api/payout/create\", \"request\": {\"kind\": \"cut\", \"when\": \"after_work\"}} \
                     or {\"event\": \"PAID\", \"webhook\": {\"kind\": \"lost\"}}",
                );
            }
        };
        let times = match (members.always, members.times) {
            (true, Some(_)) => return Err("a rule has either times or always, not both"),
            (true, None) => None,
            (false, times) => Some(times.unwrap_or(1)),
        };
        Ok(Self {
            target,
            skip: members.skip,
            times,
        })
    }
}

impl From<FaultRule> for RuleMembers {
    fn from(rule: FaultRule) -> Self {
        let (path, request, event, webhook) = match rule.target {
            Target::Request(path, fault) => (Some(path), Some(fault), None, None),
            Target::Webhook(event, fault) => (None, None, event, Some(fault)),
        };
        Self {
            path,
            request,
            event,
            webhook,
            skip: rule.skip,
            times: rule.times,
            always: rule.times.is_none(),
        }
    }
}

/// The script: rules in the order in which they were added.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<FaultRule>>,
}

impl Faults {
    /// Adds a rule behind those there are.
    pub fn add(&self, rule: FaultRule) {
        lock(&self.rules).push(rule);
    }

    /// Removes all rules.
    pub fn clear(&self) {
        lock(&self.rules).clear();
    }

    /// The rules that can still strike, with what is left of their counts.
    pub fn pending(&self) -> Vec<FaultRule> {
        lock(&self.rules).clone()
    }

    pub(crate) fn for_request(&self, method: &str, path: &str) -> Option<RequestFault> {
        self.take(|target| match target {
            Target::Request(pattern, fault) => {
                let (only, pattern) = match pattern.split_once(' ') {
                    Some((only, pattern)) => (Some(only), pattern),
                    None => (None, pattern.as_str()),
                };
                let fits_path = match pattern.strip_suffix('*') {
                    Some(beginning) => path.starts_with(beginning),
                    None => path == pattern,
                };
                let fits = fits_path && only.is_none_or(|only| only == method);
                fits.then(|| fault.clone())
            }
            Target::Webhook(..) => None,
        })
    }

    pub(crate) fn for_notice(&self, event: &str) -> Option<WebhookFault> {
        self.for_webhook(event, true)
    }

    pub(crate) fn for_attempt(&self, event: &str) -> Option<WebhookFault> {
        self.for_webhook(event, false)
    }

    fn for_webhook(&self, event: &str, about_notice: bool) -> Option<WebhookFault> {
        self.take(|target| match target {
            Target::Webhook(only, fault) => {
                let fits = fault.is_about_notice() == about_notice
                    && only.as_deref().is_none_or(|only| only == event);
                fits.then(|| fault.clone())
            }
            Target::Request(..) => None,
        })
    }

    fn take<F>(&self, mut fits: impl FnMut(&Target) -> Option<F>) -> Option<F> {
        let mut rules = lock(&self.rules);
        let struck = rules
            .iter_mut()
            .find_map(|rule| fits(&rule.target).filter(|_| rule.strikes()));
        rules.retain(|rule| rule.times != Some(0));
        struck
    }
}
