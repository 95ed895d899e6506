//! What is to be routed, as rules and strategies see it.

use std::collections::BTreeMap;
use std::time::Duration;

use paymux_core::{
    AssetName, Capabilities, Clock, Money, NewDepositAddress, NewInvoice, NewPayout,
    PaymentProvider,
};

use crate::operation::Operation;

/// What a provider is wanted for.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Wanted<'a> {
    /// An invoice.
    Invoice(&'a NewInvoice),
    /// A payout.
    Payout(&'a NewPayout),
    /// A permanent address.
    DepositAddress(&'a NewDepositAddress),
    /// What a price is in an asset.
    Quote {
        /// The price.
        price: &'a Money,
        /// The asset.
        asset: &'a AssetName,
    },
}

impl<'a> Wanted<'a> {
    /// The call that will be made.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Invoice(_) => Operation::CreateInvoice,
            Self::Payout(_) => Operation::CreatePayout,
            Self::DepositAddress(_) => Operation::CreateDepositAddress,
            Self::Quote { .. } => Operation::Quote,
        }
    }

    /// The asset, where one is named.
    #[must_use]
    pub const fn asset(self) -> Option<&'a AssetName> {
        match self {
            Self::Invoice(request) => request.asset.as_ref(),
            Self::Payout(request) => Some(&request.asset),
            Self::DepositAddress(request) => Some(&request.asset),
            Self::Quote { asset, .. } => Some(asset),
        }
    }

    /// The price, where there is one.
    #[must_use]
    pub const fn price(self) -> Option<&'a Money> {
        match self {
            Self::Invoice(request) => Some(&request.price),
            Self::Quote { price, .. } => Some(price),
            Self::Payout(_) | Self::DepositAddress(_) => None,
        }
    }

    /// The pairs that come with an invoice.
    #[must_use]
    pub const fn metadata(self) -> Option<&'a BTreeMap<String, String>> {
        match self {
            Self::Invoice(request) => Some(&request.metadata),
            _ => None,
        }
    }

    /// Why this provider cannot do it at all.
    pub(crate) fn unfitness(self, provider: &dyn PaymentProvider) -> Option<&'static str> {
        let lacks = |has: bool, what| (!has).then_some(what);
        match self {
            Self::Invoice(request) => {
                let capabilities: &Capabilities = provider.capabilities();
                let asset_is_missing = capabilities.asset_required && request.asset.is_none();
                lacks(!asset_is_missing, "it needs the asset to be named")
            }
            Self::Payout(_) => lacks(provider.payouts().is_some(), "it has no payouts"),
            Self::DepositAddress(_) => lacks(
                provider.deposit_addresses().is_some(),
                "it has no permanent addresses",
            ),
            Self::Quote { .. } => lacks(provider.quotes().is_some(), "it has no quotes"),
        }
    }
}

/// A request that a [`Strategy`](crate::Strategy) puts providers in order for.
#[derive(Debug, Clone, Copy)]
pub struct RouteRequest<'a> {
    pub(crate) wanted: Wanted<'a>,
    pub(crate) time: Duration,
    pub(crate) clock: &'a dyn Clock,
}

impl<'a> RouteRequest<'a> {
    /// What is wanted.
    #[must_use]
    pub const fn wanted(&self) -> Wanted<'a> {
        self.wanted
    }

    /// How long the strategy may take. If it takes longer, the order of priority holds.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }

    /// The router's clock.
    #[must_use]
    pub const fn clock(&self) -> &'a dyn Clock {
        self.clock
    }
}
