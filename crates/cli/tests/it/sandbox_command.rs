//! `sandbox`.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::child::{INVOICE, bare, members, paymux_bare, run, with};

async fn start(mut command: Command) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    tokio::time::timeout(Duration::from_secs(20), lines.next_line())
        .await
        .unwrap()
        .unwrap()
}

async fn end(mut child: Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), child.wait())
        .await
        .unwrap();
    assert_eq!(ended.unwrap().code(), Some(0));
}

#[tokio::test]
async fn one_line_says_where_it_is_and_how_to_use_it() {
    for signal in [Signal::INT, Signal::TERM] {
        let (child, mut lines) = start(bare(&["sandbox", "--listen", "127.0.0.1:0"])).await;
        let ready: Value = serde_json::from_str(&line(&mut lines).await.unwrap()).unwrap();
        assert_eq!(members(&ready), ["environment", "listen"]);
        let environment = ready["environment"].as_object().unwrap();
        let listen = ready["listen"].as_str().unwrap();
        assert_eq!(
            environment["PAYMUX_NATIVE_CHECKOUT_BASE_URL"],
            format!("http://{listen}")
        );

        let with_environment = |args: &[&str]| {
            let mut command = bare(args);
            for (name, value) in environment {
                command.env(name, value.as_str().unwrap());
            }
            command
        };
        let halo = with(&INVOICE, &["--provider", "native-checkout"]);
        let invoice = run(with_environment(&halo)).await.done();
        assert_eq!(invoice["status"], "pending");
        let mut another = INVOICE;
        another[3] = "order-2";
        let routed = run(with_environment(&another)).await.done();
        assert_eq!(routed["provider"], "native-checkout");
        assert_eq!(routed["attempts"][0]["verdict"], "made");

        // One variable more reaches each generation.
        for auth in [None, Some("oauth"), Some("hmac"), Some("md5")] {
            let args = ["--provider", "unipayment", "invoice", "create"];
            let order = format!("order-{}", auth.unwrap_or("default"));
            let terms = [
                "--order-id",
                &order,
                "--price",
                "5 USD",
                "--asset",
                "USDT@tron",
            ];
            let mut command = with_environment(&with(&args, &terms));
            if let Some(auth) = auth {
                command.env("PAYMUX_UNIPAYMENT_AUTH", auth);
            }
            let invoice = run(command).await.done();
            assert_eq!(invoice["due"]["amount"], "5");
        }

        end(child, signal).await;
        assert_eq!(line(&mut lines).await, None, "nothing after the one line");
    }
}

#[tokio::test]
async fn text_can_be_pasted_into_a_shell() {
    let mut command = bare(&["sandbox", "--output", "text"]);
    command.env_remove("PAYMUX_DATABASE_URL");
    let (child, mut lines) = start(command).await;
    let (mut exports, mut told) = (Vec::new(), String::new());
    while let Some(line) = line(&mut lines).await {
        exports.extend(line.strip_prefix("export ").map(str::to_owned));
        told.push_str(&line);
        if line.contains("/sandbox/") {
            break;
        }
    }
    for name in [
        "NATIVE_CHECKOUT_BASE_URL=http://127.0.0.1:",
        "NATIVE_CHECKOUT_APP_ID=",
        "NATIVE_CHECKOUT_APP_KEY=",
        "UNIPAYMENT_BASE_URL=http://127.0.0.1:",
        "UNIPAYMENT_AUTH=oauth",
        "UNIPAYMENT_APP_ID=",
        "UNIPAYMENT_APP_KEY=",
        "UNIPAYMENT_MD5_RULE=type_dropped/amp_key/lower",
        "UNIPAYMENT_CLIENT_ID=",
        "UNIPAYMENT_CLIENT_SECRET=",
        "UNIPAYMENT_WEBHOOK_SECRET=",
        "UNIPAYMENT_FROM_ACCOUNT_ID=",
        "UNIPAYMENT_PAYOUT_REASON=OperatingExpense",
        "DATABASE_URL=sqlite:///",
    ] {
        let is_there = |line: &String| line.starts_with(&format!("PAYMUX_{name}"));
        assert_eq!(
            exports.iter().filter(|line| is_there(line)).count(),
            1,
            "{name}"
        );
    }
    assert_eq!(exports.len(), 14);
    for provider in ["native-checkout", "unipayment"] {
        assert!(
            told.contains(&format!("paymux --provider {provider} ")),
            "{told}"
        );
    }
    end(child, Signal::INT).await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = paymux_bare(&["sandbox", "--listen", &address])
        .await
        .error(2);
    assert!(error["message"].as_str().unwrap().contains(&address));
    paymux_bare(&["sandbox", "--listen", "here"]).await.error(2);
}

#[tokio::test]
async fn a_database_that_was_chosen_stays_so() {
    let (child, mut lines) = start(bare(&["sandbox", "--output", "text"])).await;
    while let Some(line) = line(&mut lines).await {
        assert!(!line.contains("PAYMUX_DATABASE_URL"), "{line}");
        if line.contains("/sandbox/") {
            break;
        }
    }
    end(child, Signal::INT).await;
}
