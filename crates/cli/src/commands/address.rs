//! `paymux address create`.

use paymux::{AssetName, NewDepositAddress};
use rust_decimal::Decimal;

use super::{Context, lacks};
use crate::failure::{Failure, Task};
use crate::interruption::unless_interrupted;
use crate::output::text;

const OPERATION: &str = "create_deposit_address";

pub(super) async fn create(
    context: &Context<'_>,
    name: String,
    asset: AssetName,
    amount: Option<Decimal>,
) -> Result<(), Failure> {
    let mut request = NewDepositAddress::new(name, asset);
    request.amount = amount;
    request.check()?;
    let provider = context.provider()?;
    let addresses = provider
        .deposit_addresses()
        .ok_or_else(|| lacks(provider.as_ref(), OPERATION, "makes no permanent addresses"))?;
    let address = unless_interrupted(addresses.create_deposit_address(&request))
        .await
        .unwrap_or_else(|| Err(super::interrupted_while(OPERATION)))
        .map_err(|error| {
            let error = error
                .with_provider(provider.name().clone())
                .with_operation(OPERATION);
            Failure::while_doing(&Task::CreateAddress, error)
        })?;
    context
        .output
        .result(&address, || text::deposit_address(&address))
}
