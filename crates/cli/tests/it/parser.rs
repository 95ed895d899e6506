//! Mistakes on the command line, help and completions.

use crate::child::{INVOICE, PAYOUT, paymux, paymux_bare, sandbox, with};

#[tokio::test]
async fn mistakes_are_one_json_object_on_stdout() {
    for (args, says) in [
        (&[][..], "a command is missing"),
        (&["invoice"][..], "a command is missing"),
        (&["frobnicate"], "frobnicate"),
        (&["invoice", "get"], "<ID>"),
        (&["invoice", "create", "--order-id", "o"], "--price"),
        (
            &["assets", "--output", "xml"],
            "possible values: text, json",
        ),
        (
            &["assets", "--provider", "Native Checkout"],
            "lower-case letters",
        ),
        (&with(&INVOICE, &["--expires-in", "30"]), "30m"),
        (&with(&INVOICE, &["--expires-in", "soon"]), "such as 30m"),
        (
            &["quote", "--price", "5USD", "--asset", "TRX@tron"],
            "a space and a currency",
        ),
        (
            &["quote", "--price", "5 USD", "--asset", "TRX@trom"],
            "tron-nile",
        ),
        (&["invoice", "list", "--page", "0"], "0"),
        (&["invoice", "list", "--status", "paid"], "settled"),
        (&["invoice", "watch", "T1", "--until", "paid"], "settled"),
        (&["payout", "create", "--amount", "-1"], "above zero"),
        (&["payout", "create", "--amount", "1e3"], "exponent"),
        (
            &["webhook", "verify", "--header", "x", "--body", "-"],
            "a colon",
        ),
        (
            &["webhook", "verify", "--at", "now", "--body", "-"],
            "RFC 3339",
        ),
    ] {
        let ran = paymux_bare(args).await;
        let error = ran.error(2);
        assert_eq!(error["kind"], "invalid_request", "{args:?}");
        assert_eq!(error["outcome"], "not_sent", "{args:?}");
        assert!(error["hint"].is_string(), "{args:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(says), "{args:?}: {message}");
        assert!(
            !message.contains('\n') && !message.contains("Usage"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn what_is_missing_is_listed() {
    let error = paymux_bare(&["payout", "create"]).await.error(2);
    let message = error["message"].as_str().unwrap();
    for argument in ["--reference", "--asset", "--amount", "--to"] {
        assert!(message.contains(argument), "{message}");
    }
}

#[tokio::test]
async fn in_text_mistakes_are_on_stderr() {
    for args in [&["--output", "text", "frobnicate"][..], &["--output=text"]] {
        let ran = paymux_bare(args).await;
        assert_eq!(ran.exit, 2);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("Usage"), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn in_text_failures_are_on_stderr_with_their_hint() {
    let sandbox = sandbox().await;
    let mut args = PAYOUT;
    args[9] = "nobody";
    let ran = paymux(&sandbox, &with(&args, &["--output", "text"])).await;
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr
            .starts_with("error: create_payout: \"nobody\" is no address"),
        "{}",
        ran.stderr
    );

    let ran = paymux_bare(&["--output", "text", "assets"]).await;
    assert!(
        ran.stderr.contains("hint: ") && ran.stderr.contains("paymux demo"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn help_and_version_are_text_on_stdout() {
    for args in [
        &["--help"][..],
        &["--output", "json", "help"],
        &["--output=json", "--help"],
        &["payout", "create", "-h"],
        &["--version"],
    ] {
        let ran = paymux_bare(args).await;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
        assert!(ran.stdout.contains("paymux"), "{args:?}");
    }
    let help = paymux_bare(&["--help"]).await.stdout;
    for command in [
        "invoice",
        "payout",
        "quote",
        "assets",
        "balance",
        "address",
        "webhook",
        "providers",
        "recover",
        "history",
        "export",
        "drift",
        "serve",
        "sandbox",
        "demo",
        "completions",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{command}: {help}");
    }
}

#[tokio::test]
async fn what_is_planned_is_not_there() {
    let help = paymux_bare(&["serve", "--help"]).await.stdout;
    for planned in ["page", "API"] {
        assert!(!help.contains(planned), "{help}");
    }
    for unknown in ["refund", "approve", "settle"] {
        paymux_bare(&[unknown]).await.error(2);
    }
    paymux_bare(&["providers", "--diagnose"]).await.error(2);
}

#[tokio::test]
async fn completions_are_text_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = paymux_bare(&["--output", "json", "completions", shell]).await;
        assert_eq!(ran.exit, 0);
        assert!(
            ran.stdout.contains("paymux") && ran.stdout.contains("order-id"),
            "{shell}"
        );
    }
}
