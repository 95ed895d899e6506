//! Flaws of webhooks.

use chrono::DateTime;
use paymux_core::{
    Error, ErrorKind, Outcome, Proof, ProviderName, RawWebhook, Result, WebhookEvent,
};

use super::{BrokenProvider, Flaw};

impl BrokenProvider {
    pub(super) async fn verify_flawed(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        if self.has(Flaw::DoubledHeadersUnavailable) && has_doubled_header(webhook) {
            let message = "the proof cannot be checked now";
            return Err(Error::new(
                ErrorKind::Unavailable,
                Outcome::NotSent,
                message,
            ));
        }
        let verified = match self.flaw {
            Flaw::OldWebhooksBelieved => {
                let rejuvenated = received_when_signed(webhook);
                self.inner.verify_webhook(&rejuvenated).await
            }
            _ => self.inner.verify_webhook(webhook).await,
        };
        match verified {
            Ok(mut event) => {
                self.distort_event(&mut event, webhook);
                *self.last_event() = Some(event.clone());
                Ok(event)
            }
            Err(error) if self.has(Flaw::WrongKeyUnavailable) => Err(Error::new(
                ErrorKind::Unavailable,
                Outcome::NotSent,
                error.message(),
            )),
            Err(error) => self.believed(webhook).ok_or(error),
        }
    }

    fn last_event(&self) -> std::sync::MutexGuard<'_, Option<WebhookEvent>> {
        self.last_event.lock().expect("no thread panics with it")
    }

    /// What a webhook that was refused is taken for all the same.
    fn believed(&self, webhook: &RawWebhook) -> Option<WebhookEvent> {
        let believes = match self.flaw {
            Flaw::ForgedWebhooksBelieved | Flaw::AlteredWebhooksBelieved => true,
            Flaw::BareWebhooksBelieved => webhook.headers().next().is_none(),
            _ => false,
        };
        let any = || {
            WebhookEvent::new(
                self.inner.name().clone(),
                "believed",
                Proof::Signed,
                paymux_core::WebhookSubject::Other,
                webhook.body(),
            )
        };
        let mut event = believes.then(|| self.last_event().clone().unwrap_or_else(any))?;
        if self.has(Flaw::AlteredWebhooksBelieved) {
            event.subject = paymux_core::WebhookSubject::Other;
        }
        Some(event)
    }

    fn distort_event(&self, event: &mut WebhookEvent, webhook: &RawWebhook) {
        match self.flaw {
            Flaw::EventsNotRepeatable => {
                event.dedup_key = format!("{}-{}", event.dedup_key, self.count());
            }
            Flaw::DedupKeyEmpty => event.dedup_key.clear(),
            Flaw::DedupKeyOfHeaders => {
                let timestamps = webhook.headers().count();
                event.dedup_key = format!("{}-{timestamps}", event.dedup_key);
            }
            Flaw::BodyRewritten => event.raw_body.push(b'\n'),
            Flaw::ProofMisstated => {
                event.proof = match event.proof {
                    Proof::Signed => Proof::Weak,
                    _ => Proof::Signed,
                };
            }
            Flaw::EventMisnamesProvider => {
                event.provider = ProviderName::from_static("another");
            }
            _ => {}
        }
    }
}

fn has_doubled_header(webhook: &RawWebhook) -> bool {
    webhook.headers().any(|(name, _)| {
        let same = |(own, _): &(&str, &[u8])| own.eq_ignore_ascii_case(name);
        webhook.headers().filter(same).count() > 1
    })
}

/// The same webhook as if it had come at the moment that its own timestamp tells.
fn received_when_signed(webhook: &RawWebhook) -> RawWebhook {
    let signed_at = webhook
        .single_header("X-Timestamp")
        .ok()
        .flatten()
        .and_then(|digits| digits.parse().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    webhook
        .clone()
        .with_received_at(signed_at.unwrap_or(webhook.received_at()))
}
