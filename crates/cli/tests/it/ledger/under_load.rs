//! `serve` while webhooks come doubled, shuffled and forged, while it is killed, and while its database
//! is away.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use paymux_sandbox::{Inbox, ReceivedWebhook, Sandbox};
use paymux_test_bench::postgres_server;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rustix::process::Signal;
use serde_json::Value;

use super::serving::{Serving, status, until_underpaid};
use super::webhooks::apply;
use crate::books::{Books, on_each_engine, on_postgres};
use crate::child::{INVOICE, PAYOUT, sandbox, with};

const ORDERS: [&str; 4] = ["order-1", "order-2", "order-3", "order-4"];

/// A webhook that is posted, and whether it is the gateway's own.
#[derive(Clone)]
struct Post {
    /// Which of those that the gateway sent.
    number: usize,
    head: String,
    body: Vec<u8>,
    is_genuine: bool,
}

impl Post {
    fn of(number: usize, webhook: &ReceivedWebhook) -> Self {
        let query = webhook.path_and_query.split_once('?');
        let query = query.map_or_else(String::new, |(_, query)| format!("?{query}"));
        let headers: String = webhook
            .headers
            .iter()
            .filter(|(name, _)| !matches!(&**name, "host" | "connection" | "content-length"))
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        Self {
            number,
            head: format!("POST /webhooks/native-checkout{query} HTTP/1.1\r\n{headers}"),
            body: webhook.body.clone(),
            is_genuine: true,
        }
    }

    /// The same with another body under the gateway's signature.
    fn forged(&self) -> Self {
        let mut body = self.body.clone();
        body.push(b' ');
        Self {
            body,
            is_genuine: false,
            ..self.clone()
        }
    }
}

/// Every webhook that has come.
async fn all(inbox: &Inbox) -> Vec<ReceivedWebhook> {
    let mut all = Vec::new();
    while let Some(webhook) = inbox.next_within(Duration::from_millis(500)).await {
        all.push(webhook);
    }
    all
}

/// Makes invoices that are paid and settled and a payout that arrives; gives what the gateway told of
/// them, to somebody else, and their ids.
async fn told(sandbox: &Sandbox, books: &Books) -> (Vec<ReceivedWebhook>, Vec<String>) {
    let inbox = sandbox.inbox("elsewhere");
    let callback = inbox.url();
    let mut ids = Vec::new();
    for order in ORDERS {
        let mut create = INVOICE;
        create[3] = order;
        let create = with(&create, &["--callback-url", &callback]);
        let invoice = books.paymux(sandbox, &create).await.done();
        let id = invoice["id"].as_str().unwrap().to_owned();
        sandbox.halo().pay(&id, 1.into()).unwrap();
        sandbox.halo().pay_rest(&id).unwrap();
        sandbox.halo().confirm(&id, 40).unwrap();
        ids.push(id);
    }
    let create = with(&PAYOUT, &["--callback-url", &callback]);
    let payout = books.paymux(sandbox, &create).await.done();
    let id = payout["id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        sandbox.halo().advance_payout(&id).unwrap();
    }
    ids.push(id);
    (all(&inbox).await, ids)
}

/// Each three times, and once forged, in an order that has nothing to do with time.
fn shuffled(told: &[ReceivedWebhook]) -> Vec<Post> {
    let mut posts: Vec<Post> = told
        .iter()
        .enumerate()
        .map(|(number, webhook)| Post::of(number, webhook))
        .flat_map(|post| [post.clone(), post.forged(), post.clone(), post.clone()])
        .collect();
    posts.shuffle(&mut StdRng::seed_from_u64(1));
    posts
}

/// Posts them, several at once; gives the numbers of those that were accepted. Where it is told to, the
/// server is killed after so many answers.
async fn post_all(
    serving: &mut Serving,
    posts: &[Post],
    kill_after: Option<usize>,
) -> BTreeSet<usize> {
    let listen = serving.listen().to_owned();
    let mut answers = stream::iter(posts)
        .map(async |post| (post, status(&listen, &post.head, &post.body).await))
        .buffer_unordered(8);
    let mut accepted = BTreeSet::new();
    let mut count = 0;
    while let Some((post, status)) = answers.next().await {
        match (post.is_genuine, status) {
            (true, Some(200)) => {
                accepted.insert(post.number);
            }
            (false, Some(400)) => {}
            (_, None) if kill_after.is_some() => {}
            (genuine, other) => panic!("genuine {genuine}, answered {other:?}"),
        }
        count += 1;
        if kill_after == Some(count) {
            serving.kill().await;
        }
    }
    accepted
}

async fn history(sandbox: &Sandbox, books: &Books, id: &str) -> Value {
    books.paymux(sandbox, &["history", id]).await.done()[0].clone()
}

fn status_of(history: &Value) -> &str {
    let kind = history["kind"].as_str().unwrap();
    history[kind][kind]["status"].as_str().unwrap()
}

/// Waits until all of them have come to their ends.
async fn until_all_ended(sandbox: &Sandbox, books: &Books, ids: &[String]) {
    let ended = async {
        for id in ids {
            while !matches!(
                status_of(&history(sandbox, books, id).await),
                "settled" | "completed"
            ) {}
        }
    };
    tokio::time::timeout(Duration::from_secs(120), ended)
        .await
        .unwrap();
}

#[test]
fn doubled_shuffled_and_forged_each_is_taken_in_once() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let (told, ids) = told(&sandbox, &books).await;
        assert!(told.len() > ids.len(), "{}", told.len());
        let mut serving = Serving::start(&sandbox, &books).await;
        let accepted = post_all(&mut serving, &shuffled(&told), None).await;
        assert_eq!(accepted.len(), told.len());
        // What is accepted and not taken in yet is taken in by the next one.
        serving.end(Signal::TERM).await;
        let serving = Serving::start(&sandbox, &books).await;
        until_all_ended(&sandbox, &books, &ids).await;
        serving.end(Signal::INT).await;

        for id in &ids {
            let history = history(&sandbox, &books, id).await;
            let lines = history["lines"].as_array().unwrap();
            let states: Vec<&str> = lines
                .iter()
                .filter(|line| line["was"] != line["became"])
                .map(|line| line["became"].as_str().unwrap())
                .collect();
            let different: BTreeSet<&str> = states.iter().copied().collect();
            assert_eq!(states.len(), different.len(), "{history}");
            let kind = history["kind"].as_str().unwrap();
            let read = books.paymux(&sandbox, &[kind, "get", id]).await.done();
            for member in ["status", "exceptions"] {
                assert_eq!(history[kind][kind][member], read[member], "{history}");
            }
        }
    });
}

#[test]
fn what_was_accepted_outlives_a_kill() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let (told, _) = told(&sandbox, &books).await;
        let posts = shuffled(&told);
        let mut serving = Serving::start(&sandbox, &books).await;
        let accepted = post_all(&mut serving, &posts, Some(posts.len() / 3)).await;
        assert!(!accepted.is_empty());
        for number in accepted {
            let webhook = &told[number];
            let again = apply(&sandbox, &books, webhook, &webhook.body).await.done();
            assert_eq!(again["received"], "duplicate", "{again}");
        }
        let mut serving = Serving::start(&sandbox, &books).await;
        let accepted = post_all(&mut serving, &posts, None).await;
        assert_eq!(accepted.len(), told.len());
        serving.end(Signal::TERM).await;
    });
}

#[test]
fn while_its_database_is_away_nothing_is_accepted() {
    on_postgres(|books| async move {
        let sandbox = sandbox().await;
        let inbox = sandbox.inbox("elsewhere");
        let create = with(&INVOICE, &["--callback-url"]);
        let url = inbox.url();
        let invoice = books.paymux(&sandbox, &with(&create, &[&url])).await.done();
        let id = invoice["id"].as_str().unwrap();
        let serving = Serving::start(&sandbox, &books).await;
        sandbox.halo().pay(id, 1.into()).unwrap();
        let post = Post::of(0, &inbox.next().await.unwrap());

        postgres_server::alter(books.url(), "WITH ALLOW_CONNECTIONS false");
        postgres_server::cut_connections(books.url());
        for _ in 0..2 {
            assert_eq!(serving.status(&post.head, &post.body).await, Some(503));
            let forged = post.forged();
            assert_eq!(serving.status(&forged.head, &forged.body).await, Some(400));
            assert_eq!(serving.health().await, Some(503));
        }
        let error = books.paymux(&sandbox, &PAYOUT).await.error(4);
        assert_eq!(error["outcome"], "not_sent");
        assert!(sandbox.halo().payouts().is_empty());

        postgres_server::alter(books.url(), "WITH ALLOW_CONNECTIONS true");
        let back = async {
            while serving.status(&post.head, &post.body).await != Some(200) {}
            while serving.health().await != Some(200) {}
        };
        tokio::time::timeout(Duration::from_secs(60), back)
            .await
            .unwrap();
        until_underpaid(&sandbox, &books, id).await;
        serving.end(Signal::TERM).await;
    });
}
