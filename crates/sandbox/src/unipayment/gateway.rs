//! The gateway's state with its surroundings: what calls, payers, blocks and time work on.

use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::error::SandboxError;
use crate::lock::lock;
use crate::randomness::Randomness;
use crate::settings::{LiveSettings, Settings};
use crate::surroundings::Surroundings;
use crate::unipayment::assets::{Asset, holding};
use crate::unipayment::auth::Callers;
use crate::unipayment::book::Book;
use crate::unipayment::deposits::{Deposit, DepositStatus};
use crate::unipayment::invoices::{Destination, Invoice, InvoiceStatus, Transfer};
use crate::unipayment::keys::{Keys, UniPaymentCredentials};
use crate::unipayment::notary::{Notary, SentNotices};
use crate::unipayment::payouts::{Payout, PayoutKind, PayoutStatus};
use crate::unipayment::wire::to_tick;
use crate::webhooks::Outbox;

#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) base_url: String,
    pub(super) clock: Clock,
    pub(super) randomness: Arc<Randomness>,
    pub(super) live_settings: Arc<LiveSettings>,
    pub(super) keys: Arc<Keys>,
    pub(super) callers: Callers,
    pub(super) notary: Arc<Notary>,
    pub(super) woken: Notify,
    /// The merchant, as payments name them.
    pub(super) customer_id: String,
    pub(super) outbox: Arc<Outbox>,
    book: Mutex<Book>,
}

impl Gateway {
    pub(super) fn new(
        surroundings: Surroundings,
        credentials: Option<UniPaymentCredentials>,
    ) -> Result<Self, SandboxError> {
        let Surroundings {
            base_url,
            clock,
            randomness,
            settings,
            outbox,
        } = surroundings;
        let credentials = credentials.unwrap_or_else(|| Keys::made_up(&randomness));
        let keys = Arc::new(Keys::new(credentials)?);
        let randomness = Arc::new(randomness);
        let notary = Arc::new(Notary {
            keys: Arc::clone(&keys),
            randomness: Arc::clone(&randomness),
            clock: clock.clone(),
            live_settings: Arc::clone(&settings),
            sent: SentNotices::default(),
        });
        Ok(Self {
            base_url,
            clock,
            customer_id: randomness.uuid(),
            book: Mutex::new(Book::new(|| randomness.uuid())),
            randomness,
            live_settings: settings,
            keys,
            callers: Callers::default(),
            notary,
            woken: Notify::new(),
            outbox,
        })
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        self.live_settings.now()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        to_tick(self.clock.now())
    }

    /// The book, with everything changed that time changes.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        let mut book = lock(&self.book);
        let now = self.now();
        let settings = self.settings();
        while let Some((deadline, _)) = book.deadlines.first()
            && *deadline <= now.timestamp_millis()
        {
            let Some((_, id)) = book.deadlines.pop_first() else {
                break;
            };
            let deadline = book.invoices.get(&id).and_then(|invoice| {
                let deadline = invoice.deadline(&settings.unipayment)?;
                Some((deadline, invoice.status))
            });
            let changed = match deadline {
                // To the millisecond, as the deadlines are kept: a finer look would never end.
                Some((deadline, _)) if deadline.timestamp_millis() > now.timestamp_millis() => {
                    book.watch(&id, Some(deadline));
                    continue;
                }
                Some((_, InvoiceStatus::New)) => self.change(&mut book, &id, Invoice::expire),
                Some((_, InvoiceStatus::Paid)) => self.change(&mut book, &id, Invoice::invalidate),
                _ => continue,
            };
            if let Err(error) = changed {
                tracing::debug!(%error, "an invoice did not change with time");
            }
        }
        book
    }

    /// Changes an invoice, takes it through what follows from that, and tells the merchant.
    pub(super) fn change(
        &self,
        book: &mut Book,
        id: &str,
        change: impl FnOnce(&mut Invoice) -> Result<(), SandboxError>,
    ) -> Result<Invoice, SandboxError> {
        let settings = self.settings();
        let settings = &settings.unipayment;
        let now = self.now();
        let invoice = book
            .invoices
            .get_mut(id)
            .ok_or_else(|| unknown("invoice", id))?;
        let before = invoice.clone();
        change(invoice)?;
        let mut told = false;
        if invoice.status != before.status {
            self.tell_invoice(invoice);
            told = true;
        }
        while invoice.step(settings, now) {
            self.tell_invoice(invoice);
            told = true;
        }
        let grown = invoice.paid_amount != before.paid_amount;
        let other_error = invoice.error_status != before.error_status;
        if !told && (other_error || (grown && settings.notify_every_payment)) {
            self.tell_invoice(invoice);
        }
        let credit = match invoice.status {
            InvoiceStatus::Complete => invoice.paid_amount - invoice.credited,
            _ => Decimal::ZERO,
        };
        invoice.credited += credit;
        let invoice = invoice.clone();
        if invoice.status != before.status {
            book.watch(id, invoice.deadline(settings));
            self.woken.notify_one();
        }
        if let Some(to) = &invoice.destination
            && !credit.is_zero()
        {
            credit_wallet(book, to.asset.symbol, credit, id)?;
        }
        Ok(invoice)
    }

    /// How an invoice of this price is paid in a coin; `None` where the coin has no price or the
    /// amount is out of reach.
    pub(super) fn destination(
        &self,
        (price_amount, price_currency): (Decimal, &str),
        asset: &Asset,
    ) -> Option<Destination> {
        let settings = self.settings();
        let rates = &settings.rates;
        let coin = (asset.symbol, asset.decimals);
        let pay_amount = rates.to_token(price_amount, coin, price_currency)?;
        if !crate::amounts::is_exact(pay_amount, asset.decimals) {
            return None;
        }
        Some(Destination {
            asset: *asset,
            address: asset.address_of(self.randomness.account()),
            pay_amount,
            exchange_rate: rates.price(asset.symbol, price_currency)?.normalize(),
        })
    }

    /// The wallet's address for a coin, the same each time.
    pub(super) fn deposit_address(&self, book: &mut Book, asset: &Asset) -> String {
        let mut accounts = book.accounts.iter_mut();
        let made_up = || asset.address_of(self.randomness.account());
        match accounts.find(|account| account.symbol == asset.symbol) {
            Some(account) => account
                .addresses
                .entry(asset.network)
                .or_insert_with(made_up)
                .clone(),
            None => made_up(),
        }
    }

    pub(super) fn new_transfer(&self, amount: Decimal, asset: &Asset) -> Transfer {
        Transfer {
            amount: amount.normalize(),
            hash: self.new_hash(asset.network),
            from: asset.address_of(self.randomness.account()),
            confirmations: 0,
        }
    }

    pub(super) fn new_hash(&self, network: &str) -> String {
        let prefix = match network {
            "NETWORK_TRX" | "NETWORK_BTC" => "",
            _ => "0x",
        };
        format!("{prefix}{}", self.randomness.hex::<32>())
    }

    pub(super) fn advance_payout(&self, book: &mut Book, id: &str) -> Result<Payout, SandboxError> {
        let payout = book.payouts.get(id).ok_or_else(|| unknown("payout", id))?;
        let next = payout.next_status();
        self.move_payout(book, id, next)
    }

    /// Moves a payout, and its money with it.
    pub(super) fn move_payout(
        &self,
        book: &mut Book,
        id: &str,
        status: Option<PayoutStatus>,
    ) -> Result<Payout, SandboxError> {
        let payout = book
            .payouts
            .get_mut(id)
            .ok_or_else(|| unknown("payout", id))?;
        payout.move_to(status, self.now())?;
        if payout.status == PayoutStatus::Approved {
            let network = payout.network.clone().unwrap_or_default();
            for item in &mut payout.items {
                item.hash = Some(self.new_hash(&network));
            }
            let on_chain = network.starts_with("NETWORK_") && payout.kind != PayoutKind::Batch;
            payout.txn_hash = on_chain.then(|| self.new_hash(&network));
        }
        let payout = payout.clone();
        if payout.status.is_final() {
            let spent = payout.status == PayoutStatus::Completed;
            book.balances
                .release(payout.asset_type, payout.total(), spent);
        }
        self.tell_payout(&payout, book.global_notify_url.as_deref());
        Ok(payout)
    }

    pub(super) fn advance_deposit(
        &self,
        book: &mut Book,
        id: &str,
    ) -> Result<Deposit, SandboxError> {
        let deposit = book
            .deposits
            .get_mut(id)
            .ok_or_else(|| unknown("deposit", id))?;
        deposit.advance(self.now())?;
        let deposit = deposit.clone();
        if deposit.status == DepositStatus::Credited {
            credit_wallet(book, deposit.asset.symbol, deposit.amount, id)?;
        }
        self.tell_deposit(&deposit, book.global_notify_url.as_deref());
        Ok(deposit)
    }
}

pub(super) fn unknown(kind: &'static str, id: &str) -> SandboxError {
    SandboxError::UnknownRecord {
        kind,
        id: id.to_owned(),
    }
}

fn credit_wallet(
    book: &mut Book,
    symbol: &str,
    amount: Decimal,
    for_what: &str,
) -> Result<(), SandboxError> {
    if let Some(holding) = holding(symbol) {
        let credited = book.balances.credited(holding, amount, for_what)?;
        book.balances.set(holding.0, credited);
    }
    Ok(())
}
