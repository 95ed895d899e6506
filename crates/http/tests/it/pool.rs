//! Connections that are kept, and closed behind the client's back.

use paymux_core::Outcome;
use paymux_http::Effect;

use crate::{config, request, transport, unsigned};
use paymux_test_bench::{RawServer, Reply, answer, cut, ok};

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let server = RawServer::replying(vec![ok()]).await;
    let transport = transport(&server, config());
    for _ in 0..5 {
        transport
            .clone()
            .send(&request(Effect::Create), &unsigned)
            .await
            .unwrap();
    }
    assert_eq!(server.received().len(), 5);
    assert_eq!(server.connections(), 1);
}

/// The gateway reads the second call on a kept connection and hangs up: it may have acted.
#[tokio::test]
async fn a_call_that_a_kept_connection_swallows_is_not_sent_again() {
    let server = RawServer::replying(vec![ok(), cut()]).await;
    let transport = transport(&server, config());
    let send = async || transport.send(&request(Effect::Create), &unsigned).await;
    send().await.unwrap();
    let error = send().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert_eq!(server.received().len(), 2);
    assert_eq!(server.connections(), 1);
}

/// The gateway answers and closes at once, without saying so: the next call may meet the closed
/// connection or a new one. Either way it is received at most once, and what may have been received
/// is never called "not sent".
#[tokio::test]
async fn a_kept_connection_that_was_closed_neither_doubles_nor_loses_a_call() {
    for round in 0..40 {
        let Reply::Bytes(bytes) = answer("200 OK", "", "{}") else {
            unreachable!("an answer is bytes")
        };
        let server = RawServer::replying(vec![Reply::BytesThenClose(bytes), ok()]).await;
        let transport = transport(&server, config());
        let send = async || transport.send(&request(Effect::Create), &unsigned).await;
        send().await.unwrap();
        for _ in 0..round % 4 {
            tokio::task::yield_now().await;
        }
        let second = send().await;
        let received = server.received().len() - 1;
        match second {
            Ok(_) => assert_eq!(received, 1),
            Err(error) if error.outcome() == Outcome::NotSent => assert_eq!(received, 0),
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::Unknown);
                assert_eq!(received, 0);
            }
        }
    }
}
