//! An invoice that a gateway has is only taken for what was asked for when it is the same.

use std::sync::atomic::Ordering;

use paymux_core::{InvoiceId, InvoiceSnapshot, InvoiceStatus, PaymentProvider as _};
use paymux_ledger::{EventKind, InvoiceState};

use crate::adopting::differences;
use crate::engines::on_each_engine;
use crate::gateway::{Gateway, Step};
use crate::invoices::invoice;
use crate::shop::Shop;

#[test]
fn an_invoice_with_another_price_is_not_the_orders() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let gateway = Gateway::new().then(Step::MakeAndLose);
        shop.ledger
            .create_invoice(&gateway, &invoice("order-1", "5 USD"))
            .await
            .unwrap_err();
        shop.events().await;
        let mut told = InvoiceSnapshot::new(
            shop.teller.name().clone(),
            InvoiceId::received("T9"),
            InvoiceStatus::Settled,
        );
        told.order_id = Some("order-1".parse().unwrap());
        told.price = Some("0.01 USD".parse().unwrap());
        shop.receive(&shop.teller.notice_of(&told)).await;
        for _ in 0..2 {
            let worked = shop.work().await;
            assert_eq!((worked.applied, worked.unmatched), (0, 1));
            shop.wait(24 * 60 * 60);
        }
        let held = shop.ledger.invoices(&"order-1".parse().unwrap()).await;
        let held = held.unwrap().remove(0);
        assert_eq!((held.state, held.id), (InvoiceState::Abandoned, None));
        let kinds: Vec<EventKind> = shop.events().await.iter().map(|e| e.kind).collect();
        assert_eq!(kinds, [EventKind::InvoiceContradiction]);
        let found = differences(&shop, "order-1").await;
        assert_eq!(found.len(), 1);
        assert!(
            found[0].3.contains("price 0.01 USD instead of 5 USD"),
            "{found:?}"
        );

        // Recovery finds it by the order, and compares it too.
        shop.teller.lists.store(true, Ordering::SeqCst);
        shop.teller.set_invoice("T9", InvoiceStatus::Settled);
        shop.teller
            .change_invoice("T9", |known| *known = told.clone());
        let report = shop.ledger.recover(&shop.providers).await.unwrap();
        assert!(
            report.open[0].reason.contains("price 0.01 USD"),
            "{report:?}"
        );
        // The right one ends the doubt.
        told.price = Some("5.00 USD".parse().unwrap());
        shop.receive(&shop.teller.notice_as(&told, "second")).await;
        // With it the first, whose invoice is known by its id now.
        assert_eq!(shop.work().await.applied, 2);
        assert_eq!(shop.status("order-1").await, "settled");
    });
}

#[test]
fn an_id_that_an_error_told_is_given_up_where_it_is_another_orders() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let gateway = Gateway::new().then(Step::LoseWithId("T9"));
        shop.ledger
            .create_invoice(&gateway, &invoice("order-1", "5 USD"))
            .await
            .unwrap_err();
        assert!(shop.ledger.in_doubt().await.unwrap().is_empty());
        let mut told = InvoiceSnapshot::new(
            shop.teller.name().clone(),
            InvoiceId::received("T9"),
            InvoiceStatus::Settled,
        );
        told.order_id = Some("order-2".parse().unwrap());
        shop.receive(&shop.teller.notice_of(&told)).await;
        assert_eq!(shop.work().await.unmatched, 1);
        let doubts = shop.ledger.in_doubt().await.unwrap();
        let why = doubts[0].why.as_ref().unwrap();
        assert!(why.contains("order order-2 instead of order-1"), "{why}");
    });
}
