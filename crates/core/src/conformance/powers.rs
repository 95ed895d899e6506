//! Laws of the powers that only read.

use rust_decimal::Decimal;

use super::{Harness, Verdict, law};
use crate::powers::{CatalogScope, find_asset};

/// Each asset of the catalogue answers to its own full name.
///
/// # Errors
/// [`Violation`](super::Violation) when the law is broken.
pub async fn assets_answer_to_their_names(harness: &dyn Harness) -> Verdict {
    let Some(catalog) = harness.provider().catalog() else {
        return Ok(());
    };
    for scope in [CatalogScope::Enabled, CatalogScope::All] {
        let assets = catalog.assets(scope).await?.items;
        law(!assets.is_empty(), || {
            format!("there are no assets in {scope:?}")
        })?;
        for entry in &assets {
            if let Some(name) = entry.asset.caip19() {
                let found = find_asset(&assets, &name)?;
                law(found == entry, || format!("{name} finds {found:?}"))?;
            }
        }
    }
    Ok(())
}

/// A quote for a price above zero is above zero, and is for the price that was asked.
///
/// # Errors
/// [`Violation`](super::Violation) when the law is broken.
pub async fn quotes_are_positive(harness: &dyn Harness) -> Verdict {
    let request = harness.new_invoice();
    let (Some(quotes), Some(asset)) = (harness.provider().quotes(), &request.asset) else {
        return Ok(());
    };
    let quote = quotes.quote(&request.price, asset).await?;
    law(quote.price == request.price, || {
        format!("the quote is for {}", quote.price)
    })?;
    law(quote.amount.amount > Decimal::ZERO, || {
        format!("the quote is {}", quote.amount)
    })?;
    law(quote.amount.asset.as_ref() == Some(asset), || {
        format!("the quote is in {:?}", quote.amount.asset)
    })
}

/// What can be sent now is not more than everything.
///
/// # Errors
/// [`Violation`](super::Violation) when the law is broken.
pub async fn balances_add_up(harness: &dyn Harness) -> Verdict {
    let Some(balances) = harness.provider().balances() else {
        return Ok(());
    };
    for balance in balances.fetch_balances(None).await?.items {
        law(balance.available <= balance.total, || {
            format!("{balance:?} has more available than there is")
        })?;
    }
    Ok(())
}
