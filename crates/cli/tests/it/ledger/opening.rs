//! Where the ledger is, and what happens where it cannot be opened.

use std::os::unix::fs::PermissionsExt;

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
async fn without_a_url_it_is_a_file_of_the_users_own() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let at_home = |args: &[&str]| {
        let mut command = command_at(sandbox.url(), args);
        command
            .env_remove("PAYMUX_DATABASE_URL")
            .env("XDG_STATE_HOME", books.folder());
        command
    };
    let file = books.folder().join("paymux/ledger.db");
    let shown = run(at_home(&["providers", "--output", "text"])).await;
    assert!(
        shown.stdout.contains(file.to_str().unwrap()),
        "{}",
        shown.stdout
    );
    assert!(!file.exists(), "to show it is not to make it");

    let first = run(at_home(&PAYOUT)).await.done();
    assert_eq!(run(at_home(&PAYOUT)).await.done(), first);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(sandbox.halo().payouts().len(), 1);
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
