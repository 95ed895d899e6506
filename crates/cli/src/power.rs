//! What some providers can do and others cannot.

use paymux::PaymentProvider;

/// One of the optional powers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    Payouts,
    Search,
    Quotes,
    Catalog,
    Balances,
    DepositAddresses,
}

impl Power {
    pub(crate) const ALL: [Self; 6] = [
        Self::Payouts,
        Self::Search,
        Self::Quotes,
        Self::Catalog,
        Self::Balances,
        Self::DepositAddresses,
    ];

    /// The name in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Payouts => "payouts",
            Self::Search => "search",
            Self::Quotes => "quotes",
            Self::Catalog => "catalog",
            Self::Balances => "balances",
            Self::DepositAddresses => "deposit_addresses",
        }
    }

    /// What a provider without it does not do, after its name.
    pub(crate) const fn lack(self) -> &'static str {
        match self {
            Self::Payouts => "sends no payouts",
            Self::Search => "cannot search for invoices",
            Self::Quotes => "gives no quotes",
            Self::Catalog => "has no list of assets",
            Self::Balances => "tells no balances",
            Self::DepositAddresses => "makes no permanent addresses",
        }
    }

    pub(crate) fn is_there(self, provider: &dyn PaymentProvider) -> bool {
        match self {
            Self::Payouts => provider.payouts().is_some(),
            Self::Search => provider.search().is_some(),
            Self::Quotes => provider.quotes().is_some(),
            Self::Catalog => provider.catalog().is_some(),
            Self::Balances => provider.balances().is_some(),
            Self::DepositAddresses => provider.deposit_addresses().is_some(),
        }
    }
}
