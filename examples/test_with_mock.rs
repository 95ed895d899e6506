//! Tests an application's own code without any gateway: `MockProvider` stands in for it, says what it
//! is told to say, and counts the calls.
//!
//! `cargo test -p paymux-examples --example test_with_mock`; run as a program it shows the same.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;

use paymux::mock::MockProvider;
use paymux::{InvoiceId, InvoiceSnapshot, InvoiceStatus, PaymentProvider};

/// The application's code: it knows `PaymentProvider` and no gateway.
async fn may_ship(provider: &dyn PaymentProvider, invoice: &InvoiceId) -> paymux::Result<bool> {
    Ok(provider.fetch_invoice(invoice).await?.should_fulfil())
}

/// A gateway that is asked exactly once, and says that the invoice is in this state.
fn gateway_saying(status: InvoiceStatus) -> Arc<dyn PaymentProvider> {
    let mut gateway = MockProvider::named("shop");
    let name = gateway.name().clone();
    gateway
        .invoices
        .expect_fetch_invoice()
        .times(1)
        .returning(move |id| {
            let invoice = InvoiceSnapshot::new(name.clone(), id.clone(), status);
            Ok(Box::new(invoice))
        });
    Arc::new(gateway)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let invoice = InvoiceId::new("T1")?;
    for status in [
        InvoiceStatus::Pending,
        InvoiceStatus::Settled,
        InvoiceStatus::Expired,
    ] {
        let gateway = gateway_saying(status);
        let ships = may_ship(gateway.as_ref(), &invoice).await?;
        println!("{status}: {}", if ships { "ship" } else { "wait" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use paymux::{Error, ErrorKind, Outcome};

    use super::*;

    #[tokio::test]
    async fn only_what_is_paid_is_shipped() {
        for (status, ships) in [
            (InvoiceStatus::Pending, false),
            (InvoiceStatus::Processing, false),
            (InvoiceStatus::Confirmed, true),
            (InvoiceStatus::Settled, true),
            (InvoiceStatus::Expired, false),
            (InvoiceStatus::Unknown, false),
        ] {
            let gateway = gateway_saying(status);
            let invoice = InvoiceId::received("T1");
            assert_eq!(may_ship(gateway.as_ref(), &invoice).await.unwrap(), ships);
        }
    }

    #[tokio::test]
    async fn a_gateway_that_does_not_answer_ships_nothing() {
        let mut gateway = MockProvider::named("shop");
        gateway.invoices.expect_fetch_invoice().returning(|_| {
            let message = "no answer came";
            Err(Error::new(ErrorKind::Timeout, Outcome::NotSent, message))
        });
        let error = may_ship(&gateway, &InvoiceId::received("T1"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }

    #[test]
    fn it_runs_to_its_end() {
        main().unwrap();
    }
}
