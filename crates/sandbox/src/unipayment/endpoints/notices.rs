//! What concerns webhooks: `/ipn`, `/ips`, `/webhook`, and `/ping`.

use secrecy::SecretString;

use super::{Answer, Call, Reply};
use crate::json::Json;
use crate::unipayment::refusal::{Refusal, RefusalKind};

/// Says whether the gateway sent a notice with exactly these bytes.
pub(super) fn check(call: &Call<'_>) -> Answer {
    call.no_query()?;
    if call.gateway.notary.sent.contain(call.body) {
        return Ok(Reply::said("IPN is verified."));
    }
    let reason = "this gateway sent no notice with exactly this body; repost the raw bytes as they \
                  came";
    Err(Refusal::new(RefusalKind::UnknownNotice, reason))
}

/// The addresses webhooks come from: this machine.
pub(super) fn ips(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let address = Json::String("127.0.0.1".to_owned());
    Ok(Reply::data(Json::Array(vec![address])))
}

pub(super) fn ping(call: &Call<'_>) -> Answer {
    call.no_query()?;
    Ok(Reply::said("pong"))
}

pub(super) fn set_notify_url(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let url = members.optional_url("notify_url")?;
    members.end()?;
    let url = url.ok_or_else(|| Refusal::bad_parameter("notify_url is missing"))?;
    call.gateway.book().global_notify_url = Some(url);
    Ok(Reply::said(""))
}

pub(super) fn set_secret_key(call: &Call<'_>) -> Answer {
    let mut members = call.members()?;
    let secret = members.text("secret_key")?;
    members.end()?;
    let keys = &call.gateway.keys;
    keys.set_webhook_secret(SecretString::from(secret));
    Ok(Reply::said(""))
}
