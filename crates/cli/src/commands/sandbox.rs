//! `paymux sandbox`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use paymux_sandbox::{Sandbox, Settings};
use serde::Serialize;

use crate::failure::Failure;
use crate::interruption::Interruption;
use crate::output::{Output, text};

/// How often the simulated chains find a block: slow enough to watch, quick enough to wait for.
const BLOCK_TIME: Duration = Duration::from_secs(3);

#[derive(Debug, Serialize)]
struct Ready<'a> {
    listen: String,
    environment: Environment<'a>,
}

/// What makes this command and others talk to the sandbox. The credentials are made up.
#[derive(Debug, Serialize)]
struct Environment<'a> {
    #[serde(rename = "PAYMUX_NATIVE_CHECKOUT_BASE_URL")]
    base_url: String,
    #[serde(rename = "PAYMUX_NATIVE_CHECKOUT_APP_ID")]
    app_id: &'a str,
    #[serde(rename = "PAYMUX_NATIVE_CHECKOUT_APP_KEY")]
    app_key: &'a str,
}

pub(super) async fn run(output: &Output, listen: SocketAddr) -> Result<(), Failure> {
    let settings = Settings {
        block_time: Some(BLOCK_TIME),
        ..Settings::default()
    };
    let sandbox = Sandbox::builder()
        .listen(listen)
        .settings(settings)
        .start()
        .await
        .map_err(|error| Failure::usage(error.to_string()))?;
    let ready = Ready {
        listen: sandbox.address().to_string(),
        environment: Environment {
            base_url: format!("http://{}", reachable(sandbox.address())),
            app_id: sandbox.halo().app_id(),
            app_key: sandbox.halo().app_key(),
        },
    };
    let mut interruption = Interruption::listen();
    output.result(&ready, || instructions(&ready))?;
    tokio::select! {
        () = interruption.wait() => {}
        () = sandbox.wait() => {}
    }
    sandbox.stop().await;
    Ok(())
}

/// Where to call from this machine: an address that stands for all of them is called by loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn instructions(ready: &Ready<'_>) -> String {
    let Environment {
        base_url,
        app_id,
        app_key,
    } = &ready.environment;
    format!(
        "{heading} Set this where you want to use it:\n\n\
         export PAYMUX_NATIVE_CHECKOUT_BASE_URL={base_url}\n\
         export PAYMUX_NATIVE_CHECKOUT_APP_ID={app_id}\n\
         export PAYMUX_NATIVE_CHECKOUT_APP_KEY={app_key}\n\n\
         Pay invoices and move payouts on {page}\n\
         A block is found every {block} s. Ctrl-c ends it.",
        heading = text::bold(&format!("The sandbox listens on {}.", ready.listen)),
        page = text::bold(&format!("{base_url}/sandbox/")),
        block = BLOCK_TIME.as_secs(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_all_is_called_by_loopback() {
        let reach = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(reach("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reach("[::]:80"), "[::1]:80");
        assert_eq!(reach("127.0.0.5:80"), "127.0.0.5:80");
    }
}
