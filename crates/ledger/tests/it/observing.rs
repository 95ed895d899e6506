//! What an application reads at a gateway itself goes into the ledger.

use std::sync::atomic::Ordering;

use paymux_core::transition::Change;
use paymux_core::{
    AssetAmount, Destination, ErrorKind, InvoiceId, InvoiceSnapshot, InvoiceStatus, PayoutId,
    PayoutSnapshot, PayoutStatus, ProviderName, Reference,
};
use paymux_ledger::{Cause, EventKind, InvoiceState, PayoutState};

use crate::engines::{Database, on_each_engine};
use crate::gateway::{Gateway, Step};
use crate::invoices::invoice;
use crate::payouts::payout;
use crate::shop::{Shop, moves};

/// What the gateway tells of a payout.
fn told(id: &str, status: PayoutStatus) -> PayoutSnapshot {
    let provider = ProviderName::from_static("eu");
    PayoutSnapshot::new(provider, PayoutId::received(id), status)
}

/// A shop of which the answer to a payout was lost: 1 USDT@tron under the reference `ref-1`.
async fn in_doubt(database: Database) -> Shop {
    let shop = Shop::open(database).await;
    shop.teller.loses_payouts.store(true, Ordering::SeqCst);
    let request = payout("ref-1", "1");
    let lost = shop.ledger.create_payout(&*shop.teller, &request).await;
    lost.unwrap_err();
    shop
}

async fn state(shop: &Shop, reference: &str) -> PayoutState {
    let record = shop.ledger.payout(&Reference::received(reference)).await;
    record.unwrap().unwrap().state
}

#[test]
fn a_change_is_one_line_and_one_event() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        let read = shop.teller.set_invoice(&id, InvoiceStatus::Processing);
        for expected in [Change::Moved, Change::Unchanged] {
            let change = shop.ledger.observe_invoice(&read).await.unwrap();
            assert_eq!(change, Some(expected));
        }
        assert_eq!(moves(&shop.events().await), ["pending -> processing"]);
        let history = shop.ledger.history("order-1").await.unwrap();
        let last = history[0].lines.last().unwrap();
        assert_eq!(last.cause, Cause::Poll);
        assert_eq!(last.became.as_deref(), Some("processing"));

        // A router's id names its owner; what was read before others learnt more takes nothing back.
        let mut late = shop.teller.set_invoice(&id, InvoiceStatus::Pending);
        late.id = late.id.owned_by(&late.provider);
        let change = shop.ledger.observe_invoice(&late).await.unwrap();
        assert_eq!(change, Some(Change::Stale));
        assert_eq!(shop.status("order-1").await, "processing");
        assert!(shop.events().await.is_empty());
    });
}

#[test]
fn what_is_not_known_stays_so() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell("order-1").await;
        let mut stranger = InvoiceSnapshot::new(
            ProviderName::from_static("eu"),
            InvoiceId::received("T99"),
            InvoiceStatus::Settled,
        );
        // The order has its invoice: another one of the same order is none of ours.
        stranger.order_id = Some("order-1".parse().unwrap());
        assert_eq!(shop.ledger.observe_invoice(&stranger).await.unwrap(), None);
        let stranger = told("P99", PayoutStatus::Completed);
        assert_eq!(shop.ledger.observe_payout(&stranger).await.unwrap(), None);
        assert_eq!(shop.status("order-1").await, "pending");
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_payouts"), 0);
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_invoices"), 1);
        assert!(shop.events().await.is_empty());
    });
}

#[test]
fn a_payout_moves_to_its_end() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let made = shop
            .ledger
            .create_payout(&*shop.teller, &payout("ref-1", "1"))
            .await
            .unwrap();
        let read = shop
            .teller
            .set_payout(made.id.as_str(), PayoutStatus::Completed);
        let change = shop.ledger.observe_payout(&read).await.unwrap();
        assert_eq!(change, Some(Change::Moved));
        assert_eq!(moves(&shop.events().await), ["pending -> completed"]);
        let read = shop
            .teller
            .set_payout(made.id.as_str(), PayoutStatus::Failed);
        let change = shop.ledger.observe_payout(&read).await.unwrap();
        assert_eq!(change, Some(Change::Contradiction));
    });
}

#[test]
fn a_doubt_ends_under_the_reference_that_the_gateway_tells() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database).await;
        // Nothing says whose it is.
        let nameless = told("P1", PayoutStatus::Processing);
        assert_eq!(shop.ledger.observe_payout(&nameless).await.unwrap(), None);
        assert_eq!(state(&shop, "ref-1").await, PayoutState::InDoubt);

        let mut read = nameless;
        read.reference = Some("ref-1".parse().unwrap());
        read.amount = Some(AssetAmount::new(
            "1.0".parse().unwrap(),
            "USDT".parse().unwrap(),
        ));
        read.destination = Some(Destination::new("TDestination", None));
        let change = shop.ledger.observe_payout(&read).await.unwrap();
        assert_eq!(change, Some(Change::Moved));
        assert_eq!(state(&shop, "ref-1").await, PayoutState::Made);
        let events = moves(&shop.events().await);
        assert_eq!(events, ["running -> in_doubt", "in_doubt -> processing"]);
        let stored = shop
            .ledger
            .create_payout(&*shop.teller, &payout("ref-1", "1"))
            .await
            .unwrap();
        assert_eq!(stored.id.as_str(), "P1");
    });
}

#[test]
fn what_has_other_terms_is_never_adopted() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database).await;
        let amount = |text: &str, asset: &str| {
            Some(AssetAmount::new(
                text.parse().unwrap(),
                asset.parse().unwrap(),
            ))
        };
        let to = |text: &str| Some(Destination::new(text, None));
        for (amount, destination, says) in [
            (
                amount("1.01", "USDT@tron"),
                None,
                "amount 1.01 instead of 1",
            ),
            (amount("1", "USDC@tron"), None, "asset USDC@tron instead of"),
            (amount("1", "USDT@bsc"), None, "asset USDT@bsc instead of"),
            (None, to("TElsewhere"), "destination TElsewhere instead of"),
            (
                None,
                to("TDestination").map(|to| to.with_memo(Some("7".into()))),
                "memo 7 instead of none",
            ),
        ] {
            let mut read = told("P1", PayoutStatus::Completed);
            read.reference = Some("ref-1".parse().unwrap());
            (read.amount, read.destination) = (amount, destination);
            let error = shop.ledger.observe_payout(&read).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Mismatch);
            assert!(error.message().contains(says), "{error}");
            assert_eq!(state(&shop, "ref-1").await, PayoutState::InDoubt);
        }
        let events = shop.events().await;
        let contradictions = events
            .iter()
            .filter(|event| event.kind == EventKind::PayoutContradiction);
        assert_eq!(contradictions.count(), 5);
        assert_eq!(events.len(), 6, "and that it came into doubt");
    });
}

#[test]
fn a_doubt_ends_by_an_id_that_its_call_or_a_webhook_named() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database).await;
        let notice = shop
            .teller
            .payout_notice("P1", PayoutStatus::Pending, Some("ref-1"));
        shop.receive(&notice).await;
        let mut dearer = told("P1", PayoutStatus::Completed);
        dearer.amount = Some(AssetAmount::new(
            "2".parse().unwrap(),
            "USDT@tron".parse().unwrap(),
        ));
        assert_eq!(shop.ledger.observe_payout(&dearer).await.unwrap(), None);
        let read = told("P1", PayoutStatus::Completed);
        let change = shop.ledger.observe_payout(&read).await.unwrap();
        assert_eq!(change, Some(Change::Moved));
        // The webhook is older than what was read.
        shop.work().await;
        let events = moves(&shop.events().await);
        assert_eq!(events, ["running -> in_doubt", "in_doubt -> completed"]);
    });
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::MakeAndTellId);
        let request = payout("ref-1", "1");
        ledger.create_payout(&gateway, &request).await.unwrap_err();
        let elsewhere = PayoutSnapshot::new(
            ProviderName::from_static("us"),
            PayoutId::received("P1"),
            PayoutStatus::Completed,
        );
        assert_eq!(ledger.observe_payout(&elsewhere).await.unwrap(), None);
        let read = told("P1", PayoutStatus::Completed);
        let change = ledger.observe_payout(&read).await.unwrap();
        assert_eq!(change, Some(Change::Moved));
        assert!(ledger.in_doubt().await.unwrap().is_empty());
    });
}

#[test]
fn an_invoice_in_doubt_is_found_by_its_order() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::MakeAndLose);
        let request = invoice("order-1", "5 USD");
        ledger.create_invoice(&gateway, &request).await.unwrap_err();
        let read = gateway.invoices().remove(0);
        let mut dearer = read.clone();
        dearer.price = Some("6 USD".parse().unwrap());
        let error = ledger.observe_invoice(&dearer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(
            error.message().contains("price 6 USD instead of 5 USD"),
            "{error}"
        );

        let change = ledger.observe_invoice(&read).await.unwrap();
        assert_eq!(change, Some(Change::Moved));
        let records = ledger.invoices(&request.order_id).await.unwrap();
        assert_eq!(records[0].state, InvoiceState::Made);
        let again = ledger.create_invoice(&gateway, &request).await.unwrap();
        assert_eq!(again.id, read.id);
        assert_eq!(gateway.calls(), 1);
    });
}
