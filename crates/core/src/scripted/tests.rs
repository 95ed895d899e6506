//! The script, the books, and what a caller that goes away leaves behind.

#[cfg(feature = "conformance")]
mod laws;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::{Act, Call, Operation, Power, ScriptedProvider};
use crate::{
    Balance, Clock, ErrorKind, InvoiceQuery, InvoiceStatus, ManualClock, NewDepositAddress,
    NewInvoice, NewPayout, Outcome, PaymentException, PaymentProvider, PayoutStatus, RawWebhook,
    WebhookClaim,
};

const TO: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

struct Case {
    clock: ManualClock,
    gateway: ScriptedProvider,
}

impl Case {
    fn new() -> Self {
        let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
        Self {
            gateway: ScriptedProvider::new("eu".parse().unwrap(), Arc::new(clock.clone())),
            clock,
        }
    }

    fn playing(acts: impl IntoIterator<Item = Act>) -> Self {
        let case = Self::new();
        case.gateway.script(Operation::CreatePayout, acts);
        case
    }

    fn pay(&self) -> crate::Result<Box<dyn crate::Payout>> {
        let payouts = self.gateway.payouts().unwrap();
        payouts.create_payout(&payout()).now_or_never().unwrap()
    }

    fn invoice(&self) -> crate::InvoiceSnapshot {
        let made = self.gateway.create_invoice(&invoice()).now_or_never();
        made.unwrap().unwrap().snapshot().clone()
    }
}

fn payout() -> NewPayout {
    let amount = "1.5".parse().unwrap();
    let asset = "USDT@tron".parse().unwrap();
    NewPayout::new("ref-1".parse().unwrap(), amount, asset, TO)
}

fn invoice() -> NewInvoice {
    NewInvoice::new("order-1".parse().unwrap(), "5 USD".parse().unwrap())
        .with_asset("USDT@tron".parse().unwrap())
}

#[test]
fn an_act_says_what_the_caller_learns_and_the_books_say_what_happened() {
    let kind = ErrorKind::Unavailable;
    for (act, outcome, sent) in [
        (Act::not_sent(kind), Outcome::NotSent, 0),
        (Act::rejected(kind), Outcome::Rejected, 0),
        (Act::cut_before_work(), Outcome::Unknown, 0),
        (Act::lost_answer(), Outcome::Unknown, 1),
    ] {
        let case = Case::playing([act.clone()]);
        let error = case.pay().unwrap_err();
        assert_eq!(error.outcome(), outcome, "{act:?}");
        assert_eq!(error.kind(), kind);
        assert_eq!(error.provider(), Some(case.gateway.name()));
        assert_eq!(error.operation(), Some("create_payout"));
        assert_eq!(error.reference(), Some(&payout().reference));
        assert_eq!(case.gateway.sent_payouts().len(), sent, "{act:?}");
        assert_eq!(act.is_carried_out(), sent == 1);
        assert_eq!(act.outcome(), Some(outcome));
        assert_eq!(case.gateway.calls(Operation::CreatePayout), 1);
    }
}

#[test]
fn an_answer_tells_what_is_in_the_books() {
    let case = Case::new();
    let told = case.pay().unwrap().snapshot().clone();
    assert_eq!(case.gateway.sent_payouts(), std::slice::from_ref(&told));
    assert_eq!(told.amount.unwrap().to_string(), "1.5 USDT@tron");
    assert_eq!(told.created_at, Some(case.clock.now()));

    // The gateway is as careless as any: the same reference is paid again.
    let again = case.pay().unwrap();
    assert_ne!(*again.id(), told.id);
    assert_eq!(case.gateway.sent_payouts().len(), 2);
}

#[test]
fn errors_carry_what_the_act_gives_them() {
    let wait = seconds(7);
    let case = Case::playing([
        Act::rejected(ErrorKind::RateLimited)
            .with_retry_after(wait)
            .with_code("429"),
        Act::lost_answer()
            .with_kind(ErrorKind::Mismatch)
            .telling_id(),
    ]);
    let busy = case.pay().unwrap_err();
    assert_eq!((busy.retry_after(), busy.code()), (Some(wait), Some("429")));
    assert_eq!(busy.id(), None);
    let mismatch = case.pay().unwrap_err();
    assert_eq!(mismatch.kind(), ErrorKind::Mismatch);
    let sent = case.gateway.sent_payouts();
    assert_eq!(mismatch.id(), Some(sent[0].id.as_str()));
}

#[test]
fn what_is_written_comes_first_then_what_is_always_so_then_what_is_chosen() {
    let mut countdown = 2;
    let case = Case::new();
    let gateway = case.gateway.clone().with_acts(move |call| {
        if matches!(call, Call::CreatePayout(payout) if payout.to == TO) && countdown > 0 {
            countdown -= 1;
            return Act::not_sent(ErrorKind::Unavailable);
        }
        Act::answer()
    });
    gateway.script(
        Operation::CreatePayout,
        [Act::rejected(ErrorKind::InsufficientFunds)],
    );
    assert_eq!(case.pay().unwrap_err().kind(), ErrorKind::InsufficientFunds);
    for _ in 0..2 {
        assert_eq!(case.pay().unwrap_err().kind(), ErrorKind::Unavailable);
    }
    case.pay().unwrap();
    gateway.always(
        Operation::CreatePayout,
        Act::rejected(ErrorKind::Permission),
    );
    assert_eq!(case.pay().unwrap_err().kind(), ErrorKind::Permission);
    assert_eq!(gateway.calls(Operation::CreatePayout), 5);
    assert_eq!(gateway.sent_payouts().len(), 1);
}

#[test]
fn a_bad_request_is_no_call() {
    let case = Case::new();
    let payouts = case.gateway.payouts().unwrap();
    let mut mistyped = payout();
    mistyped.to = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ".to_owned();
    let mut unknown = payout();
    unknown.asset = "DOGE@tron".parse().unwrap();
    for (wrong, kind) in [
        (mistyped, ErrorKind::InvalidRequest),
        (unknown, ErrorKind::Unsupported),
    ] {
        let error = payouts.create_payout(&wrong).now_or_never().unwrap();
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent));
    }
    assert_eq!(case.gateway.calls(Operation::CreatePayout), 0);
}

#[test]
fn a_caller_that_goes_away_leaves_what_was_sent() {
    let delay = seconds(10);
    for (act, now, later) in [
        (Act::answer().connecting_for(delay), 0, 0),
        (Act::answer().working_for(delay), 0, 1),
        (Act::answer().after(delay), 1, 1),
        (Act::hangs(), 1, 1),
        (Act::lost_answer().working_for(delay), 0, 1),
        (Act::rejected(ErrorKind::Refused).working_for(delay), 0, 0),
    ] {
        let case = Case::playing([act.clone()]);
        let request = payout();
        let payouts = case.gateway.payouts().unwrap();
        let mut call = payouts.create_payout(&request);
        assert!((&mut call).now_or_never().is_none(), "{act:?}");
        drop(call);
        assert_eq!(case.gateway.sent_payouts().len(), now, "{act:?}");
        case.clock.advance(delay);
        assert_eq!(case.gateway.sent_payouts().len(), later, "{act:?}");
    }
}

#[test]
fn delays_follow_one_another_on_the_clock() {
    let act = Act::answer()
        .connecting_for(seconds(1))
        .working_for(seconds(2))
        .after(seconds(4));
    let case = Case::playing([act]);
    let request = payout();
    let payouts = case.gateway.payouts().unwrap();
    let mut call = payouts.create_payout(&request);
    let mut sent = Vec::new();
    for _ in 0..7 {
        assert!((&mut call).now_or_never().is_none());
        sent.push(case.gateway.sent_payouts().len());
        case.clock.advance(seconds(1));
    }
    assert_eq!(sent, [0, 0, 0, 1, 1, 1, 1]);
    assert!(call.now_or_never().unwrap().is_ok());
}

#[test]
fn reading_carries_nothing_out_so_its_failures_are_certain() {
    let case = Case::new();
    let made = case.invoice();
    case.gateway.script(
        Operation::FetchInvoice,
        [Act::lost_answer(), Act::cut_before_work(), Act::hangs()],
    );
    for _ in 0..2 {
        let error = case.gateway.fetch_invoice(&made.id).now_or_never().unwrap();
        assert_eq!(error.unwrap_err().outcome(), Outcome::NotSent);
    }
    assert!(
        case.gateway
            .fetch_invoice(&made.id)
            .now_or_never()
            .is_none()
    );
    let read = case.gateway.fetch_invoice(&made.id).now_or_never().unwrap();
    assert_eq!(*read.unwrap().snapshot(), made);
}

#[test]
fn a_payer_pays_in_parts() {
    let case = Case::new();
    let rate = "0.3333333".parse().unwrap();
    let asset = "USDT@tron".parse().unwrap();
    case.gateway.set_rate("USD".parse().unwrap(), asset, rate);
    let made = case.invoice();
    assert_eq!(made.due.unwrap().to_string(), "1.666667 USDT@tron");

    let half = case.gateway.pay(&made.id, 1.into()).unwrap();
    assert_eq!(half.status, InvoiceStatus::Pending);
    assert!(half.exceptions.contains(PaymentException::Underpaid));
    let over = case.gateway.pay(&made.id, 1.into()).unwrap();
    assert_eq!(over.status, InvoiceStatus::Processing);
    assert!(over.exceptions.contains(PaymentException::Overpaid));
    assert!(!over.exceptions.contains(PaymentException::Underpaid));
    let settled = case.gateway.settle(&made.id).unwrap();
    assert_eq!(settled.status, InvoiceStatus::Settled);
    let nowhere = "nowhere".parse().unwrap();
    let error = case.gateway.pay(&nowhere, 1.into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn proven(gateway: &ScriptedProvider, webhook: &RawWebhook) -> crate::Result<crate::WebhookEvent> {
    gateway.verify_webhook(webhook).now_or_never().unwrap()
}

#[test]
fn notices_are_proven_and_name_their_account() {
    let case = Case::new();
    let us = ScriptedProvider::new("us".parse().unwrap(), Arc::new(case.clock.clone()));
    let made = case.invoice();
    let notice = case.gateway.notice_of(&made.id).unwrap();
    assert_eq!(case.gateway.webhook_claim(&notice), WebhookClaim::Own);
    assert_eq!(us.webhook_claim(&notice), WebhookClaim::Foreign);
    assert!(proven(&us, &notice).is_err());
    let event = proven(&case.gateway, &notice).unwrap();
    assert_eq!(event.invoice(), Some(&made));

    // Another instance with the same account and key takes it for its own.
    let twin = us.clone().with_account("eu");
    let event = proven(&twin, &notice).unwrap();
    assert_eq!(event.invoice().unwrap().provider, *us.name());
    // With another key it is the same account's, and not proven.
    let stranger = us.clone().with_account("eu").with_key("another".into());
    assert_eq!(stranger.webhook_claim(&notice), WebhookClaim::Own);
    let error = proven(&stranger, &notice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert!(!format!("{stranger:?}").contains("another"));
    // Without an account in the notice nobody can say whose it is.
    let unnamed = case.gateway.clone().with_unnamed_webhooks();
    let notice = unnamed.notice_of(&made.id).unwrap();
    assert_eq!(unnamed.webhook_claim(&notice), WebhookClaim::Unclear);
    assert!(proven(&unnamed, &notice).is_ok());
}

#[test]
fn a_payout_is_followed_by_its_notices() {
    let case = Case::new();
    let id = case.pay().unwrap().id().clone();
    case.gateway.complete_payout(&id).unwrap();
    let notice = case.gateway.notice_of_payout(&id).unwrap();
    let event = proven(&case.gateway, &notice).unwrap();
    assert_eq!(event.reference, Some(payout().reference));
    assert_eq!(event.payout().unwrap().status, PayoutStatus::Completed);
    case.gateway.script(
        Operation::VerifyWebhook,
        [Act::not_sent(ErrorKind::Unavailable)],
    );
    let error = proven(&case.gateway, &notice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[test]
fn powers_can_be_switched_off() {
    let all = Case::new().gateway;
    assert!(all.payouts().is_some() && all.search().is_some() && all.quotes().is_some());
    let none = all
        .without(Power::Payouts)
        .without(Power::Search)
        .without(Power::Quotes)
        .without(Power::Catalog)
        .without(Power::Balances)
        .without(Power::DepositAddresses);
    assert!(none.payouts().is_none() && none.search().is_none() && none.quotes().is_none());
    assert!(none.catalog().is_none() && none.balances().is_none());
    assert!(none.deposit_addresses().is_none());
}

#[test]
fn search_finds_by_order_and_counts_pages() {
    let case = Case::new();
    for number in 0..41 {
        let order = format!("order-{}", number % 2).parse().unwrap();
        let request = NewInvoice::new(order, "5 USD".parse().unwrap());
        let made = case.gateway.create_invoice(&request).now_or_never();
        assert!(made.unwrap().is_ok());
    }
    let search = |order: Option<&str>, page| {
        let query = InvoiceQuery {
            order_id: order.map(|order| order.parse().unwrap()),
            status: Some(InvoiceStatus::Pending),
            page,
        };
        let power = case.gateway.search().unwrap();
        power
            .search_invoices(&query)
            .now_or_never()
            .unwrap()
            .unwrap()
    };
    let first = search(None, None);
    assert_eq!(first.items.len(), 20);
    assert_eq!((first.pages, first.total), (Some(3), Some(41)));
    assert_eq!(search(None, Some(3)).items.len(), 1);
    assert_eq!(search(Some("order-0"), Some(2)).items.len(), 1);
    assert_eq!(search(Some("order-7"), None).total, Some(0));
}

#[test]
fn balances_fees_and_addresses_are_as_they_were_set() {
    let case = Case::new();
    let name = "TRX@tron".parse().unwrap();
    let held = Balance::new("TRX@tron".parse().unwrap(), 9.into(), 7.into());
    case.gateway.set_balances(vec![held.clone()]);
    let balances = case.gateway.balances().unwrap();
    let told = balances.fetch_balances(Some(&name)).now_or_never().unwrap();
    assert_eq!(told.unwrap().items, [held]);
    let other = "ETH@ethereum".parse().unwrap();
    let told = balances
        .fetch_balances(Some(&other))
        .now_or_never()
        .unwrap();
    assert_eq!(told.unwrap().items, []);

    case.gateway.set_payout_fee(Some(2.into()));
    let payouts = case.gateway.payouts().unwrap();
    let fee = payouts.payout_fee(&payout()).now_or_never().unwrap();
    assert_eq!(fee.unwrap().unwrap().to_string(), "2 USDT@tron");

    let addresses = case.gateway.deposit_addresses().unwrap();
    let request = NewDepositAddress::new("jane", name);
    case.gateway
        .script(Operation::CreateDepositAddress, [Act::lost_answer()]);
    for made in 1..3 {
        let answer = addresses.create_deposit_address(&request).now_or_never();
        assert_eq!(answer.unwrap().is_ok(), made == 2);
        assert_eq!(case.gateway.made_addresses().len(), made);
    }
}
