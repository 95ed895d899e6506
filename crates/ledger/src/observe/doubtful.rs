//! Which payout in doubt a gateway's id belongs to, where the gateway itself does not say.

use paymux_core::{PayoutId, PayoutSnapshot, ProviderName, Reference};

use crate::adopt::another_payout;
use crate::error::Stored;
use crate::payouts::{PayoutRow, PayoutState};
use crate::store::{Tx, values};

const PAGE: u32 = 500;

/// The reference of a payout in doubt that was asked for in just these terms, and whose failed call or
/// whose webhook named this id.
pub(super) fn reference_of(
    tx: &mut dyn Tx,
    seen: &PayoutSnapshot,
    bare: &str,
) -> Stored<Option<Reference>> {
    let mut after = String::new();
    loop {
        let page = PayoutRow::in_state(tx, PayoutState::InDoubt, &after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        after = last.reference.as_str().to_owned();
        for row in page {
            if another_payout(tx, &row, seen)?.is_none()
                && (was_named_by_call(&row, &seen.provider, bare)
                    || was_named_by_webhook(tx, &row.reference, &seen.provider, bare)?)
            {
                return Ok(Some(row.reference));
            }
        }
    }
}

fn was_named_by_call(row: &PayoutRow, provider: &ProviderName, bare: &str) -> bool {
    let told = row.error.as_ref().and_then(|error| error.id.as_deref());
    told.is_some_and(|told| {
        let own = PayoutId::received(told).without_owner(provider);
        // A router's error has the owner before the id.
        own.as_str() == bare && (row.provider == *provider || told != bare)
    })
}

fn was_named_by_webhook(
    tx: &mut dyn Tx,
    reference: &Reference,
    provider: &ProviderName,
    bare: &str,
) -> Stored<bool> {
    Ok(tx
        .first(
            "SELECT 1 FROM paymux_inbox
             WHERE reference = ?1 AND kind = 'payout' AND provider = ?2 AND gateway_id = ?3 LIMIT 1",
            values![reference.as_str(), provider.as_str(), bare],
        )?
        .is_some())
}
