//! Making an order's invoice.

use std::sync::Arc;

use paymux_core::{InvoiceSnapshot, NewInvoice, OrderId, PaymentProvider, ProviderName, Result};

use super::begin::{Asked, Begun, begin};
use super::doubt::abandon;
use super::end::{Ending, end};
use super::row::InvoiceRow;
use crate::error::{LedgerError, Stored};
use crate::intent::{Intent, Turn, inside, new_number, take_back, take_turns};
use crate::keeper::Held;
use crate::ledger::Ledger;
use crate::store::gone;

/// What a call finds when it may begin.
enum Start {
    Run {
        intent: Intent,
        id: String,
        sent: OrderId,
    },
    Known(Box<InvoiceSnapshot>),
}

impl Ledger {
    /// The invoice of an order: the one that it has, or a new one.
    ///
    /// | the order's newest invoice | this call |
    /// |---|---|
    /// | there is none, or it was surely not made | makes one |
    /// | is open or paid, asked for with the same terms | gives it; sends nothing |
    /// | is open or paid, asked for with other terms | `Conflict`; sends nothing |
    /// | is being made by another call | waits for that call, then as above, else `InProgress` |
    /// | expired, was canceled or found invalid | makes a new one |
    /// | may exist: its call failed with outcome `Unknown`, or its process died | makes a new one |
    ///
    /// A second invoice is sent to the gateway under the order id with `~2` after it, a third with
    /// `~3`; answers and events have the merchant's own id. Money that comes to an invoice which was
    /// given up, or replaced, becomes an event of its own
    /// ([`LatePayment`](crate::EventKind::LatePayment)). The terms are price, asset, time to pay and
    /// callback URL.
    ///
    /// # Errors
    /// As the table says, and what the provider fails with. Where the database is the cause, nothing
    /// was sent.
    pub async fn create_invoice(
        &self,
        provider: &dyn PaymentProvider,
        request: &NewInvoice,
    ) -> Result<InvoiceSnapshot> {
        request.check()?;
        let start = take_turns(&self.0, || self.start_invoice(provider.name(), request)).await?;
        let (mut intent, id, sent) = match start {
            Start::Run { intent, id, sent } => (intent, id, sent),
            Start::Known(snapshot) => return Ok(*snapshot),
        };
        let mut request = request.clone();
        let order_id = std::mem::replace(&mut request.order_id, sent);
        intent.sending();
        let number = intent.number();
        let result = inside(number, provider.create_invoice(&request))
            .await
            .map(|invoice| {
                let mut snapshot = invoice.snapshot().clone();
                snapshot.order_id = Some(order_id);
                snapshot
            });
        let ending = Ending::of(&result);
        let now = self.0.now();
        let written = intent
            .finish(move |tx| end(tx, &id, number, &ending, now))
            .await;
        match written.ok().flatten() {
            Some(instead) => instead,
            None => result,
        }
    }

    async fn start_invoice(
        &self,
        provider: &ProviderName,
        request: &NewInvoice,
    ) -> Result<Turn<Start>> {
        let now = self.0.now();
        let asked = Asked {
            request: request.clone(),
            provider: provider.clone(),
            intent: new_number(),
            now,
            lease_until: self.0.lease_until(now),
        };
        let inner = Arc::clone(&self.0);
        let number = asked.intent;
        let order = request.order_id.clone();
        let held =
            move |begun: Stored<Begun>| match begun {
                Ok(begun) => {
                    let intent = match &begun {
                        Begun::Run { id, .. } => Some(Intent::new(
                            inner,
                            number,
                            Held::Invoice(id.clone()),
                            abandon,
                        )),
                        _ => None,
                    };
                    Ok((begun, intent))
                }
                Err(failure) => {
                    take_back(&inner, number, &failure, move |tx, inner| {
                        match InvoiceRow::lock_current(tx, &order)? {
                            Some(row) => abandon(tx, &Held::Invoice(row.id), number, false, inner),
                            None => Ok(()),
                        }
                    });
                    Err(failure)
                }
            };
        let (begun, intent) = self
            .0
            .store
            .write_then(move |tx| begin(tx, &asked), held)
            .await
            .unwrap_or_else(|| Err(gone()))?;
        match (begun, intent) {
            (Begun::Run { id, sent }, Some(intent)) => {
                Ok(Turn::Done(Start::Run { intent, id, sent }))
            }
            (Begun::Made(snapshot), _) => Ok(Turn::Done(Start::Known(snapshot))),
            (Begun::Running(error), _) => Ok(Turn::Wait(error)),
            (Begun::Refused(error), _) => Err(error),
            (Begun::Run { .. }, None) => {
                Err(LedgerError::unreadable("a call has no intent").into())
            }
        }
    }
}
