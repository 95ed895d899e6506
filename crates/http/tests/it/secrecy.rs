//! No secret in an error, a log line or a `Debug`.

use std::io::Write;
use std::sync::{Arc, Mutex};

use paymux_http::{Effect, Header, Method, Request, Unsigned};
use tracing_subscriber::fmt::MakeWriter;

use crate::raw_server::{RawServer, answer, cut, ok};
use crate::{config, transport};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

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
async fn canaries_show_nowhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // Of the whole process: a subscriber of one thread may miss what other threads met first.
    tracing::subscriber::set_global_default(subscriber).unwrap();

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
        assert!(
            server
                .requests()
                .iter()
                .all(|text| text.contains("canary-header")
                    && text.contains("canary-query")
                    && text.contains("canary-body"))
        );
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
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
