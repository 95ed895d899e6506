//! Running the command and looking at what it did.

use std::process::Stdio;
use std::time::Duration;

use paymux_sandbox::{Sandbox, SandboxBuilder, UniPaymentCredentials};
use serde_json::Value;
use tokio::process::{Child, Command};

/// Must never be printed, whatever happens.
pub(crate) const APP_KEY: &str = "canary-app-key-3b91";
pub(crate) const OTP: &str = "canary-otp-40277";
pub(crate) const UNIPAYMENT_APP_KEY: &str = "canary-uni-app-key-51d2";
pub(crate) const CLIENT_SECRET: &str = "canary-uni-client-secret-8c07";
pub(crate) const WEBHOOK_SECRET: &str = "canary-uni-webhook-secret-e93a";

const SECRETS: [&str; 5] = [
    APP_KEY,
    OTP,
    UNIPAYMENT_APP_KEY,
    CLIENT_SECRET,
    WEBHOOK_SECRET,
];

pub(crate) const APP_ID: &str = "cliApp01";
pub(crate) const UNIPAYMENT_APP_ID: &str = "66666666-7777-4888-9999-000000000000";
pub(crate) const CLIENT_ID: &str = "11111111-2222-4333-8444-555555555555";

/// What a run of the command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The one JSON value on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The JSON of a run that succeeded.
    pub(crate) fn done(&self) -> Value {
        assert_eq!(self.exit, 0, "{self:#?}");
        self.json()
    }

    /// The error object of a run that failed with this exit code; all its members are there.
    pub(crate) fn error(&self, exit: i32) -> Value {
        assert_eq!(self.exit, exit, "{self:#?}");
        let json = self.json();
        assert_eq!(members(&json), ["error"]);
        let error = json["error"].clone();
        let always = [
            "kind",
            "outcome",
            "provider",
            "operation",
            "code",
            "id",
            "reference",
            "message",
            "hint",
        ];
        let members = members(&error);
        for member in always {
            assert!(
                members.iter().any(|own| own == member),
                "no {member}: {error}"
            );
        }
        assert!(members.len() == always.len() || exit == 7, "{error}");
        error
    }
}

/// The names of an object's members, sorted.
pub(crate) fn members(value: &Value) -> Vec<String> {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is no object"));
    let mut names: Vec<String> = object.keys().cloned().collect();
    names.sort();
    names
}

pub(crate) fn builder() -> SandboxBuilder {
    Sandbox::builder()
        .halo_credentials(APP_ID, APP_KEY)
        .unipayment_credentials(UniPaymentCredentials {
            app_id: UNIPAYMENT_APP_ID.to_owned(),
            app_key: UNIPAYMENT_APP_KEY.into(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
        })
}

pub(crate) async fn sandbox() -> Sandbox {
    builder().start().await.unwrap()
}

/// The command with nothing in its environment but the credentials for this address.
pub(crate) fn command_at(base_url: &str, args: &[&str]) -> Command {
    let mut command = bare(args);
    command
        .env("PAYMUX_NATIVE_CHECKOUT_BASE_URL", base_url)
        .env("PAYMUX_NATIVE_CHECKOUT_APP_ID", APP_ID)
        .env("PAYMUX_NATIVE_CHECKOUT_APP_KEY", APP_KEY);
    command
}

/// Kills a command without warning as soon as it has called this endpoint.
pub(crate) async fn kill_once_called(mut command: Command, sandbox: &Sandbox, endpoint: &str) {
    let mut child = command.spawn().unwrap();
    let called = async {
        while sandbox.requests_to(endpoint).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), called)
        .await
        .unwrap();
    child.kill().await.unwrap();
}

/// The command with nothing in its environment but a ledger that is gone with the process.
pub(crate) fn bare(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paymux"));
    command
        .args(args)
        .env_clear()
        // Nothing is ever written to a real home.
        .env("PAYMUX_DATABASE_URL", "sqlite::memory:")
        .env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

pub(crate) async fn finish(child: Child) -> Ran {
    let output = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output())
        .await
        .expect("the command ends by itself")
        .unwrap();
    let ran = Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    for secret in SECRETS {
        assert!(!ran.stdout.contains(secret), "{ran:#?}");
        assert!(!ran.stderr.contains(secret), "{ran:#?}");
    }
    ran
}

pub(crate) async fn run(mut command: Command) -> Ran {
    finish(command.spawn().unwrap()).await
}

/// Runs the command against a sandbox.
pub(crate) async fn paymux(sandbox: &Sandbox, args: &[&str]) -> Ran {
    run(command_at(sandbox.url(), args)).await
}

/// Runs the command with nothing in its environment.
pub(crate) async fn paymux_bare(args: &[&str]) -> Ran {
    run(bare(args)).await
}

/// The arguments of a payout that is right.
pub(crate) const PAYOUT: [&str; 11] = [
    "payout",
    "create",
    "--reference",
    "ref-1",
    "--asset",
    "USDT@tron-nile",
    "--amount",
    "0.50",
    "--to",
    RECEIVER,
    "--yes",
];

pub(crate) const RECEIVER: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// The arguments of an invoice that is right.
pub(crate) const INVOICE: [&str; 8] = [
    "invoice",
    "create",
    "--order-id",
    "order-1",
    "--price",
    "5 USD",
    "--asset",
    "TRX@tron-nile",
];

/// A call with more arguments at its end.
pub(crate) fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    args.iter().chain(more).copied().collect()
}
