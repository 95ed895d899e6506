//! The stage on which the examples run: the sandbox plays the gateway and the payer, so that each
//! program runs as it is, without an account and without money.
//!
//! | example | what it shows |
//! |---|---|
//! | `accept_payment` | an invoice, its address and QR text, waiting until it is settled |
//! | `receive_webhooks` | proving webhooks, applying each once, answering the gateway |
//! | `route_with_failover` | two gateways, and what happens when the first one fails |
//! | `route_to_cheapest` | two gateways, and the payer is sent to the cheaper one |
//! | `send_payout` | sending money, and what to do with each outcome of a failure |
//! | `test_with_mock` | testing your own code with paymux's doubles |
//!
//! Run one with `cargo run -p paymux-examples --example accept_payment`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use paymux::{InvoiceId, PaymentProvider, Providers, RawWebhook};
use paymux_sandbox::{ReceivedWebhook, Sandbox, SandboxError};

/// The sandbox in the gateway's place.
#[derive(Debug, Clone)]
pub struct Stage(Arc<Sandbox>);

impl Stage {
    /// Starts the sandbox on a free local port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self, SandboxError> {
        Ok(Self(Arc::new(Sandbox::start().await?)))
    }

    /// The sandbox itself.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.0
    }

    /// The provider that these environment variables describe. A real program sets them and calls
    /// `paymux::setup::providers_from_env()`.
    ///
    /// # Errors
    /// When the provider cannot be built.
    pub fn provider(&self) -> Result<Arc<dyn PaymentProvider>, Box<dyn Error>> {
        let halo = self.0.halo();
        let variables = |name: &str| {
            let value = match name {
                "PAYMUX_NATIVE_CHECKOUT_APP_ID" => halo.app_id(),
                "PAYMUX_NATIVE_CHECKOUT_APP_KEY" => halo.app_key(),
                "PAYMUX_NATIVE_CHECKOUT_BASE_URL" => self.0.url(),
                _ => return None,
            };
            Some(value.to_owned())
        };
        let providers = paymux::setup::providers_from_vars(variables)?;
        let only = providers.only().ok_or("no gateway is set up")?;
        Ok(Arc::clone(only))
    }

    /// Lets a payer pay an invoice in two parts, a moment apart, and the chain confirm it.
    pub fn payer_pays_soon(&self, invoice: &InvoiceId) {
        let (sandbox, trade_no) = (Arc::clone(&self.0), invoice.to_string());
        tokio::spawn(async move {
            let moment = Duration::from_millis(200);
            tokio::time::sleep(moment).await;
            let halo = sandbox.halo();
            halo.pay(&trade_no, 5.into())?;
            tokio::time::sleep(moment).await;
            halo.pay_rest(&trade_no)?;
            tokio::time::sleep(moment).await;
            halo.confirm(&trade_no, 1)
        });
    }
}

/// HaloPay and UniPayment, each on a sandbox of its own.
#[derive(Debug)]
pub struct TwoGateways {
    halopay: Sandbox,
    unipayment: Sandbox,
}

impl TwoGateways {
    /// Starts both sandboxes on free local ports.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self, SandboxError> {
        Ok(Self {
            halopay: Sandbox::start().await?,
            unipayment: Sandbox::start().await?,
        })
    }

    /// The sandbox in HaloPay's place.
    #[must_use]
    pub fn halopay(&self) -> &Sandbox {
        &self.halopay
    }

    /// The sandbox in UniPayment's place.
    #[must_use]
    pub fn unipayment(&self) -> &Sandbox {
        &self.unipayment
    }

    /// The providers that these environment variables describe. A real program sets them and calls
    /// `paymux::setup::providers_from_env()`.
    ///
    /// # Errors
    /// When a provider cannot be built.
    pub fn providers(&self) -> Result<Providers, Box<dyn Error>> {
        let (halo, unipayment) = (self.halopay.halo(), self.unipayment.unipayment());
        let variables = |name: &str| {
            let value = match name {
                "PAYMUX_NATIVE_CHECKOUT_APP_ID" => halo.app_id(),
                "PAYMUX_NATIVE_CHECKOUT_APP_KEY" => halo.app_key(),
                "PAYMUX_NATIVE_CHECKOUT_BASE_URL" => self.halopay.url(),
                "PAYMUX_UNIPAYMENT_APP_ID" => unipayment.app_id(),
                "PAYMUX_UNIPAYMENT_CLIENT_ID" => unipayment.client_id(),
                "PAYMUX_UNIPAYMENT_CLIENT_SECRET" => unipayment.client_secret(),
                "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET" => return Some(unipayment.webhook_secret()),
                "PAYMUX_UNIPAYMENT_BASE_URL" => self.unipayment.url(),
                _ => return None,
            };
            Some(value.to_owned())
        };
        Ok(paymux::setup::providers_from_vars(variables)?)
    }
}

/// A webhook as any HTTP server receives it.
#[must_use]
pub fn raw(received: &ReceivedWebhook) -> RawWebhook {
    let webhook = RawWebhook::new(received.body.clone())
        .with_path_and_query(&received.path_and_query)
        .with_received_at(received.received_at);
    let headers = received.headers.iter();
    headers.fold(webhook, |webhook, (name, value)| {
        webhook.with_header(name, value.as_bytes())
    })
}
