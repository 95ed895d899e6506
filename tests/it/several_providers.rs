//! One gateway there twice, under two names: nothing of the one is taken for the other's.

use std::sync::Arc;

use paymux::setup::Setup;
use paymux::{ErrorKind, NewInvoice, OrderId, PaymentProvider, Providers};
use paymux_sandbox::Sandbox;
use paymux_tests::harness::raw_webhook;

fn instance(name: &str, sandbox: &Sandbox) -> Arc<dyn PaymentProvider> {
    let halo = sandbox.halo();
    Setup::new(name.parse().unwrap(), "native-checkout")
        .and_then(|setup| setup.with("app_id", halo.app_id()))
        .and_then(|setup| setup.with("app_key", halo.app_key()))
        .and_then(|setup| setup.with("base_url", sandbox.url()))
        .and_then(|setup| setup.build())
        .unwrap()
}

#[tokio::test]
async fn two_instances_keep_apart() {
    let (eu, us) = (
        Sandbox::start().await.unwrap(),
        Sandbox::start().await.unwrap(),
    );
    let mut providers = Providers::new();
    providers.add(instance("eu", &eu)).unwrap();
    providers.add(instance("us", &us)).unwrap();
    assert_eq!(
        providers.add(instance("us", &us)).unwrap_err().kind(),
        ErrorKind::Configuration
    );
    assert!(providers.only().is_none());

    let inbox = eu.inbox("shop");
    let request = NewInvoice::new(OrderId::new("order-1").unwrap(), "5 USD".parse().unwrap())
        .with_asset("TRX@tron-nile".parse().unwrap())
        .with_callback_url(inbox.url());
    let provider = |name: &str| Arc::clone(providers.get(&name.parse().unwrap()).unwrap());
    let invoice = provider("eu").create_invoice(&request).await.unwrap();
    assert_eq!(invoice.snapshot().provider.as_str(), "eu");
    assert_eq!((eu.halo().orders().len(), us.halo().orders().len()), (1, 0));

    let error = provider("us").fetch_invoice(invoice.id()).await;
    assert_eq!(error.unwrap_err().provider().unwrap().as_str(), "us");

    eu.halo().pay(invoice.id().as_str(), 1.into()).unwrap();
    let webhook = raw_webhook(&inbox.next().await.unwrap());
    let event = provider("eu").verify_webhook(&webhook).await.unwrap();
    assert_eq!(event.provider.as_str(), "eu");
    assert_eq!(event.invoice().unwrap().provider.as_str(), "eu");
    let error = provider("us").verify_webhook(&webhook).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert_eq!(error.provider().unwrap().as_str(), "us");
}

#[tokio::test]
async fn a_quote_an_invoice_and_the_balance_tell_the_same_amount() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = instance("shop", &sandbox);
    let (price, asset) = ("7.77 EUR".parse().unwrap(), "TRX@tron".parse().unwrap());
    let quote = provider.quotes().unwrap().quote(&price, &asset).await;
    let request = NewInvoice::new(OrderId::new("order-1").unwrap(), price);
    let request = request.with_asset(asset.clone());
    let invoice = provider.create_invoice(&request).await.unwrap();
    let due = invoice.due().unwrap();
    assert_eq!(quote.unwrap().amount, *due);

    let balances = provider.balances().unwrap();
    let before = balances.fetch_balances(Some(&asset)).await.unwrap().items;
    sandbox.halo().pay_rest(invoice.id().as_str()).unwrap();
    let after = balances.fetch_balances(Some(&asset)).await.unwrap().items;
    assert_eq!(after[0].total, before[0].total + due.amount);
    assert_eq!(after[0].asset, asset);
    let all = balances.fetch_balances(None).await.unwrap().items;
    assert!(all.contains(&after[0]));
}
