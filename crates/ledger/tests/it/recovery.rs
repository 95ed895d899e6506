//! What a crash or a lost answer left in doubt is listed, found out, or settled by a person.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::{
    ErrorKind, InvoiceStatus, ManualClock, PayoutId, PayoutStatus, ProviderName, Providers,
};
use paymux_ledger::{Cause, EntityKind, InvoiceState, LedgerSettings, PayoutState, Settlement};
use tokio::sync::Semaphore;

use crate::engines::on_each_engine;
use crate::gateway::{Gateway, Step};
use crate::invoices::invoice;
use crate::payouts::payout;

fn providers(gateway: &Arc<Gateway>) -> Providers {
    let mut providers = Providers::new();
    providers.add(Arc::clone(gateway) as _).unwrap();
    providers
}

#[test]
fn a_payout_whose_id_is_known_is_read_at_its_gateway() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Arc::new(Gateway::new().then(Step::MakeAndTellId));
        let request = payout("ref-1", "1");
        ledger.create_payout(&*gateway, &request).await.unwrap_err();
        let doubts = ledger.in_doubt().await.unwrap();
        assert_eq!(doubts.len(), 1);
        assert_eq!(doubts[0].id.as_deref(), Some("P1"));
        assert_eq!(doubts[0].why.as_deref(), Some("the answer was lost"));
        let report = ledger.recover(&providers(&gateway)).await.unwrap();
        assert!(report.open.is_empty(), "{report:?}");
        assert_eq!(report.resolved[0].id, "P1");
        assert_eq!(report.resolved[0].status, "pending");
        assert!(ledger.in_doubt().await.unwrap().is_empty());
        let made = ledger.create_payout(&*gateway, &request).await.unwrap();
        assert_eq!(made.id.as_str(), "P1");
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn an_id_that_is_another_payouts_settles_nothing() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Arc::new(Gateway::new());
        ledger
            .create_payout(&*gateway, &payout("other", "2"))
            .await
            .unwrap();
        gateway.next(Step::LoseWithId("P1"));
        ledger
            .create_payout(&*gateway, &payout("ref-1", "1"))
            .await
            .unwrap_err();
        let report = ledger.recover(&providers(&gateway)).await.unwrap();
        assert!(report.resolved.is_empty());
        assert!(
            report.open[0]
                .reason
                .contains("belongs to the payout other"),
            "{report:?}"
        );
    });
}

#[test]
fn what_nobody_can_find_waits_for_a_person_who_is_named_in_its_history() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Arc::new(
            Gateway::new()
                .then(Step::MakeAndLose)
                .then(Step::MakeAndLose),
        );
        for reference in ["was-made", "was-not"] {
            ledger
                .create_payout(&*gateway, &payout(reference, "1"))
                .await
                .unwrap_err();
        }
        let report = ledger.recover(&providers(&gateway)).await.unwrap();
        assert_eq!(report.open.len(), 2);
        assert!(report.open[0].reason.contains("a person has to tell"));

        let made = Settlement::Made {
            provider: ProviderName::from_static("eu"),
            id: PayoutId::received("P1"),
        };
        let reference = "was-made".parse().unwrap();
        for (who, why) in [("", "looked"), ("ann", " ")] {
            let error = ledger
                .settle(&reference, made.clone(), who, why)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
        ledger
            .settle(
                &reference,
                made.clone(),
                "ann",
                "it is in the gateway's list",
            )
            .await
            .unwrap();
        // Once more is no harm; the other way round is.
        ledger
            .settle(&reference, made, "bob", "me too")
            .await
            .unwrap();
        let error = ledger
            .settle(&reference, Settlement::NotMade, "bob", "no")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let told = ledger
            .create_payout(&*gateway, &payout("was-made", "1"))
            .await
            .unwrap();
        assert_eq!(told.status, PayoutStatus::Pending);
        assert_eq!(told.amount.unwrap().to_string(), "1 USDT@tron");

        let reference = "was-not".parse().unwrap();
        let taken = Settlement::Made {
            provider: ProviderName::from_static("eu"),
            id: PayoutId::received("P1"),
        };
        let error = ledger
            .settle(&reference, taken, "ann", "wrong line")
            .await
            .unwrap_err();
        assert!(error.message().contains("belongs to the payout was-made"));
        ledger
            .settle(&reference, Settlement::NotMade, "ann", "not in the list")
            .await
            .unwrap();
        let sent = ledger
            .create_payout(&*gateway, &payout("was-not", "1"))
            .await
            .unwrap();
        assert_eq!(sent.id.as_str(), "P3");

        let history = ledger.history("was-not").await.unwrap();
        let person: Vec<_> = history[0]
            .lines
            .iter()
            .filter(|line| line.cause == Cause::Person)
            .collect();
        assert_eq!(person.len(), 1);
        assert_eq!(person[0].who.as_deref(), Some("ann"));
        assert_eq!(person[0].why.as_deref(), Some("not in the list"));
        assert_eq!(person[0].was.as_deref(), Some("in_doubt"));
        assert_eq!(person[0].became.as_deref(), Some("not_sent"));
    });
}

#[test]
fn a_refused_payout_is_freed_by_a_person_and_a_running_one_by_nobody() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let refused = paymux_core::Outcome::Rejected;
        let gateway = Gateway::new()
            .then(Step::Fail(ErrorKind::InsufficientFunds, refused))
            .then(Step::Hold(Arc::new(Semaphore::new(0))));
        let request = payout("ref-1", "1");
        ledger.create_payout(&gateway, &request).await.unwrap_err();
        ledger
            .settle(&request.reference, Settlement::NotMade, "ann", "topped up")
            .await
            .unwrap();
        let mut call = Box::pin(ledger.create_payout(&gateway, &request));
        while gateway.calls() < 2 {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        let error = ledger
            .settle(&request.reference, Settlement::NotMade, "ann", "hurry")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InProgress);
    });
}

#[test]
fn calls_of_a_dead_process_are_listed_and_invoices_are_found_by_their_order() {
    on_each_engine(|database| async move {
        let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
        let settings = || LedgerSettings::new().with_clock(Arc::new(clock.clone()));
        let dying = database.open_with(settings()).await;
        let ledger = database.open_with(settings()).await;
        let gateway = Arc::new(Gateway::new());
        let request = invoice("order-1", "5 USD");
        // A process that dies: its call is neither polled nor dropped any more.
        for number in 0..2 {
            gateway.next(Step::MakeAndHang);
            let (dying, provider, request) = (dying.clone(), Arc::clone(&gateway), request.clone());
            let mut call = async move {
                if number == 0 {
                    let _ = dying.create_invoice(&*provider, &request).await;
                } else {
                    let _ = dying.create_payout(&*provider, &payout("ref-1", "1")).await;
                }
            }
            .boxed();
            while gateway.calls() <= number {
                assert!((&mut call).now_or_never().is_none());
                tokio::task::yield_now().await;
            }
            std::mem::forget(call);
        }
        let report = ledger.recover(&providers(&gateway)).await.unwrap();
        assert!(report.open.is_empty(), "{report:?}");
        let running = &report.running;
        let kinds: Vec<EntityKind> = running.iter().map(|call| call.kind).collect();
        assert_eq!(kinds, [EntityKind::Payout, EntityKind::Invoice]);
        assert_eq!(running[0].reference, Some("ref-1".parse().unwrap()));
        assert_eq!(running[1].order_id, Some(request.order_id.clone()));
        let lease_until = running[0].lease_until.unwrap();
        assert!(lease_until > running[0].since);

        clock.advance(Duration::from_secs(61));
        assert!(ledger.running().await.unwrap().is_empty());
        let doubts = ledger.in_doubt().await.unwrap();
        let kinds: Vec<EntityKind> = doubts.iter().map(|doubt| doubt.kind).collect();
        assert_eq!(kinds, [EntityKind::Payout, EntityKind::Invoice]);
        assert_eq!(doubts[1].order_id, Some(request.order_id.clone()));

        let report = ledger.recover(&providers(&gateway)).await.unwrap();
        assert_eq!(report.open.len(), 1, "{report:?}");
        assert_eq!(report.resolved[0].id, "T1");
        // It is the order's invoice again.
        let told = ledger.create_invoice(&*gateway, &request).await.unwrap();
        assert_eq!(told.id.as_str(), "T1");
        assert_eq!(told.order_id, Some(request.order_id.clone()));
        let records = ledger.invoices(&request.order_id).await.unwrap();
        assert_eq!(records[0].state, InvoiceState::Made);
        let record = ledger.payout(&"ref-1".parse().unwrap()).await.unwrap();
        assert_eq!(record.unwrap().state, PayoutState::InDoubt);
    });
}

#[test]
fn an_order_whose_invoice_is_over_gets_a_new_one_and_a_paid_one_is_kept() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        for (status, is_over) in [
            (InvoiceStatus::Pending, false),
            (InvoiceStatus::Processing, false),
            (InvoiceStatus::Confirmed, false),
            (InvoiceStatus::Settled, false),
            (InvoiceStatus::Expired, true),
            (InvoiceStatus::Invalid, true),
            (InvoiceStatus::Canceled, true),
        ] {
            let gateway = Arc::new(Gateway::named(status.as_str()).then(Step::MakeAndLose));
            let request = invoice(&format!("order-{status}"), "5 USD");
            ledger
                .create_invoice(&*gateway, &request)
                .await
                .unwrap_err();
            gateway.set_invoices(status);
            let report = ledger.recover(&providers(&gateway)).await.unwrap();
            assert_eq!(report.resolved[0].status, status.as_str());
            let told = ledger.create_invoice(&*gateway, &request).await.unwrap();
            let sent = gateway.invoices();
            if is_over {
                assert_eq!(told.id.as_str(), "T2");
                let id = sent[1].order_id.as_ref().unwrap();
                assert_eq!(id.as_str(), format!("order-{status}~2"));
            } else {
                assert_eq!(told.id.as_str(), "T1");
                assert_eq!(sent.len(), 1);
            }
            assert_eq!(told.order_id, Some(request.order_id));
        }
    });
}
