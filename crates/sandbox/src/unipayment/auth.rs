//! Who calls, in each generation.

mod hmac;
pub(super) mod tokens;

use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::{HeaderMap, Method, Uri};

use crate::headers::single;
use crate::lock::lock;
use crate::unipayment::gateway::Gateway;
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::{Generation, UniPaymentSettings};

const AUTHORIZATION: &str = "Authorization";

/// What is remembered about callers.
#[derive(Debug, Default)]
pub(super) struct Callers {
    /// Used nonces, with the Unix second from which on they are forgotten.
    nonces: Mutex<HashMap<String, i64>>,
    /// Access tokens, with the Unix second at which they end.
    tokens: Mutex<HashMap<String, i64>>,
}

impl Callers {
    pub(super) fn expire_tokens(&self) {
        lock(&self.tokens).clear();
    }

    /// Takes a nonce once within its memory.
    fn take_nonce(&self, nonce: &str, now: i64, memory: i64) -> bool {
        let mut nonces = lock(&self.nonces);
        nonces.retain(|_, forgotten| *forgotten > now);
        let fresh = !nonces.contains_key(nonce);
        // A timestamp may be as far ahead as behind, so a call can be repeated for twice as long.
        nonces.insert(
            nonce.to_owned(),
            now.saturating_add(memory.saturating_mul(2)),
        );
        fresh
    }
}

/// Which generation a call under `/v1.0` is of, once it is proven; `None` where it brings no
/// `Authorization`.
pub(super) fn authenticate(
    gateway: &Gateway,
    settings: &UniPaymentSettings,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
    body: &[u8],
) -> Result<Option<Generation>, Refusal> {
    if !headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let given = single(headers, AUTHORIZATION)
        .map_err(|reason| Refusal::new(RefusalKind::BadSignature, reason))?;
    let (scheme, rest) = given.split_once(' ').unwrap_or((given, ""));
    if scheme.eq_ignore_ascii_case("hmac") {
        hmac::check(gateway, settings, (method, uri, headers), body, rest)?;
        Ok(Some(Generation::Hmac))
    } else if scheme.eq_ignore_ascii_case("bearer") {
        tokens::check(gateway, rest)?;
        Ok(Some(Generation::OAuth))
    } else {
        Err(Refusal::new(
            RefusalKind::BadSignature,
            format!(
                "{AUTHORIZATION} has the scheme {scheme:?} and must be \
                 \"Hmac clientId:signature:nonce:timestamp\" or \"Bearer TOKEN\""
            ),
        ))
    }
}

/// A call that had to bring a proof and did not.
pub(super) fn unproven() -> Refusal {
    Refusal::new(
        RefusalKind::BadToken,
        format!(
            "{AUTHORIZATION} is missing; send \"Hmac clientId:signature:nonce:timestamp\", or \
             \"Bearer TOKEN\" with a token of /connect/token"
        ),
    )
}
