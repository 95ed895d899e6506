//! A shop as an application has it, over a sandbox: at HaloPay with a provider built by the facade, or
//! at UniPayment in any generation.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use paymux::transition::{Change, Observed};
use paymux::{
    InvoiceSnapshot, NewInvoice, NewPayout, OrderId, PaymentProvider, PayoutApi, Reference,
    WebhookEvent,
};
use paymux_sandbox::{DeliveryState, Inbox, Sandbox, Settings};
use paymux_tests::harness::{ADDRESS, raw_webhook};
use paymux_unipayment::{Generation, UniPayment};
use rust_decimal::Decimal;

use crate::faults::gateway::payment_method;

pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) inbox: Inbox,
    pub(crate) provider: Arc<dyn PaymentProvider>,
    terms: Terms,
    number: AtomicU32,
}

/// What orders and payouts of a gateway need.
struct Terms {
    asset: &'static str,
    payout_asset: &'static str,
    payout_to: String,
    /// Whether a payout says where its webhooks go.
    payouts_have_callbacks: bool,
}

pub(crate) fn decimal(digits: &str) -> Decimal {
    digits.parse().unwrap()
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with_settings(Settings::default()).await
    }

    pub(crate) async fn with_settings(settings: Settings) -> Self {
        let sandbox = hurried_sandbox(settings).await;
        let terms = Terms {
            asset: "TRX@tron-nile",
            payout_asset: "USDT@tron-nile",
            payout_to: ADDRESS.to_owned(),
            payouts_have_callbacks: true,
        };
        Self::over(provider_of(&sandbox), sandbox, terms)
    }

    /// At UniPayment. Webhooks of payments and deposits go to the shop's inbox, too.
    pub(crate) async fn at_unipayment(generation: Generation, settings: Settings) -> Self {
        let sandbox = hurried_sandbox(settings).await;
        let own = sandbox.inbox("shop").url();
        sandbox.update_settings(|settings| settings.unipayment.global_notify_url = Some(own));
        let provider = unipayment_of(&sandbox, generation);
        let mut terms = Terms {
            asset: "USDT@tron",
            payout_asset: "USDT@tron",
            payout_to: ADDRESS.to_owned(),
            payouts_have_callbacks: true,
        };
        if generation == Generation::OAuth {
            let method = payment_method(provider.client(), ADDRESS).await;
            terms.payout_to = format!("payment-method:{method}");
            terms.payouts_have_callbacks = false;
        }
        sandbox.clear_requests();
        Self::over(Arc::new(provider), sandbox, terms)
    }

    fn over(provider: Arc<dyn PaymentProvider>, sandbox: Sandbox, terms: Terms) -> Self {
        Self {
            inbox: sandbox.inbox("shop"),
            provider,
            sandbox,
            terms,
            number: AtomicU32::new(1),
        }
    }

    fn next(&self, what: &str) -> String {
        format!("{what}-{}", self.number.fetch_add(1, Ordering::Relaxed))
    }

    /// 5 USD in the asset of the gateway, told to the shop's inbox.
    pub(crate) fn order(&self) -> NewInvoice {
        let order_id = OrderId::new(self.next("order")).unwrap();
        NewInvoice::new(order_id, "5 USD".parse().unwrap())
            .with_asset(self.terms.asset.parse().unwrap())
            .with_callback_url(self.inbox.url())
    }

    /// 12.5 USDT, told to the shop's inbox.
    pub(crate) fn payout(&self) -> NewPayout {
        let reference = Reference::new(self.next("payout")).unwrap();
        let asset = self.terms.payout_asset.parse().unwrap();
        let to = self.terms.payout_to.as_str();
        let payout = NewPayout::new(reference, decimal("12.5"), asset, to);
        if self.terms.payouts_have_callbacks {
            payout.with_callback_url(self.inbox.url())
        } else {
            payout
        }
    }

    pub(crate) fn payouts(&self) -> &dyn PayoutApi {
        self.provider.payouts().expect("the gateway has payouts")
    }

    pub(crate) async fn invoice(&self) -> InvoiceSnapshot {
        let invoice = self.provider.create_invoice(&self.order()).await.unwrap();
        invoice.snapshot().clone()
    }

    /// Reads the invoice and takes in what is read.
    pub(crate) async fn read(&self, known: &mut InvoiceSnapshot) -> Change {
        let seen = self.provider.fetch_invoice(&known.id).await.unwrap();
        known.observe(seen.snapshot(), Observed::Read)
    }

    /// The next webhook, proven.
    pub(crate) async fn notice(&self) -> WebhookEvent {
        let received = self.inbox.next().await.expect("a webhook within seconds");
        let webhook = raw_webhook(&received);
        self.provider.verify_webhook(&webhook).await.unwrap()
    }

    /// Every webhook that is proven once the gateway has nothing left to send.
    pub(crate) async fn all_notices(&self) -> Vec<WebhookEvent> {
        self.until_nothing_is_left_to_send().await;
        let mut events = Vec::new();
        while let Some(received) = self.inbox.try_next() {
            if let Ok(event) = self.provider.verify_webhook(&raw_webhook(&received)).await {
                events.push(event);
            }
        }
        events
    }

    async fn until_nothing_is_left_to_send(&self) {
        for _ in 0..2000 {
            let deliveries = self.sandbox.deliveries();
            if deliveries
                .iter()
                .all(|delivery| delivery.state != DeliveryState::Pending)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the sandbox still sends: {:?}", self.sandbox.deliveries());
    }

    /// How many payouts HaloPay has made, and how many it was asked for.
    pub(crate) fn payouts_made_and_asked(&self) -> (usize, usize) {
        let asked = self.sandbox.requests_to("/api/payout/create").len();
        (self.sandbox.halo().payouts().len(), asked)
    }
}

async fn hurried_sandbox(settings: Settings) -> Sandbox {
    let settings = Settings {
        // The published pauses between two attempts are hours long.
        time_scale: 1000,
        ..settings
    };
    Sandbox::builder().settings(settings).start().await.unwrap()
}

fn unipayment_of(sandbox: &Sandbox, generation: Generation) -> UniPayment {
    let gateway = sandbox.unipayment();
    UniPayment::builder()
        .with_generation(generation)
        .with_base_url(sandbox.url())
        .with_app_id(gateway.app_id())
        .with_app_key(gateway.app_key().into())
        .with_client_id(gateway.client_id())
        .with_client_secret(gateway.client_secret().into())
        .with_webhook_secret(gateway.webhook_secret().into())
        .with_from_account_id(gateway.account_id("USDT").unwrap())
        .with_payout_reason("OperatingExpense")
        .build()
        .unwrap()
}

/// The provider that the facade builds from the environment variables a deployment would set.
fn provider_of(sandbox: &Sandbox) -> Arc<dyn PaymentProvider> {
    let halo = sandbox.halo();
    let environment = |name: &str| {
        let value = match name {
            "PAYMUX_NATIVE_CHECKOUT_APP_ID" => halo.app_id(),
            "PAYMUX_NATIVE_CHECKOUT_APP_KEY" => halo.app_key(),
            "PAYMUX_NATIVE_CHECKOUT_BASE_URL" => sandbox.url(),
            _ => return None,
        };
        Some(value.to_owned())
    };
    let providers = paymux::setup::providers_from_vars(environment).unwrap();
    Arc::clone(providers.only().expect("one gateway is set up"))
}
