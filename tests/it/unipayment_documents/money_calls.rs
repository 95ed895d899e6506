//! What the documents tell of withdrawals, payments, rates, currencies and balances, through the native
//! client. The documents have tables of these and no answers, so the bodies are written from the tables.

use paymux::{ErrorKind, Outcome};
use paymux_tests::unipayment_server::Era;
use paymux_unipayment::model::{
    BatchStatus, CreateBatch, CreatePayment, CreateWithdrawal, FeeType, NetworkCode, NewBatchItem,
    PaymentStatus, TransferMethod, Withdrawal, WithdrawalStatus,
};

use super::bench::{EVM_ADDRESS, FROM_ACCOUNT, client};
use super::calls::{some, time};
use crate::shop::decimal;

const WITHDRAWAL: &str = "03b6fd73-e5a8-4f98-a7e5-69556dc9cb00";
const PAYMENT: &str = "ab379d3c-107c-407b-8c64-886ad9e80fc9";

fn check_withdrawal(withdrawal: &Withdrawal) {
    assert_eq!(withdrawal.id, WITHDRAWAL);
    assert_eq!(withdrawal.network, Some(NetworkCode::Bsc));
    assert_eq!(withdrawal.asset_type.as_deref(), Some("UTT"));
    assert_eq!(withdrawal.amount, decimal("15"));
    assert_eq!(withdrawal.address.as_deref(), Some(EVM_ADDRESS));
    assert_eq!(withdrawal.fee, some("5"));
    assert_eq!(withdrawal.status, WithdrawalStatus::Pending);
    assert_eq!(withdrawal.txn_hash, None);
    assert_eq!(withdrawal.note.as_deref(), Some("ref-1"));
    assert_eq!(withdrawal.create_time, time("2023-09-05T09:42:42Z"));
}

#[tokio::test]
async fn withdrawals_and_their_fees() {
    let (_server, client) = client(Era::Hmac).await;
    let request = CreateWithdrawal::new(NetworkCode::Bsc, "UTT", decimal("15"), EVM_ADDRESS);
    check_withdrawal(&client.create_withdrawal(&request).await.unwrap());
    check_withdrawal(&client.withdrawal(WITHDRAWAL).await.unwrap());
    client.cancel_withdrawal(WITHDRAWAL).await.unwrap();

    let fees = client.withdrawal_fees("UTT").await.unwrap();
    let told: Vec<_> = fees
        .iter()
        .map(|fee| (fee.network.clone().unwrap(), fee.fee_type.clone().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            (NetworkCode::Ethereum, FeeType::Ratio),
            (NetworkCode::Bsc, FeeType::Fix),
            (NetworkCode::Tron, FeeType::Free),
        ]
    );
    assert_eq!(fees[0].asset_type.as_deref(), Some("UTT"));
    assert_eq!(
        (fees[0].fee, fees[0].min_txn_fee),
        (some("0.01"), some("9"))
    );
}

#[tokio::test]
async fn batches() {
    let (_server, client) = client(Era::Hmac).await;
    let items = vec![NewBatchItem {
        address: EVM_ADDRESS.to_owned(),
        amount: decimal("15"),
    }];
    let request = CreateBatch::new(NetworkCode::Bsc, "UTT", items);
    let batch = client.create_batch(&request).await.unwrap();
    assert_eq!(batch.payout_id, "5d4a3b86-6b5c-4d61-9c36-0a3f6b1f7a10");
    assert_eq!(batch.network, Some(NetworkCode::Bsc));
    assert_eq!(batch.asset_type.as_deref(), Some("UTT"));
    assert_eq!(batch.status, BatchStatus::Processing);
    assert_eq!(batch.create_time, time("2023-09-05T09:42:42Z"));
    assert_eq!(batch.update_time, time("2023-09-05T09:43:16.921880700Z"));
    let [first, second] = batch.items.as_slice() else {
        panic!("{batch:?}");
    };
    assert_eq!(first.address.as_deref(), Some(EVM_ADDRESS));
    assert_eq!((first.amount, second.amount), (some("15"), some("0.25")));
    assert!(first.hash.as_ref().is_some_and(|hash| hash.len() == 66));
    assert_eq!(second.hash, None);
    assert_eq!(client.batch(&batch.payout_id).await.unwrap(), batch);
}

#[tokio::test]
async fn payments() {
    let (_server, client) = client(Era::OAuth).await;
    let mut request = CreatePayment::new(FROM_ACCOUNT, "USD", decimal("1000"), "OperatingExpense");
    request.payment_method_id = Some("pm-1".to_owned());
    let payment = client.create_payment(&request).await.unwrap();
    assert_eq!(payment.id, PAYMENT);
    let customer = "a9f3b8de-0c56-4a3b-8d4c-3f6d6a2a1e77";
    assert_eq!(payment.customer_id.as_deref(), Some(customer));
    assert_eq!(payment.transfer_method, Some(TransferMethod::Bank));
    assert_eq!(payment.network, Some(NetworkCode::Swift));
    assert_eq!(payment.asset_type.as_deref(), Some("USD"));
    assert_eq!(payment.from_account_id.as_deref(), Some(FROM_ACCOUNT));
    let destination = payment.destination.as_deref().unwrap();
    assert!(destination.contains(r#""account_number": "0000000000""#));
    assert_eq!(payment.amount, decimal("1000"));
    assert_eq!(payment.fee.unwrap().to_string(), "32.00");
    assert_eq!(payment.total_amount, some("1032"));
    assert_eq!(payment.reference.as_deref(), Some("AC0001"));
    assert_eq!(payment.reason.as_deref(), Some("OperatingExpense"));
    assert_eq!(payment.note.as_deref(), Some("ref-1"));
    assert_eq!(payment.status, PaymentStatus::Pending);
    assert_eq!(payment.create_time, time("2024-08-23T03:16:13.802289200Z"));
    assert_eq!(payment.update_time, time("2024-08-23T03:16:13.802289300Z"));

    assert_eq!(client.payment(PAYMENT).await.unwrap(), payment);
    client.confirm_payment(PAYMENT, Some("yes")).await.unwrap();
    client.cancel_payment(PAYMENT, None).await.unwrap();
}

#[tokio::test]
async fn what_both_later_generations_read() {
    for era in [Era::Hmac, Era::OAuth] {
        let (_server, client) = client(era).await;
        let is_v2 = era == Era::OAuth;

        let balance = client.balances().await.unwrap().remove(0);
        assert_eq!(balance.asset_type, "USDT");
        assert_eq!(balance.balance.to_string(), "120.50");
        assert_eq!(balance.frozen_balance, some("20.25"));
        let (reversed, available) = if is_v2 {
            (some("1"), "99.25")
        } else {
            (None, "100.25")
        };
        assert_eq!(balance.reversed_balance, reversed);
        assert_eq!(balance.available, decimal(available));

        let currencies = client.currencies().await.unwrap();
        let [dollar, tether] = currencies.as_slice() else {
            panic!("{currencies:?}");
        };
        assert_eq!((dollar.code.as_str(), dollar.is_fiat), ("USD", Some(true)));
        assert_eq!(
            (tether.code.as_str(), tether.is_fiat),
            ("USDT", Some(false))
        );
        assert_eq!(dollar.name.as_deref(), Some("US Dollar"));
        let (symbol, digits) = if is_v2 {
            (None, Some(2))
        } else {
            (Some("$"), None)
        };
        assert_eq!(dollar.symbol.as_deref(), symbol);
        assert_eq!(dollar.divisibility, digits);

        let rate = client.rate("USD", "BTC").await.unwrap();
        // `from` is the coin, although the path begins with the currency.
        assert_eq!(rate.sides(), Some(("BTC", "USD")));
        assert_eq!(rate.rate, decimal("38359.98"));
        let (ask, bid) = if is_v2 {
            (some("38361"), some("38359.5"))
        } else {
            (None, None)
        };
        assert_eq!((rate.ask, rate.bid), (ask, bid));
        assert_eq!(client.rates("USD").await.unwrap().len(), 2);

        let addresses = client.webhook_addresses().await.unwrap();
        assert_eq!(addresses, ["192.0.2.10", "192.0.2.11"]);
        client
            .check_webhook(b"{\"ipn_type\": \"invoice\"}")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn calls_of_another_generation_are_not_sent() {
    for era in Era::ALL {
        let (server, client) = client(era).await;
        let withdrawal = CreateWithdrawal::new(NetworkCode::Bsc, "UTT", decimal("15"), EVM_ADDRESS);
        let payment = CreatePayment::new(FROM_ACCOUNT, "USD", decimal("1000"), "Other");
        let mut refused = Vec::new();
        if era != Era::Hmac {
            refused.push(client.create_withdrawal(&withdrawal).await.unwrap_err());
            refused.push(client.withdrawal_fees("UTT").await.unwrap_err());
        }
        if era != Era::OAuth {
            refused.push(client.create_payment(&payment).await.unwrap_err());
            refused.push(client.accounts().await.unwrap_err());
        }
        if era == Era::Md5 {
            refused.push(client.balances().await.unwrap_err());
            refused.push(client.check_webhook(b"{}").await.unwrap_err());
        }
        for error in refused {
            let seen = (error.kind(), error.outcome());
            assert_eq!(seen, (ErrorKind::Unsupported, Outcome::NotSent), "{error}");
        }
        assert!(server.requests().is_empty(), "{era:?}");
    }
}
