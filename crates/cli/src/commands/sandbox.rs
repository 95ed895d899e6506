//! `paymux sandbox`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use chrono::Utc;
use paymux::setup::Setup;
use paymux::unipayment::{ConfigKey, Generation};
use paymux_sandbox::{Sandbox, Settings};
use secrecy::ExposeSecret;
use serde::{Serialize, Serializer};

use super::simulated::{self, HALO, UNIPAYMENT};
use crate::database;
use crate::failure::Failure;
use crate::interruption::Interruption;
use crate::output::{Output, text};

/// How often the simulated chains find a block: slow enough to watch, quick enough to wait for.
const BLOCK_TIME: Duration = Duration::from_secs(3);

#[derive(Debug, Serialize)]
struct Ready {
    listen: String,
    environment: Environment,
}

/// What makes this command and others talk to the sandbox: the variables of each gateway. The
/// credentials are made up.
#[derive(Debug)]
struct Environment(Vec<Vec<(&'static str, String)>>);

impl Environment {
    fn of(setups: &[Setup]) -> Self {
        let variables = |setup: &Setup| {
            let settings = setup.provider_type().settings().into_iter();
            settings
                .filter_map(|key| {
                    let value = setup.get(key.name)?;
                    Some((key.variable, value.expose_secret().to_owned()))
                })
                .collect()
        };
        Self(setups.iter().map(variables).collect())
    }

    /// As a shell takes it, a paragraph for each gateway.
    fn exports(&self) -> String {
        let paragraphs = self.0.iter().map(|variables| {
            let lines: Vec<String> = variables
                .iter()
                .map(|(variable, value)| format!("export {variable}={value}"))
                .collect();
            lines.join("\n")
        });
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }
}

impl Serialize for Environment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().flatten().map(|(name, value)| (name, value)))
    }
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
    let base_url = format!("http://{}", reachable(sandbox.address()));
    let ready = Ready {
        listen: sandbox.address().to_string(),
        environment: Environment::of(&[
            simulated::halo(&sandbox, &base_url)?,
            simulated::unipayment(&sandbox, &base_url, Generation::default())?,
        ]),
    };
    let mut interruption = Interruption::listen();
    output.result(&ready, || instructions(&ready, &base_url))?;
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

fn instructions(ready: &Ready, base_url: &str) -> String {
    format!(
        "{heading} Set this where you want to use it:\n\n\
         {exports}\n\n\
         {ledger}\
         Both gateways are set up by this. Say which one you mean, or let the router choose:\n\n\
         paymux --provider {HALO} invoice create --order-id 1 --price \"5 USD\" --asset USDT@tron\n\
         paymux --provider {UNIPAYMENT} invoice create --order-id 2 --price \"5 USD\" --asset USDT@tron\n\
         paymux invoice create --order-id 3 --price \"5 USD\" --asset USDT@tron\n\n\
         {auth} set to md5 or hmac reaches UniPayment's earlier generations.\n\
         Pay invoices and move payouts on {page}\n\
         A block is found every {block} s. Ctrl-c ends it.",
        heading = text::bold(&format!("The sandbox listens on {}.", ready.listen)),
        exports = ready.environment.exports(),
        auth = ConfigKey::Auth.env(),
        ledger = own_ledger(),
        page = text::bold(&format!("{base_url}/sandbox/")),
        block = BLOCK_TIME.as_secs(),
    )
}

/// The variable that keeps what is tried apart from real payments, for as long as this sandbox runs. What
/// it holds means nothing to the next one.
fn own_ledger() -> String {
    if database::is_named() {
        return String::new();
    }
    // In a container every process may have the same id.
    let (now, process) = (Utc::now().format("%Y%m%d-%H%M%S"), std::process::id());
    let file = std::env::temp_dir().join(format!("paymux-sandbox-{now}-{process}.db"));
    format!(
        "# A ledger of its own, apart from real payments:\nexport {}=sqlite://{}\n\n",
        database::VARIABLE,
        file.display()
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
