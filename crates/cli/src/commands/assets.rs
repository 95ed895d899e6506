//! `paymux assets`.

use paymux::CatalogScope;

use super::{Context, lacks};
use crate::failure::Failure;
use crate::output::text;

pub(super) async fn run(context: &Context<'_>, all: bool) -> Result<(), Failure> {
    let provider = context.provider()?;
    let catalog = provider
        .catalog()
        .ok_or_else(|| lacks(provider.as_ref(), "assets", "has no list of assets"))?;
    let scope = if all {
        CatalogScope::All
    } else {
        CatalogScope::Enabled
    };
    let assets = catalog.assets(scope).await.map_err(|error| {
        error
            .with_provider(provider.name().clone())
            .with_operation("assets")
    })?;
    context.output.result(&assets, || text::assets(&assets))
}
