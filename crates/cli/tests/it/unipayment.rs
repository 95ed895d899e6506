//! UniPayment in its three generations.

mod demo;
mod diagnosing;
mod faults;
mod invoices;
mod payouts;
mod powers;
mod setting_up;
mod webhooks;

use paymux_sandbox::{Generation, Sandbox};
use tokio::process::Command;

use crate::child::{
    CLIENT_ID, CLIENT_SECRET, Ran, UNIPAYMENT_APP_ID, UNIPAYMENT_APP_KEY, WEBHOOK_SECRET, bare,
    run, with,
};

const ALL: [Generation; 3] = [Generation::Md5, Generation::Hmac, Generation::OAuth];

/// Those that have a wallet.
const WALLETS: [Generation; 2] = [Generation::Hmac, Generation::OAuth];

/// An account at the gateway that is not the merchant's.
const ACCOUNT: &str = "account:99999999-aaaa-4bbb-8ccc-dddddddddddd";

const fn name_of(generation: Generation) -> &'static str {
    match generation {
        Generation::Md5 => "md5",
        Generation::Hmac => "hmac",
        Generation::OAuth => "oauth",
    }
}

const fn invoices_path(generation: Generation) -> &'static str {
    match generation {
        Generation::Md5 => "/api/invoice/create",
        Generation::Hmac | Generation::OAuth => "POST /v1.0/invoices",
    }
}

/// The arguments of an invoice that is right in every generation.
const INVOICE: [&str; 8] = [
    "invoice",
    "create",
    "--order-id",
    "order-1",
    "--price",
    "5 USD",
    "--asset",
    "USDT@tron",
];

/// The arguments of a payout to somebody.
const fn payout_to(to: &str) -> [&str; 11] {
    [
        "payout",
        "create",
        "--reference",
        "ref-1",
        "--asset",
        "USDT@tron",
        "--amount",
        "0.50",
        "--to",
        to,
        "--yes",
    ]
}

/// The command with the credentials of every generation, of which one is chosen.
fn command_at(base_url: &str, generation: Generation, args: &[&str]) -> Command {
    let mut command = bare(&with(&["--provider", "unipayment"], args));
    command
        .env("PAYMUX_UNIPAYMENT_AUTH", name_of(generation))
        .env("PAYMUX_UNIPAYMENT_BASE_URL", base_url)
        .env("PAYMUX_UNIPAYMENT_APP_ID", UNIPAYMENT_APP_ID)
        .env("PAYMUX_UNIPAYMENT_APP_KEY", UNIPAYMENT_APP_KEY)
        .env("PAYMUX_UNIPAYMENT_CLIENT_ID", CLIENT_ID)
        .env("PAYMUX_UNIPAYMENT_CLIENT_SECRET", CLIENT_SECRET)
        .env("PAYMUX_UNIPAYMENT_WEBHOOK_SECRET", WEBHOOK_SECRET);
    command
}

/// Runs the command against a sandbox, payouts set up.
async fn uni(sandbox: &Sandbox, generation: Generation, args: &[&str]) -> Ran {
    let account = sandbox.unipayment().account_id("USDT").unwrap();
    let mut command = command_at(sandbox.url(), generation, args);
    command
        .env("PAYMUX_UNIPAYMENT_FROM_ACCOUNT_ID", account)
        .env("PAYMUX_UNIPAYMENT_PAYOUT_REASON", "StaffCosts");
    run(command).await
}
