//! A payout from its creation to its end, above all when the answer to its creation is lost.

use std::time::Duration;

use paymux::transition::{Change, Observed};
use paymux::{
    ErrorKind, NewPayout, Outcome, PaymentProviderExt, PayoutSnapshot, PayoutStatus, TokioClock,
    WaitOptions,
};
use paymux_sandbox::{FaultRule, RequestFault, Settings, When};
use paymux_tests::harness::raw_webhook;

use crate::shop::{Shop, decimal};

const USDT: i64 = 75;

fn total(shop: &Shop) -> rust_decimal::Decimal {
    shop.sandbox.halo().balances()[&USDT].total
}

async fn send(shop: &Shop, request: &NewPayout) -> PayoutSnapshot {
    let payout = shop.payouts().create_payout(request).await.unwrap();
    payout.snapshot().clone()
}

fn complete(shop: &Shop, trade_no: &str) {
    for _ in 0..3 {
        shop.sandbox.halo().advance_payout(trade_no).unwrap();
    }
}

#[tokio::test]
async fn sent_followed_and_completed_with_its_fee() {
    let shop = Shop::open().await;
    shop.sandbox
        .halo()
        .set_balance(USDT, decimal("100"))
        .unwrap();
    let request = shop.payout();
    let created = send(&shop, &request).await;
    assert_eq!(created.status, PayoutStatus::Pending);
    assert_eq!(created.reference.as_ref(), Some(&request.reference));
    assert_eq!(created.amount, Some(request.asset_amount()));
    // 0.2 % of 12.5 and 0.8015 for the network, on top.
    let fee = decimal("0.025") + decimal("0.8015");
    assert_eq!(created.fee.as_ref().unwrap().amount, fee);
    let destination = created.destination.as_ref().unwrap();
    assert_eq!(destination.address, request.to);

    let (mut read, id) = (created.clone(), created.id.clone());
    for expected in [
        PayoutStatus::Processing,
        PayoutStatus::Confirming,
        PayoutStatus::Completed,
    ] {
        shop.sandbox.halo().advance_payout(id.as_str()).unwrap();
        let seen = shop.payouts().fetch_payout(&id).await.unwrap();
        assert_eq!(read.observe(seen.snapshot(), Observed::Read), Change::Moved);
        assert_eq!(read.status, expected);
    }
    assert_eq!(read.fee.as_ref().unwrap().amount, fee);
    assert_eq!(read.amount, Some(request.asset_amount()));

    let event = shop.notice().await;
    assert_eq!(event.reference.as_ref(), Some(&request.reference));
    let mut told = created.clone();
    told.observe(event.payout().unwrap(), Observed::Notice);
    assert_eq!(
        (told.id.clone(), told.status),
        (id, PayoutStatus::Completed)
    );
    assert_eq!(total(&shop), decimal("100") - decimal("12.5") - fee);
    assert_eq!(shop.payouts_made_and_asked(), (1, 1));
}

#[tokio::test]
async fn waiting_for_a_payout_ends_with_it() {
    let settings = Settings {
        block_time: Some(Duration::from_millis(20)),
        ..Settings::default()
    };
    let shop = Shop::with_settings(settings).await;
    let created = send(&shop, &shop.payout()).await;
    let options = WaitOptions::default()
        .with_interval(Duration::from_millis(10))
        .with_timeout(Duration::from_secs(20));
    let ended = shop
        .provider
        .wait_for_payout(&created.id, options, &TokioClock)
        .await
        .unwrap();
    assert_eq!(ended.status, PayoutStatus::Completed);
}

/// The answer is lost after the work was done, in each way in which that happens.
#[tokio::test]
async fn a_payout_whose_answer_was_lost_is_found_by_its_webhook_and_never_sent_again() {
    for lost in [
        RequestFault::Cut {
            when: When::AfterWork,
        },
        RequestFault::CutMidBody,
        RequestFault::MalformedJson,
        RequestFault::status(When::AfterWork, 502),
    ] {
        let shop = Shop::open().await;
        shop.sandbox
            .faults()
            .add(FaultRule::request("/api/payout/create", lost.clone()));
        let request = shop.payout();
        let error = shop.payouts().create_payout(&request).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{lost:?}: {error:?}");
        assert!(error.may_have_executed());
        assert_eq!(error.reference(), Some(&request.reference), "{lost:?}");
        assert_eq!(error.operation(), Some("create_payout"));
        assert_eq!(shop.payouts_made_and_asked(), (1, 1), "{lost:?}");

        let trade_no = shop.sandbox.halo().payouts()[0].trade_no.clone();
        complete(&shop, &trade_no);
        let event = shop.notice().await;
        assert_eq!(event.reference.as_ref(), Some(&request.reference));
        let told = event.payout().unwrap();
        assert_eq!(told.id.as_str(), trade_no);
        assert_eq!(told.status, PayoutStatus::Completed);
        let read = shop.payouts().fetch_payout(&told.id).await.unwrap();
        assert_eq!(read.status(), PayoutStatus::Completed);
        assert_eq!(read.amount().unwrap().amount, request.amount);
        assert_eq!(shop.payouts_made_and_asked(), (1, 1), "{lost:?}");
    }
}

#[tokio::test]
async fn a_query_of_the_merchants_own_stays_in_the_callback_url() {
    let shop = Shop::open().await;
    let request = shop.payout();
    let own = format!("{}?tenant=a%20b&paymux=1", shop.inbox.url());
    let request = request.with_callback_url(own);
    let created = send(&shop, &request).await;
    complete(&shop, created.id.as_str());
    let received = shop.inbox.next().await.unwrap();
    assert!(received.path_and_query.contains("tenant=a%20b&paymux=1"));
    let event = shop
        .provider
        .verify_webhook(&raw_webhook(&received))
        .await
        .unwrap();
    assert_eq!(event.reference, Some(request.reference));
}

#[tokio::test]
async fn a_reference_that_somebody_wrote_into_the_url_is_not_believed() {
    let shop = Shop::open().await;
    let request = shop.payout();
    let created = send(&shop, &request).await;
    complete(&shop, created.id.as_str());
    let received = shop.inbox.next().await.unwrap();
    let own = &received.path_and_query;
    assert!(own.contains(request.reference.as_str()));

    let forged = [
        own.replace(request.reference.as_str(), "another"),
        own.split('?').next().unwrap().to_owned(),
        format!("{}?paymux_ref=another", own.split('?').next().unwrap()),
        format!("{own}&paymux_ref=another"),
    ];
    for path_and_query in forged {
        let webhook = raw_webhook(&received).with_path_and_query(&path_and_query);
        // What is signed is the body: the payout is proven, the reference is not.
        match shop.provider.verify_webhook(&webhook).await {
            Ok(event) => {
                assert_ne!(
                    event.reference.as_ref().map(paymux::Reference::as_str),
                    Some("another"),
                    "{path_and_query}"
                );
                assert_eq!(event.payout().unwrap().id, created.id);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidSignature),
        }
    }
}

#[tokio::test]
async fn failed_and_canceled_payouts_end_and_the_money_is_back() {
    for (expected, is_failure) in [
        (PayoutStatus::Failed, true),
        (PayoutStatus::Canceled, false),
    ] {
        let shop = Shop::open().await;
        let before = total(&shop);
        let request = shop.payout();
        let mut payout = send(&shop, &request).await;
        let halo = shop.sandbox.halo();
        let id = payout.id.clone();
        if is_failure {
            halo.advance_payout(id.as_str()).unwrap();
            halo.fail_payout(id.as_str()).unwrap();
        } else {
            halo.cancel_payout(id.as_str()).unwrap();
        }
        let event = shop.notice().await;
        assert_eq!(event.reference.as_ref(), Some(&request.reference));
        let change = payout.observe(event.payout().unwrap(), Observed::Notice);
        assert_eq!((change, payout.status), (Change::Moved, expected));
        let read = shop.payouts().fetch_payout(&id).await.unwrap();
        assert_eq!(read.status(), expected);
        let change = payout.observe(read.snapshot(), Observed::Read);
        assert_eq!(change, Change::Unchanged);
        assert_eq!(total(&shop), before);
    }
}

/// Whoever believes the second word pays twice: a person has to look.
#[tokio::test]
async fn a_completed_payout_that_is_told_to_have_failed_stays_completed() {
    let shop = Shop::open().await;
    let mut payout = send(&shop, &shop.payout()).await;
    complete(&shop, payout.id.as_str());
    let completed = shop.notice().await;
    payout.observe(completed.payout().unwrap(), Observed::Notice);
    for word in ["FAIL", "CANCEL"] {
        let fault = RequestFault::ReplaceMember {
            member: "data.status".to_owned(),
            value: word.into(),
        };
        let rule = FaultRule::request("/api/payout/detail", fault);
        shop.sandbox.faults().add(rule);
        let read = shop.payouts().fetch_payout(&payout.id).await.unwrap();
        let change = payout.observe(read.snapshot(), Observed::Read);
        assert_eq!(change, Change::Contradiction, "{word}");
        assert_eq!(payout.status, PayoutStatus::Completed);
    }
}

#[tokio::test]
async fn a_payout_in_a_word_that_nobody_knows_is_waited_for() {
    let shop = Shop::open().await;
    let mut payout = send(&shop, &shop.payout()).await;
    let fault = RequestFault::ReplaceMember {
        member: "data.status".to_owned(),
        value: "UNDER-REVIEW".into(),
    };
    let rule = FaultRule::request("/api/payout/detail", fault);
    shop.sandbox.faults().add(rule);
    let read = shop.payouts().fetch_payout(&payout.id).await.unwrap();
    assert_eq!(read.status(), PayoutStatus::Unknown);
    assert!(!read.status().is_final());
    payout.observe(read.snapshot(), Observed::Read);
    assert_eq!(payout.status, PayoutStatus::Pending);
    assert_eq!(payout.provider_status.as_deref(), Some("UNDER-REVIEW"));
}

#[tokio::test]
async fn what_the_account_cannot_pay_is_rejected() {
    let shop = Shop::open().await;
    shop.sandbox
        .halo()
        .set_balance(USDT, decimal("13"))
        .unwrap();
    // 12.5 is there, the fee on top is not.
    let error = shop
        .payouts()
        .create_payout(&shop.payout())
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.code(), Some("1007"));
    assert_eq!(shop.payouts_made_and_asked(), (0, 1));
    assert_eq!(total(&shop), decimal("13"));
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_taken() {
    let settings = Settings {
        two_factor: true,
        ..Settings::default()
    };
    let shop = Shop::with_settings(settings).await;
    let request = shop.payout();
    for wrong in [request.clone(), request.clone().with_otp("000000".into())] {
        let error = shop.payouts().create_payout(&wrong).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Rejected);
        assert_eq!(error.code(), Some("1009"));
    }
    let request = request.with_otp("123456".into());
    assert_eq!(send(&shop, &request).await.status, PayoutStatus::Pending);
    assert_eq!(shop.payouts_made_and_asked(), (1, 3));
}

/// Many at once, a third of whose answers are lost: each is at the gateway once, and each is found.
#[tokio::test]
async fn many_payouts_at_once_are_each_made_once_and_found() {
    const COUNT: usize = 12;
    let shop = Shop::open().await;
    let lost = RequestFault::Cut {
        when: When::AfterWork,
    };
    let rule = FaultRule::request("/api/payout/create", lost).skip(3);
    shop.sandbox.faults().add(rule.times(4));

    let requests: Vec<NewPayout> = (0..COUNT).map(|_| shop.payout()).collect();
    let mut calls = tokio::task::JoinSet::new();
    for request in requests.clone() {
        let provider = std::sync::Arc::clone(&shop.provider);
        calls.spawn(async move {
            let payouts = provider.payouts().unwrap();
            payouts.create_payout(&request).await.map(drop)
        });
    }
    let results = calls.join_all().await;
    let in_doubt = results
        .iter()
        .filter(|result| matches!(result, Err(error) if error.may_have_executed()));
    assert_eq!(in_doubt.count(), 4);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 8);
    assert_eq!(shop.payouts_made_and_asked(), (COUNT, COUNT));

    for payout in shop.sandbox.halo().payouts() {
        complete(&shop, &payout.trade_no);
    }
    let events = shop.all_notices().await;
    let mut found: Vec<_> = events
        .iter()
        .filter_map(|event| event.reference.clone())
        .collect();
    found.sort();
    let mut sent: Vec<_> = requests
        .into_iter()
        .map(|request| request.reference)
        .collect();
    sent.sort();
    assert_eq!(found, sent);
}
