//! The handle on the simulated gateway: who holds it plays the payers, the chain and the operator.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};

use crate::amounts::check_sendable;
use crate::balances::Balance;
use crate::error::SandboxError;
use crate::halo::book::{Book, QrCode};
use crate::halo::gateway::Gateway;
use crate::halo::orders::Order;
use crate::halo::payouts::{Payout, PayoutStatus};
use crate::halo::tokens::{CATALOGUE, Token};
use crate::rates::FIAT_NAMES;
use crate::settings::Settings;
use crate::surroundings::Surroundings;
use crate::timekeeping::keep_time;

/// HaloPay in the sandbox: its credentials, its records, and what payers and the chain do.
///
/// Cloning gives another handle on the same gateway. Amounts are whole tokens.
#[derive(Clone)]
pub struct Halo {
    pub(super) gateway: Arc<Gateway>,
}

impl fmt::Debug for Halo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halo")
            .field("app_id", &self.app_id())
            .finish_non_exhaustive()
    }
}

impl Halo {
    pub(crate) fn new(
        surroundings: Surroundings,
        credentials: Option<(String, SecretString)>,
    ) -> Result<Self, SandboxError> {
        Ok(Self {
            gateway: Arc::new(Gateway::new(surroundings, credentials)?),
        })
    }

    /// The app id that callers put into `X-Appid`.
    pub fn app_id(&self) -> &str {
        &self.gateway.credentials.app_id
    }

    /// The app key that callers sign with. Made up for this sandbox, so it is no secret.
    pub fn app_key(&self) -> &str {
        self.gateway.credentials.app_key.expose_secret()
    }

    /// The platform's catalogue.
    pub fn tokens(&self) -> &'static [Token] {
        &CATALOGUE
    }

    /// An order by its trade number.
    pub fn order(&self, trade_no: &str) -> Option<Order> {
        self.gateway.book().orders.get(trade_no).cloned()
    }

    /// The newest order with this `out_trade_no`.
    pub fn order_by_out_trade_no(&self, out_trade_no: &str) -> Option<Order> {
        let book = self.gateway.book();
        let trade_no = book.by_out_trade_no.get(out_trade_no)?;
        book.orders.get(trade_no).cloned()
    }

    /// All orders, oldest first.
    pub fn orders(&self) -> Vec<Order> {
        self.gateway.book().orders.all().to_vec()
    }

    /// A payout by its trade number.
    pub fn payout(&self, trade_no: &str) -> Option<Payout> {
        self.gateway.book().payouts.get(trade_no).cloned()
    }

    /// All payouts, oldest first.
    pub fn payouts(&self) -> Vec<Payout> {
        self.gateway.book().payouts.all().to_vec()
    }

    /// All payment QR codes, oldest first.
    pub fn qr_codes(&self) -> Vec<QrCode> {
        self.gateway.book().qr_codes.all().to_vec()
    }

    /// The money by currency id. At the start each currency has 1000 whole tokens.
    pub fn balances(&self) -> BTreeMap<i64, Balance> {
        self.gateway.book().balances.all().clone()
    }

    /// Pays any amount to an order: a part, the rest, too much, or late. A part is notified at once;
    /// the whole amount once it is confirmed, unless [`Settings::paid_at_sight`] is on.
    ///
    /// # Errors
    /// An unknown trade number; an amount that is not above zero or has too many decimals.
    pub fn pay(&self, trade_no: &str, amount: Decimal) -> Result<Order, SandboxError> {
        let mut book = self.gateway.book();
        self.collect(&mut book, trade_no, amount)
    }

    /// Pays what is missing.
    ///
    /// # Errors
    /// An unknown trade number; an order of which nothing is missing.
    pub fn pay_rest(&self, trade_no: &str) -> Result<Order, SandboxError> {
        let mut book = self.gateway.book();
        let order = find_order(&mut book, trade_no)?;
        let rest = order.remaining();
        if rest.is_zero() {
            return Err(order.impossible("nothing is missing; pay an amount to overpay it"));
        }
        self.collect(&mut book, trade_no, rest)
    }

    /// Pays to an address: a QR code's, or an order's. A payment to a QR code is notified to
    /// [`Settings::app_callback_url`] alone.
    ///
    /// # Errors
    /// An address that belongs to nothing here; an amount that no payer could send.
    pub fn pay_address(&self, address: &str, amount: Decimal) -> Result<(), SandboxError> {
        let mut book = self.gateway.book();
        if let Some(trade_no) = book.by_address.get(address).cloned() {
            return self.collect(&mut book, &trade_no, amount).map(drop);
        }
        let unknown = || SandboxError::UnknownAddress(address.to_owned());
        let currency_id = book.qr_codes.get(address).ok_or_else(unknown)?.currency_id;
        let token = known_token(currency_id)?;
        check_sendable(amount, token.decimals)?;
        let credited = book
            .balances
            .credited((currency_id, token.decimals), amount, address)?;
        let payment = self.gateway.new_payment(amount);
        let code = book.qr_codes.get_mut(address).ok_or_else(unknown)?;
        code.payments.push(payment.clone());
        self.gateway.tell_qr_code(code, &payment, token);
        book.balances.set(currency_id, credited);
        Ok(())
    }

    fn collect(
        &self,
        book: &mut Book,
        trade_no: &str,
        amount: Decimal,
    ) -> Result<Order, SandboxError> {
        let settings = self.gateway.settings();
        let order = find_order(book, trade_no)?;
        check_sendable(amount, order.decimals)?;
        let (currency_id, decimals) = (order.currency_id, order.decimals);
        let credited = book
            .balances
            .credited((currency_id, decimals), amount, trade_no)?;
        let order = find_order(book, trade_no)?;
        let told = order.collect(self.gateway.new_payment(amount), &settings)?;
        self.gateway.tell_order(told, order);
        let order = order.clone();
        book.balances.set(currency_id, credited);
        Ok(order)
    }

    /// Adds confirmations to what was paid to an order. With enough of them a fully collected order
    /// becomes `PAID`.
    ///
    /// # Errors
    /// An unknown trade number; an order to which nothing was paid.
    pub fn confirm(&self, trade_no: &str, count: u32) -> Result<Order, SandboxError> {
        let settings = self.gateway.settings();
        let mut book = self.gateway.book();
        let order = find_order(&mut book, trade_no)?;
        let told = order.confirm(count, &settings)?;
        self.gateway.tell_order(told, order);
        Ok(order.clone())
    }

    /// Lets an order time out now.
    ///
    /// # Errors
    /// An unknown trade number; an order that is over, or whose whole amount is there.
    pub fn expire(&self, trade_no: &str) -> Result<Order, SandboxError> {
        let mut book = self.gateway.book();
        let order = find_order(&mut book, trade_no)?;
        let told = order.expire()?;
        self.gateway.tell_order(told, order);
        Ok(order.clone())
    }

    /// Takes a payout one step further: `PROGRESS`, `TRANSFER`, `CONFIRMING-PROGRESS`, `PAID`.
    ///
    /// # Errors
    /// An unknown trade number; a payout that is over.
    pub fn advance_payout(&self, trade_no: &str) -> Result<Payout, SandboxError> {
        let mut book = self.gateway.book();
        self.gateway.advance(&mut book, trade_no)
    }

    /// Lets a payout fail and returns its money, cost included.
    ///
    /// # Errors
    /// An unknown trade number; a payout that is over.
    pub fn fail_payout(&self, trade_no: &str) -> Result<Payout, SandboxError> {
        let mut book = self.gateway.book();
        let status = Some(PayoutStatus::Fail);
        self.gateway.move_payout(&mut book, trade_no, status)
    }

    /// Cancels a payout and returns its money, cost included.
    ///
    /// # Errors
    /// An unknown trade number; a payout that is over.
    pub fn cancel_payout(&self, trade_no: &str) -> Result<Payout, SandboxError> {
        let mut book = self.gateway.book();
        let status = Some(PayoutStatus::Cancel);
        self.gateway.move_payout(&mut book, trade_no, status)
    }

    /// Sets all that a currency holds; what is frozen stays frozen.
    ///
    /// # Errors
    /// A currency the catalogue does not have; less than what is frozen.
    pub fn set_balance(&self, currency_id: i64, total: Decimal) -> Result<(), SandboxError> {
        self.change_balance(currency_id, |balance| (total, balance.frozen))
    }

    /// Sets the part of a currency that cannot be used, payouts under way included.
    ///
    /// # Errors
    /// A currency the catalogue does not have; less than zero or more than there is.
    pub fn set_frozen(&self, currency_id: i64, frozen: Decimal) -> Result<(), SandboxError> {
        self.change_balance(currency_id, |balance| (balance.total, frozen))
    }

    fn change_balance(
        &self,
        currency_id: i64,
        change: impl FnOnce(Balance) -> (Decimal, Decimal),
    ) -> Result<(), SandboxError> {
        known_token(currency_id)?;
        let mut book = self.gateway.book();
        let (total, frozen) = change(book.balances.of(currency_id));
        let changed = Balance::checked(total, frozen)?;
        book.balances.set(currency_id, changed);
        Ok(())
    }

    /// Sets the price of one whole token, by its symbol, in a fiat currency. Orders that are there
    /// keep their amount.
    ///
    /// # Errors
    /// A price that is not above zero; a token or fiat name that is not known.
    pub fn set_rate(&self, token: &str, fiat: &str, price: Decimal) -> Result<(), SandboxError> {
        let known = Token::is_symbol(token) && FIAT_NAMES.contains(&fiat);
        if !known || price <= Decimal::ZERO {
            let given = format!("one {token} at {price} {fiat}");
            return Err(SandboxError::Rate(given));
        }
        self.update_settings(|settings| settings.rates.set(token, fiat, price));
        Ok(())
    }

    /// A copy of the settings as they are.
    pub fn settings(&self) -> Settings {
        Settings::clone(&self.gateway.settings())
    }

    /// Changes settings while the sandbox runs.
    pub fn update_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.gateway.live_settings.change(change);
        self.wake();
    }

    /// Lets the timer look again.
    pub(crate) fn wake(&self) {
        self.gateway.woken.notify_one();
    }

    pub(crate) async fn keep_time(&self) {
        let gateway = &*self.gateway;
        keep_time(gateway, &gateway.clock, &gateway.woken).await;
    }
}

fn find_order<'a>(book: &'a mut Book, trade_no: &str) -> Result<&'a mut Order, SandboxError> {
    book.orders
        .get_mut(trade_no)
        .ok_or_else(|| SandboxError::UnknownOrder(trade_no.to_owned()))
}

fn known_token(currency_id: i64) -> Result<&'static Token, SandboxError> {
    Token::find(currency_id).ok_or(SandboxError::UnknownCurrency(currency_id))
}
