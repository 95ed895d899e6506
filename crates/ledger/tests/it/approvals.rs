//! Payouts above a limit wait for a second person.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use paymux_core::{ErrorKind, ManualClock, NewPayout, Outcome};
use paymux_ledger::{
    ApprovalNeeded, Ledger, LedgerSettings, PayoutLimit, PayoutLimits, PayoutOptions, PayoutState,
};

use crate::engines::{Database, on_each_engine};
use crate::gateway::{Gateway, Step};
use crate::payouts::payout;

fn limits() -> PayoutLimits {
    PayoutLimits::new().for_asset(
        "USDT@tron".parse().unwrap(),
        PayoutLimit::new()
            .per_payout(100.into())
            .per_day(250.into())
            .per_destination_and_day(150.into()),
    )
}

async fn limited(database: &Database) -> (Ledger, ManualClock) {
    let clock = ManualClock::at("2026-03-17T23:59:00Z".parse().unwrap());
    let settings = LedgerSettings::new()
        .with_clock(Arc::new(clock.clone()))
        .with_payout_limits(limits());
    (database.open_with(settings).await, clock)
}

fn to(mut request: NewPayout, destination: &str) -> NewPayout {
    request.to = destination.to_owned();
    request
}

async fn waits(ledger: &Ledger, gateway: &Gateway, request: &NewPayout) -> String {
    let before = gateway.calls();
    let error = ledger.create_payout(gateway, request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert_eq!(error.outcome(), Outcome::NotSent);
    let needed = error
        .source()
        .and_then(|source| source.downcast_ref::<ApprovalNeeded>())
        .unwrap();
    assert_eq!(needed.reference, request.reference);
    assert_eq!(gateway.calls(), before, "it was sent");
    needed.reason.clone()
}

#[test]
fn each_limit_holds_and_what_is_at_it_passes() {
    on_each_engine(|database| async move {
        let (ledger, clock) = limited(&database).await;
        let gateway = Gateway::new();
        let send = |reference: &str, amount: &str, destination: &str| {
            to(payout(reference, amount), destination)
        };
        let reason = waits(&ledger, &gateway, &send("a", "100.000001", "T1")).await;
        assert!(reason.contains("limit of 100 for one payout"), "{reason}");
        ledger
            .create_payout(&gateway, &send("b", "100.000000", "T1"))
            .await
            .unwrap();
        let reason = waits(&ledger, &gateway, &send("c", "50.01", "T1")).await;
        assert!(reason.contains("150 for a day and destination"), "{reason}");
        ledger
            .create_payout(&gateway, &send("d", "50", "T1"))
            .await
            .unwrap();
        ledger
            .create_payout(&gateway, &send("e", "99", "T2"))
            .await
            .unwrap();
        let reason = waits(&ledger, &gateway, &send("f", "1.5", "T2")).await;
        assert!(reason.contains("on top of 249"), "{reason}");

        // Another day; and what was surely not sent does not count.
        clock.advance(Duration::from_secs(60));
        gateway.next(Step::Fail(ErrorKind::Unavailable, Outcome::NotSent));
        let failed = send("g", "100", "T1");
        ledger.create_payout(&gateway, &failed).await.unwrap_err();
        ledger
            .create_payout(&gateway, &send("h", "100", "T1"))
            .await
            .unwrap();
        waits(&ledger, &gateway, &failed).await;
    });
}

#[test]
fn callers_at_once_do_not_each_find_room_for_themselves() {
    on_each_engine(|database| async move {
        let (first, _) = limited(&database).await;
        let (second, _) = limited(&database).await;
        let gateway = Arc::new(Gateway::new());
        let calls = (0..20).map(|number| {
            let ledger = if number % 2 == 0 { &first } else { &second }.clone();
            let gateway = Arc::clone(&gateway);
            let request = to(
                payout(&format!("ref-{number}"), "50"),
                &format!("T{number}"),
            );
            tokio::spawn(async move { ledger.create_payout(&*gateway, &request).await })
        });
        let sent = futures_util::future::join_all(calls)
            .await
            .into_iter()
            .filter(|told| told.as_ref().unwrap().is_ok())
            .count();
        assert_eq!(sent, 5);
        assert_eq!(gateway.calls(), 5);
    });
}

#[test]
fn a_second_person_approves_and_the_next_call_sends() {
    on_each_engine(|database| async move {
        let (ledger, _) = limited(&database).await;
        let gateway = Gateway::new();
        let request = payout("ref-1", "500");
        let options = PayoutOptions::new().requested_by("Ann");
        ledger
            .create_payout_with(&gateway, &request, &options)
            .await
            .unwrap_err();
        let error = ledger
            .approve_payout(&request.reference, " ann")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Permission);
        waits(&ledger, &gateway, &request).await;
        ledger
            .approve_payout(&request.reference, "bob")
            .await
            .unwrap();
        // An approval is for this payout and no other.
        let other = payout("ref-1", "501");
        let error = ledger.create_payout(&gateway, &other).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        gateway.next(Step::Fail(ErrorKind::Unavailable, Outcome::NotSent));
        ledger.create_payout(&gateway, &request).await.unwrap_err();
        // It holds when the first try surely failed.
        ledger.create_payout(&gateway, &request).await.unwrap();
        assert_eq!(gateway.payouts().len(), 1);
        let error = ledger
            .approve_payout(&request.reference, "bob")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let history = ledger.history("ref-1").await.unwrap();
        let approved = history[0]
            .lines
            .iter()
            .find(|line| line.became.as_deref() == Some("approved"))
            .unwrap();
        assert_eq!(approved.who.as_deref(), Some("bob"));
        assert_eq!(history[0].lines[0].who.as_deref(), Some("Ann"));
    });
}

#[test]
fn what_is_declined_is_never_sent() {
    on_each_engine(|database| async move {
        let (ledger, _) = limited(&database).await;
        let gateway = Gateway::new();
        let request = payout("ref-1", "500");
        waits(&ledger, &gateway, &request).await;
        ledger
            .decline_payout(&request.reference, "bob", Some("who is this?"))
            .await
            .unwrap();
        let error = ledger.create_payout(&gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Permission);
        assert!(error.message().contains("declined"), "{error}");
        let error = ledger
            .approve_payout(&request.reference, "eve")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let record = ledger.payout(&request.reference).await.unwrap().unwrap();
        assert_eq!(record.state, PayoutState::Declined);
        assert_eq!(gateway.calls(), 0);
    });
}

#[test]
fn another_name_of_an_asset_is_no_way_around_its_limit() {
    on_each_engine(|database| async move {
        let (ledger, _) = limited(&database).await;
        let gateway = Gateway::new();
        let mut request = payout("ref-1", "1");
        request.asset = "USDT@ethereum".parse().unwrap();
        let reason = waits(&ledger, &gateway, &request).await;
        assert!(reason.contains("no limit is set"), "{reason}");
        // A router that works on the log alone meets the same limits.
        let log = ledger.attempt_log();
        let name = paymux_core::ProviderName::from_static("eu");
        let attempt = paymux_core::attempts::Attempt::payout(&name, &request);
        let error = log.before(attempt).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Permission);
    });
}
