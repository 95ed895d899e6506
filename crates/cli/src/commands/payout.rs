//! `paymux payout create` and `get`.

pub(super) mod approval;

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use paymux::ledger::{ApprovalNeeded, EntityKind, Ledger, PayoutOptions, PayoutState};
use paymux::{
    AssetAmount, AssetName, CatalogScope, Error, Network, NewPayout, Outcome, PaymentProvider,
    PayoutApi, PayoutId, Reference, Result as ProviderResult, address, powers,
};
use secrecy::ExposeSecret;

use super::Context;
use crate::args::PayoutCreate;
use crate::failure::{Failure, FoundBy, Task};
use crate::hint::quoted;
use crate::interruption::unless_interrupted;
use crate::output::json::bare;
use crate::output::text;
use crate::power::Power;

const CREATE: &str = "create_payout";
const FETCH: &str = "fetch_payout";

const KEPT: &str = "This payout was made before under its reference; it is shown as the ledger knows it, and \
                    nothing was sent now.";

/// What a person should know where a run under the same reference has not ended.
const RUNNING: &str = "Another run is sending this payout, or was killed while it did; this one waits for it and sends \
                       nothing unless that one surely sent nothing.";

/// What a person should know where the router's fee is shown.
const ROUTED_FEE: &str = "The fee is that of the provider which is tried first.";

/// How destinations begin that a gateway keeps under an id of its own, in place of an address.
const KEPT_DESTINATIONS: [&str; 2] = ["payment-method:", "account:"];

pub(super) async fn create(context: &Context<'_>, asked: PayoutCreate) -> Result<(), Failure> {
    let mut request = NewPayout::new(asked.reference, asked.amount, asked.asset, asked.to);
    request.callback_url = asked.callback_url;
    request.otp = asked.otp.filter(|code| !code.expose_secret().is_empty());
    let mut options = PayoutOptions::new();
    options.requested_by = asked.who;
    let reference = request.reference.clone();
    let of_payout = |error: Error| {
        let error = error.with_operation(CREATE);
        error.with_reference(reference.clone())
    };
    request.check().map_err(of_payout)?;
    let is_address = !is_kept_by_gateway(&request.to);
    if let Some(network) = request.asset.network().filter(|_| is_address) {
        address::check(&request.to, network).map_err(of_payout)?;
    }
    if !asked.yes && !can_ask() {
        return Err(Failure::usage(
            "a payout is confirmed on a terminal, and this is none; add --yes to send without asking",
        ));
    }
    let ledger = context.ledger().await?;
    let before = ledger.payout(&request.reference).await?;
    let before = before.map(|record| record.state);
    let provider = context.provider_on(&ledger)?;
    let named = |error: Error| {
        let capabilities = provider.source_of(&error).capabilities();
        let task = Task::CreatePayout {
            found_by: FoundBy::of(capabilities, &request),
        };
        provider.failed(&task, CREATE, of_payout(error))
    };
    let payouts = provider
        .payouts()
        .ok_or_else(|| named(provider.lack_of(Power::Payouts)))?;
    let is_made = before == Some(PayoutState::Made);
    if before == Some(PayoutState::Running) {
        context.output.note(RUNNING);
    }
    if !is_over(before) {
        if is_address
            && request.asset.network().is_none()
            && let Some(network) = network_of(&*provider, &request.asset)
                .await
                .map_err(named)?
        {
            address::check(&request.to, &network).map_err(named)?;
        }
        let fee = fee(payouts, &request).await;
        context.output.note(&summary(&request, fee.as_ref()));
        if provider.routed().is_some() && fee.is_some() {
            context.output.note(ROUTED_FEE);
        }
        if !asked.yes {
            confirm().await?;
        }
    }
    let payout =
        match unless_interrupted(ledger.create_payout_with(&*provider, &request, &options)).await {
            Some(ended) => ended,
            None => Err(interrupted(&ledger, &request.reference).await),
        }
        .map_err(|error| {
            let waits = std::error::Error::source(&error)
                .is_some_and(|source| source.is::<ApprovalNeeded>());
            let failure = named(error);
            match before {
                _ if waits => failure.with_hint(approval_needed(&request.reference)),
                Some(PayoutState::Rejected) => {
                    failure.with_hint(refused_before(&request.reference))
                }
                _ => failure,
            }
        })?;
    if is_made {
        context.output.note(KEPT);
    } else {
        context.tell_route(CREATE, &payout.attempts);
    }
    context
        .output
        .result(&bare::payout(&payout), || text::payout(&payout))
}

/// Whether nothing is sent any more, whatever the answer: there is nothing to ask a person for.
const fn is_over(state: Option<PayoutState>) -> bool {
    use PayoutState::{Declined, InDoubt, Made, Rejected};
    matches!(state, Some(Made | InDoubt | Rejected | Declined))
}

/// The error of a payout whose answer was not waited for, with the name of who may have paid it.
async fn interrupted(ledger: &Ledger, reference: &Reference) -> Error {
    let error = super::interrupted();
    // The ledger writes down on a thread of its own that nobody waits for the answer.
    for _ in 0..100 {
        let Ok(Some(record)) = ledger.payout(reference).await else {
            return error;
        };
        if record.state != PayoutState::Running {
            return error.with_provider(record.provider);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    error
}

/// How a payout that waits for a second person is sent.
fn approval_needed(reference: &Reference) -> String {
    format!(
        "somebody else approves it with \"paymux payout approve {} --who NAME\"; run this again then",
        quoted(reference.as_str())
    )
}

/// How a reference is freed that a gateway refused.
fn refused_before(reference: &Reference) -> String {
    format!(
        "the gateway refused this reference before, and nothing was sent now; use another reference, or \
         free this one with \"paymux recover --settle {} --not-made --who NAME --why TEXT\"",
        quoted(reference.as_str())
    )
}

pub(super) async fn get(context: &Context<'_>, id: &str) -> Result<(), Failure> {
    let (provider, id) = context.provider_of(EntityKind::Payout, id).await?;
    let id = PayoutId::new(id)?;
    let payouts = provider
        .payouts()
        .ok_or_else(|| provider.lacks(FETCH, Power::Payouts))?;
    let task = Task::Read { id: id.to_string() };
    let payout = payouts
        .fetch_payout(&id)
        .await
        .map_err(|error| provider.failed(&task, FETCH, error))?;
    let payout = payout.snapshot();
    let observer = context.observer();
    observer.payout(payout);
    context
        .output
        .result(&bare::payout(payout), || text::payout(payout))?;
    observer.finish(context.output).await;
    Ok(())
}

/// Whether only the gateway can tell whether the destination is right.
fn is_kept_by_gateway(destination: &str) -> bool {
    KEPT_DESTINATIONS
        .iter()
        .any(|kind| destination.starts_with(kind))
}

/// The network of an asset that was named by its symbol alone, as the gateway's catalogue has it.
async fn network_of(
    provider: &dyn PaymentProvider,
    asset: &AssetName,
) -> ProviderResult<Option<Network>> {
    let Some(catalog) = provider.catalog() else {
        return Ok(None);
    };
    let assets = catalog
        .assets(CatalogScope::Enabled)
        .await
        .map_err(|error| error.with_outcome(Outcome::NotSent))?;
    if let Some(failure) = assets.failures.first() {
        // Who did not answer may have an asset of this symbol on another network.
        return Err(Error::new(
            failure.kind,
            Outcome::NotSent,
            format!(
                "it is not known what {asset} is at {}: {}",
                failure.provider, failure.message
            ),
        )
        .with_hint(format!("name the network too, such as {asset}@tron")));
    }
    let entry = powers::find_asset(&assets.items, asset)?;
    Ok(entry.asset.network.clone())
}

/// What it will cost; a gateway that cannot tell must not stop a payout.
async fn fee(payouts: &dyn PayoutApi, request: &NewPayout) -> Option<AssetAmount> {
    match payouts.payout_fee(request).await {
        Ok(fee) => fee,
        Err(error) => {
            tracing::debug!(%error, "the fee of the payout is not known");
            None
        }
    }
}

fn summary(request: &NewPayout, fee: Option<&AssetAmount>) -> String {
    let fee = fee.map_or_else(
        || "unknown; the gateway tells it afterwards".to_owned(),
        ToString::to_string,
    );
    format!(
        "Payout {}: {} to {}, fee {fee}",
        text::clean(request.reference.as_str()),
        text::bold(&request.asset_amount().to_string()),
        text::bold(&text::clean(&request.to)),
    )
}

fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

async fn confirm() -> Result<(), Failure> {
    let _ = write!(anstream::stderr(), "Send it? [y/N] ");
    let _ = io::stderr().flush();
    let answered = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map(|_| answer)
    })
    .await;
    match answered {
        Ok(Ok(answer)) if is_yes(&answer) => Ok(()),
        _ => Err(Failure::usage("not confirmed; nothing was sent")),
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_sends() {
        for yes in ["y", "Y\n", " yes\r\n", "YES"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n", "yy", "yeah", "j", "no yes"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }

    #[test]
    fn the_question_shows_what_is_sent_and_never_the_code() {
        let request = NewPayout::new(
            "ref-1".parse().unwrap(),
            "0.50".parse().unwrap(),
            "USDT@tron-nile".parse().unwrap(),
            "T\u{1b}[8mhidden",
        )
        .with_otp("998877".into());
        let shown = anstream::adapter::strip_str(&summary(&request, None)).to_string();
        assert_eq!(
            shown,
            "Payout ref-1: 0.5 USDT@tron-nile to T\\u{1b}[8mhidden, fee unknown; the gateway tells it afterwards"
        );
        let fee = AssetAmount::new("0.8".parse().unwrap(), "USDT@tron-nile".parse().unwrap());
        assert!(summary(&request, Some(&fee)).ends_with("fee 0.8 USDT@tron-nile"));
    }
}
