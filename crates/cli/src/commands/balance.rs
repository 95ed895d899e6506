//! `paymux balance`.

use paymux::AssetName;

use super::Context;
use crate::failure::{Failure, Task};
use crate::output::text;
use crate::power::Power;

const OPERATION: &str = "fetch_balances";

pub(super) async fn run(context: &Context<'_>, asset: Option<&AssetName>) -> Result<(), Failure> {
    let provider = context.provider()?;
    let accounts = provider
        .balances()
        .ok_or_else(|| provider.lacks(OPERATION, Power::Balances))?;
    let found = accounts
        .fetch_balances(asset)
        .await
        .map_err(|error| provider.failed(&Task::Other, OPERATION, error))?;
    context.output.missing(&found.failures);
    context
        .output
        .result(&found.items, || text::balances(&found.items))
}
