//! Sends a payout, and does the right thing with each outcome of a failure: what was not sent may be
//! sent again, what was refused needs a person or another request, and what is unknown is never sent
//! again but found out about.
//!
//! `cargo run -p paymux-examples --example send_payout`
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use paymux::{
    NewPayout, Outcome, PaymentProvider, PaymentProviderExt, PayoutId, PayoutStatus, Reference,
    TokioClock, WaitOptions,
};
use paymux_examples::{Stage, raw};
use paymux_sandbox::{FaultRule, RequestFault, When};

/// What became of an attempt to send money.
enum Attempt {
    /// The gateway has it.
    Taken(PayoutId),
    /// Nothing was sent: the same request may be sent again.
    TryAgain(paymux::Error),
    /// The gateway said no.
    Refused(paymux::Error),
    /// It may be on its way. Keep the reference, and wait for what the gateway tells.
    InDoubt(paymux::Error),
}

async fn attempt(provider: &dyn PaymentProvider, request: &NewPayout) -> Attempt {
    let Some(payouts) = provider.payouts() else {
        let message = "this gateway sends no money; choose another";
        return Attempt::Refused(paymux::Error::unsupported(message));
    };
    match payouts.create_payout(request).await {
        Ok(payout) => Attempt::Taken(payout.id().clone()),
        Err(error) => match error.outcome() {
            Outcome::NotSent => Attempt::TryAgain(error),
            Outcome::Rejected => Attempt::Refused(error),
            Outcome::Unknown => Attempt::InDoubt(error),
        },
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start().await?;
    let (sandbox, provider) = (stage.sandbox(), stage.provider()?);
    let inbox = sandbox.inbox("shop");
    let payout = |reference: &str, to: &str| -> paymux::Result<NewPayout> {
        let reference = Reference::new(reference)?;
        let asset = "USDT@tron-nile".parse()?;
        let request = NewPayout::new(reference, "12.5".parse().unwrap_or_default(), asset, to);
        // Keep the request before it is sent: after a crash you must know what may be on its way.
        Ok(request.with_callback_url(inbox.url()))
    };
    let address = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

    // A mistyped address is found before anything is sent.
    let mistyped = payout("refund-1", "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ")?;
    match attempt(provider.as_ref(), &mistyped).await {
        Attempt::TryAgain(error) => println!("not sent: {error}"),
        _ => return Err("a mistyped address was sent".into()),
    }

    // The usual case: it is taken, and followed to its end.
    match attempt(provider.as_ref(), &payout("refund-2", address)?).await {
        Attempt::Taken(id) => {
            while sandbox.halo().advance_payout(id.as_str()).is_ok() {}
            let options = WaitOptions::default().with_interval(Duration::from_millis(50));
            let ended = provider.wait_for_payout(&id, options, &TokioClock).await?;
            println!("refund-2 is {}", ended.status);
        }
        Attempt::TryAgain(error) | Attempt::Refused(error) | Attempt::InDoubt(error) => {
            return Err(error.into());
        }
    }
    inbox.next().await;

    // More than there is: the gateway says no, and sending it again changes nothing.
    let mut too_much = payout("refund-3", address)?;
    too_much.amount = 1_000_000.into();
    match attempt(provider.as_ref(), &too_much).await {
        Attempt::Refused(error) => println!("refused: {error}"),
        _ => return Err("more was sent than there is".into()),
    }

    // The connection breaks after the gateway did the work. Whoever sends again now pays twice.
    let lost = RequestFault::Cut {
        when: When::AfterWork,
    };
    sandbox
        .faults()
        .add(FaultRule::request("/api/payout/create", lost));
    match attempt(provider.as_ref(), &payout("refund-4", address)?).await {
        Attempt::InDoubt(error) => println!("in doubt: {error}"),
        _ => return Err("a lost answer was taken for certain".into()),
    }

    // Its webhook finds it again by the reference that travelled in the callback URL.
    for made in sandbox.halo().payouts() {
        while sandbox.halo().advance_payout(&made.trade_no).is_ok() {}
    }
    let received = inbox.next().await.ok_or("no webhook came")?;
    let event = provider.verify_webhook(&raw(&received)).await?;
    let told = event.payout().ok_or("it is not about a payout")?;
    if event.reference.as_ref().map(Reference::as_str) != Some("refund-4")
        || told.status != PayoutStatus::Completed
    {
        return Err(format!("another webhook came: {event:?}").into());
    }
    println!("refund-4 was sent after all, as {}", told.id);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs_to_its_end() {
        super::main().unwrap();
    }
}
