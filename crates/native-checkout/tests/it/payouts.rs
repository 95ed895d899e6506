//! Payouts: what is sent, once, and how they are found again.

use paymux_core::{ErrorKind, Outcome, PaymentProvider, PayoutApi, PayoutStatus};
use paymux_native_checkout::{NativePayout, PayoutAnswer};
use paymux_sandbox::Sandbox;

use crate::{TRON_ADDRESS, new_payout, next, provider};

const CREATE: &str = "/api/payout/create";

#[tokio::test]
async fn a_payout_is_followed_to_its_end_and_found_by_its_reference() {
    let sandbox = Sandbox::start().await.unwrap();
    let inbox = sandbox.inbox("shop");
    let provider = provider(&sandbox);
    let request = new_payout("ref 1/é&x=y", "0.5", "USDT@tron-nile")
        .with_callback_url(format!("{}?shop=7", inbox.url()));
    let payout = provider.create_payout(&request).await.unwrap();
    let snapshot = payout.snapshot();
    assert_eq!(snapshot.status, PayoutStatus::Pending);
    assert_eq!(snapshot.reference, Some(request.reference.clone()));
    assert_eq!(snapshot.amount, Some(request.asset_amount()));
    assert_eq!(
        snapshot.fee.as_ref().unwrap().to_string(),
        "0.8025 USDT@tron-nile"
    );
    let to = snapshot.destination.as_ref().unwrap();
    assert_eq!(
        (to.address.as_str(), to.network.as_ref().unwrap().name()),
        (TRON_ADDRESS, "tron-nile")
    );
    let native = payout.as_any().downcast_ref::<NativePayout>().unwrap();
    assert!(matches!(native.answer(), PayoutAnswer::Created(_)));

    let id = payout.id();
    for expected in [
        PayoutStatus::Pending,
        PayoutStatus::Processing,
        PayoutStatus::Confirming,
        PayoutStatus::Completed,
    ] {
        let read = provider.fetch_payout(id).await.unwrap();
        assert_eq!(read.status(), expected);
        assert_eq!(
            read.fee().unwrap().amount,
            snapshot.fee.as_ref().unwrap().amount
        );
        if expected != PayoutStatus::Completed {
            sandbox.halo().advance_payout(id.as_str()).unwrap();
        }
    }

    let webhook = next(&inbox).await;
    assert!(webhook.path_and_query().contains("?shop=7&paymux_ref="));
    let event = provider.verify_webhook(&webhook).await.unwrap();
    assert_eq!(event.reference, Some(request.reference.clone()));
    let told = event.payout().unwrap();
    assert_eq!((&told.id, told.status), (id, PayoutStatus::Completed));
    assert_eq!(told.reference, Some(request.reference));
    assert_eq!(told.transactions.len(), 1);
    assert_eq!(event.dedup_key, format!("payout:{id}:PAID"));
}

#[tokio::test]
async fn payouts_may_fail_or_be_called_off() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    for (reference, expected) in [("f", PayoutStatus::Failed), ("c", PayoutStatus::Canceled)] {
        let request = new_payout(reference, "0.5", "USDT@tron-nile");
        let payout = provider.create_payout(&request).await.unwrap();
        let id = payout.id().as_str();
        match expected {
            PayoutStatus::Failed => sandbox.halo().fail_payout(id).unwrap(),
            _ => sandbox.halo().cancel_payout(id).unwrap(),
        };
        assert_eq!(
            provider.fetch_payout(payout.id()).await.unwrap().status(),
            expected
        );
    }
}

#[tokio::test]
async fn what_would_lose_money_is_never_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let good = || new_payout("ref-1", "0.5", "USDT@tron-nile");
    let to = |address: &str, asset: &str| {
        let mut request = new_payout("ref-1", "0.5", asset);
        request.to = address.to_owned();
        request
    };
    let mut zero = good();
    zero.amount = rust_decimal::Decimal::ZERO;
    for (request, kind, says) in [
        (zero, ErrorKind::InvalidRequest, "above zero"),
        (
            to("TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ", "USDT@tron-nile"),
            ErrorKind::InvalidRequest,
            "no address on tron-nile",
        ),
        (
            to("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "JST"),
            ErrorKind::InvalidRequest,
            "no address on tron-nile",
        ),
        (
            new_payout("ref-1", "0.0000001", "USDT@tron-nile"),
            ErrorKind::InvalidRequest,
            "7 decimals",
        ),
        (
            new_payout("ref-1", "1", "BTC@tron-nile"),
            ErrorKind::Unsupported,
            "USDT@tron-nile",
        ),
        (
            new_payout("ref-1", "1", "USDT"),
            ErrorKind::InvalidRequest,
            "several assets",
        ),
        (good().with_memo("7"), ErrorKind::Unsupported, "memo"),
        (
            good().with_callback_url("https://x/?paymux_tag=1"),
            ErrorKind::InvalidRequest,
            "paymux_tag",
        ),
        (
            good().with_callback_url("ftp://x"),
            ErrorKind::InvalidRequest,
            "callback URL",
        ),
    ] {
        let error = provider.create_payout(&request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, Outcome::NotSent),
            "{error}"
        );
        assert!(error.message().contains(says), "{error}");
        assert_eq!(error.reference().unwrap().as_str(), "ref-1");
        assert_eq!(error.operation(), Some("create_payout"));
    }
    assert_eq!(sandbox.requests_to(CREATE).len(), 0);
    assert_eq!(provider.payout_fee(&good()).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_factor_goes_with_the_payout_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.update_settings(|settings| settings.two_factor = true);
    let provider = provider(&sandbox);
    let without = new_payout("ref-1", "0.5", "USDT@tron-nile");
    let error = provider.create_payout(&without).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Refused, Outcome::Rejected)
    );
    assert_eq!(error.reference().unwrap().as_str(), "ref-1");
    provider
        .create_payout(&without.with_otp("123456".into()))
        .await
        .unwrap();
    assert_eq!(sandbox.halo().payouts().len(), 1);
}

#[tokio::test]
async fn too_little_money_is_the_gateways_no() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .halo()
        .set_balance(75, "1".parse().unwrap())
        .unwrap();
    let request = new_payout("ref-1", "100", "USDT@tron-nile");
    let refused = provider(&sandbox)
        .create_payout(&request)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.kind(), refused.code()),
        (ErrorKind::Refused, Some("1007"))
    );

    let named = crate::builder(&sandbox).with_error_code(1007, ErrorKind::InsufficientFunds);
    let named = named
        .build()
        .unwrap()
        .create_payout(&request)
        .await
        .unwrap_err();
    assert_eq!(named.kind(), ErrorKind::InsufficientFunds);
    assert_eq!(named.outcome(), Outcome::Rejected);
}
