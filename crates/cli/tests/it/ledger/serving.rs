//! `serve`: the gateways' webhooks go into the ledger as they come.

use std::time::Duration;

use paymux_sandbox::Sandbox;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;

use crate::child::{Books, INVOICE, command_at, members, paymux_bare, sandbox, with};

/// Starts it, and gives what it says when it is ready.
async fn serve(sandbox: &Sandbox, books: &Books) -> (Child, Value) {
    let args = ["serve", "--listen", "127.0.0.1:0"];
    let mut child = books
        .keep(command_at(sandbox.url(), &args))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

async fn request(listen: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(listen).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Waits until the newest line of an invoice's history comes from a webhook.
async fn until_heard_of(sandbox: &Sandbox, books: &Books, id: &str) -> Value {
    let heard = async {
        loop {
            let history = books.paymux(sandbox, &["history", id]).await.done();
            let last = history[0]["lines"].as_array().unwrap().last().unwrap();
            if last["cause"] == "webhook" {
                return history[0]["invoice"]["invoice"].clone();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heard)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_sandboxs_webhooks_move_the_stored_invoice() {
    let (sandbox, books) = (sandbox().await, Books::new());
    for (order, signal) in [("order-1", Signal::INT), ("order-2", Signal::TERM)] {
        let (mut child, ready) = serve(&sandbox, &books).await;
        assert_eq!(members(&ready), ["environment", "listen"]);
        let url = ready["environment"]["PAYMUX_DATABASE_URL"]
            .as_str()
            .unwrap();
        assert!(url.ends_with("/ledger.db"), "{url}");
        let listen = ready["listen"].as_str().unwrap();

        let callback = format!("http://{listen}/webhooks/native-checkout");
        let mut create = INVOICE;
        create[3] = order;
        let create = with(&create, &["--callback-url", &callback]);
        let invoice = books.paymux(&sandbox, &create).await.done();
        let id = invoice["id"].as_str().unwrap();
        sandbox.halo().pay(id, 1.into()).unwrap();
        let invoice = until_heard_of(&sandbox, &books, id).await;
        assert_eq!(invoice["exceptions"][0], "underpaid");
        assert_eq!(invoice["order_id"], order);

        let health = request(
            listen,
            "GET /health HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n",
        );
        assert!(health.await.starts_with("HTTP/1.1 200"));
        let forged = "POST /webhooks/native-checkout HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\
                      content-length: 2\r\n\r\n{}";
        assert!(request(listen, forged).await.starts_with("HTTP/1.1 400"));

        let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(20), child.wait())
            .await
            .unwrap();
        assert_eq!(ended.unwrap().code(), Some(0));
    }
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
