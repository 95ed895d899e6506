//! Payouts that are refused, and what the refusal says.

use paymux_sandbox::Sandbox;

use crate::client::{Merchant, SOMEONE, dec};
use crate::refusals::refused;

#[tokio::test]
async fn payout_create_refuses_bad_addresses_and_amounts() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let mistyped = SOMEONE.replacen('N', "M", 1);
    let cases = [
        ("1", mistyped.as_str(), "wrong checksum"),
        ("1", "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY...", "not base58"),
        ("1", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj", "wrong length"),
        ("1", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "another network"),
        (
            "1",
            "0xdAC17F958D2ee523a2206206994597C13D831ec7",
            "not base58",
        ),
        ("0", SOMEONE, "must be above 0"),
        ("1.0000001", SOMEONE, "at most 6 decimals"),
        ("one", SOMEONE, "plain decimal"),
    ];
    for (amount, address, hint) in cases {
        let body = format!(r#"{{"currency_id":75,"amount":"{amount}","to_address":"{address}"}}"#);
        refused(&merchant, "/api/payout/create", &body, 1006, hint).await;
    }
    let body = format!(r#"{{"currency_id":75,"amount":1,"to_address":"{SOMEONE}"}}"#);
    refused(
        &merchant,
        "/api/payout/create",
        &body,
        1006,
        "must be a string: \"1\"",
    )
    .await;
    assert!(sandbox.halo().payouts().is_empty());
}

#[tokio::test]
async fn a_payout_needs_its_amount_and_its_cost() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    // 10 + 0.02 + 0.8015
    sandbox.halo().set_balance(75, dec("10.821499")).unwrap();
    let body = format!(r#"{{"currency_id":75,"amount":"10","to_address":"{SOMEONE}"}}"#);
    let hint = "amount and cost are 10.8215 USDT and the operable balance is 10.821499";
    refused(&merchant, "/api/payout/create", &body, 1007, hint).await;
    sandbox.halo().set_balance(75, dec("10.8215")).unwrap();
    merchant.call("/api/payout/create", &body).await.data();
    assert_eq!(merchant.operable().await, "0");
}

#[tokio::test]
async fn two_factor_asks_for_the_right_code() {
    let sandbox = Sandbox::start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    sandbox.update_settings(|settings| {
        settings.two_factor = true;
        settings.google_code = "246810".into();
    });
    let with =
        |code: &str| format!(r#"{{"currency_id":75,"amount":"1","to_address":"{SOMEONE}"{code}}}"#);
    let path = "/api/payout/create";
    refused(&merchant, path, &with(""), 1009, "google_code is missing").await;
    let wrong = with(r#","google_code":"000000""#);
    refused(&merchant, path, &wrong, 1009, "google_code is wrong").await;
    let number = with(r#","google_code":246810"#);
    refused(&merchant, path, &number, 1006, "must be a string").await;
    merchant
        .call(path, &with(r#","google_code":"246810""#))
        .await
        .data();
    let shown = merchant.send("GET", "/sandbox/requests", &[], b"").await;
    assert!(shown.text().contains("[redacted]"));
    let debug = format!("{:?} {:?}", sandbox.settings(), sandbox.requests());
    assert!(!debug.contains("246810") && !shown.text().contains("246810"));
}
