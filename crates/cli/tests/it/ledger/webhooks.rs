//! A captured webhook moves what the ledger holds.

use std::io::Write;

use futures_util::future::{join, join_all};
use paymux_sandbox::{ReceivedWebhook, Sandbox};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::books::{Books, on_each_engine};
use crate::child::{INVOICE, Ran, members, sandbox, with};

/// A webhook of an invoice of which a part was paid, and the invoice's id.
async fn part_paid(sandbox: &Sandbox, books: &Books) -> (ReceivedWebhook, String) {
    let inbox = sandbox.inbox("shop");
    let url = inbox.url();
    let create = with(&INVOICE, &["--callback-url", &url]);
    let invoice = books.paymux(sandbox, &create).await.done();
    let id = invoice["id"].as_str().unwrap().to_owned();
    sandbox.halo().pay(&id, 1.into()).unwrap();
    (inbox.next().await.unwrap(), id)
}

/// Applies a webhook with this body, as it came otherwise.
pub(super) async fn apply(
    sandbox: &Sandbox,
    books: &Books,
    webhook: &ReceivedWebhook,
    body: &[u8],
) -> Ran {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(body).unwrap();
    let headers: Vec<String> = webhook
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let mut args = vec!["webhook", "apply", "--url", &webhook.path_and_query];
    args.extend(["--body", file.path().to_str().unwrap()]);
    args.extend(headers.iter().flat_map(|header| ["--header", header]));
    books.paymux(sandbox, &args).await
}

async fn history(sandbox: &Sandbox, books: &Books, id: &str) -> Value {
    let history = books.paymux(sandbox, &["history", id]).await.done();
    history[0].clone()
}

#[test]
fn it_is_proven_stored_and_taken_in_once() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let (webhook, id) = part_paid(&sandbox, &books).await;
        for (received, applied) in [("stored", 1), ("duplicate", 0)] {
            let told = apply(&sandbox, &books, &webhook, &webhook.body)
                .await
                .done();
            assert_eq!(
                members(&told),
                [
                    "dedup_key",
                    "deposit",
                    "invoice",
                    "kind",
                    "payout",
                    "proof",
                    "provider",
                    "received",
                    "reference",
                    "worked"
                ]
            );
            assert_eq!(told["received"], received);
            assert_eq!(told["worked"]["applied"], applied, "{told}");
            assert_eq!(told["invoice"]["id"], id.as_str());
        }
        let history = history(&sandbox, &books, &id).await;
        let last = history["lines"].as_array().unwrap().last().unwrap();
        assert_eq!(last["cause"], "webhook");
        assert_eq!(last["proof"], "signed");
        assert_eq!(history["invoice"]["invoice"]["exceptions"][0], "underpaid");

        // What the order's invoice is known as from now on.
        let url = sandbox.inbox("shop").url();
        let create = with(&INVOICE, &["--callback-url", &url]);
        let stored = books.paymux(&sandbox, &create).await.done();
        assert_eq!(stored["exceptions"][0], "underpaid");
    });
}

#[test]
fn many_at_once_are_one() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let (webhook, id) = part_paid(&sandbox, &books).await;
        let mut forged = webhook.body.clone();
        forged.push(b' ');
        let genuine = (0..6).map(|_| apply(&sandbox, &books, &webhook, &webhook.body));
        let false_ones = (0..2).map(|_| apply(&sandbox, &books, &webhook, &forged));
        let (genuine, false_ones) = join(join_all(genuine), join_all(false_ones)).await;
        let told: Vec<Value> = genuine.iter().map(Ran::done).collect();
        let stored = told.iter().filter(|told| told["received"] == "stored");
        assert_eq!(stored.count(), 1, "{told:#?}");
        for ran in false_ones {
            ran.error(6);
        }
        let history = history(&sandbox, &books, &id).await;
        let lines = history["lines"].as_array().unwrap().iter();
        let webhooks = lines.filter(|line| line["cause"] == "webhook");
        assert_eq!(webhooks.count(), 1, "{history}");
    });
}

#[test]
fn what_is_forged_leaves_no_trace() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let (webhook, id) = part_paid(&sandbox, &books).await;
        let before = history(&sandbox, &books, &id).await;
        let mut forged = webhook.body.to_vec();
        forged.push(b' ');
        apply(&sandbox, &books, &webhook, &forged).await.error(6);
        assert_eq!(history(&sandbox, &books, &id).await, before);
    });
}

#[test]
fn what_nobody_here_made_is_kept_apart() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let (webhook, _) = part_paid(&sandbox, &Books::new()).await;
        let told = apply(&sandbox, &books, &webhook, &webhook.body)
            .await
            .done();
        assert_eq!(told["received"], "stored");
        assert_eq!(told["worked"]["applied"], 0);
        assert_eq!(told["worked"]["unmatched"], 1);
    });
}
