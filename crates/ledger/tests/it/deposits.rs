//! Money that came to a permanent address: an event for each proven webhook, once, in order.

use std::sync::Mutex;

use futures_util::FutureExt as _;
use paymux_core::{
    AssetAmount, DepositSnapshot, DepositStatus, Destination, PaymentProvider as _, Proof,
    RawWebhook, WebhookKind,
};
use paymux_ledger::{EventKind, HandlerError, LedgerEvent, Received, WorkSettings};

use crate::engines::on_each_engine;
use crate::shop::Shop;
use crate::teller::Teller;

fn deposit(shop: &Shop, id: &str, address: &str, status: DepositStatus) -> DepositSnapshot {
    let mut told = DepositSnapshot::new(shop.teller.name().clone(), status);
    told.id = Some(id.to_owned());
    told.amount = Some(AssetAmount::new(
        "12.5".parse().unwrap(),
        "USDT@tron".parse().unwrap(),
    ));
    told.destination = (!address.is_empty()).then(|| Destination::new(address, None));
    told
}

#[test]
fn each_webhook_of_a_deposit_is_one_event_however_often_it_comes() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        for (number, status) in [
            DepositStatus::Confirming,
            DepositStatus::Confirmed,
            DepositStatus::Credited,
        ]
        .into_iter()
        .enumerate()
        {
            let told = deposit(&shop, "D1", "TPermanent", status);
            let webhook = shop.teller.deposit_notice(&told, &format!("D1/{number}"));
            assert_eq!(shop.receive(&webhook).await, Received::Stored);
            assert_eq!(shop.receive(&webhook).await, Received::Duplicate);
        }
        let nowhere = deposit(&shop, "D2", "", DepositStatus::Credited);
        shop.receive(&shop.teller.deposit_notice(&nowhere, "D2/0"))
            .await;
        let worked = shop.work().await;
        assert_eq!((worked.applied, worked.unmatched), (4, 0));
        shop.wait(24 * 60 * 60);
        assert_eq!(shop.work().await.applied, 0);
        assert!(shop.ledger.unmatched(0, 10).await.unwrap().is_empty());

        let events = shop.events().await;
        let of = |id: &str| -> Vec<(u64, String)> {
            let of_it = events.iter().filter(|event| {
                event.deposit.as_ref().and_then(|told| told.id.as_deref()) == Some(id)
            });
            of_it
                .map(|event| (event.sequence, event.became.clone()))
                .collect()
        };
        let words = ["confirming", "confirmed", "credited"].map(str::to_owned);
        let expected: Vec<(u64, String)> = (1..).zip(words).collect();
        assert_eq!(of("D1"), expected);
        assert_eq!(of("D2"), [(1, "credited".to_owned())]);
        let last = events.iter().find(|event| event.sequence == 3).unwrap();
        let json = serde_json::to_value(last).unwrap();
        assert_eq!(json["type"], "deposit.changed");
        assert_eq!(json["deposit"]["destination"]["address"], "TPermanent");
        assert_eq!(json["deposit"]["amount"]["amount"], "12.5");
        assert!(shop.events().await.is_empty());
    });
}

#[test]
fn events_of_one_address_wait_for_each_other_and_those_of_others_do_not() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        // The ids sort in another way than they came, and hex is the same in any case.
        for (number, (id, address)) in [
            ("D9", "0xAbCd"),
            ("D10", "0xaBcD"),
            ("D8", "0xabcd"),
            ("D7", "TOther"),
        ]
        .into_iter()
        .enumerate()
        {
            let told = deposit(&shop, id, address, DepositStatus::Credited);
            shop.receive(&shop.teller.deposit_notice(&told, &number.to_string()))
                .await;
        }
        shop.work().await;
        let seen = Mutex::new(Vec::new());
        let handler = |event: LedgerEvent| {
            let id = event.deposit.unwrap().id.unwrap();
            let first = id == "D9" && !seen.lock().unwrap().contains(&id);
            seen.lock().unwrap().push(id);
            let end = if first {
                Err(HandlerError::from("not now"))
            } else {
                Ok(())
            };
            std::future::ready(end).boxed()
        };
        let delivered = shop.ledger.deliver_once(&handler).await.unwrap();
        assert_eq!((delivered.delivered, delivered.failed), (1, 1));
        shop.wait(60);
        shop.ledger.deliver_once(&handler).await.unwrap();
        let seen = seen.into_inner().unwrap();
        let of_address: Vec<&str> = seen
            .iter()
            .map(String::as_str)
            .filter(|id| *id != "D7")
            .collect();
        assert_eq!(of_address, ["D9", "D9", "D10", "D8"]);
    });
}

#[test]
fn workers_that_share_an_address_number_its_events_without_a_gap() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let other = shop.another_ledger().await;
        let webhooks: Vec<RawWebhook> = (0..150)
            .map(|number| {
                let id = format!("D{number}");
                let told = deposit(&shop, &id, "TShared", DepositStatus::Credited);
                shop.teller.deposit_notice(&told, &id)
            })
            .collect();
        futures_util::future::join_all(webhooks.iter().map(|webhook| shop.receive(webhook))).await;
        let (one, two) = tokio::join!(
            shop.ledger.work_once(&shop.providers),
            other.work_once(&shop.providers)
        );
        assert_eq!(one.unwrap().applied + two.unwrap().applied, 150);
        let events = shop.events().await;
        let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, (1..=150).collect::<Vec<u64>>());
    });
}

#[test]
fn a_weak_proof_of_a_deposit_is_kept_apart_unless_it_is_enough() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Weak).await;
        let told = deposit(&shop, "D1", "TPermanent", DepositStatus::Credited);
        let webhook = shop.teller.deposit_notice(&told, "D1");
        shop.receive(&webhook).await;
        let worked = shop.work().await;
        assert_eq!((worked.applied, worked.unmatched), (0, 1));
        assert!(shop.events().await.is_empty());
        let unmatched = shop.ledger.unmatched(0, 10).await.unwrap();
        assert_eq!(unmatched[0].kind, WebhookKind::Deposit);
    });
    on_each_engine(|database| async move {
        let shop = Shop::open_with(database, Teller::proving(Proof::Weak), |settings| {
            settings.with_work(WorkSettings::new().with_read_back(false))
        })
        .await;
        let told = deposit(&shop, "D1", "TPermanent", DepositStatus::Credited);
        shop.receive(&shop.teller.deposit_notice(&told, "D1")).await;
        shop.work().await;
        assert_eq!(shop.events().await[0].kind, EventKind::DepositChanged);
    });
}
