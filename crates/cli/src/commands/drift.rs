//! `paymux drift`.

use chrono::{NaiveDate, Utc};

use super::Context;
use crate::failure::Failure;
use crate::output::text;

pub(super) async fn run(context: &Context<'_>, day: Option<NaiveDate>) -> Result<(), Failure> {
    let providers = context.instances.providers(context.provider.as_ref())?;
    let ledger = context.ledger().await?;
    let day = day.unwrap_or_else(|| Utc::now().date_naive());
    let report = ledger.drift(&providers, day).await?;
    context.output.result(&report, || text::drift(&report))
}
