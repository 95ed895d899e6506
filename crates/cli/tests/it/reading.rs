//! Commands that change nothing.

use serde_json::json;

use crate::child::{INVOICE, members, paymux, sandbox};
use crate::creating::assert_invoice_shape;

#[tokio::test]
async fn an_invoice_is_read_by_its_id_with_or_without_the_providers_name() {
    let sandbox = sandbox().await;
    let created = paymux(&sandbox, &INVOICE).await.done();
    let id = created["id"].as_str().unwrap();
    sandbox.halo().pay(id, 1.into()).unwrap();
    for id in [id.to_owned(), format!("native-checkout:{id}")] {
        let invoice = paymux(&sandbox, &["invoice", "get", &id]).await.done();
        assert_invoice_shape(&invoice);
        assert_eq!(invoice["id"], created["id"]);
        assert_eq!(invoice["status"], "pending");
        assert_eq!(invoice["exceptions"], json!(["underpaid"]));
        assert_eq!(
            invoice["received"],
            json!({"amount": "1", "asset": "TRX@tron-nile"})
        );
        assert_eq!(invoice["remaining"]["amount"], "15.556292");
    }
}

#[tokio::test]
async fn an_id_nobody_knows_is_the_gateways_no() {
    let sandbox = sandbox().await;
    for what in ["invoice", "payout"] {
        let error = paymux(&sandbox, &[what, "get", "T1"]).await.error(3);
        assert_eq!(error["id"], "T1");
        assert_eq!(error["outcome"], "rejected");
        assert_eq!(
            error["code"],
            sandbox.settings().codes.not_found.to_string()
        );
    }
    // A prefix that names no provider belongs to the id.
    let error = paymux(&sandbox, &["invoice", "get", "elsewhere:T1"])
        .await
        .error(3);
    assert_eq!(error["id"], "elsewhere:T1");
}

#[tokio::test]
async fn a_gateway_without_search_says_so() {
    let sandbox = sandbox().await;
    let error = paymux(&sandbox, &["invoice", "list", "--status", "settled"])
        .await
        .error(2);
    assert_eq!(error["kind"], "unsupported");
    assert_eq!(error["provider"], "native-checkout");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_quote_tells_price_amount_and_rate() {
    let sandbox = sandbox().await;
    let args = ["quote", "--price", "5 USD", "--asset", "USDT@tron-nile"];
    let quote = paymux(&sandbox, &args).await.done();
    assert_eq!(members(&quote), ["amount", "at", "price", "rate"]);
    assert_eq!(quote["price"], json!({"amount": "5", "currency": "USD"}));
    assert_eq!(
        quote["amount"],
        json!({"amount": "5", "asset": "USDT@tron-nile"})
    );
    assert_eq!(quote["rate"], "1");
    assert!(quote["at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn assets_carry_the_gateways_own_ids() {
    let sandbox = sandbox().await;
    sandbox.update_settings(|settings| {
        settings.disabled_currencies.insert(46);
    });
    let names = |assets: &serde_json::Value| -> Vec<String> {
        let entries = assets.as_array().unwrap().iter();
        entries
            .map(|entry| format!("{} {}", entry["provider_id"], entry["asset"]))
            .collect()
    };
    let enabled = paymux(&sandbox, &["assets"]).await.done();
    let all = paymux(&sandbox, &["assets", "--all"]).await.done();
    assert_eq!(names(&enabled).len(), 4);
    assert_eq!(names(&all).len(), 5);
    assert!(
        names(&all).contains(&"\"46\" \"JST@tron-nile\"".to_owned()),
        "{all}"
    );

    let trx = all
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["provider_id"] == "176")
        .unwrap();
    assert_eq!(
        *trx,
        json!({"asset": "TRX@tron", "symbol": "TRX", "network": "tron", "contract": null,
               "decimals": 6, "provider_id": "176"})
    );
}

#[tokio::test]
async fn balances_are_told_for_all_assets_or_one() {
    let sandbox = sandbox().await;
    sandbox.halo().set_frozen(75, 250.into()).unwrap();
    let one = paymux(&sandbox, &["balance", "--asset", "USDT@tron-nile"])
        .await
        .done();
    assert_eq!(
        one,
        json!([{"asset": "USDT@tron-nile", "total": "1000", "available": "750"}])
    );
    let all = paymux(&sandbox, &["balance"]).await.done();
    assert_eq!(all.as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn text_is_aligned_and_without_colour_in_a_pipe() {
    let sandbox = sandbox().await;
    let ran = paymux(&sandbox, &["--output", "text", "balance"]).await;
    assert_eq!(ran.exit, 0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let column = lines[0].find("TOTAL").unwrap();
    assert!(
        lines[1..]
            .iter()
            .all(|line| line[column..].starts_with("1000")),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains('\u{1b}'));
}
