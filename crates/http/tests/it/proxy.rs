//! This machine is never reached through a proxy.

use paymux_http::Effect;

use crate::{config, request, transport, unsigned};
use paymux_test_bench::{RawServer, ok};

const CHILD: &str = "PAYMUX_HTTP_TEST_CHILD";

/// The variables are read when a client is made, so the test runs itself in a process that has them.
#[tokio::test]
async fn loopback_goes_past_every_proxy_variable() {
    if std::env::var_os(CHILD).is_some() {
        let server = RawServer::replying(vec![ok()]).await;
        transport(&server, config())
            .send(&request(Effect::Create), &unsigned)
            .await
            .unwrap();
        assert_eq!(server.received().len(), 1);
        return;
    }
    let proxy = RawServer::replying(vec![ok()]).await;
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "proxy::loopback_goes_past_every_proxy_variable"])
        .env(CHILD, "1");
    for variable in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(variable, proxy.url());
    }
    for variable in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        command.env_remove(variable);
    }
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    assert_eq!(proxy.connections(), 0);
}
