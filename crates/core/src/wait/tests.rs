use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::{
    Capabilities, ErrorKind, Invoice, NewInvoice, Outcome, Proof, ProviderName, RawWebhook,
    WebhookAnswer, WebhookEvent, WebhookVerdict,
};

static NAME: ProviderName = ProviderName::from_static("scripted");

/// Answers each question with the next line of a script, and the last line for ever.
#[derive(Debug)]
struct Scripted {
    capabilities: Capabilities,
    answers: Mutex<VecDeque<Result<InvoiceStatus, ErrorKind>>>,
}

#[async_trait]
impl PaymentProvider for Scripted {
    fn name(&self) -> &ProviderName {
        &NAME
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_invoice(&self, _: &NewInvoice) -> Result<Box<dyn Invoice>> {
        Err(Error::unsupported("this provider only answers questions"))
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop_front().unwrap()
        } else {
            *answers.front().unwrap()
        };
        match answer {
            Ok(status) => Ok(Box::new(InvoiceSnapshot::new(
                NAME.clone(),
                id.clone(),
                status,
            ))),
            Err(kind) => Err(Error::new(kind, Outcome::NotSent, "scripted")),
        }
    }

    async fn verify_webhook(&self, _: &RawWebhook) -> Result<WebhookEvent> {
        Err(Error::invalid_signature("this provider sends no webhooks"))
    }

    fn webhook_answer(&self, _webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "ok", "no")
    }
}

fn scripted(answers: impl IntoIterator<Item = Result<InvoiceStatus, ErrorKind>>) -> Scripted {
    Scripted {
        capabilities: Capabilities::new(Proof::Signed),
        answers: Mutex::new(answers.into_iter().collect()),
    }
}

async fn wait_for(
    answers: impl IntoIterator<Item = Result<InvoiceStatus, ErrorKind>>,
    target: WaitTarget,
) -> Result<InvoiceSnapshot, WaitError<InvoiceSnapshot>> {
    let id = InvoiceId::received("T1");
    scripted(answers)
        .wait_until(&id, target, WaitOptions::default(), &PausedClock)
        .await
}

#[derive(Debug)]
struct PausedClock;

impl Clock for PausedClock {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now()
    }

    fn sleep(&self, time: Duration) -> crate::clock::Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}

#[tokio::test(start_paused = true)]
async fn waits_through_failures_until_the_target() {
    let invoice = wait_for(
        [
            Ok(InvoiceStatus::Pending),
            Err(ErrorKind::Timeout),
            Err(ErrorKind::Unavailable),
            Ok(InvoiceStatus::Processing),
            Ok(InvoiceStatus::Settled),
        ],
        WaitTarget::Status(InvoiceStatus::Confirmed),
    )
    .await
    .unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Settled);
}

#[tokio::test(start_paused = true)]
async fn an_end_elsewhere_is_told_with_the_invoice() {
    let error = wait_for(
        [Ok(InvoiceStatus::Pending), Ok(InvoiceStatus::Expired)],
        WaitTarget::Status(InvoiceStatus::Settled),
    )
    .await
    .unwrap_err();
    let WaitError::EndedElsewhere(invoice) = error else {
        panic!("{error:?}");
    };
    assert_eq!(invoice.status, InvoiceStatus::Expired);

    let invoice = wait_for([Ok(InvoiceStatus::Expired)], WaitTarget::Final)
        .await
        .unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Expired);
}

#[tokio::test(start_paused = true)]
async fn time_runs_out_with_the_last_state() {
    let error = wait_for([Ok(InvoiceStatus::Pending)], WaitTarget::Final)
        .await
        .unwrap_err();
    let WaitError::TimedOut(Some(invoice)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(invoice.status, InvoiceStatus::Pending);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_waiting_at_once_and_silence_after_a_while() {
    for kind in [ErrorKind::NotFound, ErrorKind::Unavailable] {
        let error = wait_for([Err(kind)], WaitTarget::Final).await.unwrap_err();
        let WaitError::Failed(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.kind(), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn changes_yields_each_state_once_and_ends() {
    let provider = scripted([
        Ok(InvoiceStatus::Pending),
        Ok(InvoiceStatus::Pending),
        Ok(InvoiceStatus::Processing),
        // A read may fall back, as chains do.
        Ok(InvoiceStatus::Pending),
        Ok(InvoiceStatus::Settled),
    ]);
    let id = InvoiceId::received("T1");
    let statuses: Vec<InvoiceStatus> = provider
        .changes(&id, WaitOptions::default(), &PausedClock)
        .map(|seen| seen.unwrap().status)
        .collect()
        .await;
    assert_eq!(
        statuses,
        [
            InvoiceStatus::Pending,
            InvoiceStatus::Processing,
            InvoiceStatus::Pending,
            InvoiceStatus::Settled
        ]
    );
}
