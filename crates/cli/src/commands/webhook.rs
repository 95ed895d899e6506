//! `paymux webhook verify`.

mod diagnose;

use std::io::Read;
use std::path::Path;

use chrono::Utc;
use paymux::RawWebhook;

use super::Context;
use crate::args::WebhookVerify;
use crate::failure::{Failure, Task};
use crate::output::json::WebhookJson;
use crate::output::text;

const OPERATION: &str = "verify_webhook";

pub(super) async fn verify(context: &Context<'_>, asked: WebhookVerify) -> Result<(), Failure> {
    let mut webhook = RawWebhook::new(body(&asked.body)?)
        .with_path_and_query(asked.url.unwrap_or_else(|| "/".to_owned()))
        .with_received_at(asked.at.unwrap_or_else(Utc::now));
    for header in asked.headers {
        webhook = webhook.with_header(header.name, header.value);
    }
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
