//! A router as the laws of conformance want it: over one gateway, over two, and over a first one that
//! does not do what it should.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::conformance::Harness;
use paymux_core::{
    InvoiceSnapshot, NewInvoice, NewPayout, PaymentProvider, PayoutId, ProviderName, RawWebhook,
    TokioClock,
};
use paymux_native_checkout::{NativeCheckout, RetryConfig, TransportConfig};
use paymux_router::Router;
use paymux_sandbox::{FaultRule, RequestFault, When};
use paymux_unipayment::Generation;
use rust_decimal::Decimal;

use crate::harness::{HaloHarness, SharedHarness, UniPaymentHarness};

/// A router and the gateways behind it.
pub struct RouterHarness {
    /// The first one's requests are asked for, and webhooks come to it; every other one can take these
    /// requests too.
    members: Vec<Box<dyn Harness>>,
    /// Which member answers.
    answers: usize,
    /// A gateway that is only there for the impostor.
    _for_impostor: Option<HaloHarness>,
    router: Router,
    impostor: Router,
}

impl RouterHarness {
    /// HaloPay alone.
    pub async fn over_one() -> Self {
        let halo = HaloHarness::start().await;
        Self {
            router: router([halo.shared_provider()]),
            impostor: router([halo.shared_impostor()]),
            members: vec![Box::new(halo)],
            answers: 0,
            _for_impostor: None,
        }
    }

    /// HaloPay first, UniPayment second.
    pub async fn over_two() -> Self {
        let halo = HaloHarness::start().await;
        let unipayment = UniPaymentHarness::start(Generation::OAuth).await;
        let impostors = [halo.shared_impostor(), unipayment.shared_impostor()];
        Self {
            router: router([halo.shared_provider(), unipayment.shared_provider()]),
            impostor: router(impostors),
            members: vec![Box::new(halo), Box::new(unipayment)],
            answers: 0,
            _for_impostor: None,
        }
    }

    /// HaloPay first, at an address where nobody listens; UniPayment second.
    pub async fn over_a_dead_gateway() -> Self {
        let unipayment = UniPaymentHarness::start(Generation::Hmac).await;
        Self {
            router: router([nobody(), unipayment.shared_provider()]),
            impostor: router([nobody(), unipayment.shared_impostor()]),
            members: vec![Box::new(unipayment)],
            answers: 0,
            _for_impostor: None,
        }
    }

    /// HaloPay first, which makes each order and breaks the connection before it answers; UniPayment
    /// second. Where a wrong key is tried HaloPay is well: of a broken connection nobody can say that it
    /// was refused.
    pub async fn over_a_gateway_that_loses_its_answers() -> Self {
        let halo = HaloHarness::start().await;
        let lost = RequestFault::Cut {
            when: When::AfterWork,
        };
        let rule = FaultRule::request("/api/order/create", lost).always();
        halo.sandbox.faults().add(rule);
        let well = HaloHarness::start().await;
        let unipayment = UniPaymentHarness::start(Generation::OAuth).await;
        let impostors = [well.shared_impostor(), unipayment.shared_impostor()];
        Self {
            router: router([halo.shared_provider(), unipayment.shared_provider()]),
            impostor: router(impostors),
            members: vec![Box::new(halo), Box::new(unipayment)],
            answers: 1,
            _for_impostor: Some(well),
        }
    }

    /// Whose it is, and the same invoice as its owner knows it.
    fn owner_of(&self, invoice: &InvoiceSnapshot) -> (&dyn Harness, InvoiceSnapshot) {
        let (owner, bare) = invoice.id.split_owner().expect("an id with its owner");
        let mut own = invoice.clone();
        own.id = bare;
        (self.member(&owner), own)
    }

    fn member(&self, name: &ProviderName) -> &dyn Harness {
        let mut members = self.members.iter();
        let found = members.find(|member| member.provider().name() == name);
        found.expect("a member of this router").as_ref()
    }
}

fn router<const N: usize>(members: [Arc<dyn PaymentProvider>; N]) -> Router {
    let builder = members
        .into_iter()
        .fold(Router::builder(), |builder, member| {
            builder.with_provider(member)
        });
    let builder = builder.with_clock(Arc::new(TokioClock));
    builder.build().expect("members of different names")
}

/// A gateway that cannot be reached.
fn nobody() -> Arc<dyn PaymentProvider> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = port.expect("a free port");
    let built = NativeCheckout::builder()
        .with_base_url(format!("http://{address}"))
        .with_app_id("nobody")
        .with_app_key("nobody's key".into())
        .with_transport(TransportConfig::default().with_retry(RetryConfig::never()))
        .build();
    Arc::new(built.expect("everything that is needed was given"))
}

impl fmt::Debug for RouterHarness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterHarness")
            .field("router", &self.router)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Harness for RouterHarness {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.router
    }

    fn owns(&self, name: &ProviderName) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.provider().name() == name)
    }

    fn impostor(&self) -> &dyn PaymentProvider {
        &self.impostor
    }

    fn canaries(&self) -> Vec<String> {
        let members = self.members.iter();
        members.flat_map(|member| member.canaries()).collect()
    }

    fn new_invoice(&self) -> NewInvoice {
        let request = self.members[0].new_invoice();
        request.with_asset("USDT@tron".parse().unwrap())
    }

    fn new_payout(&self) -> Option<NewPayout> {
        self.members[0].new_payout()
    }

    async fn pay(&self, invoice: &InvoiceSnapshot, amount: Decimal) {
        let (owner, own) = self.owner_of(invoice);
        owner.pay(&own, amount).await;
    }

    async fn confirm(&self, invoice: &InvoiceSnapshot) {
        let (owner, own) = self.owner_of(invoice);
        owner.confirm(&own).await;
    }

    async fn complete_payout(&self, id: &PayoutId) {
        let (owner, bare) = id.split_owner().expect("an id with its owner");
        self.member(&owner).complete_payout(&bare).await;
    }

    async fn payouts_at_gateway(&self) -> Option<usize> {
        let mut all = 0;
        for member in &self.members {
            all += member.payouts_at_gateway().await?;
        }
        Some(all)
    }

    /// Whoever makes an invoice tells the URL in the request, which is the first member's.
    async fn next_webhook(&self) -> Option<RawWebhook> {
        self.members[0].next_webhook().await
    }

    async fn say_unknown_word(&self, invoice: &InvoiceSnapshot) -> Option<String> {
        let (owner, own) = self.owner_of(invoice);
        owner.say_unknown_word(&own).await
    }

    fn webhook_window(&self) -> Option<Duration> {
        self.members[self.answers].webhook_window()
    }
}
