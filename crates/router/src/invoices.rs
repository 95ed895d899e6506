//! Invoices and permanent addresses: made at the first provider that can, read at the one that has them.

use async_trait::async_trait;
use paymux_core::{
    DepositAddress, DepositAddressApi, Invoice, InvoiceId, NewDepositAddress, NewInvoice, Outcome,
    Result,
};

use crate::attempt::{self, NotMade};
use crate::failover::{Next, after_invoice_failure};
use crate::health::Gate;
use crate::hedge::hedged;
use crate::operation::Operation;
use crate::owner::OwnedInvoice;
use crate::request::Wanted;
use crate::route::Route;
use crate::router::Router;

impl Router {
    pub(crate) async fn make_invoice(&self, request: &NewInvoice) -> Result<OwnedInvoice> {
        request.check()?;
        let inner = self.inner();
        let mut deadline = self.deadline();
        let wanted = Wanted::Invoice(request);
        let mut route = Route::choose(inner.rules.matching(wanted), wanted, &mut deadline).await;
        while let Some(visit) = route.next(&deadline) {
            let member = visit.member;
            match attempt::make_invoice(&*inner.log, visit, request, &mut deadline).await {
                Ok(invoice) => {
                    let story = route.made(member, invoice.id().as_str());
                    return Ok(invoice.with_story(story));
                }
                Err(NotMade::Forbidden(error)) => return Err(route.stopped(error)),
                Err(NotMade::Failed(error)) => {
                    let next = after_invoice_failure(&error);
                    route.failed(member, error);
                    if next == Next::Stop {
                        break;
                    }
                }
            }
        }
        Err(route.into_error(inner.clock.now()))
    }

    pub(crate) async fn read_invoice(&self, id: &InvoiceId) -> Result<OwnedInvoice> {
        let inner = self.inner();
        let (member, bare) = inner.owner_of_invoice(id)?;
        let bare = &bare;
        let native = hedged(&*inner.clock, inner.hedge_after, |spent| async move {
            let call = member.provider.fetch_invoice(bare);
            let mut deadline = self.deadline_after(spent);
            member
                .ask(Operation::FetchInvoice, Gate::Owned, &mut deadline, call)
                .await
        })
        .await?;
        Ok(OwnedInvoice::new(&member.name, native))
    }

    async fn make_address(&self, request: &NewDepositAddress) -> Result<DepositAddress> {
        request.check()?;
        let mut deadline = self.deadline();
        let wanted = Wanted::DepositAddress(request);
        let rule = self.inner().rules.matching(wanted);
        let route = Route::choose(rule, wanted, &mut deadline).await;
        let (member, mut address) = route
            .until_one_does(
                &mut deadline,
                Outcome::Unknown,
                after_invoice_failure,
                |provider| {
                    let addresses = provider.deposit_addresses()?;
                    Some(addresses.create_deposit_address(request))
                },
            )
            .await?;
        address.id = format!("{}:{}", member.name, address.id);
        Ok(address)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl DepositAddressApi for Router {
    /// Like an invoice: an address that nobody pays to costs nothing, so after an unknown outcome the
    /// next provider makes another. Its id has the form `PROVIDER:ID`.
    async fn create_deposit_address(&self, request: &NewDepositAddress) -> Result<DepositAddress> {
        self.make_address(request)
            .await
            .map_err(|error| error.with_operation(Operation::CreateDepositAddress.as_str()))
    }
}

#[cfg(test)]
mod tests;
