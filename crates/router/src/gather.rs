//! Questions to every provider at once: search, balances, the catalogue. What could be had is merged,
//! and who failed is told beside it.

mod merge;

use async_trait::async_trait;
use futures_util::future::join_all;
use paymux_core::{
    AssetName, Balance, BalanceApi, CatalogApi, CatalogAsset, CatalogScope, Error, ErrorKind,
    Invoice, InvoiceQuery, Listing, Page, PartialFailure, PaymentProvider, Result, SearchApi,
};

use crate::health::Gate;
use crate::member::{Call, Member};
use crate::operation::Operation;
use crate::owner::OwnedInvoice;
use crate::router::Router;

/// What all said: those that answered, and those that failed.
struct Gathered<'a, T> {
    answers: Vec<(&'a Member, T)>,
    failures: Vec<(&'a Member, Error)>,
}

impl<T> Gathered<'_, T> {
    /// Fails when nobody answered, with the failure of the provider of the highest priority that is not
    /// just the lack of an asset.
    fn some_answered(mut self) -> Result<Self> {
        if !self.answers.is_empty() {
            return Ok(self);
        }
        let told = self
            .failures
            .iter()
            .position(|(_, error)| error.kind() != ErrorKind::Unsupported)
            .unwrap_or_default();
        if told < self.failures.len() {
            return Err(self.failures.swap_remove(told).1);
        }
        Err(Error::unsupported("no provider here can answer that"))
    }

    fn partial(&self) -> impl Iterator<Item = PartialFailure> {
        self.failures
            .iter()
            .map(|(member, error)| PartialFailure::new(member.name.clone(), error))
    }
}

impl Router {
    async fn gather<'a, T: Send>(
        &'a self,
        operation: Operation,
        call: impl Fn(&'a dyn PaymentProvider) -> Call<'a, T> + Send,
    ) -> Result<Gathered<'a, T>> {
        let calls = self.inner().members().filter_map(|member| {
            let call = call(&*member.provider)?;
            Some(async move {
                let mut deadline = self.deadline();
                let result = member
                    .ask(operation, Gate::Gathered, &mut deadline, call)
                    .await;
                (member, result)
            })
        });
        let calls: Vec<_> = calls.collect();
        let mut gathered = Gathered {
            answers: Vec::new(),
            failures: Vec::new(),
        };
        for (member, result) in join_all(calls).await {
            match result {
                Ok(answer) => gathered.answers.push((member, answer)),
                Err(error) => {
                    tracing::warn!(
                        operation = operation.as_str(),
                        provider = member.name.as_str(),
                        kind = error.kind().as_str(),
                        "a provider did not answer a question to all"
                    );
                    gathered.failures.push((member, error));
                }
            }
        }
        gathered.some_answered()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl SearchApi for Router {
    /// Each provider that can search is asked for the same page; what they have is merged, the newest
    /// first.
    async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn Invoice>>> {
        let gathered = self
            .gather(Operation::SearchInvoices, |provider| {
                provider
                    .search()
                    .map(|search| search.search_invoices(query))
            })
            .await?;
        let mut failures: Vec<PartialFailure> = gathered.partial().collect();
        let mut pages = Vec::with_capacity(gathered.answers.len());
        for (member, mut page) in gathered.answers {
            failures.append(&mut page.failures);
            let owned = |native| OwnedInvoice::new(&member.name, native);
            pages.push(Page {
                items: page.items.into_iter().map(owned).collect(),
                page: page.page,
                pages: page.pages,
                total: page.total,
                failures: Vec::new(),
            });
        }
        let merged = merge::pages(pages, query.page.unwrap_or(1), failures);
        Ok(Page {
            items: merged
                .items
                .into_iter()
                .map(|item| Box::new(item) as Box<dyn Invoice>)
                .collect(),
            page: merged.page,
            pages: merged.pages,
            total: merged.total,
            failures: merged.failures,
        })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl BalanceApi for Router {
    /// Balances of one name are added up over all providers. A provider that does not have the asset in
    /// question is no failure as long as another has it.
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>> {
        let gathered = self
            .gather(Operation::FetchBalances, |provider| {
                provider
                    .balances()
                    .map(|balances| balances.fetch_balances(asset))
            })
            .await?;
        let lacks_asset =
            |failure: &PartialFailure| asset.is_some() && failure.kind == ErrorKind::Unsupported;
        let mut failures: Vec<PartialFailure> = gathered
            .partial()
            .filter(|failure| !lacks_asset(failure))
            .collect();
        let mut balances = Vec::new();
        for (_, mut listing) in gathered.answers {
            balances.append(&mut listing.items);
            failures.append(&mut listing.failures);
        }
        Ok(Listing::new(merge::balances(balances)?, failures))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CatalogApi for Router {
    /// An asset that several providers have is there once, under `PROVIDER:ID` of the first.
    async fn assets(&self, scope: CatalogScope) -> Result<Listing<CatalogAsset>> {
        let gathered = self
            .gather(Operation::Assets, |provider| {
                provider.catalog().map(|catalog| catalog.assets(scope))
            })
            .await?;
        let mut failures: Vec<PartialFailure> = gathered.partial().collect();
        let mut entries = Vec::new();
        for (member, mut listing) in gathered.answers {
            failures.append(&mut listing.failures);
            entries.extend(listing.items.into_iter().map(|mut entry| {
                entry.provider_id = format!("{}:{}", member.name, entry.provider_id);
                entry
            }));
        }
        Ok(Listing::new(merge::assets(entries), failures))
    }
}

#[cfg(test)]
mod tests;
