//! UniPayment in the demo, in one of its generations.

use paymux::setup::Setup;
use paymux::unipayment::Generation;
use paymux::{NewPayout, Reference, Result};
use paymux_sandbox::{Sandbox, SandboxError};
use rust_decimal::Decimal;

use super::{Gateway, RECEIVER};
use crate::commands::simulated::{self, PAYOUT_SYMBOL};

/// Somebody else's account at the gateway.
const ACCOUNT: &str = "account:7d1f0a52-3c0e-4f6b-9a57-2b8f1c9d4e60";

#[derive(Debug)]
pub(in super::super) struct UniPayment<'a> {
    sandbox: &'a Sandbox,
    generation: Generation,
}

impl<'a> UniPayment<'a> {
    /// A merchant whose account's one URL is this, and who is told of every payment: the gateway's
    /// documents promise a part payment's notice with the expiry only.
    pub(in super::super) fn open(
        sandbox: &'a Sandbox,
        generation: Generation,
        url: String,
    ) -> Self {
        sandbox.update_settings(|settings| {
            settings.unipayment.global_notify_url = Some(url);
            settings.unipayment.notify_every_payment = true;
        });
        Self {
            sandbox,
            generation,
        }
    }
}

impl Gateway for UniPayment<'_> {
    fn setup(&self) -> Result<Setup> {
        simulated::unipayment(self.sandbox, self.sandbox.url(), self.generation)
    }

    fn asset(&self) -> &'static str {
        "USDT@tron"
    }

    fn payout(&self, reference: Reference, url: String) -> Result<NewPayout> {
        let amount = Decimal::new(5, 1);
        if self.generation == Generation::OAuth {
            let asset = PAYOUT_SYMBOL.parse()?;
            return Ok(NewPayout::new(reference, amount, asset, ACCOUNT));
        }
        let asset = format!("{PAYOUT_SYMBOL}@tron").parse()?;
        Ok(NewPayout::new(reference, amount, asset, RECEIVER).with_callback_url(url))
    }

    fn pay(&self, invoice: &str, amount: Decimal) -> Result<(), SandboxError> {
        self.sandbox.unipayment().pay(invoice, amount).map(|_| ())
    }

    fn pay_rest(&self, invoice: &str) -> Result<(), SandboxError> {
        self.sandbox.unipayment().pay_rest(invoice).map(|_| ())
    }

    fn confirm(&self, invoice: &str) -> Result<(), SandboxError> {
        self.sandbox.unipayment().confirm(invoice, 1).map(|_| ())
    }

    fn advance(&self, payout: &str) -> Result<(), SandboxError> {
        self.sandbox.unipayment().advance_payout(payout).map(|_| ())
    }
}
