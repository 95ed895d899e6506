//! `paymux history`.

use super::Context;
use crate::failure::Failure;
use crate::output::json::record;
use crate::output::text;

pub(super) async fn run(context: &Context<'_>, id: &str) -> Result<(), Failure> {
    let ledger = context.ledger().await?;
    let found = ledger.history(id).await.map_err(Failure::of_ledger)?;
    let found: Vec<_> = found.into_iter().map(record::history).collect();
    context.output.result(&found, || text::histories(&found))
}
