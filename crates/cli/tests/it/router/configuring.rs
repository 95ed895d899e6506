//! Which providers the router has, and what the config file says about it.

use serde_json::json;

use super::{INVOICE, Two, file, halo_table, unipayment_table};
use crate::child::{members, paymux, paymux_bare, run, sandbox, with};

#[tokio::test]
async fn a_rule_of_the_config_file_sends_it_elsewhere() {
    let (eu, us) = (sandbox().await, sandbox().await);
    let config = file(&format!(
        "{}{}[router]\nproviders = ['us', 'eu']\ndeadline = '20s'\n\n\
         [[router.rule]]\nname = 'tron'\nnetwork = 'tron'\nproviders = ['eu']\n",
        halo_table("eu", eu.url()),
        halo_table("us", us.url()),
    ));
    let path = config.path().to_str().unwrap();
    let ran = paymux_bare(&with(&INVOICE, &["--config", path, "-v"])).await;
    assert!(ran.stderr.contains("rule=\"tron\""), "{ran:#?}");
    let invoice = ran.done();
    assert_eq!(invoice["provider"], "eu");
    // The rule has nobody else.
    assert_eq!(invoice["attempts"].as_array().unwrap().len(), 1);

    let mut elsewhere = INVOICE;
    elsewhere[7] = "USDT@tron-nile";
    let ran = paymux_bare(&with(&elsewhere, &["--config", path, "-v"])).await;
    assert!(ran.stderr.contains("create_invoice: us did it"), "{ran:#?}");
    assert_eq!(ran.done()["provider"], "us");
    assert_eq!((eu.halo().orders().len(), us.halo().orders().len()), (1, 1));
}

#[tokio::test]
async fn mistakes_about_the_router_are_named_with_their_line() {
    let two = format!(
        "{}{}",
        halo_table("eu", "https://pay.example"),
        halo_table("us", "https://pay.example")
    );
    for (text, says) in [
        (
            "[router]\nstrategy = 'best'",
            ":12: \"best\" is no strategy",
        ),
        ("[router]\ndeadline = 30", ":12: "),
        ("[router]\nretries = '3'", ":12: unknown field `retries`"),
        (
            "[router]\nproviders = ['eu', 'asia']",
            ":12: the router has no provider asia",
        ),
        ("[router]\nproviders = ['eu']", ":12: us is not listed"),
        (
            "[[router.rule]]\nname = 'a'\nproviders = ['asia']",
            ":12: the rule \"a\" is wrong: the router has no provider asia",
        ),
        (
            "[providers.router]\ntype = 'native-checkout'",
            ":11: router is the name of all providers together",
        ),
        (
            "[routers]\nstrategy = 'best'",
            ":11: there is no \"routers\"",
        ),
    ] {
        let config = file(&format!("{two}{text}\n"));
        let path = config.path().to_str().unwrap();
        let error = paymux_bare(&["--config", path, "balance"]).await.error(2);
        assert_eq!(error["kind"], "configuration");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("{path}{says}")),
            "{text}: {message}"
        );
    }
}

#[tokio::test]
async fn one_that_is_only_begun_is_left_out_and_told() {
    let two = Two::start().await;
    let mut command = two.command(&with(&INVOICE, &["--provider", "router"]));
    command.env_remove("PAYMUX_UNIPAYMENT_CLIENT_SECRET");
    let ran = run(command).await;
    assert!(
        ran.stderr
            .contains("left out of the router: unipayment lacks PAYMUX_UNIPAYMENT_CLIENT_SECRET"),
        "{ran:#?}"
    );
    let invoice = ran.done();
    assert_eq!(invoice["attempts"].as_array().unwrap().len(), 1);

    // Nobody is left.
    let mut command = two.command(&["--provider", "router", "balance"]);
    command
        .env_remove("PAYMUX_UNIPAYMENT_CLIENT_SECRET")
        .env_remove("PAYMUX_NATIVE_CHECKOUT_APP_KEY");
    let error = run(command).await.error(2);
    let message = error["message"].as_str().unwrap();
    for missing in [
        "PAYMUX_NATIVE_CHECKOUT_APP_KEY",
        "PAYMUX_UNIPAYMENT_CLIENT_SECRET",
    ] {
        assert!(message.contains(missing), "{message}");
    }
    let error = paymux_bare(&["--provider", "router", "balance"])
        .await
        .error(2);
    assert_eq!(error["kind"], "configuration");
}

#[tokio::test]
async fn one_that_is_set_up_wrongly_is_no_reason_to_go_on_without_it() {
    let two = Two::start().await;
    let mut command = two.command(&INVOICE);
    command.env("PAYMUX_NATIVE_CHECKOUT_BASE_URL", "http://pay.example");
    let error = run(command).await.error(2);
    assert_eq!(error["kind"], "configuration");
    assert_eq!(error["provider"], "native-checkout");
    assert!(two.unipayment.requests().is_empty());

    let mut command = two.command(&["providers"]);
    command.env("PAYMUX_NATIVE_CHECKOUT_BASE_URL", "http://pay.example");
    let ran = run(command).await;
    assert_eq!(ran.stderr.matches("warning").count(), 1, "{ran:#?}");
    let list = ran.done();
    assert_eq!(
        (&list[0]["configured"], &list[2]["configured"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(list[2]["name"], "router");
}

#[tokio::test]
async fn the_list_of_providers_has_the_router_where_there_are_several() {
    let two = Two::start().await;
    let list = two.paymux(&["providers"]).await.done();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["native-checkout", "unipayment", "router"]);
    let router = &list[2];
    assert_eq!(
        members(router),
        ["capabilities", "configured", "missing", "name", "type"]
    );
    assert_eq!(router["type"], "router");
    assert_eq!(router["configured"], true);
    assert_eq!(router["missing"], json!([]));
    for power in ["payouts", "search", "quotes", "deposit_addresses"] {
        assert_eq!(router["capabilities"][power], true, "{power}");
    }
    // What all can: HaloPay's webhooks are signed, those of this generation are checked.
    assert_eq!(router["capabilities"]["webhook_proof"], "checked");

    let only = two
        .paymux(&["--provider", "router", "providers"])
        .await
        .done();
    assert_eq!(only, json!([router]));
    let shown = two.paymux(&["--output", "text", "providers"]).await.stdout;
    assert!(
        shown
            .lines()
            .any(|line| line.starts_with("router ") && line.contains("ready")),
        "{shown}"
    );

    let one = paymux(&two.halo, &["providers"]).await.done();
    assert_eq!(
        one.as_array().unwrap().len(),
        2,
        "both gateways, and no router"
    );
    assert!(two.halo.requests().is_empty());
}

#[tokio::test]
async fn one_that_is_configured_alone_is_not_routed() {
    let sandbox = sandbox().await;
    let config = file(&unipayment_table("eu", sandbox.url()));
    let path = config.path().to_str().unwrap();
    let invoice = paymux_bare(&with(&INVOICE, &["--config", path]))
        .await
        .done();
    assert_eq!(invoice["provider"], "eu");
    assert!(invoice.get("attempts").is_none());
}

#[tokio::test]
async fn the_demo_runs_on_one_gateway() {
    let error = paymux_bare(&["demo", "--provider", "router"])
        .await
        .error(2);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("native-checkout and unipayment"),
        "{message}"
    );
}
