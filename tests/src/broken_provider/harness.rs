//! The harness of the laws around a provider with a flaw.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use paymux_core::conformance::Harness;
use paymux_core::{InvoiceSnapshot, NewInvoice, NewPayout, PaymentProvider, PayoutId, RawWebhook};
use rust_decimal::Decimal;

use super::{BrokenProvider, Flaw};
use crate::harness::SharedHarness;

/// The right harness, its provider and its impostor seen through one flaw.
#[derive(Debug)]
pub struct BrokenHarness {
    right: Box<dyn SharedHarness>,
    flaw: Flaw,
    provider: BrokenProvider,
    impostor: OnceLock<BrokenProvider>,
}

impl BrokenHarness {
    /// A right provider with its sandbox behind this flaw.
    pub fn over(right: impl SharedHarness + 'static, flaw: Flaw) -> Self {
        Self {
            provider: BrokenProvider::new(right.shared_provider(), flaw),
            impostor: OnceLock::new(),
            flaw,
            right: Box::new(right),
        }
    }
}

#[async_trait]
impl Harness for BrokenHarness {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.provider
    }

    fn impostor(&self) -> &dyn PaymentProvider {
        self.impostor.get_or_init(|| {
            let inner = if self.flaw == Flaw::WrongKeyAccepted {
                self.right.shared_provider()
            } else {
                self.right.shared_impostor()
            };
            BrokenProvider::new(inner, self.flaw)
        })
    }

    fn canaries(&self) -> Vec<String> {
        self.right.canaries()
    }

    fn new_invoice(&self) -> NewInvoice {
        self.right.new_invoice()
    }

    fn new_payout(&self) -> Option<NewPayout> {
        self.right.new_payout()
    }

    async fn pay(&self, invoice: &InvoiceSnapshot, amount: Decimal) {
        self.right.pay(invoice, amount).await;
    }

    async fn confirm(&self, invoice: &InvoiceSnapshot) {
        self.right.confirm(invoice).await;
    }

    async fn complete_payout(&self, id: &PayoutId) {
        self.right.complete_payout(id).await;
    }

    async fn payouts_at_gateway(&self) -> Option<usize> {
        self.right.payouts_at_gateway().await
    }

    async fn next_webhook(&self) -> Option<RawWebhook> {
        self.right.next_webhook().await
    }

    async fn say_unknown_word(&self, invoice: &InvoiceSnapshot) -> Option<String> {
        self.right.say_unknown_word(invoice).await
    }

    fn webhook_window(&self) -> Option<Duration> {
        self.right.webhook_window()
    }
}
