//! `paymux webhook apply`: a captured webhook goes into the ledger, as if it had come to `paymux serve`.

use paymux::RawWebhook;
use paymux::ledger::{Received, Worked};
use serde::Serialize;

use super::{Context, OPERATION};
use crate::failure::{Failure, Task};
use crate::output::json::WebhookJson;
use crate::output::text;

#[derive(Debug, Serialize)]
struct Applied {
    #[serde(flatten)]
    event: WebhookJson,
    /// Whether it is new to the ledger.
    received: Received,
    /// What the ledger did then.
    worked: Worked,
}

pub(super) async fn run(context: &Context<'_>, webhook: &RawWebhook) -> Result<(), Failure> {
    let providers = context.instances.providers(None)?;
    let ledger = context.ledger().await?;
    let provider = context.provider()?;
    let failed = |error| provider.failed(&Task::VerifyWebhook, OPERATION, error);
    // What cannot be proven now is not kept: whoever has the file can come again.
    let event = provider.verify_webhook(webhook).await.map_err(failed)?;
    let receipt = ledger.receive(&*provider, webhook).await;
    if let Some(error) = receipt.error {
        return Err(failed(error));
    }
    let applied = Applied {
        event: WebhookJson::from(&event),
        received: receipt.received,
        worked: ledger.work_once(&providers).await?,
    };
    context.output.result(&applied, || {
        text::applied(&event, applied.received, applied.worked)
    })
}
