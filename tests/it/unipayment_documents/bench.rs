//! Providers over the server of documented bodies, and the requests that its answers belong to.

use std::time::Duration;

use paymux::{NewInvoice, NewPayout, OrderId, Reference};
use paymux_tests::unipayment_server::{
    APP_KEY, CLIENT_ID, CLIENT_SECRET, Era, UniPaymentServer, WEBHOOK_SECRET,
};
use paymux_unipayment::{
    Client, Generation, RetryConfig, TransportConfig, UniPayment, UniPaymentBuilder,
};

use crate::shop::decimal;

/// The invoice that the first generation's query shows first.
pub(super) const QUERIED: &str = "67af9a33-09d9-4d57-b9af-b5e20836c886";
pub(super) const FROM_ACCOUNT: &str = "8f1f3a52-58f3-43a6-b9a0-7c9d1a3c2b44";
pub(super) const EVM_ADDRESS: &str = "0x347061544a8B0e17D62a14F4700166BB78f9bBEd";

pub(super) fn generation(era: Era) -> Generation {
    match era {
        Era::Md5 => Generation::Md5,
        Era::Hmac => Generation::Hmac,
        Era::OAuth => Generation::OAuth,
    }
}

pub(super) fn builder_at(url: &str, era: Era) -> UniPaymentBuilder {
    let at_once = RetryConfig::default().with_backoff(Duration::ZERO, Duration::ZERO);
    let builder = UniPayment::builder()
        .with_generation(generation(era))
        .with_base_url(url)
        .with_app_id(era.app_id())
        .with_transport(TransportConfig::default().with_retry(at_once));
    match era {
        Era::Md5 => builder.with_app_key(APP_KEY.into()),
        Era::Hmac => builder
            .with_client_id(CLIENT_ID)
            .with_client_secret(CLIENT_SECRET.into()),
        Era::OAuth => builder
            .with_client_id(CLIENT_ID)
            .with_client_secret(CLIENT_SECRET.into())
            .with_webhook_secret(WEBHOOK_SECRET.into())
            .with_from_account_id(FROM_ACCOUNT)
            .with_payout_reason("OperatingExpense"),
    }
}

pub(super) fn provider_of(server: &UniPaymentServer, era: Era) -> UniPayment {
    builder_at(server.url(), era).build().unwrap()
}

pub(super) async fn provider(era: Era) -> (UniPaymentServer, UniPayment) {
    let server = UniPaymentServer::start(era).await;
    let provider = provider_of(&server, era);
    (server, provider)
}

pub(super) async fn client(era: Era) -> (UniPaymentServer, Client) {
    let (server, provider) = provider(era).await;
    (server, provider.client().clone())
}

/// The order, the price and the asset that the documented answer is about.
pub(super) fn order(era: Era) -> NewInvoice {
    let (order, price, asset) = match era {
        Era::Md5 => ("ORDER_123456", "10.86 USD", Some("USDT@tron")),
        Era::Hmac => ("5f166a9592e54babad01c26b243b69be", "100 USD", Some("USDT")),
        Era::OAuth => ("62986426-d37c-452b-98cf-039c785f3d86", "2 USD", None),
    };
    let request = NewInvoice::new(OrderId::new(order).unwrap(), price.parse().unwrap());
    match asset {
        Some(asset) => request.with_asset(asset.parse().unwrap()),
        None => request,
    }
}

/// The id in the documented answer to a new invoice.
pub(super) fn created_id(era: Era) -> &'static str {
    match era {
        Era::Md5 => "593fca26-b472-46a5-b1d4-a223aac95bb3",
        Era::Hmac => "KrRnGKYgy8vXvqXtscG4AT",
        Era::OAuth => "V2s88VEcyK4o9c8r999qWR",
    }
}

/// An id that the gateway can be asked for.
pub(super) fn known_id(era: Era) -> &'static str {
    match era {
        Era::Md5 => QUERIED,
        Era::Hmac | Era::OAuth => created_id(era),
    }
}

/// The call that reads the invoice of [`known_id`].
pub(super) fn fetch_call(era: Era) -> &'static str {
    match era {
        Era::Md5 => "/api/invoice/query",
        Era::Hmac => "GET /v1.0/invoices/KrRnGKYgy8vXvqXtscG4AT",
        Era::OAuth => "GET /v1.0/invoices/V2s88VEcyK4o9c8r999qWR",
    }
}

pub(super) fn create_call(era: Era) -> &'static str {
    match era {
        Era::Md5 => paymux_tests::unipayment_server::MD5_CREATE,
        Era::Hmac | Era::OAuth => paymux_tests::unipayment_server::CREATE,
    }
}

/// The payout that the answer of v1.0 is about.
pub(super) fn withdrawal() -> NewPayout {
    NewPayout::new(
        Reference::new("ref-1").unwrap(),
        decimal("15"),
        "UTT@bsc".parse().unwrap(),
        EVM_ADDRESS,
    )
}

/// The payout that the answer of v2 is about.
pub(super) fn payment() -> NewPayout {
    NewPayout::new(
        Reference::new("ref-1").unwrap(),
        decimal("1000"),
        "USD".parse().unwrap(),
        "payment-method:pm-1",
    )
}
