//! Lists of several providers as one.

use std::cmp::Reverse;
use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::hash_map::{self, HashMap};

use paymux_core::{
    Asset, AssetName, Balance, CatalogAsset, Error, ErrorKind, Invoice, Outcome, Page,
    PartialFailure, Result,
};

/// Pages of the same number as one, the newest first; what has no time of making comes last.
pub(super) fn pages<T: Invoice>(
    pages: Vec<Page<T>>,
    asked: u32,
    failures: Vec<PartialFailure>,
) -> Page<T> {
    let total = pages
        .iter()
        .try_fold(0u64, |sum, page| sum.checked_add(page.total?));
    let known_pages = pages.iter().map(|page| page.pages);
    let most = known_pages.clone().flatten().max();
    let all_known = known_pages.clone().all(|pages| pages.is_some());
    let mut items: Vec<T> = pages.into_iter().flat_map(|page| page.items).collect();
    items.sort_by_key(|item| Reverse(item.created_at()));
    Page {
        items,
        page: Some(asked),
        pages: most.filter(|_| all_known),
        total: total.filter(|_| failures.is_empty()),
        failures,
    }
}

/// Balances of the same name added up, in the order of their names.
///
/// # Errors
/// `InvalidResponse` when they are too large to count with.
pub(super) fn balances(balances: Vec<Balance>) -> Result<Vec<Balance>> {
    let mut sums: BTreeMap<String, Balance> = BTreeMap::new();
    for balance in balances {
        match sums.entry(balance.asset.to_string()) {
            Entry::Vacant(free) => {
                free.insert(balance);
            }
            Entry::Occupied(mut taken) => {
                let sum = taken.get_mut();
                let added = sum
                    .total
                    .checked_add(balance.total)
                    .zip(sum.available.checked_add(balance.available));
                (sum.total, sum.available) = added.ok_or_else(|| too_large(&balance.asset))?;
            }
        }
    }
    Ok(sums.into_values().collect())
}

fn too_large(asset: &AssetName) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        Outcome::NotSent,
        format!("the balances of {asset} are too large to be added up"),
    )
}

/// Each asset once, where it stood first. Two are the same asset when they have one CAIP-19 name; or one
/// symbol on one network, where one of the two does not tell enough for such a name. What is known of
/// either is kept.
pub(super) fn assets(entries: Vec<CatalogAsset>) -> Vec<CatalogAsset> {
    let mut merged: Vec<CatalogAsset> = Vec::with_capacity(entries.len());
    let mut full_names: HashMap<String, usize> = HashMap::new();
    // Of each short name, the place of the first that has it, of the first without a full name.
    let mut short_names: HashMap<String, usize> = HashMap::new();
    let mut incomplete: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        let short = entry.asset.name().to_string().to_ascii_uppercase();
        let full = full_name(&entry.asset);
        let place = match &full {
            Some(full) => full_names.get(full).or_else(|| incomplete.get(&short)),
            None => short_names.get(&short),
        };
        match place.copied() {
            Some(place) => {
                if let Some(known) = merged.get_mut(place) {
                    complete(&mut known.asset, &entry.asset);
                }
                if let Some(full) = full
                    && let hash_map::Entry::Vacant(free) = full_names.entry(full)
                {
                    free.insert(place);
                    incomplete.remove(&short);
                }
            }
            None => {
                let place = merged.len();
                match full {
                    Some(full) => {
                        full_names.insert(full, place);
                    }
                    None => {
                        incomplete.insert(short.clone(), place);
                    }
                }
                short_names.entry(short).or_insert(place);
                merged.push(entry);
            }
        }
    }
    merged
}

/// The CAIP-19 name in a form in which equal names are equal texts.
fn full_name(asset: &Asset) -> Option<String> {
    let name = asset.caip19()?;
    let is_evm = name
        .network()
        .is_some_and(|network| network.evm_chain_id().is_some());
    let text = name.to_string();
    Some(if is_evm {
        text.to_ascii_lowercase()
    } else {
        text
    })
}

fn complete(known: &mut Asset, other: &Asset) {
    if known.contract.is_none() && !known.is_coin() {
        known.contract.clone_from(&other.contract);
    }
    known.decimals = known.decimals.or(other.decimals);
}

#[cfg(test)]
mod tests;
