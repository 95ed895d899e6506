//! `paymux quote`.

use paymux::{AssetName, Money};

use super::Context;
use crate::failure::{Failure, Task};
use crate::output::text;
use crate::power::Power;

const OPERATION: &str = "quote";

pub(super) async fn run(
    context: &Context<'_>,
    price: &Money,
    asset: &AssetName,
) -> Result<(), Failure> {
    let provider = context.provider()?;
    let quotes = provider
        .quotes()
        .ok_or_else(|| provider.lacks(OPERATION, Power::Quotes))?;
    let quote = quotes
        .quote(price, asset)
        .await
        .map_err(|error| provider.failed(&Task::Other, OPERATION, error))?;
    if let Some(routed) = provider.routed().filter(|_| context.is_verbose) {
        for told in routed.story_of_quote() {
            context.output.note(&format!("{OPERATION}: {told}"));
        }
    }
    context.output.result(&quote, || text::quote(&quote))
}
