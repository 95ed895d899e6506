//! Three calls of an application, and what it sees of them.

use std::sync::Arc;
use std::time::Duration;

use paymux::{
    Error, ErrorKind, InvoiceId, NewInvoice, NewPayout, OrderId, Outcome, PaymentProvider,
    Reference,
};
use paymux_sandbox::{FaultRule, RecordedRequest, RequestFault, RequestOutcome, Sandbox};

use super::gateway::{Call, Gateway};

/// What an application sees, and how often the gateway was asked and did what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub(super) gateway: Gateway,
    pub(super) sandbox: Sandbox,
    pub(super) provider: Arc<dyn PaymentProvider>,
    known: InvoiceId,
    destination: String,
}

/// Reads are tried this often.
pub(super) const ATTEMPTS: usize = 3;

/// Long enough that nothing comes too late.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

impl Bench {
    /// A sandbox, and a provider that has not called it yet.
    pub(super) async fn untouched(gateway: Gateway, timeout: Duration) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let destination = gateway.destination(&sandbox).await;
        sandbox.clear_requests();
        Self {
            provider: gateway.provider(&sandbox, sandbox.url(), timeout),
            known: InvoiceId::received("none"),
            gateway,
            sandbox,
            destination,
        }
    }

    /// A sandbox with one invoice, and a provider that has its catalogue or its token already.
    pub(super) async fn set_up(gateway: Gateway, timeout: Duration) -> Self {
        let mut bench = Self::untouched(gateway, timeout).await;
        let known = bench.provider.create_invoice(&bench.order("known")).await;
        bench.known = known.unwrap().id().clone();
        bench.sandbox.clear_requests();
        bench
    }

    pub(super) fn order(&self, id: &str) -> NewInvoice {
        NewInvoice::new(OrderId::new(id).unwrap(), "5 USD".parse().unwrap())
            .with_asset(self.gateway.asset().parse().unwrap())
    }

    fn payout(&self) -> NewPayout {
        NewPayout::new(
            Reference::new("payout-1").unwrap(),
            "12.5".parse().unwrap(),
            self.gateway.payout_asset().parse().unwrap(),
            self.destination.as_str(),
        )
    }

    pub(super) async fn call(&self, call: Call) -> Result<(), Error> {
        self.call_at(self.provider.as_ref(), call).await
    }

    pub(super) async fn call_at(
        &self,
        provider: &dyn PaymentProvider,
        call: Call,
    ) -> Result<(), Error> {
        match call {
            Call::CreateInvoice => provider.create_invoice(&self.order("new")).await.map(drop),
            Call::CreatePayout => {
                let payouts = provider.payouts().unwrap();
                payouts.create_payout(&self.payout()).await.map(drop)
            }
            Call::FetchInvoice => provider.fetch_invoice(&self.known).await.map(drop),
        }
    }

    pub(super) fn strike(&self, call: Call, fault: RequestFault) {
        let rule = FaultRule::request(self.gateway.path(call), fault);
        self.sandbox.faults().add(rule);
    }

    pub(super) fn strike_always(&self, call: Call, fault: RequestFault) {
        let rule = FaultRule::request(self.gateway.path(call), fault).always();
        self.sandbox.faults().add(rule);
    }

    /// The requests of this call that reached the gateway.
    pub(super) fn asked(&self, call: Call) -> Vec<RecordedRequest> {
        let path = self.gateway.path(call);
        let (method, path) = path.split_once(' ').unwrap_or(("POST", path));
        let mut requests = self.sandbox.requests();
        requests.retain(|request| {
            let is_path = match path.strip_suffix('*') {
                Some(beginning) => request.path.starts_with(beginning),
                None => request.path == path,
            };
            is_path && request.method == method
        });
        requests
    }

    /// The ids of what was made since the set-up.
    pub(super) fn made(&self, call: Call) -> Vec<String> {
        let (halo, unipayment) = (self.sandbox.halo(), self.sandbox.unipayment());
        let ids: Vec<String> = match (self.gateway, call) {
            (Gateway::Halo, Call::CreatePayout) => {
                let payouts = halo.payouts().into_iter();
                payouts.map(|payout| payout.trade_no).collect()
            }
            (Gateway::Halo, _) => {
                let orders = halo.orders().into_iter();
                orders.map(|order| order.trade_no).collect()
            }
            (_, Call::CreatePayout) => {
                let payouts = unipayment.payouts().into_iter();
                payouts.map(|payout| payout.id).collect()
            }
            _ => {
                let invoices = unipayment.invoices().into_iter();
                invoices.map(|invoice| invoice.invoice_id).collect()
            }
        };
        let is_new = |id: &String| *id != self.known.as_str();
        ids.into_iter().filter(is_new).collect()
    }

    pub(super) async fn see(&self, call: Call) -> (Seen, Option<Error>) {
        let result = self.call(call).await;
        let asked = self.asked(call);
        let done = match call {
            Call::CreateInvoice | Call::CreatePayout => self.made(call).len(),
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

    /// Lets the call meet the fault each time it is made, and compares.
    pub(super) async fn expect(&self, call: Call, fault: RequestFault, expected: Seen) {
        let shown = format!("{:?} {call:?} with {fault:?}", self.gateway);
        self.strike_always(call, fault);
        let (seen, error) = self.see(call).await;
        assert_eq!(seen, expected, "{shown}: {error:?}");
        self.check_names(call, error.as_ref());
    }

    /// Each failure says who failed at what, and of a payout which one.
    pub(super) fn check_names(&self, call: Call, error: Option<&Error>) {
        let Some(error) = error else { return };
        assert_eq!(error.operation(), Some(call.operation()), "{error:?}");
        assert_eq!(error.provider().unwrap().as_str(), self.gateway.name());
        if call == Call::CreatePayout {
            assert_eq!(error.reference().unwrap().as_str(), "payout-1");
        }
        let may_have_executed = error.outcome() == Outcome::Unknown;
        assert_eq!(error.may_have_executed(), may_have_executed);
        if !may_have_executed {
            assert_eq!(error.id(), None, "nothing was made: {error:?}");
        }
    }
}

/// Lets each call of each gateway meet the fault each time it is made, and compares.
pub(super) async fn expect(fault: RequestFault, creates: &Seen, reads: &Seen) {
    for gateway in Gateway::ALL {
        for call in gateway.calls() {
            let bench = Bench::set_up(gateway, PATIENCE).await;
            let expected = match call {
                Call::FetchInvoice => reads,
                Call::CreateInvoice | Call::CreatePayout => creates,
            };
            bench.expect(*call, fault.clone(), *expected).await;
        }
    }
}
