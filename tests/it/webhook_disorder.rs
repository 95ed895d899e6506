//! Webhooks lost, doubled, late and out of order: whoever takes in what comes and reads once at the
//! end knows the same as who saw every step.

use std::collections::BTreeSet;

use paymux::transition::{Change, Observed};
use paymux::{InvoiceSnapshot, InvoiceStatus, PaymentException, WebhookEvent};
use paymux_sandbox::{FaultRule, Settings, WebhookFault};

use crate::shop::{Shop, decimal};

/// Two parts, an expiry, the rest paid late, confirmed: five webhooks.
fn pay_along_a_long_road(shop: &Shop, invoice: &InvoiceSnapshot) {
    let (halo, id) = (shop.sandbox.halo(), invoice.id.as_str());
    halo.pay(id, decimal("5")).unwrap();
    halo.pay(id, decimal("5.5")).unwrap();
    halo.expire(id).unwrap();
    halo.pay_rest(id).unwrap();
    halo.confirm(id, 1).unwrap();
}

async fn shop_that_takes_late_money() -> Shop {
    Shop::with_settings(Settings {
        late_payment_completes: true,
        ..Settings::default()
    })
    .await
}

pub(crate) fn take_in(known: &mut InvoiceSnapshot, event: &WebhookEvent) -> Change {
    let told = event.invoice().expect("the webhook is about an invoice");
    known.observe(told, Observed::Notice)
}

/// Transactions are listed in the order in which they became known.
pub(crate) fn in_order(mut invoice: InvoiceSnapshot) -> InvoiceSnapshot {
    invoice
        .transactions
        .sort_by(|one, other| one.hash.cmp(&other.hash));
    invoice
}

pub(crate) fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for permutation in permutations(rest) {
        for at in 0..=permutation.len() {
            let mut longer = permutation.clone();
            longer.insert(at, first.clone());
            all.push(longer);
        }
    }
    all
}

#[tokio::test]
async fn every_order_of_the_same_webhooks_ends_in_the_same_snapshot() {
    let shop = shop_that_takes_late_money().await;
    let created = shop.invoice().await;
    pay_along_a_long_road(&shop, &created);
    let events = shop.all_notices().await;
    let keys: BTreeSet<_> = events.iter().map(|event| &event.dedup_key).collect();
    assert_eq!((events.len(), keys.len()), (5, 5));

    let mut expected = created.clone();
    for event in &events {
        take_in(&mut expected, event);
    }
    let expected = in_order(expected);
    assert_eq!(expected.status, InvoiceStatus::Settled);
    assert!(expected.exceptions.contains(PaymentException::Late));
    assert_eq!(expected.exceptions.iter().count(), 1);
    assert_eq!(expected.transactions.len(), 3);

    for permutation in permutations(&events) {
        let mut known = created.clone();
        for event in permutation.iter().chain(permutation.first()) {
            let change = take_in(&mut known, event);
            assert_ne!(change, Change::Contradiction);
            take_in(&mut known, event);
        }
        let words: Vec<_> = permutation.iter().map(|event| &event.dedup_key).collect();
        assert_eq!(in_order(known), expected, "in the order {words:?}");
    }
}

#[tokio::test]
async fn any_webhooks_and_one_read_are_as_good_as_all() {
    let shop = shop_that_takes_late_money().await;
    let created = shop.invoice().await;
    pay_along_a_long_road(&shop, &created);
    let events = shop.all_notices().await;

    let without_transactions = |mut invoice: InvoiceSnapshot| {
        invoice.transactions.clear();
        invoice
    };
    let mut expected = created.clone();
    for event in &events {
        take_in(&mut expected, event);
    }
    shop.read(&mut expected).await;
    let read = shop.provider.fetch_invoice(&created.id).await.unwrap();

    // Which of the five webhooks came, as the bits of a number. Who saw neither the expiry nor
    // anything after it cannot know that the money was late: the gateway's read does not tell.
    let saw_expiry = |bits: usize| bits & 0b01100 != 0;
    let indices: Vec<usize> = (0..events.len()).collect();
    let backwards: Vec<usize> = indices.iter().rev().copied().collect();
    for bits in (0..32).filter(|bits| saw_expiry(*bits)) {
        for order in [&indices, &backwards] {
            let mut known = created.clone();
            for at in order.iter().filter(|at| bits & (1 << **at) != 0) {
                take_in(&mut known, &events[*at]);
            }
            let change = known.observe(read.snapshot(), Observed::Read);
            assert_ne!(change, Change::Contradiction);
            assert_eq!(
                without_transactions(known),
                without_transactions(expected.clone()),
                "with webhooks {bits:05b} in the order {order:?}"
            );
        }
    }
}

/// What a shop knows in the end when webhooks go wrong in this way: paid in two parts, settled.
async fn known_in_the_end(faults: Vec<FaultRule>) -> (InvoiceSnapshot, usize) {
    let shop = Shop::open().await;
    for fault in faults {
        shop.sandbox.faults().add(fault);
    }
    let mut invoice = shop.invoice().await;
    let (halo, id) = (shop.sandbox.halo(), invoice.id.clone());
    halo.pay(id.as_str(), decimal("5")).unwrap();
    halo.pay(id.as_str(), decimal("5")).unwrap();
    halo.pay_rest(id.as_str()).unwrap();
    halo.confirm(id.as_str(), 1).unwrap();

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
    let (right, count) = known_in_the_end(Vec::new()).await;
    assert_eq!((right.status, count), (InvoiceStatus::Settled, 3));

    for (what, fault, expected) in [
        ("the first lost", webhook(WebhookFault::Lost), 2),
        ("all lost", webhook(WebhookFault::Lost).always(), 0),
        (
            "the last lost",
            webhook(WebhookFault::Lost).for_event("PAID"),
            2,
        ),
        ("all doubled", webhook(WebhookFault::Doubled).always(), 6),
        ("the first overtaken", webhook(WebhookFault::Overtaken), 3),
        (
            "the first late",
            webhook(WebhookFault::Delayed { millis: 60 }),
            3,
        ),
        // One is not proven; the inbox answers 200 to whatever comes, so it is not sent again.
        ("wrongly signed", webhook(WebhookFault::WrongSignature), 2),
        ("altered", webhook(WebhookFault::AlteredByte), 2),
        (
            "too old",
            webhook(WebhookFault::OldTimestamp { seconds: 600 }),
            2,
        ),
    ] {
        let (known, count) = known_in_the_end(vec![fault]).await;
        assert_eq!(known.status, right.status, "{what}");
        assert_eq!(known.exceptions, right.exceptions, "{what}");
        assert_eq!(known.received, right.received, "{what}");
        assert_eq!(known.remaining, right.remaining, "{what}");
        assert_eq!(known.confirmations, right.confirmations, "{what}");
        assert_eq!(known.provider_status, right.provider_status, "{what}");
        assert_eq!(count, expected, "{what}");
    }
}

#[tokio::test]
async fn a_redelivered_webhook_is_the_same_event_under_a_fresh_signature() {
    let shop = Shop::open().await;
    let invoice = shop.invoice().await;
    shop.inbox.answer_with(503, "fail");
    shop.sandbox
        .halo()
        .pay(invoice.id.as_str(), decimal("5"))
        .unwrap();
    let (first, again) = (shop.notice().await, shop.notice().await);
    shop.inbox.answer_with(200, "success");
    assert_eq!(first, again);
    assert!(!first.dedup_key.is_empty());

    let other = shop.invoice().await;
    shop.sandbox
        .halo()
        .pay(other.id.as_str(), decimal("5"))
        .unwrap();
    let events = shop.all_notices().await;
    let of_other = events
        .iter()
        .find(|event| event.invoice().is_some_and(|told| told.id == other.id))
        .expect("a webhook of the other invoice");
    assert_ne!(first.dedup_key, of_other.dedup_key);
}
