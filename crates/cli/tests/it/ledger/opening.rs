//! Where the ledger is, and what happens where it cannot be opened.

use crate::child::{Books, INVOICE, PAYOUT, bare, command_at, run, sandbox, with};
use crate::raw_gateway::closed_port;

#[tokio::test]
async fn a_database_that_cannot_be_opened_sends_nothing() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let nobody = closed_port().await.replace("http://", "");
    let folder = books.folder().display();
    for (url, exit) in [
        ("mysql://canary-password@host/db".to_owned(), 2),
        ("sqlite://".to_owned(), 2),
        (format!("sqlite://{folder}"), 4),
        (format!("postgres://shop:canary-password@{nobody}/pay"), 4),
    ] {
        for args in [&INVOICE[..], &PAYOUT] {
            let mut command = command_at(sandbox.url(), args);
            command.env("PAYMUX_DATABASE_URL", &url);
            let ran = run(command).await;
            assert!(!ran.stdout.contains("canary"), "{ran:#?}");
            assert!(!ran.stderr.contains("canary"), "{ran:#?}");
            let error = ran.error(exit);
            assert_eq!(error["outcome"], "not_sent", "{url}");
            assert!(error["hint"].is_string(), "{error}");
        }
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn without_a_url_each_run_stands_alone_and_says_so() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let unset = |args: &[&str]| {
        let mut command = command_at(sandbox.url(), args);
        command
            .env_remove("PAYMUX_DATABASE_URL")
            .env("XDG_STATE_HOME", books.folder());
        command
    };
    let shown = run(unset(&["providers", "--output", "text"])).await;
    assert!(
        shown.stdout.contains("PAYMUX_DATABASE_URL is not set"),
        "{}",
        shown.stdout
    );
    let ran = run(unset(&PAYOUT)).await;
    assert!(ran.stderr.contains("within this process only"), "{ran:#?}");
    let first = ran.done();
    assert_ne!(run(unset(&PAYOUT)).await.done()["id"], first["id"]);
    run(unset(&INVOICE)).await.done();
    for args in [
        &["recover"][..],
        &["history", "ref-1"],
        &["export", "invoices", "--format", "jsonl"],
        &["drift"],
        &["serve", "--listen", "127.0.0.1:0"],
        &["payout", "approve", "ref-1", "--who", "Ann"],
    ] {
        let error = run(unset(args)).await.error(2);
        assert_eq!(error["kind"], "configuration", "{args:?}");
        assert!(
            error["hint"]
                .as_str()
                .unwrap()
                .contains("PAYMUX_DATABASE_URL")
        );
    }
    let files = std::fs::read_dir(books.folder()).unwrap().count();
    assert_eq!(files, 0, "nothing is left behind");
}

#[tokio::test]
async fn a_password_in_the_url_is_not_shown() {
    let mut command = bare(&["providers", "--output", "text"]);
    command.env(
        "PAYMUX_DATABASE_URL",
        "postgres://shop:canary-password@db.example/pay",
    );
    let ran = run(command).await;
    assert!(
        ran.stdout.contains("postgres://shop@db.example/pay"),
        "{ran:#?}"
    );
    assert!(!ran.stdout.contains("canary"), "{ran:#?}");
}

#[tokio::test]
async fn neither_the_demo_nor_a_question_needs_one() {
    let sandbox = sandbox().await;
    for args in [&["balance"][..], &["demo"], &["payout", "get", "T1"]] {
        let mut command = command_at(
            sandbox.url(),
            &with(args, &["--provider", "native-checkout"]),
        );
        command.env("PAYMUX_DATABASE_URL", "mysql://nowhere");
        let exit = run(command).await.exit;
        assert_ne!(exit, 2, "{args:?}");
    }
}
