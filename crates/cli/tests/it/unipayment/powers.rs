//! Quotes, assets, balances and permanent addresses: there or not, by generation.

use paymux_sandbox::Generation;
use serde_json::json;

use super::{ALL, WALLETS, name_of, uni};
use crate::child::{members, sandbox};

#[tokio::test]
async fn a_quote_is_an_estimate_from_the_rate() {
    for generation in WALLETS {
        let sandbox = sandbox().await;
        let gateway = sandbox.unipayment();
        gateway.set_rate("BTC", "USD", 30_000.into()).unwrap();
        let args = ["quote", "--price", "5 USD", "--asset", "BTC@bitcoin"];
        let quote = uni(&sandbox, generation, &args).await.done();
        assert_eq!(
            members(&quote),
            ["amount", "at", "estimated", "price", "rate"]
        );
        // Rounded up to eight digits.
        assert_eq!(
            quote["amount"],
            json!({"amount": "0.00016667", "asset": "BTC@bitcoin"})
        );
        assert_eq!(quote["rate"], "30000");
    }
}

#[tokio::test]
async fn assets_and_balances_are_told_by_symbol() {
    for generation in WALLETS {
        let sandbox = sandbox().await;
        let assets = uni(&sandbox, generation, &["assets"]).await.done();
        let names: Vec<_> = assets
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["asset"].as_str().unwrap())
            .collect();
        assert!(
            names.contains(&"USDT") && !names.contains(&"USD"),
            "{names:?}"
        );
        assert!(assets[0]["network"].is_null());

        let usdt = uni(&sandbox, generation, &["balance", "--asset", "USDT"])
            .await
            .done();
        assert_eq!(
            usdt,
            json!([{"asset": "USDT", "total": "1000", "available": "1000"}])
        );
        let all = uni(&sandbox, generation, &["balance"]).await.done();
        assert_eq!(
            all.as_array().unwrap().len(),
            sandbox.unipayment().balances().len()
        );
    }
}

#[tokio::test]
async fn what_the_first_generation_lacks_is_said_with_who_has_it() {
    let sandbox = sandbox().await;
    for args in [
        &["quote", "--price", "5 USD", "--asset", "USDT@tron"][..],
        &["assets"],
        &["balance"],
        &["payout", "get", "P1"],
        &super::payout_to(crate::child::RECEIVER),
    ] {
        let error = uni(&sandbox, Generation::Md5, args).await.error(2);
        assert_eq!(error["kind"], "unsupported", "{args:?}");
        assert_eq!(error["outcome"], "not_sent");
        assert_eq!(error["provider"], "unipayment");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("hmac and oauth do"), "{message}");
        assert!(
            error["hint"]
                .as_str()
                .unwrap()
                .contains("PAYMUX_UNIPAYMENT_AUTH")
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn no_generation_makes_permanent_addresses() {
    let sandbox = sandbox().await;
    for generation in ALL {
        let args = [
            "address",
            "create",
            "--name",
            "till",
            "--asset",
            "USDT@tron",
        ];
        let error = uni(&sandbox, generation, &args).await.error(2);
        assert_eq!(error["kind"], "unsupported");
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("any of its generations")
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_list_of_providers_tells_them_apart() {
    let sandbox = sandbox().await;
    for (generation, proof, correlation) in [
        (Generation::Md5, "weak", "none"),
        (Generation::Hmac, "checked", "callback_url"),
        (Generation::OAuth, "signed", "reference"),
    ] {
        let list = uni(&sandbox, generation, &["providers"]).await.done();
        let one = &list[0];
        assert_eq!(
            (&one["configured"], &one["missing"]),
            (&json!(true), &json!([]))
        );
        let can = &one["capabilities"];
        assert_eq!(can["webhook_proof"], proof);
        assert_eq!(can["payout_correlation"], correlation);
        assert_eq!(can["search"], true);
        for power in ["payouts", "quotes", "catalog", "balances"] {
            assert_eq!(can[power], generation != Generation::Md5, "{power}");
        }
        assert_eq!(can["deposit_addresses"], false);
        let text = ["--output", "text", "providers"];
        let shown = uni(&sandbox, generation, &text).await.stdout;
        assert!(
            shown.contains(&format!("unipayment ({})", name_of(generation))),
            "{shown}"
        );
    }
    assert!(sandbox.requests().is_empty());
}
