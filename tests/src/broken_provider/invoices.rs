//! Flaws of invoices.

use chrono::TimeDelta;
use paymux_core::{
    Error, ErrorKind, Invoice, InvoiceId, InvoiceSnapshot, InvoiceStatus, NewInvoice, OrderId,
    Outcome, PaymentException, ProviderName, Result,
};
use rust_decimal::Decimal;

use super::{BrokenProvider, Flaw};

impl BrokenProvider {
    pub(super) async fn create_flawed(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let mut request = request.clone();
        if self.has(Flaw::BadRequestsMended) {
            request.price.amount = Decimal::ONE;
            request.callback_url = None;
        }
        let created = self.inner.create_invoice(&request).await;
        match created {
            Ok(invoice) => Ok(self.seen(invoice.snapshot().clone(), false)),
            Err(error) => Err(match (self.flaw, error.kind()) {
                (Flaw::BadRequestsInDoubt, ErrorKind::InvalidRequest)
                | (Flaw::WrongKeyInDoubt, _) => error.with_outcome(Outcome::Unknown),
                _ => error,
            }),
        }
    }

    pub(super) async fn fetch_flawed(&self, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
        match self.inner.fetch_invoice(id).await {
            Ok(invoice) => Ok(self.seen(invoice.snapshot().clone(), true)),
            Err(error) => self.missing(id, error),
        }
    }

    fn missing(&self, id: &InvoiceId, error: Error) -> Result<Box<dyn Invoice>> {
        match self.flaw {
            Flaw::UnknownIdFound => Ok(Box::new(InvoiceSnapshot::new(
                self.inner.name().clone(),
                id.clone(),
                InvoiceStatus::Pending,
            ))),
            Flaw::UnknownIdInDoubt => Err(error.with_outcome(Outcome::Unknown)),
            _ => Err(error),
        }
    }

    fn seen(&self, mut invoice: InvoiceSnapshot, is_read: bool) -> Box<dyn Invoice> {
        if is_read {
            self.distort_read(&mut invoice);
        }
        self.distort(&mut invoice);
        Box::new(invoice)
    }

    fn distort_read(&self, invoice: &mut InvoiceSnapshot) {
        match self.flaw {
            Flaw::DueChangesOnRead => {
                if let Some(due) = &mut invoice.due {
                    due.amount += Decimal::ONE;
                }
            }
            Flaw::DestinationChangesOnRead => {
                if let Some(destination) = &mut invoice.destination {
                    destination.address.push('x');
                }
            }
            Flaw::AnotherInvoiceFetched => invoice.id = InvoiceId::received("another"),
            Flaw::UnderpaidForever if !is_untouched(invoice) => {
                invoice.exceptions.insert(PaymentException::Underpaid);
            }
            _ => {}
        }
    }

    fn distort(&self, invoice: &mut InvoiceSnapshot) {
        let exceptions = &mut invoice.exceptions;
        let is_part = exceptions.contains(PaymentException::Underpaid);
        let is_unknown = invoice.status == InvoiceStatus::Unknown;
        match self.flaw {
            Flaw::OrderSwapped => invoice.order_id = Some(OrderId::received("another order")),
            Flaw::OrderForgotten => invoice.order_id = None,
            Flaw::ProviderMisnamed => invoice.provider = ProviderName::from_static("another"),
            Flaw::SettledUnpaid => invoice.status = InvoiceStatus::Settled,
            Flaw::ExpiresBeforeCreation => {
                let created = invoice.created_at;
                invoice.expires_at = created.map(|created| created - TimeDelta::seconds(1));
            }
            Flaw::PriceRounded => {
                if let Some(price) = &mut invoice.price {
                    price.amount = price.amount.round();
                }
            }
            Flaw::ReceivedRounded => {
                if let Some(received) = invoice.received.clone() {
                    invoice.set_received(received.amount.round());
                }
            }
            Flaw::RemainingStands => invoice.remaining.clone_from(&invoice.due),
            Flaw::UnderpaidUntold => exceptions.remove(PaymentException::Underpaid),
            Flaw::PartTakenForWhole if is_part => {
                exceptions.remove(PaymentException::Underpaid);
                invoice.status = InvoiceStatus::Processing;
            }
            Flaw::NeverSettles if invoice.status == InvoiceStatus::Settled => {
                invoice.status = InvoiceStatus::Confirmed;
            }
            Flaw::OverpaidUntold => exceptions.remove(PaymentException::Overpaid),
            Flaw::ExcessRounded => {
                if let Some(excess) = &mut invoice.excess {
                    excess.amount = excess.amount.round();
                }
            }
            Flaw::UnknownWordSettles if is_unknown => invoice.status = InvoiceStatus::Settled,
            Flaw::UnknownWordExpires if is_unknown => invoice.status = InvoiceStatus::Expired,
            Flaw::UnknownWordForgotten if is_unknown => invoice.provider_status = None,
            _ => {}
        }
    }
}

fn is_untouched(invoice: &InvoiceSnapshot) -> bool {
    invoice
        .received
        .as_ref()
        .is_none_or(|received| received.amount.is_zero())
}
