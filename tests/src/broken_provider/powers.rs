//! Flaws of payouts and of the powers that only read.

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, AssetName, Balance, BalanceApi, CatalogApi, CatalogAsset, CatalogScope, Error,
    Listing, Money, NewPayout, Outcome, Payout, PayoutApi, PayoutId, PayoutSnapshot, PayoutStatus,
    Quote, QuoteApi, Result,
};
use rust_decimal::Decimal;

use super::{BrokenProvider, Flaw};
use crate::harness::ADDRESS;

fn lacking(power: &str) -> Error {
    Error::unsupported(format!("the provider inside has no {power}"))
}

fn raise(amount: &mut Option<AssetAmount>) {
    if let Some(amount) = amount {
        amount.amount += Decimal::ONE;
    }
}

#[async_trait]
impl PayoutApi for BrokenProvider {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let payouts = self.inner.payouts().ok_or_else(|| lacking("payouts"))?;
        let mut request = request.clone();
        if self.has(Flaw::DestinationsMended) {
            ADDRESS.clone_into(&mut request.to);
        }
        let created = payouts.create_payout(&request).await.map_err(|error| {
            if self.has(Flaw::DestinationsInDoubt) {
                error.with_outcome(Outcome::Unknown)
            } else {
                error
            }
        })?;
        let mut payout = created.snapshot().clone();
        match self.flaw {
            Flaw::PayoutAmountChanged => raise(&mut payout.amount),
            Flaw::PayoutReferenceForgotten => payout.reference = None,
            _ => {}
        }
        Ok(Box::new(payout))
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        let payouts = self.inner.payouts().ok_or_else(|| lacking("payouts"))?;
        let mut payout = match payouts.fetch_payout(id).await {
            Ok(payout) => payout.snapshot().clone(),
            Err(_) if self.has(Flaw::UnknownPayoutFound) => {
                let name = self.inner.name().clone();
                PayoutSnapshot::new(name, id.clone(), PayoutStatus::Pending)
            }
            Err(error) => return Err(error),
        };
        match self.flaw {
            Flaw::PayoutAmountChangesOnRead => raise(&mut payout.amount),
            Flaw::PayoutNeverEnds => payout.status = PayoutStatus::Confirming,
            _ => {}
        }
        Ok(Box::new(payout))
    }

    async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        let payouts = self.inner.payouts().ok_or_else(|| lacking("payouts"))?;
        payouts.payout_fee(request).await
    }
}

#[async_trait]
impl QuoteApi for BrokenProvider {
    async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        let quotes = self.inner.quotes().ok_or_else(|| lacking("quotes"))?;
        let mut quote = quotes.quote(price, asset).await?;
        match self.flaw {
            Flaw::QuoteOfZero => quote.amount.amount = Decimal::ZERO,
            Flaw::QuoteForAnotherPrice => quote.price.amount += Decimal::ONE,
            Flaw::QuoteInAnotherAsset => quote.amount.asset = "JST@tron-nile".parse().ok(),
            _ => {}
        }
        Ok(quote)
    }
}

#[async_trait]
impl CatalogApi for BrokenProvider {
    async fn assets(&self, scope: CatalogScope) -> Result<Listing<CatalogAsset>> {
        let catalog = self.inner.catalog().ok_or_else(|| lacking("catalog"))?;
        let assets = catalog.assets(scope).await?.items;
        let assets = match self.flaw {
            Flaw::CatalogEmpty => Vec::new(),
            Flaw::CatalogOfTwins => assets.iter().chain(&assets).cloned().collect(),
            _ => assets,
        };
        Ok(assets.into())
    }
}

#[async_trait]
impl BalanceApi for BrokenProvider {
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>> {
        let balances = self.inner.balances().ok_or_else(|| lacking("balances"))?;
        let mut balances = balances.fetch_balances(asset).await?;
        if self.has(Flaw::BalanceAboveTotal) {
            for balance in &mut balances.items {
                balance.available = balance.total + Decimal::ONE;
            }
        }
        Ok(balances)
    }
}
