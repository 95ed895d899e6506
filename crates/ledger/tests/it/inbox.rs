//! Webhooks: stored before they are answered, taken in once, in any order.

use std::sync::Arc;

use paymux_core::{
    ErrorKind, InvoiceSnapshot, InvoiceStatus, PaymentProvider as _, PayoutStatus, Proof,
    RawWebhook, WebhookKind, WebhookVerdict,
};
use paymux_ledger::{Cause, EventKind, PayoutState, Received, WorkSettings};

use crate::engines::on_each_engine;
use crate::invoices::invoice;
use crate::payouts::payout;
use crate::shop::{Shop, moves};
use crate::teller::{Teller, forged};

#[test]
fn a_webhook_moves_its_invoice_once_however_often_it_comes() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        shop.events().await;
        let settled = shop.teller.notice(&id, InvoiceStatus::Settled);
        assert_eq!(shop.receive(&settled).await, Received::Stored);
        assert_eq!(shop.receive(&settled).await, Received::Duplicate);
        assert_eq!(shop.status("order-1").await, "pending");
        assert_eq!(shop.work().await.applied, 1);
        assert_eq!(shop.status("order-1").await, "settled");
        assert_eq!(shop.receive(&settled).await, Received::Duplicate);
        assert_eq!(shop.work().await.applied, 0);

        let events = shop.events().await;
        assert_eq!(moves(&events), ["pending -> settled"]);
        assert_eq!(events[0].order_id.as_ref().unwrap().as_str(), "order-1");
        assert_eq!(
            events[0].invoice.as_ref().unwrap().status,
            InvoiceStatus::Settled
        );
        let history = shop.ledger.history("order-1").await.unwrap();
        let last = history[0].lines.last().unwrap();
        assert_eq!(
            (last.cause, last.proof),
            (Cause::Webhook, Some(Proof::Signed))
        );
        assert_eq!(shop.teller.reads(), 0);
    });
}

#[test]
fn webhooks_that_come_at_the_same_time_are_each_stored_once_and_a_bad_one_fails_alone() {
    on_each_engine(|database| async move {
        let takes_zeros = database.file().is_some();
        let shop = Shop::open(database).await;
        let told = |key: String| {
            let told = InvoiceSnapshot::new(
                "eu".parse().unwrap(),
                paymux_core::InvoiceId::received(key.clone()),
                InvoiceStatus::Settled,
            );
            shop.teller.notice_as(&told, &key)
        };
        // Every one twice; PostgreSQL takes no zero in a text.
        let keys = (0..100).map(|number| match number / 2 {
            33 => "bad \0".to_owned(),
            number => format!("key {number}"),
        });
        let all = keys.map(|key| {
            let notice = told(key);
            let shop = &shop;
            async move { shop.receive(&notice).await }
        });
        let received = futures_util::future::join_all(all).await;
        let count = |what| received.iter().filter(|one| **one == what).count();
        let good = if takes_zeros { 50 } else { 49 };
        assert_eq!(
            (count(Received::Stored), count(Received::Duplicate)),
            (good, good)
        );
        assert_eq!(count(Received::NotStored), 100 - 2 * good);
        let stored = i64::try_from(good).unwrap();
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_inbox"), stored);
    });
}

#[test]
fn many_webhooks_of_known_and_unknown_invoices_are_taken_in_together() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let mut orders = Vec::new();
        for number in 0..40 {
            let order = format!("order-{number}");
            let id = shop.sell(&order).await;
            for status in [InvoiceStatus::Processing, InvoiceStatus::Settled] {
                shop.receive(&shop.teller.notice(&id, status)).await;
            }
            let elsewhere = format!("ELSEWHERE-{number}");
            let elsewhere = shop.teller.notice(&elsewhere, InvoiceStatus::Settled);
            shop.receive(&elsewhere).await;
            orders.push(order);
        }
        shop.events().await;
        let worked = shop.work().await;
        assert_eq!((worked.applied, worked.unmatched), (80, 40));
        for order in orders {
            assert_eq!(shop.status(&order).await, "settled");
        }
        let mut told = moves(&shop.events().await);
        told.sort();
        let half = [
            vec!["pending -> processing"; 40],
            vec!["processing -> settled"; 40],
        ];
        assert_eq!(told, half.concat());
        assert_eq!(shop.work().await.applied, 0);
    });
}

#[test]
fn what_is_late_or_out_of_order_changes_nothing() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let id = shop.sell("order-1").await;
        shop.events().await;
        for status in [
            InvoiceStatus::Settled,
            InvoiceStatus::Processing,
            InvoiceStatus::Confirmed,
            InvoiceStatus::Pending,
        ] {
            shop.receive(&shop.teller.notice(&id, status)).await;
        }
        assert_eq!(shop.work().await.applied, 4);
        assert_eq!(shop.status("order-1").await, "settled");
        assert_eq!(moves(&shop.events().await), ["pending -> settled"]);
    });
}

#[test]
fn a_forged_webhook_leaves_nothing_behind() {
    for proof in [Proof::Signed, Proof::Checked, Proof::Weak] {
        on_each_engine(|database| async move {
            let shop = Shop::proving(database, proof).await;
            let id = shop.sell("order-1").await;
            let webhook = forged(&shop.teller.notice(&id, InvoiceStatus::Settled));
            let receipt = shop.ledger.receive(&*shop.teller, &webhook).await;
            assert_eq!(receipt.received, Received::Refused);
            assert_eq!(receipt.verdict(), WebhookVerdict::Refused);
            assert_eq!(receipt.error.unwrap().kind(), ErrorKind::InvalidSignature);
            assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_inbox"), 0);
            assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_quarantine"), 0);
            assert_eq!(shop.work().await.applied, 0);
        });
    }
}

#[test]
fn a_weak_proof_is_confirmed_by_a_read_and_the_read_counts() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Weak).await;
        let id = shop.sell("order-1").await;
        // Whoever can make the signature says that it is settled; the gateway says it is not.
        shop.receive(&shop.teller.notice(&id, InvoiceStatus::Settled))
            .await;
        shop.work().await;
        assert_eq!(shop.status("order-1").await, "pending");
        shop.teller.set_invoice(&id, InvoiceStatus::Processing);
        shop.receive(&shop.teller.notice(&id, InvoiceStatus::Processing))
            .await;
        shop.work().await;
        assert_eq!(shop.status("order-1").await, "processing");
        assert_eq!(shop.teller.reads(), 2);
        let history = shop.ledger.history("order-1").await.unwrap();
        let last = history[0].lines.last().unwrap();
        assert_eq!(
            (last.cause, last.proof),
            (Cause::ReadBack, Some(Proof::Weak))
        );
    });
}

#[test]
fn a_read_that_fails_is_made_again_later() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Weak).await;
        let id = shop.sell("order-1").await;
        shop.teller.set_invoice(&id, InvoiceStatus::Settled);
        shop.teller.set_down(true);
        shop.receive(&shop.teller.notice(&id, InvoiceStatus::Settled))
            .await;
        let worked = shop.work().await;
        assert_eq!((worked.applied, worked.failed), (0, 1));
        // Not before its time.
        shop.teller.set_down(false);
        assert_eq!(shop.work().await.applied, 0);
        shop.wait(2);
        assert_eq!(shop.work().await.applied, 1);
        assert_eq!(shop.status("order-1").await, "settled");
    });
}

#[test]
fn without_the_policy_a_weak_proof_is_enough() {
    on_each_engine(|database| async move {
        let shop = Shop::open_with(database, Teller::proving(Proof::Weak), |settings| {
            settings.with_work(WorkSettings::new().with_read_back(false))
        })
        .await;
        let id = shop.sell("order-1").await;
        shop.receive(&shop.teller.notice(&id, InvoiceStatus::Settled))
            .await;
        shop.work().await;
        assert_eq!(shop.status("order-1").await, "settled");
        assert_eq!(shop.teller.reads(), 0);
    });
}

#[test]
fn what_nobody_knows_is_kept_apart_and_taken_in_when_it_appears() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        // The webhook overtakes the answer to the creation.
        let webhook = shop.teller.notice("T1", InvoiceStatus::Settled);
        assert_eq!(shop.receive(&webhook).await, Received::Stored);
        let worked = shop.work().await;
        assert_eq!((worked.applied, worked.unmatched), (0, 1));
        let unmatched = shop.ledger.unmatched(0, 10).await.unwrap();
        assert_eq!(unmatched.len(), 1);
        assert_eq!(unmatched[0].kind, WebhookKind::Invoice);
        assert_eq!(unmatched[0].gateway_id.as_deref(), Some("T1"));
        assert_eq!(unmatched[0].body, webhook.body());

        // The clock stands still: the creation has to have woken it.
        assert_eq!(shop.sell("order-1").await, "T1");
        assert_eq!(shop.work().await.applied, 1);
        assert_eq!(shop.status("order-1").await, "settled");
        assert!(shop.ledger.unmatched(0, 10).await.unwrap().is_empty());
    });
}

#[test]
fn what_paymux_has_no_name_for_is_shown() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let webhook = RawWebhook::new(r#"{"key":"k1"}"#).with_header("x-sign", "genuine");
        assert_eq!(shop.receive(&webhook).await, Received::Stored);
        shop.work().await;
        let unmatched = shop.ledger.unmatched(0, 10).await.unwrap();
        assert_eq!(unmatched[0].kind, WebhookKind::Other);
        assert_eq!(unmatched[0].body, webhook.body());
    });
}

#[test]
fn a_webhook_that_tells_the_order_finds_an_invoice_whose_answer_was_lost() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let gateway = crate::gateway::Gateway::new().then(crate::gateway::Step::MakeAndLose);
        shop.ledger
            .create_invoice(&gateway, &invoice("order-1", "5 USD"))
            .await
            .unwrap_err();
        let mut told = InvoiceSnapshot::new(
            shop.teller.name().clone(),
            paymux_core::InvoiceId::received("T9"),
            InvoiceStatus::Settled,
        );
        told.order_id = Some("order-1".parse().unwrap());
        shop.receive(&shop.teller.notice_of(&told)).await;
        assert_eq!(shop.work().await.applied, 1);
        assert_eq!(shop.status("order-1").await, "settled");
        let events = shop.events().await;
        let last = events.last().unwrap();
        assert_eq!(last.became, "settled");
        assert_eq!(last.invoice.as_ref().unwrap().id.as_str(), "T9");
    });
}

#[test]
fn money_for_an_invoice_that_was_replaced_is_an_event_of_its_own() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let first = shop.sell("order-1").await;
        shop.receive(&shop.teller.notice(&first, InvoiceStatus::Expired))
            .await;
        shop.work().await;
        let second = shop.sell("order-1").await;
        assert_ne!(first, second);
        shop.events().await;
        shop.receive(&shop.teller.notice(&first, InvoiceStatus::Settled))
            .await;
        shop.work().await;
        let events = shop.events().await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, EventKind::LatePayment);
        assert_eq!(events[0].attempt, Some(1));
        assert_eq!(events[0].order_id.as_ref().unwrap().as_str(), "order-1");
        assert_eq!(shop.status("order-1").await, "pending");
    });
}

#[test]
fn a_webhook_settles_a_payout_in_doubt_by_its_reference() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.teller
            .loses_payouts
            .store(true, std::sync::atomic::Ordering::SeqCst);
        let request = payout("ref-1", "2.50");
        let lost = shop.ledger.create_payout(&*shop.teller, &request).await;
        assert!(lost.unwrap_err().may_have_executed());
        let webhook = shop
            .teller
            .payout_notice("P1", PayoutStatus::Completed, Some("ref-1"));
        shop.receive(&webhook).await;
        assert_eq!(shop.work().await.applied, 1);
        let record = shop
            .ledger
            .payout(&"ref-1".parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(record.state, PayoutState::Made);
        assert_eq!(record.id.unwrap().as_str(), "P1");
        assert_eq!(record.payout.unwrap().status, PayoutStatus::Completed);
        // The same reference gives it and sends nothing.
        let told = shop
            .ledger
            .create_payout(&*shop.teller, &request)
            .await
            .unwrap();
        assert_eq!(told.status, PayoutStatus::Completed);
        assert!(shop.ledger.in_doubt().await.unwrap().is_empty());
    });
}

#[test]
fn a_full_disk_refuses_a_webhook_and_keeps_what_it_has() {
    let database = crate::engines::Database::sqlite();
    crate::engines::runtime().block_on(async {
        database.open().await;
        let pages = {
            let connection = rusqlite::Connection::open(database.file().unwrap()).unwrap();
            let pages: i64 = connection
                .query_row("PRAGMA page_count", [], |row| row.get(0))
                .unwrap();
            pages + 12
        };
        let url = format!("{}?max_page_count={pages}", database.url);
        let ledger = paymux_ledger::Ledger::open(&url, paymux_ledger::LedgerSettings::new())
            .await
            .unwrap();
        let teller = Arc::new(Teller::new());
        let mut stored = 0;
        let full = loop {
            let mut told = teller.set_invoice(&format!("T{stored}"), InvoiceStatus::Pending);
            told.provider_status = Some("x".repeat(2000));
            let receipt = ledger.receive(&*teller, &teller.notice_of(&told)).await;
            if receipt.received != Received::Stored {
                break receipt;
            }
            stored += 1;
            assert!(stored < 1000);
        };
        assert!(stored > 0);
        assert_eq!(full.verdict(), WebhookVerdict::TryAgain);
        let error = full.error.unwrap();
        assert!(error.message().contains("full"), "{error}");
        let connection = rusqlite::Connection::open(database.file().unwrap()).unwrap();
        let kept: i64 = connection
            .query_row("SELECT COUNT(*) FROM paymux_inbox", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, stored);
    });
}
