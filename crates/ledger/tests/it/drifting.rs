//! The drift report: what both sides say of a day.

use std::sync::atomic::Ordering;

use paymux_core::{Clock as _, InvoiceStatus, PayoutStatus};
use paymux_ledger::DriftKind;

use crate::engines::on_each_engine;
use crate::payouts::payout;
use crate::shop::Shop;

#[test]
fn what_agrees_is_clean_and_what_differs_is_named() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let day = shop.clock.now().date_naive();
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(shop.sell(&format!("order-{number}")).await);
        }
        for reference in ["ref-1", "ref-2"] {
            let request = payout(reference, "2");
            shop.ledger
                .create_payout(&*shop.teller, &request)
                .await
                .unwrap();
        }
        let report = shop.ledger.drift(&shop.providers, day).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(report.compared, 7);

        shop.teller.set_invoice(&ids[0], InvoiceStatus::Settled);
        shop.teller
            .change_invoice(&ids[1], |made| made.set_received("1.5".parse().unwrap()));
        shop.teller.forget_invoice(&ids[2]);
        shop.teller.set_payout("P2", PayoutStatus::Failed);
        shop.teller.loses_payouts.store(true, Ordering::SeqCst);
        let lost = shop
            .ledger
            .create_payout(&*shop.teller, &payout("ref-3", "1"))
            .await;
        lost.unwrap_err();
        for lists in [false, true] {
            // Another shop's invoice on the same account: only a list shows it.
            shop.teller.set_invoice("T99", InvoiceStatus::Pending);
            let at = shop.clock.now();
            for id in ["T99", &ids[0]] {
                shop.teller
                    .change_invoice(id, |made| made.created_at = Some(at));
            }
            shop.teller.lists.store(lists, Ordering::SeqCst);
            let report = shop.ledger.drift(&shop.providers, day).await.unwrap();
            let mut found: Vec<(DriftKind, String)> = report
                .drifts
                .iter()
                .map(|drift| {
                    let name = drift.order_id.as_ref().map(ToString::to_string);
                    let name = name.or_else(|| drift.reference.as_ref().map(ToString::to_string));
                    (
                        drift.kind,
                        name.or_else(|| drift.gateway_id.clone()).unwrap(),
                    )
                })
                .collect();
            found.sort();
            let mut expected = vec![
                (DriftKind::Status, "order-0".to_owned()),
                (DriftKind::Status, "ref-2".to_owned()),
                (DriftKind::MissingThere, "order-2".to_owned()),
                (DriftKind::InDoubt, "ref-3".to_owned()),
            ];
            if lists {
                expected.push((DriftKind::MissingHere, "T99".to_owned()));
            }
            expected.sort();
            assert_eq!(found, expected, "{report:?}");
        }
        let yesterday = day.pred_opt().unwrap();
        let report = shop.ledger.drift(&shop.providers, yesterday).await.unwrap();
        assert_eq!(report.compared, 0);
    });
}

#[test]
fn a_gateway_that_is_down_is_part_of_the_report() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell("order-1").await;
        shop.teller.set_down(true);
        shop.teller.lists.store(true, Ordering::SeqCst);
        let day = shop.clock.now().date_naive();
        let report = shop.ledger.drift(&shop.providers, day).await.unwrap();
        let kinds: Vec<DriftKind> = report.drifts.iter().map(|drift| drift.kind).collect();
        assert_eq!(kinds, [DriftKind::NotCompared, DriftKind::NotCompared]);
    });
}
