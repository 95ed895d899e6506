//! Webhooks whose proof is a call that failed: kept within bounds, believed only when proven.

use std::time::Duration;

use paymux_core::{Clock as _, ErrorKind, InvoiceStatus, Proof, RawWebhook, WebhookVerdict};
use paymux_ledger::{QuarantineBounds, Received, WorkSettings};

use crate::engines::{Database, on_each_engine};
use crate::shop::{Shop, moves};
use crate::teller::{Teller, forged};

async fn shop_with(database: Database, bounds: QuarantineBounds) -> Shop {
    Shop::open_with(database, Teller::proving(Proof::Checked), |settings| {
        settings.with_work(WorkSettings::new().with_quarantine(bounds))
    })
    .await
}

#[test]
fn what_cannot_be_proven_now_is_proven_later() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Checked).await;
        let id = shop.sell("order-1").await;
        shop.events().await;
        shop.teller.set_down(true);
        let webhook = shop.teller.notice(&id, InvoiceStatus::Settled);
        let receipt = shop.ledger.receive(&*shop.teller, &webhook).await;
        assert_eq!(receipt.received, Received::Quarantined);
        assert_eq!(receipt.verdict(), WebhookVerdict::Accepted);
        assert_eq!(receipt.error.unwrap().kind(), ErrorKind::Unavailable);
        // The same one again takes no more room.
        shop.receive(&webhook).await;
        let waiting = shop.ledger.quarantined(0, 10).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].why.as_deref(), Some("the gateway is down"));
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_inbox"), 0);

        shop.wait(3);
        assert_eq!(shop.work().await.failed, 1);
        assert_eq!(shop.status("order-1").await, "pending");
        shop.teller.set_down(false);
        shop.wait(3);
        let worked = shop.work().await;
        assert_eq!((worked.proven, worked.applied), (1, 1));
        assert_eq!(moves(&shop.events().await), ["pending -> settled"]);
        assert!(shop.ledger.quarantined(0, 10).await.unwrap().is_empty());
        assert_eq!(
            shop.count("SELECT notices + bytes FROM paymux_quarantine_size"),
            0
        );
    });
}

#[test]
fn a_webhook_comes_out_of_quarantine_as_it_went_in() {
    on_each_engine(|database| async move {
        let shop = Shop::proving(database, Proof::Checked).await;
        let id = shop.sell("order-1").await;
        shop.teller.set_down(true);
        // A doubled signature is refused; that has to be seen after the quarantine too.
        let webhook = shop.teller.notice(&id, InvoiceStatus::Settled);
        let strange = webhook
            .clone()
            .with_header("x-bytes", vec![0xff, 0x00, b'a']);
        assert_eq!(shop.receive(&strange).await, Received::Quarantined);
        shop.teller.set_down(false);
        shop.wait(3);
        assert_eq!(shop.work().await.proven, 1);
        assert_eq!(shop.receive(&webhook).await, Received::Duplicate);
    });
}

#[test]
fn no_more_than_so_many_wait() {
    on_each_engine(|database| async move {
        let shop = shop_with(database, QuarantineBounds::new().with_notices(3)).await;
        shop.teller.set_down(true);
        let notice = |number: usize| {
            let id = format!("T{number}");
            shop.teller.notice(&id, InvoiceStatus::Settled)
        };
        let webhooks: Vec<RawWebhook> = (0..10).map(notice).collect();
        let received = futures_util::future::join_all(webhooks.iter().map(|one| shop.receive(one)));
        let received = received.await;
        let kept = |what| {
            received
                .iter()
                .filter(|received| **received == what)
                .count()
        };
        assert_eq!(kept(Received::Quarantined), 3);
        assert_eq!(kept(Received::NotStored), 7);
        let receipt = shop.ledger.receive(&*shop.teller, &notice(11)).await;
        assert_eq!(receipt.verdict(), WebhookVerdict::TryAgain);
        assert!(
            receipt
                .error
                .unwrap()
                .message()
                .contains("no more than 3 webhooks")
        );
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_quarantine"), 3);
    });
}

#[test]
fn no_more_than_so_many_bytes_wait() {
    on_each_engine(|database| async move {
        let shop = shop_with(database, QuarantineBounds::new().with_bytes(4000)).await;
        shop.teller.set_down(true);
        let webhook = |size: usize| {
            RawWebhook::new(vec![b'x'; size])
                .with_path_and_query(format!("/{size}"))
                .with_header("x-sign", "genuine")
        };
        assert_eq!(shop.receive(&webhook(3000)).await, Received::Quarantined);
        assert_eq!(shop.receive(&webhook(1500)).await, Received::NotStored);
        assert_eq!(shop.receive(&webhook(500)).await, Received::Quarantined);
        assert!(shop.count("SELECT bytes FROM paymux_quarantine_size") <= 4000);
        assert_eq!(
            shop.count("SELECT CAST(SUM(bytes) AS BIGINT) FROM paymux_quarantine"),
            shop.count("SELECT bytes FROM paymux_quarantine_size")
        );
    });
}

#[test]
fn what_nobody_can_prove_in_time_and_what_turns_out_forged_is_dropped() {
    on_each_engine(|database| async move {
        let bounds = QuarantineBounds::new().with_age(Duration::from_secs(3600));
        let shop = shop_with(database, bounds).await;
        shop.teller.set_down(true);
        shop.receive(&shop.teller.notice("T1", InvoiceStatus::Settled))
            .await;
        shop.wait(1800);
        assert_eq!(shop.work().await.dropped, 0);
        shop.wait(1900);
        assert_eq!(shop.work().await.dropped, 1);

        // Genuine by its look, and not readable: it waits; nothing of it is ever taken in.
        let unreadable = RawWebhook::new("{")
            .with_header("x-sign", "genuine")
            .with_received_at(shop.clock.now());
        shop.receive(&unreadable).await;
        shop.teller.set_down(false);
        shop.wait(10);
        assert_eq!(shop.work().await.failed, 1);
        assert_eq!(shop.count("SELECT COUNT(*) FROM paymux_inbox"), 0);
        assert_eq!(shop.receive(&forged(&unreadable)).await, Received::Refused);
    });
}
