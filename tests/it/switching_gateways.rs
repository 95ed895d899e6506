//! An app that used one gateway yesterday takes another today: one program, written once against
//! `dyn PaymentProvider`, runs unchanged on each gateway.

use std::sync::Arc;

use paymux::transition::Observed;
use paymux::{
    FulfilmentPolicy, InvoiceStatus, NewInvoice, OrderId, PaymentException, PaymentProvider, Result,
};
use paymux_native_checkout::NativeCheckout;
use paymux_sandbox::{Inbox, Sandbox};
use paymux_tests::harness::raw_webhook;
use paymux_unipayment::{Generation, UniPayment};
use rust_decimal::Decimal;

/// The chain, which pays and confirms whatever gateway it is.
type Payer<'a> = &'a dyn Fn(&str, Payment);

enum Payment {
    Half(Decimal),
    Rest,
}

/// The program. It knows no gateway.
async fn sell(gateway: &dyn PaymentProvider, inbox: &Inbox, payer: Payer<'_>) -> Result<()> {
    let request = NewInvoice::new(OrderId::new("order-1001")?, "12.50 USD".parse()?)
        .with_asset("USDT@tron".parse()?)
        .with_callback_url(inbox.url());
    let mut invoice = gateway.create_invoice(&request).await?.snapshot().clone();
    assert_eq!(invoice.status, InvoiceStatus::Pending);
    let due = invoice.due.clone().expect("what is due");
    assert_eq!(
        due.asset.as_ref().map(ToString::to_string).as_deref(),
        Some("USDT@tron")
    );

    payer(
        invoice.id.as_str(),
        Payment::Half((due.amount / Decimal::TWO).round_dp(6)),
    );
    let seen = gateway.fetch_invoice(&invoice.id).await?;
    invoice.observe(seen.snapshot(), Observed::Read);
    assert_eq!(invoice.status, InvoiceStatus::Pending);
    assert!(invoice.exceptions.contains(PaymentException::Underpaid));
    assert!(!FulfilmentPolicy::default().allows(&invoice));

    payer(invoice.id.as_str(), Payment::Rest);
    while invoice.status != InvoiceStatus::Settled {
        let webhook = raw_webhook(&inbox.next().await.expect("a webhook of what was paid"));
        let event = gateway.verify_webhook(&webhook).await?;
        let told = event.invoice().expect("it is about the invoice");
        invoice.observe(told, Observed::Notice);
        if event.needs_read_back() || told.received.is_none() {
            let read = gateway.fetch_invoice(&invoice.id).await?;
            invoice.observe(read.snapshot(), Observed::Read);
        }
    }
    assert_eq!(invoice.received, Some(due));
    assert!(FulfilmentPolicy::default().allows(&invoice));
    Ok(())
}

#[tokio::test]
async fn on_halopay() {
    let sandbox = Sandbox::start().await.unwrap();
    let halo = sandbox.halo();
    let gateway: Arc<dyn PaymentProvider> = Arc::new(
        NativeCheckout::builder()
            .with_base_url(sandbox.url())
            .with_app_id(halo.app_id())
            .with_app_key(halo.app_key().into())
            .build()
            .unwrap(),
    );
    let payer = |id: &str, payment: Payment| match payment {
        Payment::Half(amount) => {
            halo.pay(id, amount).unwrap();
        }
        Payment::Rest => {
            halo.pay_rest(id).unwrap();
            halo.confirm(id, 1).unwrap();
        }
    };
    sell(gateway.as_ref(), &sandbox.inbox("shop"), &payer)
        .await
        .unwrap();
}

async fn on_unipayment(generation: Generation) {
    let sandbox = Sandbox::start().await.unwrap();
    let unipayment = sandbox.unipayment();
    let builder = UniPayment::builder()
        .with_generation(generation)
        .with_base_url(sandbox.url())
        .with_app_id(unipayment.app_id());
    let builder = match generation {
        Generation::Md5 => builder.with_app_key(unipayment.app_key().into()),
        _ => builder
            .with_client_id(unipayment.client_id())
            .with_client_secret(unipayment.client_secret().into())
            .with_webhook_secret(unipayment.webhook_secret().into()),
    };
    let gateway: Arc<dyn PaymentProvider> = Arc::new(builder.build().unwrap());
    let payer = |id: &str, payment: Payment| match payment {
        Payment::Half(amount) => {
            unipayment.pay(id, amount).unwrap();
        }
        Payment::Rest => {
            unipayment.pay_rest(id).unwrap();
            unipayment.complete(id).unwrap();
        }
    };
    sell(gateway.as_ref(), &sandbox.inbox("shop"), &payer)
        .await
        .unwrap();
}

#[tokio::test]
async fn on_unipayment_by_md5() {
    on_unipayment(Generation::Md5).await;
}

#[tokio::test]
async fn on_unipayment_by_hmac() {
    on_unipayment(Generation::Hmac).await;
}

#[tokio::test]
async fn on_unipayment_by_oauth() {
    on_unipayment(Generation::OAuth).await;
}
