//! Webhooks of which nobody knows what they tell: shown, counted, and taken off by a person.

use paymux_core::{ErrorKind, InvoiceStatus, RawWebhook, WebhookKind};
use paymux_ledger::{Cause, EntityKind, Export, ExportFormat, ExportSubject, Received};

use crate::engines::on_each_engine;
use crate::shop::Shop;

#[test]
fn what_nobody_knows_is_counted_by_kind_and_taken_off_by_a_person() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let nameless = RawWebhook::new(r#"{"key":"k1"}"#).with_header("x-sign", "genuine");
        shop.receive(&nameless).await;
        shop.receive(&shop.teller.notice("T1", InvoiceStatus::Processing))
            .await;
        shop.wait(5);
        let settled = shop.teller.notice("T1", InvoiceStatus::Settled);
        shop.receive(&settled).await;
        assert_eq!(shop.work().await.unmatched, 3);
        let counts = shop.ledger.count_unmatched().await.unwrap();
        let told: Vec<(WebhookKind, u64)> = counts
            .iter()
            .map(|count| (count.kind, count.notices))
            .collect();
        assert_eq!(told, [(WebhookKind::Invoice, 2), (WebhookKind::Other, 1)]);
        let unmatched = shop.ledger.unmatched(0, 10).await.unwrap();
        assert_eq!(counts[0].oldest, unmatched[1].received_at);

        let number = unmatched[2].number;
        for (who, why) in [("", "looked"), ("ann", " ")] {
            let error = shop.ledger.dismiss(number, who, why).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
        shop.ledger
            .dismiss(number, "ann", "sold at the counter")
            .await
            .unwrap();
        for gone in [number, 4711] {
            let error = shop
                .ledger
                .dismiss(gone, "bob", "me too")
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
        let counts = shop.ledger.count_unmatched().await.unwrap();
        assert_eq!(counts[0].notices, 1);

        // It is remembered, and not taken in any more.
        assert_eq!(shop.receive(&settled).await, Received::Duplicate);
        assert_eq!(shop.sell("order-1").await, "T1");
        assert_eq!(shop.work().await.applied, 1);
        assert_eq!(shop.status("order-1").await, "processing");

        let name = format!("webhook:{number}");
        let history = shop.ledger.history(&name).await.unwrap();
        assert_eq!(history[0].kind, EntityKind::Webhook);
        let [line] = history[0].lines.as_slice() else {
            panic!("{history:?}");
        };
        assert_eq!(line.cause, Cause::Person);
        assert_eq!(line.who.as_deref(), Some("ann"));
        assert_eq!(line.why.as_deref(), Some("sold at the counter"));
        assert_eq!(line.detail.as_deref(), Some("of eu: invoice T1"));
        let mut out = Vec::new();
        let export = Export::new(ExportSubject::History, ExportFormat::Csv);
        shop.ledger.export(&export, &mut out).await.unwrap();
        let csv = String::from_utf8(out).unwrap();
        assert!(csv.contains(&format!(",webhook,{name},person,")), "{csv}");
    });
}

#[test]
fn a_webhook_that_was_taken_in_cannot_be_dismissed() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell_and_be_paid("order-1").await;
        let error = shop.ledger.dismiss(1, "ann", "noise").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(shop.status("order-1").await, "settled");
    });
}
