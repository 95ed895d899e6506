//! Whether what a gateway tells of is what was asked for: nothing else is ever adopted. What it does
//! not tell differs from nothing.

use paymux_core::{AssetName, Destination, InvoiceSnapshot, PayoutSnapshot, address, decimal};

use crate::invoices::{InvoiceRow, bare_invoice_id};
use crate::payouts::{PayoutRow, PayoutState, bare_payout_id};
use crate::terms::PayoutTerms;

/// Says what differs where a gateway tells of an invoice that would become this row's, and is another
/// one. Nothing where it is known to be the row's.
pub(super) fn another_invoice(row: &InvoiceRow, seen: &InvoiceSnapshot) -> Option<String> {
    if row.snapshot.is_some() {
        return None;
    }
    let asked = &row.request.terms;
    let price = seen.price.as_ref().filter(|told| **told != asked.price);
    let price = price.map(|told| format!("price {told} instead of {}", asked.price));
    let due = seen.due.as_ref().and_then(|due| due.asset.as_ref());
    let asset = asked.asset.as_ref().zip(due);
    let asset = asset.and_then(|(asked, told)| other_asset(asked, told));
    said(price.into_iter().chain(asset)).map(|differences| {
        let bare = bare_invoice_id(&seen.id, &seen.provider);
        let provider = &seen.provider;
        format!("{provider}'s invoice {bare} is another one: {differences}")
    })
}

/// As [`another_invoice`], of a payout.
pub(super) fn another_payout(row: &PayoutRow, seen: &PayoutSnapshot) -> Option<String> {
    if row.state == PayoutState::Made {
        return None;
    }
    let asked = &row.request.terms;
    let reference = seen.reference.as_ref();
    let reference = reference.filter(|told| **told != row.reference);
    let reference = reference.map(|told| format!("reference {told} instead of {}", row.reference));
    let told = seen.amount.as_ref();
    let amount = told.filter(|told| told.amount != asked.amount).map(|told| {
        let (told, asked) = (decimal::plain(told.amount), decimal::plain(asked.amount));
        format!("amount {told} instead of {asked}")
    });
    let asset = told.and_then(|told| other_asset(&asked.asset, told.asset.as_ref()?));
    let to = seen.destination.iter();
    let to = to.flat_map(|told| other_destination(asked, told));
    let differences = reference.into_iter().chain(amount).chain(asset).chain(to);
    said(differences).map(|differences| {
        let bare = bare_payout_id(&seen.id, &seen.provider);
        let provider = &seen.provider;
        format!("{provider}'s payout {bare} is another one: {differences}")
    })
}

fn said(differences: impl Iterator<Item = String>) -> Option<String> {
    let differences: Vec<String> = differences.collect();
    (!differences.is_empty()).then(|| differences.join(", "))
}

/// A symbol and a CAIP-19 name can be compared by their networks alone.
fn other_asset(asked: &AssetName, told: &AssetName) -> Option<String> {
    let is_other_network = asked
        .network()
        .zip(told.network())
        .is_some_and(|(asked, told)| asked != told);
    let is_other_token = match (asked.symbol(), told.symbol()) {
        (Some(asked), Some(told)) => !asked.eq_ignore_ascii_case(told),
        // A contract of the EVM is the same in any case of its letters.
        (None, None) => !asked.to_string().eq_ignore_ascii_case(&told.to_string()),
        _ => false,
    };
    (is_other_network || is_other_token).then(|| format!("asset {told} instead of {asked}"))
}

fn other_destination(asked: &PayoutTerms, told: &Destination) -> Vec<String> {
    // What the gateway keeps under a name, such as `payment-method:7`, is no address to compare.
    let is_address = |text: &str| !text.is_empty() && !text.contains(':');
    let is_other = is_address(&asked.to)
        && is_address(&told.address)
        && !address::is_same(&told.address, &asked.to);
    let address = is_other.then(|| format!("destination {} instead of {}", told.address, asked.to));
    let memo = told.memo.as_deref().filter(|memo| !memo.is_empty());
    let memo = memo.filter(|memo| asked.memo.as_deref() != Some(*memo));
    let memo = memo.map(|memo| {
        let asked = asked.memo.as_deref().unwrap_or("none");
        format!("memo {memo} instead of {asked}")
    });
    address.into_iter().chain(memo).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAIP19: &str = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";

    #[test]
    fn an_asset_is_another_one_where_both_names_say_so() {
        let other =
            |asked: &str, told: &str| other_asset(&asked.parse().unwrap(), &told.parse().unwrap());
        for (asked, told) in [
            ("USDT@tron", "USDT@tron"),
            ("USDT", "USDT@tron"),
            ("USDT@ethereum", CAIP19),
        ] {
            assert_eq!(other(asked, told), None);
        }
        for (asked, told) in [
            ("USDT@tron", "USDT@ethereum"),
            ("USDT", "USDC"),
            ("USDT@tron", CAIP19),
        ] {
            assert_eq!(
                other(asked, told).unwrap(),
                format!("asset {told} instead of {asked}")
            );
        }
    }
}
