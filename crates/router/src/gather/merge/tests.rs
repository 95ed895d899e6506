use paymux_core::powers::find_asset;
use paymux_core::{InvoiceId, InvoiceSnapshot, InvoiceStatus};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const TOKEN: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";

fn entry(symbol: &str, network: &str, contract: Option<&str>, id: &str) -> CatalogAsset {
    let asset = Asset::new(symbol)
        .unwrap()
        .with_network(network.parse().ok())
        .with_contract(contract.map(str::to_owned));
    CatalogAsset::new(asset, id)
}

fn ids(entries: Vec<CatalogAsset>) -> Vec<String> {
    assets(entries)
        .into_iter()
        .map(|entry| entry.provider_id)
        .collect()
}

#[test]
fn one_contract_is_one_asset_however_it_is_written() {
    let lower = TOKEN.to_ascii_lowercase();
    let merged = ids(vec![
        entry("USDT", "ethereum", Some(TOKEN), "eu:1"),
        entry("usdt", "ethereum", Some(&lower), "us:1"),
        entry("TetherUSD", "ethereum", Some(TOKEN), "us:2"),
        entry("USDT", "bsc", Some(TOKEN), "us:3"),
        entry("USDT", "ethereum", Some("0x00"), "us:4"),
    ]);
    assert_eq!(merged, ["eu:1", "us:3", "us:4"]);
    // Case tells addresses apart on Tron.
    let merged = ids(vec![
        entry("USDT", "tron", Some("TA"), "eu:1"),
        entry("USDT", "tron", Some("Ta"), "us:1"),
    ]);
    assert_eq!(merged, ["eu:1", "us:1"]);
}

#[test]
fn what_one_does_not_tell_is_taken_from_the_other() {
    let mut known = entry("USDT", "tron", Some("TA"), "us:1");
    known.asset.decimals = Some(6);
    for entries in [
        vec![entry("USDT", "tron", None, "eu:1"), known.clone()],
        vec![known.clone(), entry("usdt", "tron", None, "eu:1")],
    ] {
        let first = entries[0].provider_id.clone();
        let merged = assets(entries);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].provider_id, first);
        assert_eq!(merged[0].asset.contract.as_deref(), Some("TA"));
        assert_eq!(merged[0].asset.decimals, Some(6));
    }
    // A coin has no contract to be told; a token of its name is another thing.
    let merged = ids(vec![
        entry("TRX", "tron", None, "eu:1"),
        entry("TRX", "tron", Some("TFake"), "us:1"),
    ]);
    assert_eq!(merged, ["eu:1", "us:1"]);
}

proptest! {
    /// The law of core: each full name finds the one entry that has it.
    #[test]
    fn every_full_name_finds_one_entry(
        picks in proptest::collection::vec(
            (
                select(vec!["USDT", "usdt", "TRX", "Tether"]),
                select(vec!["tron", "ethereum", "nowhere"]),
                select(vec![None, Some("TA"), Some("TB"), Some("ta")]),
            ),
            0..12,
        ),
    ) {
        let entries: Vec<CatalogAsset> = picks
            .iter()
            .enumerate()
            .map(|(number, (symbol, network, contract))| {
                entry(symbol, network, *contract, &number.to_string())
            })
            .collect();
        let merged = assets(entries.clone());
        for entry in &merged {
            if let Some(name) = entry.asset.caip19() {
                prop_assert_eq!(find_asset(&merged, &name).unwrap(), entry);
            }
        }
        for entry in &entries {
            let is_there = merged.iter().any(|kept| kept.asset.answers_to(&entry.asset.name())
                || entry.asset.caip19().is_some_and(|name| kept.asset.answers_to(&name)));
            prop_assert!(is_there, "{entry:?} is lost");
        }
    }
}

fn found(id: &str, minute: Option<u32>) -> InvoiceSnapshot {
    let mut snapshot = InvoiceSnapshot::new(
        "eu".parse().unwrap(),
        InvoiceId::received(id),
        InvoiceStatus::Pending,
    );
    snapshot.created_at =
        minute.map(|minute| format!("2026-03-17T09:{minute:02}:00Z").parse().unwrap());
    snapshot
}

fn page(
    items: Vec<InvoiceSnapshot>,
    pages: Option<u32>,
    total: Option<u64>,
) -> Page<InvoiceSnapshot> {
    Page {
        items,
        page: Some(2),
        pages,
        total,
        failures: Vec::new(),
    }
}

#[test]
fn pages_are_merged_by_time_and_counted_where_all_count() {
    let merged = pages(
        vec![
            page(
                vec![found("a", Some(5)), found("b", None)],
                Some(3),
                Some(20),
            ),
            page(
                vec![found("c", Some(7)), found("d", Some(1))],
                Some(2),
                Some(11),
            ),
        ],
        2,
        Vec::new(),
    );
    let order: Vec<&str> = merged.items.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(order, ["c", "a", "d", "b"]);
    assert_eq!(
        (merged.page, merged.pages, merged.total),
        (Some(2), Some(3), Some(31))
    );
    let merged = pages(
        vec![
            page(Vec::new(), None, None),
            page(Vec::new(), Some(2), Some(1)),
        ],
        1,
        Vec::new(),
    );
    assert_eq!((merged.pages, merged.total), (None, None));
}
