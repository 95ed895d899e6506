//! What the application read at a gateway itself.

use chrono::{DateTime, Utc};
use paymux_core::transition::{Change, Observed};
use paymux_core::{
    Error, ErrorKind, InvoiceSnapshot, Outcome, PayoutSnapshot, ProviderName, Result,
};

use super::{Learnt, doubtful, observe_invoice, observe_payout};
use crate::adopt::{another_invoice, another_payout, keep_invoice_apart, keep_payout_apart};
use crate::error::Stored;
use crate::history::Cause;
use crate::inbox;
use crate::invoices::{InvoiceRow, InvoiceState, bare_invoice_id};
use crate::ledger::Ledger;
use crate::payouts::{PayoutRow, PayoutState, bare_payout_id};
use crate::store::Tx;

impl Ledger {
    /// Takes in an invoice that the application has read from its gateway by itself, as the reconciler
    /// would: one line of history with the cause [`Poll`](Cause::Poll) and at most one event where
    /// something changed. `None` for an invoice that the ledger does not know; it stays unknown.
    ///
    /// An invoice that may exist, since the answer to its call was lost, is known by its order id:
    /// then this ends the doubt, where price and asset are those that were asked for.
    ///
    /// Others may have learnt newer things while the application asked, so nothing that is known is
    /// taken back here; what a chain took back shows in the reconciler's own reads.
    ///
    /// ```
    /// use paymux_core::{InvoiceId, PaymentProvider, Result};
    /// use paymux_ledger::Ledger;
    ///
    /// /// The page that a payer reloads shows what the gateway says, and the ledger learns of it.
    /// async fn look(ledger: &Ledger, gateway: &dyn PaymentProvider, id: &InvoiceId) -> Result<String> {
    ///     let invoice = gateway.fetch_invoice(id).await?;
    ///     ledger.observe_invoice(invoice.snapshot()).await?;
    ///     Ok(invoice.snapshot().status.to_string())
    /// }
    /// ```
    ///
    /// # Errors
    /// `Mismatch` for an invoice that bears a known order's id and is another one: it is not taken in,
    /// the history says what differs, and an event tells of it once. Where the database fails.
    pub async fn observe_invoice(&self, read: &InvoiceSnapshot) -> Result<Option<Change>> {
        let (read, now) = (read.clone(), self.0.now());
        let taken = self.0.store.write(move |tx| invoice(tx, &read, now));
        self.told(taken.await?)
    }

    /// Takes in a payout that the application has read from its gateway by itself; as
    /// [`observe_invoice`](Self::observe_invoice).
    ///
    /// A payout in doubt is known by the reference that the gateway tells, or by an id that its failed
    /// call or a webhook named: then this ends the doubt, where amount, asset and destination are those
    /// that were asked for.
    ///
    /// ```
    /// use paymux_core::{PayoutApi, PayoutId, Result};
    /// use paymux_ledger::Ledger;
    ///
    /// async fn look(ledger: &Ledger, gateway: &dyn PayoutApi, id: &PayoutId) -> Result<String> {
    ///     let payout = gateway.fetch_payout(id).await?;
    ///     ledger.observe_payout(payout.snapshot()).await?;
    ///     Ok(payout.snapshot().status.to_string())
    /// }
    /// ```
    ///
    /// # Errors
    /// `Mismatch` for a payout that bears a known reference and is another one: it is not taken in, the
    /// history says what differs, and an event tells of it once. Where the database fails.
    pub async fn observe_payout(&self, read: &PayoutSnapshot) -> Result<Option<Change>> {
        let (read, now) = (read.clone(), self.0.now());
        let taken = self.0.store.write(move |tx| payout(tx, &read, now));
        self.told(taken.await?)
    }

    /// What the caller gets. Whoever delivers events need not wait for its next look.
    fn told(&self, taken: Taken) -> Result<Option<Change>> {
        if !matches!(taken, Taken::In(Change::Unchanged) | Taken::Unknown) {
            self.0.bells.outbox.notify_one();
        }
        match taken {
            Taken::In(change) => Ok(Some(change)),
            Taken::Unknown => Ok(None),
            Taken::Another(error) => Err(*error),
        }
    }
}

/// What became of it.
enum Taken {
    In(Change),
    Unknown,
    /// It bears the name of what was asked for, and is not that.
    Another(Box<Error>),
}

/// How it counts: somebody else may have learnt newer things since it was asked for.
fn learnt(now: DateTime<Utc>) -> Learnt<'static> {
    Learnt {
        observed: Observed::Notice,
        ..Learnt::read(now, Cause::Poll)
    }
}

fn invoice(tx: &mut dyn Tx, read: &InvoiceSnapshot, now: DateTime<Utc>) -> Stored<Taken> {
    let order = read.order_id.as_ref();
    let Some(mut row) = InvoiceRow::lock_told(tx, &read.provider, &read.id, order)? else {
        return Ok(Taken::Unknown);
    };
    if let Some(why) = another_invoice(&row, read) {
        keep_invoice_apart(tx, &mut row, read, learnt(now), &why)?;
        let error = mismatch(&read.provider, why).with_id(read.id.as_str());
        return Ok(Taken::Another(Box::new(error)));
    }
    if row.state != InvoiceState::Made {
        let bare = bare_invoice_id(&read.id, &read.provider);
        inbox::wake(tx, &read.provider, &bare, now)?;
    }
    observe_invoice(tx, &mut row, read, learnt(now)).map(Taken::In)
}

fn payout(tx: &mut dyn Tx, read: &PayoutSnapshot, now: DateTime<Utc>) -> Stored<Taken> {
    let bare = bare_payout_id(&read.id, &read.provider);
    let told = read.reference.as_ref();
    let row = match PayoutRow::lock_told(tx, &read.provider, &read.id, told)? {
        Some(row) => Some(row),
        None => match doubtful::reference_of(tx, read, &bare)? {
            Some(reference) => PayoutRow::lock(tx, &reference)?,
            None => None,
        },
    };
    let Some(mut row) = row else {
        return Ok(Taken::Unknown);
    };
    if let Some(why) = another_payout(tx, &row, read)? {
        keep_payout_apart(tx, &mut row, read, learnt(now), &why)?;
        let error = mismatch(&read.provider, why)
            .with_id(read.id.as_str())
            .with_reference(row.reference);
        return Ok(Taken::Another(Box::new(error)));
    }
    if row.state != PayoutState::Made {
        inbox::wake(tx, &read.provider, &bare, now)?;
        inbox::wake_reference(tx, &row.reference, now)?;
    }
    observe_payout(tx, &mut row, read, learnt(now)).map(Taken::In)
}

fn mismatch(provider: &ProviderName, why: String) -> Error {
    Error::new(ErrorKind::Mismatch, Outcome::NotSent, why).with_provider(provider.clone())
}
