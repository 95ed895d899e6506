//! Whether the shop says that it can work.

use crate::shop::Shop;
use crate::wire::Sent;

#[tokio::test]
async fn health_is_whether_the_ledger_can_be_read() {
    let shop = Shop::open().await;
    let question = Sent::post("/health", "").with_method("GET");
    let answer = shop.send(&question).await;
    assert_eq!(answer.told(), (200, r#"{"status":"ok"}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));

    let file = shop.database_file();
    file.execute_batch("DROP TABLE paymux_quarantine").unwrap();
    let answer = shop.send(&question).await;
    assert_eq!(answer.told(), (503, r#"{"status":"unavailable"}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));

    let posted = shop.send(&Sent::post("/health", "")).await;
    assert_eq!(posted.status, 405);
}
