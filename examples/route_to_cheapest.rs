//! Two gateways with rates of their own: the payer is sent to the one where the order costs least. Gold
//! customers always get the same gateway, and without quotes the order of priority holds.
//!
//! `cargo run -p paymux-examples --example route_to_cheapest`
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use paymux::router::{Cheapest, Metadata, Router, Rule, Sticky};
use paymux::{NewInvoice, OrderId, PaymentProvider};
use paymux_examples::TwoGateways;
use paymux_sandbox::{FaultRule, RequestFault, When};

fn order(id: &str) -> paymux::Result<NewInvoice> {
    let request = NewInvoice::new(OrderId::new(id)?, "50 USD".parse()?);
    Ok(request.with_asset("USDT@tron".parse()?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateways = TwoGateways::start().await?;
    // HaloPay counts a USDT for less than UniPayment does, so the payer would have to send more of them.
    let (halo, unipayment) = (gateways.halopay(), gateways.unipayment());
    halo.halo().set_rate("USDT", "USD", "0.96".parse()?)?;
    unipayment.unipayment().set_rate("USDT", "USD", 1.into())?;

    let cheapest = Cheapest::new()
        .with_max_age(Duration::ZERO) // asks each time; a real program lets quotes grow a little older
        .with_stale_for(Duration::ZERO);
    let gold = Rule::named("gold")
        .with_metadata(Metadata::is("tier", "gold"))
        .by(Sticky::by("customer"));
    let router = Router::builder()
        .with_providers(&gateways.providers()?) // HaloPay has the higher priority
        .with_strategy(cheapest)
        .with_rule(gold)
        .build()?;

    // What would be done, and why, can be asked before.
    let request = order("order-1")?;
    println!("{}", router.explain_invoice(&request).await?);
    let invoice = router.create_invoice(&request).await?;
    let due = invoice.due().ok_or("the gateway tells what is due")?;
    println!("{} costs {due} at the cheapest", invoice.id());
    assert_eq!(invoice.snapshot().provider.as_str(), "unipayment");
    assert_eq!(due.to_string(), "50 USDT@tron");

    // A customer whom a rule binds to one gateway pays what it costs there.
    let gold = order("order-2")?
        .with_metadata("tier", "gold")
        .with_metadata("customer", "jane");
    let first = router.create_invoice(&gold).await?;
    let again = router.create_invoice(&order_of("order-3", &gold)?).await?;
    println!("jane goes to {}", first.snapshot().provider);
    assert_eq!(first.snapshot().provider, again.snapshot().provider);

    // Where no quotes can be had, the priority decides.
    for (sandbox, path) in [(halo, "/api/order/exchange"), (unipayment, "/v1.0/rates*")] {
        let down = RequestFault::status(When::BeforeWork, 503);
        sandbox
            .faults()
            .add(FaultRule::request(path, down).always());
    }
    let invoice = router.create_invoice(&order("order-4")?).await?;
    println!("without quotes it is {}", invoice.snapshot().provider);
    assert_eq!(invoice.snapshot().provider.as_str(), "native-checkout");
    Ok(())
}

/// Another order of the same customer.
fn order_of(id: &str, other: &NewInvoice) -> paymux::Result<NewInvoice> {
    let mut request = order(id)?;
    request.metadata.clone_from(&other.metadata);
    Ok(request)
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs_to_its_end() {
        super::main().unwrap();
    }
}
