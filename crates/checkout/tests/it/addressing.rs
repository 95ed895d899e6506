//! Whom a webhook is for.

use std::sync::Arc;

use paymux_checkout::WebhookSettings;
use paymux_core::{PaymentProvider, ProviderName, Providers};
use paymux_native_checkout::NativeCheckout;
use paymux_unipayment::Generation;

use crate::shop::{HALO, Shop, UNI, native_checkout, sandbox, serve_alone, unipayment};
use crate::switchboard::Switchboard;
use crate::wire::Sent;

const UNADDRESSED: &str =
    "this does not tell which provider it is for; send it to /webhooks/PROVIDER";

#[tokio::test]
async fn what_names_no_account_here_is_refused() {
    let sandbox = sandbox().await;
    let mut providers = Providers::new();
    providers.add(Arc::new(native_checkout(&sandbox))).unwrap();
    let shop = Shop::of(sandbox, providers, WebhookSettings::new(), |routes| routes).await;
    for sent in [
        Sent::post("/webhooks", "{}"),
        Sent::post("/webhooks", "").with_header("x-appid", "somebody-else"),
    ] {
        let answer = shop.send(&sent).await;
        assert_eq!(answer.told(), (400, UNADDRESSED));
    }
    let answer = shop.send(&Sent::post("/webhooks/nobody", "{}")).await;
    assert_eq!(answer.told(), (404, "there is no provider of this name"));
    assert_eq!(shop.stored().await, 0);
}

#[tokio::test]
async fn what_two_would_take_is_refused_and_taken_on_a_route_of_its_own() {
    let sandbox = sandbox().await;
    let twin = NativeCheckout::builder()
        .with_name(ProviderName::from_static("twin"))
        .with_base_url(sandbox.url())
        .with_app_id(sandbox.halo().app_id())
        .with_app_key(sandbox.halo().app_key().into())
        .build()
        .unwrap();
    let mut providers = Providers::new();
    providers.add(Arc::new(native_checkout(&sandbox))).unwrap();
    providers.add(Arc::new(twin)).unwrap();
    let shop = Shop::of(sandbox, providers, WebhookSettings::new(), |routes| routes).await;
    let webhook = shop.catch(HALO).await;
    let answer = shop.send(&Sent::again(&webhook, "/webhooks")).await;
    assert_eq!(answer.told(), (400, UNADDRESSED));
    let answer = shop.send(&Sent::again(&webhook, "/webhooks/twin")).await;
    assert_eq!(answer.told(), (200, "success"));
    assert_eq!(shop.stored().await, 1);
}

#[tokio::test]
async fn a_provider_made_of_providers_answers_for_each_of_them() {
    let sandbox = sandbox().await;
    let members: Vec<Arc<dyn PaymentProvider>> = vec![
        Arc::new(native_checkout(&sandbox)),
        Arc::new(unipayment(&sandbox, Generation::OAuth)),
    ];
    let mut providers = Providers::new();
    for member in &members {
        providers.add(Arc::clone(member)).unwrap();
    }
    let catcher = Shop::of(sandbox, providers, WebhookSettings::new(), |routes| routes).await;
    let mut alone = Providers::new();
    alone
        .add(Arc::new(Switchboard::new("both", members)))
        .unwrap();
    let routes = paymux_checkout::webhooks(catcher.ledger.clone(), alone);
    let address = serve_alone(routes).await;
    for (name, taken, refused) in [(HALO, "success", "fail"), (UNI, "SUCCESS", "Fail")] {
        let webhook = catcher.catch(name).await;
        for path in ["/webhooks", "/webhooks/both"] {
            let genuine = Sent::again(&webhook, path);
            assert_eq!(genuine.to(address).await.told(), (200, taken), "{path}");
            let mut altered = genuine.body.clone();
            altered.push(b' ');
            let altered = genuine.with_body(altered);
            assert_eq!(altered.to(address).await.told(), (400, refused), "{path}");
        }
    }
    assert_eq!(catcher.stored().await, 2);
    let owners: Vec<_> = catcher.ledger.unmatched(0, 10).await.unwrap();
    let owners: Vec<_> = owners
        .iter()
        .map(|notice| notice.provider.as_str())
        .collect();
    assert_eq!(owners, [HALO, UNI]);
}
