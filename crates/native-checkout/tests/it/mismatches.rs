//! Answers that are not what was asked for, on the sandbox.

use paymux_core::{ErrorKind, Outcome, PaymentProvider, PayoutApi};
use paymux_sandbox::{FaultRule, RequestFault, Sandbox};
use serde_json::{Value, json};

use crate::{new_invoice, new_payout, provider};

fn replaced(path: &str, member: &str, value: Value) -> FaultRule {
    let member = member.to_owned();
    FaultRule::request(path, RequestFault::ReplaceMember { member, value })
}

fn removed(path: &str, member: &str) -> FaultRule {
    let member = member.to_owned();
    FaultRule::request(path, RequestFault::RemoveMember { member })
}

#[tokio::test]
async fn an_order_for_something_else_is_told_with_its_id() {
    const CREATE: &str = "/api/order/create";
    use ErrorKind::{InvalidResponse, Mismatch};

    for (rule, kind, says) in [
        (
            replaced(CREATE, "data.amount", json!("9.999999")),
            Mismatch,
            "amount is 9.999999; 10 was asked for",
        ),
        (
            replaced(CREATE, "data.token", json!("USDT")),
            Mismatch,
            "token is USDT",
        ),
        (
            replaced(
                CREATE,
                "data.contract",
                json!("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ),
            Mismatch,
            "contract is",
        ),
        (
            replaced(CREATE, "data.decimal", json!(18)),
            Mismatch,
            "decimal is 18",
        ),
        (
            replaced(CREATE, "data.chain_id", json!(728_126_428)),
            Mismatch,
            "chain_id is 728126428",
        ),
        (
            removed(CREATE, "data.decimal"),
            Mismatch,
            "decimal is missing",
        ),
        (
            removed(CREATE, "data.amount"),
            InvalidResponse,
            "missing field `amount`",
        ),
        (
            removed(CREATE, "data.token"),
            InvalidResponse,
            "missing field `token`",
        ),
        (
            removed(CREATE, "data.pay_address"),
            InvalidResponse,
            "an address to pay",
        ),
        (
            replaced(CREATE, "data.amount", json!("1e99")),
            InvalidResponse,
            "another type",
        ),
        (
            replaced(CREATE, "data.amount", json!(null)),
            InvalidResponse,
            "another type",
        ),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(rule);
        let request = new_invoice("order-1", "10 TRX", "TRX@tron-nile");
        let error = provider(&sandbox)
            .create_invoice(&request)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, Outcome::Unknown),
            "{error}"
        );
        assert!(error.message().contains(says), "{error}");
        let made = sandbox.halo().orders();
        assert_eq!(error.id(), Some(made[0].trade_no.as_str()), "{says}");
    }
}

#[tokio::test]
async fn an_order_without_its_id_is_unreadable() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(removed("/api/order/create", "data.trade_no"));
    let request = new_invoice("order-1", "10 TRX", "TRX@tron-nile");
    let error = provider(&sandbox)
        .create_invoice(&request)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.id()),
        (ErrorKind::InvalidResponse, None)
    );
    assert!(error.may_have_executed());
}

#[tokio::test]
async fn members_that_carry_no_money_may_be_missing_or_odd() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    for member in [
        "chain_info",
        "mode",
        "equity",
        "referer",
        "entrust_url",
        "time_expire",
        "create_time",
        "need_confirms",
        "amount_collected",
        "chain_id",
    ] {
        let path = format!("data.{member}");
        for rule in [
            removed("/api/order/create", &path),
            replaced("/api/order/create", &path, json!(null)),
        ] {
            sandbox.faults().add(rule);
            sandbox.update_settings(|settings| settings.allow_repeated_order = true);
            let request = new_invoice("order-1", "10 TRX", "TRX@tron-nile");
            let made = provider.create_invoice(&request).await;
            assert!(made.is_ok(), "{member}: {made:?}");
        }
    }
    sandbox
        .faults()
        .add(replaced("/api/order/create", "data.amount", json!(10)));
    let request = new_invoice("order-1", "10 TRX", "TRX@tron-nile");
    assert!(
        provider.create_invoice(&request).await.is_ok(),
        "money may be a number"
    );
}

#[tokio::test]
async fn a_payout_of_another_amount_is_told_with_its_id_and_reference() {
    const CREATE: &str = "/api/payout/create";
    for (rule, kind) in [
        (
            replaced(CREATE, "data.actual_receipt", json!("0.49")),
            ErrorKind::Mismatch,
        ),
        (
            replaced(CREATE, "data.actual_receipt", json!("50")),
            ErrorKind::Mismatch,
        ),
        (
            removed(CREATE, "data.actual_receipt"),
            ErrorKind::InvalidResponse,
        ),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(rule);
        let request = new_payout("ref-1", "0.5", "USDT@tron-nile");
        let error = provider(&sandbox)
            .create_payout(&request)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, Outcome::Unknown),
            "{error}"
        );
        assert_eq!(
            error.id(),
            Some(sandbox.halo().payouts()[0].trade_no.as_str())
        );
        assert_eq!(error.reference(), Some(&request.reference));
    }
}

#[tokio::test]
async fn a_look_up_that_answers_for_another_is_a_mismatch() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let invoice = provider
        .create_invoice(&new_invoice("order-1", "10 TRX", "TRX@tron-nile"))
        .await
        .unwrap();
    let payout = provider
        .create_payout(&new_payout("ref-1", "0.5", "USDT@tron-nile"))
        .await
        .unwrap();
    sandbox
        .faults()
        .add(replaced("/api/order/detail", "data.trade_no", json!("T2")));
    sandbox
        .faults()
        .add(replaced("/api/payout/detail", "data.trade_no", json!("T2")));
    sandbox.faults().add(replaced(
        "/api/account/balance",
        "data.currency_id",
        json!(46),
    ));
    let trx = "TRX@tron-nile".parse().unwrap();
    for error in [
        provider.fetch_invoice(invoice.id()).await.unwrap_err(),
        provider.fetch_payout(payout.id()).await.unwrap_err(),
        provider
            .balances()
            .unwrap()
            .fetch_balances(Some(&trx))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Mismatch, Outcome::NotSent),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_word_that_nobody_knows_means_wait() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let invoice = provider
        .create_invoice(&new_invoice("order-1", "10 TRX", "TRX@tron-nile"))
        .await
        .unwrap();
    sandbox.faults().add(replaced(
        "/api/order/detail",
        "data.status",
        json!("FROZEN"),
    ));
    let read = provider.fetch_invoice(invoice.id()).await.unwrap();
    assert_eq!(read.status(), paymux_core::InvoiceStatus::Unknown);
    assert_eq!(read.snapshot().provider_status.as_deref(), Some("FROZEN"));

    sandbox
        .faults()
        .add(removed("/api/order/detail", "data.status"));
    let error = provider.fetch_invoice(invoice.id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}
