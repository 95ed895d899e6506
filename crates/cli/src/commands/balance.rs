//! `paymux balance`.

use paymux::AssetName;

use super::{Context, lacks};
use crate::failure::Failure;
use crate::output::text;

pub(super) async fn run(context: &Context<'_>, asset: Option<&AssetName>) -> Result<(), Failure> {
    let provider = context.provider()?;
    let accounts = provider
        .balances()
        .ok_or_else(|| lacks(provider.as_ref(), "balances", "tells no balances"))?;
    let balances = accounts.fetch_balances(asset).await.map_err(|error| {
        error
            .with_provider(provider.name().clone())
            .with_operation("balances")
    })?;
    context
        .output
        .result(&balances, || text::balances(&balances))
}
