//! `webhook verify --diagnose`.

use std::io::Write;
use std::process::Stdio;

use paymux_sandbox::Generation;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::command_at;
use crate::child::{Ran, bare, finish, members, run};

const DEFAULT: &str = "type_dropped/amp_key/lower";

fn fixture() -> Value {
    serde_json::from_str(include_str!(
        "../../fixtures/unipayment_md5_notifications.json"
    ))
    .unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

/// Nobody is called, so the address is one at which nobody listens.
fn diagnosing(key: &str) -> Command {
    let args = ["webhook", "verify", "--diagnose", "--body", "-"];
    let mut command = command_at("http://127.0.0.1:9", Generation::Md5, &args);
    command.env("PAYMUX_UNIPAYMENT_APP_KEY", key);
    command
}

async fn with_body(mut command: Command, body: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(body.as_bytes()).await.unwrap();
    drop(stdin);
    finish(child).await
}

#[tokio::test]
async fn each_rule_is_found_from_one_notification() {
    let fixture = fixture();
    let notifications = fixture["notifications"].as_array().unwrap();
    assert_eq!(notifications.len(), 8);
    for notification in notifications {
        let rule = text(notification, "rule");
        let body = text(notification, "body");
        let command = diagnosing(text(&fixture, "key"));
        let told = with_body(command, body).await.done();
        assert_eq!(members(&told), ["configured", "fits", "provider", "rules"]);
        assert_eq!(
            told,
            json!({"provider": "unipayment", "rules": [rule], "configured": DEFAULT, "fits": rule == DEFAULT})
        );

        // What is found is what the command then takes.
        let mut command = diagnosing(text(&fixture, "key"));
        command.env("PAYMUX_UNIPAYMENT_MD5_RULE", rule);
        let told = with_body(command, body).await.done();
        assert_eq!(
            (&told["configured"], &told["fits"]),
            (&json!(rule), &json!(true))
        );
    }
}

#[tokio::test]
async fn raw_bodies_are_judged_as_they_stand() {
    let fixture = fixture();
    let key = text(&fixture, "key");
    for accepted in fixture["accept"].as_array().unwrap() {
        let (open, _) = text(accepted, "body").rsplit_once('}').unwrap();
        let body = format!("{open},\"sign\":\"{}\"}}", text(accepted, "expected_sign"));
        let told = with_body(diagnosing(key), &body).await.done();
        let rules = told["rules"].as_array().unwrap();
        assert!(rules.contains(&json!(DEFAULT)), "{accepted}: {told}");
        assert_eq!(told["fits"], true, "{accepted}");
    }
    for refused in fixture["refuse"].as_array().unwrap() {
        let ran = with_body(diagnosing(key), text(refused, "body")).await;
        match text(refused, "name") {
            // The signature is right, and right in the other case.
            "ampersand in a signed string" => {
                assert!(ran.stderr.contains("refused all the same"), "{ran:#?}");
                assert_eq!(ran.done()["fits"], true);
            }
            "upper-case signature under a lower-case rule" => {
                let told = ran.done();
                assert_eq!(told["fits"], false);
                let rules = told["rules"].as_array().unwrap();
                assert!(
                    rules.contains(&json!("type_dropped/amp_key/upper")),
                    "{told}"
                );
            }
            name => {
                let error = ran.error(6);
                assert_eq!(error["kind"], "invalid_signature", "{name}");
                assert_eq!(error["operation"], "verify_webhook");
            }
        }
    }
}

#[tokio::test]
async fn under_another_key_none_fits() {
    let fixture = fixture();
    let body = text(&fixture["notifications"][0], "body").to_owned();
    let error = with_body(diagnosing("another-key"), &body).await.error(6);
    assert_eq!(error["kind"], "invalid_signature");
    let hint = text(&error, "hint");
    assert!(hint.contains("PAYMUX_UNIPAYMENT_APP_KEY"), "{hint}");
}

#[tokio::test]
async fn text_says_what_to_set() {
    let fixture = fixture();
    let of_rule = |rule: &str| {
        let mut all = fixture["notifications"].as_array().unwrap().iter();
        let found = all.find(|one| one["rule"] == rule).unwrap();
        text(found, "body").to_owned()
    };
    let shown = |body: String| {
        let mut command = diagnosing(text(&fixture, "key"));
        command.args(["--output", "text"]);
        async move {
            let ran = with_body(command, &body).await;
            assert_eq!(ran.exit, 0, "{ran:#?}");
            ran.stdout
        }
    };
    let other = shown(of_rule("type_kept/direct/upper")).await;
    assert!(
        other.contains("PAYMUX_UNIPAYMENT_MD5_RULE=type_kept/direct/upper"),
        "{other}"
    );
    let lines: Vec<&str> = other.lines().collect();
    let line_of = |rule: &str| *lines.iter().find(|line| line.starts_with(rule)).unwrap();
    assert!(line_of(DEFAULT).ends_with("no    x"), "{other}");
    assert!(
        line_of("type_kept/direct/upper").ends_with("fits"),
        "{other}"
    );

    let right = shown(of_rule(DEFAULT)).await;
    assert!(right.contains("nothing is to be changed"), "{right}");
}

#[tokio::test]
async fn an_instance_of_a_config_file_is_told_where_to_set_it() {
    let fixture = fixture();
    let mut config = tempfile::NamedTempFile::new().unwrap();
    write!(
        config,
        "[providers.old]\ntype = 'unipayment'\nauth = 'md5'\napp_id = 'a'\napp_key = '{}'\n",
        text(&fixture, "key")
    )
    .unwrap();
    let path = config.path().to_str().unwrap();
    let args = [
        "--config",
        path,
        "--output",
        "text",
        "webhook",
        "verify",
        "--diagnose",
        "--body",
        "-",
    ];
    let body = text(&fixture["notifications"][2], "body");
    let ran = with_body(bare(&args), body).await;
    assert!(
        ran.stdout
            .contains("providers.old.md5_rule = \"type_dropped/direct/lower\""),
        "{ran:#?}"
    );
}

#[tokio::test]
async fn other_proofs_have_no_rules_to_find() {
    for generation in super::WALLETS {
        let args = ["webhook", "verify", "--diagnose", "--body", "/dev/null"];
        let error = run(command_at("http://127.0.0.1:9", generation, &args))
            .await
            .error(2);
        assert_eq!(error["kind"], "unsupported");
        assert!(text(&error, "message").contains("md5"), "{error}");
    }
    let args = ["webhook", "verify", "--diagnose", "--body", "/dev/null"];
    let halo = crate::child::command_at("http://127.0.0.1:9", &args);
    let error = run(halo).await.error(2);
    assert_eq!(error["kind"], "unsupported");
    assert!(text(&error, "message").contains("md5"), "{error}");
}
