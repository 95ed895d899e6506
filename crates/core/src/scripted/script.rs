//! Which act comes next.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::act::Act;
use crate::asset::AssetName;
use crate::ids::{InvoiceId, PayoutId};
use crate::money::Money;
use crate::powers::CatalogScope;
use crate::request::{InvoiceQuery, NewDepositAddress, NewInvoice, NewPayout};
use crate::webhook::RawWebhook;

/// What can be asked of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `create_invoice`.
    CreateInvoice,
    /// `fetch_invoice`.
    FetchInvoice,
    /// `verify_webhook`: an act that fails stands for a proof that is a call.
    VerifyWebhook,
    /// `create_payout`.
    CreatePayout,
    /// `fetch_payout`.
    FetchPayout,
    /// `payout_fee`.
    PayoutFee,
    /// `search_invoices`.
    SearchInvoices,
    /// `quote`.
    Quote,
    /// `assets`.
    Assets,
    /// `fetch_balances`.
    FetchBalances,
    /// `create_deposit_address`.
    CreateDepositAddress,
}

impl Operation {
    /// The name of the method.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateInvoice => "create_invoice",
            Self::FetchInvoice => "fetch_invoice",
            Self::VerifyWebhook => "verify_webhook",
            Self::CreatePayout => "create_payout",
            Self::FetchPayout => "fetch_payout",
            Self::PayoutFee => "payout_fee",
            Self::SearchInvoices => "search_invoices",
            Self::Quote => "quote",
            Self::Assets => "assets",
            Self::FetchBalances => "fetch_balances",
            Self::CreateDepositAddress => "create_deposit_address",
        }
    }
}

/// What only some gateways can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Power {
    /// Sending money out.
    Payouts,
    /// Finding invoices.
    Search,
    /// What a price is in an asset.
    Quotes,
    /// Which assets there are.
    Catalog,
    /// What the account holds.
    Balances,
    /// Permanent addresses.
    DepositAddresses,
}

/// One call, as the gateway sees it before it acts.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Call<'a> {
    /// `create_invoice`.
    CreateInvoice(&'a NewInvoice),
    /// `fetch_invoice`.
    FetchInvoice(&'a InvoiceId),
    /// `verify_webhook`.
    VerifyWebhook(&'a RawWebhook),
    /// `create_payout`.
    CreatePayout(&'a NewPayout),
    /// `fetch_payout`.
    FetchPayout(&'a PayoutId),
    /// `payout_fee`.
    PayoutFee(&'a NewPayout),
    /// `search_invoices`.
    SearchInvoices(&'a InvoiceQuery),
    /// `quote`.
    Quote(&'a Money, &'a AssetName),
    /// `assets`.
    Assets(CatalogScope),
    /// `fetch_balances`.
    FetchBalances(Option<&'a AssetName>),
    /// `create_deposit_address`.
    CreateDepositAddress(&'a NewDepositAddress),
}

impl Call<'_> {
    /// What is asked.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::CreateInvoice(_) => Operation::CreateInvoice,
            Self::FetchInvoice(_) => Operation::FetchInvoice,
            Self::VerifyWebhook(_) => Operation::VerifyWebhook,
            Self::CreatePayout(_) => Operation::CreatePayout,
            Self::FetchPayout(_) => Operation::FetchPayout,
            Self::PayoutFee(_) => Operation::PayoutFee,
            Self::SearchInvoices(_) => Operation::SearchInvoices,
            Self::Quote(..) => Operation::Quote,
            Self::Assets(_) => Operation::Assets,
            Self::FetchBalances(_) => Operation::FetchBalances,
            Self::CreateDepositAddress(_) => Operation::CreateDepositAddress,
        }
    }
}

/// Who chooses where nothing is written.
pub(super) struct Chooser(pub(super) Box<dyn FnMut(&Call<'_>) -> Act + Send>);

impl fmt::Debug for Chooser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chooser")
    }
}

/// What is written for each operation, and what was asked so far.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) chooser: Option<Chooser>,
    parts: BTreeMap<Operation, Part>,
}

#[derive(Debug, Default)]
struct Part {
    written: VecDeque<Act>,
    always: Option<Act>,
    calls: usize,
}

impl Script {
    pub(super) fn write(&mut self, operation: Operation, acts: impl IntoIterator<Item = Act>) {
        self.parts
            .entry(operation)
            .or_default()
            .written
            .extend(acts);
    }

    pub(super) fn always(&mut self, operation: Operation, act: Act) {
        self.parts.entry(operation).or_default().always = Some(act);
    }

    pub(super) fn calls(&self, operation: Operation) -> usize {
        self.parts.get(&operation).map_or(0, |part| part.calls)
    }

    pub(super) fn next(&mut self, call: &Call<'_>) -> Act {
        let part = self.parts.entry(call.operation()).or_default();
        part.calls += 1;
        part.written
            .pop_front()
            .or_else(|| part.always.clone())
            .or_else(|| self.chooser.as_mut().map(|Chooser(choose)| choose(call)))
            .unwrap_or_else(Act::answer)
    }
}
