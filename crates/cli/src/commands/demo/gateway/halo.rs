//! HaloPay in the demo.

use paymux::setup::Setup;
use paymux::{NewPayout, Reference, Result};
use paymux_sandbox::{Sandbox, SandboxError};
use rust_decimal::Decimal;

use super::{Gateway, RECEIVER};
use crate::commands::simulated;

#[derive(Debug)]
pub(in super::super) struct Halo<'a>(pub(in super::super) &'a Sandbox);

impl Gateway for Halo<'_> {
    fn setup(&self) -> Result<Setup> {
        simulated::halo(self.0, self.0.url())
    }

    fn asset(&self) -> &'static str {
        "TRX@tron-nile"
    }

    fn payout(&self, reference: Reference, url: String) -> Result<NewPayout> {
        let asset = "USDT@tron-nile".parse()?;
        let payout = NewPayout::new(reference, Decimal::new(5, 1), asset, RECEIVER);
        Ok(payout.with_callback_url(url))
    }

    fn pay(&self, invoice: &str, amount: Decimal) -> Result<(), SandboxError> {
        self.0.halo().pay(invoice, amount).map(|_| ())
    }

    fn pay_rest(&self, invoice: &str) -> Result<(), SandboxError> {
        self.0.halo().pay_rest(invoice).map(|_| ())
    }

    fn confirm(&self, invoice: &str) -> Result<(), SandboxError> {
        self.0.halo().confirm(invoice, 1).map(|_| ())
    }

    fn advance(&self, payout: &str) -> Result<(), SandboxError> {
        self.0.halo().advance_payout(payout).map(|_| ())
    }
}
