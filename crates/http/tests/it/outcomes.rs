//! Whether the gateway may have acted, for every way in which a call can fail.

use std::time::Duration;

use paymux_core::{Error, ErrorKind, Outcome, ProviderName};
use paymux_http::{Effect, RetryConfig, Transport};

use crate::{config, request, transport, unsigned};
use paymux_test_bench::{RawServer, Reply, answer, cut, ok};

async fn failure(server: &RawServer, effect: Effect, patience: Duration) -> Error {
    let config = config()
        .with_retry(RetryConfig::never())
        .with_body_cap(1000)
        .with_timeout(patience);
    transport(server, config)
        .send(&request(effect), &unsigned)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn every_failure_says_whether_the_gateway_may_have_acted() {
    use ErrorKind::{InvalidResponse, RateLimited, Timeout, Unavailable};
    use Outcome::{NotSent, Rejected, Unknown};

    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":";
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n";
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}",
        format!("1f4\r\n{}\r\n", "x".repeat(500)).repeat(3)
    );
    for (what, reply, kind, create, read) in [
        ("cut before an answer", cut(), Unavailable, Unknown, NotSent),
        (
            "cut in the body",
            Reply::BytesThenClose(half.into()),
            Unavailable,
            Unknown,
            NotSent,
        ),
        ("silence", Reply::Silence, Timeout, Unknown, NotSent),
        (
            "silence in the body",
            Reply::Bytes(half.into()),
            Timeout,
            Unknown,
            NotSent,
        ),
        (
            "no HTTP",
            Reply::BytesThenClose(b"SSH-2.0-x\r\n".to_vec()),
            Unavailable,
            Unknown,
            NotSent,
        ),
        (
            "a redirect",
            answer("302 Found", "location: http://127.0.0.1:1/\r\n", ""),
            InvalidResponse,
            Unknown,
            NotSent,
        ),
        (
            "a server error",
            answer("500 Oops", "", "{\"code\":1}"),
            Unavailable,
            Unknown,
            NotSent,
        ),
        (
            "a bad gateway",
            answer("502 Bad", "", "<html>"),
            Unavailable,
            Unknown,
            NotSent,
        ),
        (
            "too much, announced",
            Reply::Bytes(announced.into()),
            InvalidResponse,
            Unknown,
            NotSent,
        ),
        (
            "too much, in chunks",
            Reply::Bytes(chunked.into_bytes()),
            InvalidResponse,
            Unknown,
            NotSent,
        ),
        (
            "too many requests",
            answer("429 Slow", "retry-after: 7\r\n", ""),
            RateLimited,
            Rejected,
            Rejected,
        ),
    ] {
        for (effect, outcome) in [(Effect::Create, create), (Effect::Read, read)] {
            let server = RawServer::replying(vec![reply.clone()]).await;
            // Only silence is waited for as long as it lasts.
            let patience = if kind == Timeout {
                Duration::from_millis(200)
            } else {
                Duration::from_secs(10)
            };
            let error = failure(&server, effect, patience).await;
            assert_eq!(
                (error.kind(), error.outcome()),
                (kind, outcome),
                "{what}, {effect:?}: {error}"
            );
            assert_eq!(error.provider().unwrap().as_str(), "example");
            assert_eq!(error.operation(), Some("do_it"));
            assert_eq!(server.received().len(), 1, "{what}");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_sends_nothing() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let name = ProviderName::from_static("example");
    let transport = Transport::new(&url, name, config()).unwrap();
    for effect in [Effect::Create, Effect::Read] {
        let error = transport
            .send(&request(effect), &unsigned)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains("could not connect to 127.0.0.1:"));
    }
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_failed_handshake_sends_nothing() {
    let server = RawServer::hanging_up().await;
    let name = ProviderName::from_static("example");
    let url = server.url().replace("http://", "https://");
    let transport = Transport::new(&url, name, config()).unwrap();
    let error = transport
        .send(&request(Effect::Create), &unsigned)
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_is_hung_up_may_have_been_read() {
    let server = RawServer::hanging_up().await;
    let error = failure(&server, Effect::Create, Duration::from_secs(10)).await;
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_gateways_no_is_an_answer() {
    for (status, code) in [
        ("200 OK", 200),
        ("201 Created", 201),
        ("400 Bad", 400),
        ("404 No", 404),
    ] {
        let server = RawServer::replying(vec![answer(status, "", "{\"code\":7}")]).await;
        let answer = transport(&server, config())
            .send(&request(Effect::Create), &unsigned)
            .await
            .unwrap();
        assert_eq!(answer.status(), code);
        assert_eq!(answer.is_success(), code < 300);
        assert_eq!(&answer.body()[..], b"{\"code\":7}");
    }
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_cap() {
    let server = RawServer::replying(vec![answer("200 OK", "", &"x".repeat(1000))]).await;
    let answer = transport(&server, config().with_body_cap(1000))
        .send(&request(Effect::Read), &unsigned)
        .await
        .unwrap();
    assert_eq!(answer.body().len(), 1000);
}

#[tokio::test]
async fn what_cannot_be_signed_is_not_sent() {
    let server = RawServer::replying(vec![ok()]).await;
    let transport = transport(&server, config());
    let fails = |_: &paymux_http::Unsigned<'_>| Err(Error::configuration("no key"));
    let odd =
        |_: &paymux_http::Unsigned<'_>| Ok(vec![paymux_http::Header::secret("x-key", "cana\nry")]);
    for error in [
        transport
            .send(&request(Effect::Create), &fails)
            .await
            .unwrap_err(),
        transport
            .send(&request(Effect::Create), &odd)
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(!format!("{error:?}").contains("cana"), "{error:?}");
    }
    assert_eq!(server.connections(), 0);
}
