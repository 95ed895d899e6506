//! What a sender is answered, word for word.

use crate::shop::{HALO, Shop, UNI};
use crate::wire::Sent;

/// Each gateway with its route, its two words and its header that proves.
const GATEWAYS: [(&str, &str, &str, &str, &str); 2] = [
    (
        HALO,
        "/webhooks/native-checkout",
        "success",
        "fail",
        "x-sign",
    ),
    (
        UNI,
        "/webhooks/unipayment",
        "SUCCESS",
        "Fail",
        "hmac-signature",
    ),
];

#[tokio::test]
async fn a_genuine_webhook_is_answered_in_its_gateways_words_however_often_it_comes() {
    for (name, route, taken, ..) in GATEWAYS {
        let shop = Shop::open().await;
        let webhook = shop.catch(name).await;
        for path in [route, "/webhooks", route] {
            let answer = shop.send(&Sent::again(&webhook, path)).await;
            assert_eq!(answer.told(), (200, taken), "{path}");
            let told = answer.header("content-type").unwrap();
            assert!(told.starts_with("text/plain"), "{told}");
        }
        assert_eq!(shop.stored().await, 1);
    }
}

#[tokio::test]
async fn what_is_not_genuine_is_refused_and_nothing_of_it_is_kept() {
    for (name, route, _, refused, signature) in GATEWAYS {
        let shop = Shop::open().await;
        let webhook = shop.catch(name).await;
        let genuine = Sent::again(&webhook, route);
        let mut altered = genuine.body.clone();
        let digit = altered.iter().rposition(u8::is_ascii_digit).unwrap();
        altered[digit] = if altered[digit] == b'9' {
            b'8'
        } else {
            altered[digit] + 1
        };
        let mut unsigned = genuine.clone();
        unsigned.headers.retain(|(known, _)| known != signature);
        let forged = unsigned.clone().with_header(signature, &"ab".repeat(32));
        for wrong in [
            genuine.clone().with_body(altered),
            genuine.clone().with_body(Vec::new()),
            genuine.clone().doubling(signature),
            genuine.clone().with_header(signature, "other"),
            unsigned,
            forged,
        ] {
            let answer = shop.send(&wrong).await;
            assert_eq!(answer.told(), (400, refused), "{wrong:?}");
            let told = answer.header("content-type").unwrap();
            assert!(told.starts_with("text/plain"), "{told}");
        }
        assert_eq!(shop.stored().await, 0);
    }
}

#[tokio::test]
async fn one_gateways_webhook_is_forged_on_anothers_route() {
    let shop = Shop::open().await;
    let webhook = shop.catch(HALO).await;
    let answer = shop
        .send(&Sent::again(&webhook, "/webhooks/unipayment"))
        .await;
    assert_eq!(answer.told(), (400, "Fail"));
    assert_eq!(shop.stored().await, 0);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_not_found() {
    for (name, _, _, refused, _) in GATEWAYS {
        let shop = Shop::open().await;
        let webhook = shop.catch(name).await;
        for unknown in ["nobody", "Native-Checkout", "a%20b", "%ff", "%2e%2e"] {
            let path = format!("/webhooks/{unknown}");
            let answer = shop.send(&Sent::again(&webhook, &path)).await;
            assert_eq!(answer.told(), (404, refused), "{path}");
        }
        assert_eq!(shop.stored().await, 0);
    }
}

#[tokio::test]
async fn the_name_may_be_written_as_a_url_may_write_it() {
    let shop = Shop::open().await;
    let webhook = shop.catch(HALO).await;
    let path = "/webhooks/native%2Dcheckout";
    let answer = shop.send(&Sent::again(&webhook, path)).await;
    assert_eq!(answer.told(), (200, "success"));
}

#[tokio::test]
async fn only_a_post_is_taken() {
    let shop = Shop::open().await;
    let webhook = shop.catch(HALO).await;
    for path in ["/webhooks", "/webhooks/native-checkout"] {
        for method in ["GET", "PUT", "DELETE"] {
            let sent = Sent::again(&webhook, path).with_method(method);
            let answer = shop.send(&sent).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("POST"));
        }
    }
    assert_eq!(shop.stored().await, 0);
}
