//! Webhooks that get lost, come twice, late, out of order, or wrong.

use paymux_sandbox::{DeliveryState, FaultRule, Inbox, Sandbox, WebhookFault};

use crate::client::{Merchant, dec, eventually, unix_now};
use crate::shape::shape_of;
use crate::webhooks::{body, is_signed, shop, status};

async fn expire_under(fault: WebhookFault) -> (Sandbox, Merchant, Inbox) {
    let (sandbox, merchant, inbox) = shop().await;
    sandbox.faults().add(FaultRule::webhook(fault));
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().expire(&order).unwrap();
    (sandbox, merchant, inbox)
}

#[tokio::test]
async fn a_lost_notice_never_comes() {
    let (sandbox, merchant, inbox) = expire_under(WebhookFault::Lost).await;
    let next = merchant.order("A-2", "10", &inbox.url()).await;
    sandbox.halo().expire(&next).unwrap();
    let webhook = inbox.next().await.unwrap();
    assert_eq!(body(&webhook)["out_trade_no"], "A-2");
    let lost = &sandbox.deliveries()[0];
    assert_eq!((lost.state, lost.attempts.len()), (DeliveryState::Lost, 0));
}

#[tokio::test]
async fn a_doubled_notice_comes_twice() {
    let (sandbox, merchant, inbox) = expire_under(WebhookFault::Doubled).await;
    let (first, second) = (inbox.next().await.unwrap(), inbox.next().await.unwrap());
    assert_eq!(first.body, second.body);
    assert!(is_signed(&second, &merchant));
    eventually("delivered", || {
        sandbox.deliveries()[0].state == DeliveryState::Delivered
    })
    .await;
    assert_eq!(sandbox.deliveries()[0].attempts.len(), 2);
}

#[tokio::test]
async fn an_overtaken_notice_comes_after_the_next() {
    let (sandbox, merchant, inbox) = shop().await;
    sandbox
        .faults()
        .add(FaultRule::webhook(WebhookFault::Overtaken));
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().pay(&order, dec("2")).unwrap();
    sandbox.halo().pay(&order, dec("3")).unwrap();
    let sums = [inbox.next().await.unwrap(), inbox.next().await.unwrap()].map(|webhook| {
        body(&webhook)["amount_collected"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    assert_eq!(sums, ["5", "2"]);
}

#[tokio::test]
async fn a_delayed_notice_lets_others_pass() {
    let hour = 3_600_000;
    let (sandbox, merchant, inbox) = shop().await;
    sandbox
        .faults()
        .add(FaultRule::webhook(WebhookFault::Delayed { millis: hour }));
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().pay(&order, dec("2")).unwrap();
    sandbox.halo().pay(&order, dec("3")).unwrap();
    let passed = body(&inbox.next().await.unwrap());
    assert_eq!(passed["amount_collected"], "5");
    let delayed = &sandbox.deliveries()[0];
    assert_eq!(
        (delayed.state, delayed.attempts.len()),
        (DeliveryState::Pending, 0)
    );
}

#[tokio::test]
async fn a_delayed_notice_comes_in_the_end() {
    let (sandbox, merchant, inbox) = expire_under(WebhookFault::Delayed { millis: 20 }).await;
    assert!(is_signed(&inbox.next().await.unwrap(), &merchant));
    let delivered = || sandbox.deliveries()[0].state == DeliveryState::Delivered;
    eventually("the notice is delivered", delivered).await;
}

#[tokio::test]
async fn a_wrong_signature_looks_right_and_is_not() {
    let (_sandbox, merchant, inbox) = expire_under(WebhookFault::WrongSignature).await;
    let webhook = inbox.next().await.unwrap();
    assert!(!is_signed(&webhook, &merchant));
    assert_eq!(webhook.header("x-sign").unwrap().len(), 64);
}

#[tokio::test]
async fn an_altered_body_differs_in_one_byte_and_is_tried_again_right() {
    let (_sandbox, merchant, inbox) = {
        let (sandbox, merchant, inbox) = shop().await;
        inbox.answer_with(400, "fail");
        sandbox
            .faults()
            .add(FaultRule::webhook(WebhookFault::AlteredByte));
        let order = merchant.order("A-1", "10", &inbox.url()).await;
        sandbox.halo().expire(&order).unwrap();
        (sandbox, merchant, inbox)
    };
    let altered = inbox.next().await.unwrap();
    let right = inbox.next().await.unwrap();
    assert!(!is_signed(&altered, &merchant));
    assert!(is_signed(&right, &merchant));
    assert_eq!(altered.body.len(), right.body.len());
    let pairs = altered.body.iter().zip(&right.body);
    assert_eq!(pairs.filter(|(one, other)| one != other).count(), 1);
    assert_eq!(shape_of(&altered.body), shape_of(&right.body));
}

#[tokio::test]
async fn an_old_timestamp_is_signed_rightly() {
    let (_sandbox, merchant, inbox) =
        expire_under(WebhookFault::OldTimestamp { seconds: 600 }).await;
    let webhook = inbox.next().await.unwrap();
    assert!(is_signed(&webhook, &merchant));
    let timestamp: i64 = webhook.header("x-timestamp").unwrap().parse().unwrap();
    assert!(unix_now() - timestamp >= 600);
}

#[tokio::test]
async fn a_rule_for_one_event_leaves_others_alone() {
    let (sandbox, merchant, inbox) = shop().await;
    sandbox.faults().add(
        FaultRule::webhook(WebhookFault::Lost)
            .for_event("TIME-OUT")
            .always(),
    );
    let order = merchant.order("A-1", "10", &inbox.url()).await;
    sandbox.halo().pay(&order, dec("2")).unwrap();
    sandbox.halo().expire(&order).unwrap();
    sandbox.halo().pay_rest(&order).unwrap();
    assert_eq!(status(&inbox.next().await.unwrap()), "TO-BE-PAID");
    let states: Vec<_> = sandbox
        .deliveries()
        .iter()
        .map(|delivery| delivery.state)
        .collect();
    assert_eq!(states[1..], [DeliveryState::Lost, DeliveryState::Lost]);
    assert_eq!(sandbox.faults().pending().len(), 1);
}
