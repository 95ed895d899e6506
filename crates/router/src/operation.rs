//! What the router can ask a provider to do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One kind of call to a provider. Health is kept for each apart: a gateway that cannot pay out may
/// still take payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Operation {
    /// Making an invoice.
    CreateInvoice,
    /// Reading an invoice.
    FetchInvoice,
    /// Sending a payout.
    CreatePayout,
    /// Reading a payout.
    FetchPayout,
    /// Asking what a payout costs.
    PayoutFee,
    /// Asking what a price is in an asset.
    Quote,
    /// Finding invoices.
    SearchInvoices,
    /// Listing assets.
    Assets,
    /// Reading balances.
    FetchBalances,
    /// Making a permanent address.
    CreateDepositAddress,
}

impl Operation {
    /// The operation in snake_case, as errors and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateInvoice => "create_invoice",
            Self::FetchInvoice => "fetch_invoice",
            Self::CreatePayout => "create_payout",
            Self::FetchPayout => "fetch_payout",
            Self::PayoutFee => "payout_fee",
            Self::Quote => "quote",
            Self::SearchInvoices => "search_invoices",
            Self::Assets => "assets",
            Self::FetchBalances => "fetch_balances",
            Self::CreateDepositAddress => "create_deposit_address",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
