//! What is different on a terminal, and when there is nobody to read.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::child::{INVOICE, PAYOUT, command_at, finish, paymux, sandbox};

/// Both ends of a terminal: the person's and the command's.
fn terminal() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let command = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    (File::from(person), command)
}

/// Reads what the command writes until this text came, or all of it once the command has ended.
async fn read_until(mut screen: File, text: &'static str) -> (File, String) {
    tokio::task::spawn_blocking(move || {
        let mut shown = String::new();
        let mut buffer = [0; 1024];
        while !shown.contains(text) {
            // A terminal whose other end is closed answers with an error, not with an end of file.
            match screen.read(&mut buffer) {
                Ok(count) if count > 0 => {
                    shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
                }
                _ => break,
            }
        }
        (screen, shown)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_payout_is_asked_about_and_sent_on_yes_alone() {
    for (answer, sent) in [("y\n", true), ("\n", false), ("n\n", false)] {
        let sandbox = sandbox().await;
        let (person, command) = terminal();
        let child = command_at(sandbox.url(), &PAYOUT[..10])
            .stdin(Stdio::from(command.try_clone().unwrap()))
            .stderr(Stdio::from(command))
            .spawn()
            .unwrap();
        let (mut person, shown) = read_until(person, "[y/N] ").await;
        assert!(shown.contains("0.5 USDT@tron-nile"), "{shown}");
        assert!(shown.contains("fee unknown"), "{shown}");
        assert!(sandbox.requests_to("/api/payout/create").is_empty());
        person.write_all(answer.as_bytes()).unwrap();
        let ran = finish(child).await;
        assert_eq!(sandbox.halo().payouts().len(), usize::from(sent));
        if sent {
            assert_eq!(ran.done()["status"], "pending");
        } else {
            assert_eq!(ran.error(2)["outcome"], "not_sent");
        }
    }
}

#[tokio::test]
async fn waiting_renews_one_line_and_leaves_none() {
    let sandbox = sandbox().await;
    let id = paymux(&sandbox, &INVOICE).await.done()["id"].clone();
    let id = id.as_str().unwrap();
    let (person, command) = terminal();
    let child = command_at(sandbox.url(), &["invoice", "watch", id, "--timeout", "30s"])
        .stderr(Stdio::from(command))
        .spawn()
        .unwrap();
    let (person, shown) = read_until(person, "received 0 of 16.556292").await;
    assert!(shown.contains('\r') && !shown.contains('\n'), "{shown:?}");
    sandbox.halo().pay_rest(id).unwrap();
    sandbox.halo().confirm(id, 1).unwrap();
    let (_, rest) = read_until(person, "no such text").await;
    assert!(
        rest.contains("settled") && rest.ends_with("\r\u{1b}[2K"),
        "{rest:?}"
    );
    assert_eq!(finish(child).await.done()["status"], "settled");
}

#[tokio::test]
async fn on_a_terminal_text_is_the_default_and_coloured() {
    let sandbox = sandbox().await;
    for (variable, coloured) in [("PLAIN", true), ("NO_COLOR", false)] {
        let (person, command) = terminal();
        let child = command_at(sandbox.url(), &["balance"])
            .env(variable, "1")
            .env("TERM", "xterm-256color")
            .stdout(Stdio::from(command))
            .spawn()
            .unwrap();
        let (_person, shown) = read_until(person, "USDT@tron-nile").await;
        assert!(shown.contains("AVAILABLE"), "{shown}");
        assert_eq!(shown.contains('\u{1b}'), coloured, "{shown:?}");
        assert_eq!(finish(child).await.exit, 0);
    }
}

#[tokio::test]
async fn a_reader_that_went_away_is_no_error() {
    let sandbox = sandbox().await;
    for args in [
        &["assets"][..],
        &["completions", "bash"],
        &["--help"],
        &INVOICE,
        &["demo"],
    ] {
        let mut child = command_at(sandbox.url(), args).spawn().unwrap();
        drop(child.stdout.take());
        let ran = finish(child).await;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    assert_eq!(sandbox.halo().orders().len(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_result_that_cannot_be_written_is_not_lost() {
    let sandbox = sandbox().await;
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = command_at(sandbox.url(), &PAYOUT)
        .stdout(Stdio::from(full))
        .spawn()
        .unwrap();
    let ran = finish(child).await;
    assert_eq!(ran.exit, 1, "{ran:#?}");
    let id = sandbox.halo().payouts()[0].trade_no.clone();
    assert!(ran.stderr.contains(&id), "{ran:#?}");
}

#[tokio::test]
async fn nothing_is_printed_twice() {
    let sandbox = sandbox().await;
    let ran = paymux(&sandbox, &INVOICE).await;
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(ran.stderr, "");
}
