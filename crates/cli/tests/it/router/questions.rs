//! What is read from one gateway or asked of all.

use serde_json::{Value, json};

use super::{INVOICE, Two, file, unipayment_table};
use crate::child::{Ran, members, paymux_bare, run, sandbox, with};
use crate::creating::assert_invoice_shape;
use crate::raw_gateway::closed_port;

#[tokio::test]
async fn an_id_has_to_say_whose_it_is() {
    let two = Two::start().await;
    for provider in [&[][..], &["--provider", "router"]] {
        for args in [
            ["invoice", "get", "T1"],
            ["invoice", "watch", "T1"],
            ["payout", "get", "T1"],
            ["invoice", "get", "elsewhere:T1"],
        ] {
            let error = two.paymux(&with(&args, provider)).await.error(2);
            assert_eq!(error["kind"], "invalid_request");
            assert_eq!(error["provider"], "router");
            assert_eq!(error["id"], args[2]);
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains("PROVIDER:ID") && message.contains("native-checkout, unipayment"),
                "{message}"
            );
        }
        let args = with(&["invoice", "get", "native-checkout:T1"], provider);
        let error = two.paymux(&args).await.error(3);
        assert_eq!(
            (&error["provider"], &error["id"]),
            (&json!("native-checkout"), &json!("T1"))
        );
    }
    assert_eq!(two.halo.requests().len(), 2);
    assert!(two.unipayment.requests().is_empty());
}

/// One configured gateway may get a second any day: what is said to the router stays right.
#[tokio::test]
async fn the_router_over_one_wants_the_name_too() {
    let sandbox = sandbox().await;
    let routed = |args: &[&str]| {
        crate::child::command_at(sandbox.url(), &with(&["--provider", "router"], args))
    };
    let invoice = run(routed(&INVOICE)).await.done();
    assert_eq!(invoice["provider"], "native-checkout");
    let id = invoice["id"].as_str().unwrap();
    run(routed(&["invoice", "get", id])).await.error(2);
    let owned = format!("native-checkout:{id}");
    run(routed(&["invoice", "get", &owned])).await.done();
}

#[tokio::test]
async fn watching_follows_the_owner() {
    let two = Two::start().await;
    let id = two.paymux(&INVOICE).await.done()["id"].clone();
    let id = id.as_str().unwrap();
    let owned = format!("native-checkout:{id}");
    let watch = |more: &[&'static str]| {
        let mut args = vec!["--provider", "router", "invoice", "watch", &*owned];
        args.extend(more);
        two.command(&args)
    };
    let error = run(watch(&["--timeout", "1s"])).await.error(7);
    assert_eq!(
        (&error["provider"], &error["id"]),
        (&json!("native-checkout"), &json!(id))
    );
    assert_invoice_shape(&error["invoice"]);
    assert_eq!(error["invoice"]["id"], id);

    two.halo.halo().pay_rest(id).unwrap();
    two.halo.halo().confirm(id, 1).unwrap();
    let settled = run(watch(&[])).await.done();
    assert_invoice_shape(&settled);
    assert_eq!(
        (&settled["status"], &settled["id"]),
        (&json!("settled"), &json!(id))
    );
}

fn figure<'a>(balances: &'a Value, asset: &str) -> Option<&'a Value> {
    let balances = balances.as_array().unwrap();
    balances
        .iter()
        .find(|balance| balance["asset"] == asset)
        .map(|balance| &balance["total"])
}

#[tokio::test]
async fn balances_are_added_up_and_who_is_missing_is_told() {
    let (eu, us) = (sandbox().await, sandbox().await);
    let (config, broken) = (
        file(&(unipayment_table("eu", eu.url()) + &unipayment_table("us", us.url()))),
        file(&(unipayment_table("eu", &closed_port().await) + &unipayment_table("us", us.url()))),
    );
    let balance = async |config: &tempfile::NamedTempFile| -> Ran {
        let path = config.path().to_str().unwrap();
        paymux_bare(&["--config", path, "balance"]).await
    };
    let ran = balance(&config).await;
    assert!(!ran.stderr.contains("missing"), "{ran:#?}");
    assert_eq!(figure(&ran.done(), "USDT").unwrap(), "2000");

    let ran = balance(&broken).await;
    assert!(ran.stderr.contains("eu is missing here: "), "{ran:#?}");
    assert_eq!(figure(&ran.done(), "USDT").unwrap(), "1000");
}

#[tokio::test]
async fn invoices_of_all_are_listed_and_who_is_missing_is_told() {
    let (eu, us) = (sandbox().await, sandbox().await);
    let text = unipayment_table("eu", eu.url()) + &unipayment_table("us", us.url());
    let config = file(&text);
    let path = config.path().to_str().unwrap();
    for name in ["eu", "us"] {
        paymux_bare(&with(&INVOICE, &["--config", path, "--provider", name]))
            .await
            .done();
    }
    let list = ["invoice", "list", "--config", path];
    let page = paymux_bare(&list).await.done();
    assert_eq!(members(&page), ["items", "page", "pages", "total"]);
    assert_eq!(page["total"], 2);
    let mut found: Vec<(String, String)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            assert_invoice_shape(item);
            (item["provider"].to_string(), item["id"].to_string())
        })
        .collect();
    found.sort();
    let own = |name: &str, sandbox: &paymux_sandbox::Sandbox| {
        let id = sandbox.unipayment().invoices()[0].invoice_id.clone();
        (json!(name).to_string(), json!(id).to_string())
    };
    assert_eq!(found, [own("eu", &eu), own("us", &us)]);

    let shown = paymux_bare(&with(&list, &["--output", "text"]))
        .await
        .stdout;
    assert!(shown.contains("eu:") && shown.contains("us:"), "{shown}");

    let broken = file(&text.replace(eu.url(), &closed_port().await));
    let path = broken.path().to_str().unwrap();
    let ran = paymux_bare(&["invoice", "list", "--config", path]).await;
    assert!(ran.stderr.contains("eu is missing here: "), "{ran:#?}");
    let page = ran.done();
    assert_eq!(members(&page), ["items", "page", "pages", "total"]);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["provider"], "us");
    assert!(page["total"].is_null());
}

#[tokio::test]
async fn a_question_that_nobody_answers_is_4() {
    let nobody = closed_port().await;
    for args in [
        &["balance"][..],
        &["assets"],
        &["invoice", "list"],
        &["quote", "--price", "5 USD", "--asset", "USDT@tron"],
    ] {
        let error = run(super::command_at_both(&nobody, &nobody, args))
            .await
            .error(4);
        assert_eq!(error["outcome"], "not_sent", "{args:?}");
    }
}

#[tokio::test]
async fn assets_say_whose_their_ids_are() {
    let two = Two::start().await;
    let assets = two.paymux(&["assets"]).await.done();
    let ids: Vec<&str> = assets
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["provider_id"].as_str().unwrap())
        .collect();
    assert!(ids.contains(&"native-checkout:175"), "{ids:?}");
    assert!(ids.contains(&"unipayment:USDT"), "{ids:?}");

    let ran = two.without_the_first(&["assets"]).await;
    assert!(
        ran.stderr.contains("native-checkout is missing here: "),
        "{ran:#?}"
    );
    assert!(!ran.done().as_array().unwrap().is_empty());
}

#[tokio::test]
async fn who_gave_a_quote_is_told_on_stderr_when_asked_for() {
    let two = Two::start().await;
    let quote = ["quote", "--price", "5 USD", "--asset", "USDT@tron", "-v"];
    for (ran, told) in [
        (
            two.paymux(&quote).await,
            ["native-checkout answered", "unipayment was not asked"],
        ),
        (
            two.without_the_first(&quote).await,
            ["native-checkout failed", "unipayment answered"],
        ),
    ] {
        for told in told {
            assert!(ran.stderr.contains(&format!("quote: {told}")), "{ran:#?}");
        }
        assert_eq!(ran.done()["amount"]["amount"], "5");
    }
    let without = two.paymux(&quote[..5]).await;
    assert_eq!(without.stderr, "");
}
