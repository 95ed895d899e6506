//! HaloPay Native Checkout and UniPayment over the sandbox, as the laws of conformance want them.

mod unipayment;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::conformance::Harness;
use paymux_core::{
    ErrorKind, InvoiceSnapshot, NewInvoice, NewPayout, OrderId, PaymentProvider, PayoutId,
    RawWebhook, Reference,
};
use paymux_native_checkout::NativeCheckout;
use paymux_sandbox::{FaultRule, Inbox, ReceivedWebhook, RequestFault, Sandbox, Settings};
use rust_decimal::Decimal;
use secrecy::SecretString;

pub use unipayment::{
    CANARY_APP_KEY, CANARY_CLIENT_SECRET, CANARY_WEBHOOK_SECRET, UniPaymentHarness,
};

/// The app key of the provider. It must never be shown.
pub const CANARY_KEY: &str = "canary-right-key-f3a9c1e7";
/// The app key of the impostor. It must never be shown either.
pub const CANARY_WRONG_KEY: &str = "canary-wrong-key-0d4b82aa";

/// An address with a right checksum on Tron.
pub const ADDRESS: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// The code by which the sandbox says that it knows no such thing; by default no code is mapped.
const NOT_FOUND: i64 = 1004;

/// A harness whose provider and impostor can be held by others, too.
pub trait SharedHarness: Harness + std::fmt::Debug {
    /// The provider, as applications hold it.
    fn shared_provider(&self) -> Arc<dyn PaymentProvider>;

    /// The impostor, as applications hold it.
    fn shared_impostor(&self) -> Arc<dyn PaymentProvider>;
}

/// The provider and the sandbox behind it.
#[derive(Debug)]
pub struct HaloHarness {
    /// The stand-in of the gateway.
    pub sandbox: Sandbox,
    /// Where the gateway's webhooks arrive.
    pub inbox: Inbox,
    provider: Arc<NativeCheckout>,
    impostor: OnceLock<Arc<NativeCheckout>>,
    number: AtomicU32,
}

impl HaloHarness {
    /// A sandbox with its default settings.
    pub async fn start() -> Self {
        Self::with_settings(Settings::default()).await
    }

    /// A sandbox with these settings.
    pub async fn with_settings(settings: Settings) -> Self {
        let sandbox = Sandbox::builder()
            .settings(settings)
            .halo_credentials("canaryapp", CANARY_KEY)
            .start()
            .await
            .expect("a free port");
        Self {
            provider: provider_with(&sandbox, CANARY_KEY),
            impostor: OnceLock::new(),
            inbox: sandbox.inbox("shop"),
            number: AtomicU32::new(1),
            sandbox,
        }
    }

    /// Few laws ask for it.
    fn impostor_once(&self) -> &Arc<NativeCheckout> {
        self.impostor
            .get_or_init(|| provider_with(&self.sandbox, CANARY_WRONG_KEY))
    }

    fn next_number(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }
}

impl SharedHarness for HaloHarness {
    fn shared_provider(&self) -> Arc<dyn PaymentProvider> {
        Arc::clone(&self.provider) as _
    }

    fn shared_impostor(&self) -> Arc<dyn PaymentProvider> {
        Arc::clone(self.impostor_once()) as _
    }
}

fn provider_with(sandbox: &Sandbox, key: &str) -> Arc<NativeCheckout> {
    NativeCheckout::builder()
        .with_base_url(sandbox.url())
        .with_app_id(sandbox.halo().app_id())
        .with_app_key(SecretString::from(key))
        .with_error_code(NOT_FOUND, ErrorKind::NotFound)
        .build()
        .map(Arc::new)
        .expect("everything that is needed was given")
}

/// A webhook of the sandbox's inbox, as an application hands it to a provider.
#[must_use]
pub fn raw_webhook(received: &ReceivedWebhook) -> RawWebhook {
    let webhook = RawWebhook::new(received.body.clone())
        .with_method(&received.method)
        .with_path_and_query(&received.path_and_query)
        .with_received_at(received.received_at);
    received
        .headers
        .iter()
        .fold(webhook, |webhook, (name, value)| {
            webhook.with_header(name, value.as_bytes())
        })
}

#[async_trait]
impl Harness for HaloHarness {
    fn provider(&self) -> &dyn PaymentProvider {
        self.provider.as_ref()
    }

    fn impostor(&self) -> &dyn PaymentProvider {
        self.impostor_once().as_ref()
    }

    fn canaries(&self) -> Vec<String> {
        vec![CANARY_KEY.to_owned(), CANARY_WRONG_KEY.to_owned()]
    }

    fn new_invoice(&self) -> NewInvoice {
        let order = format!("order-{}", self.next_number());
        NewInvoice::new(OrderId::new(order).unwrap(), "5 USD".parse().unwrap())
            .with_asset("TRX@tron-nile".parse().unwrap())
            .with_callback_url(self.inbox.url())
    }

    fn new_payout(&self) -> Option<NewPayout> {
        let reference = format!("payout-{}", self.next_number());
        let payout = NewPayout::new(
            Reference::new(reference).unwrap(),
            Decimal::new(1_234_567, 6),
            "USDT@tron-nile".parse().unwrap(),
            ADDRESS,
        );
        Some(payout.with_callback_url(self.inbox.url()))
    }

    async fn pay(&self, invoice: &InvoiceSnapshot, amount: Decimal) {
        self.sandbox
            .halo()
            .pay(invoice.id.as_str(), amount)
            .expect("the sandbox takes the payment");
    }

    async fn confirm(&self, invoice: &InvoiceSnapshot) {
        self.sandbox
            .halo()
            .confirm(invoice.id.as_str(), 3)
            .expect("the sandbox confirms what was paid");
    }

    async fn complete_payout(&self, id: &PayoutId) {
        let halo = self.sandbox.halo();
        while halo
            .payout(id.as_str())
            .is_some_and(|payout| !payout.status.is_final())
        {
            halo.advance_payout(id.as_str())
                .expect("a payout under way can be moved");
        }
    }

    async fn payouts_at_gateway(&self) -> Option<usize> {
        Some(self.sandbox.requests_to("/api/payout/create").len())
    }

    async fn next_webhook(&self) -> Option<RawWebhook> {
        let received = self.inbox.next_within(Duration::from_secs(3)).await?;
        Some(raw_webhook(&received))
    }

    async fn say_unknown_word(&self, _invoice: &InvoiceSnapshot) -> Option<String> {
        let word = "UNDER-REVIEW".to_owned();
        self.sandbox.faults().add(FaultRule::request(
            "/api/order/detail",
            RequestFault::ReplaceMember {
                member: "data.status".to_owned(),
                value: word.clone().into(),
            },
        ));
        Some(word)
    }

    fn webhook_window(&self) -> Option<Duration> {
        Some(Duration::from_secs(120))
    }
}
