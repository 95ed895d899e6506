//! The gateway's state with its surroundings: what calls, payers, blocks and time work on.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::error::SandboxError;
use crate::halo::auth::Credentials;
use crate::halo::book::{Book, QrCode};
use crate::halo::notices;
use crate::halo::orders::{Order, Payment, Told};
use crate::halo::payouts::{Payout, PayoutStatus};
use crate::halo::tokens::Token;
use crate::lock::lock;
use crate::randomness::Randomness;
use crate::settings::{LiveSettings, Settings};
use crate::surroundings::Surroundings;
use crate::timekeeping::Timed;
use crate::webhooks::{Notice, Outbox};

#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) base_url: String,
    pub(super) clock: Clock,
    pub(super) randomness: Randomness,
    pub(super) live_settings: Arc<LiveSettings>,
    pub(super) credentials: Arc<Credentials>,
    pub(super) woken: Notify,
    outbox: Arc<Outbox>,
    book: Mutex<Book>,
}

impl Gateway {
    pub(super) fn new(
        surroundings: Surroundings,
        credentials: Option<(String, SecretString)>,
    ) -> Result<Self, SandboxError> {
        let Surroundings {
            base_url,
            clock,
            randomness,
            settings,
            outbox,
        } = surroundings;
        let (app_id, app_key) = credentials.unwrap_or_else(|| {
            let key = format!("sandbox-{}", randomness.alphanumeric(32));
            (randomness.hex::<8>(), SecretString::from(key))
        });
        let credentials = Credentials::new(app_id, app_key)?;
        Ok(Self {
            base_url,
            clock,
            randomness,
            live_settings: settings,
            credentials: Arc::new(credentials),
            woken: Notify::new(),
            outbox,
            book: Mutex::default(),
        })
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        self.live_settings.now()
    }

    /// The book, with every order timed out whose time is over.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        let mut book = lock(&self.book);
        let now = self.clock.unix_seconds();
        while let Some((deadline, _)) = book.deadlines.first()
            && *deadline <= now
        {
            let Some((_, trade_no)) = book.deadlines.pop_first() else {
                break;
            };
            if let Some(order) = book.orders.get_mut(&trade_no)
                && order.can_expire()
                && let Ok(told) = order.expire()
            {
                self.tell_order(told, order);
            }
        }
        book
    }

    /// `YYYYMMDDhhmmss` in UTC+8 and 18 hexadecimal digits.
    pub(super) fn new_trade_no(&self) -> String {
        let there = self.clock.now() + chrono::TimeDelta::hours(8);
        format!(
            "{}{}",
            there.format("%Y%m%d%H%M%S"),
            self.randomness.hex::<9>()
        )
    }

    pub(super) fn new_txid(&self) -> String {
        self.randomness.hex::<32>()
    }

    pub(super) fn new_payment(&self, amount: Decimal) -> Payment {
        Payment {
            amount: amount.normalize(),
            txid: self.new_txid(),
            at: self.clock.now(),
        }
    }

    pub(super) fn advance(&self, book: &mut Book, trade_no: &str) -> Result<Payout, SandboxError> {
        let next = find_payout(book, trade_no)?.status.next();
        self.move_payout(book, trade_no, next)
    }

    /// Moves a payout, and its money with it.
    pub(super) fn move_payout(
        &self,
        book: &mut Book,
        trade_no: &str,
        status: Option<PayoutStatus>,
    ) -> Result<Payout, SandboxError> {
        let payout = find_payout(book, trade_no)?;
        payout.move_to(status)?;
        if payout.status == PayoutStatus::Transfer {
            payout.txid = Some(self.new_txid());
        }
        let payout = payout.clone();
        if payout.status.is_final() {
            let spent = payout.status == PayoutStatus::Paid;
            book.balances
                .release(payout.currency_id, payout.total(), spent);
            self.tell_payout(&payout);
        }
        Ok(payout)
    }

    pub(super) fn tell_order(&self, told: Told, order: &Order) {
        let Some(token) = Token::find(order.currency_id) else {
            return;
        };
        if told == Told::No {
            return;
        }
        let settings = self.settings();
        let time = self.clock.unix_seconds();
        self.send(
            &order.trade_no,
            order.status.as_str(),
            settings.event_types.of_order(order.status),
            order.callback_url.as_ref(),
            notices::order(&self.credentials.app_id, order, token, time),
        );
    }

    fn tell_payout(&self, payout: &Payout) {
        let Some(token) = Token::find(payout.currency_id) else {
            return;
        };
        let settings = self.settings();
        let time = self.clock.unix_seconds();
        self.send(
            &payout.trade_no,
            payout.status.as_str(),
            settings.event_types.of_payout(payout.status),
            payout.callback_url.as_ref(),
            notices::payout(&self.credentials.app_id, payout, token, time),
        );
    }

    pub(super) fn tell_qr_code(&self, code: &QrCode, payment: &Payment, token: &Token) {
        let settings = self.settings();
        let time = self.clock.unix_seconds();
        self.send(
            &code.address,
            "PAID",
            &settings.event_types.paid,
            None,
            notices::qr_code(&self.credentials.app_id, code, payment, token, time),
        );
    }

    /// Sends a notice to the call's own URL, else the app's; without either there is none.
    fn send(
        &self,
        about: &str,
        event: &str,
        event_type: &str,
        callback_url: Option<&String>,
        body: Vec<u8>,
    ) {
        let settings = self.settings();
        let Some(url) = callback_url.or(settings.app_callback_url.as_ref()) else {
            return;
        };
        self.outbox.send(Notice {
            about: about.to_owned(),
            event: event.to_owned(),
            event_header: Some(("X-EventType", event_type.to_owned())),
            url: url.clone(),
            body,
            signer: Arc::clone(&self.credentials) as _,
        });
    }
}

impl Timed for Gateway {
    fn next_deadline(&self) -> Option<i64> {
        let book = self.book();
        let (deadline, _) = book.deadlines.first()?;
        Some(deadline.saturating_mul(1000))
    }

    fn block_time(&self) -> Option<Duration> {
        self.settings().block_time
    }

    /// Confirms every collected order once and takes every payout one step further.
    fn find_block(&self) {
        let settings = self.settings();
        let mut book = self.book();
        for order in book.orders.all_mut() {
            let told = order.confirm_by_block(&settings);
            self.tell_order(told, order);
        }
        let under_way = book.payouts.all().iter();
        let under_way: Vec<String> = under_way
            .filter(|payout| !payout.status.is_final())
            .map(|payout| payout.trade_no.clone())
            .collect();
        for trade_no in under_way {
            if let Err(error) = self.advance(&mut book, &trade_no) {
                tracing::debug!(%error, "a payout did not move with the block");
            }
        }
    }
}

fn find_payout<'a>(book: &'a mut Book, trade_no: &str) -> Result<&'a mut Payout, SandboxError> {
    book.payouts
        .get_mut(trade_no)
        .ok_or_else(|| SandboxError::UnknownPayout(trade_no.to_owned()))
}
