//! `paymux quote`.

use paymux::{AssetName, Money};

use super::{Context, lacks};
use crate::failure::Failure;
use crate::output::text;

pub(super) async fn run(
    context: &Context<'_>,
    price: &Money,
    asset: &AssetName,
) -> Result<(), Failure> {
    let provider = context.provider()?;
    let quotes = provider
        .quotes()
        .ok_or_else(|| lacks(provider.as_ref(), "quote", "gives no quotes"))?;
    let quote = quotes.quote(price, asset).await.map_err(|error| {
        error
            .with_provider(provider.name().clone())
            .with_operation("quote")
    })?;
    context.output.result(&quote, || text::quote(&quote))
}
