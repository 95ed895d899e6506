//! Money that comes to a permanent address, without an invoice.

use paymux::{NewDepositAddress, WebhookKind};
use paymux_sandbox::WebhookFault;

use crate::shop::{Shop, decimal};

async fn shop_with_address() -> (Shop, String) {
    let shop = Shop::open().await;
    // Payments to permanent addresses are told to the application's own URL.
    let own = shop.inbox.url();
    shop.sandbox
        .update_settings(|settings| settings.app_callback_url = Some(own));
    let asset = "USDT@tron-nile".parse().unwrap();
    let addresses = shop.provider.deposit_addresses().unwrap();
    let made = addresses
        .create_deposit_address(&NewDepositAddress::new("till", asset))
        .await
        .unwrap();
    let network = "tron-nile".parse().unwrap();
    paymux::address::check(&made.address, &network).unwrap();
    (shop, made.address)
}

#[tokio::test]
async fn each_payment_to_an_address_is_an_event_of_its_own() {
    let (shop, address) = shop_with_address().await;
    let halo = shop.sandbox.halo();
    for amount in ["1.5", "1.5", "0.000001"] {
        halo.pay_address(&address, decimal(amount)).unwrap();
    }
    let mut keys = Vec::new();
    for amount in ["1.5", "1.5", "0.000001"] {
        let event = shop.notice().await;
        assert_eq!(event.kind(), WebhookKind::Deposit);
        let deposit = event.deposit().unwrap();
        assert_eq!(deposit.amount.as_ref().unwrap().amount, decimal(amount));
        assert_eq!(deposit.destination.as_ref().unwrap().address, address);
        assert_eq!(deposit.transactions.len(), 1);
        keys.push(event.dedup_key);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn a_doubled_notice_is_the_same_event() {
    let (shop, address) = shop_with_address().await;
    let twice = paymux_sandbox::FaultRule::webhook(WebhookFault::Doubled);
    shop.sandbox.faults().add(twice);
    shop.sandbox
        .halo()
        .pay_address(&address, decimal("1.5"))
        .unwrap();
    let (first, again) = (shop.notice().await, shop.notice().await);
    assert_eq!(first, again);
}
