//! A payout from its creation to its end: withdrawals of v1.0, payments of v2.

use paymux::transition::{Change, Observed};
use paymux::{NewPayout, Outcome, PayoutSnapshot, PayoutStatus};
use paymux_sandbox::unipayment::{EnumSpelling, UniPayment, UniPaymentSettings};
use paymux_sandbox::{FaultRule, RequestFault, Settings, When};
use paymux_unipayment::Generation;
use rust_decimal::Decimal;

use crate::shop::{Shop, decimal};

const WITH_PAYOUTS: [Generation; 2] = [Generation::Hmac, Generation::OAuth];

fn create_path(generation: Generation) -> &'static str {
    match generation {
        Generation::Hmac => "POST /v1.0/wallet/withdrawals",
        _ => "POST /v1.0/payments",
    }
}

fn read_path(generation: Generation) -> &'static str {
    match generation {
        Generation::Hmac => "GET /v1.0/wallet/withdrawals/*",
        _ => "GET /v1.0/payments/*",
    }
}

async fn shop(generation: Generation) -> Shop {
    Shop::at_unipayment(generation, Settings::default()).await
}

async fn send(shop: &Shop, request: &NewPayout) -> PayoutSnapshot {
    let payout = shop.payouts().create_payout(request).await.unwrap();
    payout.snapshot().clone()
}

fn total(shop: &Shop) -> Decimal {
    shop.sandbox.unipayment().balances()["USDT"].total
}

/// How many payouts the gateway has made, and how many it was asked for.
fn made_and_asked(shop: &Shop, generation: Generation) -> (usize, usize) {
    let (_, path) = create_path(generation).split_once(' ').unwrap();
    let asked = shop.sandbox.requests_to(path).into_iter();
    let asked = asked.filter(|request| request.method == "POST").count();
    (shop.sandbox.unipayment().payouts().len(), asked)
}

/// Takes in every webhook that the gateway has to send.
async fn hear_all(shop: &Shop, known: &mut PayoutSnapshot) {
    for event in shop.all_notices().await {
        let told = event.payout().expect("the webhook is about a payout");
        assert_eq!(told.id, known.id);
        let change = known.observe(told, Observed::Notice);
        assert_ne!(change, Change::Contradiction);
    }
}

#[tokio::test]
async fn every_step_is_read_and_heard_in_words_and_in_numbers() {
    for generation in WITH_PAYOUTS {
        for enums in [EnumSpelling::Names, EnumSpelling::Numbers] {
            let unipayment = UniPaymentSettings {
                enums,
                ..UniPaymentSettings::default()
            };
            let settings = Settings {
                unipayment,
                ..Settings::default()
            };
            let shop = Shop::at_unipayment(generation, settings).await;
            let before = total(&shop);
            let request = shop.payout();
            let created = send(&shop, &request).await;
            // A withdrawal needs no confirmation by mail, as it is set; a payment has to be confirmed.
            let (begins, steps) = match generation {
                Generation::Hmac => (PayoutStatus::Processing, 1),
                _ => (PayoutStatus::Pending, 2),
            };
            assert_eq!(created.status, begins, "{generation}");
            assert_eq!(created.reference.as_ref(), Some(&request.reference));
            assert_eq!(created.amount, Some(request.asset_amount()));
            assert_eq!(created.destination.as_ref().unwrap().address, request.to);
            let fee = created.fee.as_ref().unwrap().amount;

            let (mut told, mut read) = (created.clone(), created.clone());
            let under_way = std::iter::repeat_n(PayoutStatus::Processing, steps);
            for expected in under_way.chain([PayoutStatus::Completed]) {
                shop.sandbox
                    .unipayment()
                    .advance_payout(created.id.as_str())
                    .unwrap();
                hear_all(&shop, &mut told).await;
                let seen = shop.payouts().fetch_payout(&created.id).await.unwrap();
                let change = read.observe(seen.snapshot(), Observed::Read);
                assert_ne!(change, Change::Contradiction);
                for seen in [&told, &read] {
                    assert_eq!(seen.status, expected, "{generation} {enums:?}");
                    assert_eq!(seen.amount, Some(request.asset_amount()));
                    assert_eq!(seen.fee.as_ref().unwrap().amount, fee);
                    assert_eq!(seen.reference.as_ref(), Some(&request.reference));
                }
            }
            // The destination receives the amount; the fee comes on top.
            assert_eq!(total(&shop), before - decimal("12.5") - fee);
            assert_eq!(made_and_asked(&shop, generation), (1, 1));
        }
    }
}

#[tokio::test]
async fn every_other_end_gives_the_money_back() {
    type End = fn(&UniPayment, &str);
    let ends: [(End, PayoutStatus); 3] = [
        (
            |at, id| drop(at.fail_payout(id).unwrap()),
            PayoutStatus::Failed,
        ),
        (
            |at, id| drop(at.reject_payout(id).unwrap()),
            PayoutStatus::Failed,
        ),
        (
            |at, id| drop(at.cancel_payout(id).unwrap()),
            PayoutStatus::Canceled,
        ),
    ];
    for generation in WITH_PAYOUTS {
        for (end, expected) in ends {
            let shop = shop(generation).await;
            let before = total(&shop);
            let created = send(&shop, &shop.payout()).await;
            let (mut told, mut read) = (created.clone(), created.clone());
            end(shop.sandbox.unipayment(), created.id.as_str());
            hear_all(&shop, &mut told).await;
            let seen = shop.payouts().fetch_payout(&created.id).await.unwrap();
            read.observe(seen.snapshot(), Observed::Read);
            for seen in [&told, &read] {
                assert_eq!(seen.status, expected, "{generation} {seen:?}");
                assert!(seen.status.is_final());
            }
            assert_eq!(total(&shop), before, "{generation}");
        }
    }
}

/// Every word and number of the documents, in answers.
#[tokio::test]
async fn every_word_of_a_status() {
    use PayoutStatus::{Canceled, Completed, Failed, Pending, Processing, Unknown};

    let withdrawals = [
        ("Pending", Pending),
        ("Apply", Pending),
        ("Confirm", Processing),
        ("Approve", Processing),
        ("Success", Completed),
        ("Reject", Failed),
        ("Fail", Failed),
        ("Failed", Failed),
        ("Cancel", Canceled),
        ("success", Completed),
        ("OnHold", Unknown),
    ];
    let payments = [
        ("PENDING", Pending),
        ("CONFIRMED", Processing),
        ("APPROVED", Processing),
        ("COMPLETED", Completed),
        ("REJECTED", Failed),
        ("FAILED", Failed),
        ("CANCELED", Canceled),
        ("Completed", Completed),
        ("ON_HOLD", Unknown),
    ];
    let numbers = [
        Pending, Canceled, Processing, Failed, Processing, Completed, Failed,
    ];
    let in_numbers = (1..).zip(numbers);
    let mut cases: Vec<_> = in_numbers
        .map(|(number, status)| (Generation::Hmac, serde_json::json!(number), status))
        .collect();
    cases.extend(withdrawals.map(|(word, status)| (Generation::Hmac, word.into(), status)));
    cases.extend(payments.map(|(word, status)| (Generation::OAuth, word.into(), status)));
    for generation in WITH_PAYOUTS {
        let shop = shop(generation).await;
        let created = send(&shop, &shop.payout()).await;
        for (_, word, expected) in cases.iter().filter(|(of, ..)| *of == generation) {
            let fault = RequestFault::ReplaceMember {
                member: "data.status".to_owned(),
                value: word.clone(),
            };
            let rule = FaultRule::request(read_path(generation), fault);
            shop.sandbox.faults().add(rule);
            let read = shop.payouts().fetch_payout(&created.id).await.unwrap();
            assert_eq!(read.status(), *expected, "{generation} {word}");
        }
    }
}

async fn lost_answer(generation: Generation, lost: &RequestFault) -> (Shop, NewPayout, String) {
    let shop = shop(generation).await;
    let rule = FaultRule::request(create_path(generation), lost.clone());
    shop.sandbox.faults().add(rule);
    let request = shop.payout();
    let error = shop.payouts().create_payout(&request).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{lost:?}: {error:?}");
    assert!(error.may_have_executed());
    assert_eq!(error.reference(), Some(&request.reference), "{lost:?}");
    assert_eq!(made_and_asked(&shop, generation), (1, 1), "{lost:?}");
    let id = shop.sandbox.unipayment().payouts()[0].id.clone();
    (shop, request, id)
}

fn losses() -> [RequestFault; 4] {
    [
        RequestFault::Cut {
            when: When::AfterWork,
        },
        RequestFault::CutMidBody,
        RequestFault::MalformedJson,
        RequestFault::status(When::AfterWork, 502),
    ]
}

/// Its webhook tells the payout, and by the reference which of the merchant's own it is.
async fn is_found_by_its_webhook(generation: Generation) {
    for lost in losses() {
        let (shop, request, id) = lost_answer(generation, &lost).await;
        shop.sandbox.unipayment().advance_payout(&id).unwrap();
        let events = shop.all_notices().await;
        let event = events.last().expect("a webhook of the payout");
        assert_eq!(event.payout().unwrap().id.as_str(), id);
        assert_eq!(
            event.reference.as_ref(),
            Some(&request.reference),
            "{lost:?}"
        );
        assert_eq!(made_and_asked(&shop, generation), (1, 1), "{lost:?}");
    }
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_found_by_its_webhook() {
    is_found_by_its_webhook(Generation::OAuth).await;
}

#[tokio::test]
async fn a_withdrawal_whose_answer_was_lost_is_found_by_its_webhook() {
    is_found_by_its_webhook(Generation::Hmac).await;
}

/// Whoever has the id reads the reference with it.
#[tokio::test]
async fn a_payout_that_was_lost_is_known_again_by_its_reference() {
    for generation in WITH_PAYOUTS {
        for lost in losses() {
            let (shop, request, id) = lost_answer(generation, &lost).await;
            let id = paymux::PayoutId::received(id);
            let read = shop.payouts().fetch_payout(&id).await.unwrap();
            assert_eq!(read.reference(), Some(&request.reference), "{generation}");
            assert_eq!(read.amount().cloned(), Some(request.asset_amount()));
        }
    }
}

#[tokio::test]
async fn what_the_wallet_cannot_pay_is_rejected() {
    for generation in WITH_PAYOUTS {
        let shop = shop(generation).await;
        let gateway = shop.sandbox.unipayment();
        // 12.5 is there, the fee on top is not.
        gateway.set_balance("USDT", decimal("13")).unwrap();
        let error = shop.payouts().create_payout(&shop.payout()).await;
        let error = error.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Rejected, "{error:?}");
        assert_eq!(error.code(), Some("INSUFFICIENT_BALANCE"));
        assert_eq!(made_and_asked(&shop, generation), (0, 1));
        assert_eq!(total(&shop), decimal("13"));
    }
}
