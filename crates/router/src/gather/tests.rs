use std::time::Duration;

use paymux_core::scripted::{Act, Operation as Asked, Power};
use paymux_core::{OrderId, Outcome};
use rust_decimal::Decimal;

use super::*;
use crate::testing::{Stage, invoice, name};
use crate::{BreakerSettings, BreakerState};

fn balance(asset: &str, total: u32, available: u32) -> Balance {
    Balance::new(asset.parse().unwrap(), total.into(), available.into())
}

#[test]
fn search_merges_the_newest_first_and_tells_who_failed() {
    let mut stage = Stage::new(&["eu", "us", "asia", "mute"]);
    stage.gateways[3] = stage.gateways[3].clone().without(Power::Search);
    for (minute, owner) in ["eu", "us", "eu", "asia"].into_iter().enumerate() {
        stage.clock.advance(Duration::from_secs(60 * minute as u64));
        let gateway = stage.gateway(owner);
        stage.run(gateway.create_invoice(&invoice())).unwrap();
    }
    let router = stage.router();
    let mut query = InvoiceQuery::default();
    query.order_id = Some(OrderId::new("order-1").unwrap());
    let page = stage.run(router.search_invoices(&query)).unwrap();
    let owners: Vec<&str> = page
        .items
        .iter()
        .map(|found| found.snapshot().provider.as_str())
        .collect();
    assert_eq!(owners, ["asia", "eu", "us", "eu"]);
    assert!(page.items[0].id().as_str().starts_with("asia:"));
    assert_eq!(
        (page.page, page.pages, page.total),
        (Some(1), Some(1), Some(4))
    );
    assert!(page.failures.is_empty());

    stage.gateway("us").script(
        Asked::SearchInvoices,
        [Act::not_sent(ErrorKind::Unavailable)],
    );
    stage
        .gateway("asia")
        .script(Asked::SearchInvoices, [Act::hangs()]);
    let page = stage.run(router.search_invoices(&query)).unwrap();
    assert_eq!(page.items.len(), 2);
    assert_eq!(page.total, None, "what is missing was not counted");
    let failed: Vec<_> = page
        .failures
        .iter()
        .map(|failure| (failure.provider.as_str(), failure.kind))
        .collect();
    assert_eq!(
        failed,
        [("us", ErrorKind::Unavailable), ("asia", ErrorKind::Timeout)]
    );
}

#[test]
fn when_nobody_answers_it_is_an_error() {
    let stage = Stage::new(&["eu", "us"]);
    stage.gateway("eu").script(
        Asked::FetchBalances,
        [Act::rejected(ErrorKind::Unsupported)],
    );
    stage
        .gateway("us")
        .script(Asked::FetchBalances, [Act::rejected(ErrorKind::Permission)]);
    let error = stage.run(stage.router().fetch_balances(None)).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Permission, Outcome::Rejected)
    );
    assert_eq!(error.provider(), Some(&name("us")));
    assert_eq!(error.operation(), Some("fetch_balances"));
}

#[test]
fn balances_are_added_up_by_name() {
    let stage = Stage::new(&["eu", "us"]);
    let eu = vec![balance("USDT@tron", 10, 7), balance("TRX@tron", 1, 1)];
    stage.gateway("eu").set_balances(eu);
    let us = vec![balance("USDT@tron", 5, 5), balance("USDT", 2, 0)];
    stage.gateway("us").set_balances(us);
    let router = stage.router();
    let all = stage.run(router.fetch_balances(None)).unwrap();
    assert_eq!(
        all.items,
        [
            balance("TRX@tron", 1, 1),
            balance("USDT", 2, 0),
            balance("USDT@tron", 15, 12)
        ]
    );

    // A provider without the asset is no failure where another has it.
    stage.gateway("us").script(
        Asked::FetchBalances,
        [Act::rejected(ErrorKind::Unsupported)],
    );
    let asset = "USDT@tron".parse().unwrap();
    let one = stage.run(router.fetch_balances(Some(&asset))).unwrap();
    assert_eq!(one.items, [balance("USDT@tron", 10, 7)]);
    assert!(one.failures.is_empty());
    stage.gateway("us").script(
        Asked::FetchBalances,
        [Act::rejected(ErrorKind::Unsupported)],
    );
    let all = stage.run(router.fetch_balances(None)).unwrap();
    assert_eq!(all.failures.len(), 1);

    let huge = vec![Balance::new(asset, Decimal::MAX, Decimal::MAX)];
    stage.gateway("us").set_balances(huge);
    let error = stage.run(router.fetch_balances(None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

#[test]
fn the_catalogue_has_each_asset_once_under_the_first_that_has_it() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage.router();
    let merged = stage
        .run(router.assets(CatalogScope::Enabled))
        .unwrap()
        .items;
    let catalog = stage.gateway("eu").catalog().unwrap();
    let alone = stage
        .run(catalog.assets(CatalogScope::Enabled))
        .unwrap()
        .items;
    assert_eq!(merged.len(), alone.len());
    for (merged, alone) in merged.iter().zip(&alone) {
        assert_eq!(merged.asset, alone.asset);
        assert_eq!(merged.provider_id, format!("eu:{}", alone.provider_id));
    }
}

#[test]
fn whoever_is_known_not_to_answer_is_not_waited_for() {
    let stage = Stage::new(&["eu", "us"]);
    let breaker = BreakerSettings::new().with_failures(1);
    let router = stage.builder().with_breaker(breaker).build().unwrap();
    stage.gateway("eu").always(Asked::Assets, Act::hangs());
    stage.run(router.assets(CatalogScope::All)).unwrap();
    let health = router.health().remove(0);
    assert_eq!(
        health.operation(Operation::Assets).unwrap().state,
        BreakerState::Open
    );
    let now = paymux_core::Clock::now(&stage.clock);
    let listed = stage.run(router.assets(CatalogScope::All)).unwrap();
    assert_eq!(paymux_core::Clock::now(&stage.clock), now);
    assert_eq!(listed.failures[0].kind, ErrorKind::Unavailable);
    assert!(listed.failures[0].message.contains("circuit is open"));
    assert_eq!(stage.gateway("eu").calls(Asked::Assets), 1);
}
