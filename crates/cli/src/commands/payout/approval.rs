//! `paymux payout approve` and `reject`.

use paymux::Reference;
use paymux::ledger::Ledger;

use crate::commands::Context;
use crate::failure::Failure;
use crate::output::json::record;
use crate::output::text;

pub(in crate::commands) async fn approve(
    context: &Context<'_>,
    reference: &Reference,
    who: &str,
) -> Result<(), Failure> {
    let ledger = context.ledger().await?;
    ledger
        .approve_payout(reference, who)
        .await
        .map_err(Failure::of_ledger)?;
    context
        .output
        .note("Approved. The same \"paymux payout create\" again sends it.");
    show(context, &ledger, reference).await
}

pub(in crate::commands) async fn reject(
    context: &Context<'_>,
    reference: &Reference,
    who: &str,
    why: Option<&str>,
) -> Result<(), Failure> {
    let ledger = context.ledger().await?;
    ledger
        .decline_payout(reference, who, why)
        .await
        .map_err(Failure::of_ledger)?;
    show(context, &ledger, reference).await
}

async fn show(
    context: &Context<'_>,
    ledger: &Ledger,
    reference: &Reference,
) -> Result<(), Failure> {
    let known = ledger.payout(reference).await?.map(record::payout);
    context.output.result(&known, || {
        known.as_ref().map_or_else(String::new, text::payout_record)
    })
}
