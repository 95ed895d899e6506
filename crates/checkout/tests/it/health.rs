//! Whether the shop says that it can work.

use paymux_ledger::{Ledger, LedgerSettings};

use crate::shop::Shop;
use crate::wire::Sent;

#[tokio::test]
async fn health_is_whether_a_webhook_could_be_stored() {
    let mut shop = Shop::open().await;
    let question = Sent::post("/health", "").with_method("GET");
    let answer = shop.send(&question).await;
    assert_eq!(answer.told(), (200, r#"{"status":"ok"}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    // Nothing of it stays.
    assert_eq!(shop.stored().await, 0);
    let posted = shop.send(&Sent::post("/health", "")).await;
    assert_eq!(posted.status, 405);

    let writable = shop.ledger.clone();
    for (url, reason) in [
        (format!("{}?mode=ro", shop.database()), "read_only"),
        (format!("{}?max_page_count=1", shop.database()), "disk_full"),
    ] {
        let ledger = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        shop.restart_with(ledger).await;
        let answer = shop.send(&question).await;
        let body = format!(r#"{{"status":"unavailable","reason":"{reason}"}}"#);
        assert_eq!(answer.told(), (503, body.as_str()));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    shop.restart_with(writable).await;
    assert_eq!(shop.send(&question).await.status, 200);

    let file = shop.database_file();
    file.execute_batch("DROP TABLE paymux_inbox").unwrap();
    let answer = shop.send(&question).await;
    let body = r#"{"status":"unavailable","reason":"other"}"#;
    assert_eq!(answer.told(), (503, body));
}
