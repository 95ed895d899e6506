//! No secret in an error, a log line or a `Debug`.

use paymux_http::{Effect, Header, Method, Request, Unsigned};
use paymux_test_bench::{CapturedLog, RawServer, Received, answer, cut, ok};

use crate::{config, transport};

#[tokio::test]
async fn canaries_show_nowhere() {
    let log = CapturedLog::start();

    let sign = |_: &Unsigned<'_>| Ok(vec![Header::secret("x-sign", "canary-header")]);
    let request = Request::new("do_it", Effect::Read, Method::Post, "/do")
        .with_query("key", "canary-query")
        .with_body("application/json", "{\"otp\":\"canary-body\"}");
    let mut shown = String::new();
    for reply in [
        ok(),
        cut(),
        answer(
            "500 canary-reason",
            "x-token: canary-answer\r\n",
            "canary-answer",
        ),
        answer("302 Found", "location: http://canary-answer/\r\n", ""),
    ] {
        let server = RawServer::replying(vec![reply]).await;
        let transport = transport(&server, config());
        match transport.send(&request, &sign).await {
            Ok(answer) => shown.push_str(&format!("{answer:?}")),
            Err(error) => {
                shown.push_str(&format!("{error} {error:?}"));
                let mut source = std::error::Error::source(&error);
                while let Some(cause) = source {
                    shown.push_str(&format!(" {cause} {cause:?}"));
                    source = cause.source();
                }
            }
        }
        shown.push_str(&format!("{transport:?} {request:?}"));
        assert!(server.received().iter().map(Received::text).all(|text| {
            text.contains("canary-header")
                && text.contains("canary-query")
                && text.contains("canary-body")
        }));
    }
    let log = log.text();
    for text in [&shown, &log] {
        assert!(!text.contains("canary"), "{text}");
    }
    for told in [
        "do_it",
        "example",
        "attempt=3",
        "status=200",
        "status=500",
        "latency_ms=",
    ] {
        assert!(log.contains(told), "{told}: {log}");
    }
}
