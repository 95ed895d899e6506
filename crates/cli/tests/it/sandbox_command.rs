//! `sandbox`.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::child::{INVOICE, bare, members, paymux_bare, run};

async fn start(args: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = bare(args).spawn().unwrap();
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
        let (child, mut lines) = start(&["sandbox", "--listen", "127.0.0.1:0"]).await;
        let ready: Value = serde_json::from_str(&line(&mut lines).await.unwrap()).unwrap();
        assert_eq!(members(&ready), ["environment", "listen"]);
        let environment = ready["environment"].as_object().unwrap();
        let listen = ready["listen"].as_str().unwrap();
        assert_eq!(
            environment["PAYMUX_NATIVE_CHECKOUT_BASE_URL"],
            format!("http://{listen}")
        );

        let mut command = bare(&INVOICE);
        for (name, value) in environment {
            command.env(name, value.as_str().unwrap());
        }
        assert_eq!(run(command).await.done()["status"], "pending");

        end(child, signal).await;
        assert_eq!(line(&mut lines).await, None, "nothing after the one line");
    }
}

#[tokio::test]
async fn text_can_be_pasted_into_a_shell() {
    let (child, mut lines) = start(&["sandbox", "--output", "text"]).await;
    let mut exports = Vec::new();
    while let Some(line) = line(&mut lines).await {
        exports.extend(line.strip_prefix("export ").map(str::to_owned));
        if line.contains("/sandbox/") {
            break;
        }
    }
    assert_eq!(exports.len(), 3);
    assert!(exports[0].starts_with("PAYMUX_NATIVE_CHECKOUT_BASE_URL=http://127.0.0.1:"));
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
