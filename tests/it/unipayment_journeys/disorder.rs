//! Webhooks lost, doubled, late and out of order: whoever takes in what comes and reads once at the end
//! knows the same as who saw every step.

use std::collections::BTreeSet;

use paymux::transition::{Change, Observed};
use paymux::{InvoiceSnapshot, InvoiceStatus, PaymentException, WebhookEvent};
use paymux_sandbox::unipayment::UniPaymentSettings;
use paymux_sandbox::{FaultRule, Settings, WebhookFault};
use paymux_unipayment::Generation;

use crate::shop::{Shop, decimal};
use crate::webhook_disorder::{in_order, permutations, take_in};

/// Expired after a part, the rest and more late, confirmed, complete.
async fn long_road(generation: Generation) -> (Shop, InvoiceSnapshot, Vec<WebhookEvent>) {
    let unipayment = UniPaymentSettings {
        late_payment_revives: true,
        ..UniPaymentSettings::default()
    };
    let settings = Settings {
        unipayment,
        ..Settings::default()
    };
    let shop = Shop::at_unipayment(generation, settings).await;
    let created = shop.invoice().await;
    let (gateway, id) = (shop.sandbox.unipayment(), created.id.as_str());
    gateway.pay(id, decimal("2")).unwrap();
    gateway.expire(id).unwrap();
    gateway.pay(id, decimal("3.5")).unwrap();
    gateway.confirm(id, 1).unwrap();
    gateway.complete(id).unwrap();
    let events = shop.all_notices().await;
    (shop, created, events)
}

#[tokio::test]
async fn every_order_of_the_same_webhooks_ends_in_the_same_snapshot() {
    for generation in Generation::ALL {
        let (_shop, created, events) = long_road(generation).await;
        let keys: BTreeSet<_> = events.iter().map(|event| &event.dedup_key).collect();
        // New, Expired, Paid, Confirmed, Complete.
        assert_eq!((events.len(), keys.len()), (5, 5), "{generation}");
        let mut expected = created.clone();
        for event in &events {
            take_in(&mut expected, event);
        }
        let expected = in_order(expected);
        assert_eq!(expected.status, InvoiceStatus::Settled);
        let late_and_too_much = [PaymentException::Overpaid, PaymentException::Late];
        assert_eq!(expected.exceptions, late_and_too_much.into_iter().collect());
        assert_eq!(expected.excess.as_ref().unwrap().amount, decimal("0.5"));

        for permutation in permutations(&events) {
            let mut known = created.clone();
            for event in permutation.iter().chain(permutation.first()) {
                let change = take_in(&mut known, event);
                assert_ne!(change, Change::Contradiction);
                take_in(&mut known, event);
            }
            let words: Vec<_> = permutation.iter().map(|event| &event.dedup_key).collect();
            assert_eq!(
                in_order(known),
                expected,
                "{generation}, in the order {words:?}"
            );
        }
    }
}

/// What nobody reads is only told: refunds, in answers of v1.0.
fn comparable(mut invoice: InvoiceSnapshot) -> InvoiceSnapshot {
    invoice.refunded = None;
    in_order(invoice)
}

/// The gateway's own read tells that it was late, so no webhook is needed to know that.
#[tokio::test]
async fn any_webhooks_and_one_read_are_as_good_as_all() {
    for generation in Generation::ALL {
        let (shop, created, events) = long_road(generation).await;
        let read = shop.provider.fetch_invoice(&created.id).await.unwrap();
        let mut expected = created.clone();
        for event in &events {
            take_in(&mut expected, event);
        }
        expected.observe(read.snapshot(), Observed::Read);
        let expected = comparable(expected);
        for bits in 0..1_usize << events.len() {
            let mut known = created.clone();
            for (at, event) in events.iter().enumerate().rev() {
                if bits & (1 << at) != 0 {
                    take_in(&mut known, event);
                }
            }
            let change = known.observe(read.snapshot(), Observed::Read);
            assert_ne!(change, Change::Contradiction);
            assert_eq!(
                comparable(known),
                expected,
                "{generation}, webhooks {bits:05b}"
            );
        }
    }
}

/// What a shop knows in the end when webhooks go wrong in this way: paid in two parts, complete.
async fn known_in_the_end(
    generation: Generation,
    fault: Option<FaultRule>,
) -> (InvoiceSnapshot, usize) {
    let shop = Shop::at_unipayment(generation, Settings::default()).await;
    if let Some(fault) = fault {
        shop.sandbox.faults().add(fault);
    }
    let mut invoice = shop.invoice().await;
    let (gateway, id) = (shop.sandbox.unipayment(), invoice.id.clone());
    gateway.pay(id.as_str(), decimal("2")).unwrap();
    gateway.pay_rest(id.as_str()).unwrap();
    gateway.confirm(id.as_str(), 1).unwrap();
    gateway.complete(id.as_str()).unwrap();
    let events = shop.all_notices().await;
    for event in &events {
        assert_ne!(take_in(&mut invoice, event), Change::Contradiction);
    }
    shop.read(&mut invoice).await;
    (invoice, events.len())
}

#[tokio::test]
async fn whatever_happens_to_webhooks_the_end_is_the_same() {
    let webhook = FaultRule::webhook;
    for generation in Generation::ALL {
        let (right, count) = known_in_the_end(generation, None).await;
        assert_eq!(
            (right.status, count),
            (InvoiceStatus::Settled, 4),
            "{generation}"
        );
        for (what, fault, expected) in [
            ("the first lost", webhook(WebhookFault::Lost), 3),
            ("all lost", webhook(WebhookFault::Lost).always(), 0),
            (
                "the last lost",
                webhook(WebhookFault::Lost).for_event("Complete"),
                3,
            ),
            ("all doubled", webhook(WebhookFault::Doubled).always(), 8),
            ("the first overtaken", webhook(WebhookFault::Overtaken), 4),
            (
                "the first late",
                webhook(WebhookFault::Delayed { millis: 60 }),
                4,
            ),
            // One is not proven; the inbox answers 200 to whatever comes, so it is not sent again.
            ("wrongly signed", webhook(WebhookFault::WrongSignature), 3),
            ("altered", webhook(WebhookFault::AlteredByte), 3),
        ] {
            let (known, count) = known_in_the_end(generation, Some(fault)).await;
            assert_eq!(known.status, right.status, "{generation} {what}");
            assert_eq!(known.exceptions, right.exceptions, "{generation} {what}");
            assert_eq!(known.received, right.received, "{generation} {what}");
            assert_eq!(known.remaining, right.remaining, "{generation} {what}");
            assert_eq!(
                known.provider_status, right.provider_status,
                "{generation} {what}"
            );
            assert_eq!(count, expected, "{generation} {what}");
        }
    }
}

#[tokio::test]
async fn a_redelivered_webhook_is_the_same_event() {
    for notify_id_kept in [true, false] {
        for generation in Generation::ALL {
            let unipayment = UniPaymentSettings {
                notify_id_kept,
                ..UniPaymentSettings::default()
            };
            let settings = Settings {
                unipayment,
                ..Settings::default()
            };
            let shop = Shop::at_unipayment(generation, settings).await;
            shop.inbox.answer_with(503, "Fail");
            shop.invoice().await;
            let (first, again) = (shop.notice().await, shop.notice().await);
            shop.inbox.answer_with(200, "SUCCESS");
            assert_eq!(first.subject, again.subject, "{generation}");
            assert_eq!(first.dedup_key, again.dedup_key, "{generation}");
            assert_eq!(
                first.raw_body == again.raw_body,
                notify_id_kept,
                "{generation}"
            );
        }
    }
}
