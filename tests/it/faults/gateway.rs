//! The gateways that meet the faults, and where their calls go.

use std::sync::Arc;
use std::time::Duration;

use paymux::PaymentProvider;
use paymux::native_checkout::NativeCheckout;
use paymux_http::{RetryConfig, TransportConfig};
use paymux_sandbox::Sandbox;
use paymux_tests::harness::ADDRESS;
use paymux_unipayment::{Generation, UniPayment};
use serde_json::value::RawValue;

/// A gateway, in one generation of its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gateway {
    Halo,
    Md5,
    Hmac,
    OAuth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    CreateInvoice,
    CreatePayout,
    FetchInvoice,
}

impl Call {
    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::CreateInvoice => "create_invoice",
            Self::CreatePayout => "create_payout",
            Self::FetchInvoice => "fetch_invoice",
        }
    }
}

impl Gateway {
    pub(super) const ALL: [Self; 4] = [Self::Halo, Self::Md5, Self::Hmac, Self::OAuth];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Halo => "native-checkout",
            _ => "unipayment",
        }
    }

    /// The first generation of UniPayment has no payouts.
    pub(super) fn calls(self) -> &'static [Call] {
        match self {
            Self::Md5 => &[Call::CreateInvoice, Call::FetchInvoice],
            _ => &[Call::CreateInvoice, Call::CreatePayout, Call::FetchInvoice],
        }
    }

    pub(super) fn creates(self) -> impl Iterator<Item = Call> {
        let calls = self.calls().iter().copied();
        calls.filter(|call| *call != Call::FetchInvoice)
    }

    /// The call as rules of the sandbox name it.
    pub(super) fn path(self, call: Call) -> &'static str {
        match (self, call) {
            (Self::Halo, Call::CreateInvoice) => "/api/order/create",
            (Self::Halo, Call::CreatePayout) => "/api/payout/create",
            (Self::Halo, Call::FetchInvoice) => "/api/order/detail",
            (Self::Md5, Call::CreateInvoice) => "/api/invoice/create",
            (Self::Md5, _) => "/api/invoice/query",
            (_, Call::CreateInvoice) => "POST /v1.0/invoices",
            (_, Call::FetchInvoice) => "GET /v1.0/invoices/*",
            (Self::Hmac, Call::CreatePayout) => "POST /v1.0/wallet/withdrawals",
            (Self::OAuth, Call::CreatePayout) => "POST /v1.0/payments",
        }
    }

    /// An envelope that says no.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::Halo => r#"{"code":40213,"msg":"not today","data":null}"#,
            _ => r#"{"code":"NOT_TODAY","msg":"not today","data":null}"#,
        }
    }

    /// The member of an answer without which nobody knows what was made.
    pub(super) fn id_member(self, call: Call) -> &'static str {
        match (self, call) {
            (Self::Halo, _) => "data.trade_no",
            (Self::Md5, Call::FetchInvoice) => "data.models.0.invoice_id",
            (_, Call::CreatePayout) => "data.id",
            _ => "data.invoice_id",
        }
    }

    pub(super) fn asset(self) -> &'static str {
        match self {
            Self::Halo => "TRX@tron-nile",
            _ => "USDT@tron",
        }
    }

    pub(super) fn payout_asset(self) -> &'static str {
        match self {
            Self::Halo => "USDT@tron-nile",
            _ => "USDT@tron",
        }
    }

    /// A provider at this URL, with the credentials and accounts of a sandbox.
    pub(super) fn provider(
        self,
        sandbox: &Sandbox,
        url: &str,
        timeout: Duration,
    ) -> Arc<dyn PaymentProvider> {
        if self == Self::Halo {
            let provider = NativeCheckout::builder()
                .with_base_url(url)
                .with_app_id(sandbox.halo().app_id())
                .with_app_key(sandbox.halo().app_key().into())
                .with_transport(transport(timeout));
            return Arc::new(provider.build().unwrap());
        }
        Arc::new(self.unipayment(sandbox, url, timeout))
    }

    fn unipayment(self, sandbox: &Sandbox, url: &str, timeout: Duration) -> UniPayment {
        let gateway = sandbox.unipayment();
        let generation = match self {
            Self::Md5 => Generation::Md5,
            Self::Hmac => Generation::Hmac,
            Self::Halo | Self::OAuth => Generation::OAuth,
        };
        UniPayment::builder()
            .with_generation(generation)
            .with_base_url(url)
            .with_app_id(gateway.app_id())
            .with_app_key(gateway.app_key().into())
            .with_client_id(gateway.client_id())
            .with_client_secret(gateway.client_secret().into())
            .with_webhook_secret(gateway.webhook_secret().into())
            .with_from_account_id(gateway.account_id("USDT").unwrap())
            .with_payout_reason("OperatingExpense")
            .with_transport(transport(timeout))
            .build()
            .unwrap()
    }

    /// Where payouts go: to an address, or to one that the gateway keeps.
    pub(super) async fn destination(self, sandbox: &Sandbox) -> String {
        if self != Self::OAuth {
            return ADDRESS.to_owned();
        }
        let provider = self.unipayment(sandbox, sandbox.url(), Duration::from_secs(10));
        let method = payment_method(provider.client(), ADDRESS).await;
        format!("payment-method:{method}")
    }
}

/// Makes a beneficiary with an address on Tron, and gives the id of that payment method.
pub(crate) async fn payment_method(client: &paymux_unipayment::Client, address: &str) -> String {
    let raw = |json: String| RawValue::from_string(json).unwrap();
    let id = |answer: &RawValue| {
        let answer: serde_json::Value = serde_json::from_str(answer.get()).unwrap();
        answer["id"].as_str().unwrap().to_owned()
    };
    let party = raw(r#"{"name":"Ann"}"#.to_owned());
    let party = id(&client.create_beneficiary(&party).await.unwrap());
    let method = format!(r#"{{"network":"NETWORK_TRX","address":"{address}"}}"#);
    let method = client.create_payment_method(&party, &raw(method)).await;
    id(&method.unwrap())
}

fn transport(timeout: Duration) -> TransportConfig {
    let backoff = Duration::from_millis(1);
    TransportConfig::default()
        .with_timeout(timeout)
        .with_retry(RetryConfig::default().with_backoff(backoff, backoff))
}
