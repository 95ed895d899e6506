//! Quotes, the catalogue, balances and permanent addresses, on the sandbox.

use paymux_core::{
    CatalogApi, CatalogScope, DepositAddressApi, DepositStatus, ErrorKind, NewDepositAddress,
    Outcome, PaymentProvider, QuoteApi,
};
use paymux_sandbox::Sandbox;

use crate::{next, provider};

#[tokio::test]
async fn a_quote_is_the_gateways() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let price = "5 USD".parse().unwrap();
    let quote = provider
        .quote(&price, &"USDT@tron-nile".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(quote.price, price);
    assert_eq!(
        quote.amount.asset.as_ref().unwrap().to_string(),
        "USDT@tron-nile"
    );
    assert!(quote.amount.amount > rust_decimal::Decimal::ZERO);
    assert!(quote.rate.is_some() && !quote.estimated);

    let error = provider
        .quote(&"5 TRX".parse().unwrap(), &"TRX@tron-nile".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::InvalidRequest, Some("quote"))
    );
    assert_eq!(sandbox.requests_to("/api/order/exchange-rates").len(), 1);
}

#[tokio::test]
async fn enabled_assets_are_fewer_than_all() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.update_settings(|settings| {
        settings.disabled_currencies.extend([175, 176]);
    });
    let provider = provider(&sandbox);
    let names = async |scope| {
        let assets = provider.assets(scope).await.unwrap().items;
        let mut names: Vec<String> = assets
            .iter()
            .map(|entry| format!("{} {}", entry.provider_id, entry.asset.name()))
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        names(CatalogScope::Enabled).await,
        ["46 JST@tron-nile", "75 USDT@tron-nile", "76 TRX@tron-nile"]
    );
    assert_eq!(
        names(CatalogScope::All).await[..2],
        ["175 USDT@tron", "176 TRX@tron"]
    );
    let trx = provider.assets(CatalogScope::All).await.unwrap().items;
    let trx = trx.iter().find(|entry| entry.provider_id == "76").unwrap();
    assert!(trx.asset.is_coin());
}

#[tokio::test]
async fn balances_are_of_one_asset_or_of_all() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .halo()
        .set_balance(75, "12.5".parse().unwrap())
        .unwrap();
    let provider = provider(&sandbox);
    let usdt = "USDT@tron-nile".parse().unwrap();
    let one = provider
        .balances()
        .unwrap()
        .fetch_balances(Some(&usdt))
        .await
        .unwrap()
        .items;
    assert_eq!(
        (one.len(), one[0].total.normalize().to_string().as_str()),
        (1, "12.5")
    );
    let all = provider
        .balances()
        .unwrap()
        .fetch_balances(None)
        .await
        .unwrap()
        .items;
    assert_eq!(all.len(), 5);
    assert_eq!(all.iter().find(|held| held.asset == usdt), Some(&one[0]));

    let error = provider
        .balances()
        .unwrap()
        .fetch_balances(Some(&"BTC".parse().unwrap()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::Unsupported, Some("fetch_balances"))
    );
}

#[tokio::test]
async fn a_payment_to_a_permanent_address_is_a_deposit() {
    let sandbox = Sandbox::start().await.unwrap();
    let inbox = sandbox.inbox("app");
    sandbox.update_settings(|settings| settings.app_callback_url = Some(inbox.url()));
    let provider = provider(&sandbox);
    let request = NewDepositAddress::new("till 1", "TRX@tron-nile".parse().unwrap());
    let address = provider.create_deposit_address(&request).await.unwrap();
    assert_eq!(address.asset, request.asset);

    sandbox
        .halo()
        .pay_address(&address.address, "3".parse().unwrap())
        .unwrap();
    let event = provider.verify_webhook(&next(&inbox).await).await.unwrap();
    let deposit = event.deposit().unwrap();
    assert_eq!(deposit.status, DepositStatus::Credited);
    assert_eq!(
        deposit
            .amount
            .as_ref()
            .unwrap()
            .amount
            .normalize()
            .to_string(),
        "3"
    );
    let to = deposit.destination.as_ref().unwrap();
    assert_eq!(to.address, address.address);
    assert_eq!(to.network.as_ref().unwrap().name(), "tron-nile");
    assert_eq!(event.reference, None);

    sandbox
        .halo()
        .pay_address(&address.address, "3".parse().unwrap())
        .unwrap();
    let again = provider.verify_webhook(&next(&inbox).await).await.unwrap();
    assert_ne!(
        again.dedup_key, event.dedup_key,
        "the same amount twice is two payments"
    );
}

#[tokio::test]
async fn a_permanent_address_asks_for_an_amount_that_fits() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let asking = |amount: &str| {
        NewDepositAddress::new("till", "TRX@tron-nile".parse().unwrap())
            .with_amount(amount.parse().unwrap())
    };
    provider
        .create_deposit_address(&asking("1.5"))
        .await
        .unwrap();
    let body = sandbox.requests_to("/api/payment-qr-code/create")[0]
        .body
        .clone();
    assert_eq!(
        &body[..],
        br#"{"name":"till","currency_id":76,"amount":"1.5"}"#
    );

    let error = provider
        .create_deposit_address(&asking("0.0000001"))
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(error.operation(), Some("create_deposit_address"));
    assert_eq!(sandbox.requests_to("/api/payment-qr-code/create").len(), 1);
}
