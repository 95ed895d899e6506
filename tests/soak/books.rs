//! Both books side by side: what the gateways made, sent and were told, and what the ledger and its
//! handlers say.

use std::collections::{BTreeMap, BTreeSet};

use paymux_core::Reference;
use paymux_ledger::{Doubt, InvoiceState, Ledger, PayoutState};
use paymux_sandbox::{DeliveryState, WebhookDelivery};

use crate::gateways::{HALO, Made, invoices, payouts};
use crate::process::Heard;
use crate::world::World;

/// A payout that was asked for: its reference, and an amount that no other has.
pub(crate) type Asked = (String, rust_decimal::Decimal);

/// What does not agree, in words. Nothing may run any more, and nothing be left to be done.
pub(crate) async fn differences(world: &World, orders: &[String], asked: &[Asked]) -> Vec<String> {
    let ledger = world.ledger().await;
    let mut found = world.undone();
    check_payouts(world, &ledger, asked, &mut found).await;
    check_invoices(world, &ledger, orders, &mut found).await;
    check_webhooks(world, &mut found);
    check_events(world, &mut found);
    found
}

async fn check_payouts(world: &World, ledger: &Ledger, asked: &[Asked], found: &mut Vec<String>) {
    let made = payouts(&world.sandbox);
    for payout in &made {
        if !asked.iter().any(|(_, amount)| *amount == payout.amount) {
            found.push(format!("nobody asked for {payout:?}"));
        }
    }
    for (reference, amount) in asked {
        let own: Vec<&Made> = made.iter().filter(|own| own.amount == *amount).collect();
        if own.len() > 1 {
            found.push(format!("{reference} was paid more than once: {own:?}"));
        }
        if own.iter().any(|own| own.about != *reference) {
            found.push(format!("{reference} does not travel with {own:?}"));
        }
        let name = Reference::received(reference.as_str());
        let Some(record) = ledger.payout(&name).await.unwrap() else {
            if !own.is_empty() {
                found.push(format!("the ledger knows nothing of {own:?}"));
            }
            continue;
        };
        let known = record.payout.as_ref().map_or("", |p| p.status.as_str());
        let agrees = match (record.state, own.first()) {
            (PayoutState::Made, Some(own)) => {
                record.id.as_ref().is_some_and(|id| id.as_str() == own.id)
                    && record.provider.as_str() == own.provider
                    && known == own.status
            }
            (PayoutState::NotSent | PayoutState::Rejected, None) => true,
            _ => false,
        };
        if !agrees {
            let state = record.state;
            found.push(format!(
                "{reference} is {state:?} {known:?} with {:?} here and {own:?} there",
                record.id
            ));
        }
    }
}

async fn check_invoices(
    world: &World,
    ledger: &Ledger,
    orders: &[String],
    found: &mut Vec<String>,
) {
    let made = invoices(&world.sandbox);
    let doubts = ledger.in_doubt().await.unwrap();
    for order in orders {
        let records = ledger.invoices(&order.parse().unwrap()).await.unwrap();
        let own: Vec<&Made> = made
            .iter()
            .filter(|own| own.about.split('~').next() == Some(order))
            .collect();
        let held = records.iter().filter(|r| r.state == InvoiceState::Made);
        // One that is over may be followed by a newer one.
        let live = held.filter(|record| {
            let known = record.invoice.as_ref().map_or("", |i| i.status.as_str());
            !matches!(known, "expired" | "invalid" | "canceled")
        });
        let live = live.count();
        if live > 1 {
            found.push(format!("{order} has {live} live invoices: {records:?}"));
        }
        for own in &own {
            let record = records.iter().find(|record| {
                record.id.as_ref().is_some_and(|id| id.as_str() == own.id)
                    && record.provider.as_str() == own.provider
            });
            let Some(record) = record else {
                if !may_be_unknown(world, &doubts, own) {
                    found.push(format!("the ledger does not know {own:?}: {records:?}"));
                }
                continue;
            };
            let known = record.invoice.as_ref().map_or("", |i| i.status.as_str());
            if known != own.status || record.sent_order_id.as_str() != own.about {
                found.push(format!("{own:?} is {known} in the ledger: {record:?}"));
            }
        }
        for record in &records {
            let is_there = own
                .iter()
                .any(|own| record.id.as_ref().is_some_and(|id| id.as_str() == own.id));
            if record.state == InvoiceState::Made && !is_there {
                found.push(format!("the gateway does not know {record:?}"));
            }
        }
    }
    let numbers: BTreeSet<_> = made.iter().map(|own| (own.provider, &own.about)).collect();
    if numbers.len() < made.len() {
        found.push(format!("an attempt was made twice: {made:?}"));
    }
}

/// HaloPay cannot be searched: what it never told of stays in doubt, and is listed.
fn may_be_unknown(world: &World, doubts: &[Doubt], own: &Made) -> bool {
    let was_told = world
        .sandbox
        .deliveries()
        .iter()
        .any(|delivery| delivery.about == own.id && was_taken(delivery));
    let is_listed = doubts.iter().any(|doubt| {
        let sent = doubt.sent_order_id.as_ref();
        sent.is_some_and(|sent| sent.as_str() == own.about)
    });
    own.provider == HALO && !was_told && is_listed
}

fn was_taken(delivery: &WebhookDelivery) -> bool {
    delivery
        .attempts
        .iter()
        .any(|attempt| attempt.status == Some(200))
}

/// Whatever a gateway was told to have been taken is in the inbox, and done.
fn check_webhooks(world: &World, found: &mut Vec<String>) {
    let body = world.database.hex("body");
    let done: BTreeSet<String> = world
        .database
        .rows(&format!(
            "SELECT {body} FROM paymux_inbox WHERE state = 'done'"
        ))
        .into_iter()
        .flatten()
        .collect();
    for delivery in world.sandbox.deliveries() {
        if was_taken(&delivery) && !done.contains(&hex::encode(&delivery.body)) {
            let body = String::from_utf8_lossy(&delivery.body);
            found.push(format!(
                "a webhook was taken and is not in the inbox: {body}"
            ));
        }
        if delivery.state == DeliveryState::Pending {
            found.push(format!("{} was not delivered", delivery.event));
        }
    }
}

/// A line of history that has to be told to the application: all that somebody else said, and that a
/// call is in doubt. What a call was answered is told to its caller.
fn is_told(cause: &str, was: &str, became: &str) -> bool {
    match cause {
        "call" | "lease" => {
            let is_news = was != became && became != "running";
            is_news && (became == "in_doubt" || !matches!(was, "" | "running"))
        }
        _ => true,
    }
}

fn check_events(world: &World, found: &mut Vec<String>) {
    let rows = world.database.rows(
        "SELECT id, entity, CAST(entity_seq AS TEXT), kind, body FROM paymux_outbox ORDER BY number",
    );
    let heard = world.hearing.heard.lock().unwrap().clone();
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut told: BTreeMap<(&str, String, String), u32> = BTreeMap::new();
    for row in &rows {
        let [id, entity, sequence, kind, body] = row.as_slice() else {
            panic!("{row:?}");
        };
        let last = last.entry(entity).or_default();
        *last += 1;
        if sequence.parse() != Ok(*last) {
            found.push(format!(
                "event {id} of {entity} is number {sequence}, not {last}"
            ));
        }
        if kind.ends_with("contradiction") {
            found.push(format!("a contradiction where there is none: {body}"));
        }
        if !heard.iter().any(|heard| heard.event.id == *id) {
            found.push(format!("nobody handled the event {id}: {body}"));
        }
        let event: serde_json::Value = serde_json::from_str(body).unwrap();
        let word = |member: &str| event[member].as_str().unwrap().to_owned();
        *told
            .entry((entity, word("was"), word("became")))
            .or_default() += 1;
    }
    let history = world.database.rows(
        "SELECT entity, COALESCE(was, ''), COALESCE(became, ''), cause FROM paymux_history
         ORDER BY number",
    );
    let mut happened: BTreeMap<(&str, String, String), u32> = BTreeMap::new();
    for row in &history {
        let [entity, was, became, cause] = row.as_slice() else {
            panic!("{row:?}");
        };
        if is_told(cause, was, became) {
            *happened
                .entry((entity, was.clone(), became.clone()))
                .or_default() += 1;
        }
    }
    if told != happened {
        found.push(format!("events {told:?} of the history {history:?}"));
    }
    check_handling(&heard, &rows, found);
}

/// An event has one id for ever, and the first sight of each is in its subject's order.
fn check_handling(heard: &[Heard], rows: &[Vec<String>], found: &mut Vec<String>) {
    let ids: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let mut seen: BTreeMap<(&str, u64), &str> = BTreeMap::new();
    let mut newest: BTreeMap<&str, u64> = BTreeMap::new();
    for Heard { event, .. } in heard {
        if !ids.contains(event.id.as_str()) {
            found.push(format!("handled and not in the outbox: {event:?}"));
        }
        let id = seen
            .entry((&event.subject, event.sequence))
            .or_insert(&event.id);
        if *id != event.id {
            found.push(format!("{event:?} was {id} before"));
        }
        let newest = newest.entry(&event.subject).or_default();
        if event.sequence > *newest + 1 {
            found.push(format!("{event:?} was handled after number {newest}"));
        }
        *newest = event.sequence.max(*newest);
    }
}
