//! What the gateway itself knows: what it made, and what it is still about to make.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::asset::{AssetName, Currency};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::{InvoiceId, PayoutId};
use crate::powers::{Balance, DepositAddress};
use crate::snapshot::{InvoiceSnapshot, PayoutSnapshot};

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) invoices: Vec<InvoiceSnapshot>,
    pub(super) payouts: Vec<PayoutSnapshot>,
    pub(super) addresses: Vec<DepositAddress>,
    pub(super) rates: HashMap<(Currency, AssetName), Decimal>,
    pub(super) balances: Option<Vec<Balance>>,
    pub(super) fee: Option<Decimal>,
    last_number: u64,
    under_way: Vec<(DateTime<Utc>, Work)>,
}

/// What a request makes once it is carried out.
#[derive(Debug, Clone)]
pub(super) enum Work {
    Invoice(Box<InvoiceSnapshot>),
    Payout(Box<PayoutSnapshot>),
    Address(DepositAddress),
}

impl Work {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Invoice(invoice) => invoice.id.as_str(),
            Self::Payout(payout) => payout.id.as_str(),
            Self::Address(address) => &address.id,
        }
    }
}

impl Books {
    /// The next number; ids hold it, so none is given twice.
    pub(super) fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A request has arrived. It will be carried out whether or not its caller still waits.
    pub(super) fn take(&mut self, due: DateTime<Utc>, work: Work) {
        self.under_way.push((due, work));
    }

    /// Carries out what is due, in the order in which it became due.
    pub(super) fn carry_out_due(&mut self, now: DateTime<Utc>) {
        self.under_way.sort_by_key(|(due, _)| *due);
        let still = self.under_way.partition_point(|(due, _)| *due <= now);
        let due: Vec<_> = self.under_way.drain(..still).collect();
        for (_, work) in due {
            self.enter(work);
        }
    }

    /// Carries out this one now, unless it was before: timers are coarser than clocks.
    pub(super) fn carry_out(&mut self, id: &str) {
        let found = self.under_way.iter().position(|(_, work)| work.id() == id);
        if let Some(place) = found {
            let (_, work) = self.under_way.remove(place);
            self.enter(work);
        }
    }

    fn enter(&mut self, work: Work) {
        match work {
            Work::Invoice(invoice) => self.invoices.push(*invoice),
            Work::Payout(payout) => self.payouts.push(*payout),
            Work::Address(address) => self.addresses.push(address),
        }
    }

    pub(super) fn invoice(&mut self, id: &InvoiceId) -> Result<&mut InvoiceSnapshot> {
        self.invoices
            .iter_mut()
            .find(|invoice| invoice.id == *id)
            .ok_or_else(|| not_found("invoice", id.as_str()))
    }

    pub(super) fn payout(&mut self, id: &PayoutId) -> Result<&mut PayoutSnapshot> {
        self.payouts
            .iter_mut()
            .find(|payout| payout.id == *id)
            .ok_or_else(|| not_found("payout", id.as_str()))
    }
}

fn not_found(what: &str, id: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        Outcome::Rejected,
        format!("there is no {what} {id} in the books"),
    )
}
