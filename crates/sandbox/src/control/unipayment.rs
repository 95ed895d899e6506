//! The part of the control API that is UniPayment's.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{delete, post};
use serde::Deserialize;

use super::views::unipayment::{InvoiceView, PayoutView};
use super::{Confirm, ControlError, Handled, Pay, members, parse_amount};
use crate::server::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/invoices/{id}/{step}", post(invoice))
        .route("/sandbox/deposits", post(deposit))
        .route("/sandbox/deposits/{id}/advance", post(advance_deposit))
        .route("/sandbox/tokens", delete(expire_tokens))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choose {
    pay_currency: String,
    network: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn invoice(
    State(shared): State<Arc<Shared>>,
    Path((id, step)): Path<(String, String)>,
    body: Bytes,
) -> Handled {
    const STEPS: &str = "choose, pay, confirm, complete, expire, invalidate and mark";
    let gateway = &shared.unipayment;
    let invoice = match step.as_str() {
        "choose" => {
            let Choose {
                pay_currency,
                network,
            } = members(&body)?;
            gateway.choose_coin(&id, &pay_currency, &network)
        }
        "pay" => match members::<Pay>(&body)?.amount {
            Some(amount) => gateway.pay(&id, parse_amount(&amount)?),
            None => gateway.pay_rest(&id),
        },
        "confirm" => gateway.confirm(&id, members::<Confirm>(&body)?.count),
        "complete" | "expire" | "invalidate" | "mark" => {
            let Nothing {} = members(&body)?;
            match step.as_str() {
                "complete" => gateway.complete(&id),
                "expire" => gateway.expire(&id),
                "invalidate" => gateway.invalidate(&id),
                _ => gateway.mark(&id),
            }
        }
        _ => return Err(ControlError::UnknownStep(step, STEPS)),
    };
    Ok(Json(InvoiceView::of(&invoice?)).into_response())
}

pub(super) fn move_payout(shared: &Shared, id: &str, step: String) -> Handled {
    let gateway = &shared.unipayment;
    let payout = match step.as_str() {
        "advance" => gateway.advance_payout(id)?,
        "fail" => gateway.fail_payout(id)?,
        "cancel" => gateway.cancel_payout(id)?,
        "reject" => gateway.reject_payout(id)?,
        _ => {
            let known = "advance, fail, cancel and reject";
            return Err(ControlError::UnknownStep(step, known));
        }
    };
    Ok(Json(PayoutView::of(&payout)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deposit {
    asset_type: String,
    network: String,
    amount: String,
}

async fn deposit(State(shared): State<Arc<Shared>>, body: Bytes) -> Handled {
    let Deposit {
        asset_type,
        network,
        amount,
    } = members(&body)?;
    let amount = parse_amount(&amount)?;
    let deposit = shared.unipayment.deposit(&asset_type, &network, amount)?;
    Ok((StatusCode::CREATED, Json(deposit)).into_response())
}

async fn advance_deposit(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Handled {
    let deposit = shared.unipayment.advance_deposit(&id)?;
    Ok(Json(deposit).into_response())
}

async fn expire_tokens(State(shared): State<Arc<Shared>>) -> Response {
    shared.unipayment.expire_tokens();
    StatusCode::NO_CONTENT.into_response()
}
