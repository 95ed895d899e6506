//! A payout that a gateway has is only taken for what was asked for when it is the same.

use std::sync::atomic::Ordering;

use paymux_core::attempts::{Attempt, AttemptEnd, Permission};
use paymux_core::{
    AssetAmount, Destination, Error, ErrorKind, Outcome, PaymentProvider as _, PayoutId,
    PayoutSnapshot, PayoutStatus, Proof, ProviderName,
};
use paymux_ledger::{Cause, EventKind, PayoutRecord, PayoutState, Settlement};

use crate::engines::{Database, on_each_engine};
use crate::gateway::{Gateway, Step};
use crate::payouts::payout;
use crate::shop::Shop;

/// A shop whose payout `ref-1` of 2.50 USDT@tron is in doubt: the gateway has it as `P1`.
async fn in_doubt(database: Database, proof: Proof) -> Shop {
    let shop = Shop::proving(database, proof).await;
    shop.teller.loses_payouts.store(true, Ordering::SeqCst);
    shop.ledger
        .create_payout(&*shop.teller, &payout("ref-1", "2.50"))
        .await
        .unwrap_err();
    shop.events().await;
    shop
}

async fn record(shop: &Shop) -> PayoutRecord {
    let record = shop.ledger.payout(&"ref-1".parse().unwrap()).await;
    record.unwrap().unwrap()
}

/// The details of its history that say that something is another one, with cause, proof and person.
pub(crate) async fn differences(
    shop: &Shop,
    id: &str,
) -> Vec<(Cause, Option<Proof>, Option<String>, String)> {
    let history = shop.ledger.history(id).await.unwrap();
    let lines = history.into_iter().flat_map(|entity| entity.lines);
    lines
        .filter_map(|line| {
            let detail = line.detail.filter(|text| text.contains("another one"))?;
            Some((line.cause, line.proof, line.who, detail))
        })
        .collect()
}

fn made(id: &str) -> Settlement {
    Settlement::Made {
        provider: ProviderName::from_static("eu"),
        id: PayoutId::received(id),
    }
}

fn amount(text: &str) -> Option<AssetAmount> {
    let (amount, asset) = text.split_once(' ').unwrap();
    Some(AssetAmount::new(
        amount.parse().unwrap(),
        asset.parse().unwrap(),
    ))
}

#[test]
fn a_weak_notice_whose_payout_is_another_one_settles_no_doubt() {
    type Change = fn(&mut PayoutSnapshot);
    let changes: [(Change, &str); 3] = [
        (
            |known| known.amount = amount("9 USDT@tron"),
            "amount 9 instead of 2.5",
        ),
        (
            |known| known.amount = amount("2.5 TRX@tron"),
            "asset TRX@tron instead of USDT@tron",
        ),
        (
            |known| known.destination = Some(Destination::new("TSomebodyElse", None)),
            "destination TSomebodyElse instead of TDestination",
        ),
    ];
    for (change, says) in changes {
        on_each_engine(|database| async move {
            let shop = in_doubt(database, Proof::Weak).await;
            shop.teller.change_payout("P1", change);
            let notice = shop
                .teller
                .payout_notice("P1", PayoutStatus::Completed, Some("ref-1"));
            shop.receive(&notice).await;
            for _ in 0..3 {
                let worked = shop.work().await;
                assert_eq!((worked.applied, worked.unmatched), (0, 1));
                shop.wait(24 * 60 * 60);
            }
            let held = record(&shop).await;
            assert_eq!((held.state, &held.id), (PayoutState::InDoubt, &None));
            assert!(held.payout.is_none());
            let found = differences(&shop, "ref-1").await;
            let [(cause, proof, None, detail)] = found.as_slice() else {
                panic!("{found:?}");
            };
            assert_eq!((*cause, *proof), (Cause::ReadBack, Some(Proof::Weak)));
            assert!(
                detail.contains("payout P1") && detail.contains(says),
                "{detail}"
            );
            let kinds: Vec<EventKind> = shop.events().await.iter().map(|e| e.kind).collect();
            assert_eq!(kinds, [EventKind::PayoutContradiction]);

            // It is shown, with what differs, whether or not the gateway can be asked.
            let doubts = shop.ledger.in_doubt().await.unwrap();
            assert!(doubts[0].why.as_ref().unwrap().contains(says));
            let report = shop.ledger.recover(&shop.providers).await.unwrap();
            assert!(report.resolved.is_empty());
            assert!(report.open[0].reason.contains(says), "{report:?}");
            assert_eq!(differences(&shop, "ref-1").await.len(), 1);
            let again = shop
                .ledger
                .create_payout(&*shop.teller, &payout("ref-1", "2.50"))
                .await
                .unwrap_err();
            assert_eq!(again.kind(), ErrorKind::Conflict);
            assert!(again.may_have_executed());
        });
    }
}

#[test]
fn a_notice_is_compared_by_what_it_tells_and_the_right_one_ends_the_doubt() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        let mut told = PayoutSnapshot::new(
            shop.teller.name().clone(),
            PayoutId::received("P7"),
            PayoutStatus::Processing,
        );
        told.amount = amount("25 USDT@tron");
        shop.receive(&shop.teller.payout_notice_of(&told, Some("ref-1")))
            .await;
        shop.work().await;
        assert_eq!(record(&shop).await.state, PayoutState::InDoubt);
        let unmatched = shop.ledger.unmatched(0, 10).await.unwrap();
        assert_eq!(unmatched[0].gateway_id.as_deref(), Some("P7"));

        told.id = PayoutId::received("P1");
        told.amount = amount("2.500 USDT@tron");
        told.destination = Some(Destination::new(
            "TDestination",
            Some("tron".parse().unwrap()),
        ));
        shop.receive(&shop.teller.payout_notice_of(&told, Some("ref-1")))
            .await;
        assert_eq!(shop.work().await.applied, 1);
        let held = record(&shop).await;
        assert_eq!(held.state, PayoutState::Made);
        assert_eq!(held.id.unwrap().as_str(), "P1");
        assert_eq!(differences(&shop, "ref-1").await.len(), 1);
    });
}

#[test]
fn what_the_gateway_has_under_an_unsent_reference_is_in_doubt_and_not_sent() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let gateway = Gateway::new().then(Step::Fail(ErrorKind::Unavailable, Outcome::NotSent));
        let request = payout("ref-1", "2.50");
        shop.ledger
            .create_payout(&gateway, &request)
            .await
            .unwrap_err();
        shop.receive(&another(&shop)).await;
        shop.work().await;
        let held = record(&shop).await;
        assert_eq!((held.state, held.id), (PayoutState::InDoubt, None));
        let error = shop
            .ledger
            .create_payout(&gateway, &request)
            .await
            .unwrap_err();
        assert!(error.may_have_executed());
        assert_eq!(gateway.calls(), 1);
        assert_eq!(shop.ledger.in_doubt().await.unwrap().len(), 1);
    });
}

/// The webhook that tells of a payout of 25 USDT@tron under `ref-1`.
fn another(shop: &Shop) -> paymux_core::RawWebhook {
    let mut told = PayoutSnapshot::new(
        shop.teller.name().clone(),
        PayoutId::received("P7"),
        PayoutStatus::Completed,
    );
    told.amount = amount("25 USDT@tron");
    shop.teller.payout_notice_of(&told, Some("ref-1"))
}

#[test]
fn what_was_told_while_a_payout_was_being_sent_counts_when_its_call_failed() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let log = shop.ledger.attempt_log();
        let request = payout("ref-1", "2.50");
        let begun = log
            .before(Attempt::payout(shop.teller.name(), &request))
            .await;
        let Permission::Granted(id) = begun.unwrap() else {
            panic!("it was made before");
        };
        shop.receive(&another(&shop)).await;
        shop.work().await;
        assert_eq!(record(&shop).await.state, PayoutState::Running);
        let error = Error::new(ErrorKind::Unavailable, Outcome::NotSent, "down");
        log.after(id, AttemptEnd::Failed(&error)).await.unwrap();
        assert_eq!(record(&shop).await.state, PayoutState::NotSent);
        shop.wait(24 * 60 * 60);
        shop.work().await;
        assert_eq!(record(&shop).await.state, PayoutState::InDoubt);
    });
}

#[test]
fn a_person_who_saw_the_difference_and_frees_the_reference_is_followed() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        shop.receive(&another(&shop)).await;
        shop.work().await;
        shop.ledger
            .settle(
                &"ref-1".parse().unwrap(),
                Settlement::NotMade,
                "ann",
                "P7 is not ours",
            )
            .await
            .unwrap();
        for _ in 0..3 {
            shop.wait(24 * 60 * 60);
            shop.work().await;
            assert_eq!(record(&shop).await.state, PayoutState::NotSent);
        }
    });
}

#[test]
fn recovery_compares_what_it_reads() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let gateway = Gateway::new().then(Step::LoseWithId("P1"));
        // The gateway's P1 is somebody's, and not known here.
        shop.teller.loses_payouts.store(true, Ordering::SeqCst);
        let foreign = payout("elsewhere", "2.50");
        let _ = shop.teller.payouts().unwrap().create_payout(&foreign).await;
        shop.teller.change_payout("P1", |known| {
            known.destination = Some(Destination::new("TSomebodyElse", None));
        });
        shop.ledger
            .create_payout(&gateway, &payout("ref-1", "2.50"))
            .await
            .unwrap_err();
        let report = shop.ledger.recover(&shop.providers).await.unwrap();
        assert!(report.resolved.is_empty());
        let reason = &report.open[0].reason;
        assert!(reason.contains("destination TSomebodyElse"), "{reason}");
        assert_eq!(differences(&shop, "ref-1").await[0].0, Cause::Recovery);
        assert_eq!(record(&shop).await.state, PayoutState::InDoubt);
    });
}

#[test]
fn a_person_who_names_another_payout_is_not_followed() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        let reference = "ref-1".parse().unwrap();
        let foreign = payout("elsewhere", "7");
        let _ = shop.teller.payouts().unwrap().create_payout(&foreign).await;

        // Read at the gateway.
        let providers = &shop.providers;
        let error = shop
            .ledger
            .settle_checked(providers, &reference, made("P2"), "ann", "same day")
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Conflict, Outcome::NotSent)
        );
        assert!(
            error.message().contains("amount 7 instead of 2.5"),
            "{error}"
        );
        let found = differences(&shop, "ref-1").await;
        assert_eq!(found[0].0, Cause::Person);
        assert_eq!(found[0].2.as_deref(), Some("ann"));
        let error = shop
            .ledger
            .settle_checked(providers, &reference, made("P9"), "ann", "typo")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(record(&shop).await.state, PayoutState::InDoubt);

        // Told by a webhook that nobody knew what to do with.
        let mut told = shop.teller.set_payout("P2", PayoutStatus::Completed);
        told.amount = amount("7 USDT@tron");
        shop.receive(&shop.teller.payout_notice_of(&told, None))
            .await;
        shop.work().await;
        let error = shop
            .ledger
            .settle(&reference, made("P2"), "ann", "same day")
            .await
            .unwrap_err();
        assert!(error.message().contains("another one"), "{error}");
        assert_eq!(record(&shop).await.state, PayoutState::InDoubt);

        shop.teller.set_payout("P1", PayoutStatus::Completed);
        shop.ledger
            .settle_checked(providers, &reference, made("P1"), "ann", "found it")
            .await
            .unwrap();
        let held = record(&shop).await;
        assert_eq!(held.state, PayoutState::Made);
        assert_eq!(held.payout.unwrap().status, PayoutStatus::Completed);
    });
}

#[test]
fn a_persons_word_holds_until_the_gateway_says_otherwise() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        let reference = "ref-1".parse().unwrap();
        shop.ledger
            .settle(&reference, made("P2"), "ann", "same day")
            .await
            .unwrap();
        assert_eq!(record(&shop).await.state, PayoutState::Made);
        let mut told = PayoutSnapshot::new(
            shop.teller.name().clone(),
            PayoutId::received("P2"),
            PayoutStatus::Completed,
        );
        told.amount = amount("7 USDT@tron");
        shop.receive(&shop.teller.payout_notice_of(&told, None))
            .await;
        shop.work().await;
        let held = record(&shop).await;
        assert_eq!((held.state, held.id), (PayoutState::InDoubt, None));
        assert!(held.error.unwrap().contains("amount 7 instead of 2.5"));
        let events = shop.events().await;
        let became: Vec<&str> = events.iter().map(|event| event.became.as_str()).collect();
        assert_eq!(became, ["pending", "in_doubt"]);
    });
}

#[test]
fn a_poll_that_reads_another_payout_takes_a_persons_word_back() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        let foreign = payout("elsewhere", "7");
        let _ = shop.teller.payouts().unwrap().create_payout(&foreign).await;
        shop.ledger
            .settle(&"ref-1".parse().unwrap(), made("P2"), "ann", "same day")
            .await
            .unwrap();
        shop.wait(120);
        assert_eq!(shop.work().await.polled, 1);
        let held = record(&shop).await;
        assert_eq!((held.state, held.id), (PayoutState::InDoubt, None));
        let found = differences(&shop, "ref-1").await;
        assert_eq!(found[0].0, Cause::Poll);
        shop.wait(24 * 60 * 60);
        assert_eq!(shop.work().await.polled, 0);
    });
}

#[test]
fn a_person_who_saw_the_difference_and_names_the_payout_is_followed() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        let reference = "ref-1".parse().unwrap();
        // The gateway tells the amount with its fee.
        shop.teller
            .change_payout("P1", |known| known.amount = amount("2.6 USDT@tron"));
        for (why, state) in [
            ("the bank's list", PayoutState::InDoubt),
            ("0.1 is the fee", PayoutState::Made),
        ] {
            shop.ledger
                .settle(&reference, made("P1"), "ann", why)
                .await
                .unwrap();
            shop.wait(120);
            assert_eq!(shop.work().await.polled, 1);
            assert_eq!(record(&shop).await.state, state, "{why}");
        }
        shop.teller.set_payout("P1", PayoutStatus::Completed);
        shop.wait(24 * 60 * 60);
        shop.work().await;
        let held = record(&shop).await;
        assert_eq!(held.payout.unwrap().status, PayoutStatus::Completed);
        assert_eq!(differences(&shop, "ref-1").await.len(), 1);

        // What was not seen before is another matter.
        let other = payout("ref-2", "4");
        let _ = shop.ledger.create_payout(&*shop.teller, &other).await;
        let reference = "ref-2".parse().unwrap();
        for told in ["4.1 USDT@tron", "5 USDT@tron"] {
            shop.teller
                .change_payout("P2", |known| known.amount = amount(told));
            shop.ledger
                .settle(&reference, made("P2"), "ann", "the fee")
                .await
                .unwrap();
            shop.wait(120);
            shop.work().await;
            let held = shop.ledger.payout(&reference).await.unwrap().unwrap();
            assert_eq!(held.state, PayoutState::InDoubt, "{told}");
        }
    });
}

#[test]
fn a_reference_that_a_gateway_leaves_empty_is_not_another_one() {
    on_each_engine(|database| async move {
        let shop = in_doubt(database, Proof::Signed).await;
        shop.teller.change_payout("P1", |known| {
            known.reference = Some(paymux_core::Reference::received(""));
        });
        let reference = "ref-1".parse().unwrap();
        shop.ledger
            .settle_checked(&shop.providers, &reference, made("P1"), "ann", "found it")
            .await
            .unwrap();
        assert_eq!(record(&shop).await.state, PayoutState::Made);
    });
}
