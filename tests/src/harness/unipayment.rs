//! UniPayment over the sandbox, as the laws of conformance want it; each generation of its API.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::conformance::Harness;
use paymux_core::{
    InvoiceSnapshot, NewInvoice, NewPayout, OrderId, PaymentProvider, PayoutId, RawWebhook,
    Reference,
};
use paymux_sandbox::unipayment::UniPaymentCredentials;
use paymux_sandbox::{FaultRule, Inbox, RequestFault, Sandbox};
use paymux_unipayment::{Generation, RetryConfig, TransportConfig, UniPayment};
use rust_decimal::Decimal;
use secrecy::SecretString;

use super::{ADDRESS, CANARY_WRONG_KEY, SharedHarness, raw_webhook};

/// The app key of the provider, which must never be shown; nor must the others.
pub const CANARY_APP_KEY: &str = "canary-app-key-5be07d21";
/// The client secret of the provider.
pub const CANARY_CLIENT_SECRET: &str = "canary-client-secret-c84e90f3";
/// The webhook secret of the provider.
pub const CANARY_WEBHOOK_SECRET: &str = "canary-webhook-secret-27a6d41b";

/// The provider of one generation and the sandbox behind it.
#[derive(Debug)]
pub struct UniPaymentHarness {
    /// The stand-in of the gateway.
    pub sandbox: Sandbox,
    /// Where the gateway's webhooks arrive.
    pub inbox: Inbox,
    generation: Generation,
    provider: Arc<UniPayment>,
    impostor: Arc<UniPayment>,
    number: AtomicU32,
}

impl UniPaymentHarness {
    /// A sandbox with its default settings, spoken to in this generation.
    pub async fn start(generation: Generation) -> Self {
        let sandbox = Sandbox::builder()
            .unipayment_credentials(UniPaymentCredentials {
                app_id: "66666666-7777-4888-9999-000000000000".to_owned(),
                app_key: CANARY_APP_KEY.into(),
                client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
                client_secret: CANARY_CLIENT_SECRET.into(),
                webhook_secret: CANARY_WEBHOOK_SECRET.into(),
            })
            .start()
            .await
            .expect("a free port");
        Self {
            provider: provider_with(&sandbox, generation, OWN),
            impostor: provider_with(&sandbox, generation, [CANARY_WRONG_KEY; 3]),
            inbox: sandbox.inbox("shop"),
            number: AtomicU32::new(1),
            generation,
            sandbox,
        }
    }

    /// The provider itself, with what is its own.
    #[must_use]
    pub fn unipayment(&self) -> &UniPayment {
        &self.provider
    }

    fn next_number(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    fn payout_path(&self) -> &'static str {
        match self.generation {
            Generation::Hmac => "/v1.0/wallet/withdrawals",
            _ => "/v1.0/payments",
        }
    }
}

impl SharedHarness for UniPaymentHarness {
    fn shared_provider(&self) -> Arc<dyn PaymentProvider> {
        Arc::clone(&self.provider) as _
    }

    fn shared_impostor(&self) -> Arc<dyn PaymentProvider> {
        Arc::clone(&self.impostor) as _
    }
}

/// App key, client secret and webhook secret.
const OWN: [&str; 3] = [CANARY_APP_KEY, CANARY_CLIENT_SECRET, CANARY_WEBHOOK_SECRET];

fn provider_with(sandbox: &Sandbox, generation: Generation, secrets: [&str; 3]) -> Arc<UniPayment> {
    let gateway = sandbox.unipayment();
    let at_once = RetryConfig::default().with_backoff(Duration::ZERO, Duration::ZERO);
    let [app_key, client_secret, webhook_secret] = secrets.map(SecretString::from);
    let builder = UniPayment::builder()
        .with_generation(generation)
        .with_base_url(sandbox.url())
        .with_app_id(gateway.app_id())
        .with_transport(TransportConfig::default().with_retry(at_once));
    let builder = match generation {
        Generation::Md5 => builder.with_app_key(app_key),
        _ => builder
            .with_client_id(gateway.client_id())
            .with_client_secret(client_secret)
            .with_webhook_secret(webhook_secret),
    };
    builder
        .build()
        .map(Arc::new)
        .expect("everything that is needed was given")
}

#[async_trait]
impl Harness for UniPaymentHarness {
    fn provider(&self) -> &dyn PaymentProvider {
        self.provider.as_ref()
    }

    fn impostor(&self) -> &dyn PaymentProvider {
        self.impostor.as_ref()
    }

    fn canaries(&self) -> Vec<String> {
        let all = OWN.into_iter().chain([CANARY_WRONG_KEY]);
        all.map(str::to_owned).collect()
    }

    fn new_invoice(&self) -> NewInvoice {
        let order = format!("order-{}", self.next_number());
        NewInvoice::new(OrderId::new(order).unwrap(), "5 USD".parse().unwrap())
            .with_asset("USDT@tron".parse().unwrap())
            .with_callback_url(self.inbox.url())
    }

    /// Payouts of the last generation go to what the gateway has on its list, so that a mistyped
    /// destination is the gateway's to find.
    fn new_payout(&self) -> Option<NewPayout> {
        if self.generation != Generation::Hmac {
            return None;
        }
        let reference = format!("payout-{}", self.next_number());
        let payout = NewPayout::new(
            Reference::new(reference).unwrap(),
            Decimal::new(1_234_567, 6),
            "USDT@tron".parse().unwrap(),
            ADDRESS,
        );
        Some(payout.with_callback_url(self.inbox.url()))
    }

    async fn pay(&self, invoice: &InvoiceSnapshot, amount: Decimal) {
        self.sandbox
            .unipayment()
            .pay(invoice.id.as_str(), amount)
            .expect("the sandbox takes the payment");
    }

    async fn confirm(&self, invoice: &InvoiceSnapshot) {
        self.sandbox
            .unipayment()
            .complete(invoice.id.as_str())
            .expect("the sandbox completes what was paid");
    }

    async fn complete_payout(&self, id: &PayoutId) {
        let gateway = self.sandbox.unipayment();
        while gateway
            .payout(id.as_str())
            .is_some_and(|payout| !payout.status.is_final())
        {
            gateway
                .advance_payout(id.as_str())
                .expect("a payout under way can be moved");
        }
    }

    async fn payouts_at_gateway(&self) -> Option<usize> {
        let posted = self.sandbox.requests_to(self.payout_path());
        Some(posted.iter().filter(|seen| seen.method == "POST").count())
    }

    async fn next_webhook(&self) -> Option<RawWebhook> {
        let received = self.inbox.next_within(Duration::from_secs(3)).await?;
        Some(raw_webhook(&received))
    }

    async fn say_unknown_word(&self, _invoice: &InvoiceSnapshot) -> Option<String> {
        let word = "UnderReview".to_owned();
        let (path, member) = match self.generation {
            Generation::Md5 => ("/api/invoice/query", "data.models.0.status"),
            _ => ("GET /v1.0/invoices/*", "data.status"),
        };
        self.sandbox.faults().add(FaultRule::request(
            path,
            RequestFault::ReplaceMember {
                member: member.to_owned(),
                value: word.clone().into(),
            },
        ));
        Some(word)
    }

    fn webhook_window(&self) -> Option<Duration> {
        None
    }
}
