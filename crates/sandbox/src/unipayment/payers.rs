//! What payers, the chains and the operator do.

use rust_decimal::Decimal;

use crate::amounts::check_sendable;
use crate::error::SandboxError;
use crate::unipayment::assets::{Asset, holding};
use crate::unipayment::book::Book;
use crate::unipayment::deposits::{Deposit, DepositStatus};
use crate::unipayment::gateway::unknown;
use crate::unipayment::invoices::Invoice;
use crate::unipayment::merchant::{UniPayment, unknown_asset};
use crate::unipayment::payouts::{Payout, PayoutStatus};

impl UniPayment {
    /// The payer chooses a coin on the pay page of an invoice that has none yet.
    ///
    /// # Errors
    /// An unknown invoice, coin or network; an invoice that is over, or whose coin is settled, or
    /// that asked for another.
    pub fn choose_coin(
        &self,
        invoice_id: &str,
        pay_currency: &str,
        network: &str,
    ) -> Result<Invoice, SandboxError> {
        let asset = Asset::find(pay_currency, Some(network))
            .ok_or_else(|| unknown_asset(pay_currency, network))?;
        let mut book = self.gateway.book();
        let invoice = find_invoice(&book, invoice_id)?;
        if invoice.destination.is_some() {
            return Err(invoice.impossible("its coin is settled already"));
        }
        if invoice
            .pay_currency
            .is_some_and(|asked| asked != asset.symbol)
        {
            return Err(invoice.impossible("the merchant asked for another coin"));
        }
        if invoice.status.is_over() {
            return Err(
                invoice.impossible("it is over; only an invoice that is New can be chosen for")
            );
        }
        let price = (invoice.price_amount, invoice.price_currency);
        let destination = self.gateway.destination(price, asset);
        let Some(destination) = destination else {
            return Err(invoice.impossible("its price cannot be said in this coin"));
        };
        book.by_address
            .insert(destination.address.clone(), invoice_id.to_owned());
        self.gateway.change(&mut book, invoice_id, |invoice| {
            invoice.pay_currency = Some(asset.symbol);
            invoice.destination = Some(destination);
            Ok(())
        })
    }

    /// Pays any amount to an invoice: a part, the rest, too much, or late.
    ///
    /// # Errors
    /// An unknown invoice; one whose coin is not chosen; an amount that is not above zero or has too
    /// many decimals.
    pub fn pay(&self, invoice_id: &str, amount: Decimal) -> Result<Invoice, SandboxError> {
        let mut book = self.gateway.book();
        self.collect(&mut book, invoice_id, amount)
    }

    /// Pays what is missing.
    ///
    /// # Errors
    /// An unknown invoice; one whose coin is not chosen, or of which nothing is missing.
    pub fn pay_rest(&self, invoice_id: &str) -> Result<Invoice, SandboxError> {
        let mut book = self.gateway.book();
        let invoice = find_invoice(&book, invoice_id)?;
        match invoice.remaining() {
            None => Err(invoice.impossible("no coin is chosen yet; choose one, then pay")),
            Some(rest) if rest.is_zero() => {
                Err(invoice.impossible("nothing is missing; pay an amount to overpay it"))
            }
            Some(rest) => self.collect(&mut book, invoice_id, rest),
        }
    }

    /// Pays to the address of an invoice.
    ///
    /// # Errors
    /// An address that belongs to nothing here; an amount that no payer could send.
    pub fn pay_address(&self, address: &str, amount: Decimal) -> Result<Invoice, SandboxError> {
        let mut book = self.gateway.book();
        let id = book.by_address.get(address).cloned();
        let id = id.ok_or_else(|| SandboxError::UnknownAddress(address.to_owned()))?;
        self.collect(&mut book, &id, amount)
    }

    fn collect(&self, book: &mut Book, id: &str, amount: Decimal) -> Result<Invoice, SandboxError> {
        let invoice = find_invoice(book, id)?;
        let Some(to) = &invoice.destination else {
            return Err(invoice.impossible("no coin is chosen yet; choose one, then pay"));
        };
        let asset = to.asset;
        check_sendable(amount, asset.decimals)?;
        if let Some(holding) = holding(asset.symbol) {
            book.balances.credited(holding, amount, id)?;
        }
        let transfer = self.gateway.new_transfer(amount, &asset);
        self.gateway
            .change(book, id, |invoice| invoice.collect(transfer))
    }

    /// Adds confirmations to what was paid to an invoice, which becomes `Confirmed` and `Complete`
    /// with enough of them.
    ///
    /// # Errors
    /// An unknown invoice; one to which nothing was paid.
    pub fn confirm(&self, invoice_id: &str, count: u32) -> Result<Invoice, SandboxError> {
        let mut book = self.gateway.book();
        self.gateway
            .change(&mut book, invoice_id, |invoice| invoice.confirm(count))
    }

    /// Gives a paid invoice all confirmations that it needs to be `Complete`; an `Invalid` one too.
    ///
    /// # Errors
    /// An unknown invoice; one that is not wholly paid, or over.
    pub fn complete(&self, invoice_id: &str) -> Result<Invoice, SandboxError> {
        let completion = self.gateway.settings().unipayment.confirmations.completion;
        let mut book = self.gateway.book();
        self.gateway.change(&mut book, invoice_id, |invoice| {
            invoice.complete(completion)
        })
    }

    /// Completes an invoice by hand, whatever was paid: `Marked`.
    ///
    /// # Errors
    /// An unknown invoice; one that is complete already.
    pub fn mark(&self, invoice_id: &str) -> Result<Invoice, SandboxError> {
        let now = self.gateway.now();
        let mut book = self.gateway.book();
        self.gateway
            .change(&mut book, invoice_id, |invoice| invoice.mark(now))
    }

    /// Lets an invoice expire now.
    ///
    /// # Errors
    /// An unknown invoice; one that is not `New`.
    pub fn expire(&self, invoice_id: &str) -> Result<Invoice, SandboxError> {
        let mut book = self.gateway.book();
        self.gateway.change(&mut book, invoice_id, Invoice::expire)
    }

    /// Lets the confirmation of a paid invoice fail: `Invalid`, from which it can still complete.
    ///
    /// # Errors
    /// An unknown invoice; one that is not `Paid`.
    pub fn invalidate(&self, invoice_id: &str) -> Result<Invoice, SandboxError> {
        let mut book = self.gateway.book();
        self.gateway
            .change(&mut book, invoice_id, Invoice::invalidate)
    }

    /// Takes a withdrawal, batch or payment one step further.
    ///
    /// # Errors
    /// An unknown payout; one that is over.
    pub fn advance_payout(&self, id: &str) -> Result<Payout, SandboxError> {
        let mut book = self.gateway.book();
        self.gateway.advance_payout(&mut book, id)
    }

    /// Lets a withdrawal or payment fail and returns its money, fee included.
    ///
    /// # Errors
    /// An unknown payout; one that is over.
    pub fn fail_payout(&self, id: &str) -> Result<Payout, SandboxError> {
        self.end_payout(id, PayoutStatus::Failed)
    }

    /// Lets the gateway refuse a withdrawal or payment and returns its money, fee included.
    ///
    /// # Errors
    /// An unknown payout; one that is over.
    pub fn reject_payout(&self, id: &str) -> Result<Payout, SandboxError> {
        self.end_payout(id, PayoutStatus::Rejected)
    }

    /// Cancels a withdrawal or payment and returns its money, fee included.
    ///
    /// # Errors
    /// An unknown payout; one that is over.
    pub fn cancel_payout(&self, id: &str) -> Result<Payout, SandboxError> {
        self.end_payout(id, PayoutStatus::Canceled)
    }

    fn end_payout(&self, id: &str, status: PayoutStatus) -> Result<Payout, SandboxError> {
        let mut book = self.gateway.book();
        let payout = book.payouts.get(id).ok_or_else(|| unknown("payout", id))?;
        if payout.has_no_such_end() {
            return Err(SandboxError::State {
                trade_no: payout.id.clone(),
                state: payout.status_word(),
                reason: "a batch can be completed only; the gateway has no other end for it",
            });
        }
        self.gateway.move_payout(&mut book, id, Some(status))
    }

    /// Somebody sends coins to the wallet without an invoice. Its notices go to the URL of
    /// `webhook/notify-url`.
    ///
    /// # Errors
    /// An unknown coin or network; an amount that no payer could send.
    pub fn deposit(
        &self,
        symbol: &str,
        network: &str,
        amount: Decimal,
    ) -> Result<Deposit, SandboxError> {
        let asset =
            Asset::find(symbol, Some(network)).ok_or_else(|| unknown_asset(symbol, network))?;
        check_sendable(amount, asset.decimals)?;
        let mut book = self.gateway.book();
        if let Some(holding) = holding(symbol) {
            book.balances.credited(holding, amount, symbol)?;
        }
        let to = self.gateway.deposit_address(&mut book, asset);
        let now = self.gateway.now();
        let deposit = Deposit {
            deposit_id: self.gateway.randomness.uuid(),
            asset: *asset,
            amount: amount.normalize(),
            from: asset.address_of(self.gateway.randomness.account()),
            to,
            hash: self.gateway.new_hash(asset.network),
            status: DepositStatus::Confirming,
            create_time: now,
            update_time: now,
        };
        self.gateway
            .tell_deposit(&deposit, book.global_notify_url.as_deref());
        book.deposits
            .add(deposit.deposit_id.clone(), deposit.clone());
        Ok(deposit)
    }

    /// Takes a deposit one step further: `CONFIRMING`, `CONFIRMED`, `CREDITED`.
    ///
    /// # Errors
    /// An unknown deposit; one that is credited.
    pub fn advance_deposit(&self, deposit_id: &str) -> Result<Deposit, SandboxError> {
        let mut book = self.gateway.book();
        self.gateway.advance_deposit(&mut book, deposit_id)
    }
}

fn find_invoice<'a>(book: &'a Book, id: &str) -> Result<&'a Invoice, SandboxError> {
    book.invoices.get(id).ok_or_else(|| unknown("invoice", id))
}
