//! The life of an order.

use chrono::TimeDelta;
use paymux_sandbox::{OrderStatus, Sandbox, SandboxError, Settings};
use serde_json::Value;

use crate::client::{Merchant, dec, eventually};

const NOWHERE: &str = "http://127.0.0.1:9/";

async fn shop_with(settings: Settings) -> (Sandbox, Merchant, String) {
    let sandbox = Sandbox::builder().settings(settings).start().await.unwrap();
    let merchant = Merchant::of(&sandbox);
    let trade_no = merchant.order("A-1", "10", NOWHERE).await;
    (sandbox, merchant, trade_no)
}

fn told(detail: &Value) -> (String, String, i64, i64) {
    let text = |name: &str| detail[name].as_str().unwrap().to_owned();
    let count = |name: &str| detail[name].as_i64().unwrap();
    (
        text("status"),
        text("amount_collected"),
        count("already_confirms"),
        count("need_confirms"),
    )
}

fn is(status: &str, collected: &str, already: i64, need: i64) -> (String, String, i64, i64) {
    (status.into(), collected.into(), already, need)
}

#[tokio::test]
async fn a_full_payment_waits_for_its_confirmations() {
    let settings = Settings {
        confirmations_required: 2,
        ..Settings::default()
    };
    let (sandbox, merchant, order) = shop_with(settings).await;
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TO-BE-PAID", "0", 0, 2)
    );
    sandbox.halo().pay_rest(&order).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TO-BE-PAID", "10", 0, 2)
    );
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TO-BE-PAID", "10", 1, 2)
    );
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 2, 2)
    );
    assert_eq!(merchant.operable().await, "1010");
}

#[tokio::test]
async fn paid_at_sight_confirms_afterwards() {
    let settings = Settings {
        paid_at_sight: true,
        ..Settings::default()
    };
    let (sandbox, merchant, order) = shop_with(settings).await;
    sandbox.halo().pay_rest(&order).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 0, 1)
    );
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 1, 1)
    );
}

#[tokio::test]
async fn without_required_confirmations_a_payment_is_final() {
    let settings = Settings {
        confirmations_required: 0,
        ..Settings::default()
    };
    let (sandbox, merchant, order) = shop_with(settings).await;
    sandbox.halo().pay_rest(&order).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 0, 0)
    );
}

#[tokio::test]
async fn parts_add_up_and_the_newest_is_what_is_confirmed() {
    let (sandbox, merchant, order) = shop_with(Settings::default()).await;
    sandbox.halo().pay(&order, dec("2.50")).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TO-BE-PAID", "2.5", 0, 1)
    );
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TO-BE-PAID", "2.5", 1, 1)
    );
    let paid = sandbox.halo().pay_rest(&order).unwrap();
    assert_eq!(paid.payments.len(), 2);
    assert_eq!(paid.payments[1].amount, dec("7.5"));
    assert_ne!(paid.payments[0].txid, paid.payments[1].txid);
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TO-BE-PAID", "10", 0, 1)
    );
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 1, 1)
    );
}

#[tokio::test]
async fn too_much_is_collected_whole() {
    let (sandbox, merchant, order) = shop_with(Settings::default()).await;
    sandbox.halo().pay(&order, dec("10.000001")).unwrap();
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10.000001", 1, 1)
    );
    sandbox.halo().pay(&order, dec("1")).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "11.000001", 1, 1)
    );
    assert_eq!(merchant.operable().await, "1011.000001");
}

#[tokio::test]
async fn an_order_times_out_by_the_clock() {
    let (sandbox, merchant, order) = shop_with(Settings::default()).await;
    sandbox.halo().pay(&order, dec("4")).unwrap();
    sandbox.shift_clock(TimeDelta::seconds(1790));
    assert_eq!(
        sandbox.halo().order(&order).unwrap().status,
        OrderStatus::ToBePaid
    );
    sandbox.shift_clock(TimeDelta::seconds(10));
    assert_eq!(
        sandbox.halo().order(&order).unwrap().status,
        OrderStatus::TimeOut
    );
    sandbox.shift_clock(TimeDelta::seconds(-1800));
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TIME-OUT", "4", 0, 1)
    );
}

#[tokio::test]
async fn a_fully_paid_order_does_not_time_out() {
    let (sandbox, merchant, order) = shop_with(Settings::default()).await;
    sandbox.halo().pay_rest(&order).unwrap();
    sandbox.shift_clock(TimeDelta::hours(2));
    assert_eq!(
        sandbox.halo().order(&order).unwrap().status,
        OrderStatus::ToBePaid
    );
    let error = sandbox.halo().expire(&order).unwrap_err();
    assert!(matches!(error, SandboxError::State { .. }), "{error}");
    sandbox.halo().confirm(&order, 1).unwrap();
    sandbox.shift_clock(TimeDelta::hours(-2));
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 1, 1)
    );
}

#[tokio::test]
async fn a_late_payment_is_collected_and_the_status_stays() {
    let (sandbox, merchant, order) = shop_with(Settings::default()).await;
    sandbox.halo().expire(&order).unwrap();
    sandbox.halo().pay_rest(&order).unwrap();
    sandbox.halo().confirm(&order, 3).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TIME-OUT", "10", 3, 1)
    );
    assert_eq!(merchant.operable().await, "1010");
}

#[tokio::test]
async fn a_late_payment_can_be_set_to_complete_the_order() {
    let settings = Settings {
        late_payment_completes: true,
        ..Settings::default()
    };
    let (sandbox, merchant, order) = shop_with(settings).await;
    sandbox.halo().expire(&order).unwrap();
    sandbox.halo().pay_rest(&order).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("TIME-OUT", "10", 0, 1)
    );
    sandbox.halo().confirm(&order, 1).unwrap();
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 1, 1)
    );
}

#[tokio::test]
async fn blocks_confirm_by_themselves() {
    let settings = Settings {
        confirmations_required: 3,
        block_time: Some(std::time::Duration::from_millis(1)),
        ..Settings::default()
    };
    let (sandbox, merchant, order) = shop_with(settings).await;
    let payout = merchant.payout("1", NOWHERE).await;
    sandbox.halo().pay_rest(&order).unwrap();
    let halo = sandbox.halo();
    eventually("the order is paid", || {
        halo.order(&order).unwrap().status == OrderStatus::Paid
    })
    .await;
    eventually("the payout is done", || {
        halo.payout(&payout).unwrap().status.is_final()
    })
    .await;
    // Blocks stop counting at what is needed.
    assert_eq!(
        told(&merchant.order_detail(&order).await),
        is("PAID", "10", 3, 3)
    );
    assert_eq!(merchant.payout_detail(&payout).await["status"], "PAID");
}

#[tokio::test]
async fn block_time_can_be_switched_on_later() {
    let (sandbox, _, order) = shop_with(Settings::default()).await;
    sandbox.halo().pay_rest(&order).unwrap();
    sandbox.update_settings(|settings| {
        settings.block_time = Some(std::time::Duration::from_millis(1));
    });
    let halo = sandbox.halo();
    eventually("the order is paid", || {
        halo.order(&order).unwrap().status == OrderStatus::Paid
    })
    .await;
}

#[tokio::test]
async fn impossible_payments_are_errors() {
    let (sandbox, _, order) = shop_with(Settings::default()).await;
    let halo = sandbox.halo();
    for amount in ["0", "-1", "0.0000001"] {
        let error = halo.pay(&order, dec(amount)).unwrap_err();
        assert!(
            matches!(error, SandboxError::Amount { decimals: 6, .. }),
            "{error}"
        );
    }
    let error = halo.pay("nothing", dec("1")).unwrap_err();
    assert!(matches!(error, SandboxError::UnknownOrder(_)), "{error}");
    let error = halo.confirm(&order, 1).unwrap_err();
    assert!(error.to_string().contains("pay first"), "{error}");
    halo.pay_rest(&order).unwrap();
    let error = halo.pay_rest(&order).unwrap_err();
    assert!(error.to_string().contains("nothing is missing"), "{error}");
    let huge = rust_decimal::Decimal::MAX;
    let error = halo.pay(&order, huge).unwrap_err();
    assert!(matches!(error, SandboxError::TooMuch(_)), "{error}");
    assert_eq!(halo.order(&order).unwrap().amount_collected, dec("10"));
}

#[tokio::test]
async fn impossible_balances_and_rates_are_errors() {
    let sandbox = Sandbox::start().await.unwrap();
    let halo = sandbox.halo();
    let error = halo.set_balance(75, dec("-1")).unwrap_err();
    assert!(matches!(error, SandboxError::Balance { .. }), "{error}");
    let error = halo.set_frozen(75, dec("1000.1")).unwrap_err();
    assert!(matches!(error, SandboxError::Balance { .. }), "{error}");
    let error = halo.set_balance(7, dec("1")).unwrap_err();
    assert!(matches!(error, SandboxError::UnknownCurrency(7)), "{error}");
    for (token, fiat, price) in [
        ("BTC", "USD", "1"),
        ("TRX", "XAU", "1"),
        ("TRX", "USD", "0"),
    ] {
        let error = halo.set_rate(token, fiat, dec(price)).unwrap_err();
        assert!(matches!(error, SandboxError::Rate(_)), "{error}");
    }
}

#[tokio::test]
async fn a_payment_to_the_pay_address_reaches_its_order() {
    let (sandbox, _, order) = shop_with(Settings::default()).await;
    let address = sandbox.halo().order(&order).unwrap().pay_address;
    sandbox.halo().pay_address(&address, dec("3")).unwrap();
    assert_eq!(
        sandbox.halo().order(&order).unwrap().amount_collected,
        dec("3")
    );
    let error = sandbox.halo().pay_address("T1", dec("3")).unwrap_err();
    assert!(matches!(error, SandboxError::UnknownAddress(_)), "{error}");
}
