//! How much a sender may ask.

use std::time::Duration;

use paymux_checkout::{WebhookSettings, webhooks_with};

use crate::shop::{HALO, Shop, UNI, serve_alone};
use crate::wire::{Sent, exchange};

const ROUTE: &str = "/webhooks/native-checkout";
const CHUNKED: &str =
    "POST /webhooks/unipayment HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn a_body_up_to_the_limit_is_taken() {
    let shop = Shop::open().await;
    let megabyte = vec![b' '; 1024 * 1024];
    let answer = shop.send(&Sent::post(ROUTE, megabyte)).await;
    assert_eq!(answer.told(), (400, "fail"));

    let webhook = Sent::again(&shop.catch(HALO).await, ROUTE);
    let length = webhook.body.len();
    for (limit, status) in [(length, 200), (length - 1, 413)] {
        let settings = WebhookSettings::new().with_body_limit(limit);
        let routes = webhooks_with(shop.ledger.clone(), shop.providers.clone(), settings);
        let answer = webhook.to(serve_alone(routes).await).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn what_is_announced_as_too_long_is_not_waited_for() {
    let shop = Shop::open().await;
    let webhook = Sent::again(&shop.catch(HALO).await, ROUTE);
    let head = webhook.head(1024 * 1024 + 1);
    let answer = exchange(shop.address, head.as_bytes()).await;
    assert_eq!(answer.told(), (413, "fail"));
    assert_eq!(shop.stored().await, 0);
}

#[tokio::test]
async fn what_grows_too_long_without_saying_so_is_cut() {
    let shop = Shop::with_settings(WebhookSettings::new().with_body_limit(8)).await;
    // No end of the body is told.
    let endless = format!("{CHUNKED}9\r\n123456789\r\n");
    let answer = exchange(shop.address, endless.as_bytes()).await;
    assert_eq!(answer.told(), (413, "Fail"));
}

#[tokio::test]
async fn a_limit_above_axums_own_counts() {
    let settings = WebhookSettings::new().with_body_limit(4 * 1024 * 1024);
    let shop = Shop::with_settings(settings).await;
    let long = vec![b' '; 3 * 1024 * 1024];
    let answer = shop.send(&Sent::post(ROUTE, long)).await;
    assert_eq!(answer.told(), (400, "fail"));
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    let settings = WebhookSettings::new().with_body_timeout(Duration::from_millis(50));
    let shop = Shop::with_settings(settings).await;
    let begun = Sent::again(&shop.catch(UNI).await, "/webhooks/unipayment");
    let bytes = begun.bytes();
    let (all_but_one, _) = bytes.split_at(bytes.len() - 1);
    let answer = exchange(shop.address, all_but_one).await;
    assert_eq!(answer.told(), (408, "Fail"));

    let endless = format!("{CHUNKED}4\r\n1234\r\n");
    let answer = exchange(shop.address, endless.as_bytes()).await;
    assert_eq!(answer.told(), (408, "Fail"));
    assert_eq!(shop.stored().await, 0);
}
