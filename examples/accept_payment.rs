//! Accepts a payment: makes an invoice, shows the payer where to send what, waits until it is
//! settled, and asks once more before it hands over the goods.
//!
//! `cargo run -p paymux-examples --example accept_payment`
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use paymux::{
    FulfilmentPolicy, Invoice, InvoiceStatus, NewInvoice, OrderId, PaymentProviderExt, TokioClock,
    WaitError, WaitOptions, WaitTarget,
};
use paymux_examples::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start().await?;
    let provider = stage.provider()?;

    let request = NewInvoice::new(OrderId::new("order-1001")?, "5 USD".parse()?)
        .with_asset("TRX@tron-nile".parse()?)
        .with_expires_in(Duration::from_secs(30 * 60));
    let invoice = provider.create_invoice(&request).await?;
    show(invoice.as_ref());

    stage.payer_pays_soon(invoice.id());
    let target = WaitTarget::Status(InvoiceStatus::Settled);
    let options = WaitOptions::default()
        .with_interval(Duration::from_millis(100))
        .with_timeout(Duration::from_secs(60));
    let waited = provider
        .wait_until(invoice.id(), target, options, &TokioClock)
        .await;

    match waited {
        Ok(paid) if FulfilmentPolicy::default().allows(&paid) => {
            println!("{} is paid: hand over the goods", request.order_id);
            Ok(())
        }
        Ok(paid) => Err(format!("settled, but look at {:?}", paid.exceptions).into()),
        Err(WaitError::EndedElsewhere(ended)) => {
            Err(format!("{} ended as {}", request.order_id, ended.status).into())
        }
        // The invoice is still open: wait on, or let its webhook tell.
        Err(error) => Err(error.into()),
    }
}

/// What the payer has to see.
fn show(invoice: &dyn Invoice) {
    if let (Some(due), Some(destination)) = (invoice.due(), invoice.destination()) {
        println!("send    {due}");
        println!("to      {}", destination.address);
    }
    if let Some(text) = invoice.qr() {
        println!("QR code {text}");
    }
    if let Some(expires_at) = invoice.expires_at() {
        println!("before  {expires_at}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs_to_its_end() {
        super::main().unwrap();
    }
}
