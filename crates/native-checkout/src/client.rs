//! The gateway's own API: one method an endpoint, with its own requests and answers
//! (HaloPay, Native Checkout API).

mod call;

use std::fmt;
use std::sync::Arc;

use paymux_core::{Clock, Error, ProviderName, Result};
use paymux_http::{Effect, Transport};
use secrecy::SecretString;
use serde::Serialize;

use crate::error::ErrorCodes;
use crate::model::{
    AccountBalance, AppToken, CreateOrder, CreatePayout, CreateQrCode, CreatedPayout, ExchangeRate,
    ExchangeRateQuery, Order, PayoutDetail, QrCode, Token,
};
use crate::sign::{Keys, Signer};
use call::Endpoint;

/// The gateway's nine calls. Clones share one pool of connections.
///
/// Every call signs the very bytes that it sends and, where the answer is signed, proves the very
/// bytes that it got. Calls that create something are sent once.
///
/// # Errors
/// All of them fail alike: `Refused` (or what [`ErrorCodes`] maps the code to) where the gateway says
/// no, `InvalidResponse` where its answer cannot be read, `InvalidSignature` where the answer's
/// signature is wrong, and as [`Transport::send`] where there is no answer.
///
/// ```no_run
/// # async fn f() -> paymux_core::Result<()> {
/// use paymux_native_checkout::NativeCheckoutBuilder;
/// use paymux_native_checkout::model::CreateOrder;
///
/// let client = NativeCheckoutBuilder::new().from_env().build_client()?;
/// let order = CreateOrder::in_fiat("order-1001", 46, "USD", 5.into());
/// let order = client.create_order(&order).await?;
/// println!("send {} {} to {}", order.amount, order.token, order.pay_address);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    /// On whose behalf calls are made, for errors and logs.
    operation: Option<&'static str>,
}

struct Shared {
    transport: Transport,
    signer: Signer,
    keys: Keys,
    codes: ErrorCodes,
}

#[derive(Serialize)]
struct ByTradeNo<'a> {
    trade_no: &'a str,
}

#[derive(Serialize)]
struct ByCurrency {
    currency_id: u64,
}

impl Client {
    pub(crate) fn new(transport: Transport, signer: Signer, keys: Keys, codes: ErrorCodes) -> Self {
        Self {
            shared: Arc::new(Shared {
                transport,
                signer,
                keys,
                codes,
            }),
            operation: None,
        }
    }

    /// The same client, naming this operation in errors and logs.
    pub(crate) fn on_behalf_of(&self, operation: &'static str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            operation: Some(operation),
        }
    }

    /// The provider instance.
    #[must_use]
    pub fn name(&self) -> &ProviderName {
        self.shared.transport.provider()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.shared.transport.clock().as_ref()
    }

    pub(crate) fn key(&self) -> &SecretString {
        self.shared.signer.key()
    }

    /// `POST /api/order/create`: makes an order.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` the order may exist.
    pub async fn create_order(&self, request: &CreateOrder) -> Result<Order> {
        const CALL: Endpoint = Endpoint::create("create_order", "/api/order/create");
        self.call(&CALL, request, None).await
    }

    /// `POST /api/order/detail`: reads an order. There is no look-up by the merchant's order id.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn order(&self, trade_no: &str) -> Result<Order> {
        const CALL: Endpoint = Endpoint::read("order", "/api/order/detail");
        self.call(&CALL, &ByTradeNo { trade_no }, None).await
    }

    /// `POST /api/order/exchange-rates`: what a fiat price is in a token.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn exchange_rate(&self, query: &ExchangeRateQuery) -> Result<ExchangeRate> {
        const CALL: Endpoint = Endpoint::read("exchange_rate", "/api/order/exchange-rates");
        self.call(&CALL, query, None).await
    }

    /// `POST /api/currency/app-token-list`: the tokens of this application and its balances.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn app_tokens(&self) -> Result<Vec<AppToken>> {
        const CALL: Endpoint = Endpoint::read("app_tokens", "/api/currency/app-token-list");
        self.list(&CALL).await
    }

    /// `POST /api/currency/token-list`: the tokens of the whole platform.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn tokens(&self) -> Result<Vec<Token>> {
        const CALL: Endpoint = Endpoint::read("tokens", "/api/currency/token-list");
        self.list(&CALL).await
    }

    /// `POST /api/payout/create`: sends a payout, once.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may have been sent: never send it again.
    pub async fn create_payout(&self, request: &CreatePayout) -> Result<CreatedPayout> {
        const CALL: Endpoint = Endpoint::create("create_payout", "/api/payout/create");
        self.call(&CALL, request, request.google_code.as_ref())
            .await
    }

    /// `POST /api/payout/detail`: reads a payout.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn payout(&self, trade_no: &str) -> Result<PayoutDetail> {
        const CALL: Endpoint = Endpoint::read("payout", "/api/payout/detail");
        self.call(&CALL, &ByTradeNo { trade_no }, None).await
    }

    /// `POST /api/account/balance`: what the account holds of one token.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn balance(&self, currency_id: u64) -> Result<AccountBalance> {
        const CALL: Endpoint = Endpoint::read("balance", "/api/account/balance");
        self.call(&CALL, &ByCurrency { currency_id }, None).await
    }

    /// `POST /api/payment-qr-code/create`: makes a permanent address.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may exist.
    pub async fn create_qr_code(&self, request: &CreateQrCode) -> Result<QrCode> {
        const CALL: Endpoint = Endpoint::create("create_qr_code", "/api/payment-qr-code/create");
        self.call(&CALL, request, None).await
    }

    fn named(&self, error: Error, operation: &'static str) -> Error {
        error
            .with_provider(self.name().clone())
            .with_operation(operation)
    }
}

impl Endpoint {
    const fn create(operation: &'static str, path: &'static str) -> Self {
        Self {
            operation,
            path,
            effect: Effect::Create,
        }
    }

    const fn read(operation: &'static str, path: &'static str) -> Self {
        Self {
            effect: Effect::Read,
            ..Self::create(operation, path)
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("signer", &self.shared.signer)
            .field("transport", &self.shared.transport)
            .finish_non_exhaustive()
    }
}
