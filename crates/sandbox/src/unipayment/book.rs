//! What the gateway remembers.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::balances::Balances;
use crate::register::Register;
use crate::unipayment::assets::{HOLDINGS, first_balances};
use crate::unipayment::deposits::Deposit;
use crate::unipayment::invoices::Invoice;
use crate::unipayment::parties::Parties;
use crate::unipayment::payouts::Payout;

/// An account of the wallet: one for each symbol.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) symbol: &'static str,
    /// Its deposit addresses by network, once they were asked for.
    pub(super) addresses: HashMap<&'static str, String>,
}

/// Everything that calls and payers change.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) invoices: Register<Invoice>,
    /// The invoice that each address belongs to.
    pub(super) by_address: HashMap<String, String>,
    /// When the clock changes invoices, in Unix milliseconds, soonest first.
    pub(super) deadlines: BTreeSet<(i64, String)>,
    pub(super) balances: Balances<&'static str>,
    pub(super) accounts: Vec<Account>,
    pub(super) payouts: Register<Payout>,
    pub(super) deposits: Register<Deposit>,
    pub(super) parties: Parties,
    /// Where notices of payments and deposits go, once `webhook/notify-url` said so.
    pub(super) global_notify_url: Option<String>,
}

impl Book {
    pub(super) fn new(mut new_id: impl FnMut() -> String) -> Self {
        let accounts = HOLDINGS.into_iter().map(|(symbol, _)| Account {
            id: new_id(),
            symbol,
            addresses: HashMap::new(),
        });
        Self {
            accounts: accounts.collect(),
            invoices: Register::default(),
            by_address: HashMap::new(),
            deadlines: BTreeSet::new(),
            balances: first_balances(),
            payouts: Register::default(),
            deposits: Register::default(),
            parties: Parties::default(),
            global_notify_url: None,
        }
    }

    pub(super) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(super) fn watch(&mut self, invoice_id: &str, deadline: Option<DateTime<Utc>>) {
        if let Some(deadline) = deadline {
            let deadline = deadline.timestamp_millis();
            self.deadlines.insert((deadline, invoice_id.to_owned()));
        }
    }
}
