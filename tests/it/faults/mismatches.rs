//! Answers to another question than the one that was asked.

use paymux::ErrorKind::Mismatch;
use paymux::Outcome::{NotSent, Unknown};
use paymux_sandbox::RequestFault;
use serde_json::{Value, json};

use super::bench::{Bench, PATIENCE, fails};
use super::gateway::{Call, Gateway};

fn replaced(member: &str, value: Value) -> RequestFault {
    let member = member.to_owned();
    RequestFault::ReplaceMember { member, value }
}

/// One member with another value, for each call of each gateway.
fn other_answers(gateway: Gateway) -> Vec<(Call, &'static str, Value)> {
    use Call::{CreateInvoice, CreatePayout, FetchInvoice};
    let later = [
        (CreateInvoice, "data.order_id", json!("another")),
        (CreateInvoice, "data.app_id", json!("another")),
        (CreateInvoice, "data.price_amount", json!(5.01)),
        (CreateInvoice, "data.price_currency", json!("EUR")),
        (CreateInvoice, "data.pay_currency", json!("USDC")),
        (CreateInvoice, "data.network", json!("NETWORK_ETH")),
        (CreatePayout, "data.amount", json!("12.4")),
        (CreatePayout, "data.asset_type", json!("USDC")),
        (CreatePayout, "data.network", json!("NETWORK_BSC")),
        (FetchInvoice, "data.invoice_id", json!("another")),
        (FetchInvoice, "data.app_id", json!("another")),
    ];
    match gateway {
        Gateway::Halo => vec![
            (CreateInvoice, "data.token", json!("JST")),
            (CreateInvoice, "data.contract", json!("TXYZ")),
            (CreateInvoice, "data.decimal", json!(18)),
            // The same coin on the main network, where it is worth something.
            (CreateInvoice, "data.chain_id", json!(728_126_428)),
            (CreatePayout, "data.actual_receipt", json!("12.4")),
            (FetchInvoice, "data.trade_no", json!("2020")),
        ],
        Gateway::Md5 => vec![
            (CreateInvoice, "data.price_amount", json!("5.01")),
            (CreateInvoice, "data.price_currency", json!("EUR")),
            (CreateInvoice, "data.pay_currency", json!("USDC")),
            (CreateInvoice, "data.network", json!("NETWORK_ETH")),
            (FetchInvoice, "data.models.0.invoice_id", json!("another")),
            (FetchInvoice, "data.models.0.app_id", json!("another")),
        ],
        Gateway::Hmac => {
            let mut all = later.to_vec();
            let other = "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy";
            all.push((CreatePayout, "data.address", json!(other)));
            all
        }
        Gateway::OAuth => later.to_vec(),
    }
}

#[tokio::test]
async fn an_answer_to_another_question() {
    for gateway in Gateway::ALL {
        for (call, member, value) in other_answers(gateway) {
            let outcome = match call {
                Call::FetchInvoice => NotSent,
                Call::CreateInvoice | Call::CreatePayout => Unknown,
            };
            let bench = Bench::set_up(gateway, PATIENCE).await;
            bench.strike(call, replaced(member, value));
            let (seen, error) = bench.see(call).await;
            let expected = fails(Mismatch, outcome, 1, 1);
            assert_eq!(seen, expected, "{gateway:?} {member}: {error:?}");
            bench.check_names(call, error.as_ref());
            if call != Call::FetchInvoice {
                let id = error.unwrap().id().map(str::to_owned);
                let made = bench.made(call);
                assert_eq!(id.as_ref(), made.first(), "what was made is named");
            }
        }
    }
}

#[tokio::test]
async fn another_amount_than_the_token_amount_that_was_asked() {
    let bench = Bench::set_up(Gateway::Halo, PATIENCE).await;
    let mut request = bench.order("new");
    request.price = "16.5 TRX".parse().unwrap();
    bench.strike(Call::CreateInvoice, replaced("data.amount", json!("16.6")));
    let error = bench.provider.create_invoice(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Mismatch, Unknown));
}
