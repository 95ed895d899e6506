//! Where the ledger is, and what happens where it cannot be opened.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tokio::process::Command;

use crate::books::Books;
use crate::child::{INVOICE, PAYOUT, bare, command_at, members, run, sandbox, with};
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

/// The command without a named database, and with this home.
fn at_home(base_url: &str, home: &Path, args: &[&str]) -> Command {
    let mut command = command_at(base_url, args);
    command
        .env_remove("PAYMUX_DATABASE_URL")
        .env_remove("XDG_STATE_HOME")
        .env("HOME", home);
    command
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn without_a_url_it_is_a_file_of_the_users_own() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let home = books.folder().join("home");
    fs::create_dir(&home).unwrap();
    let state = home.join(".local/state");
    let file = state.join("paymux/ledger.db");
    let paymux = async |args: &[&str]| run(at_home(sandbox.url(), &home, args)).await;

    // What asks and keeps nothing leaves nothing behind.
    let shown = paymux(&["providers", "--output", "text"]).await;
    let url = format!("sqlite://{}", file.display());
    assert!(shown.stdout.contains(&url), "{shown:#?}");
    for args in [&["balance"][..], &["assets"], &["demo"]] {
        paymux(args).await.done();
    }
    let ran = paymux(&["payout", "get", "T1"]).await;
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0);

    let first = paymux(&PAYOUT).await.done();
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&state.join("paymux")), 0o700);
    assert_eq!(mode(&state), 0o700);
    let again = paymux(&PAYOUT).await;
    assert!(again.stderr.contains("made before"), "{again:#?}");
    assert_eq!(again.done(), first);
    assert_eq!(sandbox.halo().payouts().len(), 1);
    let history = paymux(&["history", "ref-1"]).await.done();
    assert_eq!(history[0]["payout"]["id"], first["id"]);
}

#[tokio::test]
async fn the_state_folder_can_be_elsewhere() {
    let books = Books::new();
    let (home, state) = (books.folder().join("home"), books.folder().join("state"));
    for (variable, file) in [
        (state.as_path(), state.join("paymux/ledger.db")),
        // A path that is not absolute is not taken.
        (
            Path::new("state"),
            home.join(".local/state/paymux/ledger.db"),
        ),
    ] {
        let sandbox = sandbox().await;
        let mut command = at_home(sandbox.url(), &home, &INVOICE);
        command.env("XDG_STATE_HOME", variable);
        run(command).await.done();
        assert!(file.exists(), "{}", file.display());
    }
    // A home of its own is not needed then.
    let nobody = closed_port().await;
    let mut command = at_home(&nobody, &home, &["history", "order-1"]);
    command.env_remove("HOME").env("XDG_STATE_HOME", &state);
    assert_eq!(members(&run(command).await.done()[0]).len(), 4);
}

#[tokio::test]
async fn where_the_home_is_of_no_use_nothing_is_sent() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let file = books.folder().join("file");
    fs::write(&file, "no folder").unwrap();
    for (home, exit) in [
        (Some(file.as_path()), 4),
        (None, 2),
        (Some(Path::new("")), 2),
    ] {
        let unhoused = |args: &[&str]| {
            let mut command = at_home(sandbox.url(), home.unwrap_or(&file), args);
            if home.is_none() {
                command.env_remove("HOME");
            }
            command
        };
        for args in [
            &INVOICE[..],
            &PAYOUT,
            &["recover"],
            &["history", "ref-1"],
            &["export", "invoices", "--format", "jsonl"],
            &["drift"],
            &["serve", "--listen", "127.0.0.1:0"],
            &["payout", "approve", "ref-1", "--who", "Ann"],
        ] {
            let error = run(unhoused(args)).await.error(exit);
            assert_eq!(error["outcome"], "not_sent", "{args:?}");
            let hint = error["hint"].as_str().unwrap();
            assert!(hint.contains("PAYMUX_DATABASE_URL"), "{args:?} {hint}");
        }
        let shown = run(unhoused(&["providers", "--output", "text"])).await;
        let says = if exit == 2 {
            "HOME is not set"
        } else {
            "sqlite://"
        };
        assert!(shown.stdout.contains(says), "{shown:#?}");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_path_that_no_url_can_hold_is_told() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let home = books.folder().join("what?");
    let error = run(at_home(sandbox.url(), &home, &PAYOUT)).await.error(2);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("what?"), "{message}");
    assert!(sandbox.requests().is_empty());
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
async fn what_only_asks_goes_on_without_it() {
    let (sandbox, books) = (sandbox().await, Books::new());
    let invoice = books.paymux(&sandbox, &INVOICE).await.done();
    let payout = books.paymux(&sandbox, &PAYOUT).await.done();
    let [invoice, payout] = [&invoice, &payout].map(|made| made["id"].as_str().unwrap());
    let quote = ["quote", "--price", "5 USD", "--asset", "TRX@tron-nile"];
    let watch = [
        "invoice",
        "watch",
        invoice,
        "--until",
        "final",
        "--timeout",
        "1s",
    ];
    let file = books.folder().join("file");
    fs::write(&file, "no folder").unwrap();
    let named = |url: &'static str| {
        move |command: &mut Command| {
            command.env("PAYMUX_DATABASE_URL", url);
        }
    };
    let homeless = |command: &mut Command| {
        command
            .env_remove("PAYMUX_DATABASE_URL")
            .env_remove("XDG_STATE_HOME")
            .env("HOME", &file);
    };
    let without: [&dyn Fn(&mut Command); 3] = [
        &named("mysql://nowhere"),
        &named("sqlite:///proc/nowhere/ledger.db"),
        &homeless,
    ];
    for spoil in without {
        for (args, exit, warns) in [
            (&["invoice", "get", invoice][..], 0, true),
            (&["payout", "get", payout], 0, true),
            (&watch, 7, true),
            (&["balance"], 0, false),
            (&["assets"], 0, false),
            (&["providers"], 0, false),
            (&["demo"], 0, false),
            (&quote, 0, false),
        ] {
            let mut command = command_at(sandbox.url(), args);
            spoil(&mut command);
            let ran = run(command).await;
            assert_eq!(ran.exit, exit, "{args:?} {ran:#?}");
            let warned = ran.stderr.contains("warning: the ledger did not take in");
            assert_eq!(warned, warns, "{args:?} {ran:#?}");
            ran.json();
        }
    }
    // The router does not know whose an id is, and says so.
    let args = with(&["invoice", "get", invoice], &["--provider", "router"]);
    let mut command = command_at(sandbox.url(), &args);
    command.env("PAYMUX_DATABASE_URL", "mysql://nowhere");
    let ran = run(command).await;
    assert!(ran.stderr.contains("the ledger was not asked"), "{ran:#?}");
    ran.error(2);
}
