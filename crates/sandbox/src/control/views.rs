//! What the control API shows.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::faults::RequestFault;
use crate::halo::{Balance, Order, Payout, QrCode, Token};
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
        let half = (remaining / Decimal::TWO).trunc_with_scale(order.decimals);
        Self {
            order: order.clone(),
            remaining,
            half: (!half.is_zero()).then(|| half.normalize()),
        }
    }
}

#[derive(Serialize)]
pub(super) struct RequestView<'a> {
    method: &'a str,
    path: &'a str,
    headers: Vec<&'a (String, String)>,
    body: String,
    received_at: String,
    fault: Option<&'a RequestFault>,
    outcome: OutcomeView,
}

/// The body as text, a one-time code in it blotted out.
fn without_code(body: &[u8]) -> String {
    const CODE: &str = "google_code";
    match Json::parse(body) {
        Ok(Json::Object(mut members)) if members.iter().any(|(name, _)| name == CODE) => {
            for (name, value) in &mut members {
                if name == CODE {
                    *value = Json::String("[redacted]".to_owned());
                }
            }
            String::from_utf8_lossy(&Json::Object(members).to_bytes()).into_owned()
        }
        _ => String::from_utf8_lossy(body).into_owned(),
    }
}

#[derive(Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum OutcomeView {
    Pending,
    Answered {
        status: u16,
        worked: bool,
        code: Option<i64>,
    },
    Cut {
        worked: bool,
    },
}

impl<'a> RequestView<'a> {
    pub(super) fn of(request: &'a RecordedRequest) -> Self {
        let shown = request.headers.iter().filter(|(name, _)| name != "x-sign");
        Self {
            method: &request.method,
            path: &request.path,
            headers: shown.collect(),
            body: without_code(&request.body),
            received_at: rfc3339(request.received_at),
            fault: request.fault.as_ref(),
            outcome: match request.outcome {
                RequestOutcome::Pending => OutcomeView::Pending,
                RequestOutcome::Answered {
                    status,
                    worked,
                    code,
                } => OutcomeView::Answered {
                    status,
                    worked,
                    code,
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
            body: String::from_utf8_lossy(&delivery.body).into_owned(),
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
