//! Laws of webhooks: only what the gateway sent is believed, and it is the same event each time.

use std::time::Duration;

use super::invoices::create;
use super::{Harness, Verdict, Violation, known, law};
use crate::error::{Error, ErrorKind};
use crate::snapshot::InvoiceSnapshot;
use crate::transition::{Change, Observed};
use crate::webhook::{Proof, RawWebhook, WebhookClaim, WebhookEvent, WebhookVerdict};

/// An invoice that was paid and confirmed, and a webhook that the gateway sent of it.
async fn paid(harness: &dyn Harness) -> Result<(InvoiceSnapshot, RawWebhook), Violation> {
    let invoice = create(harness).await?;
    let due = known(invoice.due.clone(), "what is due")?.amount;
    harness.pay(&invoice, due).await;
    harness.confirm(&invoice).await;
    while let Some(webhook) = harness.next_webhook().await {
        let event = harness.provider().verify_webhook(&webhook).await?;
        if event.invoice().is_some_and(|told| told.id == invoice.id) {
            return Ok((invoice, webhook));
        }
    }
    Err(Violation(
        "the gateway sent no webhook of a paid invoice".to_owned(),
    ))
}

fn copy(webhook: &RawWebhook, body: Vec<u8>) -> RawWebhook {
    let empty = RawWebhook::new(body)
        .with_method(webhook.method())
        .with_path_and_query(webhook.path_and_query())
        .with_received_at(webhook.received_at());
    webhook
        .headers()
        .fold(empty, |copy, (name, value)| copy.with_header(name, value))
}

fn is_refusal(result: &Result<WebhookEvent, Error>) -> bool {
    matches!(result, Err(error) if error.kind() == ErrorKind::InvalidSignature)
}

/// What the gateway sent is proven, tells a legal move, and is the same event when it comes again.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn webhooks_are_proven_and_repeatable(harness: &dyn Harness) -> Verdict {
    let (mut invoice, webhook) = paid(harness).await?;
    let first = harness.provider().verify_webhook(&webhook).await?;
    let again = harness.provider().verify_webhook(&webhook).await?;
    law(first == again, || {
        format!("{first:?} came again as {again:?}")
    })?;
    law(!first.dedup_key.is_empty(), || {
        "there is no dedup key".to_owned()
    })?;
    law(first.raw_body == webhook.body(), || {
        "the body was changed".to_owned()
    })?;
    law(harness.owns(&first.provider), || {
        format!("it names {} as its provider", first.provider)
    })?;
    // Whoever speaks for others promises what the weakest of them has.
    let promised = harness.provider().capabilities().webhook_proof;
    let is_own = first.provider == *harness.provider().name();
    law(
        first.proof == promised || !is_own && first.proof.strength() > promised.strength(),
        || {
            format!(
                "its proof is {:?}, the capabilities promise another",
                first.proof
            )
        },
    )?;
    law(
        harness.provider().webhook_claim(&webhook) != WebhookClaim::Foreign,
        || "it was proven, and taken for another account's".to_owned(),
    )?;
    let told = known(first.invoice(), "the invoice")?;
    let change = invoice.observe(told, Observed::Notice);
    law(change != Change::Contradiction, || {
        "it tells what cannot be".to_owned()
    })?;
    let once = invoice.clone();
    invoice.observe(told, Observed::Notice);
    law(once == invoice, || {
        "applying it twice is not the same as once".to_owned()
    })?;
    for (verdict, status) in [
        (WebhookVerdict::Accepted, 200..=299),
        (WebhookVerdict::Refused, 400..=499),
        (WebhookVerdict::TryAgain, 500..=599),
    ] {
        let answer = harness.provider().webhook_answer(&webhook, verdict);
        law(status.contains(&answer.status), || {
            format!("{verdict:?} is answered with {}", answer.status)
        })?;
    }
    Ok(())
}

/// One altered byte of the body is one too many. A weak proof may cover the members and not the bytes
/// between them: then the event must be the same.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn altered_webhooks_are_refused(harness: &dyn Harness) -> Verdict {
    let (_, webhook) = paid(harness).await?;
    let event = harness.provider().verify_webhook(&webhook).await?;
    let is_as_good = |result: &Result<WebhookEvent, Error>| {
        is_refusal(result)
            || matches!(result, Ok(altered) if event.proof == Proof::Weak
                && altered.subject == event.subject
                && altered.dedup_key == event.dedup_key)
    };
    let length = webhook.body().len();
    // Some thirty places over the whole body: where the proof is a call, each costs one.
    for place in (0..length).step_by((length / 30).max(1)) {
        let mut body = webhook.body().to_vec();
        if let Some(byte) = body.get_mut(place) {
            *byte ^= 1;
        }
        let result = harness
            .provider()
            .verify_webhook(&copy(&webhook, body))
            .await;
        law(is_as_good(&result), || {
            format!("with byte {place} altered it gives {result:?}")
        })?;
    }
    let mut longer = webhook.body().to_vec();
    longer.push(b' ');
    for (what, body) in [("a byte more", longer), ("no body", Vec::new())] {
        let result = harness
            .provider()
            .verify_webhook(&copy(&webhook, body))
            .await;
        law(is_as_good(&result), || {
            format!("with {what} it gives {result:?}")
        })?;
    }
    Ok(())
}

/// A webhook signed with another key is refused. Where the proof is a call, the gateway may refuse to
/// answer a wrong key: then the webhook stays unproven.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn webhooks_of_others_are_refused(harness: &dyn Harness) -> Verdict {
    let (_, webhook) = paid(harness).await?;
    let result = harness.impostor().verify_webhook(&webhook).await;
    let is_checked = harness.impostor().capabilities().webhook_proof == Proof::Checked;
    let is_unproven =
        is_checked && matches!(&result, Err(error) if error.kind() == ErrorKind::Unavailable);
    law(is_refusal(&result) || is_unproven, || {
        format!("with a wrong key it gives {result:?}")
    })?;
    let bare = RawWebhook::new(webhook.body())
        .with_path_and_query(webhook.path_and_query())
        .with_received_at(webhook.received_at());
    if webhook
        .headers()
        .any(|(name, _)| name.to_ascii_lowercase().contains("sign"))
    {
        let result = harness.provider().verify_webhook(&bare).await;
        law(is_refusal(&result), || {
            format!("without its headers it gives {result:?}")
        })?;
    }
    Ok(())
}

/// A webhook from outside the window is refused, where its proof covers the time.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn old_webhooks_are_refused(harness: &dyn Harness) -> Verdict {
    let Some(window) = harness.webhook_window() else {
        return Ok(());
    };
    let (_, webhook) = paid(harness).await?;
    let far = chrono::TimeDelta::from_std(window + Duration::from_secs(60))
        .map_err(|_| Violation("the window is too wide".to_owned()))?;
    for moved in [webhook.received_at() + far, webhook.received_at() - far] {
        let webhook = copy(&webhook, webhook.body().to_vec()).with_received_at(moved);
        let result = harness.provider().verify_webhook(&webhook).await;
        law(is_refusal(&result), || {
            format!("received at {moved} it gives {result:?}")
        })?;
    }
    Ok(())
}

/// A header that is there twice makes it refused, or makes no difference.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn doubled_headers_change_nothing(harness: &dyn Harness) -> Verdict {
    let (_, webhook) = paid(harness).await?;
    let event = harness.provider().verify_webhook(&webhook).await?;
    for (name, _) in webhook.headers() {
        let doubled = copy(&webhook, webhook.body().to_vec()).with_header(name, "forged");
        let result = harness.provider().verify_webhook(&doubled).await;
        let same = matches!(&result, Ok(again) if *again == event);
        law(same || is_refusal(&result), || {
            format!("with {name} doubled it gives {result:?}")
        })?;
    }
    Ok(())
}
