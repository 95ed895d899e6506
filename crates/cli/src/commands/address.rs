//! `paymux address create`.

use paymux::{AssetName, NewDepositAddress};
use rust_decimal::Decimal;

use super::Context;
use crate::failure::{Failure, Task};
use crate::interruption::unless_interrupted;
use crate::output::text;
use crate::power::Power;

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
        .ok_or_else(|| provider.lacks(OPERATION, Power::DepositAddresses))?;
    let address = unless_interrupted(addresses.create_deposit_address(&request))
        .await
        .unwrap_or_else(|| Err(super::interrupted()))
        .map_err(|error| provider.failed(&Task::CreateAddress, OPERATION, error))?;
    let mut bare = address.clone();
    if let Some((owner, id)) = provider.routed().and_then(|it| it.split(&address.id)) {
        id.clone_into(&mut bare.id);
        context.output.note(&format!("made by {owner}"));
    }
    context
        .output
        .result(&bare, || text::deposit_address(&address))
}
