//! Who to ask about an invoice or a payout: its own provider, or a router that speaks for it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use paymux_core::{
    Clock, Error, ErrorKind, InvoiceId, InvoiceSnapshot, Outcome, PaymentProvider, PayoutId,
    PayoutSnapshot, ProviderName, Providers, Result,
};

use crate::ledger::Inner;

/// Reads an invoice as it is now. `bare` is the gateway's own id.
pub(crate) async fn fetch_invoice(
    providers: &Providers,
    owner: &ProviderName,
    bare: &str,
) -> Result<InvoiceSnapshot> {
    let mut failure = None;
    for (provider, is_owner) in candidates(providers, owner)? {
        let id = InvoiceId::received(bare);
        let id = if is_owner { id } else { id.owned_by(owner) };
        match provider.fetch_invoice(&id).await {
            Ok(invoice) => return Ok(invoice.snapshot().clone()),
            Err(error) => failure = Some(more_telling(failure, error)),
        }
    }
    Err(failure.unwrap_or_else(|| nobody(owner)))
}

/// Reads a payout as it is now. `bare` is the gateway's own id.
pub(crate) async fn fetch_payout(
    providers: &Providers,
    owner: &ProviderName,
    bare: &str,
) -> Result<PayoutSnapshot> {
    let mut failure = None;
    for (provider, is_owner) in candidates(providers, owner)? {
        let id = PayoutId::received(bare);
        let id = if is_owner { id } else { id.owned_by(owner) };
        let Some(payouts) = provider.payouts() else {
            let error = Error::unsupported("this provider has no payouts");
            failure = Some(more_telling(failure, error));
            continue;
        };
        match payouts.fetch_payout(&id).await {
            Ok(payout) => return Ok(payout.snapshot().clone()),
            Err(error) => failure = Some(more_telling(failure, error)),
        }
    }
    Err(failure.unwrap_or_else(|| nobody(owner)))
}

/// Who may know, and whether it is the owner itself.
fn candidates<'p>(
    providers: &'p Providers,
    owner: &ProviderName,
) -> Result<Vec<(&'p Arc<dyn PaymentProvider>, bool)>> {
    match providers.get(owner) {
        Ok(provider) => Ok(vec![(provider, true)]),
        Err(error) if providers.is_empty() => Err(error),
        Err(_) => Ok(providers.iter().map(|provider| (provider, false)).collect()),
    }
}

/// Whoever does not know the owner says so at once; what the one who does fails with counts.
fn more_telling(before: Option<Error>, error: Error) -> Error {
    let says_little = |error: &Error| {
        matches!(
            error.kind(),
            ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::Unsupported
        )
    };
    match before {
        Some(before) if !says_little(&before) || says_little(&error) => before,
        _ => error,
    }
}

fn nobody(owner: &ProviderName) -> Error {
    Error::configuration(format!("no provider {owner} is configured"))
}

/// A call to a gateway that has to end while the lease that it is made under still holds.
pub(crate) async fn in_time<T>(
    inner: &Inner,
    call: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    let limit: Duration = inner.settings.lease / 2;
    let clock: &dyn Clock = &*inner.settings.clock;
    match select(Box::pin(call), clock.sleep(limit)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(Error::new(
            ErrorKind::Timeout,
            Outcome::NotSent,
            format!("no answer within {limit:?}"),
        )),
    }
}
