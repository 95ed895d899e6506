//! What has to be set, by generation.

use std::io::Write;

use paymux_sandbox::Generation;
use serde_json::json;

use super::{ALL, INVOICE, command_at, name_of};
use crate::child::{UNIPAYMENT_APP_KEY, bare, paymux_bare, run, sandbox, with};

#[tokio::test]
async fn what_is_missing_is_named_by_generation() {
    let of_clients = ["APP_ID", "CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_SECRET"];
    for (auth, missing) in [
        (None, &of_clients[..]),
        (Some("oauth"), &of_clients),
        (Some("hmac"), &of_clients[..3]),
        (Some("md5"), &["APP_ID", "APP_KEY"]),
    ] {
        let command = |args: &[&str]| {
            let mut command = bare(&with(&["--provider", "unipayment"], args));
            command.envs(auth.map(|auth| ("PAYMUX_UNIPAYMENT_AUTH", auth)));
            command
        };
        let missing: Vec<String> = missing
            .iter()
            .map(|name| format!("PAYMUX_UNIPAYMENT_{name}"))
            .collect();
        let list = run(command(&["providers"])).await.done();
        assert_eq!(list[0]["missing"], json!(missing), "{auth:?}");
        let error = run(command(&["invoice", "get", "I1"])).await.error(2);
        assert_eq!(error["kind"], "configuration");
        let message = error["message"].as_str().unwrap();
        assert!(
            missing.iter().all(|name| message.contains(name)),
            "{message}"
        );

        let shown = run(command(&["--output", "text", "providers"]))
            .await
            .stdout;
        assert!(missing.iter().all(|name| shown.contains(name)), "{shown}");
    }
}

#[tokio::test]
async fn a_generation_that_does_not_exist_is_named_with_those_that_do() {
    let sandbox = sandbox().await;
    for auth in ["hmac ", "OAuth2", "MD5"] {
        let mut command = command_at(sandbox.url(), Generation::Hmac, &["balance"]);
        command.env("PAYMUX_UNIPAYMENT_AUTH", auth);
        let error = run(command).await.error(2);
        assert_eq!(error["kind"], "configuration");
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("md5, hmac or oauth"),
            "{error}"
        );
        let mut command = command_at(sandbox.url(), Generation::Hmac, &["providers"]);
        command.env("PAYMUX_UNIPAYMENT_AUTH", auth);
        let ran = run(command).await;
        assert!(ran.stderr.contains("md5, hmac or oauth"), "{ran:#?}");
        assert_eq!(ran.done()[0]["configured"], false);
    }
}

#[tokio::test]
async fn the_only_configured_one_is_meant() {
    let sandbox = sandbox().await;
    for generation in ALL {
        let named = command_at(sandbox.url(), generation, &["invoice", "get", "I1"]);
        let mut unnamed = bare(&["invoice", "get", "I1"]);
        for (name, value) in named.as_std().get_envs() {
            unnamed.env(name, value.unwrap());
        }
        let error = run(unnamed).await.error(3);
        assert_eq!(error["provider"], "unipayment");
    }
}

#[tokio::test]
async fn one_gateway_may_be_there_in_several_generations() {
    let sandbox = sandbox().await;
    let gateway = sandbox.unipayment();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for generation in ALL {
        write!(
            file,
            "[providers.uni-{auth}]\ntype = 'unipayment'\nauth = '{auth}'\napp_id = '{}'\napp_key = '{}'\n\
             client_id = '{}'\nclient_secret = '{}'\nwebhook_secret = '{}'\nbase_url = '{}'\n",
            gateway.app_id(),
            gateway.app_key(),
            gateway.client_id(),
            gateway.client_secret(),
            gateway.webhook_secret(),
            sandbox.url(),
            auth = name_of(generation),
        )
        .unwrap();
    }
    let path = file.path().to_str().unwrap();
    for generation in ALL {
        let name = format!("uni-{}", name_of(generation));
        let args = ["--config", path, "--provider", &name];
        let invoice = paymux_bare(&with(&args, &INVOICE)).await.done();
        assert_eq!(invoice["provider"], name.as_str());
        let made = gateway.invoices();
        assert_eq!(made.last().unwrap().generation, generation);
    }
    let error = paymux_bare(&["--config", path, "invoice", "get", "T1"])
        .await
        .error(2);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("uni-hmac, uni-md5, uni-oauth"),
        "{error}"
    );
    let lack = paymux_bare(&["--config", path, "--provider", "uni-md5", "balance"])
        .await
        .error(2);
    assert!(
        lack["hint"]
            .as_str()
            .unwrap()
            .contains("providers.uni-md5.auth"),
        "{lack}"
    );
}

#[tokio::test]
async fn a_file_with_unipayments_secrets_is_kept_to_oneself() {
    use std::os::unix::fs::PermissionsExt;
    for (key, warned) in [
        ("app_key", true),
        ("client_secret", true),
        ("webhook_secret", true),
        ("client_id", false),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(
            file,
            "[providers.uni]\ntype = 'unipayment'\n{key} = '{UNIPAYMENT_APP_KEY}'\n"
        )
        .unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        let path = file.path().to_str().unwrap();
        let ran = paymux_bare(&["--config", path, "providers"]).await;
        assert_eq!(ran.stderr.contains("chmod 600"), warned, "{key}: {ran:#?}");
    }
}
