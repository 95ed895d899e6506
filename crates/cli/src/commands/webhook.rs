//! `paymux webhook verify` and `apply`.

mod apply;
mod diagnose;

use std::io::Read;
use std::path::Path;

use chrono::Utc;
use paymux::RawWebhook;

use super::Context;
use crate::args::{CapturedWebhook, WebhookVerify};
use crate::failure::{Failure, Task};
use crate::output::json::WebhookJson;
use crate::output::text;

const OPERATION: &str = "verify_webhook";

pub(super) async fn verify(context: &Context<'_>, asked: WebhookVerify) -> Result<(), Failure> {
    let webhook = raw(asked.captured)?;
    if asked.diagnose {
        return diagnose::run(context, &webhook).await;
    }
    let provider = context.provider()?;
    let event = provider
        .verify_webhook(&webhook)
        .await
        .map_err(|error| provider.failed(&Task::VerifyWebhook, OPERATION, error))?;
    context
        .output
        .result(&WebhookJson::from(&event), || text::webhook(&event))
}

pub(super) async fn apply(context: &Context<'_>, captured: CapturedWebhook) -> Result<(), Failure> {
    apply::run(context, &raw(captured)?).await
}

/// The webhook as it came.
fn raw(captured: CapturedWebhook) -> Result<RawWebhook, Failure> {
    let mut webhook = RawWebhook::new(body(&captured.body)?)
        .with_path_and_query(captured.url.unwrap_or_else(|| "/".to_owned()))
        .with_received_at(captured.at.unwrap_or_else(Utc::now));
    for header in captured.headers {
        webhook = webhook.with_header(header.name, header.value);
    }
    Ok(webhook)
}

/// The body, byte for byte.
fn body(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| {
        Failure::usage(format!(
            "cannot read the body from {}: {error}",
            path.display()
        ))
    })
}
