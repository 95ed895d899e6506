//! `paymux recover`.

use paymux::ledger::{Ledger, PayoutRecord, RecoveryReport, Settlement, UnmatchedNotice};
use paymux::{Error, ErrorKind, PayoutId, ProviderName, Reference};
use serde::Serialize;

use super::Context;
use crate::args::Recover;
use crate::failure::Failure;
use crate::output::json::record;
use crate::output::text;
use crate::routed::ROUTER;

/// Somebody else's webhooks may be many; those that come next are shown once these were dismissed.
const MOST_UNMATCHED: u32 = 100;

#[derive(Debug, Serialize)]
struct Recovered {
    #[serde(flatten)]
    report: RecoveryReport,
    /// Webhooks of which nobody knows what they tell, the oldest first.
    unmatched: Vec<UnmatchedNotice>,
    /// What a person settled just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<PayoutRecord>,
}

pub(super) async fn run(context: &Context<'_>, asked: Recover) -> Result<(), Failure> {
    let providers = context.instances.providers(context.provider.as_ref())?;
    let ledger = context.ledger().await?;
    let mut report = record::recovery(ledger.recover(&providers).await?);
    let (who, why) = (asked.who.unwrap_or_default(), asked.why.unwrap_or_default());
    if let Some(number) = asked.dismiss {
        ledger
            .dismiss(number, &who, &why)
            .await
            .map_err(Failure::of_ledger)?;
    }
    let settled = match asked.settle {
        Some(reference) => {
            let settlement = match &asked.made {
                Some(id) => made(context, &ledger, &reference, id).await?,
                None => Settlement::NotMade,
            };
            let checked =
                ledger.settle_checked(&providers, &reference, settlement.clone(), &who, &why);
            match checked.await {
                // The person has looked; what the gateway says later is compared too.
                Err(error) if error.provider().is_some() && error.kind().is_transient() => {
                    context
                        .output
                        .note(&format!("not compared with the gateway: {error}"));
                    ledger.settle(&reference, settlement, &who, &why).await
                }
                // The history says what differs by now.
                Err(error) if asked.insist && error.kind() == ErrorKind::Conflict => {
                    context
                        .output
                        .note(&format!("settled all the same: {error}"));
                    ledger.settle(&reference, settlement, &who, &why).await
                }
                settled => settled,
            }
            .map_err(Failure::of_ledger)?;
            report
                .open
                .retain(|open| open.doubt.reference.as_ref() != Some(&reference));
            ledger.payout(&reference).await?.map(record::payout)
        }
        None => None,
    };
    let recovered = Recovered {
        report,
        unmatched: ledger.unmatched(0, MOST_UNMATCHED).await?,
        settled,
    };
    context.output.result(&recovered, || {
        let report = text::recovery(&recovered.report, &recovered.unmatched);
        match &recovered.settled {
            Some(record) => format!("{}\n\n{report}", text::payout_record(record)),
            None => report,
        }
    })
}

/// That a payout was made, with whose it is: as its id says, else `--provider`, else the ledger.
async fn made(
    context: &Context<'_>,
    ledger: &Ledger,
    reference: &Reference,
    id: &str,
) -> Result<Settlement, Failure> {
    let named = context.provider.as_ref().filter(|name| **name != ROUTER);
    if let Some((owner, bare)) = context.instances.split_owner(id) {
        if named.is_some_and(|named| named != owner) {
            return Err(Failure::usage(format!(
                "the id {id} is one of {owner}, and --provider names another; leave one of them out"
            )));
        }
        return settlement(owner.clone(), bare);
    }
    let owner = match named {
        Some(named) => named.clone(),
        None => {
            let known = ledger.payout(reference).await?;
            let known = known.map(|record| record.provider);
            known.filter(|name| *name != ROUTER).ok_or_else(|| {
                Error::invalid_request(format!(
                    "it is not known who made the payout {id}; write --made PROVIDER:ID"
                ))
                .with_reference(reference.clone())
            })?
        }
    };
    settlement(owner, id)
}

fn settlement(provider: ProviderName, id: &str) -> Result<Settlement, Failure> {
    let id = PayoutId::new(id)?;
    Ok(Settlement::Made { provider, id })
}
