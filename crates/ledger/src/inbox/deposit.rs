//! Money that came to a permanent address: each proven webhook is an event.

use chrono::{DateTime, Utc};
use paymux_core::DepositSnapshot;

use super::notice::{Notice, word};
use crate::error::Stored;
use crate::events::{EventKind, LedgerEvent, append, newest_sequence};
use crate::history::EntityKind;
use crate::store::Tx;

/// The address that a deposit came to, as its events are kept in order by. Those of the EVM are the
/// same in any case of their letters.
pub(super) fn address_of(seen: &DepositSnapshot) -> Option<String> {
    let address = &seen.destination.as_ref()?.address;
    let is_hex = address.starts_with("0x") || address.starts_with("0X");
    let address = if is_hex {
        address.to_ascii_lowercase()
    } else {
        address.clone()
    };
    (!address.is_empty()).then_some(address)
}

/// Tells the application what a webhook says of a deposit. The webhook was marked as taken in by this
/// transaction, so this is done once.
pub(super) fn tell(
    tx: &mut dyn Tx,
    notice: &Notice,
    seen: &DepositSnapshot,
    now: DateTime<Utc>,
) -> Stored<()> {
    let place = address_of(seen)
        .or_else(|| seen.id.clone())
        .unwrap_or_else(|| notice.number.to_string());
    let entity = format!("deposit:{}:{place}", notice.provider);
    let event = LedgerEvent {
        sequence: newest_sequence(tx, &entity)? + 1,
        deposit: Some(seen.clone()),
        ..LedgerEvent::new(EventKind::DepositChanged, now, "", &word(&seen.status)?)
    };
    append(tx, EntityKind::Deposit, &entity, &event)
}
