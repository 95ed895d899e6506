//! What merchants are told, when, and how often.

use std::time::Duration;

use chrono::TimeDelta;
use paymux_sandbox::{
    DeliveredBy, DeliveryState, FaultRule, Inbox, ReceivedWebhook, RequestFault, Sandbox, Settings,
    When,
};
use serde_json::Value;

use crate::client::{Merchant, dec, eventually, sign, unix_now};
use crate::shape::shape_of;

pub(crate) async fn shop() -> (Sandbox, Merchant, Inbox) {
    let settings = Settings {
        time_scale: 1_000_000,
        ..Settings::default()
    };
    let sandbox = Sandbox::builder().settings(settings).start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let inbox = sandbox.inbox("shop");
    (sandbox, merchant, inbox)
}

pub(crate) fn body(webhook: &ReceivedWebhook) -> Value {
    serde_json::from_slice(&webhook.body).unwrap()
}

pub(crate) fn status(webhook: &ReceivedWebhook) -> String {
    body(webhook)["status"].as_str().unwrap().to_owned()
}

pub(crate) fn is_signed(webhook: &ReceivedWebhook, merchant: &Merchant) -> bool {
    let timestamp = webhook.header("x-timestamp").unwrap();
    let expected = sign(&merchant.app_key, &webhook.body, timestamp);
    webhook.header("x-sign") == Some(expected.as_str())
}

#[tokio::test]
async fn a_paid_notice_looks_like_the_example() {
    let (sandbox, merchant, inbox) = shop().await;
    let callback = format!("{}?ref=1", inbox.url());
    let create = format!(
        r#"{{"out_trade_no":"A-1","currency_id":75,"fiat_name":"USD","fiat_amount":"5.0","callback_url":"{callback}"}}"#
    );
    let data = merchant.call("/api/order/create", &create).await.data();
    let order = data["trade_no"].as_str().unwrap();
    let paid = sandbox.halo().pay_rest(order).unwrap();
    assert!(
        inbox.try_next().is_none(),
        "an unconfirmed payment is not told yet"
    );
    sandbox.halo().confirm(order, 1).unwrap();

    let webhook = inbox.next().await.unwrap();
    assert_eq!(webhook.method, "POST");
    assert_eq!(webhook.path_and_query, "/sandbox/inbox/shop?ref=1");
    assert_eq!(webhook.header("content-type"), Some("application/json"));
    assert_eq!(webhook.header("x-appid"), Some(merchant.app_id.as_str()));
    assert_eq!(webhook.header("x-eventtype"), Some("Paid"));
    assert!(is_signed(&webhook, &merchant));
    let timestamp: i64 = webhook.header("x-timestamp").unwrap().parse().unwrap();
    assert!((unix_now() - timestamp).abs() < 100);

    let example = include_str!("../fixtures/halo_webhook_payment_paid.json");
    assert_eq!(shape_of(&webhook.body), shape_of(example.as_bytes()));
    let body = body(&webhook);
    assert_eq!(body["appid"], merchant.app_id.as_str());
    assert_eq!(
        (&body["trade_no"], &body["out_trade_no"]),
        (&data["trade_no"], &"A-1".into())
    );
    assert_eq!(body["amount"], "5.0", "the fiat price");
    assert_eq!(
        (&body["token_amount"], &body["amount_collected"]),
        (&"5".into(), &"5".into())
    );
    assert_eq!(
        (&body["type"], &body["status"]),
        (&"PAYMENT".into(), &"PAID".into())
    );
    assert_eq!(
        (&body["chain"], &body["chain_id"]),
        (&"Tron".into(), &3_448_148_188_i64.into())
    );
    assert_eq!(body["currency_id"], 75);
    assert_eq!(body["txid"], paid.payments[0].txid.as_str());
}

#[tokio::test]
async fn parts_the_rest_and_more_are_told_in_order() {
    let (sandbox, merchant, inbox) = shop().await;
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    let halo = sandbox.halo();
    halo.pay(&order, dec("2")).unwrap();
    halo.pay(&order, dec("3")).unwrap();
    halo.pay_rest(&order).unwrap();
    halo.confirm(&order, 1).unwrap();
    halo.pay(&order, dec("1")).unwrap();
    let mut told = Vec::new();
    for _ in 0..4 {
        let webhook = inbox.next().await.unwrap();
        let body = body(&webhook);
        assert_eq!(
            (&body["amount"], &body["token_amount"]),
            (&"10".into(), &"10".into())
        );
        told.push((
            status(&webhook),
            body["amount_collected"].as_str().unwrap().to_owned(),
        ));
        let event = webhook.header("x-eventtype").unwrap();
        assert_eq!(
            event,
            if status(&webhook) == "PAID" {
                "Paid"
            } else {
                "ToBePaid"
            }
        );
    }
    let expected = [
        ("TO-BE-PAID", "2"),
        ("TO-BE-PAID", "5"),
        ("PAID", "10"),
        ("PAID", "11"),
    ];
    assert_eq!(
        told,
        expected.map(|(status, sum)| (status.to_owned(), sum.to_owned()))
    );
}

#[tokio::test]
async fn a_time_out_and_a_late_payment_are_told() {
    let (sandbox, merchant, inbox) = shop().await;
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.shift_clock(TimeDelta::minutes(31));
    let webhook = inbox.next().await.unwrap();
    assert_eq!(status(&webhook), "TIME-OUT");
    assert_eq!(webhook.header("x-eventtype"), Some("TimeOut"));
    assert_eq!(
        (&body(&webhook)["amount_collected"], &body(&webhook)["txid"]),
        (&"0".into(), &"".into())
    );
    sandbox.halo().pay_rest(&order).unwrap();
    let webhook = inbox.next().await.unwrap();
    assert_eq!(status(&webhook), "TIME-OUT");
    assert_eq!(body(&webhook)["amount_collected"], "10");

    sandbox.update_settings(|settings| settings.notify_after_final = false);
    sandbox.halo().pay(&order, dec("1")).unwrap();
    assert_eq!(sandbox.deliveries().len(), 2);
}

#[tokio::test]
async fn the_end_of_a_payout_is_told() {
    let (sandbox, merchant, inbox) = shop().await;
    let halo = sandbox.halo();
    let paid = merchant.payout("1.5", &inbox.url()).await;
    for _ in 0..3 {
        halo.advance_payout(&paid).unwrap();
    }
    let webhook = inbox.next().await.unwrap();
    assert_eq!(
        shape_of(&webhook.body),
        "{appid:string,trade_no:string,chain:string,chain_id:integer,contract:string,\
         amount:string,txid:string,type:string,currency_id:integer,status:string,time:integer}"
    );
    assert!(is_signed(&webhook, &merchant));
    let first = body(&webhook);
    assert_eq!(
        (&first["type"], &first["status"]),
        (&"PAYOUT".into(), &"PAID".into())
    );
    assert_eq!(
        (&first["trade_no"], &first["amount"]),
        (&paid.as_str().into(), &"1.5".into())
    );
    assert_eq!(first["txid"], halo.payout(&paid).unwrap().txid.unwrap());
    assert_eq!(webhook.header("x-eventtype"), Some("PayoutPaid"));

    let failed = merchant.payout("1", &inbox.url()).await;
    halo.fail_payout(&failed).unwrap();
    let webhook = inbox.next().await.unwrap();
    assert_eq!(
        (status(&webhook).as_str(), &body(&webhook)["txid"]),
        ("FAIL", &"".into())
    );
    assert_eq!(webhook.header("x-eventtype"), Some("PayoutFail"));

    let cancelled = merchant.payout("1", &inbox.url()).await;
    halo.cancel_payout(&cancelled).unwrap();
    let webhook = inbox.next().await.unwrap();
    assert_eq!(status(&webhook), "CANCEL");
    assert_eq!(webhook.header("x-eventtype"), Some("PayoutCancel"));
}

#[tokio::test]
async fn a_payment_to_a_qr_code_is_told_to_the_app() {
    let (sandbox, merchant, inbox) = shop().await;
    sandbox.update_settings(|settings| settings.app_callback_url = Some(inbox.url()));
    let create = r#"{"name":"till","currency_id":75,"amount":"0"}"#;
    let data = merchant
        .call("/api/payment-qr-code/create", create)
        .await
        .data();
    let address = data["address"].as_str().unwrap();
    sandbox.halo().pay_address(address, dec("2.50")).unwrap();
    let webhook = inbox.next().await.unwrap();
    assert!(is_signed(&webhook, &merchant));
    let told = body(&webhook);
    assert_eq!(
        (&told["id"], &told["address"]),
        (&data["id"], &data["address"])
    );
    assert_eq!(
        (&told["type"], &told["status"]),
        (&"PAYMENT".into(), &"PAID".into())
    );
    assert_eq!(
        (&told["amount_collected"], &told["name"]),
        (&"2.5".into(), &"till".into())
    );
    assert_eq!(sandbox.halo().qr_codes()[0].payments.len(), 1);
    assert_eq!(merchant.operable().await, "1002.5");
}

#[tokio::test]
async fn without_a_callback_url_the_app_is_told_or_nobody() {
    let (sandbox, merchant, inbox) = shop().await;
    let halo = sandbox.halo();
    for (name, app_url) in [("A-1", None), ("A-2", Some(inbox.url()))] {
        sandbox.update_settings(|settings| settings.app_callback_url = app_url);
        let create = format!(r#"{{"out_trade_no":"{name}","currency_id":75,"token_amount":"1"}}"#);
        merchant.call("/api/order/create", &create).await.data();
        halo.expire(&halo.order_by_out_trade_no(name).unwrap().trade_no)
            .unwrap();
    }
    let webhook = inbox.next().await.unwrap();
    assert_eq!(body(&webhook)["out_trade_no"], "A-2");
    assert_eq!(sandbox.deliveries().len(), 1);
}

#[tokio::test]
async fn the_default_schedule_is_the_published_one() {
    let intervals = Settings::default().retry_intervals;
    assert_eq!(intervals.len(), 15);
    let total: Duration = intervals.iter().sum();
    assert_eq!(total, Duration::from_secs(24 * 3600 + 3 * 60 + 50));
    assert_eq!(intervals[0], Duration::from_secs(5));
    assert_eq!(Settings::default().time_scale, 1);
}

#[tokio::test]
async fn a_refused_notice_is_tried_sixteen_times_and_given_up() {
    let (sandbox, merchant, inbox) = shop().await;
    inbox.answer_with(500, "fail");
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().expire(&order).unwrap();
    let given_up = || sandbox.deliveries()[0].state == DeliveryState::GivenUp;
    eventually("the notice is given up", given_up).await;
    let delivery = &sandbox.deliveries()[0];
    assert_eq!(delivery.attempts.len(), 16);
    assert!(
        delivery
            .attempts
            .iter()
            .all(|attempt| attempt.status == Some(500))
    );
    let error = delivery.attempts[0].error.as_deref().unwrap();
    assert_eq!(error, "answered HTTP 500, expected 200 to 299");
    let mut received = 0;
    while let Some(webhook) = inbox.try_next() {
        assert_eq!(webhook.body, delivery.body);
        assert!(is_signed(&webhook, &merchant));
        received += 1;
    }
    assert_eq!(received, 16);
}

#[tokio::test]
async fn a_repeated_attempt_has_the_same_body_and_a_fresh_signature() {
    let (sandbox, merchant, inbox) = shop().await;
    sandbox.update_settings(|settings| {
        settings.time_scale = 1;
        settings.retry_intervals = vec![Duration::from_millis(5); 2000];
    });
    inbox.answer_with(503, "");
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().expire(&order).unwrap();
    let first = inbox.next().await.unwrap();
    sandbox.shift_clock(TimeDelta::seconds(90));
    let timestamp = |webhook: &ReceivedWebhook| -> i64 {
        webhook.header("x-timestamp").unwrap().parse().unwrap()
    };
    let mut next = inbox.next().await.unwrap();
    while timestamp(&next) < timestamp(&first) + 90 {
        next = inbox.next().await.unwrap();
    }
    assert_eq!(first.body, next.body);
    assert_ne!(first.header("x-sign"), next.header("x-sign"));
    assert!(is_signed(&first, &merchant) && is_signed(&next, &merchant));

    inbox.answer_with(200, "success");
    let delivered = || sandbox.deliveries()[0].state == DeliveryState::Delivered;
    eventually("the notice is delivered", delivered).await;
    let delivery = &sandbox.deliveries()[0];
    let statuses: Vec<_> = delivery
        .attempts
        .iter()
        .map(|attempt| attempt.status)
        .collect();
    let (last, refused) = statuses.split_last().unwrap();
    assert_eq!(*last, Some(200));
    assert!(refused.iter().all(|status| *status == Some(503)));
    let appid = delivery
        .headers()
        .iter()
        .find(|(name, _)| name == "X-Appid");
    assert_eq!(appid.unwrap().1, merchant.app_id);
}

#[tokio::test]
async fn any_success_counts_unless_a_body_is_asked_for() {
    let (sandbox, merchant, inbox) = shop().await;
    inbox.answer_with(204, "");
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().expire(&order).unwrap();
    let state = |at: usize| sandbox.deliveries()[at].state;
    eventually("204 is delivered", || state(0) == DeliveryState::Delivered).await;

    sandbox.update_settings(|settings| {
        settings.delivered_by = DeliveredBy::Body("success".to_owned());
        settings.retry_intervals.clear();
    });
    for (at, answer, expected) in [
        (1, "fail", DeliveryState::GivenUp),
        (2, "success\n", DeliveryState::Delivered),
    ] {
        inbox.answer_with(200, answer);
        let order = merchant.order(&format!("B-{at}"), "10", &inbox.url()).await;
        sandbox.halo().expire(&order).unwrap();
        eventually("the delivery ends", || state(at) == expected).await;
    }
}

#[tokio::test]
async fn redirects_are_not_followed_and_dead_receivers_are_logged() {
    let (sandbox, merchant, inbox) = shop().await;
    sandbox.update_settings(|settings| settings.retry_intervals.clear());
    sandbox.faults().add(FaultRule::request(
        "/api/moved",
        RequestFault::Status {
            when: When::BeforeWork,
            status: 307,
            headers: vec![("Location".into(), inbox.url())],
            body: String::new(),
        },
    ));
    let moved = format!("{}/api/moved", sandbox.url());
    let moved = merchant.order("A-1", "10", &moved).await;
    sandbox.halo().expire(&moved).unwrap();
    let dead = merchant.order("A-2", "10", "http://127.0.0.1:9/hook").await;
    sandbox.halo().expire(&dead).unwrap();
    eventually("both are given up", || {
        let deliveries = sandbox.deliveries();
        deliveries
            .iter()
            .all(|delivery| delivery.state == DeliveryState::GivenUp)
    })
    .await;
    let deliveries = sandbox.deliveries();
    assert_eq!(deliveries[0].attempts[0].status, Some(307));
    assert_eq!(deliveries[1].attempts[0].status, None);
    let error = deliveries[1].attempts[0].error.as_deref().unwrap();
    assert!(error.contains("error sending request"), "{error}");
    assert!(inbox.try_next().is_none());
}
