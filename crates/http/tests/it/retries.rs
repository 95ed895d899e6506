//! What is tried again, how often, and after which wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{Clock, ErrorKind, Outcome, Sleep};
use paymux_http::{Effect, Header, RetryConfig, Unsigned};

use crate::{config, request, transport, unsigned};
use paymux_test_bench::{RawServer, Reply, answer, cut, ok};

/// Starts at a fixed time, moves on by every sleep, and remembers the sleeps.
#[derive(Debug)]
struct SleeplessClock(Mutex<Vec<Duration>>);

impl SleeplessClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::default()))
    }

    fn sleeps(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

impl Clock for SleeplessClock {
    fn now(&self) -> DateTime<Utc> {
        let slept: Duration = self.sleeps().iter().sum();
        "1994-11-06T08:49:00Z".parse::<DateTime<Utc>>().unwrap()
            + TimeDelta::from_std(slept).unwrap()
    }

    fn sleep(&self, time: Duration) -> Sleep {
        self.0.lock().unwrap().push(time);
        Box::pin(async {})
    }
}

#[tokio::test]
async fn a_read_is_tried_again_until_it_is_answered() {
    let server = RawServer::replying(vec![answer("503 Busy", "", ""), cut(), ok()]).await;
    let answer = transport(&server, config())
        .send(&request(Effect::Read), &unsigned)
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn a_read_is_given_up_after_its_attempts() {
    for reply in [
        answer("500 Oops", "", ""),
        cut(),
        answer("429 Slow", "", ""),
    ] {
        let server = RawServer::replying(vec![reply]).await;
        let result = transport(&server, config())
            .send(&request(Effect::Read), &unsigned)
            .await;
        assert!(result.is_err());
        assert_eq!(server.received().len(), 3);
    }
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for reply in [
        answer("302 Found", "", ""),
        answer("200 OK", "", &"x".repeat(2000)),
    ] {
        let server = RawServer::replying(vec![reply]).await;
        let config = config().with_body_cap(1000);
        let error = transport(&server, config)
            .send(&request(Effect::Read), &unsigned)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_create_is_sent_once_whatever_happens() {
    for reply in [
        cut(),
        answer("500 Oops", "retry-after: 0\r\n", ""),
        answer("503 Busy", "retry-after: 0\r\n", ""),
        answer("429 Slow", "retry-after: 0\r\n", ""),
        answer("408 Late", "", ""),
        answer("302 Found", "location: /elsewhere\r\n", ""),
        Reply::BytesThenClose(b"HTTP/1.1 200 OK\r\n".to_vec()),
    ] {
        let server = RawServer::replying(vec![reply]).await;
        let _ = transport(&server, config())
            .send(&request(Effect::Create), &unsigned)
            .await;
        assert_eq!(server.received().len(), 1);
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn the_wait_that_the_gateway_asks_for_is_kept() {
    let server = RawServer::replying(vec![
        answer("429 Slow", "retry-after: 7\r\n", ""),
        answer(
            "503 Busy",
            "retry-after: Sun, 06 Nov 1994 08:49:27 GMT\r\n",
            "",
        ),
        ok(),
    ])
    .await;
    let clock = SleeplessClock::new();
    let config = config().with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    transport(&server, config)
        .send(&request(Effect::Read), &unsigned)
        .await
        .unwrap();
    assert_eq!(clock.sleeps(), [7, 20].map(Duration::from_secs));
}

#[tokio::test]
async fn a_long_wait_is_left_to_the_caller() {
    let server = RawServer::replying(vec![answer("429 Slow", "retry-after: 31\r\n", "")]).await;
    let clock = SleeplessClock::new();
    let config = config().with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let error = transport(&server, config)
        .send(&request(Effect::Read), &unsigned)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
    assert_eq!(clock.sleeps(), []);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn every_attempt_is_signed_anew_over_what_is_sent() {
    let server = RawServer::replying(vec![cut(), ok()]).await;
    let clock = SleeplessClock::new();
    let config = config()
        .with_clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .with_retry(RetryConfig::default());
    let count = Mutex::new(0);
    let sign = |unsigned: &Unsigned<'_>| {
        let mut count = count.lock().unwrap();
        *count += 1;
        let body = std::str::from_utf8(unsigned.body).unwrap();
        Ok(vec![Header::plain(
            "x-seen",
            format!(
                "{count} {} {} {body}",
                unsigned.method.as_str(),
                unsigned.url.path()
            ),
        )])
    };
    transport(&server, config)
        .send(&request(Effect::Read), &sign)
        .await
        .unwrap();
    let requests = server.received();
    for (number, request) in (1..).zip(&requests) {
        let (head, body) = (&request.head, &request.body);
        assert!(head.starts_with("POST /do HTTP/1.1\r\n"), "{head}");
        assert!(
            head.contains(&format!("x-seen: {number} POST /do {body}")),
            "{head}"
        );
        assert!(head.contains("content-type: application/json"), "{head}");
        assert!(head.contains("user-agent: paymux/"), "{head}");
        assert_eq!(body, "{\"a\":1}");
    }
    assert_eq!(requests.len(), 2);
}
