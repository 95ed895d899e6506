//! One reference is paid at most once, whatever happens.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::{ErrorKind, ManualClock, NewPayout, Outcome, PaymentProvider as _, PayoutStatus};
use paymux_ledger::LedgerSettings;
use tokio::sync::Semaphore;

use crate::engines::on_each_engine;
use crate::gateway::{Gateway, Step};

pub(crate) fn payout(reference: &str, amount: &str) -> NewPayout {
    NewPayout::new(
        reference.parse().unwrap(),
        amount.parse().unwrap(),
        "USDT@tron".parse().unwrap(),
        "TDestination",
    )
}

#[test]
fn fifty_callers_over_two_ledgers_send_once() {
    on_each_engine(|database| async move {
        let settings = || LedgerSettings::new().with_wait(Duration::from_secs(60));
        let ledgers = [
            database.open_with(settings()).await,
            database.open_with(settings()).await,
        ];
        let gateway = Arc::new(Gateway::new());
        let calls = (0..50).map(|number| {
            let (ledger, gateway) = (ledgers[number % 2].clone(), Arc::clone(&gateway));
            tokio::spawn(async move {
                ledger
                    .create_payout(&*gateway, &payout("ref-1", "2.50"))
                    .await
            })
        });
        for told in futures_util::future::join_all(calls).await {
            let told = told.unwrap().unwrap();
            assert_eq!(told.id.as_str(), "P1");
            assert_eq!(told.reference.unwrap().as_str(), "ref-1");
        }
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn many_references_at_once_are_each_sent_once() {
    on_each_engine(|database| async move {
        let ledgers = [database.open().await, database.open().await];
        let gateway = Arc::new(Gateway::new());
        let calls = (0..120).map(|number| {
            let (ledger, gateway) = (ledgers[number % 2].clone(), Arc::clone(&gateway));
            let request = payout(&format!("ref-{}", number / 3), "1");
            tokio::spawn(async move { ledger.create_payout(&*gateway, &request).await })
        });
        for told in futures_util::future::join_all(calls).await {
            told.unwrap().unwrap();
        }
        assert_eq!(gateway.calls(), 40);
    });
}

#[test]
fn the_same_payout_is_told_again_and_another_is_a_conflict() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new();
        let first = ledger
            .create_payout(&gateway, &payout("ref-1", "1.50"))
            .await
            .unwrap();
        // Another provider and zeros at the end make no other payout.
        let other = Gateway::named("us");
        let again = ledger
            .create_payout(&other, &payout("ref-1", "1.5"))
            .await
            .unwrap();
        assert_eq!(again, first);
        for different in [
            payout("ref-1", "1.51"),
            payout("ref-1", "1.5").with_memo("7"),
        ] {
            let error = ledger
                .create_payout(&gateway, &different)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conflict);
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert!(
                error.message().contains("1.5 USDT@tron to TDestination"),
                "{error}"
            );
        }
        assert_eq!((gateway.calls(), other.calls()), (1, 0));
    });
}

#[test]
fn each_failure_has_its_own_answer_to_the_same_request() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        // What fails first; the kind of the second answer, or none where it sends again.
        for (number, (kind, outcome, second)) in [
            (ErrorKind::Unavailable, Outcome::NotSent, None),
            (ErrorKind::RateLimited, Outcome::Rejected, None),
            (
                ErrorKind::InsufficientFunds,
                Outcome::Rejected,
                Some((ErrorKind::InsufficientFunds, Outcome::Rejected)),
            ),
            (
                ErrorKind::Timeout,
                Outcome::Unknown,
                Some((ErrorKind::Conflict, Outcome::Unknown)),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let gateway = Gateway::new().then(Step::Fail(kind, outcome));
            let id = format!("P-{number}");
            gateway.next(Step::As(Box::leak(id.clone().into_boxed_str())));
            let request = payout(&format!("ref-{number}"), "1");
            let error = ledger.create_payout(&gateway, &request).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (kind, outcome));
            assert_eq!(error.reference(), Some(&request.reference));
            let again = ledger.create_payout(&gateway, &request).await;
            match second {
                None => {
                    assert_eq!(again.unwrap().id.as_str(), id);
                    assert_eq!(gateway.calls(), 2);
                }
                Some(expected) => {
                    let again = again.unwrap_err();
                    assert_eq!((again.kind(), again.outcome()), expected);
                    assert_eq!(gateway.calls(), 1, "{kind} was sent again");
                }
            }
        }
    });
}

#[test]
fn a_running_payout_is_waited_for_or_in_progress() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let impatient = database
            .open_with(LedgerSettings::new().with_wait(Duration::ZERO))
            .await;
        let permits = Arc::new(Semaphore::new(0));
        let gateway = Arc::new(Gateway::new().then(Step::Hold(Arc::clone(&permits))));
        let request = payout("ref-1", "1");
        let first = {
            let (ledger, gateway, request) =
                (ledger.clone(), Arc::clone(&gateway), request.clone());
            tokio::spawn(async move { ledger.create_payout(&*gateway, &request).await })
        };
        while gateway.calls() == 0 {
            tokio::task::yield_now().await;
        }
        let error = impatient
            .create_payout(&*gateway, &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InProgress);
        assert!(error.may_have_executed());
        let second = {
            let (gateway, request) = (Arc::clone(&gateway), request.clone());
            tokio::spawn(async move { ledger.create_payout(&*gateway, &request).await })
        };
        tokio::task::yield_now().await;
        permits.add_permits(1);
        assert_eq!(
            first.await.unwrap().unwrap(),
            second.await.unwrap().unwrap()
        );
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn a_caller_that_goes_away_leaves_doubt() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let permits = Arc::new(Semaphore::new(0));
        let gateway = Gateway::new().then(Step::Hold(permits));
        let request = payout("ref-1", "1");
        let mut call = Box::pin(ledger.create_payout(&gateway, &request));
        while gateway.calls() == 0 {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(call);
        let error = ledger.create_payout(&gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.may_have_executed());
        assert_eq!(error.provider(), Some(gateway.name()));
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn a_caller_that_goes_away_before_anything_is_sent_leaves_the_reference_free() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new();
        let request = payout("ref-1", "1");
        for _ in 0..20 {
            // Polled once: the intent is under way, and nobody waits for it.
            let mut call = Box::pin(ledger.create_payout(&gateway, &request));
            assert!((&mut call).now_or_never().is_none());
            drop(call);
        }
        let made = ledger.create_payout(&gateway, &request).await.unwrap();
        assert_eq!(made.id.as_str(), "P1");
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn a_process_that_dies_leaves_doubt_after_its_lease() {
    on_each_engine(|database| async move {
        let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
        let settings = || {
            LedgerSettings::new()
                .with_clock(Arc::new(clock.clone()))
                .with_wait(Duration::ZERO)
        };
        let dying = database.open_with(settings()).await;
        let ledger = database.open_with(settings()).await;
        let permits = Arc::new(Semaphore::new(0));
        let gateway = Arc::new(Gateway::new().then(Step::Hold(Arc::clone(&permits))));
        let request = payout("ref-1", "1");
        // From here on it is not polled any more, as in a process that stands still.
        let mut call = {
            let (gateway, request) = (Arc::clone(&gateway), request.clone());
            async move { dying.create_payout(&*gateway, &request).await }.boxed()
        };
        while gateway.calls() == 0 {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(60));
        let error = ledger.create_payout(&*gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InProgress);
        clock.advance(Duration::from_secs(1));
        let error = ledger.create_payout(&*gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.may_have_executed());
        assert_eq!(gateway.calls(), 1);

        // It was alive after all: what it learnt ends the doubt.
        permits.add_permits(1);
        let made = call.await.unwrap();
        assert_eq!(made.status, PayoutStatus::Pending);
        let told = ledger.create_payout(&*gateway, &request).await.unwrap();
        assert_eq!(told.id, made.id);
        assert_eq!(gateway.calls(), 1);
    });
}

#[test]
fn two_references_cannot_share_one_payout() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::As("P7")).then(Step::As("P7"));
        ledger
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
        let error = ledger
            .create_payout(&gateway, &payout("ref-2", "1"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(error.may_have_executed());
        assert!(
            error.message().contains("belongs to the payout ref-1"),
            "{error}"
        );
        let again = ledger
            .create_payout(&gateway, &payout("ref-2", "1"))
            .await
            .unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Conflict);
        assert_eq!(gateway.calls(), 2);
    });
}

#[test]
fn what_no_gateway_can_do_leaves_no_trace() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new();
        let error = ledger
            .create_payout(&gateway, &payout("ref-1", "0"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        // The reference is still free for what was meant.
        ledger
            .create_payout(&gateway, &payout("ref-1", "1"))
            .await
            .unwrap();
    });
}
