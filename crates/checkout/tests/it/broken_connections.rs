//! Senders that hang up: a webhook is stored whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use paymux_checkout::WebhookSettings;
use paymux_core::{
    Capabilities, Invoice, InvoiceId, NewInvoice, PaymentProvider, ProviderName, Providers,
    RawWebhook, Result, WebhookAnswer, WebhookClaim, WebhookEvent, WebhookVerdict,
};
use paymux_native_checkout::NativeCheckout;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::shop::{HALO, Shop, native_checkout, sandbox, until};
use crate::wire::Sent;

const ROUTE: &str = "/webhooks/native-checkout";

/// HaloPay, whose webhooks are proven as slowly as the test wants.
#[derive(Debug)]
struct Slow {
    gateway: NativeCheckout,
    /// Webhooks that may be proven.
    permits: Semaphore,
    begun: AtomicUsize,
    proven: AtomicUsize,
    given_up: AtomicUsize,
}

impl Slow {
    fn has(&self, begun: usize, proven: usize, given_up: usize) -> bool {
        let counts = [&self.begun, &self.proven, &self.given_up];
        counts.map(|count| count.load(Ordering::SeqCst)) == [begun, proven, given_up]
    }
}

/// Counts a proof that nobody waits for any more.
struct Waiting<'s>(Option<&'s Slow>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(slow) = self.0 {
            slow.given_up.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[async_trait]
impl PaymentProvider for Slow {
    fn name(&self) -> &ProviderName {
        self.gateway.name()
    }

    fn capabilities(&self) -> &Capabilities {
        self.gateway.capabilities()
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        self.gateway.create_invoice(request).await
    }

    async fn fetch_invoice(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        self.gateway.fetch_invoice(id).await
    }

    async fn verify_webhook(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        let mut waiting = Waiting(Some(self));
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.permits.acquire().await.unwrap().forget();
        waiting.0 = None;
        let event = self.gateway.verify_webhook(webhook).await;
        self.proven.fetch_add(1, Ordering::SeqCst);
        event
    }

    fn webhook_claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        self.gateway.webhook_claim(webhook)
    }

    fn webhook_answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        self.gateway.webhook_answer(webhook, verdict)
    }
}

async fn slow_shop() -> (Shop, Arc<Slow>) {
    let sandbox = sandbox().await;
    let slow = Arc::new(Slow {
        gateway: native_checkout(&sandbox),
        permits: Semaphore::new(0),
        begun: AtomicUsize::new(0),
        proven: AtomicUsize::new(0),
        given_up: AtomicUsize::new(0),
    });
    let mut providers = Providers::new();
    providers.add(Arc::clone(&slow) as _).unwrap();
    let shop = Shop::of(sandbox, providers, WebhookSettings::new(), |routes| routes).await;
    (shop, slow)
}

#[tokio::test]
async fn a_sender_that_hangs_up_before_the_proof_is_not_heard_and_may_send_again() {
    let (shop, slow) = slow_shop().await;
    let webhook = Sent::again(&shop.catch(HALO).await, ROUTE);
    let mut stream = TcpStream::connect(shop.address).await.unwrap();
    stream.write_all(&webhook.bytes()).await.unwrap();
    until("the proof has begun", || slow.has(1, 0, 0)).await;
    drop(stream);
    until("the proof is given up", || slow.has(1, 0, 1)).await;
    assert_eq!(shop.stored().await, 0);

    slow.permits.add_permits(1);
    assert_eq!(shop.send(&webhook).await.told(), (200, "success"));
    assert_eq!(shop.stored().await, 1);
}

#[tokio::test]
async fn what_was_proven_is_stored_though_the_sender_hangs_up() {
    let (shop, slow) = slow_shop().await;
    let webhook = Sent::again(&shop.catch(HALO).await, ROUTE);
    // Nobody writes while another does: the webhook waits between its proof and its place.
    let file = shop.database_file();
    file.execute_batch("BEGIN IMMEDIATE").unwrap();
    slow.permits.add_permits(2);
    let mut stream = TcpStream::connect(shop.address).await.unwrap();
    stream.write_all(&webhook.bytes()).await.unwrap();
    until("it is proven", || slow.has(1, 1, 0)).await;
    drop(stream);
    file.execute_batch("ROLLBACK").unwrap();
    until("it is stored", || {
        let count = "SELECT COUNT(*) FROM paymux_inbox";
        let stored: i64 = file.query_row(count, [], |row| row.get(0)).unwrap();
        stored == 1
    })
    .await;

    assert_eq!(shop.send(&webhook).await.told(), (200, "success"));
    assert_eq!(shop.stored().await, 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_nothing() {
    let shop = Shop::open().await;
    let webhook = Sent::again(&shop.catch(HALO).await, ROUTE);
    let bytes = webhook.bytes();
    let ends = [bytes.len() - 1, bytes.len() - webhook.body.len(), 20];
    for end in ends {
        let mut stream = TcpStream::connect(shop.address).await.unwrap();
        stream.write_all(&bytes[..end]).await.unwrap();
        drop(stream);
    }
    assert_eq!(shop.send(&webhook).await.told(), (200, "success"));
    assert_eq!(shop.stored().await, 1);
}
