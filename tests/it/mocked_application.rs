//! An application's own code, tested with paymux's doubles as a user would test it: here it matters
//! which calls are made, and how often.

use std::sync::Arc;

use paymux::mock::{MockPayoutApi, MockProvider};
use paymux::{
    AssetAmount, Error, ErrorKind, InvoiceId, InvoiceSnapshot, InvoiceStatus, NewInvoice,
    NewPayout, OrderId, Outcome, PaymentProvider, PayoutId, PayoutSnapshot, PayoutStatus, Proof,
    RawWebhook, Reference, Result, WebhookAnswer, WebhookEvent, WebhookSubject, WebhookVerdict,
};

const SHOP: &str = "shop";

/// What an order of the application stands at.
#[derive(Debug, PartialEq, Eq)]
enum Order {
    AwaitsPayment(InvoiceId),
    Ready,
}

/// The code under test: a shop that holds whatever provider it was given.
struct Application {
    provider: Arc<dyn PaymentProvider>,
    seen: Vec<String>,
    shipped: Vec<InvoiceId>,
}

impl Application {
    fn new(provider: MockProvider) -> Self {
        Self {
            provider: Arc::new(provider),
            seen: Vec::new(),
            shipped: Vec::new(),
        }
    }

    /// Asks for money; an order that already has an invoice does not get a second one.
    async fn check_out(&self, order: &OrderId, known: Option<&InvoiceId>) -> Result<Order> {
        let invoice = match known {
            Some(id) => self.provider.fetch_invoice(id).await?,
            None => {
                let request = NewInvoice::new(order.clone(), "5 USD".parse()?);
                self.provider.create_invoice(&request).await?
            }
        };
        Ok(if invoice.should_fulfil() {
            Order::Ready
        } else {
            Order::AwaitsPayment(invoice.id().clone())
        })
    }

    /// Ships once for each paid invoice, however often the webhook comes.
    async fn on_webhook(&mut self, webhook: &RawWebhook) -> WebhookAnswer {
        let verdict = match self.provider.verify_webhook(webhook).await {
            Err(error) if error.kind() == ErrorKind::InvalidSignature => WebhookVerdict::Refused,
            Err(_) => WebhookVerdict::TryAgain,
            Ok(event) if self.seen.contains(&event.dedup_key) => WebhookVerdict::Accepted,
            Ok(event) => match self.apply(&event).await {
                Ok(()) => {
                    self.seen.push(event.dedup_key);
                    WebhookVerdict::Accepted
                }
                Err(_) => WebhookVerdict::TryAgain,
            },
        };
        self.provider.webhook_answer(webhook, verdict)
    }

    async fn apply(&mut self, event: &WebhookEvent) -> Result<()> {
        if let Some(told) = event.invoice() {
            let invoice = self.provider.fetch_invoice(&told.id).await?;
            if invoice.should_fulfil() {
                self.shipped.push(told.id.clone());
            }
        }
        Ok(())
    }

    /// Pays back, and sends again only what surely was not sent.
    async fn pay_back(&self, request: &NewPayout) -> Result<PayoutId> {
        let payouts = self
            .provider
            .payouts()
            .ok_or_else(|| Error::unsupported("the gateway has no payouts"))?;
        let mut sent = payouts.create_payout(request).await;
        if matches!(&sent, Err(error) if error.outcome() == Outcome::NotSent) {
            sent = payouts.create_payout(request).await;
        }
        sent.map(|payout| payout.id().clone())
    }
}

fn invoice(id: &InvoiceId, status: InvoiceStatus) -> InvoiceSnapshot {
    InvoiceSnapshot::new(SHOP.parse().unwrap(), id.clone(), status)
}

fn settled_notice(key: &str) -> WebhookEvent {
    let told = invoice(&InvoiceId::received("T1"), InvoiceStatus::Settled);
    WebhookEvent::new(
        SHOP.parse().unwrap(),
        key,
        Proof::Signed,
        WebhookSubject::Invoice(Box::new(told)),
        "{}",
    )
}

fn pay_back_request() -> NewPayout {
    NewPayout::new(
        Reference::new("refund-1").unwrap(),
        "1.5".parse().unwrap(),
        "USDT@tron".parse().unwrap(),
        "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP",
    )
}

#[tokio::test]
async fn a_known_invoice_is_read_and_not_made_again() {
    let mut provider = MockProvider::named(SHOP);
    provider.invoices.expect_create_invoice().never();
    provider
        .invoices
        .expect_fetch_invoice()
        .withf(|id| id.as_str() == "T1")
        .times(1)
        .returning(|id| Ok(Box::new(invoice(id, InvoiceStatus::Settled))));
    let application = Application::new(provider);

    let order = OrderId::new("order-1").unwrap();
    let known = InvoiceId::received("T1");
    let standing = application.check_out(&order, Some(&known)).await.unwrap();
    assert_eq!(standing, Order::Ready);
}

#[tokio::test]
async fn a_new_order_gets_one_invoice_under_its_own_id() {
    let mut provider = MockProvider::named(SHOP);
    provider
        .invoices
        .expect_create_invoice()
        .withf(|request| request.order_id.as_str() == "order-1" && request.check().is_ok())
        .times(1)
        .returning(|_| {
            let id = InvoiceId::received("T7");
            Ok(Box::new(invoice(&id, InvoiceStatus::Pending)))
        });
    let application = Application::new(provider);

    let order = OrderId::new("order-1").unwrap();
    let standing = application.check_out(&order, None).await.unwrap();
    assert_eq!(standing, Order::AwaitsPayment(InvoiceId::received("T7")));
}

#[tokio::test]
async fn a_doubled_webhook_ships_once_and_reads_once() {
    let mut provider = MockProvider::named(SHOP);
    provider
        .invoices
        .expect_verify_webhook()
        .times(2)
        .returning(|_| Ok(settled_notice("T1|PAID")));
    provider
        .invoices
        .expect_fetch_invoice()
        .times(1)
        .returning(|id| Ok(Box::new(invoice(id, InvoiceStatus::Settled))));
    let mut application = Application::new(provider);

    for _ in 0..2 {
        let answer = application.on_webhook(&RawWebhook::new("{}")).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(application.shipped, [InvoiceId::received("T1")]);
}

#[tokio::test]
async fn a_forged_webhook_reads_nothing() {
    let mut provider = MockProvider::named(SHOP);
    provider
        .invoices
        .expect_verify_webhook()
        .times(1)
        .returning(|_| Err(Error::invalid_signature("X-Sign is wrong")));
    provider.invoices.expect_fetch_invoice().never();
    let mut application = Application::new(provider);

    let answer = application.on_webhook(&RawWebhook::new("{}")).await;
    assert_eq!(answer.status, 400);
    assert!(application.shipped.is_empty());
}

#[tokio::test]
async fn a_webhook_whose_read_fails_is_asked_for_again_and_then_ships() {
    let mut provider = MockProvider::named(SHOP);
    provider
        .invoices
        .expect_verify_webhook()
        .times(2)
        .returning(|_| Ok(settled_notice("T1|PAID")));
    let mut reads = 0;
    provider
        .invoices
        .expect_fetch_invoice()
        .times(2)
        .returning(move |id| {
            reads += 1;
            if reads == 1 {
                let message = "the gateway is out of order";
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    Outcome::NotSent,
                    message,
                ));
            }
            Ok(Box::new(invoice(id, InvoiceStatus::Settled)))
        });
    let mut application = Application::new(provider);

    let first = application.on_webhook(&RawWebhook::new("{}")).await;
    assert_eq!((first.status, application.shipped.len()), (503, 0));
    let second = application.on_webhook(&RawWebhook::new("{}")).await;
    assert_eq!((second.status, application.shipped.len()), (200, 1));
}

/// Payouts that fail with these outcomes in turn and then succeed.
fn payouts_failing_with(outcomes: Vec<Outcome>, calls: usize) -> MockPayoutApi {
    let mut outcomes = outcomes.into_iter();
    let mut payouts = MockPayoutApi::new();
    payouts
        .expect_create_payout()
        .times(calls)
        .returning(move |request| match outcomes.next() {
            Some(outcome) => Err(Error::new(ErrorKind::Unavailable, outcome, "no answer")),
            None => {
                let id = PayoutId::received("P1");
                let name = SHOP.parse().unwrap();
                let mut payout = PayoutSnapshot::new(name, id, PayoutStatus::Pending);
                payout.amount = Some(AssetAmount::new(request.amount, request.asset.clone()));
                Ok(Box::new(payout))
            }
        });
    payouts
}

#[tokio::test]
async fn only_what_was_not_sent_is_sent_again() {
    for (outcomes, calls, is_paid) in [
        (vec![], 1, true),
        (vec![Outcome::NotSent], 2, true),
        (vec![Outcome::Unknown], 1, false),
        (vec![Outcome::Rejected], 1, false),
    ] {
        let mut provider = MockProvider::named(SHOP);
        provider.payouts = Some(payouts_failing_with(outcomes.clone(), calls));
        let application = Application::new(provider);
        let paid = application.pay_back(&pay_back_request()).await;
        assert_eq!(paid.is_ok(), is_paid, "{outcomes:?}");
    }
}

#[tokio::test]
async fn a_gateway_without_payouts_is_noticed_before_money_should_move() {
    let application = Application::new(MockProvider::named(SHOP));
    let error = application.pay_back(&pay_back_request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.outcome(), Outcome::NotSent);
}
