//! Which providers there are: `providers`, `--provider`, `--config`.

use std::io::Write;

use serde_json::json;

use crate::child::{APP_KEY, bare, members, paymux, paymux_bare, run, sandbox};

#[tokio::test]
async fn without_credentials_the_list_names_what_is_missing() {
    let list = paymux_bare(&["providers"]).await.done();
    assert_eq!(
        list,
        json!([{
            "name": "native-checkout",
            "type": "native-checkout",
            "configured": false,
            "missing": ["PAYMUX_NATIVE_CHECKOUT_APP_ID", "PAYMUX_NATIVE_CHECKOUT_APP_KEY"],
            "capabilities": {},
        }, {
            "name": "unipayment",
            "type": "unipayment",
            "configured": false,
            "missing": [
                "PAYMUX_UNIPAYMENT_APP_ID",
                "PAYMUX_UNIPAYMENT_CLIENT_ID",
                "PAYMUX_UNIPAYMENT_CLIENT_SECRET",
                "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET",
            ],
            "capabilities": {},
        }])
    );
    let error = paymux_bare(&["assets"]).await.error(2);
    assert_eq!(error["kind"], "configuration");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("PAYMUX_NATIVE_CHECKOUT_APP_KEY")
    );
    let error = paymux_bare(&["assets", "--provider", "native-checkout"])
        .await
        .error(2);
    assert_eq!(error["provider"], "native-checkout");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("PAYMUX_NATIVE_CHECKOUT_APP_KEY")
    );
}

#[tokio::test]
async fn a_configured_one_tells_what_it_can_do() {
    let sandbox = sandbox().await;
    let list = paymux(&sandbox, &["providers"]).await.done();
    let one = &list[0];
    assert_eq!(
        members(one),
        ["capabilities", "configured", "missing", "name", "type"]
    );
    assert_eq!(one["configured"], true);
    assert_eq!(one["missing"], json!([]));
    let capabilities = &one["capabilities"];
    for (power, there) in [
        ("payouts", true),
        ("search", false),
        ("quotes", true),
        ("catalog", true),
        ("balances", true),
        ("deposit_addresses", true),
    ] {
        assert_eq!(capabilities[power], there, "{power}");
    }
    assert_eq!(capabilities["webhook_proof"], "signed");
    assert_eq!(capabilities["payout_correlation"], "callback_url");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn instances_of_a_config_file_are_told_apart() {
    let (eu, us) = (sandbox().await, sandbox().await);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for (name, sandbox) in [("eu", &eu), ("us", &us)] {
        write!(
            file,
            "[providers.{name}]\ntype = 'native-checkout'\napp_id = '{}'\napp_key = '{APP_KEY}'\nbase_url = '{}'\n",
            sandbox.halo().app_id(),
            sandbox.url()
        )
        .unwrap();
    }
    let path = file.path().to_str().unwrap();
    let list = paymux_bare(&["providers", "--config", path]).await.done();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["eu", "unipayment", "us", "router"]);

    let error = paymux_bare(&["--config", path, "--provider", "asia", "balance"])
        .await
        .error(2);
    assert!(
        error["message"].as_str().unwrap().contains("eu, us"),
        "{error}"
    );

    paymux_bare(&["--config", path, "--provider", "us", "balance"])
        .await
        .done();
    assert_eq!((eu.requests().len(), us.requests().len()), (0, 1));
    let error = paymux_bare(&["--config", path, "invoice", "get", "eu:T1"])
        .await
        .error(3);
    assert_eq!(error["provider"], "eu");
    assert_eq!(error["id"], "T1");
    let args = [
        "--config",
        path,
        "--provider",
        "us",
        "invoice",
        "get",
        "eu:T1",
    ];
    paymux_bare(&args).await.error(2);
    assert_eq!((eu.requests().len(), us.requests().len()), (1, 1));
}

#[tokio::test]
async fn mistakes_in_a_config_file_are_named_with_their_line() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(
        file,
        "[providers.eu]\ntype = 'native-checkout'\napp_kye = '{APP_KEY}'\n"
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    let error = paymux_bare(&["--config", path, "providers"]).await.error(2);
    assert_eq!(error["kind"], "configuration");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("{path}:3: ")) && message.contains("app_key"),
        "{message}"
    );

    let error = paymux_bare(&["--config", "/nowhere.toml", "providers"])
        .await
        .error(2);
    assert!(error["message"].as_str().unwrap().contains("/nowhere.toml"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_config_file_that_others_can_read_is_warned_about_on_stderr() {
    use std::os::unix::fs::PermissionsExt;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(
        file,
        "[providers.eu]\ntype = 'native-checkout'\napp_key = '{APP_KEY}'\n"
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    for (mode, warned) in [(0o644, true), (0o600, false)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(file.path(), permissions).unwrap();
        let ran = paymux_bare(&["--config", path, "providers"]).await;
        assert_eq!(ran.stderr.contains("chmod 600"), warned, "{ran:#?}");
        assert_eq!(ran.done()[0]["missing"], json!(["providers.eu.app_id"]));
    }
}

#[tokio::test]
async fn a_base_url_that_cannot_be_is_an_error_and_no_call() {
    for url in [
        "http://pay.example",
        "https://pay.example/api",
        "ftp://127.0.0.1",
        "pay.example",
    ] {
        let with_url = |args: &[&str]| {
            let mut command = bare(args);
            command
                .env("PAYMUX_NATIVE_CHECKOUT_BASE_URL", url)
                .env("PAYMUX_NATIVE_CHECKOUT_APP_ID", "a")
                .env("PAYMUX_NATIVE_CHECKOUT_APP_KEY", APP_KEY);
            command
        };
        let error = run(with_url(&["assets"])).await.error(2);
        assert_eq!(error["kind"], "configuration", "{url}");
        let ran = run(with_url(&["providers"])).await;
        assert_eq!(ran.done()[0]["configured"], false);
        assert!(ran.stderr.contains("warning"), "{ran:#?}");
    }
}
