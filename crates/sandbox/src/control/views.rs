//! What the control API shows.

pub(super) mod unipayment;

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use self::unipayment::UniPaymentState;
use crate::balances::Balance;
use crate::faults::RequestFault;
use crate::halo::{Order, Payout, QrCode, Token};
use crate::json::Json;
use crate::recording::{RecordedRequest, RequestOutcome};
use crate::server::Shared;
use crate::webhooks::{DeliveryState, WebhookDelivery};

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[derive(Serialize)]
pub(super) struct State {
    url: String,
    time: String,
    halo: HaloState,
    unipayment: UniPaymentState,
}

#[derive(Serialize)]
struct HaloState {
    app_id: String,
    tokens: &'static [Token],
    balances: BTreeMap<i64, Balance>,
    orders: Vec<OrderView>,
    payouts: Vec<Payout>,
    qr_codes: Vec<QrCode>,
}

impl State {
    pub(super) fn of(shared: &Shared) -> Self {
        let halo = &shared.halo;
        Self {
            url: shared.url.clone(),
            time: rfc3339(shared.clock.now()),
            halo: HaloState {
                app_id: halo.app_id().to_owned(),
                tokens: halo.tokens(),
                balances: halo.balances(),
                orders: halo.orders().iter().map(OrderView::of).collect(),
                payouts: halo.payouts(),
                qr_codes: halo.qr_codes(),
            },
            unipayment: UniPaymentState::of(&shared.unipayment),
        }
    }
}

#[derive(Serialize)]
pub(super) struct OrderView {
    #[serde(flatten)]
    order: Order,
    remaining: Decimal,
    /// Half of what is missing, in figures that the token can hold; null where that is nothing.
    half: Option<Decimal>,
}

impl OrderView {
    pub(super) fn of(order: &Order) -> Self {
        let remaining = order.remaining();
        Self {
            order: order.clone(),
            remaining,
            half: half_of(remaining, order.decimals),
        }
    }
}

fn half_of(remaining: Decimal, decimals: u32) -> Option<Decimal> {
    let half = (remaining / Decimal::TWO).trunc_with_scale(decimals);
    (!half.is_zero()).then(|| half.normalize())
}

#[derive(Serialize)]
pub(super) struct RequestView<'a> {
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    headers: Vec<&'a (String, String)>,
    body: String,
    received_at: String,
    fault: Option<&'a RequestFault>,
    outcome: OutcomeView,
}

/// The members of bodies, and the parameters of forms, that prove a caller or are a secret.
const SECRETS: [&str; 4] = ["google_code", "sign", "client_secret", "secret_key"];

/// The body as text, what is secret in it blotted out.
fn without_secrets(body: &[u8]) -> String {
    let is_secret = |name: &str| SECRETS.contains(&name);
    match Json::parse(body) {
        Ok(Json::Object(mut members)) if members.iter().any(|(name, _)| is_secret(name)) => {
            for (name, value) in &mut members {
                if is_secret(name) {
                    *value = Json::String("[redacted]".to_owned());
                }
            }
            String::from_utf8_lossy(&Json::Object(members).to_bytes()).into_owned()
        }
        Ok(_) => String::from_utf8_lossy(body).into_owned(),
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            let parameters = text
                .split('&')
                .map(|parameter| match parameter.split_once('=') {
                    Some((name, _)) if is_secret(name) => format!("{name}=[redacted]"),
                    _ => parameter.to_owned(),
                });
            parameters.collect::<Vec<_>>().join("&")
        }
    }
}

/// Headers that prove who sent something.
fn is_proof(name: &str) -> bool {
    ["x-sign", "authorization", "hmac-signature"].contains(&name)
}

/// `0`, `"OK"`
#[derive(Serialize)]
#[serde(untagged)]
enum CodeView {
    Number(i64),
    Word(String),
}

impl CodeView {
    fn of(code: &str) -> Self {
        match code.parse() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Word(code.to_owned()),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum OutcomeView {
    Pending,
    Answered {
        status: u16,
        worked: bool,
        code: Option<CodeView>,
    },
    Cut {
        worked: bool,
    },
}

impl<'a> RequestView<'a> {
    pub(super) fn of(request: &'a RecordedRequest) -> Self {
        let shown = request.headers.iter().filter(|(name, _)| !is_proof(name));
        Self {
            method: &request.method,
            path: &request.path,
            headers: shown.collect(),
            query: request.query.as_deref(),
            body: without_secrets(&request.body),
            received_at: rfc3339(request.received_at),
            fault: request.fault.as_ref(),
            outcome: match request.outcome {
                RequestOutcome::Pending => OutcomeView::Pending,
                RequestOutcome::Answered { status, worked, .. } => OutcomeView::Answered {
                    status,
                    worked,
                    code: request.answer_code.as_deref().map(CodeView::of),
                },
                RequestOutcome::Cut { worked } => OutcomeView::Cut { worked },
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct WebhookView<'a> {
    about: &'a str,
    event: &'a str,
    url: &'a str,
    body: String,
    state: &'static str,
    attempts: Vec<AttemptView<'a>>,
}

#[derive(Serialize)]
struct AttemptView<'a> {
    at: String,
    status: Option<u16>,
    error: Option<&'a str>,
}

impl<'a> WebhookView<'a> {
    pub(super) fn of(delivery: &'a WebhookDelivery) -> Self {
        let attempts = delivery.attempts.iter().map(|attempt| AttemptView {
            at: rfc3339(attempt.at),
            status: attempt.status,
            error: attempt.error.as_deref(),
        });
        Self {
            about: &delivery.about,
            event: &delivery.event,
            url: &delivery.url,
            body: without_secrets(&delivery.body),
            state: match delivery.state {
                DeliveryState::Pending => "pending",
                DeliveryState::Delivered => "delivered",
                DeliveryState::GivenUp => "given_up",
                DeliveryState::Lost => "lost",
            },
            attempts: attempts.collect(),
        }
    }
}
