//! The gateways, and where invoices and payouts are made.

use std::sync::Arc;
use std::time::Duration;

use paymux_core::{PaymentProvider, Providers, TokioClock};
use paymux_ledger::Ledger;
use paymux_native_checkout::{NativeCheckout, RetryConfig, TransportConfig};
use paymux_router::{BreakerSettings, Router};
use paymux_tests::soak_shop::{Gateway, GatewayKind, Setup};
use paymux_unipayment::{Generation, UniPayment};

use crate::Till;

/// Everything that webhooks come from, and what makes invoices and payouts: the first gateway, or a
/// router over all of them.
pub(crate) fn of(setup: &Setup, ledger: &Ledger) -> (Providers, Till) {
    let patience = Duration::from_millis(setup.patience);
    let members: Vec<Arc<dyn PaymentProvider>> = setup
        .gateways
        .iter()
        .map(|gateway| provider(gateway, patience))
        .collect();
    let mut providers = Providers::new();
    for member in &members {
        providers.add(Arc::clone(member)).unwrap();
    }
    if !setup.routed {
        return (providers, Arc::clone(&members[0]));
    }
    let builder = members
        .into_iter()
        .fold(Router::builder(), |builder, member| {
            builder.with_provider(member)
        });
    let router = builder
        .with_clock(Arc::new(TokioClock))
        // What a gateway does after many failures is the router's own tests' matter.
        .with_breaker(BreakerSettings::new().with_failures(1000))
        .with_attempt_log(ledger.attempt_log())
        .build()
        .unwrap();
    (providers, Arc::new(router))
}

fn provider(gateway: &Gateway, patience: Duration) -> Arc<dyn PaymentProvider> {
    let moment = Duration::from_millis(1);
    let transport = TransportConfig::default()
        .with_timeout(patience)
        .with_retry(RetryConfig::default().with_backoff(moment, moment));
    let name = gateway.name.parse().unwrap();
    let generation = match gateway.kind {
        GatewayKind::NativeCheckout => {
            let built = NativeCheckout::builder()
                .with_name(name)
                .with_base_url(&gateway.base_url)
                .with_app_id(&gateway.app_id)
                .with_app_key(gateway.app_key.as_str().into())
                .with_transport(transport)
                .build();
            return Arc::new(built.unwrap());
        }
        GatewayKind::UniPaymentMd5 => Generation::Md5,
        GatewayKind::UniPaymentHmac => Generation::Hmac,
    };
    let builder = UniPayment::builder()
        .with_name(name)
        .with_generation(generation)
        .with_base_url(&gateway.base_url)
        .with_app_id(&gateway.app_id)
        .with_transport(transport);
    let builder = match gateway.kind {
        GatewayKind::UniPaymentMd5 => builder.with_app_key(gateway.app_key.as_str().into()),
        _ => builder
            .with_client_id(&gateway.client_id)
            .with_client_secret(gateway.client_secret.as_str().into()),
    };
    Arc::new(builder.build().unwrap())
}
