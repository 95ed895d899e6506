//! `serve`: the gateways' webhooks go into the ledger as they come.

use std::process::Stdio;
use std::time::Duration;

use paymux_sandbox::Sandbox;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;

use crate::books::{Books, on_each_engine};
use crate::child::{INVOICE, command_at, members, paymux_bare, sandbox, with};

/// A `serve` that runs.
pub(super) struct Serving {
    child: Child,
    /// What it said when it was ready.
    ready: Value,
}

impl Serving {
    pub(super) async fn start(sandbox: &Sandbox, books: &Books) -> Self {
        let args = ["serve", "--listen", "127.0.0.1:0"];
        let mut command = books.keep(command_at(sandbox.url(), &args));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready }
    }

    pub(super) fn listen(&self) -> &str {
        self.ready["listen"].as_str().unwrap()
    }

    /// The status that a request is answered with; nothing where no answer comes.
    pub(super) async fn status(&self, head: &str, body: &[u8]) -> Option<u16> {
        status(self.listen(), head, body).await
    }

    pub(super) async fn health(&self) -> Option<u16> {
        self.status("GET /health HTTP/1.1\r\n", b"").await
    }

    /// Kills it without warning.
    pub(super) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, which it does with exit 0.
    pub(super) async fn end(mut self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait())
            .await
            .unwrap();
        assert_eq!(ended.unwrap().code(), Some(0));
    }
}

pub(super) async fn status(listen: &str, head: &str, body: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(listen).await.ok()?;
    let length = body.len();
    let head = format!("{head}host: shop\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer);
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// Waits until a webhook has told of an invoice that it is underpaid.
pub(super) async fn until_underpaid(sandbox: &Sandbox, books: &Books, id: &str) -> Value {
    let heard = async {
        loop {
            let history = books.paymux(sandbox, &["history", id]).await.done();
            let last = history[0]["lines"].as_array().unwrap().last().unwrap();
            let invoice = &history[0]["invoice"]["invoice"];
            if last["cause"] == "webhook" && invoice["exceptions"][0] == "underpaid" {
                return invoice.clone();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heard)
        .await
        .unwrap()
}

#[test]
fn the_sandboxs_webhooks_move_the_stored_invoice() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        for (order, signal) in [("order-1", Signal::INT), ("order-2", Signal::TERM)] {
            let serving = Serving::start(&sandbox, &books).await;
            assert_eq!(members(&serving.ready), ["environment", "listen"]);
            // Another URL may hold a password.
            let file = books.file().map(|_| Value::from(books.url()));
            let shown = serving.ready["environment"].get("PAYMUX_DATABASE_URL");
            assert_eq!(shown, file.as_ref());

            let callback = format!("http://{}/webhooks/native-checkout", serving.listen());
            let mut create = INVOICE;
            create[3] = order;
            let create = with(&create, &["--callback-url", &callback]);
            let invoice = books.paymux(&sandbox, &create).await.done();
            let id = invoice["id"].as_str().unwrap();
            sandbox.halo().pay(id, 1.into()).unwrap();
            let invoice = until_underpaid(&sandbox, &books, id).await;
            assert_eq!(invoice["order_id"], order);

            assert_eq!(serving.health().await, Some(200));
            let forged = "POST /webhooks/native-checkout HTTP/1.1\r\n";
            assert_eq!(serving.status(forged, b"{}").await, Some(400));
            serving.end(signal).await;
        }
    });
}

#[tokio::test]
async fn it_says_why_it_cannot_begin() {
    let sandbox = sandbox().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let args = ["serve", "--listen", &address];
    let error = crate::child::paymux(&sandbox, &args).await.error(2);
    assert!(
        error["message"].as_str().unwrap().contains(&address),
        "{error}"
    );
    let error = paymux_bare(&["serve", "--listen", "127.0.0.1:0"])
        .await
        .error(2);
    assert_eq!(error["kind"], "configuration");

    let mut nowhere = command_at(sandbox.url(), &["serve", "--listen", "127.0.0.1:0"]);
    nowhere.env("PAYMUX_DATABASE_URL", "mysql://nowhere");
    crate::child::run(nowhere).await.error(2);
}
