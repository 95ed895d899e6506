//! Payouts: sent at most once, whoever fails.

use async_trait::async_trait;
use paymux_core::{AssetAmount, Error, NewPayout, Payout, PayoutApi, PayoutId, Result};

use crate::attempt::{self, Sent};
use crate::failover::Turn;
use crate::health::Gate;
use crate::hedge::hedged;
use crate::operation::Operation;
use crate::owner::{OwnedPayout, remembered};
use crate::request::Wanted;
use crate::route::Route;
use crate::router::Router;

const FIND_OUT: &str = "it is not sent again under this reference: look it up where it may have been \
                        sent, or wait for its webhook, and settle it in the attempt log";

impl Router {
    async fn send_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        request.check()?;
        let inner = self.inner();
        let mut deadline = self.deadline();
        let wanted = Wanted::Payout(request);
        let mut route = Route::choose(inner.rules.matching(wanted), wanted, &mut deadline).await;
        let mut turn = Turn::first();
        while let Some(visit) = route.next(&deadline) {
            let member = visit.member;
            match attempt::send_payout(turn, &*inner.log, visit, request, &mut deadline).await {
                Sent::Made(payout) => {
                    let story = route.made(member, payout.id().as_str());
                    return Ok(Box::new(payout.with_story(story)));
                }
                Sent::Before(snapshot) => {
                    return Ok(Box::new(remembered(*snapshot, inner)));
                }
                Sent::Forbidden(error) => return Err(route.stopped(error)),
                Sent::FailedUnrecorded { error, log } => {
                    let stopped = unrecorded(&error, log);
                    route.failed(member, error);
                    return Err(route.stopped(stopped));
                }
                Sent::Failed(error) => {
                    let next = Turn::after(&error);
                    route.failed(member, error);
                    match next {
                        Some(next) => turn = next,
                        None => break,
                    }
                }
            }
        }
        Err(route.into_error(inner.clock.now()))
    }

    async fn read_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        let inner = self.inner();
        let (member, bare) = inner.owner_of_payout(id)?;
        let payouts = member.provider.payouts().ok_or_else(|| {
            Error::unsupported("this provider has no payouts").with_provider(member.name.clone())
        })?;
        let bare = &bare;
        let native = hedged(&*inner.clock, inner.hedge_after, |spent| async move {
            let call = payouts.fetch_payout(bare);
            let mut deadline = self.deadline_after(spent);
            member
                .ask(Operation::FetchPayout, Gate::Owned, &mut deadline, call)
                .await
        })
        .await?;
        Ok(Box::new(OwnedPayout::new(&member.name, native)))
    }

    async fn ask_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        request.check()?;
        let inner = self.inner();
        let mut deadline = self.deadline();
        let wanted = Wanted::Payout(request);
        let route = Route::choose(inner.rules.matching(wanted), wanted, &mut deadline).await;
        // The provider that would send it says what it takes; another one's fee would be another.
        let Some(member) = route.first() else {
            return Err(route.into_error(inner.clock.now()));
        };
        let Some(payouts) = member.provider.payouts() else {
            return Ok(None);
        };
        let call = payouts.payout_fee(request);
        member
            .ask(Operation::PayoutFee, Gate::Gathered, &mut deadline, call)
            .await
    }
}

/// The failure of a payout that the log could not take. What became of the payout is what the provider
/// said; the log keeps the reference in doubt, so nothing goes on.
fn unrecorded(error: &Error, log: Error) -> Error {
    Error::new(
        log.kind(),
        error.outcome(),
        format!(
            "the attempt log could not take the failure of a payout and may keep it in doubt: {}",
            log.message()
        ),
    )
    .with_source(log)
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PayoutApi for Router {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        self.send_payout(request).await.map_err(|error| {
            let error = error
                .with_operation(Operation::CreatePayout.as_str())
                .with_reference(request.reference.clone());
            if error.may_have_executed() && error.hint().is_none() {
                error.with_hint(FIND_OUT)
            } else {
                error
            }
        })
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        self.read_payout(id)
            .await
            .map_err(|error| error.with_operation(Operation::FetchPayout.as_str()))
    }

    async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        self.ask_fee(request)
            .await
            .map_err(|error| error.with_operation(Operation::PayoutFee.as_str()))
    }
}

#[cfg(test)]
mod tests;
