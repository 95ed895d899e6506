//! Several gateways as one.

mod configuring;
mod invoices;
mod payouts;
mod questions;
mod webhooks;

use std::io::Write;

use paymux_sandbox::Sandbox;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::child::{
    APP_KEY, CLIENT_ID, CLIENT_SECRET, RECEIVER, Ran, UNIPAYMENT_APP_ID, UNIPAYMENT_APP_KEY,
    WEBHOOK_SECRET, command_at, members, run, sandbox,
};
use crate::creating::INVOICE_MEMBERS;

/// The arguments of an invoice that either gateway can make.
pub(crate) const INVOICE: [&str; 8] = [
    "invoice",
    "create",
    "--order-id",
    "order-1",
    "--price",
    "5 USD",
    "--asset",
    "USDT@tron",
];

/// The arguments of a payout that either gateway can send.
pub(crate) const PAYOUT: [&str; 11] = [
    "payout",
    "create",
    "--reference",
    "ref-1",
    "--asset",
    "USDT@tron",
    "--amount",
    "0.50",
    "--to",
    RECEIVER,
    "--yes",
];

/// The command with the credentials of HaloPay at one address and UniPayment, in the generation that
/// pays to addresses, at another.
fn command_at_both(halo_url: &str, unipayment_url: &str, args: &[&str]) -> Command {
    let mut command = command_at(halo_url, args);
    command
        .env("PAYMUX_UNIPAYMENT_AUTH", "hmac")
        .env("PAYMUX_UNIPAYMENT_BASE_URL", unipayment_url)
        .env("PAYMUX_UNIPAYMENT_APP_ID", UNIPAYMENT_APP_ID)
        .env("PAYMUX_UNIPAYMENT_APP_KEY", UNIPAYMENT_APP_KEY)
        .env("PAYMUX_UNIPAYMENT_CLIENT_ID", CLIENT_ID)
        .env("PAYMUX_UNIPAYMENT_CLIENT_SECRET", CLIENT_SECRET);
    command
}

/// Two gateways, each with a sandbox of its own.
pub(crate) struct Two {
    pub(crate) halo: Sandbox,
    pub(crate) unipayment: Sandbox,
}

impl Two {
    pub(crate) async fn start() -> Self {
        Self {
            halo: sandbox().await,
            unipayment: sandbox().await,
        }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        command_at_both(self.halo.url(), self.unipayment.url(), args)
    }

    async fn paymux(&self, args: &[&str]) -> Ran {
        run(self.command(args)).await
    }

    /// The command while nobody listens where the first gateway was.
    async fn without_the_first(&self, args: &[&str]) -> Ran {
        let nobody = crate::raw_gateway::closed_port().await;
        run(command_at_both(&nobody, self.unipayment.url(), args)).await
    }
}

fn assert_routed_invoice_shape(invoice: &Value) {
    let mut expected = INVOICE_MEMBERS.map(str::to_owned).to_vec();
    expected.push("attempts".to_owned());
    expected.sort();
    assert_eq!(members(invoice), expected);
}

/// Of each attempt: provider, verdict, outcome and id.
fn story(made: &Value) -> Vec<[&str; 4]> {
    let attempts = made["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| {
            ["provider", "verdict", "outcome", "id"]
                .map(|member| attempt[member].as_str().unwrap_or("-"))
        })
        .collect()
}

/// A config file.
fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// The table of a HaloPay instance.
fn halo_table(name: &str, url: &str) -> String {
    let app_id = crate::child::APP_ID;
    format!(
        "[providers.{name}]\ntype = 'native-checkout'\napp_id = '{app_id}'\napp_key = '{APP_KEY}'\nbase_url = '{url}'\n"
    )
}

/// The table of a UniPayment instance that searches and pays out.
fn unipayment_table(name: &str, url: &str) -> String {
    format!(
        "[providers.{name}]\ntype = 'unipayment'\nauth = 'hmac'\napp_id = '{UNIPAYMENT_APP_ID}'\n\
         client_id = '{CLIENT_ID}'\nclient_secret = '{CLIENT_SECRET}'\n\
         webhook_secret = '{WEBHOOK_SECRET}'\nbase_url = '{url}'\n"
    )
}
