//! `paymux assets`.

use paymux::CatalogScope;

use super::Context;
use crate::failure::{Failure, Task};
use crate::output::text;
use crate::power::Power;

const OPERATION: &str = "assets";

pub(super) async fn run(context: &Context<'_>, all: bool) -> Result<(), Failure> {
    let provider = context.provider()?;
    let catalog = provider
        .catalog()
        .ok_or_else(|| provider.lacks(OPERATION, Power::Catalog))?;
    let scope = if all {
        CatalogScope::All
    } else {
        CatalogScope::Enabled
    };
    let found = catalog
        .assets(scope)
        .await
        .map_err(|error| provider.failed(&Task::Other, OPERATION, error))?;
    context.output.missing(&found.failures);
    context
        .output
        .result(&found.items, || text::assets(&found.items))
}
