//! Which path is which endpoint of which generation.

use axum::http::Method;

use super::{
    Endpoint, batches, currencies, invoices, notices, parties, payments, wallet, withdrawals,
};
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::Generation;

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Hmac,
    OAuth,
    Both,
    /// Both, and callers without a proof where the settings allow it.
    Open,
}

use Access::{Both, Hmac, OAuth, Open};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

/// Every endpoint under `/v1.0`.
const ROUTES: [(Method, &str, Access, Endpoint); 39] = [
    (POST, "/invoices", Both, invoices::create),
    (GET, "/invoices", Both, invoices::list),
    (GET, "/invoices/{id}", Both, invoices::get),
    (GET, "/currencies", Open, currencies::currencies),
    (GET, "/rates/{fiat}", Open, currencies::rates),
    (GET, "/rates/{fiat}/{crypto}", Open, currencies::rate),
    (GET, "/ips", Open, notices::ips),
    (GET, "/ping", OAuth, notices::ping),
    (POST, "/ping", OAuth, notices::ping),
    (POST, "/ipn", Open, notices::check),
    (GET, "/wallet/balances", Both, wallet::balances),
    (GET, "/wallet/accounts", OAuth, wallet::accounts),
    (POST, "/wallet/withdrawals", Hmac, withdrawals::create),
    (GET, "/wallet/withdrawals", Hmac, withdrawals::list),
    (
        POST,
        "/wallet/withdrawals/cancel",
        Hmac,
        withdrawals::cancel,
    ),
    (GET, "/wallet/withdrawals/{id}", Hmac, withdrawals::get),
    (
        GET,
        "/wallet/withdrawal-fees/{asset}",
        Hmac,
        withdrawals::fees,
    ),
    (POST, "/payouts", Hmac, batches::create),
    (GET, "/payouts", Hmac, batches::list),
    (GET, "/payouts/{id}", Hmac, batches::get),
    (POST, "/payments", OAuth, payments::create),
    (GET, "/payments", OAuth, payments::list),
    (GET, "/payments/fee", OAuth, payments::fee),
    (GET, "/payments/{id}", OAuth, payments::get),
    (PUT, "/payments/{id}/cancel", OAuth, payments::cancel),
    (PUT, "/payments/{id}/confirm", OAuth, payments::confirm),
    (POST, "/beneficiaries", OAuth, parties::create),
    (GET, "/beneficiaries", OAuth, parties::list),
    (GET, "/beneficiaries/{id}", OAuth, parties::get),
    (PUT, "/beneficiaries/{id}", OAuth, parties::replace),
    (DELETE, "/beneficiaries/{id}", OAuth, parties::remove),
    (
        POST,
        "/beneficiaries/{id}/payment-methods",
        OAuth,
        parties::create_method,
    ),
    (
        GET,
        "/beneficiaries/{id}/payment-methods",
        OAuth,
        parties::list_methods,
    ),
    (
        GET,
        "/beneficiaries/{id}/payment-methods/{method}",
        OAuth,
        parties::get_method,
    ),
    (
        PUT,
        "/beneficiaries/{id}/payment-methods/{method}",
        OAuth,
        parties::replace_method,
    ),
    (
        DELETE,
        "/beneficiaries/{id}/payment-methods/{method}",
        OAuth,
        parties::remove_method,
    ),
    (POST, "/webhook/notify-url", OAuth, notices::set_notify_url),
    (POST, "/webhook/secret-key", OAuth, notices::set_secret_key),
    (
        GET,
        "/wallet/accounts/{id}/deposit/address",
        OAuth,
        wallet::deposit_address,
    ),
];

pub(super) struct Found {
    access: Access,
    pub(super) endpoint: Endpoint,
    pub(super) ids: Vec<String>,
}

impl Found {
    pub(super) fn is_open(&self) -> bool {
        self.access == Open
    }

    pub(super) fn check_generation(&self, generation: Generation) -> Result<(), Refusal> {
        let reason = match (self.access, generation) {
            (Hmac, Generation::OAuth) => {
                "this endpoint belongs to v1.0: call it with Authorization: Hmac"
            }
            (OAuth, Generation::Hmac) => {
                "this endpoint belongs to the OAuth generation: call it with Authorization: Bearer"
            }
            _ => return Ok(()),
        };
        Err(Refusal::new(RefusalKind::WrongGeneration, reason))
    }
}

pub(super) fn find(method: &Method, path: &str) -> Result<Found, Refusal> {
    let fitting: Vec<_> = ROUTES
        .iter()
        .filter_map(|route| Some((route, ids(route.1, path.strip_prefix("/v1.0")?)?)))
        .collect();
    // A route without braces comes before one with them in the table.
    let exact = fitting
        .iter()
        .map(|(_, ids)| ids.len())
        .min()
        .ok_or_else(|| unknown(path))?;
    let allowed: Vec<&str> = fitting
        .iter()
        .filter(|(_, ids)| ids.len() == exact)
        .map(|((method, ..), _)| method.as_str())
        .collect();
    let refused = wrong_method(method, &allowed);
    fitting
        .into_iter()
        .find(|((known, ..), ids)| known == method && ids.len() == exact)
        .map(|((_, _, access, endpoint), ids)| Found {
            access: *access,
            endpoint: *endpoint,
            ids,
        })
        .ok_or(refused)
}

/// What stands in the path where the pattern has braces; `None` where they do not fit.
fn ids(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    let mut ids = Vec::new();
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return Some(ids),
            (Some(pattern), Some(part)) if pattern.starts_with('{') => {
                ids.push(part.to_owned());
            }
            (Some(pattern), Some(part)) if pattern == part => {}
            _ => return None,
        }
    }
}

pub(super) fn unknown(path: &str) -> Refusal {
    let reason = format!("this gateway has no endpoint {path}");
    Refusal::new(RefusalKind::NotFound, reason)
}

pub(super) fn wrong_method(method: &Method, allowed: &[&str]) -> Refusal {
    let allowed = allowed.join(", ");
    let reason = format!("{method} is not taken here, only {allowed}");
    Refusal::new(RefusalKind::WrongMethod, reason).allowing(allowed)
}
