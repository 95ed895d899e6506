//! The list of tokens: read once for all who wait, kept for a while, read again for a new name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use paymux_core::{ErrorKind, ManualClock, Outcome, PaymentProvider, PayoutApi};
use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};

use crate::{builder, new_invoice, new_payout, provider, provider_of};
use paymux_test_bench::{RawServer, http};

const LIST: &str = "/api/currency/app-token-list";

#[tokio::test]
async fn calls_at_the_same_time_read_it_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let requests: Vec<_> = (0..20)
        .map(|n| new_invoice(&format!("order-{n}"), "5 USD", "TRX@tron-nile"))
        .collect();
    let results = join_all(
        requests
            .iter()
            .map(|request| provider.create_invoice(request)),
    )
    .await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(sandbox.requests_to(LIST).len(), 1);
    assert_eq!(sandbox.halo().orders().len(), 20);
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_waited_and_kept_for_nobody_else() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let fault = RequestFault::status(When::BeforeWork, 500);
    sandbox
        .faults()
        .add(FaultRule::request(LIST, fault).times(3));
    let request = new_payout("ref-1", "0.5", "USDT@tron-nile");
    let results = join_all((0..10).map(|_| provider.create_payout(&request))).await;
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
        assert_eq!(error.operation(), Some("create_payout"));
        assert_eq!(error.reference().unwrap().as_str(), "ref-1");
    }
    assert_eq!(
        sandbox.requests_to(LIST).len(),
        3,
        "three attempts of one reading"
    );
    provider.create_payout(&request).await.unwrap();
    assert_eq!(sandbox.requests_to("/api/payout/create").len(), 1);
}

#[tokio::test]
async fn it_is_read_again_when_it_is_old() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = ManualClock::at(chrono::Utc::now());
    let provider = builder(&sandbox)
        .with_clock(Arc::new(clock.clone()))
        .with_catalog_lifetime(Duration::from_secs(60))
        .build()
        .unwrap();
    for (order, later, readings) in [("a", 0, 1), ("b", 59, 1), ("c", 1, 2), ("d", 1, 2)] {
        clock.advance(Duration::from_secs(later));
        provider
            .create_invoice(&new_invoice(order, "5 USD", "TRX@tron-nile"))
            .await
            .unwrap();
        assert_eq!(sandbox.requests_to(LIST).len(), readings, "{order}");
    }
}

#[tokio::test]
async fn a_name_that_is_missing_is_looked_for_once_more() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.update_settings(|settings| {
        settings.disabled_currencies.insert(76);
    });
    let provider = provider(&sandbox);
    let trx = new_invoice("order-1", "5 USD", "TRX@tron-nile");

    let error = provider.create_invoice(&trx).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("USDT@tron-nile"), "{error}");
    assert_eq!(
        sandbox.requests_to(LIST).len(),
        1,
        "what was read just now is not read again"
    );

    provider.create_invoice(&trx).await.unwrap_err();
    assert_eq!(sandbox.requests_to(LIST).len(), 2);

    sandbox.update_settings(|settings| settings.disabled_currencies.clear());
    provider.create_invoice(&trx).await.unwrap();
    assert_eq!(sandbox.requests_to(LIST).len(), 3);
    provider
        .create_invoice(&new_invoice("order-2", "5 USD", "TRX@tron-nile"))
        .await
        .unwrap();
    assert_eq!(sandbox.requests_to(LIST).len(), 3);
}

#[tokio::test]
async fn giving_up_while_it_is_read_leaves_it_to_the_next() {
    let answers = Arc::new(AtomicBool::new(false));
    let server = RawServer::writing({
        let answers = Arc::clone(&answers);
        move |_| {
            if answers.load(Ordering::SeqCst) {
                http(
                    "200 OK",
                    "",
                    include_str!("../fixtures/app_token_list.json"),
                )
            } else {
                "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_owned()
            }
        }
    })
    .await;
    let provider = provider_of(&server);
    {
        let request = new_invoice("order-1", "5 USD", "TRX@tron-nile");
        let call = provider.create_invoice(&request);
        tokio::select! {
            biased;
            _ = call => panic!("nothing was answered yet"),
            () = tokio::task::yield_now() => {}
        }
    }
    answers.store(true, Ordering::SeqCst);
    let held = provider
        .balances()
        .unwrap()
        .fetch_balances(None)
        .await
        .unwrap()
        .items;
    assert_eq!(held.len(), 1);
}

#[tokio::test]
async fn disabled_and_nameless_tokens_are_left_out_and_doubled_names_are_told() {
    let token = |id: u64, symbol: &str, contract: &str, status: u8| {
        format!(
            r#"{{"currency_id":{id},"chain":"Ethereum","network":"Mainnet","token":"{symbol}","contract":"{contract}","chain_id":1,"decimal":6,"balance":"1","operable_balance":"1","status":{status}}}"#
        )
    };
    let tokens = [
        token(1, "USDX", "0xaa", 1),
        token(2, "USDX", "0xbb", 1),
        token(3, "OFF", "0xcc", 2),
        token(4, "not a symbol", "0xdd", 1),
    ];
    let body = format!(
        r#"{{"code":0,"msg":"success","data":[{}]}}"#,
        tokens.join(",")
    );
    let server = RawServer::answering(move |_| body.clone()).await;
    let provider = provider_of(&server);
    let find = async |asset: &str| {
        provider
            .create_invoice(&new_invoice("order-1", "5 USD", asset))
            .await
            .unwrap_err()
    };
    let several = find("USDX@ethereum").await;
    assert_eq!(several.kind(), ErrorKind::InvalidRequest);
    assert!(
        several
            .message()
            .contains("eip155:1/erc20:0xaa, eip155:1/erc20:0xbb"),
        "{several}"
    );
    assert_eq!(find("OFF@ethereum").await.kind(), ErrorKind::Unsupported);
    assert_eq!(
        provider
            .balances()
            .unwrap()
            .fetch_balances(None)
            .await
            .unwrap()
            .items
            .len(),
        2
    );
    assert_eq!(server.count("/api/order/create"), 0);
}
