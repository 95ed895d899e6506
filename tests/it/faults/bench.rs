//! Three calls of an application, and what it sees of them.

use std::sync::Arc;
use std::time::Duration;

use paymux::native_checkout::NativeCheckout;
use paymux::{
    Error, ErrorKind, InvoiceId, NewInvoice, NewPayout, OrderId, Outcome, PaymentProvider,
    Reference,
};
use paymux_http::{RetryConfig, TransportConfig};
use paymux_sandbox::{FaultRule, RequestFault, RequestOutcome, Sandbox};
use paymux_tests::harness::ADDRESS;
use secrecy::SecretString;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    CreateInvoice,
    CreatePayout,
    FetchInvoice,
}

impl Call {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::CreateInvoice => "/api/order/create",
            Self::CreatePayout => "/api/payout/create",
            Self::FetchInvoice => "/api/order/detail",
        }
    }

    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::CreateInvoice => "create_invoice",
            Self::CreatePayout => "create_payout",
            Self::FetchInvoice => "fetch_invoice",
        }
    }
}

/// What an application sees, and how often the gateway was asked and did what was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) result: Result<(), (ErrorKind, Outcome)>,
    pub(super) asked: usize,
    pub(super) done: usize,
}

pub(super) fn fine(asked: usize, done: usize) -> Seen {
    Seen {
        result: Ok(()),
        asked,
        done,
    }
}

pub(super) fn fails(kind: ErrorKind, outcome: Outcome, asked: usize, done: usize) -> Seen {
    Seen {
        result: Err((kind, outcome)),
        asked,
        done,
    }
}

pub(super) struct Bench {
    pub(super) sandbox: Sandbox,
    pub(super) provider: Arc<NativeCheckout>,
    known: InvoiceId,
}

/// Reads are tried this often.
pub(super) const ATTEMPTS: usize = 3;

impl Bench {
    /// A sandbox, and a provider that has not called it yet.
    pub(super) async fn without_catalogue(timeout: Duration) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let backoff = Duration::from_millis(1);
        let transport = TransportConfig::default()
            .with_timeout(timeout)
            .with_retry(RetryConfig::default().with_backoff(backoff, backoff));
        let provider = NativeCheckout::builder()
            .with_base_url(sandbox.url())
            .with_app_id(sandbox.halo().app_id())
            .with_app_key(SecretString::from(sandbox.halo().app_key()))
            .with_transport(transport)
            .build()
            .unwrap();
        Self {
            sandbox,
            provider: Arc::new(provider),
            known: InvoiceId::received("none"),
        }
    }

    /// A sandbox with one invoice, and a provider that knows the catalogue already.
    pub(super) async fn set_up(timeout: Duration) -> Self {
        let mut bench = Self::without_catalogue(timeout).await;
        let known = bench.provider.create_invoice(&order("known")).await;
        bench.known = known.unwrap().id().clone();
        bench.sandbox.clear_requests();
        bench
    }

    pub(super) async fn call(&self, call: Call) -> Result<(), Error> {
        match call {
            Call::CreateInvoice => self.provider.create_invoice(&order("new")).await.map(drop),
            Call::CreatePayout => {
                let payouts = self.provider.payouts().unwrap();
                payouts.create_payout(&payout()).await.map(drop)
            }
            Call::FetchInvoice => self.provider.fetch_invoice(&self.known).await.map(drop),
        }
    }

    /// Lets one answer to this call have another value in one place.
    pub(super) fn replace(&self, call: Call, member: &str, value: serde_json::Value) {
        let member = member.to_owned();
        let fault = RequestFault::ReplaceMember { member, value };
        let rule = FaultRule::request(call.path(), fault);
        self.sandbox.faults().add(rule);
    }

    pub(super) async fn see(&self, call: Call) -> (Seen, Option<Error>) {
        let result = self.call(call).await;
        let asked = self.sandbox.requests_to(call.path());
        let done = match call {
            Call::CreateInvoice => self.sandbox.halo().orders().len() - 1,
            Call::CreatePayout => self.sandbox.halo().payouts().len(),
            Call::FetchInvoice => asked
                .iter()
                .filter(|request| {
                    matches!(
                        request.outcome,
                        RequestOutcome::Answered { worked: true, .. }
                            | RequestOutcome::Cut { worked: true }
                    )
                })
                .count(),
        };
        let seen = Seen {
            result: match &result {
                Ok(()) => Ok(()),
                Err(error) => Err((error.kind(), error.outcome())),
            },
            asked: asked.len(),
            done,
        };
        (seen, result.err())
    }
}

pub(super) fn order(id: &str) -> NewInvoice {
    NewInvoice::new(OrderId::new(id).unwrap(), "5 USD".parse().unwrap())
        .with_asset("TRX@tron-nile".parse().unwrap())
}

pub(super) fn payout() -> NewPayout {
    NewPayout::new(
        Reference::new("payout-1").unwrap(),
        "12.5".parse().unwrap(),
        "USDT@tron-nile".parse().unwrap(),
        ADDRESS,
    )
}

/// Lets each call meet the fault each time it is made, and compares.
pub(super) async fn expect(fault: RequestFault, creates: &Seen, reads: &Seen) {
    for call in [Call::CreateInvoice, Call::CreatePayout, Call::FetchInvoice] {
        let bench = Bench::set_up(Duration::from_secs(10)).await;
        let rule = FaultRule::request(call.path(), fault.clone()).always();
        bench.sandbox.faults().add(rule);
        let (seen, error) = bench.see(call).await;
        let expected = if call == Call::FetchInvoice {
            reads
        } else {
            creates
        };
        assert_eq!(seen, *expected, "{call:?} with {fault:?}: {error:?}");
        check_names(call, error.as_ref());
    }
}

/// Each failure says who failed at what, and of a payout which one.
pub(super) fn check_names(call: Call, error: Option<&Error>) {
    let Some(error) = error else { return };
    assert_eq!(error.operation(), Some(call.operation()), "{error:?}");
    assert_eq!(error.provider().unwrap().as_str(), "native-checkout");
    if call == Call::CreatePayout {
        assert_eq!(error.reference().unwrap().as_str(), "payout-1");
    }
    let may_have_executed = error.outcome() == Outcome::Unknown;
    assert_eq!(error.may_have_executed(), may_have_executed);
}
