//! Events sent on to a URL, judged by another implementation of Standard Webhooks.

use std::sync::{Arc, Mutex};

use paymux_core::{ErrorKind, InvoiceStatus};
use paymux_http::TransportConfig;
use paymux_ledger::{Forwarder, LedgerEvent};
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::engines::on_each_engine;
use crate::shop::Shop;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

struct Post {
    path: String,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

/// A receiver that answers with these statuses, one after the other, and keeps what came.
async fn receiver(statuses: &'static [u16]) -> (String, Arc<Mutex<Vec<Post>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let posts = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&posts);
    tokio::spawn(async move {
        for status in statuses {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            let post = loop {
                let mut buffer = [0; 4096];
                let count = socket.read(&mut buffer).await.unwrap();
                bytes.extend_from_slice(&buffer[..count]);
                if let Some(post) = parsed(&bytes) {
                    break post;
                }
            };
            kept.lock().unwrap().push(post);
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, posts)
}

fn parsed(bytes: &[u8]) -> Option<Post> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let mut headers = http::HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    let length: usize = headers
        .get("content-length")?
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let body = bytes[end + 4..].to_vec();
    (body.len() == length).then_some(Post {
        path,
        headers,
        body,
    })
}

#[test]
fn what_is_sent_on_is_a_standard_webhook() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        shop.sell_and_be_paid("order-1").await;
        let (url, posts) = receiver(&[500, 302, 204]).await;
        let forwarder = Forwarder::new(
            &format!("{url}/hooks/a%20b?token=1&x=y"),
            SECRET.into(),
            TransportConfig::default(),
        )
        .unwrap()
        .with_secret(OLD_SECRET.into())
        .unwrap();
        assert!(!format!("{forwarder:?}").contains("MfKQ9r8G"));
        for failed in [1, 1, 0] {
            let delivered = shop.ledger.deliver_once(&forwarder).await.unwrap();
            assert_eq!(
                (delivered.failed, delivered.delivered),
                (failed, 1 - failed)
            );
            shop.wait(10);
        }
        let posts = posts.lock().unwrap();
        assert_eq!(posts.len(), 3);
        for post in posts.iter() {
            assert_eq!(post.path, "/hooks/a%20b?token=1&x=y");
            for secret in [SECRET, OLD_SECRET] {
                Webhook::new(secret)
                    .unwrap()
                    .verify(&post.body, &post.headers)
                    .unwrap();
            }
            let other = Webhook::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
            assert!(other.verify(&post.body, &post.headers).is_err());
            let body: serde_json::Value = serde_json::from_slice(&post.body).unwrap();
            assert_eq!(body["type"], "invoice.changed");
            let event: LedgerEvent = serde_json::from_value(body["data"].clone()).unwrap();
            assert_eq!(post.headers["webhook-id"], event.id.as_str());
            assert_eq!(event.invoice.unwrap().status, InvoiceStatus::Settled);
        }
    });
}

#[test]
fn the_path_that_was_given_is_the_one_that_is_asked_for() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        for (number, (given, asked_for)) in [
            ("", "/"),
            ("/", "/"),
            ("/hooks", "/hooks"),
            ("/hooks/", "/hooks/"),
            ("/hooks/a%2Fb/?token=1", "/hooks/a%2Fb/?token=1"),
        ]
        .into_iter()
        .enumerate()
        {
            shop.sell_and_be_paid(&format!("order-{number}")).await;
            let (url, posts) = receiver(&[200]).await;
            let url = format!("{url}{given}");
            let forwarder =
                Forwarder::new(&url, SECRET.into(), TransportConfig::default()).unwrap();
            let delivered = shop.ledger.deliver_once(&forwarder).await.unwrap();
            assert_eq!(delivered.delivered, 1);
            assert_eq!(posts.lock().unwrap()[0].path, asked_for);
        }
    });
}

#[test]
fn a_wrong_url_or_secret_is_explained_and_not_repeated() {
    let make = |url: &str, secret: &str| {
        Forwarder::new(url, secret.into(), TransportConfig::default())
            .map(|_| ())
            .unwrap_err()
    };
    for (url, secret, says) in [
        (
            "https://shop.example/h",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
        ),
        ("https://shop.example/h", "whsec_canary!", "Base64"),
        ("https://shop.example/h", "whsec_Y2FuYXJ5", "24 to 64 bytes"),
        ("http://shop.example/h", SECRET, "https"),
        ("https://user:canary@shop.example/h", SECRET, "user name"),
        ("https://shop.example/h//x", SECRET, "doubled slashes"),
        ("https://shop.example/h//", SECRET, "doubled slashes"),
        ("https://shop.example//", SECRET, "doubled slashes"),
        ("shop", SECRET, "https://shop.example/hooks"),
    ] {
        let error = make(url, secret);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains(says), "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
