//! What the logs tell, and what they never do.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::shop::{HALO, Shop};
use crate::wire::{Sent, exchange};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn logs_tell_provider_and_verdict_and_nothing_that_was_sent() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // Of the whole process: a subscriber of one thread may miss what other threads met first.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let shop = Shop::open().await;
    let webhook = shop.catch(HALO).await;
    let marked = |path: &str| {
        let path = format!("{path}?mark=canary-query");
        Sent::again(&webhook, &path).with_header("x-mark", "canary-header")
    };
    let body = br#"{"payer":"canary-body"}"#.to_vec();
    for (sent, status) in [
        (marked("/webhooks/native-checkout"), 200),
        (
            marked("/webhooks/native-checkout").with_body(body.clone()),
            400,
        ),
        (Sent::post("/webhooks?mark=canary-query", body.clone()), 400),
        (marked("/webhooks/nobody").with_body(body.clone()), 404),
        (marked("/webhooks/canary%20name").with_body(body), 404),
    ] {
        let answer = shop.send(&sent).await;
        assert_eq!(answer.status, status, "{sent:?}");
        assert!(!answer.body.contains("canary"));
    }
    let too_long = marked("/webhooks").head(1024 * 1024 + 1);
    let answer = exchange(shop.address, too_long.as_bytes()).await;
    assert_eq!(answer.status, 413);

    let text = log.text();
    for told in [
        "a webhook was answered provider=native-checkout received=Stored verdict=Accepted",
        "a webhook was answered provider=native-checkout received=Refused kind=invalid_signature verdict=Refused",
        "name=nobody",
        "status=413",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let signature = webhook.header("x-sign").unwrap();
    for secret in ["canary", signature, shop.sandbox.halo().app_key()] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}
