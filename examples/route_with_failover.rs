//! Two gateways behind one router. The first one fails in two ways: an invoice goes to the second, and
//! a payout that may have been sent goes nowhere until somebody has found out.
//!
//! `cargo run -p paymux-examples --example route_with_failover`
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;

use paymux::attempts::{AttemptVerdict, MemoryAttemptLog, Resolution};
use paymux::router::Router;
use paymux::{
    Invoice, NewInvoice, NewPayout, OrderId, PaymentProvider, PayoutApi, ProviderAttempt, Reference,
};
use paymux_examples::{TwoGateways, raw};
use paymux_sandbox::{FaultRule, RequestFault, When};

/// Sells as it did when there was one gateway: nothing here knows how many there are.
async fn sell(gateway: &dyn PaymentProvider) -> paymux::Result<Box<dyn Invoice>> {
    let request = NewInvoice::new(OrderId::new("order-1001")?, "5 USD".parse()?)
        .with_asset("USDT@tron".parse()?);
    gateway.create_invoice(&request).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateways = TwoGateways::start().await?;
    // A real program keeps a log on disk: this one forgets when the process ends.
    let log = Arc::new(MemoryAttemptLog::new());
    let router = Router::builder()
        .with_providers(&gateways.providers()?) // HaloPay first, then UniPayment
        .with_attempt_log(Arc::<MemoryAttemptLog>::clone(&log))
        .build()?;

    // HaloPay makes the order, and the connection breaks before it answers.
    let lost = || RequestFault::Cut {
        when: When::AfterWork,
    };
    let halo = gateways.halopay();
    halo.faults()
        .add(FaultRule::request("/api/order/create", lost()));
    let invoice = sell(&router).await?;
    println!("{} is at {}", invoice.id(), invoice.snapshot().provider);
    for attempt in &invoice.snapshot().attempts {
        println!("  {}", told(attempt));
    }

    // Later calls find their way by the id.
    let read = router.fetch_invoice(invoice.id()).await?;
    println!("{} is {}", read.id(), read.status());

    // The same happens to a payout. UniPayment could send it, and must not: HaloPay may have.
    halo.faults()
        .add(FaultRule::request("/api/payout/create", lost()));
    let inbox = halo.inbox("shop");
    let request = NewPayout::new(
        Reference::new("refund-1001")?,
        "12.5".parse()?,
        "USDT@tron".parse()?,
        "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP",
    )
    .with_callback_url(inbox.url());
    for _ in 0..2 {
        match router.create_payout(&request).await {
            Err(error) if error.may_have_executed() => println!("in doubt: {error}"),
            other => return Err(format!("it is not in doubt: {other:?}").into()),
        }
    }

    // Its webhook says what became of it, and whoever heard it settles the doubt.
    for made in halo.halo().payouts() {
        while halo.halo().advance_payout(&made.trade_no).is_ok() {}
    }
    let received = inbox.next().await.ok_or("no webhook came")?;
    let event = router.verify_webhook(&raw(&received)).await?;
    let payout = event.payout().ok_or("it is not about a payout")?.clone();
    log.resolve(&request.reference, Resolution::Made(Box::new(payout)))?;

    // Asked again, the router tells what it knows. Nothing is sent.
    let payout = router.create_payout(&request).await?;
    println!("{} was sent once, as {}", request.reference, payout.id());
    assert_eq!(halo.halo().payouts().len(), 1);
    Ok(())
}

/// One line of the story.
fn told(attempt: &ProviderAttempt) -> String {
    let provider = &attempt.provider;
    match attempt.verdict {
        AttemptVerdict::Made => format!("{provider} made it"),
        // Money that arrives there belongs to the same order: keep this with the order.
        _ if attempt.may_have_executed() => format!("{provider} may have made one too"),
        _ => format!(
            "{provider}: {}",
            attempt.reason.as_deref().unwrap_or("not needed")
        ),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs_to_its_end() {
        super::main().unwrap();
    }
}
