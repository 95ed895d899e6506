//! What an application does not do: payers, blocks, and the gateway's own part of a payout.

mod halo;
mod unipayment;

use std::fmt::Debug;

use paymux::setup::Setup;
use paymux::{NewPayout, Reference, Result};
use paymux_sandbox::SandboxError;
use rust_decimal::Decimal;

pub(super) use halo::Halo;
pub(super) use unipayment::UniPayment;

/// Where payouts to an address go: well-formed on Tron and its test network, known to nobody on the
/// sandbox.
const RECEIVER: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// A gateway of the embedded sandbox, from the side that is not the shop's.
pub(super) trait Gateway: Debug {
    /// The gateway as the shop sets it up.
    fn setup(&self) -> Result<Setup>;

    /// What the payer pays with.
    fn asset(&self) -> &'static str;

    /// A payout as this gateway takes it, told of at this URL.
    fn payout(&self, reference: Reference, url: String) -> Result<NewPayout>;

    /// The payer sends some of it.
    fn pay(&self, invoice: &str, amount: Decimal) -> Result<(), SandboxError>;

    /// The payer sends what is missing.
    fn pay_rest(&self, invoice: &str) -> Result<(), SandboxError>;

    /// The chain finds one more block.
    fn confirm(&self, invoice: &str) -> Result<(), SandboxError>;

    /// The gateway takes a payout one step further.
    fn advance(&self, payout: &str) -> Result<(), SandboxError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiver_has_the_form_of_its_networks() {
        for network in ["tron", "tron-nile"] {
            let network = network.parse().unwrap();
            assert!(paymux::address::check(RECEIVER, &network).is_ok());
        }
    }
}
