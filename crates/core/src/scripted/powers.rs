//! The powers of a scripted gateway.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::ScriptedProvider;
use super::books::Work;
use super::script::{Call, Operation};
use crate::address;
use crate::asset::AssetName;
use crate::error::Result;
use crate::ids::PayoutId;
use crate::money::{AssetAmount, Money, fits};
use crate::powers::{
    Balance, BalanceApi, CatalogApi, CatalogAsset, CatalogScope, DepositAddress, DepositAddressApi,
    Listing, Page, PayoutApi, Quote, QuoteApi, SearchApi, find_asset,
};
use crate::provider::{Invoice, Payout};
use crate::request::{InvoiceQuery, NewDepositAddress, NewPayout};
use crate::snapshot::{Destination, PayoutSnapshot};
use crate::status::PayoutStatus;

/// How many invoices are on a page.
const PAGE: usize = 20;

/// What the account holds of each asset where nothing was set.
const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

impl ScriptedProvider {
    async fn new_payout(&self, request: &NewPayout) -> Result<PayoutSnapshot> {
        request.check()?;
        let entry = find_asset(&self.catalog, &request.asset)?;
        if let Some(network) = &entry.asset.network {
            address::check(&request.to, network)?;
        }
        if let Some(decimals) = entry.asset.decimals {
            fits(request.amount, decimals, &request.asset)?;
        }
        let fee = self.books().fee;
        let prepare = |number: u64, at: DateTime<Utc>| {
            let id = PayoutId::received(format!("{}-payout-{number}", self.name));
            let mut payout = PayoutSnapshot::new(self.name.clone(), id, PayoutStatus::Pending);
            payout.reference = Some(request.reference.clone());
            payout.amount = Some(request.asset_amount());
            payout.fee = fee.map(|fee| AssetAmount::new(fee, request.asset.clone()));
            let to = Destination::new(request.to.as_str(), entry.asset.network.clone());
            payout.destination = Some(to.with_memo(request.memo.clone()));
            payout.created_at = Some(at);
            Work::Payout(Box::new(payout))
        };
        self.make(&Call::CreatePayout(request), prepare, |books, id| {
            books
                .payout(&PayoutId::received(id))
                .map(|made| made.clone())
        })
        .await
    }
}

#[async_trait]
impl PayoutApi for ScriptedProvider {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let sent = self.new_payout(request).await;
        sent.map(|payout| Box::new(payout) as Box<dyn Payout>)
            .map_err(|error| {
                self.named(Operation::CreatePayout)(error).with_reference(request.reference.clone())
            })
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        let read = self
            .read(&Call::FetchPayout(id), |books| {
                books.payout(id).map(|payout| payout.clone())
            })
            .await;
        read.map(|payout| Box::new(payout) as Box<dyn Payout>)
            .map_err(self.named(Operation::FetchPayout))
    }

    async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        self.read(&Call::PayoutFee(request), |books| {
            find_asset(&self.catalog, &request.asset)?;
            let fee = books.fee;
            Ok(fee.map(|fee| AssetAmount::new(fee, request.asset.clone())))
        })
        .await
        .map_err(self.named(Operation::PayoutFee))
    }
}

#[async_trait]
impl SearchApi for ScriptedProvider {
    async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn Invoice>>> {
        self.read(&Call::SearchInvoices(query), |books| {
            let found: Vec<_> = books
                .invoices
                .iter()
                .rev()
                .filter(|invoice| {
                    let of_order = |order| invoice.order_id.as_ref() == Some(order);
                    query.order_id.as_ref().is_none_or(of_order)
                        && query.status.is_none_or(|status| invoice.status == status)
                })
                .cloned()
                .collect();
            let page = query.page.unwrap_or(1).max(1);
            let skipped = usize::try_from(page - 1).unwrap_or(usize::MAX);
            let total = found.len();
            let items = found
                .into_iter()
                .skip(skipped.saturating_mul(PAGE))
                .take(PAGE)
                .map(|invoice| Box::new(invoice) as Box<dyn Invoice>);
            Ok(Page {
                items: items.collect(),
                page: Some(page),
                pages: u32::try_from(total.div_ceil(PAGE)).ok(),
                total: u64::try_from(total).ok(),
                failures: Vec::new(),
            })
        })
        .await
        .map_err(self.named(Operation::SearchInvoices))
    }
}

#[async_trait]
impl QuoteApi for ScriptedProvider {
    async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        let quoted = self.read(&Call::Quote(price, asset), |_| Ok(())).await;
        quoted
            .and_then(|()| {
                let entry = find_asset(&self.catalog, asset)?;
                let amount = self.in_asset(price, asset, &entry.asset)?;
                let rate = self.rate(price, asset);
                Ok(Quote::new(
                    price.clone(),
                    amount,
                    Some(rate),
                    self.clock.now(),
                ))
            })
            .map_err(self.named(Operation::Quote))
    }
}

#[async_trait]
impl CatalogApi for ScriptedProvider {
    async fn assets(&self, scope: CatalogScope) -> Result<Listing<CatalogAsset>> {
        self.read(&Call::Assets(scope), |_| Ok(self.catalog.to_vec().into()))
            .await
            .map_err(self.named(Operation::Assets))
    }
}

#[async_trait]
impl BalanceApi for ScriptedProvider {
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>> {
        self.read(&Call::FetchBalances(asset), |books| {
            let all = books.balances.clone().unwrap_or_else(|| {
                let names = self.catalog.iter().map(|entry| entry.asset.name());
                names
                    .map(|name| Balance::new(name, MILLION, MILLION))
                    .collect()
            });
            let Some(name) = asset else {
                return Ok(all.into());
            };
            let wanted = find_asset(&self.catalog, name)?.asset.name();
            let held: Vec<_> = all
                .into_iter()
                .filter(|held| held.asset == wanted)
                .collect();
            Ok(held.into())
        })
        .await
        .map_err(self.named(Operation::FetchBalances))
    }
}

#[async_trait]
impl DepositAddressApi for ScriptedProvider {
    async fn create_deposit_address(&self, request: &NewDepositAddress) -> Result<DepositAddress> {
        let checked = request
            .check()
            .and_then(|()| find_asset(&self.catalog, &request.asset).map(|_| ()));
        let prepare = |number: u64, _: DateTime<Utc>| {
            Work::Address(DepositAddress::new(
                format!("{}-address-{number}", self.name),
                format!("{}-permanent-{number}", self.name),
                request.asset.clone(),
            ))
        };
        let made = match checked {
            Ok(()) => {
                let call = Call::CreateDepositAddress(request);
                self.make(&call, prepare, |books, id| {
                    let made = books.addresses.iter().find(|made| made.id == id).cloned();
                    made.ok_or_else(|| crate::Error::invalid_request("no such address"))
                })
                .await
            }
            Err(error) => Err(error),
        };
        made.map_err(self.named(Operation::CreateDepositAddress))
    }
}
