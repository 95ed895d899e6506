//! The gateway's own calls that the provider does not need.

use paymux_core::ErrorKind;
use paymux_sandbox::Sandbox;
use paymux_unipayment::Generation;
use paymux_unipayment::model::{
    BatchStatus, CreateBatch, CreateInvoice, CreateWithdrawal, InvoiceFilter, NetworkCode,
    NewBatchItem, WithdrawalStatus,
};
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::providers::provider;

const TRON_ADDRESS: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

fn raw(value: Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap()
}

fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

#[tokio::test]
async fn rates_and_addresses_are_listed() {
    let sandbox = Sandbox::start().await.unwrap();
    for generation in [Generation::Hmac, Generation::OAuth] {
        let provider = provider(&sandbox, generation);
        let client = provider.client();
        let rates = client.rates("EUR").await.unwrap();
        let usdt = rates
            .iter()
            .find(|rate| rate.sides() == Some(("USDT", "EUR")));
        assert_eq!(usdt, Some(&client.rate("EUR", "USDT").await.unwrap()));
        assert_eq!(client.webhook_addresses().await.unwrap(), ["127.0.0.1"]);
        let error = client.rates("XXX").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn invoices_are_listed_in_pages() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::OAuth);
    let client = provider.client();
    for number in 1..=3 {
        let order = format!("order {number}+%2B");
        let mut request = CreateInvoice::new(client.app_id(), order, Decimal::TEN, "USD");
        request.title = Some("Tea & cake".to_owned());
        client.create_invoice(&request).await.unwrap();
    }
    let mut filter = InvoiceFilter::default();
    (filter.page, filter.page_size) = (Some(2), Some(2));
    let page = client.invoices(&filter).await.unwrap();
    assert_eq!(page.models.len(), 1);
    assert_eq!((page.number(), page.page_count), (Some(2), Some(2)));
    let filter = InvoiceFilter::of_order("order 2+%2B");
    assert_eq!(client.invoices(&filter).await.unwrap().models.len(), 1);
}

#[tokio::test]
async fn withdrawals_are_called_off_and_batches_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::Hmac);
    let client = provider.client();
    let amount = "1.5".parse().unwrap();
    let mut order = CreateWithdrawal::new(NetworkCode::Tron, "USDT", amount, TRON_ADDRESS);
    order.auto_confirm = false;
    let made = client.create_withdrawal(&order).await.unwrap();
    assert_eq!(made.status, WithdrawalStatus::Pending);
    client.cancel_withdrawal(&made.id).await.unwrap();
    let seen = client.withdrawal(&made.id).await.unwrap();
    assert_eq!(seen.status, WithdrawalStatus::Cancel);
    let error = client.cancel_withdrawal(&made.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);

    let item = NewBatchItem {
        address: TRON_ADDRESS.to_owned(),
        amount,
    };
    let batch = CreateBatch::new(NetworkCode::Tron, "USDT", vec![item.clone(), item]);
    let made = client.create_batch(&batch).await.unwrap();
    let seen = client.batch(&made.payout_id).await.unwrap();
    assert_eq!((seen.items.len(), seen.status), (2, BatchStatus::Pending));
    assert_eq!(seen.items[1].amount, Some(amount));
}

#[tokio::test]
async fn beneficiaries_pass_through_digit_for_digit() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::OAuth);
    let client = provider.client();
    let body = RawValue::from_string(r#"{"name":"Ann","limit":0.10000000000000000001}"#.to_owned());
    let made = client.create_beneficiary(&body.unwrap()).await.unwrap();
    assert!(made.get().contains("0.10000000000000000001"));
    let id = value(&made)["id"].as_str().unwrap().to_owned();
    let ben = raw(json!({"name": "Ben"}));
    client.update_beneficiary(&id, &ben).await.unwrap();
    let seen = client.beneficiary(&id).await.unwrap();
    assert_eq!(value(&seen)["name"], "Ben");
    let all = client.beneficiaries().await.unwrap();
    assert_eq!(value(&all).as_array().unwrap().len(), 1);

    let method = raw(json!({"network": "NETWORK_TRX", "address": TRON_ADDRESS}));
    let made = client.create_payment_method(&id, &method).await.unwrap();
    let method_id = value(&made)["id"].as_str().unwrap().to_owned();
    let bank = raw(json!({"network": "BANK_SEPA"}));
    client
        .update_payment_method(&id, &method_id, &bank)
        .await
        .unwrap();
    let seen = client.payment_method(&id, &method_id).await.unwrap();
    assert_eq!(value(&seen)["network"], "BANK_SEPA");
    client.delete_payment_method(&id, &method_id).await.unwrap();
    client.delete_beneficiary(&id).await.unwrap();
    let error = client.beneficiary(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let accounts = client.accounts().await.unwrap();
    let usdt = sandbox.unipayment().account_id("USDT").unwrap();
    assert!(accounts.get().contains(&usdt));
}
